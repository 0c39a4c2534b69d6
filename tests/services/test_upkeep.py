"""The shadow is checked against the truth, and its files against the database."""

from matchmaker.models.database import reading
from matchmaker.services import upkeep


def test_snapshots_are_kept_and_a_damaged_one_is_noticed(
    engine, catalogue, alice, bob, carol, make_need, make_solution
):
    make_need(alice, curator=carol)
    make_solution(bob, curator=carol)
    catalogue.drain(engine)

    upkeep.save_snapshots(engine, catalogue)

    with reading(engine) as session:
        assert upkeep.verify(session, catalogue).is_whole
        assert upkeep.damaged_snapshots(session, catalogue) == []
        file = next((catalogue.data_dir / "index" / "need-0" / "vi").iterdir())
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        assert upkeep.damaged_snapshots(session, catalogue) == ["need-0/vi"]
