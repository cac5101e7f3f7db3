"""What is finished is kept, whatever happens to the process."""

from pathlib import Path

import pytest
from antiphon.errors import AntiphonError
from antiphon_measure_entrainment.studies.journal import Journal, beside


def test_what_was_added_is_found_again(tmp_path: Path) -> None:
    path = beside(tmp_path / "out.csv")
    with Journal(path, {"seed": 1}) as journal:
        journal.add("a", [1.5, None])
        journal.add("b", {"x": float("inf")})
    with Journal(path, {"seed": 1}) as journal:
        assert journal.found == {"a": [1.5, None], "b": {"x": float("inf")}}
        journal.add("c", 1)
    assert set(Journal(path, {"seed": 1}).found) == {"a", "b", "c"}


def test_another_calculation_begins_anew(tmp_path: Path) -> None:
    with Journal(tmp_path / "j", {"seed": 1}) as journal:
        journal.add("a", 1)
    with Journal(tmp_path / "j", {"seed": 2}) as journal:
        assert journal.found == {}


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "j"
    with Journal(path, {}) as journal:
        journal.add("a", 1)
        journal.add("bb", "text")
    path.write_bytes(path.read_bytes()[:-cut])
    with Journal(path, {}) as journal:
        assert journal.found == {"a": 1}
        journal.add("c", 2)
    assert Journal(path, {}).found == {"a": 1, "c": 2}


def test_it_is_removed_when_all_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j", {})
    journal.add("a", 1)
    journal.remove()
    assert not (tmp_path / "j").exists()


def test_nothing_is_kept_without_a_path() -> None:
    journal = Journal(None, {})
    journal.add("a", 1)
    journal.remove()
    assert journal.found == {"a": 1}


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(AntiphonError, match="cannot be used to keep what is finished"):
        Journal(tmp_path, {})
