"""The picture of the pipeline as declared: components as boxes, the way of the data as arrows.

Arrows are not drawn from memory: each follows a reference from one resource's input to another's ARN.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from declaration import svg
from declaration.model import Declaration, Resource

CLUSTER = "aws:rds/cluster:Cluster"
ENDPOINT = "aws:dms/endpoint:Endpoint"
TASK = "aws:dms/replicationTask:ReplicationTask"
SERVERLESS = "aws:dms/replicationConfig:ReplicationConfig"
STREAM = "aws:kinesis/stream:Stream"
DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
BUCKET = "aws:s3/bucket:Bucket"
DATABASE = "aws:glue/catalogDatabase:CatalogDatabase"
TABLE = "aws:glue/catalogTable:CatalogTable"

WIDTH, HEIGHT, GAP, PAD, TOP = 272, 64, 56, 16, 78


@dataclass(frozen=True)
class Node:
    """A resource through which data flows."""

    resource: Resource
    title: str
    facts: tuple[str, ...]


def graph(declaration: Declaration) -> str:
    """An SVG document."""
    flow = list(dict.fromkeys(_flow(declaration)))
    nodes = _ordered(declaration, flow)
    columns: dict[str, list[Node]] = {}
    for node in nodes:
        columns.setdefault(_component(declaration, node.resource), []).append(node)
    places, frames = _layout(columns)
    width = PAD + len(columns) * (WIDTH + 2 * PAD + GAP) - GAP + PAD
    height = TOP + max(len(column) for column in columns.values()) * (HEIGHT + GAP) - GAP + 3 * PAD
    beside = [part for part in declaration.resources if not part.custom and not part.parent and part.urn not in columns]
    notes = [line for part in beside for line in textwrap.wrap(_summary(declaration, part), width // 7)]
    body = [
        _text(PAD, 28, f"{declaration.project}, stack {declaration.stack}", "title"),
        *(_frame(declaration, urn, *frames[urn]) for urn in columns),
        *(_arrow(places[start], places[end]) for start, end in flow if start in places and end in places),
        *(_box(node, *places[node.resource.urn]) for node in nodes),
        *(_text(PAD, height + 20 + 20 * row, line, "note") for row, line in enumerate(notes)),
    ]
    return _document(width, height + 24 + 20 * len(notes), body)


def _flow(declaration: Declaration) -> Iterator[tuple[str, str]]:
    """Pairs of URNs: data goes from the first to the second."""
    arns = {value: part for part in declaration.resources for key, value in part.outputs.items()
            if key in ("arn", "endpointArn") and isinstance(value, str)}  # fmt: skip

    def behind(arn: Any) -> str:
        return arns[arn].urn if arn in arns else ""

    for endpoint in declaration.all(ENDPOINT):
        if endpoint.inputs.get("endpointType") == "source":
            for cluster in declaration.all(CLUSTER):
                if declaration.happens_before(cluster, endpoint):
                    yield cluster.urn, endpoint.urn
        yield endpoint.urn, behind(endpoint.inputs.get("kinesisSettings", {}).get("streamArn"))
    for task in (*declaration.all(TASK), *declaration.all(SERVERLESS)):
        yield behind(task.inputs.get("sourceEndpointArn")), task.urn
        yield task.urn, behind(task.inputs.get("targetEndpointArn"))
    for delivery in declaration.all(DELIVERY):
        yield behind(delivery.inputs.get("kinesisSourceConfiguration", {}).get("kinesisStreamArn")), delivery.urn
        yield delivery.urn, behind(delivery.inputs.get("extendedS3Configuration", {}).get("bucketArn"))
    buckets = {part.outputs["bucket"]: part.urn for part in declaration.all(BUCKET)}
    databases = {part.outputs["name"]: part.urn for part in declaration.all(DATABASE)}
    for table in declaration.all(TABLE):
        location = table.inputs["storageDescriptor"].get("location")
        if location:  # a view has none
            yield buckets[location.split("/")[2]], databases[table.inputs["databaseName"]]


def _ordered(declaration: Declaration, flow: list[tuple[str, str]]) -> list[Node]:
    """The resources on the way, each after what feeds it."""
    ordered: list[str] = []

    def visit(urn: str) -> None:
        for start, end in flow:
            if end == urn and start not in ordered:
                visit(start)
        if urn and urn not in ordered:
            ordered.append(urn)

    for _, end in flow:
        visit(end)
    found = (declaration.find(urn) for urn in ordered)
    return [Node(part, *_describe(declaration, part)) for part in found if part is not None]


def _component(declaration: Declaration, resource: Resource) -> str:
    """URN of the outermost component that ``resource`` is in."""
    parent = declaration.find(resource.parent) if resource.parent else None
    return _component(declaration, parent) if parent else resource.urn


def _describe(declaration: Declaration, resource: Resource) -> tuple[str, tuple[str, ...]]:
    if resource.type == CLUSTER:
        return "Aurora MySQL", (str(resource.inputs.get("engineVersion")), _binlog(declaration, resource))
    if resource.type == DATABASE:
        return "Athena", (str(resource.inputs.get("name")), f"{_views(declaration, resource)} views")
    title, facts = _DESCRIPTIONS[resource.type]
    return title, tuple(facts(resource.inputs))


def _binlog(declaration: Declaration, cluster: Resource) -> str:
    for group in declaration.all("aws:rds/clusterParameterGroup:ClusterParameterGroup"):
        if group.outputs["name"] == cluster.inputs.get("dbClusterParameterGroupName"):
            values = {item["name"]: item["value"] for item in group.inputs.get("parameters", ())}
            return f"binlog_format={values.get('binlog_format', 'OFF')}"
    return "binlog_format=OFF"


def _views(declaration: Declaration, database: Resource) -> int:
    tables = [it for it in declaration.all(TABLE) if it.inputs["databaseName"] == database.outputs["name"]]
    return sum(it.inputs["tableType"] == "VIRTUAL_VIEW" for it in tables)


def _delivery_facts(inputs: Mapping[str, Any]) -> list[str]:
    target = inputs.get("extendedS3Configuration", {})
    return [
        f"{target.get('bufferingSize')} MB or {target.get('bufferingInterval')} s, {target.get('compressionFormat')}",
        str(target.get("prefix")),
    ]


_DESCRIPTIONS: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], list[str]]]] = {
    ENDPOINT: ("DMS endpoint", lambda i: [f"{i.get('endpointType')}: {i.get('engineName')}",
                                          str(i.get("kinesisSettings", {}).get("messageFormat") or i.get("sslMode"))]),
    TASK: ("DMS task", lambda i: [str(i.get("migrationType"))]),
    SERVERLESS: ("DMS Serverless", lambda i: [str(i.get("replicationType"))]),
    STREAM: ("Kinesis stream", lambda i: [str(i.get("streamModeDetails", {}).get("streamMode")),
                                          f"kept for {i.get('retentionPeriod')} h"]),
    DELIVERY: ("Firehose", _delivery_facts),
    BUCKET: ("S3 lake", lambda _: []),
}  # fmt: skip


def _layout(columns: Mapping[str, list[Node]]) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    """Top left corners of the nodes by URN, and (left edge, number of nodes) of the frames by URN."""
    places, frames = {}, {}
    for column, (urn, nodes) in enumerate(columns.items()):
        left = PAD + column * (WIDTH + 2 * PAD + GAP)
        frames[urn] = (left, len(nodes))
        for row, node in enumerate(nodes):
            places[node.resource.urn] = (left + PAD, TOP + PAD + row * (HEIGHT + GAP))
    return places, frames


def _frame(declaration: Declaration, urn: str, left: int, count: int) -> str:
    component = declaration.find(urn)
    name = component.type.rsplit(":", 1)[-1] if component else "program"
    height = count * (HEIGHT + GAP) - GAP + 2 * PAD
    return f'<rect class="frame" x="{left}" y="{TOP}" width="{WIDTH + 2 * PAD}" height="{height}" rx="10"/>' + _text(
        left + 4, TOP - 10, name, "component"
    )


def _box(node: Node, x: int, y: int) -> str:
    lines = "".join(_text(x + 10, y + 38 + 17 * row, fact, "fact") for row, fact in enumerate(node.facts))
    return (
        f'<rect class="node" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        + _text(x + 10, y + 20, node.title, "name")
        + lines
    )


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x1, y1), (x2, y2) = start, end
    if x1 == x2:
        middle = x1 + WIDTH // 2
        return f'<path class="flow" d="M{middle} {y1 + HEIGHT} L{middle} {y2 - 4}"/>'
    start_y, end_y, bend = y1 + HEIGHT // 2, y2 + HEIGHT // 2, x2 - PAD - GAP // 2
    return f'<path class="flow" d="M{x1 + WIDTH} {start_y} H{bend} V{end_y} H{x2 - 4}"/>'


def _summary(declaration: Declaration, component: Resource) -> str:
    children = [part for part in declaration.resources if part.parent == component.urn]
    kinds = sorted({part.type.rsplit(":", 1)[-1] for part in children})
    counted = ", ".join(f"{sum(part.type.endswith(':' + kind) for part in children)} {kind}" for kind in kinds)
    return f"{component.type.rsplit(':', 1)[-1]}: {counted}"


def _text(x: int, y: int, text: str, style: str) -> str:
    return svg.text(x, y, text if style in ("title", "note") or len(text) <= 38 else text[:37] + "…", style)


def _document(width: int, height: int, body: list[str]) -> str:
    style = (
        "text{font-family:system-ui,sans-serif;fill:#1f2933}.title{font-size:18px;font-weight:600}"
        ".component{font-size:14px;font-weight:600}.name{font-size:13px;font-weight:600}"
        ".fact{font-size:11px;font-family:ui-monospace,monospace;fill:#52606d}.note{font-size:12px;fill:#52606d}"
        ".frame{fill:#f5f7fa;stroke:#9aa5b1}.node{fill:#fff;stroke:#2f6f9f;stroke-width:1.5}"
        ".flow{fill:none;stroke:#2f6f9f;stroke-width:2;marker-end:url(#tip)}"
    )
    tip = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#2f6f9f"/></marker></defs>'
    )
    return svg.document(width, height, style, body, tip)
