from pathlib import Path

import pytest

from embeddings import (
    BundledEncoder,
    HashingEncoder,
    SentenceEncoder,
    UnknownModelError,
    load_encoder,
)


def test_setting_names_the_encoder(tmp_path: Path) -> None:
    for setting, kind in (
        ("bundled", BundledEncoder),
        ("hashing", HashingEncoder),
        ("st:BAAI/bge-m3", SentenceEncoder),
    ):
        encoder = load_encoder(setting, data_dir=tmp_path)
        assert type(encoder) is kind
        assert encoder.name == setting
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("setting", ["", "st:", "st: ", "openai:ada", "Bundled", "bundled "])
def test_unknown_setting_is_named(tmp_path: Path, setting: str) -> None:
    with pytest.raises(UnknownModelError) as caught:
        load_encoder(setting, data_dir=tmp_path)
    assert caught.value.setting == setting
    assert repr(setting) in str(caught.value)
