"""FixedSettings: what cannot change on a stack that exists is refused at preview, before anything is half done."""

from __future__ import annotations

import base64
import pickletools
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from components.fixed_settings import FixedSettingsProvider
from declaration import Declaration, declare

THERE: dict[str, Any] = {
    "stack": "cdc-lake-dev",
    "region": "eu-central-1",
    "vpcCidr": "10.64.0.0/16",
    "vpcId": "",
    "availabilityZones": ["eu-central-1a", "eu-central-1b"],
    "subnetIds": [],
    "engineVersion": "aurora-mysql8.0",
    "restoreGeneration": 0,
}
REFUSED = [
    ("stack", {"stack": "cdc-lake-test"}),
    ("region", {"region": "eu-west-1"}),
    ("vpcCidr", {"vpcCidr": "10.65.0.0/16"}),
    ("vpcId", {"vpcId": "vpc-0a", "subnetIds": ["subnet-0a"], "vpcCidr": "", "availabilityZones": []}),
    ("availabilityZones", {"availabilityZones": ["eu-central-1b", "eu-central-1a"]}),
    ("engineVersion", {"engineVersion": "aurora-mysql8.4"}),
]
TAKEN = [
    {},
    {"availabilityZones": [*THERE["availabilityZones"], "eu-central-1c"]},
    {"engineVersion": "aurora-mysql8.4", "restoreGeneration": 1},
    {"restoreGeneration": 1},
    {"engineVersion": ""},
]


@pytest.mark.parametrize(("key", "change"), REFUSED)
def test_what_aws_would_refuse_half_way_is_refused_at_preview(key: str, change: dict[str, Any]):
    failures = FixedSettingsProvider().check(THERE, {**THERE, **change}).failures
    assert [it.property for it in failures] == [key]
    (reason,) = [it.reason for it in failures]
    assert f"{THERE[key]!r}" in reason, "what it was"
    assert f"{change[key]!r}" in reason, "what it would be"
    assert "Remedy: " in reason


def test_other_subnets_may_come_but_not_all_may_go():
    there = {**THERE, "vpcId": "vpc-0a", "vpcCidr": "", "availabilityZones": [], "subnetIds": ["a", "b"]}
    check = FixedSettingsProvider().check
    assert check(there, {**there, "subnetIds": ["b", "c"]}).failures == []
    (failure,) = check(there, {**there, "subnetIds": ["c", "d"]}).failures
    assert failure.property == "subnetIds", "instances live in the old ones"


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
    assert inputs == {**THERE, "stack": f"cdc-lake-{stack.stack}"}


def test_in_an_existing_vpc_its_own_range_and_zones_count_for_nothing():
    there = {"vpcId": "vpc-0a", "subnetIds": ["subnet-0a", "subnet-0b"], "vpcCidr": "10.99.0.0/16"}
    inputs = declare("dev", config=there).one("pulumi-python:dynamic:Resource", "settings-fixed").inputs
    assert (inputs["vpcCidr"], inputs["availabilityZones"]) == ("", [])


def test_its_code_is_named_in_the_state_and_not_kept_there():
    pickled = serialize_provider(FixedSettingsProvider())
    words = [argument for _, argument, _ in pickletools.genops(base64.b64decode(pickled)) if isinstance(argument, str)]
    assert "components.fixed_settings" in words, "by reference: code in a state would be that of another day"
