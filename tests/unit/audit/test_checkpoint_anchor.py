import fcntl
import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from app.db.checkpoints import StoredCheckpoint
from app.services.checkpoint_anchor import CheckpointAnchor
from tests.conftest import NOON


def checkpoint(size: int, *, days: int = 0) -> StoredCheckpoint:
    return StoredCheckpoint(size, bytes(32), f"origin\n{size}\n\n— origin x\n", NOON + timedelta(days=days))


def notes(anchor: CheckpointAnchor) -> list[int]:
    return [one.size for one in anchor.as_it_is()()]


def files(anchor: CheckpointAnchor) -> list[Path]:
    return sorted(anchor.directory.glob("*.jsonl"))


def test_checkpoints_of_a_day_are_lines_of_one_file(tmp_path: Path) -> None:
    anchor = CheckpointAnchor(tmp_path / "new" / "anchor")
    assert anchor.newest() is None
    anchor.append([checkpoint(1), checkpoint(2)])
    anchor.append([checkpoint(3, days=1)])
    assert [path.name for path in files(anchor)] == [
        "checkpoints-2026-11-23.jsonl",
        "checkpoints-2026-11-24.jsonl",
    ]
    first = (anchor.directory / "checkpoints-2026-11-23.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(first[0]) == {
        "size": 1,
        "made_at": "2026-11-23T05:00:00+00:00",
        "note": "origin\n1\n\n— origin x\n",
    }
    newest = anchor.newest()
    assert newest is not None
    assert (newest.place, newest.size, newest.note) == (
        "checkpoints-2026-11-24.jsonl",
        3,
        checkpoint(3).note,
    )
    assert [one.place for one in anchor.as_it_is()()][1] == "checkpoints-2026-11-23.jsonl:2"


def test_the_checkpoints_of_a_moment_stay_what_they_were_while_others_follow(tmp_path: Path) -> None:
    anchor = CheckpointAnchor(tmp_path)
    anchor.append([checkpoint(1)])
    (file,) = files(anchor)
    with file.open("ab") as stream:
        stream.write(b'{"size": 2, "note"')
    read = anchor.as_it_is()
    with file.open("ab") as stream:
        stream.write(b': "finished"}\n')
    anchor.append([checkpoint(3), checkpoint(4, days=1)])
    assert [[one.size for one in read()] for _ in range(2)] == [[1], [1]]
    assert notes(anchor) == [1, 2, 3, 4]


def test_what_is_there_is_neither_repeated_nor_written_over(tmp_path: Path) -> None:
    anchor = CheckpointAnchor(tmp_path)
    anchor.append([checkpoint(5)])
    (file,) = files(anchor)
    before = file.read_bytes()
    anchor.append([checkpoint(3), checkpoint(5)])
    assert file.read_bytes() == before
    anchor.append([checkpoint(5), checkpoint(6)])
    assert file.read_bytes().startswith(before)
    assert notes(anchor) == [5, 6]


def test_a_clock_that_was_set_back_does_not_disturb_the_order(tmp_path: Path) -> None:
    anchor = CheckpointAnchor(tmp_path)
    anchor.append([checkpoint(1, days=3)])
    anchor.append([checkpoint(2)])
    assert notes(anchor) == [1, 2]
    assert len(files(anchor)) == 1


@pytest.mark.parametrize("torn", ['{"size": 3, "no', "", "[]", '{"size": "x", "note": ""}'])
def test_a_line_that_was_cut_off_is_left_out_and_spoils_no_other(tmp_path: Path, torn: str) -> None:
    anchor = CheckpointAnchor(tmp_path)
    anchor.append([checkpoint(1), checkpoint(2)])
    (tmp_path / "checkpoints-2026-11-24.jsonl").write_text(torn)
    newest = anchor.newest()
    assert newest is not None
    assert newest.size == 2
    anchor.append([checkpoint(3, days=1), checkpoint(4, days=1)])
    assert notes(anchor) == [1, 2, 3, 4]


def test_several_writers_put_each_checkpoint_there_once(tmp_path: Path) -> None:
    def write() -> None:
        for size in range(1, 40):
            CheckpointAnchor(tmp_path).append([checkpoint(size)])

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert notes(CheckpointAnchor(tmp_path)) == list(range(1, 40))


def test_a_directory_that_is_none_is_an_error_and_not_an_empty_anchor(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.touch()
    with pytest.raises(OSError, match="file"):
        CheckpointAnchor(place).newest()
    with pytest.raises(OSError, match="file"):
        CheckpointAnchor(place).append([checkpoint(1)])


def test_whoever_holds_the_lock_of_the_anchor_is_waited_for(tmp_path: Path) -> None:
    anchor = CheckpointAnchor(tmp_path)
    anchor.append([checkpoint(1)])
    # As another host would over NFS, which keeps locks of files alone.
    with (tmp_path / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        appending = threading.Thread(target=anchor.append, args=([checkpoint(2)],))
        appending.start()
        appending.join(0.3)
        assert appending.is_alive()
        assert notes(anchor) == [1]
    appending.join(10)
    assert notes(anchor) == [1, 2]
