"""Ids the world sees, and the tax code's check digit."""

import secrets

#: Crockford's alphabet: no i, l, o, u to misread.
_ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
#: 32 letters share out the 256 values of a byte evenly.
_LETTERS = _ALPHABET * 8
PUBLIC_ID_LENGTH = 16
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def new_public_id() -> str:
    """80 random bits as 16 characters: says nothing of when or in which order it was made."""
    return secrets.token_bytes(PUBLIC_ID_LENGTH).translate(_LETTERS).decode("ascii")


def code_for(prefix: str, year: int, number: int) -> str:
    """The human code, e.g. NC-2026-00042."""
    return f"{prefix}-{year}-{number:05d}"


def is_tax_code(text: str) -> bool:
    """Ten digits with a right check digit, optionally "-001" for a dependent unit.

    The check digit is 10 − (Σ weight·digit mod 11), weights 31 29 23 19 17 13 7 5 3
    (Circular 105/2020/TT-BTC keeps the structure; the weights are those the tax offices use).
    """
    head, dash, tail = text.partition("-")
    if dash and not (len(tail) == 3 and tail.isdigit()):
        return False
    if len(head) != 10 or not head.isascii() or not head.isdigit():
        return False
    total = sum(w * int(d) for w, d in zip(_TAX_WEIGHTS, head, strict=False))
    return 10 - total % 11 == int(head[9])
