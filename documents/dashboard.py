"""The dashboard: one page that reads from left to right as the data flows, made of the same alarms. Pure.

Its form is that of https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from documents.watch_alarms import PERIOD_SECONDS, Alarm

COLUMNS = 24
"""Units of a dashboard's width."""
_STATUS, _HEAD, _CHART = 3, 1, 5
"""Heights: the state of all alarms, a hop's title, a metric."""


def body(alarms: Sequence[Alarm], dimensions: Mapping[str, Any], arns: Sequence[Any], region: str) -> dict[str, Any]:
    """The dashboard's body; ``arns`` are those of the alarms. Values may be outputs of resources."""
    hops = list(dict.fromkeys(it.watch.hop for it in alarms))
    width = COLUMNS // len(hops)
    widgets = [_widget("alarm", 0, 0, COLUMNS, _STATUS, {"title": "Alarms", "alarms": list(arns)})]
    for column, hop in enumerate(hops):
        left = column * width
        widgets.append(_widget("text", left, _STATUS, width, _HEAD, {"markdown": f"**{hop}**"}))
        for row, charted in enumerate(_by_metric([it for it in alarms if it.watch.hop == hop])):
            top = _STATUS + _HEAD + row * _CHART
            widgets.append(_widget("metric", left, top, width, _CHART, _chart(charted, dimensions, region)))
    return {"widgets": widgets}


def _by_metric(alarms: Sequence[Alarm]) -> Sequence[Sequence[Alarm]]:
    """Alarms on one metric stand in one chart."""
    found: dict[str, list[Alarm]] = {}
    for alarm in alarms:
        found.setdefault(alarm.watch.metric, []).append(alarm)
    return list(found.values())


def _chart(alarms: Sequence[Alarm], dimensions: Mapping[str, Any], region: str) -> dict[str, Any]:
    watch = alarms[0].watch
    named = [part for key in watch.dimensions for part in (key, dimensions[key])]
    metric = [alarms[0].namespace, watch.metric, *named, {"id": "measured"}]
    band = [{"expression": it.band} for it in alarms if it.unusual]
    lines = [{"label": it.watch.threshold, "value": it.value} for it in alarms if not it.unusual]
    return {
        "title": watch.metric,
        "view": "timeSeries",
        "region": region,
        "period": PERIOD_SECONDS,
        "stat": watch.statistic,
        "metrics": [metric, *([it] for it in band)],
        "yAxis": {"left": {"min": 0}},
        **({"annotations": {"horizontal": lines}} if lines else {}),
    }


def _widget(kind: str, x: int, y: int, width: int, height: int, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}
