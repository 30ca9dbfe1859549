from __future__ import annotations

import json

import pytest

from configuration.rds_certificates import bundle
from declaration import Declaration, Resource, Secret
from declaration.run import ROOT
from tests.conftest import trusted
from tests.declared import declare

ENDPOINT = "aws:dms/endpoint:Endpoint"
INSTANCE = "aws:dms/replicationInstance:ReplicationInstance"
TASK = "aws:dms/replicationTask:ReplicationTask"
ROLE = "aws:iam/role:Role"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
OWN = "tests/configuration/authorities/own.pem"
SERVICE_ROLES = {
    "dms-vpc-role": "AmazonDMSVPCManagementRole",
    "dms-cloudwatch-logs-role": "AmazonDMSCloudWatchLogsRole",
}


def source(declared: Declaration) -> Resource:
    return declared.one(ENDPOINT, "replication-source")


def target(declared: Declaration) -> Resource:
    return declared.one(ENDPOINT, "replication-target")


@pytest.mark.parametrize(("role", "policy"), SERVICE_ROLES.items())
def test_a_service_role_has_the_name_and_the_policy_that_dms_looks_for(stack: Declaration, role: str, policy: str):
    declared = stack.one(ROLE, f"replication-service-roles-{role}")
    attachment = stack.one(ATTACHMENT, f"replication-service-roles-{role}-attachment")
    assert declared.inputs["name"] == role
    assert attachment.inputs["policyArn"] == f"arn:aws:iam::aws:policy/service-role/{policy}"
    assert attachment.inputs["role"] == role
    assert trusted(declared)["Principal"] == {"Service": "dms.amazonaws.com"}


def test_service_roles_stay_when_a_stack_is_destroyed(stack: Declaration):
    kept = [it for it in stack.resources if it.name.startswith("replication-service-roles-")]
    assert len(kept) == 4, "two roles and their attachments"
    assert all(it.retain_on_delete for it in kept), "other stacks and people of the account use them"


def test_an_account_that_has_the_service_roles_keeps_its_own(turned: Declaration):
    assert not [it.name for it in turned.all(ROLE) if it.name.startswith("replication-service-roles-")]


@pytest.mark.parametrize("role", SERVICE_ROLES)
def test_dms_is_called_when_the_service_roles_have_their_policies(stack: Declaration, role: str):
    attachment = stack.one(ATTACHMENT, f"replication-service-roles-{role}-attachment")
    for kind in ("aws:dms/replicationSubnetGroup:ReplicationSubnetGroup", INSTANCE, TASK):
        assert stack.happens_before(attachment, stack.one(kind)), (
            "a role without its policy is 'not configured properly'"
        )


def test_the_instance_is_private_encrypted_and_current(stack: Declaration):
    instance = stack.one(INSTANCE).inputs
    assert instance["publiclyAccessible"] is False, "DMS.1: the API's default is true"
    assert instance["kmsKeyArn"] == stack.one("aws:kms/key:Key").outputs["arn"]
    assert instance["engineVersion"] == "3.6.1"
    assert instance["autoMinorVersionUpgrade"] is True, "DMS.6"
    assert "engineVersion" in stack.one(INSTANCE).ignore_changes, "otherwise the next up tries to downgrade"


def test_a_changed_instance_changes_at_once(stack: Declaration):
    assert stack.one(INSTANCE).inputs["applyImmediately"] is True, (
        "else it waits for the maintenance window, and every preview until then shows the change again"
    )


def test_a_changed_pinned_version_may_be_a_major_one(dev: Declaration, turned: Declaration):
    assert turned.one(INSTANCE).inputs["allowMajorVersionUpgrade"] is True, "who writes another version means it"
    assert "allowMajorVersionUpgrade" not in dev.one(INSTANCE).inputs, "the version counts at creation only"


def test_a_pinned_engine_is_not_upgraded_by_aws(turned: Declaration):
    instance = turned.one(INSTANCE)
    assert (instance.inputs["autoMinorVersionUpgrade"], instance.ignore_changes) == (False, ())


def test_production_replicates_from_two_zones(prod: Declaration, dev: Declaration):
    assert prod.one(INSTANCE).inputs["multiAz"] is True, "DMS.13"
    assert dev.one(INSTANCE).inputs["multiAz"] is False
    assert len(prod.one("aws:dms/replicationSubnetGroup:ReplicationSubnetGroup").inputs["subnetIds"]) == 2


def test_the_source_is_read_as_the_capture_user_over_verified_tls(stack: Declaration):
    endpoint, certificate = source(stack).inputs, stack.one("aws:dms/certificate:Certificate")
    assert (endpoint["endpointType"], endpoint["engineName"], endpoint["sslMode"]) == ("source", "aurora", "verify-ca")
    assert endpoint["certificateArn"] == certificate.outputs["certificateArn"]
    assert endpoint["secretsManagerArn"] == stack.exports["captureSecretArn"]
    assert certificate.inputs["certificatePem"] == Secret(bundle("eu-central-1"))


def test_the_source_takes_its_credentials_from_the_secret_alone(stack: Declaration):
    conflicting = {"serverName", "port", "username", "password", "databaseName"}
    assert not conflicting & set(source(stack).inputs), "DMS refuses both; a database name breaks the table mappings"


def test_dms_is_told_where_secrets_manager_is(stack: Declaration):
    name = stack.one("aws:ec2/vpcEndpoint:VpcEndpoint", "network-secretsmanager").outputs["dnsEntries"][0]["dnsName"]
    assert source(stack).inputs["extraConnectionAttributes"] == f"secretsManagerEndpointOverride={name}"


def test_dms_can_be_left_to_private_dns(turned: Declaration):
    assert "extraConnectionAttributes" not in source(turned).inputs


def test_the_certificates_are_those_of_the_region_or_the_users_own():
    kind = "aws:dms/certificate:Certificate"
    there = declare("dev", config={"aws:region": "us-east-1"})
    assert there.one(kind).inputs["certificatePem"] == Secret(bundle("us-east-1"))
    elsewhere = declare("dev", config={"aws:region": "il-central-1", "caBundleFile": OWN, "sqlBootstrap": "manual"})
    assert elsewhere.one(kind).inputs["certificatePem"] == Secret((ROOT / OWN).read_text(encoding="utf-8"))


def test_the_target_takes_one_record_a_line_with_all_that_a_lake_needs(stack: Declaration):
    endpoint = target(stack).inputs
    assert (endpoint["endpointType"], endpoint["engineName"]) == ("target", "kinesis")
    assert endpoint["kinesisSettings"] == {
        "streamArn": stack.exports["streamArn"],
        "serviceAccessRoleArn": stack.one(ROLE, "replication-target-role").outputs["arn"],
        "messageFormat": "json-unformatted",
        "includeTransactionDetails": True,
        "includePartitionValue": True,
        "partitionIncludeSchemaTable": True,
        "includeTableAlterOperations": True,
        "includeControlDetails": True,
        "includeNullAndEmpty": True,
        "useLargeIntegerValue": True,
    }


def test_secrets_manager_endpoints_trust_dms_under_its_regional_name(stack: Declaration):
    service = {"source": "dms.eu-central-1.amazonaws.com", "target": "dms.amazonaws.com"}
    for end, principal in service.items():
        assert trusted(stack.one(ROLE, f"replication-{end}-role")) == {
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        }


def test_the_task_loads_everything_and_then_follows(stack: Declaration):
    task = stack.one(TASK).inputs
    assert task["migrationType"] == "full-load-and-cdc"
    assert task["startReplicationTask"] is True
    assert task["sourceEndpointArn"] == source(stack).outputs["endpointArn"]
    assert task["targetEndpointArn"] == target(stack).outputs["endpointArn"]


def test_the_task_can_wait_until_its_user_exists(turned: Declaration):
    assert turned.one(TASK).inputs["startReplicationTask"] is False


def test_the_task_captures_the_configured_tables(turned: Declaration):
    rules = json.loads(turned.one(TASK).inputs["tableMappings"])["rules"]
    located = [(rule["rule-action"], *rule["object-locator"].values()) for rule in rules]
    assert sorted(located) == [("exclude", "shop", "audit%"), ("include", "crm", "customer"), ("include", "shop", "%")]


def test_the_tasks_settings_follow_the_configuration(turned: Declaration):
    settings = json.loads(turned.one(TASK).inputs["replicationTaskSettings"])
    metadata = settings["TargetMetadata"]
    threads = (metadata["ParallelApplyThreads"], metadata["ParallelLoadThreads"])
    assert (*threads, metadata["LobMaxSize"]) == (0, 7, 99)
    assert "BeforeImageSettings" not in settings


def test_documents_are_canonical(stack: Declaration):
    for key in ("tableMappings", "replicationTaskSettings"):
        text = stack.one(TASK).inputs[key]
        assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")), "other bytes, other preview"


def test_the_task_log_stands_before_dms_makes_one_that_is_kept_for_ever(stack: Declaration):
    instance = stack.one(INSTANCE).inputs["replicationInstanceId"]
    log = stack.one("aws:cloudwatch/logGroup:LogGroup", "replication-task-log")
    assert log.inputs["name"] == f"dms-tasks-{instance}"
    assert stack.happens_before(log, stack.one(TASK))


def test_an_endpoint_changes_with_its_task_paused(stack: Declaration):
    for endpoint in stack.all(ENDPOINT):
        assert endpoint.inputs["pauseReplicationTasks"] is True, "AWS changes no endpoint of a running task"


def test_dms_gets_the_time_that_it_takes(stack: Declaration):
    assert stack.one(TASK).custom_timeouts == {}, "the provider has none for a task, and warns in every update"
    assert stack.one(INSTANCE).custom_timeouts == {"create": "60m", "update": "60m", "delete": "60m"}


def test_an_endpoint_is_made_when_its_role_is_complete_and_its_secret_has_a_value(stack: Declaration):
    read = stack.one("aws:iam/rolePolicy:RolePolicy", "database-read-capture-secret-0")
    write = stack.one("aws:iam/rolePolicy:RolePolicy", "lake-write-changes")
    secret = stack.one("aws:secretsmanager/secretVersion:SecretVersion", "database-capture-version")
    assert stack.happens_before(read, source(stack))
    assert stack.happens_before(secret, source(stack)), "a secret without a version has no credentials"
    assert stack.happens_before(write, target(stack))


def test_other_authorities_are_another_certificate_made_before_the_endpoint_lets_go_of_the_old():
    certificate = "aws:dms/certificate:Certificate"
    vendored = declare("dev").one(certificate)
    other = declare("dev", config={"caBundleFile": OWN}).one(certificate)
    assert vendored.inputs["certificateId"] != other.inputs["certificateId"]
    assert other.delete_before_replace is False, "DMS refuses to delete a certificate that an endpoint uses"
