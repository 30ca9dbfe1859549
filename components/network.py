"""Network: private subnets in at least two zones, or an existing VPC; and the only ways that packets may take.

DMS → database on its port, DMS → interface endpoints of Kinesis and Secrets Manager on 443. There is no internet
gateway and no NAT: since DMS 3.4.7 an instance in private subnets reaches AWS's services through VPC endpoints.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from configuration.setting_groups import NetworkSettings, SourceSettings
from documents import iam

_HTTPS_PORT = 443
_ZONES = 2
_KINESIS, _SECRETS = "kinesis-streams", "secretsmanager"


def zones_for(settings: NetworkSettings) -> tuple[str, ...]:
    """The zones of the subnets: the configured ones, else the Region's first two. None in an existing VPC."""
    if settings.vpc_id or settings.availability_zones:
        return settings.availability_zones
    usual = aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])  # no local zones
    return tuple(aws.get_availability_zones(state="available", filters=[usual]).names[:_ZONES])


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of :class:`Network`."""

    settings: NetworkSettings
    """The stack's network settings."""
    source: SourceSettings
    """The port of the database and, where it is not this program's, its security group."""
    zones: Sequence[str]
    """Zones of the private subnets; empty in an existing VPC."""
    region: str
    """Region of the stack; it is part of the names of AWS's services."""
    account_id: str
    """Account of the stack."""
    key_arn: pulumi.Input[str]
    """KMS key of the flow log."""
    log_retention_days: int
    """Days for which the flow log is kept."""


class Network(pulumi.ComponentResource):
    """VPC, subnets, endpoints and security groups."""

    vpc_id: pulumi.Output[str]
    subnet_ids: pulumi.Output[list[str]]
    database_security_group_id: pulumi.Output[str]
    replication_security_group_id: pulumi.Output[str]
    secrets_endpoint_dns: pulumi.Output[str] | None

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:Network", name, None, opts)
        self._name = name
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._endpoints: dict[str, aws.ec2.VpcEndpoint] = {}
        self.vpc_id = pulumi.Output.from_input(args.settings.vpc_id or self._create_vpc().id)
        self.subnet_ids = pulumi.Output.all(*(args.settings.subnet_ids or self._create_subnets()))
        self.database_security_group_id = self._database_security_group_id()
        self.replication_security_group_id = self._create_security_group("replication", "The DMS instance").id
        self._open_database()
        self.secrets_endpoint_dns = self._create_endpoints()
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "subnet_ids": self.subnet_ids,
                "database_security_group_id": self.database_security_group_id,
                "replication_security_group_id": self.replication_security_group_id,
                "secrets_endpoint_dns": self.secrets_endpoint_dns,
            }
        )

    def limit_endpoints(self, *, stream_arn: pulumi.Input[str], secret_arns: pulumi.Input[str]) -> None:
        """Let nothing pass this program's endpoints but what DMS does with the stream and with its secret.

        Who may do so is said by roles and by the security group. To be called before what needs them is declared.
        """
        passing = {
            _KINESIS: iam.write_changes(stream_arn),
            _SECRETS: iam.read_capture_secret(secret_arns),
        }
        for service, endpoint in self._endpoints.items():
            aws.ec2.VpcEndpointPolicy(
                f"{self._name}-{service}-policy",
                vpc_endpoint_id=endpoint.id,
                policy=policies.policy(iam.allow_principal({"AWS": "*"}, passing[service])),
                opts=self._child,
            )

    def _create_vpc(self) -> aws.ec2.Vpc:
        vpc = aws.ec2.Vpc(
            f"{self._name}-vpc",
            cidr_block=self._args.settings.vpc_cidr,
            enable_dns_support=True,  # private DNS of the endpoints needs both
            enable_dns_hostnames=True,
            opts=self._child,
        )
        # Takes over the VPC's default group and leaves it without rules (EC2.2); nothing uses it.
        aws.ec2.DefaultSecurityGroup(f"{self._name}-unused", vpc_id=vpc.id, ingress=[], egress=[], opts=self._child)
        self._create_flow_log(vpc)
        return vpc

    def _create_subnets(self) -> list[pulumi.Output[str]]:
        range_ = ipaddress.IPv4Network(self._args.settings.vpc_cidr)
        blocks = range_.subnets(prefixlen_diff=4)
        return [
            aws.ec2.Subnet(
                f"{self._name}-private-{number}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=str(block),
                map_public_ip_on_launch=False,
                opts=self._child,
            ).id
            for number, (zone, block) in enumerate(zip(self._args.zones, blocks, strict=False), start=1)
        ]

    def _create_flow_log(self, vpc: aws.ec2.Vpc) -> None:
        group = aws.cloudwatch.LogGroup(
            f"{self._name}-flow-log",
            retention_in_days=self._args.log_retention_days,
            kms_key_id=self._args.key_arn,
            opts=self._child,
        )
        role = aws.iam.Role(
            f"{self._name}-flow-log-role",
            assume_role_policy=policies.trust("vpc-flow-logs.amazonaws.com", self._args.account_id),
            opts=self._child,
        )
        write = iam.allow(
            "WriteFlowLog",
            ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            [group.arn, pulumi.Output.concat(group.arn, ":*")],  # the group's streams
        )
        policy = aws.iam.RolePolicy(
            f"{self._name}-flow-log-policy", role=role.id, policy=policies.policy(write), opts=self._child
        )
        aws.ec2.FlowLog(
            f"{self._name}-flow",
            vpc_id=vpc.id,
            traffic_type="ALL",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _database_security_group_id(self) -> pulumi.Output[str]:
        existing = self._args.source.database_security_group_id
        return pulumi.Output.from_input(existing or self._create_security_group("database", "The database").id)

    def _open_database(self) -> None:
        """DMS may go to the database; the database lets it in, unless its owner wants to see to that."""
        port = self._args.source.database_port
        self._let_out("database", self.database_security_group_id, port)
        if self._args.source.open_database_security_group:
            self._let_in("database", self.database_security_group_id, port)

    def _create_security_group(self, part: str, whose: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._name}-{part}", description=f"{whose} of the pipeline", vpc_id=self.vpc_id, opts=self._child
        )

    def _let_out(self, what: str, to_id: pulumi.Input[str], port: int) -> None:
        """Let DMS open connections to a group, on one port."""
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-{what}",
            description=f"To {what}",
            security_group_id=self.replication_security_group_id,
            referenced_security_group_id=to_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=self._child,
        )

    def _let_in(self, what: str, to_id: pulumi.Input[str], port: int) -> None:
        """Let a group accept connections from DMS, on one port."""
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-{what}-from-replication",
            description="From DMS",
            security_group_id=to_id,
            referenced_security_group_id=self.replication_security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            opts=self._child,
        )

    def _create_endpoints(self) -> pulumi.Output[str] | None:
        """Endpoints of Kinesis and Secrets Manager; returns the DNS name of the latter, None for existing endpoints."""
        settings = self._args.settings
        if not settings.create_vpc_endpoints:
            group_id = pulumi.Output.from_input(settings.endpoint_security_group_id)
            self._let_out("endpoints", group_id, _HTTPS_PORT)
            self._let_in("endpoints", group_id, _HTTPS_PORT)
            return None
        group = self._create_security_group("endpoints", "The interface endpoints")
        self._let_out("endpoints", group.id, _HTTPS_PORT)
        self._let_in("endpoints", group.id, _HTTPS_PORT)
        self._endpoints = {service: self._create_endpoint(service, group) for service in (_KINESIS, _SECRETS)}
        return self._endpoints[_SECRETS].dns_entries.apply(lambda entries: entries[0].dns_name or "")

    def _create_endpoint(self, service: str, group: aws.ec2.SecurityGroup) -> aws.ec2.VpcEndpoint:
        return aws.ec2.VpcEndpoint(
            f"{self._name}-{service}",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{self._args.region}.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=self.subnet_ids,
            security_group_ids=[group.id],
            private_dns_enabled=True,
            opts=self._child,
        )
