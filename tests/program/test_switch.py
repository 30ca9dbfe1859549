"""A switch of replicationMode as the engine plays it: the old replication goes before the new one is made.

A resource that is deleted before its successor is made takes with it, first, everything in the *old* state of which an
input that forces a replacement came from it; also what the new program does not declare any more
(``calculateDependentReplacements`` in Pulumi's step generator).
"""

from __future__ import annotations

import pytest

from declaration import Declaration, Resource
from tests.declared import declare

MODES = ("instance", "serverless")
TURN = "replication-turn"
JOBS = {
    "aws:dms/replicationTask:ReplicationTask": "replicationTaskId",
    "aws:dms/replicationConfig:ReplicationConfig": "replicationConfigIdentifier",
}
"""What reads the binlog, and the input of it that forces a replacement (ForceNew in the provider's source)."""


def declared(mode: str, **config: object) -> Declaration:
    return declare("dev", config={"replicationMode": mode, **config})


def turn(stack: Declaration) -> Resource:
    return stack.one("random:index/randomId:RandomId", TURN)


def jobs(stack: Declaration) -> list[Resource]:
    return [it for it in stack.resources if it.type in JOBS]


@pytest.mark.parametrize("mode", MODES)
def test_the_identifier_of_what_reads_the_binlog_carries_whose_turn_it_is(mode: str):
    stack = declared(mode)
    (job,) = jobs(stack)
    assert f"-{turn(stack).outputs['hex']}-" in job.inputs[JOBS[job.type]], (
        "by this input the engine knows that the job must go with the turn"
    )
    assert turn(stack).urn in job.dependencies


@pytest.mark.parametrize("mode", MODES)
def test_a_turn_ends_before_the_next_begins(mode: str):
    stack = declared(mode)
    assert turn(stack).delete_before_replace is True, "else the old replication still runs when the new one starts"
    assert turn(stack).inputs["keepers"] == {"replicationMode": mode}


@pytest.mark.parametrize(("old", "new"), [MODES, MODES[::-1]])
def test_a_switch_makes_the_new_replication_when_the_old_one_is_gone(old: str, new: str):
    before, after = declared(old), declared(new)
    assert turn(before).urn == turn(after).urn
    assert turn(before).inputs["keepers"] != turn(after).inputs["keepers"], "the keepers force a replacement"
    (goes,), (comes,) = jobs(before), jobs(after)
    assert after.find(goes.urn) is None, "the new program does not know the old replication"
    assert before.happens_before(turn(before), goes), "deleted before the turn is"
    assert after.happens_before(turn(after), comes), "made after the next turn is, so after the old turn has gone"


def test_nothing_but_a_switch_ends_a_turn():
    restored = {"restoreGeneration": 1, "snapshotIdentifier": "one", "masterUsername": ""}
    others = {"tables": ["shop.%"], "multiAz": True, "startTask": False}
    assert turn(declared("instance", **restored, **others)).inputs == turn(declared("instance")).inputs


@pytest.mark.parametrize("mode", MODES)
def test_nothing_else_goes_with_a_turn(mode: str):
    stack = declared(mode)
    waits_only = "settings-reached"  # no input of it comes from a turn
    with_it = {it.name for it in stack.resources if turn(stack).urn in it.dependencies} - {waits_only}
    (job,) = jobs(stack)
    assert with_it <= {job.name, "replication-serverless-log"}, "a log group has the name of its replication"
