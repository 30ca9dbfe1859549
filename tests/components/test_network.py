from __future__ import annotations

import fnmatch
import ipaddress

from declaration import Declaration
from tests.conftest import statements, trusted
from tests.declared import declare

EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EXISTING = {
    "vpcId": "vpc-0a1b2c3d",
    "subnetIds": ["subnet-0a1b2c3d", "subnet-4e5f6a7b"],
    "createVpcEndpoints": False,
    "endpointSecurityGroupId": "sg-0a1b2c3d",
}


USERS = {
    "replication": ("aws:dms/replicationInstance:ReplicationInstance", "vpcSecurityGroupIds"),
    "database": ("aws:rds/cluster:Cluster", "vpcSecurityGroupIds"),
    "endpoints": ("aws:ec2/vpcEndpoint:VpcEndpoint", "securityGroupIds"),
}


def group(declared: Declaration, name: str) -> str:
    """The one security group of what goes by that name."""
    kind, key = USERS[name]
    (found,) = {identifier for user in declared.all(kind) for identifier in user.inputs[key]}
    return found


def ways(declared: Declaration, kind: str) -> set[tuple[str, str, int, int, str]]:
    """Rules as (group, other group, from port, to port, protocol)."""
    keys = ("securityGroupId", "referencedSecurityGroupId", "fromPort", "toPort", "ipProtocol")
    return {tuple(rule.inputs[key] for key in keys) for rule in declared.all(kind)}  # type: ignore[misc]


def test_there_is_no_way_to_the_internet(stack: Declaration):
    ways_out = ("internetGateway", "natGateway", "egressOnly", "eip", "route:Route", "routeTable")
    found = [resource.type for resource in stack.resources if any(way in resource.type for way in ways_out)]
    assert found == [], "everything that DMS needs is behind interface endpoints"


def test_private_subnets_lie_in_two_zones_and_do_not_overlap(stack: Declaration):
    subnets = stack.all("aws:ec2/subnet:Subnet")
    assert {subnet.inputs["availabilityZone"] for subnet in subnets} == {"eu-central-1a", "eu-central-1b"}
    assert not any(subnet.inputs["mapPublicIpOnLaunch"] for subnet in subnets), "EC2.15"
    one, other = (ipaddress.IPv4Network(subnet.inputs["cidrBlock"]) for subnet in subnets)
    assert not one.overlaps(other)
    assert all(block.subnet_of(ipaddress.IPv4Network("10.64.0.0/16")) for block in (one, other))


def test_configured_zones_are_taken(turned: Declaration):
    zones = [subnet.inputs["availabilityZone"] for subnet in turned.all("aws:ec2/subnet:Subnet")]
    assert sorted(zones) == ["eu-central-1b", "eu-central-1c"]


def test_the_smallest_range_still_makes_subnets_that_aws_accepts(turned: Declaration):
    blocks = [subnet.inputs["cidrBlock"] for subnet in turned.all("aws:ec2/subnet:Subnet")]
    assert [block.split("/")[1] for block in blocks] == ["28", "28"], "AWS makes no subnet smaller than /28"


def test_dms_reaches_the_database_and_the_endpoints_and_nothing_else(stack: Declaration):
    dms, database, endpoints = (group(stack, name) for name in USERS)
    assert len({dms, database, endpoints}) == 3
    assert ways(stack, EGRESS) == {(dms, database, 3306, 3306, "tcp"), (dms, endpoints, 443, 443, "tcp")}
    assert ways(stack, INGRESS) == {(database, dms, 3306, 3306, "tcp"), (endpoints, dms, 443, 443, "tcp")}


def test_no_rule_is_written_inside_a_security_group(stack: Declaration):
    for declared in stack.all("aws:ec2/securityGroup:SecurityGroup"):
        assert not {"ingress", "egress"} & set(declared.inputs), "rules inside a group fight with rules beside it"


def test_the_default_security_group_has_no_rules(stack: Declaration):
    unused = stack.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert (unused.inputs["ingress"], unused.inputs["egress"]) == ([], []), "EC2.2"


def test_kinesis_and_secrets_manager_have_an_endpoint_with_private_dns_in_every_subnet(stack: Declaration):
    endpoints = stack.all("aws:ec2/vpcEndpoint:VpcEndpoint")
    services = {endpoint.inputs["serviceName"] for endpoint in endpoints}
    assert services == {f"com.amazonaws.eu-central-1.{name}" for name in ("kinesis-streams", "secretsmanager")}
    for endpoint in endpoints:
        assert endpoint.inputs["vpcEndpointType"] == "Interface", "the default is Gateway, which has no DNS"
        assert endpoint.inputs["privateDnsEnabled"] is True
        assert len(endpoint.inputs["subnetIds"]) == 2, "after a fail-over DMS is in the other zone"
        assert len(endpoint.inputs["securityGroupIds"]) == 1, "the default is the VPC's own group"


def test_nothing_passes_the_endpoints_but_changes_for_the_stream_and_the_secret(stack: Declaration):
    passing = {
        "kinesis-streams": ("WriteChanges", ["kinesis:PutRecord", "kinesis:PutRecords", "kinesis:DescribeStream"],
                            stack.exports["streamArn"]),
        "secretsmanager": ("ReadCaptureSecret", ["secretsmanager:GetSecretValue"],
                           "arn:aws:secretsmanager:eu-central-1:111122223333:secret:database-capture-*"),
    }  # fmt: skip
    task = stack.one("aws:dms/replicationTask:ReplicationTask")
    for service, (sid, actions, resource) in passing.items():
        policy = stack.one("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", f"network-{service}-policy")
        endpoint = stack.one("aws:ec2/vpcEndpoint:VpcEndpoint", f"network-{service}")
        assert endpoint.outputs["arn"].endswith(f"/{policy.inputs['vpcEndpointId']}")
        assert statements(policy) == {
            sid: {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": actions, "Resource": resource}
        }
        assert stack.happens_before(policy, task), "nobody else's stream can be reached when the first row is read"


def test_the_old_task_may_read_its_secret_through_the_endpoint_until_it_has_gone(dev: Declaration):
    restored = declare("dev", config={"snapshotIdentifier": "two", "masterUsername": "", "restoreGeneration": 1})
    kind, name = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy", "network-secretsmanager-policy"
    old = dev.one("aws:secretsmanager/secret:Secret", "database-capture").outputs["arn"]
    pattern = statements(restored.one(kind, name))["ReadCaptureSecret"]["Resource"]
    assert fnmatch.fnmatchcase(old, pattern)


def test_the_vpc_resolves_names(stack: Declaration):
    vpc = stack.one("aws:ec2/vpc:Vpc")
    assert (vpc.inputs["enableDnsSupport"], vpc.inputs["enableDnsHostnames"]) == (True, True), "private DNS needs both"


def test_traffic_is_logged(stack: Declaration):
    flow = stack.one("aws:ec2/flowLog:FlowLog")
    log = stack.one("aws:cloudwatch/logGroup:LogGroup", "network-flow-log").outputs["arn"]
    policy = stack.one("aws:iam/rolePolicy:RolePolicy", "network-flow-log-policy")
    assert (flow.inputs["trafficType"], flow.inputs["logDestination"]) == ("ALL", log), "EC2.6"
    assert trusted(stack.one("aws:iam/role:Role", "network-flow-log-role"))["Principal"] == {
        "Service": "vpc-flow-logs.amazonaws.com"
    }
    assert statements(policy) == {
        "WriteFlowLog": {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            "Resource": [log, f"{log}:*"],
        }
    }
    assert stack.happens_before(policy, flow)


def test_in_an_existing_vpc_only_groups_and_rules_are_made():
    declared = declare("dev", config=EXISTING)
    made = {resource.type.split(":")[1] for resource in declared.resources if resource.name.startswith("network-")}
    assert made == {
        "ec2/securityGroup",
        "vpc/securityGroupEgressRule",
        "vpc/securityGroupIngressRule",
    }, "what exists belongs to somebody else"


def test_in_an_existing_vpc_dms_and_database_take_the_given_subnets():
    declared = declare("dev", config=EXISTING)
    for kind in ("aws:dms/replicationSubnetGroup:ReplicationSubnetGroup", "aws:rds/subnetGroup:SubnetGroup"):
        assert declared.one(kind).inputs["subnetIds"] == EXISTING["subnetIds"]
    for made in declared.all("aws:ec2/securityGroup:SecurityGroup"):
        assert made.inputs["vpcId"] == EXISTING["vpcId"]


def test_existing_endpoints_are_opened_to_dms():
    declared = declare("dev", config=EXISTING)
    dms = group(declared, "replication")
    assert (dms, "sg-0a1b2c3d", 443, 443, "tcp") in ways(declared, EGRESS)
    assert ("sg-0a1b2c3d", dms, 443, 443, "tcp") in ways(declared, INGRESS)
    source = declared.one("aws:dms/endpoint:Endpoint", "replication-source")
    assert "extraConnectionAttributes" not in source.inputs, "their names are found by private DNS"


def test_endpoints_are_made_in_an_existing_vpc_when_asked_for():
    declared = declare("dev", config={**EXISTING, "createVpcEndpoints": True, "endpointSecurityGroupId": ""})
    for endpoint in declared.all("aws:ec2/vpcEndpoint:VpcEndpoint"):
        assert (endpoint.inputs["vpcId"], endpoint.inputs["subnetIds"]) == (EXISTING["vpcId"], EXISTING["subnetIds"])
    assert len(declared.all("aws:ec2/vpcEndpoint:VpcEndpoint")) == 2
