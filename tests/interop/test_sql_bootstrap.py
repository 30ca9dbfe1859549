"""SqlBootstrap over HTTP, with moto in AWS's place."""

from __future__ import annotations

import json

import boto3
import pytest
import requests
from moto import mock_aws

from components.data_api import DataApiError
from components.sql_bootstrap import SqlBootstrapProvider
from tests.components.test_sql_bootstrap import CHECKS, PASSWORD, PROPS


@mock_aws
def test_it_speaks_to_aws_as_boto3_does(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    region = PROPS["region"]
    cluster = boto3.client("rds", region).create_db_cluster(
        DBClusterIdentifier="one",
        Engine="aurora-mysql",
        EngineMode="serverless",
        EnableHttpEndpoint=True,
        EngineVersion="5.6.10a",
        MasterUsername="lakeadmin",
        MasterUserPassword=PASSWORD,
    )["DBCluster"]  # fmt: skip - the one kind of cluster whose endpoint moto turns on
    secret = boto3.client("secretsmanager", region).create_secret(
        Name="capture", SecretString=json.dumps({"password": PASSWORD})
    )
    arns = {"clusterArn": cluster["DBClusterArn"], "masterSecretArn": secret["ARN"], "captureSecretArn": secret["ARN"]}
    props = {**PROPS, **arns}
    right = [[[{"stringValue": check["expect"][0]}]] for check in CHECKS]
    answers = [[], [], [], [], *right]  # SELECT 1, three statements, the checks
    plan = {"region": region, "results": [{"records": records} for records in reversed(answers)]}  # moto takes the last
    requests.post("http://motoapi.amazonaws.com/moto-api/static/rds-data/statement-results", json=plan, timeout=5)
    assert SqlBootstrapProvider().create(props).outs == props
    with pytest.raises(DataApiError, match="value >= 25 must be '1' and is ''"):
        SqlBootstrapProvider().create({**props, "binlogRetentionHours": 25})
