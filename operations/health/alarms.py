"""The stack's alarms: which fire, and what they say to do first."""

from __future__ import annotations

from operations.health.look import Look
from operations.health.part import Part

RIGHTS = ("cloudwatch:DescribeAlarms",)
_PAGE = 100


def alarms(look: Look) -> Part:
    """What CloudWatch tells of the alarms that the stack declares."""
    part, names = Part("alarms"), look.operation.outputs.alarm_names
    found = part.ask(
        lambda: [
            it
            for start in range(0, len(names), _PAGE)
            for it in look.operation.clients.every(
                "cloudwatch", "describe_alarms", "MetricAlarms", AlarmNames=list(names[start : start + _PAGE])
            )
        ]
    )
    if found is None:
        return part
    firing = sorted((it for it in found if it["StateValue"] == "ALARM"), key=lambda it: names.index(it["AlarmName"]))
    silent = [it for it in found if it["StateValue"] == "INSUFFICIENT_DATA"]
    part.facts["firing"] = f"{len(firing)} of {len(names)}"
    if silent:
        part.facts["without data"] = str(len(silent))
    for it in firing:
        what, _, runbook = it.get("AlarmDescription", "").partition(" Stack ")
        page = runbook.rpartition("Runbook: ")[2] or "docs/runbook.md"
        part.wrong(f"the alarm {it['AlarmName']} fires: {what}", page, symptom=True)
    gone = sorted(set(names) - {it["AlarmName"] for it in found})
    if gone:
        part.wrong(f"alarms are gone: {', '.join(gone)}", "pulumi up --refresh", symptom=True)
    off = sorted(it["AlarmName"] for it in found if it.get("ActionsEnabled") is False)
    if off:
        part.wrong(f"alarms tell nobody: {', '.join(off)}", "pulumi up --refresh", symptom=True)
    return part
