"""The state machine that keeps the lake's tables: which statement is run when, in Amazon States Language. Pure.

A run takes all tables, some at a time, and no table's failure stops another's: what failed is told at the end. For each
it makes the table if it is not there or was described otherwise, asks it where to read on, and merges. With the input
``{"task": "maintain"}`` it merges all that something may still have come to, however late, and also sweeps, packs and
vacuums. With ``{"from": "2026-11-01"}`` it reads the log again from
that day on, whatever the table says; with ``{"from": ""}`` all of it.

Only one run is there at a time: one that finds an older one stops itself, and maintenance waits for it. If the list of
runs was not right, two overlap: Iceberg then commits one of them, and the other is tried again, which changes nothing.
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from documents.lake_tables import KeptTable
from documents.versions import BEFORE, FROM_DT, FROM_HR

_SIDE_BY_SIDE = 4
"""Tables that are merged at a time; an account has 20 statements at least.
https://docs.aws.amazon.com/athena/latest/ug/service-limits.html"""
_LONGEST_SECONDS = 43_200
"""Of a run: the first one reads the whole log."""
_WAIT_SECONDS = 60
_STATES = "arn:aws:states:::"
_ME = "$states.context.Execution.Id"
_State = dict[str, Any]
_RETRY: _State = {
    "ErrorEquals": ["States.ALL"],
    "IntervalSeconds": 10,
    "MaxAttempts": 2,
    "BackoffRate": 3,
    "JitterStrategy": "FULL",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the tables are, and who runs the statements."""

    database: str
    workgroup: str
    rebuilds: bool
    """Whether the log has all that the tables have, so that one that was described otherwise is built anew."""


def item(table: KeptTable, create_id: str, merge_id: str) -> dict[str, str]:
    """What a run must know of a table: its statements, two of them by the ids of saved queries."""
    return {
        "name": table.name,
        "create": create_id,
        "merge": merge_id,
        "form": table.form,
        "start": table.start,
        "sweep": table.sweep,
    }


def definition(items: Sequence[Mapping[str, str]], place: Place) -> dict[str, Any]:
    """The state machine over ``items``, which ``item`` makes."""
    return {
        "Comment": "Keeps the lake's Iceberg tables",
        "QueryLanguage": "JSONata",
        "TimeoutSeconds": _LONGEST_SECONDS,
        "StartAt": "List runs",
        "States": {**_one_at_a_time(), **_all_tables(items, place)},
    }


def _one_at_a_time() -> dict[str, _State]:
    arguments = {"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"}
    runs = "$states.result.Executions"  # the newest first
    return {
        "List runs": {
            **_task("aws-sdk:sfn:listExecutions", arguments, "Is it alone?"),
            "Assign": {"alone": f"{{% $count({runs}) = 0 or {runs}[-1].ExecutionArn = {_ME} %}}"},
        },
        "Is it alone?": {
            "Type": "Choice",
            "Choices": [
                {"Condition": "{% $alone %}", "Next": "Keep the tables"},
                {"Condition": f"{{% {_is_maintenance()} %}}", "Next": "Wait for the other"},
            ],
            "Default": "Stop",
        },
        "Wait for the other": {"Type": "Wait", "Seconds": _WAIT_SECONDS, "Next": "List runs"},
        # Not as a success, for which the alarm on late tables looks, nor as a failure.
        "Stop": _task("aws-sdk:sfn:stopExecution", {"ExecutionArn": f"{{% {_ME} %}}"}, "Stopped"),
        "Stopped": {"Type": "Succeed"},
    }


def _all_tables(items: Sequence[Mapping[str, str]], place: Place) -> dict[str, _State]:
    failed = "$states.input[failed]"
    return {
        "Keep the tables": {
            "Type": "Map",
            "Items": list(items),
            "MaxConcurrency": _SIDE_BY_SIDE,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Begin",
                "States": {**_form(place), **_merge(place), **_maintenance(place), **_ends()},
            },
            "Next": "Did all succeed?",
        },
        "Did all succeed?": {
            "Type": "Choice",
            "Choices": [{"Condition": f"{{% $count({failed}) > 0 %}}", "Next": "Failed"}],
            "Default": "Kept",
        },
        "Failed": {
            "Type": "Fail",
            "Error": "TablesFailed",
            "Cause": f"{{% $join({failed}.(name & ': ' & cause), '; ') %}}",
        },
        "Kept": {"Type": "Succeed"},
    }


def _form(place: Place) -> dict[str, _State]:
    """Is the table there, and as it is described? Its form is part of its location."""
    wanted = {"DatabaseName": place.database, "Name": "{% $table.name %}"}
    found = "{% $contains($states.result.Table.StorageDescriptor.Location, '/' & $table.form) %}"
    otherwise: _State = {
        "Type": "Pass",
        "Output": {
            "failed": True,
            "name": "{% $table.name %}",
            "cause": "it is described otherwise now, and the log has not all of its rows any more (lakeExpiryDays). "
            "Drop it, and the next run makes it of what the log has",
        },
        "End": True,
    }
    drop = f"'DROP TABLE IF EXISTS `{place.database}`.`' & $table.name & '`'"
    return {
        "Begin": {"Type": "Pass", "Assign": {"table": "{% $states.input %}"}, "Next": "Look at the table"},
        "Look at the table": {
            **_task("aws-sdk:glue:getTable", wanted, "Is it as described?"),
            "Assign": {"described": found},
            "Retry": [{"ErrorEquals": ["Glue.EntityNotFoundException"], "MaxAttempts": 0}, _RETRY],
            "Catch": [{"ErrorEquals": ["Glue.EntityNotFoundException"], "Next": "Read its definition"}, *_caught()],
        },
        "Is it as described?": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $described %}", "Next": "Ask where to read on"}],
            "Default": "Drop it" if place.rebuilds else "Described otherwise",
        },
        **({} if place.rebuilds else {"Described otherwise": otherwise}),
        **({"Drop it": _statement(place, drop, "Read its definition")} if place.rebuilds else {}),
        "Read its definition": {
            **_task("aws-sdk:athena:getNamedQuery", {"NamedQueryId": "{% $table.create %}"}, "Make it"),
            "Catch": _caught(),
            "Assign": {"sql": "{% $states.result.NamedQuery.QueryString %}"},
        },
        "Make it": _statement(place, "$sql", "Ask where to read on"),
    }


def _merge(place: Place) -> dict[str, _State]:
    rows = "$states.result.ResultSet.Rows"  # the first one has the names
    answer = {
        name: f"{{% $count({rows}) > 1 ? {rows}[1].Data[{number}].VarCharValue : '' %}}"
        for number, name in enumerate(("from_dt", "from_hr", "before"))
    }
    query = {"QueryExecutionId": "{% $states.input.QueryExecution.QueryExecutionId %}"}
    asked = "$states.context.Execution.Input.from"
    night = _is_maintenance()
    day = f"$exists({asked}) ? {asked} : ({night}) ? $substring($before, 0, 10) : $from_dt"
    hour = f"$exists({asked}) or ({night}) ? '' : $from_hr"
    text = f"$replace($replace($states.result.NamedQuery.QueryString, '{FROM_DT}', {day}), '{FROM_HR}', {hour})"
    return {
        "Ask where to read on": _statement(place, "$table.start", "Read the answer"),
        "Read the answer": {
            **_task("athena:getQueryResults", query, "Read its MERGE"),
            "Catch": _caught(),
            "Assign": answer,
        },
        "Read its MERGE": {
            **_task("aws-sdk:athena:getNamedQuery", {"NamedQueryId": "{% $table.merge %}"}, "Merge"),
            "Catch": _caught(),
            "Assign": {"sql": f"{{% {text} %}}"},
        },
        "Merge": _statement(place, "$sql", "Is it maintenance?"),
        "Is it maintenance?": {
            "Type": "Choice",
            "Choices": [{"Condition": f"{{% {_is_maintenance()} %}}", "Next": "Sweep"}],
            "Default": "Done",
        },
    }


def _maintenance(place: Place) -> dict[str, _State]:
    sweep = f"$replace($table.sweep, '{BEFORE}', $before)"
    name = f"{place.database}.' & $table.name"
    return {
        "Sweep": _statement(place, sweep, "Pack"),
        "Pack": _statement(place, f"'OPTIMIZE {name} & ' REWRITE DATA USING BIN_PACK'", "Vacuum"),
        "Vacuum": _statement(place, f"'VACUUM {name}", "Done"),
    }


def _ends() -> dict[str, _State]:
    cause = "{% $states.input.Error & ' ' & $substring($states.input.Cause, 0, 300) %}"
    return {
        "Done": {"Type": "Pass", "Output": {"name": "{% $table.name %}"}, "End": True},
        "Broken": {
            "Type": "Pass",
            "Output": {"failed": True, "name": "{% $table.name %}", "cause": cause},
            "End": True,
        },
    }


def _is_maintenance() -> str:
    return "$exists($states.context.Execution.Input.task) and $states.context.Execution.Input.task = 'maintain'"


def _statement(place: Place, sql: str, then: str) -> _State:
    """A task that has Athena run ``sql``, an expression, and waits for it."""
    arguments = {"QueryString": f"{{% {sql} %}}", "WorkGroup": place.workgroup}
    return {**_task("athena:startQueryExecution.sync", arguments, then), "Catch": _caught()}


def _task(resource: str, arguments: Mapping[str, Any], then: str) -> _State:
    """Whatever it asks may be asked again: another try of what was done changes nothing."""
    return {
        "Type": "Task",
        "Resource": f"{_STATES}{resource}",
        "Arguments": dict(arguments),
        "Retry": [_RETRY],
        "Next": then,
    }


def _caught() -> list[_State]:
    return [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Broken"}]
