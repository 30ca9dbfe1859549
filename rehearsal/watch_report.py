"""The part of the report that tells of latency, the promise and the alarms: lines for people, JSON for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit import percentile
from rehearsal.play.alarms import Judged, State, Watched

_PERCENTS = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}


def lines(latencies: list[float], watched: Watched, *, equal: bool) -> Iterator[str]:
    """The lines for people. ``latencies`` are seconds, ascending; ``equal`` is the audit's verdict."""
    if not latencies:
        yield "latency: not measured: no change in the lake tells when it was committed"
    elif latencies[0] < 0:
        yield "latency: not measured: there are commits later than their delivery, so the source's clock is ahead"
    else:
        figures = ", ".join(f"{name} {value:.1f} s" for name, value in _percentiles(latencies).items())
        yield (
            f"latency, commit to lake: {figures}, of {len(latencies):,} changes in the lake "
            "(up to 1 s less: commits have whole seconds; load rows have no commit)"
        )
        yield _promise(latencies, watched, equal=equal)
    yield from _alarms(watched)


def as_json(latencies: list[float], watched: Watched) -> dict[str, Any]:
    """The same, as JSON can hold it."""
    known = bool(latencies) and latencies[0] >= 0
    return {
        "latency": {"changes": len(latencies), "seconds": _percentiles(latencies) if known else None},
        "promiseSeconds": watched.promise_seconds,
        "bufferSeconds": watched.buffer_seconds,
        "watchedSeconds": watched.seconds,
        "alarms": [_alarm_json(judged) for judged in watched.alarms],
    }


def _percentiles(latencies: list[float]) -> dict[str, float]:
    return {name: percentile(latencies, percent) for name, percent in _PERCENTS.items()}


def _promise(latencies: list[float], watched: Watched, *, equal: bool) -> str:
    """Whether the promise is kept, here and with the declared buffer, in which a row may wait for longer than here.

    What is not in the lake has no latency, so of a lake that is not the source nobody can say that it is kept.
    """
    promise, buffer = watched.promise_seconds, watched.buffer_seconds
    if promise is None:
        return "promise: none, for no alarm is declared on DeliveryToS3.DataFreshness"
    said = f"promise: {_number(promise / 60)} min"
    late = sum(seconds > promise for seconds in latencies)
    if late:
        return f"{said}: NOT KEPT for {late:,} of {len(latencies):,} changes"
    if not equal:
        return f"{said}: not judged: the lake is not the source, and what is missing is not in time"
    if latencies[-1] + buffer > promise:
        return f"{said}: kept here, but not if the slowest change waits {buffer} s more in the declared buffer"
    return f"{said}: kept, also if the slowest change waits {buffer} s more in the declared buffer"


def _alarms(watched: Watched) -> Iterator[str]:
    by_state = {state: [it for it in watched.alarms if it.state is state] for state in State}
    fires, over, quiet, unjudged = by_state.values()
    if not watched.alarms:
        yield "alarms: none are declared"
        return
    fired = ", ".join(map(_beyond, fires)) or "none"
    yield (
        f"alarms that would have fired in these {watched.seconds:.0f} s, not scaled: {fired} "
        f"({len(over)} over the line, {len(quiet)} quiet, {len(unjudged)} not judged)"
    )
    for lasting in dict.fromkeys(map(_lasting, over)):
        names = ", ".join(_beyond(it) for it in over if _lasting(it) == lasting)
        yield f"over the line, and fires if that lasts for {lasting / 60:.0f} min: {names}"
    for one in watched.alarms:
        if one.silent_seconds and one.state is not State.FIRES:
            after = f"fires after {_lasting(one) / 60:.0f} min without any"
            yield f"no data for {one.silent_seconds:.1f} s: {one.alarm.name} {after}"
    for why in dict.fromkeys(it.why for it in unjudged):
        yield f"not judged: {', '.join(it.alarm.name for it in unjudged if it.why == why)}: {why}"


def _beyond(judged: Judged) -> str:
    alarm, figure = judged.alarm, judged.figure
    if figure is None or alarm.threshold is None:
        return alarm.name
    if judged.silent_seconds >= _lasting(judged):
        return f"{alarm.name} (no data for {judged.silent_seconds:.0f} s)"
    return f"{alarm.name} ({_number(figure)} {_SIGNS[alarm.comparison]} {_number(alarm.threshold)})"


def _alarm_json(judged: Judged) -> dict[str, Any]:
    alarm = judged.alarm
    return {
        "name": alarm.name,
        "metric": f"{alarm.namespace} {alarm.metric}",
        "state": judged.state.value,
        "figure": judged.figure,
        "threshold": alarm.threshold,
        "comparison": alarm.comparison,
        "periodSeconds": alarm.period_seconds,
        "periods": alarm.periods,
        "silentSeconds": judged.silent_seconds,
        "why": judged.why,
    }


def _lasting(judged: Judged) -> int:
    """For how many seconds something must be wrong before the alarm fires."""
    return judged.alarm.periods * judged.alarm.period_seconds


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
