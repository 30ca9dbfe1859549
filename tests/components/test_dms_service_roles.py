"""The account-wide roles through their whole life: who makes them, who uses them, and that nobody takes them away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import NoReturn

import pulumi_aws as aws
import pytest
from pulumi import RunError

from components import dms_service_roles
from declaration import Account, Declaration
from tests.declared import LEAST, declare

ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
SUBNETS = "aws:dms/replicationSubnetGroup:ReplicationSubnetGroup"
NAMES = ("dms-vpc-role", "dms-cloudwatch-logs-role")
OWN = {"cdc-lake:owner": "cdc-lake-dev/eu-central-1", "Project": "cdc-lake"}
FOREIGN: Mapping[str, Mapping[str, str]] = {
    "no tag": {},
    "another stack's": {"cdc-lake:owner": "cdc-lake-prod/eu-central-1"},
    "the same stack in another Region": {"cdc-lake:owner": "cdc-lake-dev/eu-west-1"},
    "the same default tags": {"Project": "cdc-lake", "Stack": "dev"},
}


def declared_roles(declared: Declaration) -> dict[str, str]:
    """Import ids of the declared service roles, by name; '' for one that is made."""
    return {it.inputs["name"]: it.import_id for it in declared.all(ROLE) if it.inputs.get("name") in NAMES}


def small(account: Account | None = None, *, preview: bool = False, **config: object) -> Declaration:
    """The smallest stack: roles have nothing to do with the database."""
    return declare("dev", config={**LEAST, **config}, account=account, preview=preview)


def account(tags: Mapping[str, str], *names: str) -> Account:
    return Account(roles=dict.fromkeys(names or NAMES, tags))


Look = Callable[[str, Account], Mapping[str, bool]]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """What a mode of ``dmsServiceRoles`` plans for the dev stack in an account, without a declaration."""

    def planned(mode: str, there: Account) -> Mapping[str, bool]:
        names = lambda *, name_regex: SimpleNamespace(names=there.roles_matching(name_regex))  # noqa: E731
        monkeypatch.setattr(aws.iam, "get_roles", names)
        monkeypatch.setattr(aws.iam, "get_role", lambda *, name: SimpleNamespace(**there.role(name)))
        return dms_service_roles.plan(mode, stack="cdc-lake-dev", region="eu-central-1").declared

    return planned


def test_a_clean_account_gets_both_roles_in_preview_and_in_update():
    for preview in (True, False):
        assert declared_roles(small(preview=preview)) == dict.fromkeys(NAMES, "")


def test_a_stack_marks_the_roles_that_it_makes():
    tags = [it.inputs["tags"] for it in small().all(ROLE) if it.inputs.get("name") in NAMES]
    assert tags == [{"cdc-lake:owner": "cdc-lake-dev/eu-central-1"}] * 2


def test_the_second_up_keeps_what_the_first_made():
    first, second = small(), small(account(OWN))
    assert {it.urn for it in second.resources} == {it.urn for it in first.resources}, (
        "deciding by existence would drop the roles from the program"
    )


def test_a_stack_that_is_made_again_imports_what_its_predecessor_left():
    assert declared_roles(small(account(OWN))) == {name: name for name in NAMES}, (
        "creating would fail with EntityAlreadyExists; what is in the state, the engine does not import"
    )


@pytest.mark.parametrize("tags", FOREIGN.values(), ids=FOREIGN)
def test_the_roles_of_others_are_not_declared(look: Look, tags: Mapping[str, str]):
    assert look("auto", account(tags)) == {}


def test_the_roles_of_others_are_used():
    declared = small(account({}))
    assert declared_roles(declared) == {}
    assert not [it for it in declared.all(ATTACHMENT) if "service-roles" in it.name], "they are their owner's to change"
    assert declared.one(SUBNETS), "and used"


def test_each_role_is_decided_by_itself():
    declared = small(account({}, "dms-vpc-role"))
    assert declared_roles(declared) == {"dms-cloudwatch-logs-role": ""}
    attachments = [it.name for it in declared.all(ATTACHMENT) if "service-roles" in it.name]
    assert attachments == ["replication-service-roles-dms-cloudwatch-logs-role-attachment"]


def test_a_role_of_a_similar_name_is_another_role(look: Look):
    assert look("auto", account({}, "my-dms-vpc-role", "dms-vpc-role-2")) == dict.fromkeys(NAMES, False)


@pytest.mark.parametrize("tags", [OWN, {}], ids=["own", "foreign"])
def test_create_makes_both_without_a_look_and_existing_none(look: Look, tags: Mapping[str, str]):
    assert look("create", account(tags)) == dict.fromkeys(NAMES, False)
    assert look("existing", account(tags)) == {}


@pytest.mark.parametrize("there", [None, account(OWN)], ids=["clean", "own"])
def test_whatever_is_declared_stays_in_the_account_and_comes_before_its_first_use(there: Account | None):
    declared = small(there)
    parts = [it for it in declared.resources if it.custom and "service-roles" in it.name]
    assert len(parts) == 4, "two roles and their attachments"
    for part in parts:
        assert part.retain_on_delete, f"{part.name}: other stacks and people of the account use it"
        assert declared.happens_before(part, declared.one(SUBNETS)), "DMS says: not configured properly"


@pytest.mark.parametrize("refused", ["get_roles", "get_role"])
def test_who_may_not_look_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch, refused: str):
    def look(**_: str) -> NoReturn:
        raise Exception(f"invoke of aws:iam/{refused} failed: AccessDenied")

    monkeypatch.setattr(aws.iam, "get_roles", lambda **_: SimpleNamespace(names=list(NAMES)))
    monkeypatch.setattr(aws.iam, refused, look)
    with pytest.raises(
        RunError, match=r"dmsServiceRoles = 'auto'.*AccessDenied.*Remedy: .* existing .* create"
    ) as caught:
        dms_service_roles.plan("auto", stack="cdc-lake-dev", region="eu-central-1")
    assert caught.value.__suppress_context__, "a RunError is printed without a traceback"


def test_a_look_up_that_fails_otherwise_stays_what_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(aws.iam, "get_roles", lambda **_: None)
    with pytest.raises(AttributeError):
        dms_service_roles.plan("auto", stack="cdc-lake-dev", region="eu-central-1")


def test_attachments_are_never_imported():
    there = small(account(OWN))
    assert {it.import_id for declared in (small(), there) for it in declared.all(ATTACHMENT)} == {""}, (
        "attaching twice is no failure, and an attachment that was made has another id than one that was imported"
    )
