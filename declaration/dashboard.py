"""The dashboard as declared, as a picture: its widgets where they stand, and its lines. No curves, for nothing ran."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from declaration.model import Declaration
from declaration.svg import document, text

DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
_ACROSS, _DOWN, _GAP, _TOP = 50, 34, 4, 44
"""Pixels of a dashboard's unit of width and of height, between widgets, and above them."""
_STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#1f2933}.title{font-size:18px;font-weight:600}"
    ".name{font-size:12px;font-weight:600}.fact{font-size:11px;fill:#52606d}.hop{font-size:14px;font-weight:600}"
    ".line{font-size:11px;fill:#b44d12}.widget{fill:#fff;stroke:#9aa5b1}.axis{fill:none;stroke:#cbd2d9}"
    ".limit{stroke:#b44d12;stroke-width:1.5;stroke-dasharray:5 3}"
)


def dashboard(declaration: Declaration) -> str:
    """An SVG document. LookupError where the stack declares none."""
    found = declaration.one(DASHBOARD)
    widgets = json.loads(found.inputs["dashboardBody"])["widgets"]
    width = max(it["x"] + it["width"] for it in widgets) * _ACROSS
    height = max(it["y"] + it["height"] for it in widgets) * _DOWN
    parts = [part for widget in widgets for part in _drawn(widget)]
    title = text(_GAP, 28, f"Dashboard {found.inputs['dashboardName']}", "title")
    return document(width, height + _TOP, _STYLE, [title, *parts])


def _drawn(widget: Mapping[str, Any]) -> Iterator[str]:
    left, top = widget["x"] * _ACROSS + _GAP, widget["y"] * _DOWN + _TOP
    right, bottom = left + widget["width"] * _ACROSS - 2 * _GAP, top + widget["height"] * _DOWN - _GAP
    properties = widget["properties"]
    if widget["type"] == "text":
        yield text(left, bottom - 8, properties["markdown"].strip("*# "), "hop")
        return
    yield f'<rect class="widget" x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" rx="4"/>'
    yield text(left + 8, top + 18, properties["title"], "name")
    if widget["type"] == "alarm":
        yield text(left + 8, top + 36, f"the state of {len(properties['alarms'])} alarms", "fact")
    else:
        yield from _chart(properties, left + 8, top + 24, right - 8, bottom - 8)


def _chart(properties: Mapping[str, Any], left: int, top: int, right: int, bottom: int) -> Iterator[str]:
    """Axes, and each line at its share of the largest value."""
    yield text(left, top + 10, f"{properties['stat']} of {properties['period'] // 60} minutes", "fact")
    yield f'<path class="axis" d="M{left} {top + 16} V{bottom} H{right}"/>'
    lines = properties.get("annotations", {}).get("horizontal", [])
    most = max([it["value"] for it in lines], default=0) or 1
    for line in lines:
        y = bottom - round((bottom - top - 40) * line["value"] / most)
        yield f'<path class="limit" d="M{left} {y} H{right}"/>'
        yield text(left + 6, y - 5, f"{line['label']}: {line['value']:,}", "line")
    if not lines:
        yield text(left + 6, (top + bottom) // 2 + 8, "a band around what is usual", "line")
