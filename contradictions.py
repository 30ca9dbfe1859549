"""Keys that must agree, one named row each. They are asked once every key is right by itself.

A row blames one key and says what to do; its examples are in ``tests/test_settings.py``.
"""

from __future__ import annotations

from components.rds_certificates import vendored_regions
from rules import Rule


def _apart(one: str, other: str) -> bool:
    return not f"{one}/".startswith(f"{other}/") and not f"{other}/".startswith(f"{one}/")


# fmt: off
CONTRADICTIONS: tuple[Rule, ...] = (
    Rule("captured or excluded", "excludeTables", lambda v: not set(v["tables"]) & set(v["excludeTables"]),
         "a pattern is both captured and excluded", "take it out of both lists"),
    Rule("certificate authorities", "aws:region",
         lambda v: bool(v["caBundleFile"]) or v["aws:region"] in vendored_regions(),
         "this repository holds no RDS certificate authorities of that Region",
         "download its bundle from AWS's RDS trust store and name the file in caBundleFile"),
    Rule("zones of the Region", "availabilityZones",
         lambda v: all(zone.startswith(v["aws:region"]) for zone in v["availabilityZones"]),
         "a zone lies in another Region than aws:region", "name zones of that Region, or none"),
    Rule("existing VPC", "subnetIds", lambda v: bool(v["vpcId"]) == bool(v["subnetIds"]),
         "vpcId and subnetIds belong together", "give both (an existing VPC) or none (one of its own)"),
    Rule("zones follow the subnets", "availabilityZones", lambda v: not (v["vpcId"] and v["availabilityZones"]),
         "in an existing VPC the subnets decide on the zones", "remove availabilityZones or vpcId"),
    Rule("a way to AWS", "createVpcEndpoints", lambda v: v["createVpcEndpoints"] or bool(v["vpcId"]),
         "a VPC of its own has no other way to Kinesis and Secrets Manager", "set it to true"),
    Rule("endpoints are reachable", "endpointSecurityGroupId",
         lambda v: bool(v["endpointSecurityGroupId"]) != v["createVpcEndpoints"],
         "the group of existing endpoints is needed without createVpcEndpoints and means nothing with it",
         "name it, or let this program create endpoints"),
    Rule("capacity in order", "maxCapacity", lambda v: v["minCapacity"] <= v["maxCapacity"],
         "the most is less than minCapacity", "raise it"),
    Rule("origin of the master user", "masterUsername",
         lambda v: bool(v["masterUsername"]) != bool(v["snapshotIdentifier"]),
         "a new cluster needs a master user, and a snapshot brings its own",
         "with snapshotIdentifier set it to '', without name one"),
    Rule("two users", "captureUsername", lambda v: v["captureUsername"].lower() != v["masterUsername"].lower(),
         "DMS must not read as the master user", "choose another name"),
    Rule("shards follow the mode", "shardCount", lambda v: (v["streamMode"] == "PROVISIONED") == (v["shardCount"] > 0),
         "a provisioned stream needs shards, an on-demand one must not have any", "0 with ON_DEMAND, else 1 or more"),
    Rule("errors apart from rows", "errorPrefix", lambda v: _apart(v["lakePrefix"], v["errorPrefix"]),
         "records that failed would lie among the rows of lakePrefix", "use two folders of which none holds the other"),
    Rule("expiry after transition", "lakeExpiryDays",
         lambda v: not v["lakeExpiryDays"] or v["lakeExpiryDays"] > v["lakeTransitionDays"],
         "objects would expire before lakeTransitionDays", "raise it, or 0 to keep objects"),
)
# fmt: on
