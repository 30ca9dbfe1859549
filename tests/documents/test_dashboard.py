"""The dashboard's body: each alarm is on it, in the column of its hop, with its line."""

from __future__ import annotations

from typing import Any

import pytest

from configuration.watched import watched
from documents.dashboard import COLUMNS, body
from documents.watch_alarms import alarms
from documents.watch_table import WATCHES
from tests.configuration.loading import loaded

DIMENSIONS = {key: f"the {key}" for watch in WATCHES for key in watch.dimensions}


def widgets(**changes: Any) -> list[dict[str, Any]]:
    declared = alarms(watched(loaded(changes)))
    return body(declared, DIMENSIONS, [it.watch.name for it in declared], "eu-central-1")["widgets"]


def cells(widget: dict[str, Any]) -> set[tuple[int, int]]:
    left, top = widget["x"], widget["y"]
    return {(x, y) for x in range(left, left + widget["width"]) for y in range(top, top + widget["height"])}


@pytest.mark.parametrize(
    "changes",
    [{}, {"replicationMode": "serverless"}, {"partitionByTable": True, "bufferSizeMb": 64}, {"startTask": False}],
    ids=str,
)
def test_no_widget_lies_on_another_or_beside_the_page(changes: dict[str, Any]):
    taken: set[tuple[int, int]] = set()
    for widget in widgets(**changes):
        assert not taken & cells(widget), widget["properties"]
        taken |= cells(widget)
    assert {x for x, _ in taken} == set(range(COLUMNS))


def test_hops_stand_from_left_to_right_as_the_data_flows():
    heads = [it for it in widgets() if it["type"] == "text"]
    assert [it["properties"]["markdown"].strip("*") for it in heads] == [
        "Database",
        "Replication",
        "Stream",
        "Delivery",
    ]
    assert [it["x"] for it in heads] == [0, 6, 12, 18]


def test_each_alarm_is_a_line_of_its_chart_at_its_value():
    declared = alarms(watched(loaded({"freshnessMinutes": 7})))
    charts = {
        it["properties"]["title"]: it["properties"] for it in widgets(freshnessMinutes=7) if it["type"] == "metric"
    }
    for alarm in declared:
        chart = charts[alarm.watch.metric]
        metric, *band = chart["metrics"]
        assert metric[:2] == [alarm.watch.namespace, alarm.watch.metric]
        assert metric[2:-1] == [part for key in alarm.watch.dimensions for part in (key, DIMENSIONS[key])]
        values = [it["value"] for it in chart.get("annotations", {}).get("horizontal", [])]
        assert alarm.value in values or (alarm.unusual and band), alarm.watch.name
    promise = charts["DeliveryToS3.DataFreshness"]["annotations"]["horizontal"]
    assert promise == [{"label": "the promise in seconds", "value": 7 * 60}]


def test_one_widget_shows_the_state_of_every_alarm():
    (states,) = [it["properties"]["alarms"] for it in widgets() if it["type"] == "alarm"]
    assert states == [it.watch.name for it in alarms(watched(loaded()))]
