"""Names of AWS's things: what it takes passes, and what it would refuse, or read as another thing, does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from botocore.loaders import create_loader

from configuration.aws_names import OTHER_PARTITIONS, REGIONS
from configuration.settings import Settings
from tests.configuration.loading import loaded, refusal

ACCOUNT = "eu-central-1:111122223333"
SECRET = f"arn:aws:secretsmanager:{ACCOUNT}:secret"
KEY = f"arn:aws:kms:{ACCOUNT}:key"
UUID = "0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f"
SNAPSHOT = f"arn:aws:rds:{ACCOUNT}"
MANUAL = {"sqlBootstrap": "manual"}
RESTORED = {"masterUsername": "", "restoreGeneration": 1}
THEIRS = {
    "vpcId": "vpc-0a",
    "subnetIds": ["subnet-0a", "subnet-0b"],
    "databaseMode": "existing",
    "databaseSecretArn": f"{SECRET}:shop-AbCdEf",
    "databaseSecurityGroupId": "sg-0d",
    **MANUAL,
}
CDC = {"migrationType": "cdc"}

NAMES: Mapping[str, tuple[Mapping[str, Any], Sequence[Any], Sequence[Any]]] = {
    "aws:region": (
        {**MANUAL, "caBundleFile": "tests/configuration/authorities/own.pem"},
        ["eu-central-1", "us-east-1", "ap-southeast-7", "sa-west-1"],
        [
            "EU-CENTRAL-1",
            "eu-central-3",
            "eu-central-1a",
            "eusc-de-east-1",
            "us-gov-west-1",
            "cn-north-1",
            "aws-global",
        ],
    ),
    "availabilityZones": (
        {},
        [["eu-central-1a", "eu-central-1b"], ["eu-central-1f", "eu-central-1a", "eu-central-1c"]],
        [
            ["eu-central-1a", "eu-central-12"],
            ["eu-central-1a", "eu-central-1-ham-1a"],
            ["eu-central-1a", "eu-central-1B"],
            ["eu-central-1a", "eu-central-1"],
            ["euc1-az1", "euc1-az2"],
            ["eu-central-1a", "eu-central-2a"],
            [f"eu-central-1{letter}" for letter in "abcdefghijklmnopqrst"],
        ],
    ),
    "databaseSecretArn": (
        THEIRS,
        [f"{SECRET}:shop-AbCdEf", f"{SECRET}:a/b_c+d=e.f@g-h-0a1B2c"],
        [
            f"{SECRET}:*",
            f"{SECRET}:shop-*",
            f"{SECRET}:shop-??????",
            f"{SECRET}:shop",
            f"{SECRET}:shop-AbCdE",
            f"{SECRET}:shop-AbCdEfG",
            f"{SECRET.replace('aws', 'aws-cn', 1)}:shop-AbCdEf",
            f"{SECRET.replace('eu-central-1', 'eu-west-1')}:shop-AbCdEf",
            f"{SECRET.replace('111122223333', '１１１１２２２２３３３３')}:shop-AbCdEf",
        ],
    ),
    "databaseSecretKeyArn": (
        THEIRS,
        ["", f"{KEY}/{UUID}", f"{KEY}/mrk-{'0a' * 16}"],
        [
            f"{KEY}/*",
            f"{KEY}/{UUID[:-1]}*",
            f"{KEY}/{UUID[:-1]}",
            f"{KEY}/{UUID}0",
            f"{KEY.replace(':key', ':alias')}/shop",
            f"{KEY.replace('eu-central-1', 'eu-west-1')}/{UUID}",
        ],
    ),
    "snapshotIdentifier": (
        RESTORED,
        [
            "shop",
            "s" * 255,
            "rds:shop-2026-02-01-00-10",
            f"awsbackup:job-{UUID}",
            f"{SNAPSHOT}:cluster-snapshot:shop-2026-02-01",
            f"{SNAPSHOT.replace('111122223333', '444455556666')}:cluster-snapshot:rds:shop-2026-02-01-00-10",
        ],
        [
            "s" * 256,
            "1shop",
            "shop--copy",
            "shop-",
            "my shop",
            "my_shop",
            f"{SNAPSHOT}:snapshot:shop",
            f"{SNAPSHOT}:cluster:shop",
            f"{SNAPSHOT}:cluster-snapshot:*",
            f"{SNAPSHOT.replace('eu-central-1', 'eu-west-1')}:cluster-snapshot:shop",
        ],
    ),
    "engineVersion": (
        MANUAL,
        ["8.0.mysql_aurora.3.10.6", "8.0.mysql_aurora.3.13.0", "8.0.mysql_aurora.3.20.11", "8.4.mysql_aurora.8.4.8"],
        [
            "8.0.mysql_aurora.2.11.0",
            "8.0.mysql_aurora.3.1.0",
            "8.0.mysql_aurora.8.4.7",
            "8.4.mysql_aurora.3.10.6",
            "9.7.mysql_aurora.9.7.1",
            "8.0.36",
            "8.0",
        ],
    ),
    "databaseInstanceClass": (
        MANUAL,
        [
            "db.serverless",
            "db.t3.medium",
            "db.t4g.large",
            "db.r5.large",
            "db.r8gd.48xlarge",
            "db.x2g.16xlarge",
            "db.r9g.96xlarge",
            "db.r10i.2xlarge",
        ],
        [
            "db.t3.micro",
            "db.t3.small",
            "db.t4g.xlarge",
            "db.t2.medium",
            "db.zzz.huge",
            "db.z9.huge",
            "db.r4.large",
            "db.r5.medium",
            "db.r5.small",
            "db.m6g.large",
            "db.c6gd.large",
            "r5.large",
            "dms.r5.large",
            "db.R5.large",
        ],
    ),
    "replicationInstanceClass": (
        {},
        ["dms.t3.micro", "dms.t3.large", "dms.c5.24xlarge", "dms.c7i.large", "dms.r6i.32xlarge", "dms.r9g.48xlarge"],
        [
            "dms.t3.xlarge",
            "dms.t2.micro",
            "dms.c4.large",
            "dms.r4.large",
            "dms.m5.large",
            "dms.zzz.huge",
            "dms.r5.medium",
            "db.r5.large",
            "dms.serverless",
        ],
    ),
    "replicationEngineVersion": ({}, ["3.5.4", "3.6.1", "3.10.12"], ["99.9.9", "4.0.0", "3.6", "3.6.1.1", "latest"]),
    "masterUsername": (
        {},
        ["lakeadmin", "a", "selector", "Administrator1"],
        ["select", "SELECT", "groups", "qualify", "rdsadmin", "rdsReader", "admin", "root", "my_admin", "1a", "ａdmin"],
    ),
    "captureUsername": (
        {},
        ["lake_capture", "dms", "selects", "ward"],
        ["rds_superuser_role", "rdsadmin", "rdsrepladmin", "aws_lambda_access", "select", "rank", "root", "mysql"],
    ),
    "cdcStartTime": (
        CDC,
        [
            "2026-01-31T12:00:00Z",
            "2026-01-31T12:00:00.123456789Z",
            "2026-01-31T12:00:00+01:00",
            "2026-01-31T12:00:00-09:30",
        ],
        [
            "2026-01-31T12:00:00",
            "2026-01-31 12:00:00Z",
            "2026-01-31T12:00Z",
            "2026-01-31T12Z",
            "20260131T120000Z",
            "2026-01-31t12:00:00z",
            "2026-01-31T12:00:00+0100",
            "2026-01-31T12:00:00+01",
            "2026-W05-6T12:00:00Z",
            "2026-01-31T12:00:00,5Z",
            "2026-02-30T12:00:00Z",
            "2026-01-31T25:00:00Z",
            "1769860800",
            "2026-01-31T12:00:00+01:00:30",
            "2026-01-31T12:00:00+24:00",
            "２026-01-31T12:00:00Z",
        ],
    ),
    "catalogStartDate": ({}, ["2015-01-01", "2026-01-01"], ["2014-12-31", "0001-01-01", "２026-01-01"]),
    "restoreGeneration": ({"snapshotIdentifier": "shop", "masterUsername": ""}, [9999], [10_000, 10**400, "9" * 5000]),
    "lakeExpiryDays": ({}, [36_500], [36_501, 800_000, 10**400]),
    "lakeTransitionDays": ({}, [36_500], [36_501, 10**400]),
    "vpcCidr": ({}, ["10.64.0.0/16"], ["10.64.0.0/255.255.0.0", "10.64.0.0/0.0.255.255", "10.64.0.0/016"]),
    "excludeTables": (
        {"tables": ["shop.orders", "shop.log%"]},
        [["shop.log_"], ["shop.l%"], ["shop.log%x"], ["shop.order[0-9]"], ["crm.%"]],
        [["shop.%"], ["%.%"], ["shop.order[a-z]", "shop.l%"], ["shop.[a-z]%"], ["sho[p-z].%"]],
    ),
    "tables": (
        MANUAL,
        [["shop.[a-d]%"], ["shop.[-a]"], ["shop.[a-]"], ["shop.größe €"]],
        [["shop.[d-a]%"], ["shop.[b-aa]"], ["shop.a\x01"], ["shop.a\x7f"], ["shop.a\tb"], ["shop.🙂"]],
    ),
    "lakePrefix": ({}, ["r" * 348, "a/b"], ["r" * 349, "a//b", "a/", "r" * 1025]),
    "errorPrefix": ({}, ["e" * 348], ["e" * 349]),
}
"""For each key what else is said, what AWS takes there, and what it refuses."""


@pytest.mark.parametrize(("key", "value"), [(key, value) for key in NAMES for value in NAMES[key][1]])
def test_what_aws_takes_passes(key: str, value: Any):
    assert isinstance(loaded({**NAMES[key][0], key: value}), Settings)


@pytest.mark.parametrize(("key", "value"), [(key, value) for key in NAMES for value in NAMES[key][2]])
def test_what_aws_would_refuse_is_refused_once_with_a_remedy(key: str, value: Any):
    (line,) = refusal({**NAMES[key][0], key: value})
    assert line.startswith(f"  {key} = "), "the key that is wrong is to blame"
    assert ". Remedy: " in line
    assert len(line) < 1000, "an error that nobody can find the rule in"


@pytest.mark.parametrize("name", ["cdc-lake", "p" * 30, "lake2"])
def test_a_project_has_a_name_that_identifiers_can_begin_with(name: str):
    assert loaded({"project": name}).name == f"{name}-dev"


@pytest.mark.parametrize("name", ["my_project", "my.project", "Lake", "lake-", "2lake", "a--b", "p" * 31])
def test_a_project_with_another_name_is_refused(name: str):
    (line,) = refusal({"project": name})
    assert line.startswith(f"  project = {name!r}: must be at most 30 lower-case letters")


@pytest.mark.parametrize("text", ["[" * 100_000, '["' + "[" * 50, '{"a":' * 100_000, '["\\ud800.a"]', "[NaN]", "NaN"])
@pytest.mark.parametrize("key", ["tables", "subnetIds", "rowFilters"])
def test_a_list_that_cannot_be_read_is_refused(key: str, text: str):
    lines = refusal({key: text})
    assert [line for line in lines if line.startswith(f"  {key} = ") and "must be a list of" in line]


@pytest.mark.parametrize(
    "content",
    [
        '{"rules": [' + '{"a":' * 40 + "1" + "}" * 40 + "]}",
        '{"rules": ' + "[" * 100000,
        '{"rules": [{"a": NaN}]}',
        '{"rules": [{"a": "\\ud800"}]}',
        "é",
    ],
)
def test_further_rules_that_cannot_be_read_are_refused(content: str, tmp_path):
    file = tmp_path / "rules.json"
    file.write_bytes(content.encode("latin-1"))
    (line,) = refusal({"mappingRules": str(file)})
    assert line.startswith("  mappingRules = ")
    assert "must be empty or the path of a JSON file" in line


def test_the_regions_are_those_of_botocore():
    partitions = {it["id"]: it["regions"] for it in create_loader().load_data("partitions")["partitions"]}
    assert set(partitions.pop("aws")) - {"aws-global"} == REGIONS, "botocore knows others: bring the list up to date"
    others = [region for regions in partitions.values() for region in regions if not region.endswith("-global")]
    assert [region for region in others if not region.startswith(OTHER_PARTITIONS)] == []
