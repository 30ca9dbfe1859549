"""DMS's own test of both connections, from the replication instance.

https://docs.aws.amazon.com/dms/latest/APIReference/API_TestConnection.html
"""

from __future__ import annotations

from typing import Any

from operations.clients import AwsError
from operations.health.look import Look
from operations.health.part import Part

RIGHTS = ("dms:TestConnection", "dms:DescribeConnections")
_PAUSE = 5.0
_LOOKS = 60
"""Five minutes; DMS gives up earlier."""
_REMEDIES = {
    "source": "see that the database runs, that its security group lets DMS in, and that the secret of the output "
    "captureSecretArn has the user's password, host and port",
    "target": "pulumi up --refresh gives the role its rights on stream and key back; look at Kinesis's VPC endpoint",
}


def connections(look: Look) -> Part:
    """Both, tested now."""
    part, stack = Part("connections"), look.operation.outputs
    if stack.serverless:
        part.skipped = "the connections were not tested, for DMS tests them from an instance and there is none"
        return part
    for side, endpoint in (("source", stack.source_endpoint_arn), ("target", stack.target_endpoint_arn)):
        found = part.ask(lambda endpoint=endpoint: _tested(look, endpoint))
        if found is None:
            continue
        status, why = found.get("Status", ""), " ".join(found.get("LastFailureMessage", "").split())
        if status == "successful":
            part.facts[side] = "DMS connects"
        elif status == "failed":
            part.wrong(f"DMS does not connect to the {side}: {why or 'it does not say why'}", _REMEDIES[side])
        else:
            minutes = _PAUSE * _LOOKS / 60
            part.unknown.append(f"the connection to the {side} is {status or 'not told'} after {minutes:.0f} minutes")
    return part


def _tested(look: Look, endpoint: str) -> dict[str, Any]:
    """The outcome of a new test, or of one that runs already."""
    clients, instance = look.operation.clients, look.operation.outputs.replication_instance_arn
    refused: AwsError | None = None
    try:
        clients.call("dms", "test_connection", ReplicationInstanceArn=instance, EndpointArn=endpoint)
    except AwsError as error:
        if error.code != "InvalidResourceStateFault":
            raise
        refused = error  # it is being tested, or the instance is in no state for a test
    filters = [
        {"Name": "endpoint-arn", "Values": [endpoint]},
        {"Name": "replication-instance-arn", "Values": [instance]},
    ]
    found: dict[str, Any] = {}
    for _ in range(_LOOKS):
        look.operation.pause(_PAUSE)
        told = list(clients.every("dms", "describe_connections", "Connections", Filters=filters))
        found = told[0] if told else {}
        if found.get("Status") in ("successful", "failed"):
            if refused:  # that was an older test
                raise refused
            break
        refused = None
    return found
