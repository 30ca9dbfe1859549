"""Windows of the binlog: which places a text names, whether the log has them, and which end is safe."""

from __future__ import annotations

import pytest

from model import PipelineError, Position
from model.window import LogFile, check_window, gap, log_end, place

FILE = "mysql-bin-changelog.{:06}".format
LOG = [LogFile(FILE(7), 900), LogFile(FILE(8), 500)]
PUBLISHED = (
    "checkpoint:V1#27#mysql-bin-changelog.157832:1975:-1:2002:677883278264080:"
    "mysql-bin-changelog.157832:1876#0#0#*#0#93"
)
"""In https://docs.aws.amazon.com/dms/latest/APIReference/API_StartReplicationTask.html."""


def at(file: int, offset: int) -> Position:
    return Position(FILE(file), offset)


def test_a_checkpoint_names_the_end_of_the_last_event_and_a_place_in_its_transaction():
    found = place(PUBLISHED)
    assert found
    assert (found.reached, found.needed, found.given) == (at(157832, 2002), at(157832, 1876), PUBLISHED)


def test_a_native_position_is_both():
    found = place("mysql-bin-changelog.000024:373")
    assert found
    assert found.reached == found.needed == at(24, 373)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22T10:00:00",
        "mysql-bin-changelog.000024",
        "mysql-bin-changelog.24:7",
        "x:mysql.000024:7 ",
        "checkpoint:V1#27#x#0",
    ],
)
def test_any_other_text_names_no_place(text: str):
    assert place(text) is None


@pytest.mark.parametrize("needed", [at(7, 4), at(7, 900), at(8, 500)])
def test_what_the_log_has_can_be_read(needed: Position):
    assert gap(needed, LOG) is None


@pytest.mark.parametrize(
    ("needed", "why", "lost"),
    [
        (at(6, 77), f"{FILE(6)} was purged", f"every change between {at(6, 77)} and {at(7, 4)}"),
        (at(9, 4), f"its newest file is {FILE(8)}", f"every change since {at(9, 4)}"),
        (at(8, 501), f"{FILE(8)} has 500 bytes", f"every change since {at(8, 501)}"),
    ],
)
def test_what_the_log_does_not_have_is_told_with_what_is_lost(needed: Position, why: str, lost: str):
    found = gap(needed, LOG)
    assert found
    assert why in found.why
    assert found.lost.startswith(lost)


def test_a_source_without_a_log_has_no_place():
    assert gap(at(7, 4), [])


def test_the_end_of_a_log_is_that_of_its_newest_file():
    assert log_end(LOG[::-1]) == at(8, 500)
    with pytest.raises(PipelineError, match="lists no binlog file"):
        log_end([])


def test_a_window_that_goes_up_to_the_task_or_further_is_right():
    check_window(at(7, 4), at(8, 77), at(8, 77), LOG)
    check_window(at(7, 4), at(8, 99), at(8, 77), LOG)


@pytest.mark.parametrize(
    ("begin", "end", "why"),
    [
        (at(7, 4), at(8, 76), "would go back to what it was before"),
        (at(8, 77), at(8, 99), "nothing to write again"),
        (at(6, 4), at(8, 77), f"Begin where it does, at {at(7, 4)} or later"),
    ],
)
def test_any_other_window_is_refused_with_a_remedy(begin: Position, end: Position, why: str):
    with pytest.raises(PipelineError, match=why):
        check_window(begin, end, at(8, 77), LOG)
