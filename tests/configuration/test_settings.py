from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

import pytest

from configuration import rules
from configuration.contradictions import CONTRADICTIONS
from configuration.rules import VALUE_RULES
from configuration.settings import KEYS, Settings, SettingsError
from tests.configuration.loading import loaded, refusal

EXISTING = {"vpcId": "vpc-0a", "subnetIds": ["subnet-0a", "subnet-0b"]}
QUOTE = "shop.it's"
SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-AbCdEf"
TOPIC_ARN = "arn:aws:sns:eu-central-1:111122223333:alarms"
KEY_ARN = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f"
SNAPSHOT_ARN = "arn:aws:rds:eu-central-1:111122223333:cluster-snapshot:shop"
THEIRS = {
    **EXISTING,
    "databaseMode": "existing",
    "databaseSecretArn": SECRET_ARN,
    "databaseSecurityGroupId": "sg-0d",
    "sqlBootstrap": "manual",
}
ROLE = {"aws:assumeRoles": [{"roleArn": "arn:aws:iam::111122223333:role/deployer"}]}
RESTORED = {"snapshotIdentifier": "snapshot", "masterUsername": "", "restoreGeneration": 1}
BEATS = {"heartbeatMinutes": 5}
POSITION = "mysql-bin-changelog.000024:373"
SHOP = {"tables": ["shop.%"]}
RULES = "tests/configuration/mapping_rules"
CHECKPOINT = "checkpoint:V1#27#mysql-bin-changelog.157832:1975:-1:2002:677883278264080:mysql-bin-changelog.157832:1876"

WRONG: Mapping[str, dict[str, Any]] = {
    "project name": {"project": "my_project"},
    "stack name": {"stack": "My_Stack"},
    "region": {"aws:region": ""},
    "partition": {"aws:region": "us-gov-west-1"},
    "known Region": {"aws:region": "EU-CENTRAL-1"},
    "profile": {"aws:profile": "\ud800"},
    "tables": {"tables": []},
    "wildcard schema": {"tables": ["%.orders"]},
    "system schema": {"tables": ["mysq[l].%"]},
    "speakable tables": {"tables": [QUOTE]},
    "closed classes": {"tables": ["shop.a[b"]},
    "distinct tables": {"tables": ["shop.%", "shop.%"]},
    "speakable exclusions": {"excludeTables": [QUOTE]},
    "closed classes in exclusions": {"excludeTables": ["shop.a[]"]},
    "distinct exclusions": {"excludeTables": ["shop.a", "shop.a"]},
    "closed classes in drops": {**SHOP, "dropColumns": ["shop.a.[b"]},
    "distinct drops": {**SHOP, "dropColumns": ["shop.a.b", "shop.a.b"]},
    "closed classes in masks": {**SHOP, "maskColumns": ["shop.a[].b=hash"]},
    "one mask for a column": {**SHOP, "maskColumns": ["shop.a.%_mail=hash", "shop.%.e[a-z]mail%=digits"]},
    "filters by name": {"tables": ["shop.a"], "rowFilters": ["shop.a.% gte 3"]},
    "one filter for a column": {"tables": ["shop.a"], "rowFilters": ["shop.a.b gte 3", "shop.a.b lte 9"]},
    "further rules": {"mappingRules": f"{RULES}/selection.json"},
    "rising ids": {"mappingRules": f"{RULES}/falling.json"},
    "private range": {"vpcCidr": "10.0.0.0/8"},
    "two zones": {"availabilityZones": ["eu-central-1a"]},
    "most zones": {"availabilityZones": [f"eu-central-1{letter}" for letter in "abcdefghijklmnopq"]},
    "vpc id": {"vpcId": "my-vpc"},
    "two subnets": {"subnetIds": ["subnet-0a"]},
    "security group id": {"endpointSecurityGroupId": "default"},
    "database mode": {"databaseMode": "Own"},
    "database engine": {"databaseEngine": "postgres"},
    "database port": {"databasePort": 80},
    "database secret": {"databaseSecretArn": "shop"},
    "key of the database secret": {"databaseSecretKeyArn": "arn:aws:kms:eu-central-1:111122223333:alias/shop"},
    "database security group": {"databaseSecurityGroupId": "default"},
    "SQL bootstrap": {"sqlBootstrap": "never"},
    "engine version": {"engineVersion": "8.0"},
    "engine in support": {"engineVersion": "8.0.mysql_aurora.3.04.2"},
    "database class": {"databaseInstanceClass": "large"},
    "fit database class": {"databaseInstanceClass": "db.t2.small"},
    "database instances": {"databaseInstances": 0},
    "least capacity": {"minCapacity": "0"},
    "most capacity": {"maxCapacity": "4.25"},
    "snapshot": {"snapshotIdentifier": "arn:aws:rds:eu-central-1:111122223333:snapshot:shop", "masterUsername": ""},
    "restore generation": {"restoreGeneration": -1},
    "master user": {"masterUsername": "admin"},
    "capture user": {"captureUsername": "it's"},
    "backups": {"backupRetentionDays": 0},
    "binlog outlives a stop": {"binlogRetentionHours": 24},
    "migration type": {"migrationType": "full"},
    "start position": {"cdcStartPosition": "mysql-bin.000024:373"},
    "start time": {"cdcStartTime": "2026-01-31T12:00:00"},
    "replication mode": {"replicationMode": "Serverless"},
    "least units": {"minReplicationUnits": 3},
    "most units": {"maxReplicationUnits": 512},
    "replication class": {"replicationInstanceClass": "t3.medium"},
    "replication class in use": {"replicationInstanceClass": "dms.t2.medium"},
    "replication engine": {"replicationEngineVersion": "latest"},
    "replication engine in support": {"replicationEngineVersion": "3.5.3"},
    "replication storage": {"replicationStorageGb": 20},
    "verified TLS": {"sslMode": "require"},
    "bundle file": {"caBundleFile": "no-such.pem"},
    "load threads": {"parallelLoadThreads": 33},
    "apply threads": {"parallelApplyThreads": -1},
    "LOB size": {"maxLobKb": 2048},
    "table error": {"onTableError": "ignore"},
    "service roles": {"dmsServiceRoles": "adopt"},
    "stream mode": {"streamMode": "on_demand"},
    "shards": {"shardCount": -1},
    "stream retention": {"streamRetentionHours": 23},
    "buffer size": {"bufferSizeMb": 129},
    "buffer interval": {"bufferIntervalSeconds": 901},
    "lake prefix": {"lakePrefix": "/raw"},
    "error prefix": {"errorPrefix": "errors/"},
    "length of the lake prefix": {"lakePrefix": "r" * 350},
    "length of the error prefix": {"errorPrefix": "e" * 350},
    "transition": {"lakeTransitionDays": 7},
    "expiry": {"lakeExpiryDays": -1},
    "first day": {"catalogStartDate": "9999-12-31"},
    "scan limit": {"queryScanLimitGb": 0},
    "results": {"queryResultDays": 0},
    "schedule of tables": {"tablesEveryMinutes": 4},
    "window of tables": {"tablesWindowHours": 1},
    "freshness": {"freshnessMinutes": 0},
    "heartbeat": {"freshnessMinutes": 120, "heartbeatMinutes": 61},
    "e-mail addresses": {"alarmEmails": ["data-team@example.com", "data-team"]},
    "distinct e-mail addresses": {"alarmEmails": ["a@example.com", "A@example.com"]},
    "alarm topic": {"alarmEmails": [], "alarmTopicArn": f"{TOPIC_ARN}.fifo"},
    "upgrades": {"minorUpgrades": "never"},
    "log retention": {"logRetentionDays": 10},
    "captured or excluded": {"tables": ["shop.a", "shop.b"], "excludeTables": ["shop.b"]},
    "something is left": {"tables": ["shop.a", "shop.b%"], "excludeTables": ["shop.%"]},
    "drops of captured tables": {**SHOP, "dropColumns": ["crm.%.email"]},
    "masks of captured tables": {**SHOP, "excludeTables": ["shop.lo%"], "maskColumns": ["shop.log.email=hash"]},
    "filtered table by name": {"tables": ["shop.a", "shop.%"], "rowFilters": ["shop.a.b gte 3"]},
    "filters of captured tables": {
        "tables": ["shop.a", "shop.b"],
        "excludeTables": ["shop.a%"],
        "rowFilters": ["shop.a.b gte 3"],
    },
    "dropped or masked": {**SHOP, "dropColumns": ["shop.%.email"], "maskColumns": ["shop.a.e%=hash"]},
    "filtered or hidden": {"tables": ["shop.a"], "dropColumns": ["shop.%.b"], "rowFilters": ["shop.a.b eq 3"]},
    "certificate authorities": {"aws:region": "il-central-1", "sqlBootstrap": "manual"},
    "authorities of the Region": {"caBundleFile": "configuration/rds_ca/eu-west-1.pem"},
    "zones of the Region": {"availabilityZones": ["us-east-1a", "us-east-1b"]},
    "existing VPC": {"vpcId": "vpc-0a"},
    "zones follow the subnets": {**EXISTING, "availabilityZones": ["eu-central-1a", "eu-central-1b"]},
    "a way to AWS": {"createVpcEndpoints": False, "endpointSecurityGroupId": "sg-0a"},
    "endpoints are reachable": {**EXISTING, "createVpcEndpoints": False},
    "keys of an existing database": {"databaseSecretArn": SECRET_ARN},
    "way to an existing database": {**THEIRS, "databaseSecurityGroupId": ""},
    "secret of the Region": {**THEIRS, "databaseSecretArn": SECRET_ARN.replace("eu-central-1", "eu-west-1")},
    "key of the Region": {**THEIRS, "databaseSecretKeyArn": KEY_ARN.replace("eu-central-1", "eu-west-1")},
    "snapshot of the Region": {**RESTORED, "snapshotIdentifier": SNAPSHOT_ARN.replace("eu-central-1", "eu-west-1")},
    "no restore of an existing database": {**THEIRS, **RESTORED},
    "no SQL in an existing database": {**THEIRS, "sqlBootstrap": "auto"},
    "Data API of the class": {"databaseInstanceClass": "db.t4g.large"},
    "Data API of the Region": {"aws:region": "eu-central-2"},
    "Data API of the engine": {"engineVersion": "8.4.mysql_aurora.8.4.7"},
    "schemas by name": {"tables": ["shop%.orders"]},
    "credentials of the bootstrap": ROLE,
    "restored from something": {"restoreGeneration": 1},
    "restored is loaded": {**RESTORED, "migrationType": "full-load"},
    "start of cdc": {"migrationType": "cdc"},
    "start position of cdc alone": {"cdcStartPosition": POSITION},
    "start time of cdc alone": {"cdcStartTime": "2026-01-31T12:00:00Z"},
    "one start": {"migrationType": "cdc", "cdcStartPosition": POSITION, "cdcStartTime": "2026-01-31T12:00:00Z"},
    "serverless loads": {"replicationMode": "serverless", "migrationType": "cdc", "cdcStartPosition": POSITION},
    "units in order": {"minReplicationUnits": 8},
    "two images in a record": {"maxLobKb": 501},
    "capacity in order": {"minCapacity": "8", "maxCapacity": "4"},
    "origin of the master user": {"snapshotIdentifier": "snapshot"},
    "two users": {"masterUsername": "reader", "captureUsername": "reader"},
    "shards follow the mode": {"shardCount": 2},
    "buffer of a partition": {"partitionByTable": True, "bufferSizeMb": 63},
    "interval of a partition": {"partitionByTable": True, "bufferSizeMb": 64, "bufferIntervalSeconds": 59},
    "errors apart from rows": {"lakePrefix": "raw", "errorPrefix": "raw/errors"},
    "expiry after transition": {"lakeTransitionDays": 90, "lakeExpiryDays": 30},
    "log outlives its merge": {"tablesEveryMinutes": 15, "lakeTransitionDays": 0, "lakeExpiryDays": 8},
    "buffer within the promise": {"freshnessMinutes": 5, "bufferIntervalSeconds": 300},
    "stream outlives a late alarm": {"freshnessMinutes": 490, "streamRetentionHours": 24},
    "binlog outlives a late alarm": {"freshnessMinutes": 510, "binlogRetentionHours": 25},
    "heartbeat by the Data API": {**BEATS, "sqlBootstrap": "manual"},
    "heartbeat within the promise": {"freshnessMinutes": 4, **BEATS},
    "silence within a day": {"freshnessMinutes": 1436, **BEATS},
    "heartbeat is followed": {**BEATS, "migrationType": "full-load"},
    "table of the heartbeat": {**BEATS, "tables": ["shop.%", "cdc_lake.h%"]},
    "heartbeat is captured": {**BEATS, "excludeTables": ["%.%beat"]},
    "user of the heartbeat": {**BEATS, "captureUsername": "lake_heartbeat"},
    "one kind of recipient": {"alarmEmails": ["data-team@example.com"], "alarmTopicArn": TOPIC_ARN},
    "suspended and told": {"alarmEmails": [], "onTableError": "suspend"},
    "topic of the Region": {"alarmEmails": [], "alarmTopicArn": TOPIC_ARN.replace("central", "north")},
}
"""What breaks each rule, by the rule's name."""

RIGHT: Mapping[str, dict[str, Any]] = {
    "restored from something": RESTORED,
    "restored is loaded": {**RESTORED, "migrationType": "full-load-and-cdc"},
    "start of cdc": {"migrationType": "cdc", "cdcStartPosition": POSITION},
    "start position of cdc alone": {"migrationType": "cdc", "cdcStartPosition": CHECKPOINT},
    "start time of cdc alone": {"migrationType": "cdc", "cdcStartTime": "2026-01-31T12:00:00+01:00"},
    "one start": {"migrationType": "cdc", "cdcStartTime": "2026-01-31T12:00:00.5Z"},
    "serverless loads": {"replicationMode": "serverless", "migrationType": "full-load-and-cdc"},
    "units in order": {"replicationMode": "serverless", "minReplicationUnits": 384, "maxReplicationUnits": 384},
    "two images in a record": {"maxLobKb": 1024, "beforeImages": False},
    "captured or excluded": {"tables": ["shop.%"], "excludeTables": ["shop.b"]},
    "drops of captured tables": {"tables": ["shop.a%"], "excludeTables": ["shop.ax"], "dropColumns": ["s%.[ab]%.b"]},
    "masks of captured tables": {**SHOP, "excludeTables": ["shop.log"], "maskColumns": ["shop.logs.email=hash"]},
    "one mask for a column": {**SHOP, "maskColumns": ["shop.a.%[_]mail=hash", "shop.%.e[0-9]mail=digits"]},
    "filtered table by name": {"tables": ["shop.a", "shop.[b-z]%"], "rowFilters": ["shop.a.b gte 3", "shop.a.c null"]},
    "filters of captured tables": {
        "tables": ["shop.a"],
        "excludeTables": ["shop.b%"],
        "rowFilters": ["shop.a.b between 3 and 9 or eq 12"],
    },
    "dropped or masked": {**SHOP, "dropColumns": ["shop.%.email"], "maskColumns": ["shop.a.e[0-9]%=hash"]},
    "filtered or hidden": {"tables": ["shop.a"], "dropColumns": ["shop.%.c"], "rowFilters": ["shop.a.b eq 3"]},
    "rising ids": {"mappingRules": f"{RULES}/amount_as_text.json"},
    "zones of the Region": {"aws:region": "us-east-1", "availabilityZones": ["us-east-1a", "us-east-1b"]},
    "zones follow the subnets": {"vpcId": "vpc-0a", "subnetIds": ["subnet-0a", "subnet-0b"], "availabilityZones": []},
    "a way to AWS": {**EXISTING, "createVpcEndpoints": False, "endpointSecurityGroupId": "sg-0a"},
    "capacity in order": {"minCapacity": "4", "maxCapacity": "4"},
    "two users": {"masterUsername": "supervisor", "captureUsername": "reader"},
    "tables": {"tables": ["shop.v1.orders", "a-b.%", "shop[_]%.[ab]%"], "sqlBootstrap": "manual"},
    "private range": {"vpcCidr": "192.168.7.0/24"},
    "existing VPC": EXISTING,
    "endpoints are reachable": {**EXISTING, "createVpcEndpoints": False, "endpointSecurityGroupId": "sg-0a"},
    "two zones": {"availabilityZones": ["eu-central-1a", "eu-central-1b"]},
    "keys of an existing database": THEIRS,
    "way to an existing database": {**THEIRS, "databaseEngine": "mariadb", "databasePort": 3307},
    "secret of the Region": {**THEIRS, "openDatabaseSecurityGroup": False},
    "no restore of an existing database": {**THEIRS, "restoreGeneration": 2},
    "no SQL in an existing database": {**THEIRS, "databaseInstanceClass": "db.t3.medium"},
    "Data API of the class": {"databaseInstanceClass": "db.t4g.large", "sqlBootstrap": "manual"},
    "Data API of the Region": {"aws:region": "eu-central-2", "sqlBootstrap": "manual"},
    "Data API of the engine": {"engineVersion": "8.4.mysql_aurora.8.4.7", "sqlBootstrap": "manual"},
    "schemas by name": {"tables": ["shop%.orders"], "sqlBootstrap": "manual"},
    "credentials of the bootstrap": {**ROLE, "sqlBootstrap": "manual"},
    "service roles": {"dmsServiceRoles": "auto"},
    "key of the database secret": {**THEIRS, "databaseSecretKeyArn": KEY_ARN},
    "key of the Region": {**THEIRS, "databaseSecretKeyArn": KEY_ARN},
    "snapshot of the Region": {**RESTORED, "snapshotIdentifier": SNAPSHOT_ARN},
    "something is left": {"tables": ["shop.a", "shop.b%"], "excludeTables": ["shop.a%", "shop.b_%"]},
    "authorities of the Region": {"caBundleFile": "configuration/rds_ca/eu-central-1.pem"},
    "engine in support": {"engineVersion": "8.4.mysql_aurora.8.4.7", "sqlBootstrap": "manual"},
    "fit database class": {"databaseInstanceClass": "db.r8g.4xlarge"},
    "least capacity": {"minCapacity": "1.5", "maxCapacity": "256"},
    "origin of the master user": {"snapshotIdentifier": "snapshot", "masterUsername": ""},
    "binlog outlives a stop": {"binlogRetentionHours": 25},
    "verified TLS": {"sslMode": "verify-full"},
    "shards follow the mode": {"streamMode": "PROVISIONED", "shardCount": 1},
    "buffer interval": {"bufferSizeMb": 128, "bufferIntervalSeconds": 0},
    "buffer of a partition": {"partitionByTable": True, "bufferSizeMb": 64},
    "interval of a partition": {"partitionByTable": True, "bufferSizeMb": 128, "bufferIntervalSeconds": 60},
    "first day": {"catalogStartDate": "2024-02-29"},
    "errors apart from rows": {"lakePrefix": "raw", "errorPrefix": "raw-errors"},
    "expiry after transition": {"lakeTransitionDays": 0, "lakeExpiryDays": 1},
    "log outlives its merge": {"tablesEveryMinutes": 15, "lakeTransitionDays": 0, "lakeExpiryDays": 9},
    "buffer within the promise": {"freshnessMinutes": 5, "bufferIntervalSeconds": 299},
    "stream outlives a late alarm": {"freshnessMinutes": 480, "streamRetentionHours": 24},
    "binlog outlives a late alarm": {"freshnessMinutes": 500, "binlogRetentionHours": 25},
    "heartbeat": {"freshnessMinutes": 60, "heartbeatMinutes": 60},
    "heartbeat by the Data API": {**THEIRS, "heartbeatMinutes": 0, "tables": ["cdc_lake.heartbeat"]},
    "heartbeat within the promise": {"freshnessMinutes": 5, "bufferIntervalSeconds": 60, **BEATS},
    "silence within a day": {"freshnessMinutes": 1435, **BEATS},
    "heartbeat is followed": {**BEATS, "migrationType": "cdc", "cdcStartPosition": POSITION},
    "table of the heartbeat": {**BEATS, "tables": ["shop.%", "cdc_lake.h%s", "cdc_lakes.heartbeat"]},
    "heartbeat is captured": {**BEATS, "excludeTables": ["dms_sample.heartbeat", "%.%beats"]},
    "user of the heartbeat": {"captureUsername": "lake_heartbeat"},
    "one kind of recipient": {"alarmEmails": ["data-team@example.com", "o'brien+cdc@mail.example.org"]},
    "suspended and told": {"onTableError": "suspend"},
    "topic of the Region": {"alarmEmails": [], "alarmTopicArn": TOPIC_ARN},
    "certificate authorities": {
        "aws:region": "il-central-1",
        "sqlBootstrap": "manual",
        "caBundleFile": "tests/configuration/authorities/own.pem",
    },
    "replication engine in support": {"replicationEngineVersion": "3.10.0"},
}
"""What is just right, by the name of a rule that it might break by mistake."""


def test_every_rule_has_an_example_that_breaks_it():
    assert list(WRONG) == [rule.name for rule in (*VALUE_RULES, *CONTRADICTIONS)], "a rule nobody has seen fire is none"


@pytest.mark.parametrize("rule", [*VALUE_RULES, *CONTRADICTIONS], ids=lambda rule: rule.name)
def test_a_broken_rule_is_reported_with_key_value_rule_and_remedy(rule: Any):
    changes = WRONG[rule.name]
    (line,) = [line for line in refusal(changes) if rule.says in line]
    assert line.startswith(f"  {rule.key} = ")
    assert f"Remedy: {rule.remedy}." in line
    if rule.key in changes:
        value = changes[rule.key]
        shown = str(float(value) if rule.key.endswith("Capacity") else value)
        assert shown in line or repr(shown) in line, "what cannot be printed is quoted"


@pytest.mark.parametrize("rule", [*VALUE_RULES, *CONTRADICTIONS], ids=lambda rule: rule.name)
def test_an_example_breaks_its_rule_alone(rule: Any):
    assert len(refusal(WRONG[rule.name])) == 1, "two messages for one mistake send the reader the wrong way"


@pytest.mark.parametrize("rule", CONTRADICTIONS, ids=lambda rule: rule.name)
def test_a_contradiction_has_a_page_to_read_and_an_example_that_is_none(rule: Any):
    assert re.fullmatch(
        r"https://(docs\.aws\.amazon\.com|www\.pulumi\.com|github\.com/[\w-]+/[\w-]+/issues)/\S+", rule.source
    )
    assert rule.name in RIGHT, "a rule that refuses everything passes every example that it should refuse"


@pytest.mark.parametrize("rule", [*VALUE_RULES, *CONTRADICTIONS], ids=lambda rule: rule.name)
def test_a_remedy_is_one_line(rule: Any):
    for text in (rule.says, rule.remedy):
        assert re.fullmatch(r"[^\n]*[^.\s]", text), "one line of the refusal, which ends it with a full stop"


@pytest.mark.parametrize("changes", RIGHT.values(), ids=RIGHT)
def test_what_is_just_right_passes(changes: dict[str, Any]):
    assert isinstance(loaded(changes), Settings)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("tables", "shop.%", "a list of schema.table patterns"),
        ("tables", ["shop"], "a list of schema.table patterns"),
        ("tables", [3], "a list of schema.table patterns"),
        ("tables", {"shop": "orders"}, "a list of schema.table patterns"),
        ("dropColumns", ["shop.email"], "a list of schema.table.column patterns"),
        ("maskColumns", ["shop.a.email"], "a list of schema.table.column=hash or"),
        ("maskColumns", ["shop.a.email=md5"], "a list of schema.table.column=hash or"),
        ("rowFilters", ["shop.a.b > 3"], "a list of schema.table.column and a condition"),
        ("mappingRules", "no-such.json", "empty or the path of a JSON file"),
        ("mappingRules", "Pulumi.yaml", "empty or the path of a JSON file"),
        ("mappingRules", "schemas/dms_sample.person.json", "empty or the path of a JSON file"),
        ("subnetIds", "subnet-0a", "a list of texts"),
        ("databaseInstances", "two", "a whole number"),
        ("databaseInstances", 1.5, "a whole number"),
        ("databaseInstances", [1], "a whole number"),
        ("minCapacity", "half", "a number"),
        ("multiAz", "yes", "true or false"),
        ("multiAz", 1, "true or false"),
        ("ephemeral", "True", "true or false"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(key: str, value: Any, says: str):
    (line,) = refusal({key: value})
    assert line.startswith(f"  {key} = ")
    assert f"must be {says}" in line


@pytest.mark.parametrize("text", ["nan", "inf", "1e400"])
def test_a_capacity_is_a_number_that_counts(text: str):
    assert len(refusal({"maxCapacity": text})) == 1


@pytest.mark.parametrize(
    ("key", "advice"),
    [("bufferSizeMB", "did you mean bufferSizeMb?"), ("table", "did you mean tables?"), ("zzzzzzzz", "remove it")],
)
def test_an_unknown_key_is_refused_with_a_suggestion(key: str, advice: str):
    (line,) = refusal({key: "1"})
    assert "there is no such key" in line
    assert advice in line


@pytest.mark.parametrize("key", ["a\nb", "", "\ud800"])
def test_an_unknown_key_that_cannot_be_read_is_quoted(key: str):
    (line,) = refusal({key: "1"})
    assert line.startswith(f"  {key!r} = '1': there is no such key")


@pytest.mark.parametrize(
    "day", ["2026-02-30", "2026-1-1", "20260101", "2026-01-01T00:00:00", "2026-W01-1", "", "today"]
)
def test_the_first_day_is_written_as_athena_reads_it(day: str):
    assert "as yyyy-MM-dd" in refusal({"catalogStartDate": day})[0]


def test_the_first_day_may_be_today_and_not_tomorrow(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "today", lambda: datetime.date(2026, 3, 1))
    assert loaded({"catalogStartDate": "2026-03-01"}).query.catalog_start_date == "2026-03-01"
    assert len(refusal({"catalogStartDate": "2026-03-02"})) == 1, "no query would see anything"


def test_a_missing_key_is_refused():
    (line,) = refusal({"lakePrefix": None})
    assert line.startswith("  lakePrefix = None: it is missing")


def test_all_errors_of_a_stack_file_are_reported_together():
    lines = refusal({"tables": "shop.%", "bufferSizeMb": 300, "sslMode": "require", "colour": "blue"})
    assert [line.split()[0] for line in lines] == ["tables", "colour", "sslMode", "bufferSizeMb"]


def test_contradictions_are_reported_together():
    lines = refusal({"shardCount": 2, "minCapacity": "8"})
    assert {line.split()[0] for line in lines} == {"shardCount", "maxCapacity"}


def test_the_refusal_names_the_file_and_counts():
    with pytest.raises(SettingsError, match=r"^Pulumi\.dev\.yaml: one setting is wrong\.\n  sslMode"):
        loaded({"sslMode": "none"})
    with pytest.raises(SettingsError, match=r"^Pulumi\.dev\.yaml: 2 settings are wrong\."):
        loaded({"sslMode": "none", "maxLobKb": 0})


def test_keys_of_other_namespaces_are_left_alone():
    assert isinstance(loaded({"aws:profile": "work", "pulumi:tags": {"a": "b"}}), Settings)


def test_values_arrive_with_their_types():
    settings = loaded({"tables": ["shop.%"], "minCapacity": "0.5", "multiAz": True, "bufferSizeMb": 7})
    assert [str(pattern) for pattern in settings.replication.tables] == ["shop.%"]
    assert (settings.database.min_capacity, settings.replication.multi_az) == (0.5, True)
    assert (settings.lake.buffer_size_mb, settings.name, settings.region) == (7, "cdc-lake-dev", "eu-central-1")


def test_a_pipeline_that_nobody_watches_is_warned_of():
    (warning,) = loaded({"alarmEmails": []}).warnings
    assert warning.startswith("Nobody is told when the pipeline stops")
    assert loaded({"alarmEmails": [], "alarmTopicArn": TOPIC_ARN}).warnings == ()


def test_settings_cannot_be_changed():
    with pytest.raises(AttributeError):
        loaded().lake.buffer_size_mb = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("ephemeral", "acknowledged", "destroyable", "warns"),
    [
        (True, "dev", True, False),
        (True, "", False, True),
        (True, "prod", False, True),
        (False, "dev", False, True),
        (False, "", False, False),
    ],
)
def test_data_is_destroyable_with_both_keys_alone(ephemeral: bool, acknowledged: str, destroyable: bool, warns: bool):
    settings = loaded({"ephemeral": ephemeral, "acknowledgeDataLoss": acknowledged})
    assert (settings.destroyable, bool(settings.warnings)) == (destroyable, warns)


def test_a_copied_stack_file_does_not_open_the_lock():
    settings = loaded(stack="copy")
    assert not settings.destroyable, "acknowledgeDataLoss names another stack"
    assert "acknowledgeDataLoss: copy" in settings.warnings[0]


def test_keys_are_flat_camel_case():
    assert all(key.isalpha() and key[0].islower() for key in KEYS)
    assert len(set(KEYS)) == len(KEYS)
