"""Every rule on a single key, one named row each: what must hold, in words, and what to do otherwise.

A row's ``name`` is what its examples in ``tests/configuration/test_settings.py`` go by; a row without a failing example
fails there. What keys must agree on is in ``contradictions.py``.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable

from configuration import aws_names
from configuration.column_rules import COLUMN_RULES
from configuration.rds_certificates import is_bundle
from configuration.rule import Rule, distinct
from configuration.table_rules import TABLE_RULES

LOG_RETENTION_DAYS = frozenset({1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
                                2922, 3288, 3653})  # fmt: skip
PRIVATE_RANGES = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
RETIRED_ENGINES = ("5.", *(f"8.0.mysql_aurora.3.{minor:02}." for minor in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11)))
REPLICATION_UNITS = frozenset({1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384})
_MOST_ZONES = 16
"""The program divides vpcCidr among so many subnets."""
_MOST_DAYS = 36_500
_NOTHING_BEFORE = "2015-01-01"
"""Firehose is younger, and so is every lake."""
_MOST_PREFIX = 512 - len("/dt=yyyy-MM-dd/hr=HH/schema=/table=/") - 2 * 64  # MySQL's names have 64 characters at most
"""Firehose's evaluated prefix has 512 characters at most, the longest that is appended included. With the name of the
object (the delivery stream's of 64 characters, a time and a UUID) a key is then below S3's 1,024.
https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html"""
RETIRED_REPLICATION_ENGINES = ("1.", "2.", "3.1.", "3.3.", "3.4.", "3.5.0", "3.5.1", "3.5.2", "3.5.3", "3.6.0")


def today() -> datetime.date:
    """The day in UTC. A rule that asks for it only ever becomes more lenient, so what passed once passes for ever."""
    return datetime.datetime.now(datetime.UTC).date()


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text, re.ASCII) is not None


def _between(low: float, high: float) -> Callable[[float], bool]:
    return lambda number: low <= number <= high


def _capacity(low: float) -> Callable[[float], bool]:
    return lambda units: low <= units <= 256 and (units * 2).is_integer()


def _not_from(prefixes: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda text: not text.startswith(prefixes)


def _fits(shape: str, families: str) -> Callable[[str], bool]:
    """Whether a text is of ``families``; what has not even the ``shape`` is another rule's."""
    return lambda text: not _matches(shape)(text) or _matches(families)(text)


def _known_region(region: str) -> bool:
    """Whether it is in the list; one that is missing, or of another partition, is another rule's."""
    return not region or region in aws_names.REGIONS or region.startswith(aws_names.OTHER_PARTITIONS)


def _short(prefix: str) -> bool:
    return len(prefix) <= _MOST_PREFIX


def _private_range(text: str) -> bool:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError:
        return False
    private = any(network.subnet_of(range_) for range_ in PRIVATE_RANGES)
    return private and 16 <= network.prefixlen <= 24 and text == str(network)


def _user(pattern: str) -> Callable[[str], bool]:
    return lambda name: _matches(pattern)(name) and aws_names.is_free_user(name)


def _moment(text: str) -> bool:
    """Whether ``text`` is a moment of RFC 3339, which has less forms than ISO 8601."""
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return _matches(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")(text)


def _day_of_a_lake(text: str) -> bool:
    return _moment(f"{text}T00:00:00Z") and _NOTHING_BEFORE <= text <= str(today())


_UNITS = f"DMS knows only {', '.join(map(str, sorted(REPLICATION_UNITS)))} units"
_LENGTH = f"must have at most {_MOST_PREFIX} characters, because Firehose appends times and names of tables"
_NEWER = "a newer kind of AWS's must be added to configuration/aws_names.py"
_FOLDER = r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*"
_SUBNETS = _matches(r"(subnet-[0-9a-f]+( subnet-[0-9a-f]+)+)?")

# fmt: off
VALUE_RULES: tuple[Rule, ...] = (
    Rule("project name", "project", _matches(r"(?=.{1,30}$)[a-z][a-z0-9]*(-[a-z0-9]+)*"),
         "must be at most 30 lower-case letters, digits and single hyphens (DMS identifiers)",
         "change name in Pulumi.yaml, and the part before the colon of the keys in the stack files"),
    Rule("stack name", "stack", _matches(r"(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*"),
         "must be at most 20 lower-case letters, digits and single hyphens (DMS identifiers)", "pulumi stack rename"),
    Rule("region", "aws:region", bool,
         "certificates and service names depend on the Region", "pulumi config set aws:region eu-central-1"),
    Rule("partition", "aws:region", _not_from(aws_names.OTHER_PARTITIONS),
         "ARNs and service names differ outside the commercial partition", "use another Region"),
    Rule("known Region", "aws:region", _known_region,
         "no Region of AWS has that name, as far as this program knows",
         "correct it, in lower case; add a Region that is newer than this program to configuration/aws_names.py"),
    Rule("profile", "aws:profile", str.isprintable, "must be the name of a profile of the AWS configuration",
         "correct it, or remove it for the default credentials"),
    *TABLE_RULES,
    *COLUMN_RULES,
    Rule("private range", "vpcCidr", _private_range, "must be a private IPv4 range, /16 to /24", "10.64.0.0/16"),
    Rule("two zones", "availabilityZones", lambda zones: len(zones) != 1 and distinct(zones),
         "DMS and RDS want subnets in at least two zones", "name two, or none for the Region's first two"),
    Rule("most zones", "availabilityZones", lambda zones: len(zones) <= _MOST_ZONES,
         f"vpcCidr is divided among {_MOST_ZONES} subnets", f"name {_MOST_ZONES} zones at most"),
    Rule("vpc id", "vpcId", _matches(r"(vpc-[0-9a-f]+)?"), "must be empty or a VPC's id", "vpc-0123456789abcdef0"),
    Rule("two subnets", "subnetIds", lambda ids: _SUBNETS(" ".join(ids)) and distinct(ids),
         "must be none, or the ids of at least two different subnets", "list private subnets in different zones"),
    Rule("security group id", "endpointSecurityGroupId", _matches(r"(sg-[0-9a-f]+)?"),
         "must be empty or a security group's id", "sg-0123456789abcdef0"),
    Rule("database mode", "databaseMode", _matches("own|existing"), "must be own or existing", "own"),
    Rule("database engine", "databaseEngine", _matches("aurora|mysql|mariadb"),
         "must be a MySQL of RDS as DMS calls it: aurora, mysql or mariadb", "aurora"),
    Rule("database port", "databasePort", _between(1150, 65535), "must be 1150 to 65535, as RDS has it", "3306"),
    Rule("database secret", "databaseSecretArn", _matches(f"({aws_names.SECRET_ARN})?"),
         "must be empty or the whole ARN of one secret: part of one, or a pattern, gives a right to others, or to none",
         "copy it from Secrets Manager, with the six characters at its end"),
    Rule("key of the database secret", "databaseSecretKeyArn", _matches(f"({aws_names.KEY_ARN})?"),
         "must be empty or the whole ARN of one key, not its alias, nor a pattern",
         "copy it from KMS, as arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-…"),
    Rule("database security group", "databaseSecurityGroupId", _matches(r"(sg-[0-9a-f]+)?"),
         "must be empty or a security group's id", "sg-0123456789abcdef0"),
    Rule("SQL bootstrap", "sqlBootstrap", _matches("auto|manual"), "must be auto or manual", "auto"),
    Rule("engine version", "engineVersion", _matches(aws_names.ENGINE_VERSION),
         "must be a full version of Aurora MySQL 3 or 8.4: DMS reads no newer MySQL", "8.0.mysql_aurora.3.10.6"),
    Rule("engine in support", "engineVersion", _not_from(RETIRED_ENGINES),
         "this line is past standard support", "use the 3.10 line, supported to 2028-04-30, or a newer one"),
    Rule("database class", "databaseInstanceClass", _matches(aws_names.DATABASE_CLASS),
         "must be db.serverless or an instance class", "db.serverless or, for example, db.r6g.large"),
    Rule("fit database class", "databaseInstanceClass", _fits(aws_names.DATABASE_CLASS, aws_names.AURORA_CLASS),
         "Aurora MySQL 3 runs on db.serverless, on T from the third generation (medium and large), on R from the fifth "
         "and on X from the second", f"db.serverless or db.r6g.large; {_NEWER}"),
    Rule("database instances", "databaseInstances", _between(1, 16), "must be 1 to 16", "1 for a writer alone"),
    Rule("least capacity", "minCapacity", _capacity(0.5),
         "must be 0.5 to 256 ACU in steps of 0.5 (DMS is always connected: a pause at 0 never comes)", "0.5"),
    Rule("most capacity", "maxCapacity", _capacity(1), "must be 1 to 256 ACU in steps of 0.5", "4"),
    Rule("snapshot", "snapshotIdentifier", _matches(f"({aws_names.CLUSTER_SNAPSHOT})?"),
         "must be empty, or the name or the ARN of a cluster's snapshot; that of an instance is none",
         "copy it from RDS; a snapshot of another account needs its ARN"),
    Rule("restore generation", "restoreGeneration", _between(0, 9999),
         "must be 0 (never restored) or the number of the restore, to 9999", "raise it by one for each restore"),
    Rule("master user", "masterUsername", lambda name: not name or _user(r"[A-Za-z][A-Za-z0-9]{0,15}")(name),
         "must be 1 to 16 letters and digits, no reserved word of MySQL, name of RDS or everybody's guess",
         "lakeadmin"),
    Rule("capture user", "captureUsername", _user(r"[a-z][a-z0-9_]{0,31}"),
         "must be 1 to 32 lower-case letters, digits and underscores, no reserved word of MySQL and no name of RDS",
         "lake_capture"),
    Rule("backups", "backupRetentionDays", _between(1, 35), "must be 1 to 35 days", "7 or more satisfies RDS.50"),
    Rule("binlog outlives a stop", "binlogRetentionHours", _between(25, 2160),
         "must be 25 to 2160 hours: DMS wants more than 24, and what is purged unread is lost", "72"),
    Rule("migration type", "migrationType", _matches("full-load-and-cdc|cdc|full-load"),
         "must be full-load-and-cdc, cdc or full-load", "full-load-and-cdc"),
    Rule("start position", "cdcStartPosition", _matches(r"(mysql-bin-changelog\.\d{6,}:\d+|checkpoint:\S+)?"),
         "must be empty, a binlog file and position, or a checkpoint of DMS", "mysql-bin-changelog.000024:373"),
    Rule("start time", "cdcStartTime", lambda text: not text or _moment(text),
         "must be empty or a moment of RFC 3339, to the second and with its time zone", "2026-01-31T12:00:00Z"),
    Rule("replication mode", "replicationMode", _matches("instance|serverless"),
         "must be instance or serverless", "instance"),
    Rule("least units", "minReplicationUnits", lambda units: units in REPLICATION_UNITS, _UNITS, "1"),
    Rule("most units", "maxReplicationUnits", lambda units: units in REPLICATION_UNITS, _UNITS, "4"),
    Rule("replication class", "replicationInstanceClass", _matches(aws_names.REPLICATION_CLASS),
         "must be a DMS instance class", "dms.t3.medium or, for example, dms.r6i.large"),
    Rule("replication class in use", "replicationInstanceClass",
         _fits(aws_names.REPLICATION_CLASS, aws_names.DMS_CLASS),
         "DMS makes instances of T from the third generation (to large), and of C and R from the fifth",
         f"dms.t3, dms.c6i or dms.r6i; {_NEWER}"),
    Rule("replication engine", "replicationEngineVersion", _matches(aws_names.REPLICATION_VERSION),
         "must be a full version of DMS 3", "3.6.1"),
    Rule("replication engine in support", "replicationEngineVersion", _not_from(RETIRED_REPLICATION_ENGINES),
         "AWS makes no new instances of this engine", "3.6.1"),
    Rule("replication storage", "replicationStorageGb", _between(50, 6144),
         "must be 50 to 6144 GB: changes are cached there during the full load", "50"),
    Rule("verified TLS", "sslMode", _matches("verify-ca|verify-full"),
         "must be verify-ca or verify-full: DMS has no other TLS for MySQL", "verify-ca"),
    Rule("bundle file", "caBundleFile", lambda path: not path or is_bundle(path),
         "must be empty or a PEM file of authorities' certificates, relative to the project, without a private key",
         "download the Region's bundle from AWS's RDS trust store"),
    Rule("load threads", "parallelLoadThreads", _between(0, 32), "must be 0 to 32", "4"),
    Rule("apply threads", "parallelApplyThreads", _between(0, 32), "must be 0 to 32", "4"),
    Rule("LOB size", "maxLobKb", _between(1, 1024), "must be 1 to 1024 KB: a record holds 1 MB at most", "64"),
    Rule("table error", "onTableError", _matches("stop|suspend"), "must be stop or suspend", "stop"),
    Rule("service roles", "dmsServiceRoles", _matches("auto|create|existing"),
         "must be auto, create or existing", "auto, which adopts the roles that the account has"),
    Rule("stream mode", "streamMode", _matches("ON_DEMAND|PROVISIONED"),
         "must be ON_DEMAND or PROVISIONED", "ON_DEMAND"),
    Rule("shards", "shardCount", _between(0, 1000), "must be 0 to 1000", "0 with ON_DEMAND"),
    Rule("stream retention", "streamRetentionHours", _between(24, 8760), "must be 24 to 8760 hours", "168"),
    Rule("buffer size", "bufferSizeMb", _between(1, 128), "must be 1 to 128 MiB", "64"),
    Rule("buffer interval", "bufferIntervalSeconds", _between(0, 900), "must be 0 to 900 seconds", "300"),
    Rule("lake prefix", "lakePrefix", _matches(_FOLDER), "must be a folder without a slash at either end", "raw"),
    Rule("error prefix", "errorPrefix", _matches(_FOLDER), "must be a folder without a slash at either end", "errors"),
    Rule("length of the lake prefix", "lakePrefix", _short, _LENGTH, "raw"),
    Rule("length of the error prefix", "errorPrefix", _short, _LENGTH, "errors"),
    Rule("transition", "lakeTransitionDays", lambda days: days == 0 or 30 <= days <= _MOST_DAYS,
         f"must be 0 (never) or 30 to {_MOST_DAYS} days: S3 moves nothing to Standard-IA earlier", "90"),
    Rule("expiry", "lakeExpiryDays", _between(0, _MOST_DAYS), f"must be 0 (never) or 1 to {_MOST_DAYS} days", "0"),
    Rule("first day", "catalogStartDate", _day_of_a_lake,
         f"must be a day from {_NOTHING_BEFORE} to today, as yyyy-MM-dd: queries see nothing of what lies before it",
         "2026-01-01"),
    Rule("scan limit", "queryScanLimitGb", _between(1, 1_000_000), "must be 1 to 1000000 GiB", "100"),
    Rule("results", "queryResultDays", _between(1, 3650), "must be 1 to 3650 days", "7"),
    Rule("schedule of tables", "tablesEveryMinutes", lambda minutes: minutes == 0 or 5 <= minutes <= 60,
         "must be 0 (no tables) or 5 to 60 minutes: an alarm tells when none was merged for two hours", "15"),
    Rule("window of tables", "tablesWindowHours", _between(2, 168),
         "must be 2 to 168 hours: an object's hour is that of its oldest record, and it comes up to a buffer later",
         "3"),
    Rule("freshness", "freshnessMinutes", _between(1, 1440), "must be 1 to 1440 minutes", "15"),
    Rule("heartbeat", "heartbeatMinutes", _between(0, 60), "must be 0 (none) or 1 to 60 minutes: EventBridge "
         "Scheduler calls once a minute at most, and what beats more seldom tells little", "5"),
    Rule("e-mail addresses", "alarmEmails", lambda them: all(map(_matches(aws_names.EMAIL), them)),
         "one is no e-mail address as SNS takes it", "data-team@example.com"),
    Rule("distinct e-mail addresses", "alarmEmails", lambda them: distinct(map(str.lower, them)),
         "an address is listed twice", "list it once"),
    Rule("alarm topic", "alarmTopicArn", _matches(f"({aws_names.TOPIC_ARN})?"),
         "must be empty or the whole ARN of one SNS topic, which must not be FIFO: EventBridge and e-mail know none",
         "copy it from SNS, as arn:aws:sns:eu-central-1:111122223333:data-alarms"),
    Rule("upgrades", "minorUpgrades", _matches("automatic|pinned"), "must be automatic or pinned", "automatic"),
    Rule("log retention", "logRetentionDays", lambda days: days in LOG_RETENTION_DAYS,
         f"CloudWatch knows only {', '.join(map(str, sorted(LOG_RETENTION_DAYS)))} days", "90"),
)
# fmt: on
