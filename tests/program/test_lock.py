"""The lock on data, and how people try to open it by mistake."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from configuration.settings import SettingsError, load
from declaration import Declaration, Resource
from declaration.run import ROOT
from declaration.stack_config import load_stack_config
from tests.declared import declare

Test = Callable[[Resource], bool]
KEPT: Mapping[str, Test] = {
    "aws:rds/cluster:Cluster": lambda it: (
        it.protect
        and it.inputs["deletionProtection"] is True
        and it.inputs["skipFinalSnapshot"] is False
        and it.inputs["finalSnapshotIdentifier"].endswith("-final")
        and it.inputs["applyImmediately"] is False
    ),
    "aws:s3/bucket:Bucket": lambda it: it.protect and it.inputs["forceDestroy"] is False,
    "aws:kinesis/stream:Stream": lambda it: it.protect and it.inputs["enforceConsumerDeletion"] is False,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": lambda it: it.protect,
    "aws:dms/replicationTask:ReplicationTask": lambda it: it.protect,
    "aws:kms/key:Key": lambda it: it.protect and it.inputs["deletionWindowInDays"] == 30,
    "aws:secretsmanager/secret:Secret": lambda it: it.inputs["recoveryWindowInDays"] == 30,
    "aws:athena/workgroup:Workgroup": lambda it: it.inputs["forceDestroy"] is False,
    "aws:glue/catalogDatabase:CatalogDatabase": lambda it: it.protect,
}
"""Types that hold data, or without which data cannot be read, and what keeps each. A secret needs no protection of its
own: AWS gives it back for 30 days. A workgroup holds the queries that people saved; AWS deletes none that has any. It
does delete a database with the views and tables that people made in it. A delivery stream buffers what the stream still
holds, but its successor begins at the end of the stream. A task remembers a position; and it holds whatever it depends
on, which test_deletion.py computes."""
GONE: Mapping[str, Test] = {
    "aws:rds/cluster:Cluster": lambda it: (
        not it.protect
        and it.inputs["deletionProtection"] is False
        and it.inputs["skipFinalSnapshot"] is True
        and "finalSnapshotIdentifier" not in it.inputs
    ),
    "aws:s3/bucket:Bucket": lambda it: not it.protect and it.inputs["forceDestroy"] is True,
    "aws:kinesis/stream:Stream": lambda it: not it.protect and it.inputs["enforceConsumerDeletion"] is True,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": lambda it: not it.protect,
    "aws:dms/replicationTask:ReplicationTask": lambda it: not it.protect,
    "aws:kms/key:Key": lambda it: not it.protect and it.inputs["deletionWindowInDays"] == 7,
    "aws:secretsmanager/secret:Secret": lambda it: it.inputs["recoveryWindowInDays"] == 0,
    "aws:athena/workgroup:Workgroup": lambda it: it.inputs["forceDestroy"] is True,
    "aws:glue/catalogDatabase:CatalogDatabase": lambda it: not it.protect,
}
"""What lets each go without a trace."""
HOLD_NO_DATA = {
    "aws:cloudwatch/logGroup:LogGroup": "what was done, kept for logRetentionDays at most anyway",
    "aws:cloudwatch/logStream:LogStream": "part of a log group",
    "aws:rds/clusterInstance:ClusterInstance": "computes; the volume belongs to the cluster",
    "aws:secretsmanager/secretVersion:SecretVersion": "is kept and goes with its secret",
    "aws:dms/replicationInstance:ReplicationInstance": "computes; what it caches is in the binlog too",
    "aws:glue/catalogTable:CatalogTable": "says how the lake is read, and is declared again",
    "aws:athena/namedQuery:NamedQuery": "is declared again",
    "random:index/randomPassword:RandomPassword": "lives in the state alone",
    "random:index/randomId:RandomId": "lives in the state alone",
    "pulumi-python:dynamic:Resource": "their deletes do nothing",
}
ASKED_AGAIN = "query-results-bucket"
"""A bucket of copies that expire: it goes with any stack."""
CONFIGURATION = re.compile(
    r"aws:(ec2|vpc|iam)/.*|aws:s3/bucket(?!Object)[A-Z].*|aws:rds/(subnetGroup|clusterParameterGroup):.*"
    r"|aws:dms/(certificate|endpoint|replicationSubnetGroup):.*"
    r"|aws:cloudwatch/(metricAlarm|eventRule|eventTarget|dashboard|logMetricFilter):.*|aws:sns/.*"
    r"|aws:rds/eventSubscription:.*"
)
"""Types that say how something is to be, and hold nothing themselves."""


def holding(declared: Declaration) -> list[Resource]:
    return [it for it in declared.resources if it.type in KEPT and it.name != ASKED_AGAIN]


def state(declared: Declaration) -> tuple[set[str], set[str]]:
    """Names of what is kept, and of what would go."""
    held = holding(declared)
    return {it.name for it in held if KEPT[it.type](it)}, {it.name for it in held if GONE[it.type](it)}


def test_every_type_is_known_to_hold_data_or_not(stack: Declaration):
    declared = {it.type for it in stack.resources if it.custom}
    undecided = {it for it in declared - set(KEPT) - set(HOLD_NO_DATA) if not CONFIGURATION.fullmatch(it)}
    assert undecided == set(), "a new type needs a decision: is it in KEPT, or why not?"


def test_production_keeps_all_of_its_data(prod: Declaration):
    names = {it.name for it in holding(prod)}
    assert len(names) == 11, (
        "cluster, two buckets, stream, delivery stream, task, key, two secrets, saved queries and tables"
    )
    assert state(prod) == (names, set())


def test_with_both_keys_everything_goes_without_a_trace(dev: Declaration):
    assert state(dev) == (set(), {it.name for it in holding(dev)}), "half a lock leaves what nobody finds again"


def test_results_of_queries_go_with_any_stack(stack: Declaration):
    results = stack.one("aws:s3/bucket:Bucket", ASKED_AGAIN)
    assert GONE[results.type](results), "what can be asked again is in nobody's way"


def test_nothing_but_data_is_protected(prod: Declaration):
    protected = {it.type for it in prod.resources if it.protect}
    assert protected == set(KEPT) - {"aws:secretsmanager/secret:Secret", "aws:athena/workgroup:Workgroup"}, (
        "protection in the way teaches people to lift it"
    )


@pytest.mark.parametrize("config", [{"ephemeral": False}, {"acknowledgeDataLoss": ""}], ids=str)
def test_one_key_keeps_the_data_and_says_why(config: dict[str, object]):
    declared = declare("dev", config=config)
    assert state(declared) == ({it.name for it in holding(declared)}, set())
    (warning,) = declared.warnings
    assert "acknowledgeDataLoss: dev" in warning


@pytest.mark.parametrize(
    "text",
    ["prod", "DEV", "Dev", " dev", "dev ", "dev\n", "d\u0435v", "organization/cdc-lake/dev", "cdc-lake-dev", "dev,prod",
     "*", "d%", "true", True, ["dev"]],
    ids=repr,
)  # fmt: skip
def test_a_key_that_is_nearly_right_does_not_turn(text: object):
    config = load_stack_config(ROOT, "dev", {"acknowledgeDataLoss": text})
    settings = load(config.values, project="cdc-lake", stack="dev")
    assert not settings.destroyable, "destroyable is all that the components are told"
    assert "acknowledgeDataLoss: dev" in settings.warnings[0]


@pytest.mark.parametrize("value", ["True", "yes", "1", 1, " true"])
def test_the_first_key_is_true_and_nothing_like_it(value: object):
    config = load_stack_config(ROOT, "dev", {"ephemeral": value})
    with pytest.raises(SettingsError, match=r"ephemeral = .* must be true or false"):
        load(config.values, project="cdc-lake", stack="dev")


def test_without_any_key_the_data_is_kept_in_silence():
    declared = declare("dev", config={"ephemeral": False, "acknowledgeDataLoss": ""})
    assert state(declared) == ({it.name for it in holding(declared)}, set())
    assert declared.warnings == ()


def project_with(root: Path, stack_file: str) -> Path:
    """The program with the small stack's file under another name."""
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, root / name)
    shutil.copy(ROOT / "Pulumi.dev.yaml", root / stack_file)
    return root


@pytest.mark.parametrize("name", ["copy", "dev2", "prod"])
def test_a_copied_file_and_a_renamed_stack_keep_the_data(tmp_path: Path, name: str):
    declared = declare(name, root=project_with(tmp_path, f"Pulumi.{name}.yaml"))
    assert state(declared) == ({it.name for it in holding(declared)}, set()), "the second key names another stack"
    (warning,) = declared.warnings
    assert f"acknowledgeDataLoss: {name}" in warning


def test_a_restore_does_not_open_the_lock():
    config: dict[str, Any] = {"snapshotIdentifier": "one", "masterUsername": "", "restoreGeneration": 1}
    declared = declare("prod", config=config)
    assert state(declared) == ({it.name for it in holding(declared)}, set()), "the old database goes by hand or not"
