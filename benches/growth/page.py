"""What was measured, for people: a table in Markdown, and a picture.

What is measured has a name in the JSON file: ``{"days": {"10": {"table": {"cpu_seconds": 0.02, "bytes": 497413}}}}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Figures = dict[str, float]
MEASURED = {
    "replayed": "current state by the log alone (`_replayed`)",
    "first": "first MERGE",
    "night": "MERGE of the night",
    "current": "current state, fresh (`_current`)",
    "hour": "MERGE of a new hour",
    "again": "the same MERGE again",
    "table": "all of the table",
    "key": "one key of the table",
}
GOALS = {"table": 1.5, "hour": 1.5, "current": 2.0}
"""From the second size to the last: how many times as much it may cost."""


def table(told: Mapping[str, Any]) -> str:
    """CPU seconds and megabytes, a column for each size, and how they grow from the last but one to the last."""
    sizes = _sizes(told)
    names = [name for name in MEASURED if any(name in told["days"][size] for size in sizes)]
    titles = [f"{int(size)} day{'s' * (size != '1')}, {_count(told, size)} records" for size in sizes]
    lines = [f"| CPU seconds; MB read | {' | '.join(titles)} | growth | goal |", "|---" * (len(titles) + 3) + "|"]
    for name in names:
        cells = [_cell(told["days"][size].get(name)) for size in sizes]
        goal = f"at most {GOALS[name]}" if name in GOALS else ""
        lines.append(f"| {MEASURED[name]} | {' | '.join(cells)} | {_growth(told, name)} | {goal} |")
    return "\n".join(lines)


def growth(told: Mapping[str, Any], name: str) -> tuple[float, ...]:
    """How many times as much CPU and bytes the last size takes as the one before it; empty where one is missing."""
    both = [told["days"][size][name] for size in _sizes(told)[-2:] if name in told["days"][size]]
    return tuple(both[1][what] / both[0][what] for what in ("cpu_seconds", "bytes")) if len(both) > 1 else ()


def picture(told: Mapping[str, Any], file: Path) -> None:
    """CPU seconds over records, both in powers of ten, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "growth", "font.family": "sans-serif"}
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for name, label in MEASURED.items():
        sizes = [size for size in _sizes(told) if name in told["days"][size]]
        seconds = [told["days"][size][name]["cpu_seconds"] for size in sizes]
        axes.plot([int(size) * told["records"] for size in sizes], seconds, marker="o", label=label.replace("`", ""))
    axes.set(xscale="log", yscale="log", xlabel="records in the log", ylabel="CPU seconds of Trino")
    counts = [int(size) * told["records"] for size in _sizes(told)]
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right center", frameon=False, fontsize="small")
    figure.savefig(file, metadata={"Date": told["date"], "Title": "What a table costs as its log grows"})


def _sizes(told: Mapping[str, Any]) -> Sequence[str]:
    return sorted(told["days"], key=int)


def _count(told: Mapping[str, Any], size: str) -> str:
    return f"{int(size) * told['records']:,}"


def _cell(figures: Figures | None) -> str:
    return f"{figures['cpu_seconds']:.2f}; {figures['bytes'] / 1e6:.1f}" if figures else "not measured"


def _growth(told: Mapping[str, Any], name: str) -> str:
    return "; ".join(f"{times:.1f}" for times in growth(told, name))
