"""Rules with a number: what is taken at the number, and what is refused one beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from configuration.contradictions import CONTRADICTIONS
from configuration.rules import LOG_RETENTION_DAYS, REPLICATION_UNITS, VALUE_RULES, Rule

RULES: Mapping[str, Rule] = {rule.name: rule for rule in (*VALUE_RULES, *CONTRADICTIONS)}
SUBNETS = ("subnet-0a", "subnet-0b", "subnet-0c")
ARN = "arn:aws:secretsmanager:eu-central-1:{}:secret:shop-AbCdEf"
KEY = "arn:aws:kms:eu-central-1:{}:key/0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f"
DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
UNITS = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384)

VALUES: Mapping[str, tuple[list[Any], list[Any]]] = {
    "project name": (["p", "p" * 30], ["", "p" * 31]),
    "stack name": (["s", "s" * 20], ["", "s" * 21]),
    "private range": (
        ["10.64.0.0/16", "10.64.0.0/24", "172.16.0.0/16", "172.31.0.0/16", "192.168.0.0/16"],
        ["10.64.0.0/15", "10.64.0.0/25", "172.15.0.0/16", "172.32.0.0/16", "192.167.0.0/16", "192.169.0.0/16"],
    ),
    "two zones": ([(), ("a", "b"), ("a", "b", "c")], [("a",)]),
    "most zones": ([(), tuple("abcdefghijklmnop")], [tuple("abcdefghijklmnopq")]),
    "two subnets": ([(), SUBNETS[:2], SUBNETS], [SUBNETS[:1]]),
    "database port": ([1150, 65535], [1149, 65536]),
    "database secret": ([ARN.format("1" * 12)], [ARN.format("1" * 11), ARN.format("1" * 13)]),
    "key of the database secret": ([KEY.format("1" * 12)], [KEY.format("1" * 11), KEY.format("1" * 13)]),
    "engine in support": (
        [f"8.0.mysql_aurora.3.{minor}.0" for minor in ("10", "12")],
        ["5.7.mysql_aurora.2.12.0", *(f"8.0.mysql_aurora.3.{minor}.0" for minor in ("01", "09", "11"))],
    ),
    "database instances": ([1, 16], [0, 17]),
    "least capacity": ([0.5, 1.0, 256.0], [0.0, 0.25, 0.75, 255.75, 256.5]),
    "most capacity": ([1.0, 1.5, 256.0], [0.5, 1.25, 256.5]),
    "restore generation": ([0, 1, 9999], [-1, 10_000]),
    "master user": (["", "a", "a" * 16], ["a" * 17]),
    "capture user": (["a", "a" * 32], ["", "a" * 33]),
    "backups": ([1, 35], [0, 36]),
    "binlog outlives a stop": ([25, 2160], [24, 2161]),
    "start position": (
        ["mysql-bin-changelog.000024:4", "mysql-bin-changelog.1000000:4"],
        ["mysql-bin-changelog.00024:4"],
    ),
    "least units": ([*UNITS], [0, 3, 5, 7, 9, 191, 193, 383, 385]),
    "most units": ([*UNITS], [0, 3, 5, 7, 9, 191, 193, 383, 385]),
    "replication engine in support": (["3.5.4", "3.6.1"], ["3.4.9", "3.5.0", "3.5.3", "3.6.0"]),
    "replication storage": ([50, 6144], [49, 6145]),
    "load threads": ([0, 32], [-1, 33]),
    "apply threads": ([0, 32], [-1, 33]),
    "LOB size": ([1, 1024], [0, 1025]),
    "shards": ([0, 1000], [-1, 1001]),
    "stream retention": ([24, 8760], [23, 8761]),
    "buffer size": ([1, 128], [0, 129]),
    "buffer interval": ([0, 900], [-1, 901]),
    "length of the lake prefix": (["r" * 348], ["r" * 349]),
    "length of the error prefix": (["e" * 348], ["e" * 349]),
    "transition": ([0, 30, 31, 36_500], [-1, 1, 29, 36_501]),
    "schedule of tables": ([0, 5, 60], [-1, 1, 4, 61]),
    "window of tables": ([2, 168], [0, 1, 169]),
    "expiry": ([0, 1, 36_500], [-1, 36_501, 800_000]),
    "scan limit": ([1, 1_000_000], [0, 1_000_001]),
    "results": ([1, 3650], [0, 3651]),
    "freshness": ([1, 1440], [0, 1441]),
    "heartbeat": ([0, 1, 60], [-1, 61]),
    "log retention": ([*DAYS], [0, 2, 29, 31, 3652, 3654]),
}
"""What each rule takes and refuses, by the rule's name."""
NO_NUMBER = frozenset({"engine version", "fit database class", "start time", "replication engine", "first day"})
"""Rules that say a number and mean a version, a norm or a form."""

AGREEMENTS: Mapping[str, tuple[dict[str, Any], str, list[Any], list[Any]]] = {
    "restored from something": (
        {"snapshotIdentifier": "", "databaseMode": "own"}, "restoreGeneration", [0], [1, 2],
    ),
    "units in order": ({"minReplicationUnits": 4}, "maxReplicationUnits", [4, 8], [2]),
    "two images in a record": ({"beforeImages": True}, "maxLobKb", [499, 500], [501]),
    "capacity in order": ({"minCapacity": 4.0}, "maxCapacity", [4.0, 4.5], [3.5]),
    "shards follow the mode": ({"streamMode": "PROVISIONED"}, "shardCount", [1, 2], [0]),
    "buffer of a partition": ({"partitionByTable": True}, "bufferSizeMb", [64, 65], [63]),
    "interval of a partition": ({"partitionByTable": True}, "bufferIntervalSeconds", [60, 61], [59]),
    "expiry after transition": ({"lakeTransitionDays": 90}, "lakeExpiryDays", [0, 91], [1, 89, 90]),
    "log outlives its merge": (
        {"tablesEveryMinutes": 15, "streamRetentionHours": 24, "lakeTransitionDays": 0, "lakeExpiryDays": 4},
        "tablesWindowHours",
        [2, 47],
        [48, 168],
    ),
    "buffer within the promise": ({"freshnessMinutes": 2}, "bufferIntervalSeconds", [0, 119], [120, 121]),
    "heartbeat within the promise": ({"freshnessMinutes": 7}, "heartbeatMinutes", [0, 7], [8]),
    "silence within a day": ({"heartbeatMinutes": 60}, "freshnessMinutes", [1380], [1381]),
    "stream outlives a late alarm": ({"streamRetentionHours": 24}, "freshnessMinutes", [480], [481]),
    "binlog outlives a late alarm": ({"binlogRetentionHours": 25}, "freshnessMinutes", [500], [501]),
}  # fmt: skip
"""What each contradiction takes and refuses of one key, beside others that stay."""


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_taken_up_to_the_number_and_not_beyond(name: str):
    taken, refused = VALUES[name]
    assert [value for value in taken if not RULES[name].holds(value)] == [], "AWS takes it"
    assert [value for value in refused if RULES[name].holds(value)] == [], "AWS would refuse it half-way"


@pytest.mark.parametrize("name", AGREEMENTS)
def test_keys_agree_up_to_the_number_and_not_beyond(name: str):
    others, key, taken, refused = AGREEMENTS[name]
    assert [value for value in taken if not RULES[name].holds({**others, key: value})] == [], "nothing is wrong with it"
    assert [value for value in refused if RULES[name].holds({**others, key: value})] == [], RULES[name].says


def test_a_stream_on_demand_has_no_shard():
    holds = RULES["shards follow the mode"].holds
    assert [holds({"streamMode": "ON_DEMAND", "shardCount": count}) for count in (0, 1)] == [True, False]


def test_the_lists_are_those_of_aws():
    assert sorted(REPLICATION_UNITS) == list(UNITS)
    assert sorted(LOG_RETENTION_DAYS) == list(DAYS)


def test_each_rule_that_says_a_number_has_its_edges_here():
    saying = {rule.name for rule in VALUE_RULES if re.search(r"\d", rule.says)}
    assert saying - NO_NUMBER <= VALUES.keys(), "one more or one less would pass all other tests"
