"""What every encoder promises, held against each."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from embeddings import BundledEncoder, Encoder, HashingEncoder, Role

HARD_TEXTS = {
    "empty": "",
    "spaces": " \n ",
    "expanding": "\ufdfa" * 10,
    "nul": "máy\x00sấy",
    "surrogate": "a\udfffb",
    "emoji": "🏭🌱👩‍🔬",
    "specials": "<s></s><pad><mask><unk>",
    "one word of a megabyte": "x" * 1_000_000,
    "long": "xử lý nước thải " * 1_000,
}


@pytest.fixture(params=["hashing", "bundled"])
def encoder(request: pytest.FixtureRequest, bundled: BundledEncoder) -> Encoder:
    return HashingEncoder() if request.param == "hashing" else bundled


def test_encode_gives_unit_rows_in_order(encoder: Encoder, needs: list[str]) -> None:
    rows = encoder.encode(needs, role=Role.DOCUMENT)
    assert rows.shape == (len(needs), encoder.dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    turned = encoder.encode(needs[::-1], role=Role.DOCUMENT)
    np.testing.assert_allclose(turned[::-1], rows, atol=1e-4)


def test_encode_gives_no_rows_for_no_texts(encoder: Encoder) -> None:
    assert encoder.encode([], role=Role.QUERY).shape == (0, encoder.dim)


@pytest.mark.parametrize("role", list(Role))
def test_encode_does_not_depend_on_the_batch(
    encoder: Encoder, needs: list[str], role: Role
) -> None:
    texts = [*needs, "ngắn", " ".join(needs * 3), "", "ngắn"]
    together = encoder.encode(texts, role=role)
    alone = np.concatenate([encoder.encode([text], role=role) for text in texts])
    assert (together * alone).sum(axis=1).min() >= 0.9999


def test_encode_reads_composed_and_decomposed_alike(encoder: Encoder, needs: list[str]) -> None:
    apart = [unicodedata.normalize("NFD", text) for text in needs]
    assert apart != needs
    np.testing.assert_array_equal(
        encoder.encode(apart, role=Role.DOCUMENT), encoder.encode(needs, role=Role.DOCUMENT)
    )


def test_encode_survives_hard_texts(encoder: Encoder) -> None:
    rows = encoder.encode(list(HARD_TEXTS.values()), role=Role.DOCUMENT)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(
        encoder.encode([HARD_TEXTS["nul"]], role=Role.QUERY),
        encoder.encode(["máysấy"], role=Role.QUERY),
    )


def test_encode_finds_the_near_text_nearest(encoder: Encoder, needs: list[str]) -> None:
    documents = encoder.encode(needs, role=Role.DOCUMENT)
    questions = ["máy đo độ ẩm hạt điều", "nước thải dệt nhuộm", "mã QR truy xuất trái cây"]
    found = encoder.encode(questions, role=Role.QUERY) @ documents.T
    assert found.argmax(axis=1).tolist() == [0, 1, 6]


def test_encode_gives_threads_the_same_vectors(encoder: Encoder, needs: list[str]) -> None:
    expected = encoder.encode(needs, role=Role.QUERY)
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda _: encoder.encode(needs, role=Role.QUERY), range(8))
        for answer in answers:
            np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_encode_refuses_a_lone_text(encoder: Encoder) -> None:
    with pytest.raises(TypeError):
        encoder.encode("máy sấy", role=Role.QUERY)


def test_fingerprints_tell_spaces_apart(bundled: BundledEncoder) -> None:
    prints = [bundled.fingerprint, HashingEncoder().fingerprint, HashingEncoder(64).fingerprint]
    assert len(set(prints)) == 3
    assert HashingEncoder().fingerprint == HashingEncoder().fingerprint
    assert all(len(name) == 16 and int(name, 16) >= 0 for name in prints)


def test_hashing_forgets_case_and_diacritics() -> None:
    encoder = HashingEncoder()
    typed, bare = encoder.encode(["Đồng Nai", "dong nai"], role=Role.QUERY)
    assert typed.tolist() == bare.tolist()


def test_hashing_needs_two_dimensions() -> None:
    with pytest.raises(ValueError, match="two dimensions"):
        HashingEncoder(1)
