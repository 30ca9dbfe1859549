"""The outputs of a stack: complete and typed, or an error that names the output and what to do."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from model import PipelineError
from operations.outputs import read, typed
from tests.operations.stacks import OTHERS_DATABASE, SERVERLESS, exports, outputs


def written(folder: Path, content: object) -> Path:
    file = folder / "outputs.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The Pulumi CLI, as a script that answers what a test wants."""

    def play(script: str) -> None:
        program = tmp_path / "pulumi"
        version = 'if [ "$1" = version ] || [ "$2" = version ]; then echo v3.272.0; exit 0; fi'
        program.write_text(f"#!/bin/sh\n{version}\n{script}\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return play


def test_what_the_program_exports_is_read(tmp_path: Path):
    exported = exports()
    found = read(None, written(tmp_path, exported))
    assert found == outputs()
    assert found.task_arn == exported["taskArn"]
    assert found.freshness_minutes == exported["freshnessMinutes"]
    assert len(found.alarm_names) == len(exported["alarmNames"]) > 5
    assert found.preflight_checks[0].sql == exported["preflightChecks"][0]["sql"]


def test_what_a_stack_does_not_have_is_none():
    assert outputs(**OTHERS_DATABASE).cluster_arn is None
    assert outputs(**SERVERLESS).serverless


def test_the_identifiers_are_the_ends_of_the_arns():
    found = outputs()
    assert found.task_arn.endswith(f":task:{found.task_identifier}")
    assert found.cluster_arn
    assert found.cluster_arn.endswith(f":cluster:{found.cluster_identifier}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "has no outputs: nothing is deployed yet"),
        ("{", "is not JSON"),
        ("[1]", "no JSON object"),
        ({"url": "https://example.com"}, "not of this program"),
    ],
)
def test_a_file_that_holds_no_stack_of_this_program_is_refused(content: object, said: str, tmp_path: Path):
    with pytest.raises(PipelineError, match=said):
        read(None, written(tmp_path, content))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(PipelineError, match=r"none\.json cannot be read: No such file.*pulumi stack output --json"):
        read(None, tmp_path / "none.json")


@pytest.mark.parametrize(("stack", "file"), [(None, None), ("dev", Path("x.json"))])
def test_exactly_one_of_stack_and_outputs_is_given(stack: str | None, file: Path | None):
    with pytest.raises(PipelineError, match="--stack NAME, or its outputs with --outputs FILE"):
        read(stack, file)


def test_an_output_that_is_missing_is_named_with_the_remedy():
    there = {key: value for key, value in exports().items() if key not in ("taskArn", "alarmNames")}
    with pytest.raises(PipelineError, match=r"stack 'dev' lacks the output taskArn, alarmNames.*run `pulumi up`"):
        typed(there, "stack 'dev'")


def test_a_masked_output_is_named_with_the_remedy():
    with pytest.raises(PipelineError, match=r"taskArn is a secret.*--show-secrets"):
        outputs(taskArn="[secret]")


@pytest.mark.parametrize(
    ("key", "value"), [("freshnessMinutes", True), ("taskArn", 7), ("preflightChecks", [{"name": "x"}])]
)
def test_an_output_of_another_kind_is_named(key: str, value: object):
    with pytest.raises(PipelineError, match=f"the output {key} is not what this program exports"):
        outputs(**{key: value})


def test_the_outputs_of_a_stack_come_from_the_cli(pulumi: Any, tmp_path: Path):
    written(tmp_path, dict(exports()))
    pulumi(f'case "$*" in *"stack output"*) cat {tmp_path}/outputs.json;; esac')
    assert read("dev", None) == outputs()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo \"error: no stack named 'dev' found\" >&2; exit 1", "there is no such stack.*pulumi stack ls"),
        (
            "echo SECRETOUTPUT; echo 'error: passphrase must be set' >&2; exit 255",
            "cannot read the outputs: passphrase must be set. Log in",
        ),
    ],
)
def test_a_refusal_of_the_cli_is_told_in_one_line(pulumi: Any, script: str, said: str):
    pulumi(script)
    with pytest.raises(PipelineError, match=said) as refused:
        read("dev", None)
    assert "SECRETOUTPUT" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_machine_without_the_cli_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PipelineError, match=r"no `pulumi` on the path: install it .* or give --outputs FILE"):
        read("dev", None)
