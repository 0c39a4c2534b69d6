"""The seed files by themselves: what is refused, and what the gold pairs refer to."""

import json
import shutil
from pathlib import Path

import pytest

from matchmaker.domain.drafts import NeedDraft
from matchmaker.domain.vocabulary import RecordStatus
from matchmaker.services import evaluation, seeding
from matchmaker.services.seeding import SeedError, tables
from matchmaker.services.seeding.demo_files import read_demo

DEMO = tables.seed_folder() / "demo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "demo"))


def _changed(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "record", "key"),
    [
        ("desk.toml", "pilot_host = true", "pilot_hsot = true", "X01", "pilot_host"),
        ("desk.toml", "pilot_host = true", "pilot_host = true\ncolour = 1", "X01", "colour"),
        ("desk.toml", "trl_min = 8", 'trl_min = "8"', "X01", "trl_min"),
        ("desk.toml", "trl_min = 8", "trl_min = 11", "X01", "trl_min"),
        ("desk.toml", 'industries = ["10"]', 'industries = ["98"]', "X01", "industries"),
        ("desk.toml", '"ready_technology", "testing"', '"magic"', "X01", "help"),
        ("desk.toml", 'status = "submitted"', 'status = "resolved"', "X01", "status"),
        ("desk.toml", 'org = "hat-sang"', 'org = "hat-toi"', "X03", "org"),
        ("desk.toml", "budget_min", "negotiable = true\nbudget_min", "X01", "negotiable"),
        ("desk.toml", "trl = 7", 'trl = 7\nexperts = ["cd-gom-1"]', "X03", "experts"),
        ("desk.toml", 'key = "X02"', 'key = "N01"', "N01", "key"),
        ("desk.toml", 'other = "chao-tron"', 'other = "chao-lech"', "dieu-suoi-rac", "other"),
        ("desk.toml", 'other = "chao-tron"', 'other = "dieu-suoi-rac"',
         "dieu-suoi-rac + dieu-suoi-rac", "other"),
        ("desk.toml", 'kind = "same_owner"', 'kind = "kin"', "dieu-suoi-rac + chao-tron", "kind"),
        ("desk.toml", 'record = "N01"', 'record = "X01"', "X01", "record"),
        ("desk.toml", 'orgs = ["may-lua-ben-may"]', 'orgs = ["may-lua"]', "N01", "orgs"),
        ("desk.toml", 'ruling = "pin"', 'ruling = "propose"', "N03 + C24", "ruling"),
        ("desk.toml", 'solution = "C24"', 'solution = "H20"', "N03 + H20", "solution"),
        ("desk.toml", 'ruling = "hide"\nnote = "', 'ruling = "hide"\nnote = " " # "', "N01 + H02",
         "note"),
        ("accounts.toml", "school@demo.example", "school@demo.vn", "school@demo.vn", "email"),
        ("accounts.toml", 'org = "hat-sang"\n', "", "startup@demo.example", "org"),
        ("schools.toml", 'commune = "26080"', 'commune = "00001"', "vien-sau-thu-hoach", "commune"),
    ],
)  # fmt: skip
def test_fault_is_named_by_file_record_and_key(
    folder: Path, *, file: str, old: str, new: str, record: str, key: str
) -> None:
    _changed(folder, file, old, new)

    with pytest.raises(SeedError) as caught:
        read_demo(folder)

    assert (caught.value.record, caught.value.key) == (record, key)


def test_too_long_a_title_is_refused_in_the_translation_too(folder: Path) -> None:
    _changed(folder, "agro_food.toml", '[need.translation]\ntitle = "', "[need.translation]\n"
             'title = "' + "very " * 20)  # fmt: skip

    with pytest.raises(SeedError, match=r"translation: title: too_long"):
        read_demo(folder)


def test_broken_file_is_a_seed_error(folder: Path) -> None:
    (folder / "desk.toml").write_text("[[need]\n", "utf-8")

    with pytest.raises(SeedError, match=r"desk\.toml"):
        read_demo(folder)


def test_records_come_in_either_language_and_in_both() -> None:
    """The demonstration shows every mix of languages that real users bring."""
    records = read_demo().records.values()
    both = sum(bool(r.draft.translation) for r in records)
    english = sum(r.draft.language == "en" and not r.draft.translation for r in records)

    assert both >= 20
    assert english >= 20
    assert both + english < len(records) / 2


def test_gold_refers_to_records_and_grades_them_once() -> None:
    demo, pairs = read_demo(), seeding.gold()

    assert len({(p.need, p.solution) for p in pairs}) == len(pairs) == 98
    assert all(isinstance(demo.records[p.need].draft, NeedDraft) for p in pairs)
    assert all(p.solution in demo.records for p in pairs)
    assert all(p.note for p in pairs if p.grade == 0)


def test_every_need_but_one_has_a_solution_and_every_capability_a_need() -> None:
    demo, pairs = read_demo(), seeding.gold()
    fitting = [p for p in pairs if p.grade > 0]

    needs = {r.key for r in demo.needs if r.key.startswith("N")}
    assert needs - {p.need for p in fitting} == {"N60"}
    graded = {p.solution for p in fitting}
    unasked = {r.key for r in demo.solutions if r.key.startswith("C")} - graded
    assert unasked <= {"C59", "C60"}


def test_collection_holds_every_look_alike_and_no_unread_record(tmp_path: Path) -> None:
    seeding.as_collection(tmp_path / "gold")

    found = evaluation.load(tmp_path / "gold")
    demo = read_demo()
    assert {f"H{i:02d}" for i in range(1, 21)} <= found.documents.keys()
    assert demo.records["H20"].status is RecordStatus.WITHDRAWN
    assert not {k for k in found.documents if k.startswith(("N", "X"))}
    assert len(found.documents) == 80
    assert len(found.queries) == 59
    assert found.qrels["N38"] == {"C38": 2, "C43": 1, "H20": 0}


def test_collection_keeps_what_only_parties_may_read_out(tmp_path: Path) -> None:
    seeding.as_collection(tmp_path)

    need = read_demo().records["N01"].draft
    assert isinstance(need, NeedDraft)
    lines = (tmp_path / "queries.jsonl").read_text("utf-8").splitlines()
    text = {row["_id"]: row["text"] for row in map(json.loads, lines)}["N01"]
    assert need.budget_min == 400_000_000
    assert need.problem in text
    assert "400" not in text
    assert "Suối Rạc" not in text
