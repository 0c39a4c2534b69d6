"""Every sentence of the site can be read in English, with the same facts filled in."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
ENGLISH = ROOT / "matchmaker" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}
#: "%(name)s" filled in by Python, "{name}" by the scripts of the page.
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w+\}")
#: Vietnamese words an English sentence may hold, and the sign of the dong.
AT_HOME = ("Đồng Nai",)


def sentences() -> Iterator[tuple[str | None, str]]:
    """(context, msgid) of every sentence; templates whose folder begins with "_" count too."""
    # `silent` off: a template that does not parse fails here instead of losing its sentences.
    sources = [("python", path, {}) for path in (ROOT / "matchmaker").rglob("*.py")]
    sources += [
        ("jinja2", path, {"silent": "false"}) for path in (ROOT / "templates").rglob("*.html")
    ]
    for method, path, options in sources:
        found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
        for _line, msgid, _comments, context in found:
            yield context, msgid if isinstance(msgid, str) else msgid[0]


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def is_vietnamese(text: str) -> bool:
    for name in AT_HOME:
        text = text.replace(name, "")
    letters = unicodedata.normalize("NFD", text)
    return any(unicodedata.combining(c) or c in "đĐ" for c in letters)


@pytest.fixture(scope="module")
def english() -> Catalog:
    with ENGLISH.open("rb") as text:
        return read_po(text, locale="en")


def test_catalogue_holds_every_sentence(english):
    wanted = set(sentences())

    missing = {(context, msgid) for context, msgid in wanted if not english.get(msgid, context)}

    assert len(wanted) > 500
    assert missing == set()


def test_catalogue_has_nothing_fuzzy_or_empty(english):
    fuzzy = [message.id for message in messages(english) if message.fuzzy]
    empty = [
        message.id
        for message in messages(english)
        if not all(form.strip() for form in forms(message.string))
    ]

    assert (fuzzy, empty) == ([], [])


def test_translations_keep_the_placeholders(english):
    changed = [
        (form, original)
        for message in messages(english)
        for original in forms(message.id)
        for form in forms(message.string)
        if sorted(PLACEHOLDER.findall(form)) != sorted(PLACEHOLDER.findall(original))
    ]

    assert changed == []


def test_plurals_say_one_and_many(english):
    counted = [message for message in messages(english) if message.pluralizable]

    assert counted
    assert [m.id for m in counted if len(m.string) != 2 or m.string[0] == m.string[1]] == []


def test_translations_are_english(english):
    assert is_vietnamese("Không duyệt")
    assert not is_vietnamese("The Department of Đồng Nai, up to 50 million ₫")

    assert [
        form
        for message in messages(english)
        for form in forms(message.string)
        if is_vietnamese(form)
    ] == []
