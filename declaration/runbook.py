"""The page of ``docs/runbook.md``: what each alarm and each event means, made of the tables that declare them."""

from __future__ import annotations

from collections.abc import Iterable

from documents.watch_alarms import CONDITIONS, PERIOD_SECONDS, THRESHOLDS, WINDOWS, Alarm
from documents.watch_events import DATABASE_EVENTS, DATABASE_EVENTS_PAGE, EVENTS, DatabaseEvents, Event
from documents.watch_table import WATCHES, Watch


def runbook() -> str:
    """Markdown: a heading for each alarm, in the order of a row's way, then one for each event."""
    parts = [
        *(part for watch in WATCHES for part in _alarm(watch)),
        *(part for event in EVENTS for part in _event(event)),
        *(part for event in DATABASE_EVENTS for part in _database_event(event)),
    ]
    return "\n\n".join(parts)


def _alarm(watch: Watch) -> Iterable[str]:
    yield from _head(watch, watch.look)
    yield f"*Over* when: {watch.over}"
    silence = "is an alarm" if watch.silence == "stopped" else "is no alarm"
    yield _listed(
        f"{_metric(watch)} ([page]({watch.page}))",
        f"fires {_when(watch)}",
        f"no data {silence}: {watch.why}",
        f"declared {CONDITIONS[watch.only].says}" if watch.only else "",
        f"unverified: {watch.unverified}" if watch.unverified else "",
    )


def _head(told: Watch | Event | DatabaseEvents, look: str) -> Iterable[str]:
    yield f"## {told.name}"
    yield f"**{told.first}** {told.means}"
    yield f"```sh\n{look}\n```"


def _metric(watch: Watch) -> str:
    metric = f"{watch.statistic} of `{watch.metric}` in `{watch.namespace or 'cdc-lake-<stack>'}`"
    return f"{metric} by {' and '.join(f'`{it}`' for it in watch.dimensions)}" if watch.dimensions else metric


def _when(watch: Watch) -> str:
    threshold = THRESHOLDS[watch.threshold]
    alarm = Alarm(watch=watch, value=0, stack="")
    side = "above" if alarm.unusual or not watch.below else "below"
    time = WINDOWS[watch.window].says if watch.window else f"{watch.periods * PERIOD_SECONDS // 60} minutes"
    value = threshold.says if alarm.unusual else f"{side} {threshold.says} ({threshold.unit})"
    return f"{value}, for {time}"


def _event(event: Event) -> Iterable[str]:
    yield from _head(event, event.look)
    yield f"*Over* when: {event.over}"
    types = ", ".join(f"`{it}`" for it in event.detail_types)
    ids = ", ".join(f"`{it}` ({means})" for it, means in event.event_ids.items())
    yield _listed(
        f"EventBridge: {types} of `{event.source}` ([page]({event.page}))",
        f"ids: {ids}" if ids else "",
        f"declared {CONDITIONS[event.only].says}" if event.only else "",
        f"unverified: {event.unverified}" if event.unverified else "",
    )


def _database_event(event: DatabaseEvents) -> Iterable[str]:
    yield from _head(event, f"aws rds describe-events --source-type {event.source_type} --duration 1440")
    yield _listed(
        f"events of RDS, `{event.source_type}`: {', '.join(event.categories)} ([page]({DATABASE_EVENTS_PAGE}))",
        f"Security Hub asks for it: {event.control}",
        f"declared {CONDITIONS['own database'].says}",
    )


def _listed(*items: str) -> str:
    return "\n".join(f"* {item}" for item in items if item)
