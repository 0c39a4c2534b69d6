"""Compiles the gettext catalogues at build time: no binary is kept in the repository."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = Path(__file__).parent / "matchmaker" / "translations"


def compile_catalogues(folder: Path = CATALOGUES) -> list[Path]:
    """Write a .mo file beside every .po file under `folder`; returns what was written."""
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        with source.open("rb") as text, target.open("wb") as binary:
            write_mo(binary, read_po(text, locale=source.parent.parent.name))
        written.append(target)
    return written


class TranslationsHook(BuildHookInterface[Any]):
    """Hatch calls this for wheels and for editable installs alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data
        compile_catalogues()


if __name__ == "__main__":
    compile_catalogues()
