"""The policy for who asks the lake: what the page says that it allows, on this stack's own things."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from declaration import Declaration
from declaration.run import ROOT
from tests.components.test_lake_query import WORKGROUP


def rights(declared: Declaration) -> list[dict[str, Any]]:
    return json.loads(declared.one("aws:iam/policy:Policy", "query-policy").inputs["policy"])["Statement"]


def listed(resources: str | list[str]) -> list[str]:
    return [resources] if isinstance(resources, str) else resources


def wider(declared: Declaration, statements: list[dict[str, Any]]) -> list[str]:
    """What ``statements`` allow beyond the page for those who ask, and beyond this stack's own."""
    section = (ROOT / "docs/querying.md").read_text(encoding="utf-8").split("## Who may ask")[1].split("\n\nIn an ")[0]
    told = set(re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", section))
    database, glue = declared.exports["queryDatabase"], "arn:aws:glue:eu-central-1:111122223333:"
    lake, results = (declared.one("aws:s3/bucket:Bucket", f"{name}-bucket").outputs["arn"]
                     for name in ("lake-records", "query-results"))  # fmt: skip
    own = {
        "athena": {declared.one(WORKGROUP).outputs["arn"]},
        "glue": {
            f"{glue}{it}" for it in ("catalog", "database/default", f"database/{database}", f"table/{database}/*")
        },
        "kms": {declared.one("aws:kms/key:Key").outputs["arn"]},
        "s3": {lake, f"{lake}/raw/*", results, f"{results}/*"},
    }
    allowed = [
        (action, resource, statement["Effect"])
        for statement in statements
        for action in statement["Action"]
        for resource in listed(statement["Resource"])
    ]
    assert told == {action for action, _, _ in allowed} & told, "the page promises what nobody is given"
    return [
        f"{effect} {action} on {resource}"
        for action, resource, effect in allowed
        if action not in told
        or resource not in own[action.split(":")[0]]
        or effect != "Allow"
        or (resource.startswith(lake) and action not in {"s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"})
    ]


def test_who_asks_is_allowed_what_the_page_says_and_no_more(stack: Declaration):
    assert wider(stack, rights(stack)) == []
    assert stack.exports["queryPolicyArn"] == stack.one("aws:iam/policy:Policy", "query-policy").outputs["arn"]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:*", "lake"), ("s3:DeleteObject", "results"), ("s3:PutObject", "lake"), ("athena:*", "*"),
        ("athena:GetWorkGroup", "*"), ("glue:GetTable", "*"), ("glue:DeleteTable", "catalog"), ("kms:Decrypt", "*"),
        ("s3:GetObject", "arn:aws:s3:::*/*"), ("kms:ScheduleKeyDeletion", "key"), ("s3:GetObject", "errors"),
    ],
)  # fmt: skip
def test_a_wider_right_is_seen(dev: Declaration, action: str, resource: str):
    lake = dev.one("aws:s3/bucket:Bucket", "lake-records-bucket").outputs["arn"]
    own = {"lake": f"{lake}/raw/*", "errors": f"{lake}/errors/*", "key": dev.one("aws:kms/key:Key").outputs["arn"]}
    planted = {"Effect": "Allow", "Action": [action], "Resource": own.get(resource, resource)}
    assert wider(dev, [*rights(dev), planted]) == [f"Allow {action} on {planted['Resource']}"]
