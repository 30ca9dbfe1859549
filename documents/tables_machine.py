"""The state machine that keeps the lake's tables: which statement is run when, in Amazon States Language. Pure.

A run takes all tables, some at a time, and no table's failure stops another's: what failed is told at the end. For each
it makes the table if it is not there, builds it anew or alters it if it was described otherwise, asks where to read
on, and merges. With ``{"task": "maintain"}`` as input it merges all hours to which anything may still come, and sweeps,
packs and vacuums. With ``{"from": "2026-11-01"}`` it reads from that day on; with ``{"from": ""}`` all of the log.

Only one run is there at a time: one that finds an older one stops itself, maintenance waits. If the list of runs was
not right, two overlap: Iceberg then commits one of them, and the other is tried again, which changes nothing.
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from documents.lake_tables import KeptTable
from documents.table_forms import alteration
from documents.versions import BEFORE, FROM_DT, FROM_HR

_SIDE_BY_SIDE = 4
"""Tables that are merged at a time; an account has 20 statements at least.
https://docs.aws.amazon.com/athena/latest/ug/service-limits.html"""
_LONGEST_SECONDS = 43_200
"""Of a run: the first one reads the whole log."""
_WAIT_SECONDS = 60
_ALTERATIONS = 50
"""Of a table in one run, at most."""
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
    """Whether the log has all that the tables have, so that one that was described otherwise is built anew; if not, it
    is altered."""


def item(table: KeptTable, create_id: str, merge_id: str, *, rebuilds: bool) -> dict[str, Any]:
    """What a run must know of a table: its statements, two of them by the ids of saved queries; what it is to be."""
    form = table.form
    columns = [{"name": name, "type": kind} for name, kind in form.columns.items()]
    return {
        "name": table.name,
        "create": create_id,
        "merge": merge_id,
        **({"form": form.folder} if rebuilds else {"form": form.identity, "columns": columns}),
        "start": table.start,
        "sweep": table.sweep,
    }


def definition(items: Sequence[Mapping[str, Any]], place: Place) -> dict[str, Any]:
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
        "Is it alone?": _choice({"$alone": "Keep the tables", _is_maintenance(): "Wait for the other"}, "Stop"),
        "Wait for the other": {"Type": "Wait", "Seconds": _WAIT_SECONDS, "Next": "List runs"},
        # Not as a success, for which the alarm on late tables looks, nor as a failure.
        "Stop": _task("aws-sdk:sfn:stopExecution", {"ExecutionArn": f"{{% {_ME} %}}"}, "Stopped"),
        "Stopped": {"Type": "Succeed"},
    }


def _all_tables(items: Sequence[Mapping[str, Any]], place: Place) -> dict[str, _State]:
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
        "Did all succeed?": _choice({f"$count({failed}) > 0": "Failed"}, "Kept"),
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
    alter = "" if place.rebuilds else alteration(place.database)
    return {
        "Begin": {
            "Type": "Pass",
            "Assign": {"table": "{% $states.input %}", "altered": 0},
            "Next": "Look at the table",
        },
        "Look at the table": {
            **_task("aws-sdk:glue:getTable", wanted, "Is it as described?"),
            "Assign": {"described": found, "alter": alter},
            "Retry": [{"ErrorEquals": ["Glue.EntityNotFoundException"], "MaxAttempts": 0}, _RETRY],
            "Catch": [{"ErrorEquals": ["Glue.EntityNotFoundException"], "Next": "Read its definition"}, *_caught()],
        },
        **(_built_anew(place) if place.rebuilds else _altered(place)),
        "Read its definition": {
            **_task("aws-sdk:athena:getNamedQuery", {"NamedQueryId": "{% $table.create %}"}, "Make it"),
            "Catch": _caught(),
            "Assign": {"sql": "{% $states.result.NamedQuery.QueryString %}"},
        },
        "Make it": _statement(place, "$sql", "Ask where to read on"),
    }


def _built_anew(place: Place) -> dict[str, _State]:
    drop = f"'DROP TABLE IF EXISTS `{place.database}`.`' & $table.name & '`'"
    return {
        "Is it as described?": _choice({"$described": "Ask where to read on"}, "Drop it"),
        "Drop it": _statement(place, drop, "Read its definition"),
    }


def _altered(place: Place) -> dict[str, _State]:
    ways = {
        "$described and $alter = ''": "Ask where to read on",
        f"$described and $altered < {_ALTERATIONS}": "Alter it",
    }
    cause = (
        "it is described otherwise now, ALTER TABLE does not make that of it, and the log has not all of its rows any "
        "more (lakeExpiryDays). Drop it, and the next run makes it of what the log has"
    )
    return {
        "Is it as described?": _choice(ways, "Described otherwise"),
        "Alter it": {**_statement(place, "$alter", "Look at the table"), "Assign": {"altered": "{% $altered + 1 %}"}},
        "Described otherwise": _failed(cause),
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
        "Is it maintenance?": _choice({_is_maintenance(): "Sweep"}, "Done"),
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
        "Broken": _failed(cause),
    }


def _failed(cause: str) -> _State:
    return {"Type": "Pass", "Output": {"failed": True, "name": "{% $table.name %}", "cause": cause}, "End": True}


def _is_maintenance() -> str:
    return "$exists($states.context.Execution.Input.task) and $states.context.Execution.Input.task = 'maintain'"


def _choice(ways: Mapping[str, str], otherwise: str) -> _State:
    """The first state of ``ways`` whose expression is true."""
    choices = [{"Condition": f"{{% {condition} %}}", "Next": to} for condition, to in ways.items()]
    return {"Type": "Choice", "Choices": choices, "Default": otherwise}


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
