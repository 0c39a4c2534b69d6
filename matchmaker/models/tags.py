"""Codes a record carries, one row each, so that facets are plain and portable SQL."""

from collections.abc import Iterable
from typing import ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.domain.vocabulary import RecordKind, Scheme
from matchmaker.models.base import Word


class Tag:
    """One code of one scheme on one record."""

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int]
    scheme: Mapped[Scheme] = mapped_column(Word(Scheme))
    code: Mapped[str] = mapped_column(String(40), index=True)


class Indexed:
    """A record whose texts stand on a shelf: saving it, by any entrance, asks for indexing."""

    record_kind: ClassVar[RecordKind]


class Tagged(Indexed):
    """A record with tags; `codes` reads and `set_codes` replaces those of one scheme."""

    tag_class: ClassVar[type[Tag]]

    def codes(self, scheme: Scheme) -> tuple[str, ...]:
        return tuple(tag.code for tag in self.tags if tag.scheme is scheme)  # type: ignore[attr-defined]

    def set_codes(self, scheme: Scheme, codes: Iterable[str]) -> None:
        """Replace the codes of `scheme`, keeping rows that stay and the order given."""
        wanted = list(dict.fromkeys(codes))
        tags = self.tags  # type: ignore[attr-defined]
        for tag in [t for t in tags if t.scheme is scheme and t.code not in wanted]:
            tags.remove(tag)
        kept = set(self.codes(scheme))
        tags.extend(self.tag_class(scheme=scheme, code=code) for code in wanted if code not in kept)  # type: ignore[call-arg]
