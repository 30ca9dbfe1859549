"""The example stack files of docs/configuration.md: each is declared, and is what its heading says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

from declaration import Declaration
from tests.declared import declare
from tests.docs.pages import ROOT, page

CLUSTER = "aws:rds/cluster:Cluster"
TASK = "aws:dms/replicationTask:ReplicationTask"
_EXAMPLE = re.compile(r"`Pulumi\.(\w+)\.yaml`:\n\n```yaml\n([^`]*)```")
EXAMPLES = dict(_EXAMPLE.findall(page("docs/configuration.md").text))
"""By the stack's name."""


@pytest.fixture
def declared(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declaration:
    """The program as it is, with the example as the file of its stack."""
    monkeypatch.setattr(sys, "path", [*sys.path])  # declare() puts the folder of the program there
    for file in ("Pulumi.yaml", "__main__.py"):
        (tmp_path / file).symlink_to(ROOT / file)
    (tmp_path / f"Pulumi.{request.param}.yaml").write_text(EXAMPLES[request.param], encoding="utf-8")
    return declare(request.param, root=tmp_path)


def test_the_four_common_cases_have_an_example():
    assert list(EXAMPLES) == ["shop", "restored", "existing", "prod"]


def test_the_example_of_production_is_the_file():
    assert EXAMPLES["prod"] == (ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("declared", EXAMPLES, indirect=True)
def test_an_example_is_declared_without_a_warning(declared: Declaration):
    assert declared.warnings == ()
    assert declared.all("aws:kinesis/stream:Stream")
    assert all(resource.protect for resource in declared.all(CLUSTER)), "none of them gives data away"


@pytest.mark.parametrize("stack", EXAMPLES)
def test_an_example_says_only_what_differs_and_tags_what_it_owns(stack: str):
    schema = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    own = yaml.safe_load(EXAMPLES[stack])["config"]
    keys = {key.removeprefix("cdc-lake:"): value for key, value in own.items() if key.startswith("cdc-lake:")}
    assert own["aws:defaultTags"]["tags"] == {"Project": "cdc-lake", "Stack": stack}
    assert not {key for key, value in keys.items() if value == schema[key]["default"]} - {"engineVersion"}


@pytest.mark.parametrize("declared", ["shop"], indirect=True)
def test_a_new_database_is_empty_and_its_task_waits(declared: Declaration):
    assert "snapshotIdentifier" not in declared.one(CLUSTER).inputs
    assert declared.one(TASK).inputs["startReplicationTask"] is False


@pytest.mark.parametrize("declared", ["restored"], indirect=True)
def test_a_restored_database_comes_from_its_snapshot_and_its_task_runs(declared: Declaration):
    assert declared.one(CLUSTER).inputs["snapshotIdentifier"] == "shop-2026-02-01"
    assert declared.one(TASK).inputs["startReplicationTask"] is True


@pytest.mark.parametrize("declared", ["existing"], indirect=True)
def test_an_existing_database_gets_nothing_and_its_statements_are_exported(declared: Declaration):
    assert declared.all(CLUSTER) == ()
    assert declared.exports["captureUserStatements"]
    assert declared.exports["preflightChecks"]


@pytest.mark.parametrize("declared", ["prod"], indirect=True)
def test_production_stands_in_two_zones(declared: Declaration):
    assert len(declared.all("aws:rds/clusterInstance:ClusterInstance")) == 2
    assert declared.one("aws:dms/replicationInstance:ReplicationInstance").inputs["multiAz"] is True
