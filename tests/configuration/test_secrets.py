"""Secret values of a stack: read as what they are, never quoted, never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi import RunError

from configuration.settings import KEYS, SettingsError, load
from declaration import Declaration, Secret
from declaration.run import ROOT, declare
from declaration.stack_config import UNREADABLE_SECRET, load_stack_config
from declaration.tree import tree

ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-AbCdEf"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/11112222-3333-4444-5555-666677778888"
THERE: dict[str, Any] = {
    "databaseMode": "existing",
    "sqlBootstrap": "manual",
    "vpcId": "vpc-0a",
    "subnetIds": ["subnet-0a", "subnet-0b"],
    "databaseSecurityGroupId": "sg-0a",
}
ENCRYPTED = {"secure": "v1:0123"}
"""As the CLI writes it into a stack file."""
SECRETS = {"databaseSecretArn": Secret(ARN), "databaseSecretKeyArn": Secret(KEY)}


def loaded(config: dict[str, Any]) -> Any:
    found = load_stack_config(ROOT, "dev", config)
    return load(found.values, project=found.project, stack="dev", secrets=found.secret_keys)


@pytest.fixture(scope="module")
def declared() -> Declaration:
    return declare("dev", config={**THERE, "databaseSecretArn": Secret(ARN), "databaseSecretKeyArn": ENCRYPTED})


def test_a_secret_value_is_read_like_any_other():
    assert loaded({**THERE, **SECRETS}).source.database_secret_arn == ARN


def test_what_the_stack_file_holds_encrypted_has_the_right_form():
    encrypted = dict.fromkeys(SECRETS, ENCRYPTED)
    source = loaded({**THERE, **encrypted, "aws:region": "eu-west-1"}).source
    assert UNREADABLE_SECRET in source.database_secret_arn
    assert ":eu-west-1:" in source.database_secret_arn, "its Region is that of the stack"


def test_a_secret_value_that_is_wrong_is_refused_and_not_quoted():
    for config in ({"databaseSecretArn": Secret("arn:hunter2")}, {"databaseSecretKeyArn": Secret("arn:hunter2")},
                   {"databaseSecretArn": Secret(ARN.replace("eu-central-1", "eu-north-1"))},
                   {"tabels": Secret("hunter2")}, {"shardCount": Secret("hunter2")}):  # fmt: skip
        with pytest.raises(SettingsError, match=rf"{next(iter(config))} = '\[secret\]': ") as caught:
            loaded({**THERE, **SECRETS, **config})
        assert not {"hunter2", "eu-north-1"} & set(str(caught.value).replace(":", " ").split())


@pytest.mark.parametrize("key", sorted({*KEYS} - {*SECRETS}))
def test_any_other_key_says_how_to_set_it(key: str):
    with pytest.raises(SettingsError) as caught:
        loaded({key: ENCRYPTED})
    (line,) = [line for line in str(caught.value).splitlines() if line.startswith(f"  {key} = ")]
    assert "it cannot be a secret" in line
    assert line.endswith(f"Remedy: pulumi config set --plaintext {key} and its value.")


def test_a_secret_value_is_used_and_never_shown(declared: Declaration):
    source = declared.one("aws:dms/endpoint:Endpoint", "replication-source")
    assert source.inputs["secretsManagerArn"] == Secret(ARN)
    assert declared.exports["captureSecretArn"] == Secret(ARN)
    (policy,) = [it for it in declared.resources if it.name.startswith("database-read-capture-secret")]
    assert isinstance(policy.inputs["policy"], Secret), "it names both"
    shown = json.dumps(declared.as_json()) + tree(declared) + repr(declared)
    assert [text for text in (ARN, KEY) if text in shown] == []


@pytest.mark.parametrize(
    ("items", "advice"),
    [([None, "shop.%"], "tables[0]"), (["shop.%", None, "crm.%"], "tables[1]")],
)
def test_a_list_with_a_gap_says_what_to_type(items: list[Any], advice: str):
    with pytest.raises(RunError, match="must be a list of schema") as caught:
        loaded({"tables": items})
    assert f"pulumi config set --path '{advice}'" in str(caught.value), "the CLI fills a list with null up to its item"
