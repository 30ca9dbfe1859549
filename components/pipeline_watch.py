"""PipelineWatch: alarms on each hop of a row's way, and changes of state, told to one topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alarm_topic import AlarmTopic, AlarmTopicArgs
from components.captured_database import CapturedDatabase
from components.cdc_replication import CdcReplication
from components.data_key import DataKey
from components.heartbeat import Heartbeat
from components.lake_tables import LakeTables
from components.stream_to_lake import StreamToLake
from configuration.setting_groups import WatchSettings
from documents import dashboard, watch_events
from documents.canonical import canonical
from documents.watch_alarms import CONDITIONS, PERIOD_SECONDS, SUSPENDED, Alarm, Watched, alarms
from documents.watch_table import WATCHES


@dataclass(frozen=True, kw_only=True)
class PipelineWatchArgs:
    """Arguments of :class:`PipelineWatch`."""

    settings: WatchSettings
    """Who is told."""
    watched: Watched
    """What the stack is, as far as its alarms depend on it."""
    account_id: str
    """Account of the stack."""
    region: str
    """Region of the stack."""
    error_prefix: str
    """Folder of the lake bucket for what could not be delivered."""
    key: DataKey
    """Key of the topic."""
    database: CapturedDatabase
    """Where changes come from."""
    stream: StreamToLake
    """Stream and delivery."""
    replication: CdcReplication
    """The task, or the serverless replication."""
    heartbeat: Heartbeat | None
    """What changes a row while nothing else happens, if anything does."""
    tables: LakeTables | None
    """What keeps Iceberg tables, if anything does."""


class PipelineWatch(pulumi.ComponentResource):
    """A topic, unless the user has one; an alarm for each row of the table that the stack needs; rules on events."""

    topic_arn: pulumi.Output[str]
    alarm_names: pulumi.Output[list[str]]

    def __init__(self, name: str, args: PipelineWatchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:PipelineWatch", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.topic_arn = self._create_topic()
        if args.watched.suspends:
            self._count_suspended_tables()
        dimensions, found = self._dimensions(), alarms(args.watched)
        declared = [self._create_alarm(it, {key: dimensions[key] for key in it.watch.dimensions}) for it in found]
        self._create_dashboard(found, dimensions, [it.arn for it in declared])
        self._create_rules()
        if args.database.cluster_id is not None:
            self._create_database_events()
        self.alarm_names = pulumi.Output.all(*(it.name for it in declared))
        self.register_outputs({"topic_arn": self.topic_arn, "alarm_names": self.alarm_names})

    def _create_topic(self) -> pulumi.Output[str]:
        args = self._args
        if args.settings.alarm_topic_arn:
            return pulumi.Output.from_input(args.settings.alarm_topic_arn)
        topic = AlarmTopicArgs(emails=args.settings.alarm_emails, account_id=args.account_id, key=args.key)
        return AlarmTopic(f"{self._name}-alarms", topic, opts=self._child).arn

    def _dimensions(self) -> Mapping[str, pulumi.Input[str]]:
        """What this stack's resources are called in the metrics of AWS."""
        args = self._args
        ending = args.replication.task_arn.apply(lambda arn: arn.split(":")[-1])
        cluster = args.database.cluster_id
        return {
            "ReplicationInstanceIdentifier": args.replication.replication_instance_id,
            "ReplicationTaskIdentifier": ending,
            "ReplicationConfigIdentifier": ending,
            "StreamName": args.stream.stream_name,
            "DeliveryStreamName": args.stream.delivery_stream_name,
            **({"ScheduleGroup": args.heartbeat.group_name} if args.heartbeat else {}),
            **({"StateMachineArn": args.tables.machine_arn} if args.tables else {}),
            **({"DBClusterIdentifier": cluster, "Role": "WRITER"} if cluster is not None else {}),
        }

    def _count_suspended_tables(self) -> None:
        args = self._args
        (watch,) = (it for it in WATCHES if it.only == "suspends")
        aws.cloudwatch.LogMetricFilter(
            f"{self._name}-{watch.name}-filter",
            log_group_name=args.replication.log_group_name,
            pattern=SUSPENDED,
            metric_transformation={"name": watch.metric, "namespace": args.watched.stack, "value": "1"},
            opts=self._child,
        )

    def _create_alarm(self, alarm: Alarm, dimensions: Mapping[str, pulumi.Input[str]]) -> aws.cloudwatch.MetricAlarm:
        metric: dict[str, Any] = {
            "metric_name": alarm.watch.metric,
            "namespace": alarm.namespace,
            "period": PERIOD_SECONDS,
            "dimensions": dimensions,
        }
        measured: dict[str, Any] = {"threshold": alarm.value, "statistic": alarm.watch.statistic, **metric}
        if alarm.unusual:
            band = {"id": "usual", "expression": alarm.band, "return_data": True}
            own = {"id": "measured", "return_data": True, "metric": {"stat": alarm.watch.statistic, **metric}}
            measured = {"threshold_metric_id": "usual", "metric_queries": [band, own]}
        return aws.cloudwatch.MetricAlarm(
            f"{self._name}-{alarm.watch.name}",
            alarm_description=alarm.description,
            comparison_operator=alarm.comparison,
            evaluation_periods=alarm.periods,
            treat_missing_data=alarm.missing,
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn],
            **measured,
            opts=self._child,
        )

    def _create_dashboard(
        self, found: Sequence[Alarm], dimensions: Mapping[str, pulumi.Input[str]], arns: Sequence[pulumi.Output[str]]
    ) -> None:
        # One output of all that is known later: an output for each of a thousand values is slow.
        known = pulumi.Output.all(dimensions=pulumi.Output.all(**dimensions), arns=pulumi.Output.all(*arns))
        aws.cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=self._args.watched.stack,
            dashboard_body=known.apply(
                lambda it: canonical(dashboard.body(found, it["dimensions"], it["arns"], self._args.region))
            ),
            opts=self._child,
        )

    def _create_rules(self) -> None:
        args = self._args
        known = pulumi.Output.all(
            task=args.replication.task_arn,
            instance=args.replication.replication_instance_arn,
            bucket=args.stream.bucket_name,
        )
        for event in watch_events.EVENTS:
            if CONDITIONS[event.only].of(args.watched):
                self._create_rule(event, known)

    def _create_rule(self, event: watch_events.Event, known: pulumi.Output[dict[str, str]]) -> None:
        prefix = self._args.error_prefix
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-{event.name}",
            description=f"{event.first} {event.means}",
            event_pattern=known.apply(lambda it: canonical(watch_events.pattern(event, it, prefix))),
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{self._name}-{event.name}-target",
            rule=rule.name,
            arn=self.topic_arn,
            input_transformer={
                "input_paths": {"message": event.message, "when": "$.time"},
                "input_template": watch_events.mail(event, self._args.watched.stack),
            },
            opts=self._child,
        )

    def _create_database_events(self) -> None:
        database = self._args.database
        cluster, instances = database.cluster_id, database.instance_ids
        sources: Mapping[str, Any] = {"db-cluster": [cluster], "db-instance": instances}
        for event in watch_events.DATABASE_EVENTS:
            aws.rds.EventSubscription(
                f"{self._name}-{event.name}",
                sns_topic=self.topic_arn,
                source_type=event.source_type,
                source_ids=sources.get(event.source_type),
                event_categories=list(event.categories),
                opts=self._child,
            )
