"""Rules on the promise, on the heartbeat and on who is told: what their keys must agree on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from configuration.aws_names import region_of
from configuration.rule import Rule
from documents import heartbeat

_MINUTES_OF_A_DAY = 24 * 60
_DMS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_"
_AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
_SELECTIONS = _DMS + "Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Selections.html"


def _outlives(v: Mapping[str, Any], key: str) -> bool:
    """Whether two thirds of a retention are left to mend something, when the first alarm says that a row is late."""
    return v[key] * 60 >= 3 * v["freshnessMinutes"]


_TOO_LATE = "it is less than three times freshnessMinutes, so changes could be lost before anybody who is told can act"


# fmt: off
WATCH_CONTRADICTIONS: tuple[Rule, ...] = (
    Rule("buffer within the promise", "bufferIntervalSeconds",
         lambda v: v["bufferIntervalSeconds"] < v["freshnessMinutes"] * 60,
         "a row may wait in the buffer for as long as freshnessMinutes promises it in the lake, or longer",
         "lower it, or promise more minutes",
         "https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html"),
    Rule("stream outlives a late alarm", "streamRetentionHours", lambda v: _outlives(v, "streamRetentionHours"),
         _TOO_LATE, "raise it, or promise less minutes",
         "https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html"),
    Rule("binlog outlives a late alarm", "binlogRetentionHours", lambda v: _outlives(v, "binlogRetentionHours"),
         _TOO_LATE, "raise it, or promise less minutes",
         _DMS + "Source.MySQL.html"),
    Rule("heartbeat by the Data API", "heartbeatMinutes",
         lambda v: not v["heartbeatMinutes"] or (v["databaseMode"], v["sqlBootstrap"]) == ("own", "auto"),
         "the RDS Data API writes it, as a user that sqlBootstrap auto makes in a database of this program's own",
         "set it to 0, let an administrator make the table and the event of docs/operating.md, and name that table in "
         "tables",
         _AURORA + "data-api.html"),
    Rule("heartbeat within the promise", "heartbeatMinutes",
         lambda v: v["heartbeatMinutes"] <= v["freshnessMinutes"],
         "an idle database would be silent for longer than freshnessMinutes, so nobody could tell whether that is kept",
         "beat more often, or promise more minutes",
         "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"),
    Rule("silence within a day", "heartbeatMinutes",
         lambda v: not v["heartbeatMinutes"] or v["heartbeatMinutes"] + v["freshnessMinutes"] <= _MINUTES_OF_A_DAY,
         "CloudWatch looks back for a day at most, and silence is told after heartbeatMinutes and freshnessMinutes",
         "beat more often, promise less minutes, or set it to 0",
         "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"),
    Rule("heartbeat is followed", "heartbeatMinutes",
         lambda v: not v["heartbeatMinutes"] or v["migrationType"] != "full-load",
         "a task that only loads carries no beat into the lake", "set it to 0, or migrationType to full-load-and-cdc",
         _DMS + "Task.CDC.html"),
    Rule("table of the heartbeat", "tables",
         lambda v: not v["heartbeatMinutes"] or not any(one.meets(heartbeat.TABLE) for one in v["tables"]),
         f"a pattern finds {heartbeat.TABLE}, the heartbeat's own table, which is captured without being listed",
         "take it out, write a pattern that does not find it, or set heartbeatMinutes to 0",
         _SELECTIONS),
    Rule("heartbeat is captured", "excludeTables",
         lambda v: not v["heartbeatMinutes"] or not any(
             one.matches(heartbeat.TABLE.schema, heartbeat.TABLE.table) for one in v["excludeTables"]),
         f"a pattern excludes {heartbeat.TABLE}, so the heartbeat would not be heard",
         "write one that does not find it, or set heartbeatMinutes to 0",
         _SELECTIONS),
    Rule("user of the heartbeat", "captureUsername",
         lambda v: not v["heartbeatMinutes"] or v["captureUsername"] != heartbeat.USER,
         "the heartbeat's user has that name, and DMS must not read as a user that writes", "choose another name",
         _DMS + "Source.MySQL.html"),
    Rule("one kind of recipient", "alarmEmails", lambda v: not (v["alarmEmails"] and v["alarmTopicArn"]),
         "with alarmTopicArn there is no topic of this program to subscribe to",
         "subscribe the addresses to that topic yourself, or remove alarmTopicArn",
         "https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html"),
    Rule("suspended and told", "onTableError",
         lambda v: v["onTableError"] == "stop" or bool(v["alarmEmails"] or v["alarmTopicArn"]),
         "a table would be left out of the lake, and nobody told", "name somebody in alarmEmails, or set it to stop",
         _DMS + "Tasks.CustomizingTasks.TaskSettings.ErrorHandling.html"),
    Rule("topic of the Region", "alarmTopicArn", lambda v: region_of(v["alarmTopicArn"]) in ("", v["aws:region"]),
         "CloudWatch and EventBridge publish to topics of their own Region only", "name a topic of aws:region",
         "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html"),
)
# fmt: on
