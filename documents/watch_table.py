"""The table of metrics: one row for each thing that is watched, from which everything else about it is made.

Alarms, the dashboard, its picture and ``docs/runbook.md`` are made of these rows. Names of metrics, namespaces and
dimensions are AWS's, each from the page of its row. Pure data.
"""

from __future__ import annotations

from dataclasses import dataclass

_DMS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html"
_SERVERLESS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Serverless.Components.html"
_KINESIS = "https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html"
_FIREHOSE = "https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html"
_AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html"
_SCHEDULER = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html"
_STATES = "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html"
_FILTERS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html"

TASK = ("ReplicationInstanceIdentifier", "ReplicationTaskIdentifier")
"""The second is the end of the task's ARN, not its identifier."""
_INSTANCE = ("ReplicationInstanceIdentifier",)
_CONFIG = ("ReplicationConfigIdentifier",)
_STREAM = ("StreamName",)
_DELIVERY = ("DeliveryStreamName",)
_MACHINE = ("StateMachineArn",)
_WRITER = ("DBClusterIdentifier", "Role")
_SCHEDULES = ("ScheduleGroup",)

TASKS = "aws dms describe-replication-tasks --filters Name=replication-task-arn,Values=$(pulumi stack output taskArn)"
REPLICATIONS = (
    "aws dms describe-replications --filters Name=replication-config-arn,Values=$(pulumi stack output taskArn)"
)
INSTANCES = (
    "aws dms describe-replication-instances --filters "
    "Name=replication-instance-id,Values=$(pulumi stack output replicationInstanceId)"
)
_SHARDS = "aws kinesis describe-stream-summary --stream-name $(pulumi stack output streamName)"
_DELIVERIES = "aws firehose describe-delivery-stream --delivery-stream-name $(pulumi stack output deliveryStreamName)"
ERROR_OBJECTS = "aws s3 ls --recursive s3://$(pulumi stack output lakeBucket)/$(pulumi stack output errorPrefix)/"
_HEARTBEATS = "aws scheduler list-schedules --group-name $(pulumi stack output heartbeatGroup)"
_RUNS = "aws stepfunctions list-executions --max-results 20 --state-machine-arn $(pulumi stack output tablesMachine)"
_BINLOGS = (
    "mysql --host $(pulumi stack output clusterEndpoint) --user lakeadmin --password --execute 'SHOW BINARY LOGS'"
)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A metric, and the alarm on it."""

    name: str
    """Part of the alarm's name, and the heading in the runbook."""
    hop: str
    """Where on its way a row is: ``Database``, ``Replication``, ``Stream``, ``Delivery`` or ``Tables``."""
    namespace: str
    metric: str
    statistic: str
    dimensions: tuple[str, ...]
    """Keys; their values are known when the resources are."""
    threshold: str
    """A name of ``documents.watch_alarms.THRESHOLDS``."""
    below: bool = False
    """Whether too little is wrong; else too much."""
    periods: int = 1
    """How many periods of five minutes in a row must be wrong."""
    window: str = ""
    """A name of ``documents.watch_alarms.WINDOWS``, where the periods follow from what a stack is."""
    silence: str
    """What no data means: ``stopped``, which is an alarm, or ``idle``, which is none."""
    why: str
    """Why silence means that."""
    first: str
    """What to do first; the alarm's description begins with it."""
    means: str
    """What is wrong."""
    look: str
    """The command that shows more."""
    over: str
    """How to see that it is over."""
    page: str
    """AWS's page of the metric."""
    only: str = ""
    """A name of ``documents.watch_alarms.CONDITIONS``; empty for every stack."""
    unverified: str = ""
    """What of this row was never seen on AWS and is on no page of it."""


# fmt: off
WATCHES: tuple[Watch, ...] = (
    Watch(name="binlog-size", hop="Database", namespace="AWS/RDS", metric="SumBinaryLogSize", statistic="Maximum",
          dimensions=_WRITER, threshold="usual", periods=6, silence="idle", only="own database",
          why="a database that is stopped is told by its events",
          first="Look whether the replication still reads: a reader that stands still keeps old files in use.",
          means="The binlog is larger than usual. Either much more is written, or files are not purged any more; the "
                "volume grows with them. (AuroraBinlogReplicaLag tells nothing here: DMS is no replica of Aurora's.)",
          look=_BINLOGS, over="The size is within its usual band again; old files are gone after binlogRetentionHours.",
          page=_AURORA, unverified="how many days the band takes to fit a new stack"),
    Watch(name="heartbeat-silent", hop="Database", namespace="AWS/Scheduler", metric="InvocationAttemptCount",
          statistic="Sum", dimensions=_SCHEDULES, threshold="one", below=True, window="two beats", silence="stopped",
          why="EventBridge Scheduler counts each attempt, and there is one at each beat", only="heartbeat",
          first="See whether the schedule is there and enabled, and run pulumi up where it is not.",
          means="Nobody tries to write the heartbeat, so lake-silent cannot tell an idle database from a stopped "
                "pipeline.",
          look=_HEARTBEATS, over="There is an attempt at each beat again.", page=_SCHEDULER,
          unverified="that the metric is complete: AWS delivers it as best it can"),
    Watch(name="heartbeat-dropped", hop="Database", namespace="AWS/Scheduler", metric="InvocationDroppedCount",
          statistic="Sum", dimensions=_SCHEDULES, threshold="none", silence="idle", only="heartbeat",
          why="the metric counts beats that were given up; heartbeat-silent tells that there are none at all",
          first="Run the statement of the schedule as its user, in the RDS query editor: the error says what is "
                "missing.",
          means="A beat failed, and its retries too. After a failover of the database that is one beat; a right or a "
                "secret that is missing stops them all. (TargetErrorCount also counts what a retry mended.)",
          look=_HEARTBEATS, over="No beat is given up any more.", page=_SCHEDULER),
    Watch(name="latency-source", hop="Replication", namespace="AWS/DMS", metric="CDCLatencySource",
          statistic="Maximum", dimensions=TASK, threshold="what the buffer leaves", periods=3, silence="stopped",
          why="a task that stopped or failed sends no metrics, and nothing else would tell for how long",
          only="task",
          first="See whether the task runs, and resume it where it stopped.",
          means="DMS reads the binlog late, or not at all. What is not read within binlogRetentionHours is lost.",
          look=TASKS, over="The task is running, and the latency falls to seconds.", page=_DMS,
          unverified="that a running task on an idle database sends the metric, and that it does during the full load"),
    Watch(name="latency-target", hop="Replication", namespace="AWS/DMS", metric="CDCLatencyTarget",
          statistic="Maximum", dimensions=TASK, threshold="what the buffer leaves", periods=3, silence="idle",
          why="latency-source tells of a task that is silent, and twice would be once too often",
          only="task",
          first="Compare with latency-source: where only this one is high, the stream takes too little.",
          means="Changes get late into the stream: too few shards or threads, or a large transaction.",
          look=TASKS, over="The latency is that of the source again.", page=_DMS),
    Watch(name="latency-source-serverless", hop="Replication", namespace="AWS/DMS", metric="CDCLatencySource",
          statistic="Maximum", dimensions=_CONFIG, threshold="what the buffer leaves", periods=3, silence="stopped",
          why="a replication that stopped or failed sends no metrics, and nothing else would tell for how long",
          only="serverless task",
          first="See whether the replication runs, and resume it where it stopped.",
          means="DMS reads the binlog late, or not at all. What is not read within binlogRetentionHours is lost.",
          look=REPLICATIONS, over="The replication is running, and the latency falls to seconds.", page=_SERVERLESS,
          unverified="the name and the value of the dimension, and that a running replication on an idle database "
                     "sends the metric"),
    Watch(name="latency-target-serverless", hop="Replication", namespace="AWS/DMS", metric="CDCLatencyTarget",
          statistic="Maximum", dimensions=_CONFIG, threshold="what the buffer leaves", periods=3, silence="idle",
          why="latency-source-serverless tells of a replication that is silent",
          only="serverless task",
          first="Compare with latency-source-serverless: where only this one is high, the stream takes too little.",
          means="Changes get late into the stream: too few shards or threads, too few units, or a large transaction.",
          look=REPLICATIONS, over="The latency is that of the source again.", page=_SERVERLESS,
          unverified="the name and the value of the dimension"),
    Watch(name="instance-storage", hop="Replication", namespace="AWS/DMS", metric="FreeStorageSpace",
          statistic="Minimum", dimensions=_INSTANCE, threshold="a fifth of the storage", below=True, silence="idle",
          why="an instance that is gone takes its task along, which latency-source tells", only="instance",
          first="Raise replicationStorageGb: a full disk stops the task.",
          means="Changes that wait, and logs, fill the replication instance's disk.",
          look=INSTANCES, over="There is more space than the line.", page=_DMS),
    Watch(name="instance-memory", hop="Replication", namespace="AWS/DMS", metric="FreeableMemory",
          statistic="Minimum", dimensions=_INSTANCE, threshold="a tenth of the memory", below=True, periods=3,
          silence="idle", why="an instance that is gone takes its task along, which latency-source tells",
          only="instance",
          first="Look at instance-swap too: only together they say that replicationInstanceClass is too small.",
          means="The replication instance has little memory left.",
          look=INSTANCES, over="There is more memory than the line.", page=_DMS),
    Watch(name="instance-swap", hop="Replication", namespace="AWS/DMS", metric="SwapUsage", statistic="Maximum",
          dimensions=_INSTANCE, threshold="a tenth of the memory", periods=3, silence="idle",
          why="an instance that is gone takes its task along, which latency-source tells", only="instance",
          first="Choose a larger replicationInstanceClass, or fewer threads.",
          means="The replication instance swaps: changes take longer and longer, and DMS pauses reading at a limit.",
          look=INSTANCES, over="It swaps less than the line.", page=_DMS),
    Watch(name="suspended-tables", hop="Replication", namespace="", metric="SuspendedTables", statistic="Sum",
          dimensions=(), threshold="none", silence="idle",
          why="the metric is a count of lines in the log, and no line is what is wished for", only="suspends",
          first="Find the table in the task's log and load it again when its error is mended (python -m operations "
                "reload).",
          means="DMS suspended a table: its changes are not in the lake any more, and the others' still are.",
          look="aws dms describe-table-statistics --replication-task-arn $(pulumi stack output taskArn)",
          over="The table's state is no error any more, and the audit finds it equal.", page=_FILTERS,
          unverified="the words with which DMS logs that it suspends a table"),
    Watch(name="stream-age", hop="Stream", namespace="AWS/Kinesis", metric="GetRecords.IteratorAgeMilliseconds",
          statistic="Maximum", dimensions=_STREAM, threshold="the promise in milliseconds", silence="idle",
          why="no reader at all is told by delivery-behind, which is of this stack's reader alone",
          first="Look at the alarms of the delivery: it reads too slowly, or cannot write.",
          means="Records wait in the stream for longer than the promise.",
          look=_SHARDS, over="The age falls to seconds.", page=_KINESIS),
    Watch(name="stream-age-critical", hop="Stream", namespace="AWS/Kinesis",
          metric="GetRecords.IteratorAgeMilliseconds", statistic="Maximum", dimensions=_STREAM,
          threshold="half of the stream's retention", silence="idle",
          why="no reader at all is told by delivery-behind, which is of this stack's reader alone",
          first="Raise streamRetentionHours now, then mend the delivery: what grows older than the retention is lost.",
          means="Records are half as old as they can get.",
          look=_SHARDS, over="The age falls to seconds.", page=_KINESIS),
    Watch(name="stream-throttles", hop="Stream", namespace="AWS/Kinesis",
          metric="WriteProvisionedThroughputExceeded", statistic="Sum", dimensions=_STREAM, threshold="none",
          periods=3, silence="idle", why="nothing is refused where nothing is written",
          first="Raise shardCount, or look for one row that changes all the time: a row's changes go to one shard.",
          means="The stream refuses records; DMS tries again, and gets late.",
          look=_SHARDS, over="Nothing is refused for a quarter of an hour.", page=_KINESIS),
    Watch(name="delivery-behind", hop="Delivery", namespace="AWS/Firehose", metric="KinesisMillisBehindLatest",
          statistic="Maximum", dimensions=_DELIVERY, threshold="the promise in milliseconds", periods=3,
          silence="stopped", why="Firehose sends it at each read, of an empty stream too; silence is no reading",
          first="See whether the delivery stream is active and its role may read the stream and use the key.",
          means="Firehose reads the stream late, or not at all.",
          look=_DELIVERIES, over="It is behind by less than a second.", page=_FIREHOSE,
          unverified="that the metric is there while the stream is empty"),
    Watch(name="delivery-freshness", hop="Delivery", namespace="AWS/Firehose", metric="DeliveryToS3.DataFreshness",
          statistic="Maximum", dimensions=_DELIVERY, threshold="the promise in seconds", silence="idle",
          why="nothing waits where nothing was read; a delivery that does not read is told by delivery-behind",
          first="Read the delivery's log: most often it may not write, or may not use the key.",
          means="The oldest record that Firehose holds is older than the promise.",
          look=_DELIVERIES, over="The age follows bufferIntervalSeconds again.", page=_FIREHOSE),
    Watch(name="delivery-success", hop="Delivery", namespace="AWS/Firehose", metric="DeliveryToS3.Success",
          statistic="Average", dimensions=_DELIVERY, threshold="all", below=True, periods=3, silence="idle",
          why="nothing fails where nothing is written",
          first="Read the delivery's log, and mend the right or the key that it names: Firehose retries for a day.",
          means="Objects could not be written for a quarter of an hour. (A single failure is normal.)",
          look=_DELIVERIES, over="Each write succeeds.", page=_FIREHOSE),
    Watch(name="lake-silent", hop="Delivery", namespace="AWS/Firehose", metric="DeliveryToS3.Records",
          statistic="Sum", dimensions=_DELIVERY, threshold="one", below=True, window="a beat and the promise",
          silence="stopped", only="heartbeat and task",
          why="the heartbeat changes a row all the time, so an idle database is no reason for silence",
          first="See which alarm is beside it: heartbeat-… means nobody beats; any other says where rows stand still.",
          means="For longer than a beat and the promise nothing came into the lake, on the whole way from the "
                "database. (Alone it may mean that cdc_lake.heartbeat lost its row: a beat that changes none is no "
                "error.)",
          look=_DELIVERIES, over="The heartbeat's row is in the lake again: `freshness` tells.", page=_FIREHOSE,
          unverified="that Firehose sends the metric for each five minutes in which it delivered"),
    Watch(name="partitions", hop="Delivery", namespace="AWS/Firehose", metric="PartitionCount", statistic="Maximum",
          dimensions=_DELIVERY, threshold="most partitions", silence="idle", only="partitioned",
          why="no partition is open where nothing is written",
          first="Ask AWS for a higher quota of active partitions, or capture fewer tables.",
          means="There are nearly as many open partitions as Firehose holds; what comes then is an error object.",
          look=_DELIVERIES, over="There are fewer than the line.", page=_FIREHOSE),
    Watch(name="partitions-exceeded", hop="Delivery", namespace="AWS/Firehose", metric="PartitionCountExceeded",
          statistic="Maximum", dimensions=_DELIVERY, threshold="none", silence="idle", only="partitioned",
          why="no limit is met where nothing is written",
          first="Ask AWS for a higher quota of active partitions, then put back what is below errorPrefix (python -m "
                "operations redrive).",
          means="Records did not find room in a partition and are below errorPrefix.",
          look=ERROR_OBJECTS,
          over="The metric is 0 again, and nothing new is below errorPrefix.", page=_FIREHOSE),
    Watch(name="tables-failed", hop="Tables", namespace="AWS/States", metric="ExecutionsFailed", statistic="Sum",
          dimensions=_MACHINE, threshold="none", silence="idle", only="tables",
          why="nothing fails where nothing runs, and that no run succeeds is told by tables-late",
          first="Read the cause of the run: it names each table that failed, and Athena's error.",
          means="A table was not merged. The next run tries again from where it stands, so nothing is lost; views of "
                "rows read the rest in the log.",
          look=_RUNS, over="A run succeeds.", page=_STATES),
    Watch(name="tables-stuck", hop="Tables", namespace="AWS/States", metric="ExecutionsTimedOut", statistic="Sum",
          dimensions=_MACHINE, threshold="none", silence="idle", only="tables",
          why="nothing takes too long where nothing runs",
          first="Look which statement the run waited for, in Athena's history of the workgroup for tables.",
          means="A run took half a day and was ended. While it ran no other did.",
          look=_RUNS, over="A run succeeds.", page=_STATES),
    Watch(name="tables-late", hop="Tables", namespace="AWS/States", metric="ExecutionsSucceeded", statistic="Sum",
          dimensions=_MACHINE, threshold="at least one", below=True, periods=24, silence="stopped", only="tables",
          why="a run that succeeds is counted, and there is to be one at least every hour",
          first="See whether the schedules are enabled, and whether one run takes very long.",
          means="No run has merged all tables for two hours. (The first one reads the whole log, and may take longer.)",
          look=_RUNS, over="A run succeeds.", page=_STATES),
)
# fmt: on
