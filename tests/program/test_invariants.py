"""What holds for every resource of each stack, whatever it is."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from pulumi import _types

from declaration import Declaration, Resource, Secret
from declaration.stand_in import random_password
from tests.declared import BEATING, declare

STACKS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "dev": ("dev", {}),
    "prod": ("prod", {}),
    "masked": ("masked", {}),
    "a heartbeat": ("dev", BEATING),
}
COMPONENTS = {"settings", "data", "network", "database", "lake", "replication", "query", "watch"}
GROUP = "aws:scheduler/scheduleGroup:ScheduleGroup"
POLICIES = ("policy", "assumeRolePolicy")
WILDCARDS = {
    (
        "data-key",
        "AccountAdministersKey",
    ): "in a key's policy * is the key itself; without it the key is beyond control",
    ("data-key", "AlarmsPublish"): "in a key's policy * is the key itself; the condition limits it to this account",
    (
        "data-key",
        "EventsPublish",
    ): "in a key's policy * is the key itself; EventBridge delivers nothing with a condition",
    ("data-key", "LogsEncrypt"): "in a key's policy * is the key itself; the condition limits it to log groups",
    ("lake-records-policy", "TlsOnly"): "a deny, to everyone, for everything",
    ("lake-records-policy", "NoForeignKey"): "a deny, to everyone",
    ("lake-records-policy", "NoOtherEncryption"): "a deny, to everyone",
    ("lake-access-logs-policy", "TlsOnly"): "a deny, to everyone, for everything",
    ("query-results-policy", "TlsOnly"): "a deny, to everyone, for everything",
    ("query-results-policy", "NoForeignKey"): "a deny, to everyone",
    ("query-results-policy", "NoOtherEncryption"): "a deny, to everyone",
    ("network-kinesis-streams-policy", "WriteChanges"): "a way's policy says what passes; roles say who may",
    ("network-secretsmanager-policy", "ReadCaptureSecret"): "a way's policy says what passes; roles say who may",
}
ANY_ACCOUNT = {
    "replication-service-roles-dms-cloudwatch-logs-role": "DMS writes no task log with the condition, a report says",
}
NAMED = {
    "aws:cloudwatch/logGroup:LogGroup": {"network-flow-log": False, "lake-delivery-log": False},
    "aws:iam/role:Role": {
        "replication-service-roles-dms-vpc-role": True,
        "replication-service-roles-dms-cloudwatch-logs-role": True,
    },
}
TYPED = r"aws:glue/|aws:athena/namedQuery:"
"""What people type in a query or look for in a list."""
SECRET_INPUTS = {
    ("aws:rds/cluster:Cluster", "masterPassword"),
    ("aws:secretsmanager/secretVersion:SecretVersion", "secretString"),
    ("aws:dms/certificate:Certificate", "certificatePem"),  # public, but the provider marks it
}


@pytest.fixture(scope="module", params=STACKS.values(), ids=list(STACKS))
def stack(request: pytest.FixtureRequest) -> Declaration:
    """Each stack in turn."""
    name, config = request.param
    return declare(name, config=config)


def beats(stack: Declaration) -> bool:
    return bool(stack.all("aws:scheduler/schedule:Schedule"))


def documents(stack: Declaration) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for resource in stack.resources:
        for key in POLICIES:
            if key in resource.inputs:
                yield resource, json.loads(resource.inputs[key])


def statements(stack: Declaration) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for resource, document in documents(stack):
        for statement in document["Statement"]:
            yield resource, statement


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in ``value`` with its path; secrets are not opened."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from leaves(item, f"{path}[{number}]")
    else:
        yield path, value


def test_every_resource_belongs_to_a_component(stack: Declaration):
    orphans = {resource.name for resource in stack.resources if resource.parent is None}
    assert orphans == COMPONENTS | ({"heartbeat"} if beats(stack) else set()), (
        "what has no parent is missing from the tree and from depends_on a component"
    )


def test_no_two_resources_have_one_urn(stack: Declaration):
    urns = [resource.urn for resource in stack.resources]
    assert len(urns) == len(set(urns)), "the engine refuses duplicates; mocks do not"


def test_a_childs_name_begins_with_its_parents(stack: Declaration):
    for resource in stack.resources:
        parent = stack.find(resource.parent) if resource.parent else None
        assert parent is None or resource.name.startswith(f"{parent.name}-"), resource.name


def test_every_dependency_is_declared(stack: Declaration):
    missing = {urn for resource in stack.resources for urn in resource.dependencies if stack.find(urn) is None}
    assert missing == set()


def test_a_component_is_of_this_projects_types(stack: Declaration):
    for resource in stack.resources:
        assert resource.custom or re.fullmatch(r"cdc-lake:index:[A-Z][A-Za-z]+", resource.type), resource.type


def test_only_what_aws_demands_has_a_physical_name(stack: Declaration):
    demanded = re.compile(r"aws:dms/|aws:cloudwatch/log(Group|Stream)|aws:rds/cluster(Instance)?:|" + TYPED)
    keys = {"name", "identifier", "clusterIdentifier", "bucketPrefix", "namePrefix"}
    named = {it.name for it in stack.resources if keys & set(it.inputs) and not demanded.match(it.type)}
    assert named == set(NAMED["aws:iam/role:Role"]), "a fixed name stops a replacement and a second stack"
    assert "bucket" not in stack.one("aws:s3/bucket:Bucket", "lake-records-bucket").inputs
    for group, fixed in NAMED["aws:cloudwatch/logGroup:LogGroup"].items():
        assert ("name" in stack.one("aws:cloudwatch/logGroup:LogGroup", group).inputs) is fixed


def test_tags_come_from_the_provider_alone(stack: Declaration):
    tagged = {resource.name for resource in stack.resources if "tags" in resource.inputs}
    assert tagged == set(NAMED["aws:iam/role:Role"]), (
        "aws:defaultTags tags everything, once; the account's roles say whose they are, whatever the defaults"
    )


def test_every_statement_says_what_it_is_for_once(stack: Declaration):
    for resource, document in documents(stack):
        sids = [statement.get("Sid", "") for statement in document["Statement"]]
        assert all(re.fullmatch(r"[A-Z][A-Za-z]{3,}", sid) for sid in sids), f"{resource.name}: {sids}"
        assert len(set(sids)) == len(sids), f"{resource.name}: {sids}"
        assert document["Version"] == "2012-10-17"


def test_a_wildcard_has_a_written_reason(stack: Declaration):
    found = set()
    for resource, statement in statements(stack):
        principals = [value for _, value in leaves(statement.get("Principal", []))]
        words = [*statement["Action"], *principals] if isinstance(statement["Action"], list) else principals
        resources = [value for _, value in leaves(statement.get("Resource", []))]
        if any("*" in word for word in words) or "*" in resources:
            found.add((resource.name, statement["Sid"]))
    assert found == set(WILDCARDS), "an allowed wildcard needs a reason in WILDCARDS"


def test_a_service_takes_a_role_for_this_account_only(stack: Declaration):
    roles = stack.all("aws:iam/role:Role")
    assert roles
    for role in roles:
        (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        of_group = {"aws:SourceArn": stack.one(GROUP).outputs["arn"]} if role.name == "heartbeat-role" else {}
        expected = {"StringEquals": {"aws:SourceAccount": "111122223333", **of_group}}
        assert statement.get("Condition") == (None if role.name in ANY_ACCOUNT else expected), role.name
        assert set(statement["Principal"]) == {"Service"}, role.name


def test_policies_are_resources_of_their_own(stack: Declaration):
    for role in stack.all("aws:iam/role:Role"):
        assert not {"inlinePolicies", "managedPolicyArns"} & set(role.inputs), role.name


def test_every_log_is_kept_for_a_while_and_encrypted(stack: Declaration):
    groups = stack.all("aws:cloudwatch/logGroup:LogGroup")
    assert len(groups) == 6, "flow, audit, error, slow query, delivery and task"
    for group in groups:
        assert group.inputs["retentionInDays"] == {"dev": 7, "prod": 365, "masked": 90}[stack.stack], group.name
        assert group.inputs["kmsKeyId"] == stack.one("aws:kms/key:Key").outputs["arn"], group.name


def test_secrets_are_inputs_of_nothing_else(stack: Declaration):
    found = {
        (resource.type, path.removeprefix("."))
        for resource in stack.resources
        for path, value in leaves(resource.inputs)
        if isinstance(value, Secret)
    }
    assert found == SECRET_INPUTS, "a secret goes from the password to the cluster and the secret, and nowhere else"


def test_no_password_stands_anywhere_in_the_clear(stack: Declaration):
    passwords = [random_password(it.name, it.inputs) for it in stack.all("random:index/randomPassword:RandomPassword")]
    assert len(set(passwords)) == 2 + beats(stack)
    shown = json.dumps(stack.as_json()) + repr(stack.resources) + repr(stack.exports)
    assert not any(password in shown for password in passwords), "secrets are masked wherever they are marked"
    assert not any(isinstance(value, Secret) for _, value in leaves(stack.exports)), "an export is shown to everyone"


def test_no_input_is_null(stack: Declaration):
    nulls = [f"{it.name}{path}" for it in stack.resources for path, value in leaves(it.inputs) if value is None]
    assert nulls == [], "an input that is not there is left out"


def input_type(kind: Any) -> Any:
    """The SDK's input type inside Sequence, Union and Input; None where there is none."""
    if _types.is_input_type(kind):
        return kind
    return next((found for inner in get_args(kind) if (found := input_type(inner))), None)


def unknown_keys(kind: Any, value: Any, path: str) -> Iterator[str]:
    """Paths in ``value`` that the input type ``kind`` does not know."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from unknown_keys(kind, item, f"{path}[{number}]")
    elif isinstance(value, dict) and kind is not None:
        known = _types.input_type_types(kind)
        for key, item in value.items():
            where = f"{path}.{key}".removeprefix(".")
            yield from unknown_keys(input_type(known[key]), item, where) if key in known else [where]


def args_class(token: str) -> Any:
    """The SDK's class of a resource's inputs: in the resource's own module, for the package has namesakes."""
    package, folder, file, name = re.fullmatch(r"(\w+):(\w+)/(\w+):(\w+)", token).groups()  # type: ignore[union-attr]
    module = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", file).lower()
    parts = [f"pulumi_{package}", *([] if folder == "index" else [folder]), module]
    found = importlib.import_module(".".join(parts))
    return getattr(found, f"{name}InitArgs", None) or getattr(found, f"{name}Args")


def misspelt(resource: Resource) -> list[str]:
    return list(unknown_keys(args_class(resource.type), dict(resource.inputs), ""))


def test_the_provider_knows_every_input(stack: Declaration):
    of_providers = [it for it in stack.resources if it.custom and it.type != "pulumi-python:dynamic:Resource"]
    found = {f"{it.name}: {path}" for it in of_providers for path in misspelt(it)}
    assert found == set(), "mocks take any spelling; AWS would ignore the setting"


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("extendedS3Configuration.bufferingSizes", {"extendedS3Configuration": {"bufferingSizes": 1}}),
        ("destinations", {"destinations": "s3"}),
        (
            "extendedS3Configuration.processingConfiguration.processors[0].typ",
            {"extendedS3Configuration": {"processingConfiguration": {"processors": [{"typ": "Lambda"}]}}},
        ),
    ],
)
def test_a_misspelt_input_is_noticed(dev: Declaration, path: str, change: dict[str, Any]):
    delivery = dev.one("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    assert misspelt(replace(delivery, inputs=change)) == [path]
