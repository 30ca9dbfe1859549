from __future__ import annotations

import json

from declaration import Declaration, Secret
from tests.conftest import statements, trusted
from tests.declared import declare

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
RESTORED = {"snapshotIdentifier": "one", "masterUsername": ""}


def key_arn(declared: Declaration) -> str:
    return declared.one("aws:kms/key:Key").outputs["arn"]


def test_the_parameter_group_turns_on_a_row_format_binlog_and_leaves_alone_what_must_be_left_alone(stack: Declaration):
    group = stack.one("aws:rds/clusterParameterGroup:ClusterParameterGroup")
    assert {parameter["name"]: parameter["value"] for parameter in group.inputs["parameters"]} == {
        "binlog_format": "ROW",
        "require_secure_transport": "ON",
        "server_audit_logging": "1",
        "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
        "slow_query_log": "1",
    }, "DMS reads neither enhanced binlog nor compressed transactions; binlog_row_image is FULL by default"
    assert {parameter["applyMethod"] for parameter in group.inputs["parameters"]} == {"pending-reboot"}, (
        "any other method is a change in every preview"
    )


def test_the_parameter_family_follows_the_engine_version(dev: Declaration, turned: Declaration):
    family = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
    assert dev.one(family).inputs["family"] == "aurora-mysql8.0"
    assert turned.one(family).inputs["family"] == "aurora-mysql8.4", "engineVersion is 8.4.mysql_aurora.8.4.7"


def test_the_cluster_is_encrypted_private_and_authenticated(stack: Declaration):
    cluster = stack.one(CLUSTER).inputs
    assert (cluster["storageEncrypted"], cluster["kmsKeyId"]) == (True, key_arn(stack)), "RDS.27"
    assert cluster["iamDatabaseAuthenticationEnabled"] is True, "RDS.12"
    assert cluster["copyTagsToSnapshot"] is True, "RDS.16"
    assert cluster["enabledCloudwatchLogsExports"] == ["audit", "error", "slowquery"], "RDS.9, RDS.34"
    assert cluster["masterUsername"] == "lakeadmin", "RDS.24: not everybody's first guess"
    assert cluster["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled", "no surprise fees"
    assert "availabilityZones" not in cluster, "fewer than RDS fills in replace the cluster on every run"
    assert "databaseName" not in cluster


def test_instances_are_private_monitored_and_upgraded(stack: Declaration):
    for instance in stack.all(INSTANCE):
        assert instance.inputs["publiclyAccessible"] is False, "RDS.2"
        assert instance.inputs["monitoringInterval"] == 60, "RDS.6"
        assert instance.inputs["autoMinorVersionUpgrade"] is True, "RDS.13"
        assert instance.inputs["caCertIdentifier"] == "rds-ca-rsa2048-g1", "an authority of the vendored bundle"
        assert instance.inputs["instanceClass"] == "db.serverless"


def test_the_writer_comes_before_the_readers(prod: Declaration):
    writer, reader = (prod.one(INSTANCE, f"database-instance-{number}") for number in (1, 2))
    assert prod.happens_before(writer, reader), "the first instance of a cluster becomes its writer"
    assert len(prod.all(INSTANCE)) == 2, "RDS.15"


def test_monitoring_has_a_role_of_its_own_that_is_ready_first(stack: Declaration):
    role = stack.one("aws:iam/role:Role", "database-instance-monitoring-role")
    attachment = stack.one(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "database-instance-monitoring-attachment"
    )
    assert trusted(role)["Principal"] == {"Service": "monitoring.rds.amazonaws.com"}
    assert attachment.inputs["policyArn"].endswith("/AmazonRDSEnhancedMonitoringRole")
    assert stack.happens_before(attachment, stack.one(INSTANCE, "database-instance-1"))


def test_log_groups_stand_under_the_clusters_name_before_the_cluster(stack: Declaration):
    cluster = stack.one(CLUSTER)
    for log in ("audit", "error", "slowquery"):
        group = stack.one("aws:cloudwatch/logGroup:LogGroup", f"database-{log}-log")
        assert group.inputs["name"] == f"/aws/rds/cluster/{cluster.inputs['clusterIdentifier']}/{log}"
        assert stack.happens_before(group, cluster), "RDS makes missing groups itself, without retention"


def test_passwords_are_letters_and_digits(stack: Declaration):
    passwords = stack.all("random:index/randomPassword:RandomPassword")
    assert len(passwords) == 2, "one for the administrator, one for the capture user"
    for password in passwords:
        assert (password.inputs["length"], password.inputs["special"]) == (32, False), (
            "RDS and DMS forbid different characters; these are the ones that both allow"
        )


def test_a_secret_holds_what_dms_reads(stack: Declaration):
    endpoint = stack.one(CLUSTER).outputs["endpoint"]
    for user, username in (("capture", "lake_capture"), ("master", "lakeadmin")):
        text = stack.one(VERSION, f"database-{user}-version").inputs["secretString"]
        assert isinstance(text, Secret), "a secret in the state must be encrypted"
        content = json.loads(text.value)
        assert set(content) == {"username", "password", "host", "port"}
        assert (content["username"], content["host"], content["port"]) == (username, endpoint, 3306)
        assert len(content["password"]) == 32


def test_dms_does_not_know_the_administrators_password(stack: Declaration):
    contents = [json.loads(version.inputs["secretString"].value) for version in stack.all(VERSION)]
    assert len({content["password"] for content in contents}) == 2
    policy = stack.one("aws:iam/rolePolicy:RolePolicy", "database-read-capture-secret-0")
    assert stack.exports["masterSecretArn"] not in policy.inputs["policy"]


def test_the_capture_secret_is_read_by_one_role_and_by_way_of_secrets_manager(stack: Declaration):
    policy = stack.one("aws:iam/rolePolicy:RolePolicy", "database-read-capture-secret-0")
    via = {"StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}}
    assert statements(policy) == {
        "ReadCaptureSecret": {
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": stack.exports["captureSecretArn"],
        },
        "DecryptCaptureSecret": {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": key_arn(stack),
            "Condition": via,
        },
        "DescribeCaptureSecretKey": {"Effect": "Allow", "Action": ["kms:DescribeKey"], "Resource": key_arn(stack)},
    }


def test_a_restored_cluster_has_no_user_name_and_a_new_password():
    cluster = declare("dev", config=RESTORED).one(CLUSTER).inputs
    assert cluster["snapshotIdentifier"] == "one"
    assert "masterUsername" not in cluster, "a snapshot brings its own user; AWS refuses another"
    assert isinstance(cluster["masterPassword"], Secret)


def test_the_administrators_secret_names_the_user_that_the_snapshot_brought():
    declared = declare("dev", config=RESTORED)
    secret = declared.one(VERSION, "database-master-version").inputs["secretString"].value
    assert json.loads(secret)["username"] == declared.one(CLUSTER).outputs["masterUsername"]


def test_a_changed_snapshot_never_replaces_the_database(stack: Declaration):
    assert "snapshotIdentifier" in stack.one(CLUSTER).ignore_changes


def test_with_automatic_upgrades_the_version_counts_at_creation_only(stack: Declaration):
    for resource in (stack.one(CLUSTER), *stack.all(INSTANCE)):
        assert "engineVersion" in resource.ignore_changes, "otherwise the next up tries to downgrade"


def test_a_kept_database_is_interrupted_in_its_maintenance_window_only(prod: Declaration, dev: Declaration):
    for declared, at_once in ((prod, False), (dev, True)):
        for resource in (declared.one(CLUSTER), *declared.all(INSTANCE)):
            assert resource.inputs["applyImmediately"] is at_once, "applications live on it, not only the pipeline"


def test_the_support_contract_counts_at_creation_only(stack: Declaration):
    assert "engineLifecycleSupport" in stack.one(CLUSTER).ignore_changes, (
        "AWS may answer with another value, and another value replaces the cluster"
    )


def test_a_pinned_version_is_not_upgraded_by_aws(turned: Declaration):
    assert "engineVersion" not in turned.one(CLUSTER).ignore_changes
    assert turned.one(INSTANCE).ignore_changes == ()
    assert turned.one(INSTANCE).inputs["autoMinorVersionUpgrade"] is False


def test_a_production_database_survives_destroy(prod: Declaration):
    cluster = prod.one(CLUSTER)
    assert cluster.protect, "pulumi destroy must refuse"
    assert cluster.inputs["deletionProtection"] is True, "RDS.7"
    assert cluster.inputs["skipFinalSnapshot"] is False
    assert cluster.inputs["finalSnapshotIdentifier"] == f"{cluster.inputs['clusterIdentifier']}-final"
    assert {secret.inputs["recoveryWindowInDays"] for secret in prod.all("aws:secretsmanager/secret:Secret")} == {30}


def test_an_ephemeral_database_goes_without_a_trace(dev: Declaration):
    cluster = dev.one(CLUSTER)
    assert not cluster.protect
    assert (cluster.inputs["deletionProtection"], cluster.inputs["skipFinalSnapshot"]) == (False, True)
    assert "finalSnapshotIdentifier" not in cluster.inputs
    assert {secret.inputs["recoveryWindowInDays"] for secret in dev.all("aws:secretsmanager/secret:Secret")} == {0}
