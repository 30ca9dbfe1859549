"""In which order a resource and its successor come and go, where both would have the same name."""

from __future__ import annotations

import pytest

from declaration import Resource
from tests.declared import declare

NAMES = ("name", "replicationInstanceId", "replicationTaskId", "replicationSubnetGroupId", "certificateId",
         "endpointId", "clusterIdentifier", "replicationConfigIdentifier", "resourceIdentifier")  # fmt: skip
ORDERLY = {
    "aws:rds/cluster:Cluster": (False, "fails rather than delete a database to make room for another"),
    "aws:cloudwatch/logGroup:LogGroup database-*": (False, "has its cluster's name, and the old one still writes"),
    "aws:dms/endpoint:Endpoint replication-source": (
        False,
        "carries the database's identity; a replication uses the old",
    ),
    "aws:dms/certificate:Certificate": (False, "carries a digest of its content; an endpoint uses the old one"),
    "aws:rds/clusterInstance:ClusterInstance": (None, "its cluster's name is part of it, its own is the provider's"),
    "aws:cloudwatch/logStream:LogStream": (None, "lies in a group whose name is the provider's"),
    "aws:iam/role:Role": (None, "never changes its name, and stays when its stack goes"),
}
"""What has a name of ours and is not deleted before its successor is made, and why."""


def order(resource: Resource) -> bool | None:
    keys = (resource.type, f"{resource.type} {resource.name}", f"{resource.type} {resource.name.split('-')[0]}-*")
    return next((ORDERLY[key][0] for key in keys if key in ORDERLY), True)


@pytest.mark.parametrize("mode", ["instance", "serverless"])
def test_what_has_a_name_of_ours_makes_room_for_its_successor(mode: str):
    declared = declare("dev", config={"replicationMode": mode})
    named = [it for it in declared.resources if it.custom and set(NAMES) & set(it.inputs)]
    assert len(named) > 10
    wrong = [it.name for it in named if it.delete_before_replace is not order(it)]
    assert wrong == [], "two cannot have one name: a replacement fails half-way"
