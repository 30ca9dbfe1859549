"""A part's process as its parent sees it."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from model import PipelineError
from rehearsal.runtime.worker import Channel, Worker
from tests.waiting import follow


def tells(channel: Any) -> str:
    channel.report("first")
    return "last"


def loses_the_database(_: Any) -> None:
    raise pymysql.err.OperationalError(2013, "Lost connection to server during query")


def loses_the_stream(_: Any) -> None:
    raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


def waits_for_the_stream_in_vain(_: Any) -> None:
    raise ReadTimeoutError(endpoint_url="http://127.0.0.1:1")


def is_wrong(_: Any) -> None:
    raise ValueError("a fault of ours")


def meets_the_end_of_a_file(_: Any) -> None:
    raise EOFError("Ran out of input")


def writes_into_a_closed_pipe(_: Any) -> None:
    raise BrokenPipeError("of a process that it started")


def failure(target: Any) -> str:
    with pytest.raises(PipelineError) as failed:
        follow(Worker("the replication", target), "ends")
    return str(failed.value)


def test_waiting_ends_when_the_child_tells_something_or_ends():
    assert follow(Worker("a part", tells), "ends") == "last"


class Slow:
    """A pipe in which the parent's words are only when somebody waits at it, one at a time."""

    def __init__(self, *words: str) -> None:
        self._words = list(words)

    def poll(self, seconds: float = 0) -> bool:
        return bool(self._words and seconds)

    def recv(self) -> str:
        return self._words.pop(0)


def test_a_child_that_waits_for_an_instruction_has_it_when_it_is_said_and_goes_on():
    pipe: Any = Slow("hold", "finish")
    channel = Channel(pipe)
    assert [channel.instruction(), channel.instruction(60), channel.instruction()] == [None, "hold", "hold"]


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (loses_the_database, "the replication lost the database: "),
        (loses_the_stream, "the replication lost the service that it talks to: "),
        (waits_for_the_stream_in_vain, "the replication lost the service that it talks to: "),
    ],
)
def test_a_server_that_dies_under_a_part_is_a_sentence_and_no_traceback(target: Any, sentence: str):
    said = failure(target)
    assert said.startswith(sentence)
    assert "Traceback" not in said


def test_a_fault_of_the_part_itself_keeps_its_traceback():
    assert "Traceback" in failure(is_wrong), "without it nobody could mend it"


@pytest.mark.parametrize("target", [meets_the_end_of_a_file, writes_into_a_closed_pipe])
def test_an_error_of_the_part_is_not_taken_for_a_parent_that_is_gone(target: Any):
    assert "Traceback" in failure(target), "else it would pass for a part that had nothing to say"
