"""What is made stands in the pages as it is made: tables, the picture, the message of a refusal."""

from __future__ import annotations

import re

import pytest
from pulumi import RunError

from declaration.dashboard import dashboard
from declaration.graph import graph
from declaration.runbook import runbook
from declaration.tables import configuration_table, rules_table
from tests.declared import declare
from tests.docs.pages import ROOT, page


def between_marks(name: str, command: str) -> str:
    text = page(name).text
    return text.split(f"<!-- made by `python -m declaration {command}` -->\n")[1].split("\n<!-- /made -->")[0]


def test_the_configuration_table_is_that_of_pulumi_yaml():
    made = between_marks("docs/configuration.md", "config")
    assert made == configuration_table(ROOT), "put the output of `python -m declaration config` between its marks"


def test_the_table_of_rules_is_that_of_the_code():
    made = between_marks("docs/rules.md", "rules")
    assert made == rules_table(), "put the output of `python -m declaration rules` between its marks"


def test_the_picture_is_that_of_the_dev_stack():
    drawn = (ROOT / "docs" / "pipeline.svg").read_text(encoding="utf-8")
    assert drawn == graph(declare("dev")), "python -m declaration graph --stack dev --out docs/pipeline.svg"


def test_the_dashboard_is_that_of_the_dev_stack():
    drawn = (ROOT / "docs" / "dashboard.svg").read_text(encoding="utf-8")
    assert drawn == dashboard(declare("dev")), "python -m declaration dashboard --stack dev --out docs/dashboard.svg"


def test_the_runbook_is_that_of_the_tables():
    made = between_marks("docs/runbook.md", "runbook")
    assert made == runbook(), "put the output of `python -m declaration runbook` between its marks"


def test_every_alarm_and_every_event_leads_to_its_place_in_the_runbook():
    places = page("docs/runbook.md").anchors
    mails = [it.inputs for it in declare("dev").resources if {"alarmDescription", "inputTransformer"} & set(it.inputs)]
    named = [it.get("alarmDescription") or it["inputTransformer"]["inputTemplate"] for it in mails]
    led = [re.findall(r"docs/runbook\.md#([a-z-]+)", text) for text in named]
    assert len(led) > 10
    assert [it for it in led if len(it) != 1 or it[0] not in places] == []


def test_the_refusal_that_is_shown_is_what_is_said():
    (shown,) = [block for kind, block in page("docs/rules.md").blocks if kind == "text"]
    with pytest.raises(RunError) as refused:
        declare("dev", config={"shardCount": -1, "tabels": ["shop.%"]})
    assert str(refused.value) == shown.rstrip("\n")
