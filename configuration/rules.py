"""Every rule on a single key, one named row each: what must hold, in words, and what to do otherwise.

A row's ``name`` is what its examples in ``tests/configuration/test_settings.py`` go by; a row without a failing example
fails there. What keys must agree on is in ``contradictions.py``.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable

from configuration.column_rules import COLUMN_RULES
from configuration.rds_certificates import is_bundle
from configuration.rule import Rule, distinct
from documents.table_patterns import TablePattern, finds, is_closed, is_name

LOG_RETENTION_DAYS = frozenset({1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
                                2922, 3288, 3653})  # fmt: skip
SYSTEM_SCHEMAS = frozenset({"mysql", "information_schema", "performance_schema", "sys"})
PRIVATE_RANGES = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
RESERVED_USERS = frozenset({"admin", "rdsadmin", "root", "mysql", "sys"})
RETIRED_ENGINES = ("5.", *(f"8.0.mysql_aurora.3.{minor:02}." for minor in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11)))
UNFIT_DATABASE_CLASSES = ("db.t2.", "db.r3.", "db.r4.", "db.m")
RETIRED_REPLICATION_CLASSES = ("dms.t2.", "dms.c4.", "dms.r4.")
REPLICATION_UNITS = frozenset({1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384})
RETIRED_REPLICATION_ENGINES = ("1.", "2.", "3.1.", "3.3.", "3.4.", "3.5.0", "3.5.1", "3.5.2", "3.5.3", "3.6.0")


def today() -> datetime.date:
    """The day in UTC. A rule that asks for it only ever becomes more lenient, so what passed once passes for ever."""
    return datetime.datetime.now(datetime.UTC).date()


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _between(low: float, high: float) -> Callable[[float], bool]:
    return lambda number: low <= number <= high


def _capacity(low: float) -> Callable[[float], bool]:
    return lambda units: low <= units <= 256 and (units * 2).is_integer()


def _not_from(prefixes: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda text: not text.startswith(prefixes)


def _private_range(text: str) -> bool:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError:
        return False
    return 16 <= network.prefixlen <= 24 and any(network.subnet_of(private) for private in PRIVATE_RANGES)


def _user(pattern: str) -> Callable[[str], bool]:
    return lambda name: re.fullmatch(pattern, name) is not None and name.lower() not in RESERVED_USERS


def _schemas_are_named(patterns: tuple[TablePattern, ...]) -> bool:
    return all(_names_something(pattern.schema) for pattern in patterns)


def _names_something(part: str) -> bool:
    return is_name(part) or bool(re.sub(r"\[[^\]]*\]|[%_]", "", part))


def _schemas_are_own(patterns: tuple[TablePattern, ...]) -> bool:
    named = (pattern.schema.lower() for pattern in patterns if _names_something(pattern.schema))
    return not any(finds(schema, system) for schema in named for system in SYSTEM_SCHEMAS)


def _speakable(patterns: tuple[TablePattern, ...]) -> bool:
    return not any(set("`'\"\\\n\r\t\0") & set(str(pattern)) for pattern in patterns)


def _classes_are_closed(patterns: tuple[TablePattern, ...]) -> bool:
    return all(is_closed(part) for pattern in patterns for part in (pattern.schema, pattern.table))


def _moment(text: str) -> bool:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return "T" in text and moment.tzinfo is not None


def _day_that_has_begun(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and _moment(f"{text}T00:00Z") and text <= str(today())


_PATTERN = "write schema.table patterns such as dms_sample.% or shop.orders"
_UNITS = f"DMS knows only {', '.join(map(str, sorted(REPLICATION_UNITS)))} units"
_FOLDER = r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*"
_SUBNETS = _matches(r"(subnet-[0-9a-f]+( subnet-[0-9a-f]+)+)?")

# fmt: off
VALUE_RULES: tuple[Rule, ...] = (
    Rule("stack name", "stack", _matches(r"(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*"),
         "must be at most 20 lower-case letters, digits and single hyphens (DMS identifiers)", "pulumi stack rename"),
    Rule("region", "aws:region", bool,
         "certificates and service names depend on the Region", "pulumi config set aws:region eu-central-1"),
    Rule("partition", "aws:region", _not_from(("us-gov-", "cn-", "us-iso", "eu-isoe")),
         "ARNs and service names differ outside the commercial partition", "use another Region"),
    Rule("tables", "tables", bool, "no table would be captured", _PATTERN),
    Rule("wildcard schema", "tables", _schemas_are_named,
         "a schema of nothing but wildcards also captures the system schemas", "name the schema: shop.%"),
    Rule("system schema", "tables", _schemas_are_own,
         "mysql, information_schema, performance_schema and sys cannot be captured", "list your own schemas"),
    Rule("speakable tables", "tables", _speakable,
         "DMS does not support names with quotes, back-ticks or backslashes", "rename the table or leave it out"),
    Rule("closed classes", "tables", _classes_are_closed,
         "[ opens a character class, which must be closed and not empty", "write [_], [ab] or [a-d]"),
    Rule("distinct tables", "tables", distinct, "a pattern is listed twice", "list it once"),
    Rule("speakable exclusions", "excludeTables", _speakable,
         "DMS does not support names with quotes, back-ticks or backslashes", "leave the pattern out"),
    Rule("closed classes in exclusions", "excludeTables", _classes_are_closed,
         "[ opens a character class, which must be closed and not empty", "write [_], [ab] or [a-d]"),
    Rule("distinct exclusions", "excludeTables", distinct, "a pattern is listed twice", "list it once"),
    *COLUMN_RULES,
    Rule("private range", "vpcCidr", _private_range, "must be a private IPv4 range, /16 to /24", "10.64.0.0/16"),
    Rule("two zones", "availabilityZones", lambda zones: len(zones) != 1 and distinct(zones),
         "DMS and RDS want subnets in at least two zones", "name two, or none for the Region's first two"),
    Rule("vpc id", "vpcId", _matches(r"(vpc-[0-9a-f]+)?"), "must be empty or a VPC's id", "vpc-0123456789abcdef0"),
    Rule("two subnets", "subnetIds", lambda ids: _SUBNETS(" ".join(ids)) and distinct(ids),
         "must be none, or the ids of at least two different subnets", "list private subnets in different zones"),
    Rule("security group id", "endpointSecurityGroupId", _matches(r"(sg-[0-9a-f]+)?"),
         "must be empty or a security group's id", "sg-0123456789abcdef0"),
    Rule("database mode", "databaseMode", _matches("own|existing"), "must be own or existing", "own"),
    Rule("database engine", "databaseEngine", _matches("aurora|mysql|mariadb"),
         "must be a MySQL of RDS as DMS calls it: aurora, mysql or mariadb", "aurora"),
    Rule("database port", "databasePort", _between(1150, 65535), "must be 1150 to 65535, as RDS has it", "3306"),
    Rule("database secret", "databaseSecretArn", _matches(r"(arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+)?"),
         "must be empty or a secret's ARN", "copy it from Secrets Manager, with the six characters at its end"),
    Rule("key of the database secret", "databaseSecretKeyArn", _matches(r"(arn:aws:kms:[a-z0-9-]+:\d{12}:key/\S+)?"),
         "must be empty or a key's ARN, not its alias", "arn:aws:kms:eu-central-1:111122223333:key/…"),
    Rule("database security group", "databaseSecurityGroupId", _matches(r"(sg-[0-9a-f]+)?"),
         "must be empty or a security group's id", "sg-0123456789abcdef0"),
    Rule("SQL bootstrap", "sqlBootstrap", _matches("auto|manual"), "must be auto or manual", "auto"),
    Rule("engine version", "engineVersion", _matches(r"\d+\.\d+\.mysql_aurora\.\d+\.\d+\.\d+"),
         "must be a full Aurora MySQL version", "8.0.mysql_aurora.3.10.6"),
    Rule("engine in support", "engineVersion", _not_from(RETIRED_ENGINES),
         "this line is past standard support", "use the 3.10 line, supported to 2028-04-30, or a newer one"),
    Rule("database class", "databaseInstanceClass", _matches(r"db\.(serverless|[a-z0-9]+\.[a-z0-9]+)"),
         "must be db.serverless or an instance class", "db.serverless or, for example, db.r6g.large"),
    Rule("fit database class", "databaseInstanceClass", _not_from(UNFIT_DATABASE_CLASSES),
         "Aurora MySQL 3 does not run on this class", "db.serverless, db.r6g or newer"),
    Rule("database instances", "databaseInstances", _between(1, 16), "must be 1 to 16", "1 for a writer alone"),
    Rule("least capacity", "minCapacity", _capacity(0.5),
         "must be 0.5 to 256 ACU in steps of 0.5 (DMS is always connected: a pause at 0 never comes)", "0.5"),
    Rule("most capacity", "maxCapacity", _capacity(1), "must be 1 to 256 ACU in steps of 0.5", "4"),
    Rule("restore generation", "restoreGeneration", lambda number: number >= 0,
         "must be 0 (never restored) or the number of the restore", "raise it by one for each restore"),
    Rule("master user", "masterUsername", lambda name: not name or _user(r"[A-Za-z][A-Za-z0-9]{0,15}")(name),
         "must be 1 to 16 letters and digits, and not a name that is reserved or everybody's guess", "lakeadmin"),
    Rule("capture user", "captureUsername", _user(r"[a-z][a-z0-9_]{0,31}"),
         "must be 1 to 32 lower-case letters, digits and underscores, and not reserved", "lake_capture"),
    Rule("backups", "backupRetentionDays", _between(1, 35), "must be 1 to 35 days", "7 or more satisfies RDS.50"),
    Rule("binlog outlives a stop", "binlogRetentionHours", _between(25, 2160),
         "must be 25 to 2160 hours: DMS wants more than 24, and what is purged unread is lost", "72"),
    Rule("migration type", "migrationType", _matches("full-load-and-cdc|cdc|full-load"),
         "must be full-load-and-cdc, cdc or full-load", "full-load-and-cdc"),
    Rule("start position", "cdcStartPosition", _matches(r"(mysql-bin-changelog\.\d{6,}:\d+|checkpoint:\S+)?"),
         "must be empty, a binlog file and position, or a checkpoint of DMS", "mysql-bin-changelog.000024:373"),
    Rule("start time", "cdcStartTime", lambda text: not text or _moment(text),
         "must be empty or a moment with its time zone (RFC 3339)", "2026-01-31T12:00:00Z"),
    Rule("replication mode", "replicationMode", _matches("instance|serverless"),
         "must be instance or serverless", "instance"),
    Rule("least units", "minReplicationUnits", lambda units: units in REPLICATION_UNITS, _UNITS, "1"),
    Rule("most units", "maxReplicationUnits", lambda units: units in REPLICATION_UNITS, _UNITS, "4"),
    Rule("replication class", "replicationInstanceClass", _matches(r"dms\.[a-z0-9]+\.[a-z0-9]+"),
         "must be a DMS instance class", "dms.t3.medium or, for example, dms.r6i.large"),
    Rule("replication class in use", "replicationInstanceClass", _not_from(RETIRED_REPLICATION_CLASSES),
         "this generation is retired", "dms.t3, dms.c6i or dms.r6i"),
    Rule("replication engine", "replicationEngineVersion", _matches(r"\d+\.\d+\.\d+"),
         "must be a DMS engine version", "3.6.1"),
    Rule("replication engine in support", "replicationEngineVersion", _not_from(RETIRED_REPLICATION_ENGINES),
         "AWS makes no new instances of this engine", "3.6.1"),
    Rule("replication storage", "replicationStorageGb", _between(50, 6144),
         "must be 50 to 6144 GB: changes are cached there during the full load", "50"),
    Rule("verified TLS", "sslMode", _matches("verify-ca|verify-full"),
         "must be verify-ca or verify-full: DMS has no other TLS for MySQL", "verify-ca"),
    Rule("bundle file", "caBundleFile", lambda path: not path or is_bundle(path),
         "must be empty or a PEM file of certificates, relative to the project", "own-bundle.pem"),
    Rule("load threads", "parallelLoadThreads", _between(0, 32), "must be 0 to 32", "4"),
    Rule("apply threads", "parallelApplyThreads", _between(0, 32), "must be 0 to 32", "4"),
    Rule("LOB size", "maxLobKb", _between(1, 1024), "must be 1 to 1024 KB: a record holds 1 MB at most", "64"),
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
    Rule("transition", "lakeTransitionDays", lambda days: days == 0 or days >= 30,
         "must be 0 (never) or at least 30 days: S3 moves nothing to Standard-IA earlier", "90"),
    Rule("expiry", "lakeExpiryDays", lambda days: days >= 0, "must be 0 (never) or a number of days", "0"),
    Rule("first day", "catalogStartDate", _day_that_has_begun,
         "must be a day that has begun, as yyyy-MM-dd: queries see nothing of what lies before it", "2026-01-01"),
    Rule("scan limit", "queryScanLimitGb", _between(1, 1_000_000), "must be 1 to 1000000 GiB", "100"),
    Rule("results", "queryResultDays", _between(1, 3650), "must be 1 to 3650 days", "7"),
    Rule("upgrades", "minorUpgrades", _matches("automatic|pinned"), "must be automatic or pinned", "automatic"),
    Rule("log retention", "logRetentionDays", lambda days: days in LOG_RETENTION_DAYS,
         f"CloudWatch knows only {', '.join(map(str, sorted(LOG_RETENTION_DAYS)))} days", "90"),
)
# fmt: on
