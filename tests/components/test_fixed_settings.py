"""FixedSettings: what cannot change on a stack that exists is refused at preview, before anything is half done."""

from __future__ import annotations

import base64
import pickletools
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from components.fixed_settings import FixedSettingsProvider
from declaration import Declaration, Resource
from tests.declared import KEPT, declare

THERE: dict[str, Any] = {
    "stack": "cdc-lake-dev",
    "region": "eu-central-1",
    "vpcCidr": "10.64.0.0/16",
    "vpcId": "",
    "availabilityZones": ["eu-central-1a", "eu-central-1b"],
    "subnetIds": [],
    "engineVersion": "8.0.mysql_aurora.3.10.6",
    "databasePort": 3306,
    "restoreGeneration": 0,
    "minorUpgrades": "automatic",
    "replicationEngineVersion": "3.6.1",
    "replicationStorageGb": 50,
    "captureUsername": "lake_capture",
    "shardCount": 0,
    "startTask": True,
    "logHasExpired": False,
    "lakePrefix": "raw",
    "partitionByTable": False,
    "catalogStartDate": "2026-01-01",
    "tables": {},
}
LOG = {"logHasExpired", "lakePrefix", "partitionByTable", "catalogStartDate"}
REFUSED = [
    ("stack", {"stack": "cdc-lake-test"}),
    ("region", {"region": "eu-west-1"}),
    ("vpcCidr", {"vpcCidr": "10.65.0.0/16"}),
    ("vpcId", {"vpcId": "vpc-0a", "subnetIds": ["subnet-0a"], "vpcCidr": "", "availabilityZones": []}),
    ("availabilityZones", {"availabilityZones": ["eu-central-1b", "eu-central-1a"]}),
    ("availabilityZones", {"availabilityZones": ["eu-central-1a"]}),
    ("engineVersion", {"engineVersion": "8.4.mysql_aurora.8.4.7"}),
    ("engineVersion", {"engineVersion": "8.0.mysql_aurora.3.9.12", "minorUpgrades": "pinned"}),
    ("replicationEngineVersion", {"replicationEngineVersion": "3.5.10", "minorUpgrades": "pinned"}),
    ("replicationStorageGb", {"replicationStorageGb": 49}),
    ("databasePort", {"databasePort": 3307}),
    ("databasePort", {"databasePort": 3307, "startTask": False}),
    ("captureUsername", {"captureUsername": "reader"}),
    ("captureUsername", {"captureUsername": "reader", "startTask": False}),
]
TAKEN = [
    {},
    {"availabilityZones": [*THERE["availabilityZones"], "eu-central-1c"]},
    {"engineVersion": "8.4.mysql_aurora.8.4.7", "restoreGeneration": 1},
    {"engineVersion": "8.0.mysql_aurora.3.9.12", "minorUpgrades": "pinned", "restoreGeneration": 1},
    {"engineVersion": "8.0.mysql_aurora.3.9.12"},  # counts for nothing: AWS upgrades
    {"engineVersion": "8.0.mysql_aurora.3.12.0", "minorUpgrades": "pinned"},
    {"replicationEngineVersion": "3.10.0", "minorUpgrades": "pinned"},
    {"restoreGeneration": 1},
    {"engineVersion": "", "databasePort": 0, "captureUsername": ""},  # a database that is there
    {"replicationEngineVersion": "", "replicationStorageGb": 0},  # serverless
    {"replicationStorageGb": 51},
    {"captureUsername": "reader", "databasePort": 3307, "restoreGeneration": 1},
]


@pytest.mark.parametrize(("key", "change"), REFUSED)
def test_what_aws_would_refuse_half_way_is_refused_at_preview(key: str, change: dict[str, Any]):
    failures = FixedSettingsProvider().check(THERE, {**THERE, **change}).failures
    assert [it.property for it in failures] == [key]
    (reason,) = [it.reason for it in failures]
    assert f"{THERE[key]!r}" in reason, "what it was"
    assert f"{change[key]!r}" in reason, "what it would be"
    assert "Remedy: " in reason


def test_of_a_task_that_stands_still_user_and_port_may_change():
    there = {**THERE, "startTask": False}
    for started in (False, True):
        news = {**there, "captureUsername": "reader", "databasePort": 3307, "startTask": started}
        assert FixedSettingsProvider().check(there, news).failures == [], "its next start reads the new secret"


@pytest.mark.parametrize("there", [2, 3, 4, 7])
def test_shards_become_at_most_double_and_at_least_half(there: int):
    def taken(shards: int) -> bool:
        return not FixedSettingsProvider().check(stack, {**stack, "shardCount": shards}).failures

    stack = {**THERE, "shardCount": there}
    least = (there + 1) // 2
    assert [taken(shards) for shards in (least, there * 2)] == [True, True]
    assert [taken(shards) for shards in (least - 1 or there * 3, there * 2 + 1)] == [False, False]
    assert taken(0), "an on-demand stream scales by itself"


def test_other_subnets_may_come_but_none_may_go():
    there = {**THERE, "vpcId": "vpc-0a", "vpcCidr": "", "availabilityZones": [], "subnetIds": ["a", "b"]}
    check = FixedSettingsProvider().check
    assert check(there, {**there, "subnetIds": ["c", "b", "a"]}).failures == []
    (failure,) = check(there, {**there, "subnetIds": ["b", "c"]}).failures
    assert failure.property == "subnetIds", "an instance may live in the one that goes"


@pytest.mark.parametrize("change", TAKEN, ids=str)
def test_what_succeeds_in_place_is_taken(change: dict[str, Any]):
    assert FixedSettingsProvider().check(THERE, {**THERE, **change}).failures == []


def test_a_new_stack_may_have_any():
    assert FixedSettingsProvider().check({}, THERE).failures == []


@pytest.mark.parametrize("missing", [("shardCount",), ("restoreGeneration", "minorUpgrades", "startTask")], ids=str)
def test_a_key_that_the_state_does_not_know_yet_leaves_the_others_fixed(missing: tuple[str, ...]):
    """It was fixed by a newer program than the one that made the stack."""
    there = {key: value for key, value in THERE.items() if key not in missing}
    (failure,) = FixedSettingsProvider().check(there, {**THERE, "replicationStorageGb": 49}).failures
    assert failure.property == "replicationStorageGb"


def test_a_change_that_is_taken_is_remembered():
    news = {**THERE, "restoreGeneration": 1}
    assert FixedSettingsProvider().update("id", THERE, news).outs == news
    assert FixedSettingsProvider().diff("id", THERE, news).changes is True
    assert FixedSettingsProvider().diff("id", {**THERE, "__provider": "x"}, THERE).changes is False
    assert FixedSettingsProvider().create(THERE).outs == THERE


def memory(stack: Declaration, when: str) -> Resource:
    return stack.one("pulumi-python:dynamic:Resource", f"settings-{when}")


def test_every_stack_declares_its_own(stack: Declaration):
    own = {"stack": f"cdc-lake-{stack.stack}", "replicationStorageGb": {"dev": 50, "prod": 100}[stack.stack]}
    both = [memory(stack, when).inputs for when in ("fixed", "reached")]
    assert {**both[0], **both[1]} == {**THERE, **own}
    assert both[0].keys() & both[1].keys() == {"vpcId", "restoreGeneration", *LOG}, "asked in both"


def test_what_a_stack_is_is_asked_without_waiting_for_anything(stack: Declaration):
    fixed = memory(stack, "fixed")
    assert set(fixed.inputs) == {"stack", "region", "vpcCidr", "vpcId", "restoreGeneration", *LOG}, (
        "another database or network"
    )
    assert [it.name for it in stack.resources if it.custom and stack.happens_before(it, fixed)] == []


def test_what_an_update_did_not_reach_is_not_remembered(stack: Declaration):
    """A version that AWS does not take would be remembered for ever: it cannot stay, and "goes back" no more."""
    reached = memory(stack, "reached")
    late = {it.name for it in stack.resources if it.custom and not stack.happens_before(it, reached)}
    watching = {name for name in late if name.startswith("watch-")}
    assert late - watching == {"settings-fixed", "settings-reached"}, "no fixed value is an alarm's"


def test_a_restore_that_failed_goes_on_and_not_back():
    """Its names and passwords were made first: the number before would make others, and with them another database."""
    failed = {**THERE, "restoreGeneration": 2}
    (failure,) = FixedSettingsProvider().check(failed, {**failed, "restoreGeneration": 1}).failures
    assert failure.property == "restoreGeneration"


def test_a_number_is_shown_as_it_was_written():
    """The engine has floating point numbers alone."""
    there = {**THERE, "replicationStorageGb": 50.0}
    (failure,) = FixedSettingsProvider().check(there, {**there, "replicationStorageGb": 20.0}).failures
    assert failure.reason.startswith("replicationStorageGb is 50 and cannot become 20 ")


def with_table(note: str, *, expired: bool) -> dict[str, Any]:
    form = {"of": "shop.orders", "key": ["id"], "columns": {"id": "int", "note": note}, "format": 1}
    return {**THERE, "logHasExpired": expired, "tables": {"shop_orders": form}}


def test_a_table_whose_rows_would_be_lost_is_refused_with_what_to_do():
    there = with_table("string", expired=True)
    (failure,) = FixedSettingsProvider().check(there, with_table("date", expired=True)).failures
    assert failure.reason == (
        "the Iceberg table shop_orders of shop.orders is described otherwise, and its log does not have all of its "
        "rows (lakeExpiryDays, lakePrefix, partitionByTable or catalogStartDate): column note is string and would "
        "become date. Remedy: describe it as before. A column may "
        "come or go, but not both in one pulumi up; an int may become a bigint, and a decimal get more digits. If rows "
        "that the log no longer has may be lost: delete the description, run pulumi up, DROP TABLE it in Athena, "
        "describe it anew, and run pulumi up again."
    )
    assert FixedSettingsProvider().check(there, {**there, "tables": {}}).failures == [], "which makes it free"
    whole = with_table("string", expired=False)
    assert FixedSettingsProvider().check(whole, with_table("date", expired=False)).failures == [], "it is built anew"


def test_records_that_expired_once_do_not_come_back():
    there = with_table("string", expired=True)
    kept = FixedSettingsProvider().check(there, with_table("string", expired=False))
    assert (kept.inputs["logHasExpired"], kept.failures) == (True, [])
    longer = {**with_table("string", expired=False)}
    longer["tables"]["shop_orders"]["columns"]["more"] = "int"
    assert FixedSettingsProvider().check(kept.inputs, longer).failures == [], "it is altered"


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"lakePrefix": "log"}, True),
        ({"partitionByTable": True}, True),
        ({"catalogStartDate": "2026-02-01"}, True),
        ({"catalogStartDate": "2025-12-01"}, False),
        ({}, False),
    ],
)
def test_a_log_that_is_looked_for_elsewhere_has_lost_records(change: dict[str, Any], lost: bool):
    assert FixedSettingsProvider().check(THERE, {**THERE, **change}).inputs["logHasExpired"] == lost
    new = {**THERE, **change}
    assert FixedSettingsProvider().check({}, new).inputs["logHasExpired"] is False, "of a new stack nothing is lost"


def test_a_stack_remembers_what_its_tables_are():
    reached = memory(declare("dev", config=KEPT), "reached").inputs
    assert reached["tables"]["dms_sample_payment"]["key"] == ["id"]
    assert reached["tables"]["dms_sample_payment"]["columns"]["amount"] == "decimal(20,6)"


def test_in_an_existing_vpc_its_own_range_and_zones_count_for_nothing():
    there = {"vpcId": "vpc-0a", "subnetIds": ["subnet-0a", "subnet-0b"], "vpcCidr": "10.99.0.0/16"}
    declared = declare("dev", config=there)
    assert memory(declared, "fixed").inputs["vpcCidr"] == ""
    assert memory(declared, "reached").inputs["availabilityZones"] == []


def test_its_code_is_named_in_the_state_and_not_kept_there():
    pickled = serialize_provider(FixedSettingsProvider())
    words = [argument for _, argument, _ in pickletools.genops(base64.b64decode(pickled)) if isinstance(argument, str)]
    assert "components.fixed_settings" in words, "by reference: code in a state would be that of another day"
