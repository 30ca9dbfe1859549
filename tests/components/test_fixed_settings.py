"""FixedSettings: what cannot change on a stack that exists is refused at preview, before anything is half done."""

from __future__ import annotations

import base64
import pickletools
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from components.fixed_settings import FixedSettingsProvider
from declaration import Declaration
from tests.declared import declare

THERE: dict[str, Any] = {
    "stack": "cdc-lake-dev",
    "region": "eu-central-1",
    "vpcCidr": "10.64.0.0/16",
    "vpcId": "",
    "availabilityZones": ["eu-central-1a", "eu-central-1b"],
    "subnetIds": [],
    "engineVersion": "8.0.mysql_aurora.3.10.6",
    "restoreGeneration": 0,
    "minorUpgrades": "automatic",
    "replicationEngineVersion": "3.6.1",
    "replicationStorageGb": 50,
    "captureUsername": "lake_capture",
    "startTask": True,
}
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
    {"engineVersion": "", "captureUsername": ""},  # a database that is there
    {"replicationEngineVersion": "", "replicationStorageGb": 0},  # serverless
    {"replicationStorageGb": 51},
    {"captureUsername": "reader", "restoreGeneration": 1},
]


@pytest.mark.parametrize(("key", "change"), REFUSED)
def test_what_aws_would_refuse_half_way_is_refused_at_preview(key: str, change: dict[str, Any]):
    failures = FixedSettingsProvider().check(THERE, {**THERE, **change}).failures
    assert [it.property for it in failures] == [key]
    (reason,) = [it.reason for it in failures]
    assert f"{THERE[key]!r}" in reason, "what it was"
    assert f"{change[key]!r}" in reason, "what it would be"
    assert "Remedy: " in reason


def test_of_a_task_that_stands_still_the_user_may_change():
    there = {**THERE, "startTask": False}
    for started in (False, True):
        news = {**there, "captureUsername": "reader", "startTask": started}
        assert FixedSettingsProvider().check(there, news).failures == [], "its next start reads the new secret"


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


def test_a_change_that_is_taken_is_remembered():
    news = {**THERE, "restoreGeneration": 1}
    assert FixedSettingsProvider().update("id", THERE, news).outs == news
    assert FixedSettingsProvider().diff("id", THERE, news).changes is True
    assert FixedSettingsProvider().diff("id", {**THERE, "__provider": "x"}, THERE).changes is False
    assert FixedSettingsProvider().create(THERE).outs == THERE


def test_every_stack_declares_its_own(stack: Declaration):
    inputs = stack.one("pulumi-python:dynamic:Resource", "settings-fixed").inputs
    storage = {"dev": 50, "prod": 100}[stack.stack]
    assert inputs == {**THERE, "stack": f"cdc-lake-{stack.stack}", "replicationStorageGb": storage}


def test_in_an_existing_vpc_its_own_range_and_zones_count_for_nothing():
    there = {"vpcId": "vpc-0a", "subnetIds": ["subnet-0a", "subnet-0b"], "vpcCidr": "10.99.0.0/16"}
    inputs = declare("dev", config=there).one("pulumi-python:dynamic:Resource", "settings-fixed").inputs
    assert (inputs["vpcCidr"], inputs["availabilityZones"]) == ("", [])


def test_its_code_is_named_in_the_state_and_not_kept_there():
    pickled = serialize_provider(FixedSettingsProvider())
    words = [argument for _, argument, _ in pickletools.genops(base64.b64decode(pickled)) if isinstance(argument, str)]
    assert "components.fixed_settings" in words, "by reference: code in a state would be that of another day"
