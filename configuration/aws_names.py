"""What AWS takes as the name of a thing: Regions, zones, ARNs, instance classes, versions, users. Pure; no pulumi here.

Regions are listed: one that does not exist would be found out when the first call has no answer. The list is that of
botocore, ``partitions.json`` without the entries that are no Regions; ``tests/configuration/test_what_aws_takes.py``
compares the two, so a newer botocore brings the newer Regions. Instance classes and versions are told by their family,
because AWS adds sizes and versions often: a pattern lets tomorrow's through and stops what no family has.
"""

from __future__ import annotations

import re

_REGIONS = """
af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1
me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 us-west-1 us-west-2
"""
REGIONS = frozenset(_REGIONS.split())
"""The Regions of the commercial partition, ``aws``."""
OTHER_PARTITIONS = ("us-gov-", "cn-", "us-iso", "eu-isoe", "eusc-")
"""How the Regions of other partitions begin."""

_HEX = "[0-9a-f]"
_UUID = f"{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}"
_IDENTIFIER = r"(?=.{1,255}$)(rds:|awsbackup:)?[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*"


def _arn(service: str, resource: str) -> str:
    return rf"arn:aws:{service}:[a-z0-9-]+:[0-9]{{12}}:{resource}"


SECRET_ARN = _arn("secretsmanager", "secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}")
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html"""
KEY_ARN = _arn("kms", f"key/({_UUID}|mrk-{_HEX}{{32}})")
"""https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN"""
TOPIC_ARN = _arn("sns", "[A-Za-z0-9_-]{1,256}")
"""https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"""
_LABEL = "[A-Za-z0-9](-*[A-Za-z0-9])*"
EMAIL = rf"(?=.{{3,254}}$)[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(\.{_LABEL})+"
"""As a form of HTML takes it (https://html.spec.whatwg.org/#valid-e-mail-address), with a domain that has a dot."""
CLUSTER_SNAPSHOT = f"({_arn('rds', 'cluster-snapshot:')})?{_IDENTIFIER}"
"""Name or ARN; the snapshots of RDS itself and of AWS Backup have a name with a colon."""

ENGINE_VERSION = (
    r"5\.[67]\.mysql_aurora\.[12]\.[0-9]{2}\.[0-9]{1,2}|8\.0\.mysql_aurora\.3\.[0-9]{2}\.[0-9]{1,2}"
    r"|8\.4\.mysql_aurora\.8\.4\.[0-9]{1,2}"
)
"""MySQL's version and Aurora's, as far as DMS reads that MySQL."""
_CLASS = r"[a-z]+[0-9]+[a-z]*\.(micro|small|medium|large|[0-9]*xlarge)"
DATABASE_CLASS = rf"db\.(serverless|{_CLASS})"
REPLICATION_CLASS = rf"dms\.{_CLASS}"
AURORA_CLASS = r"db\.(serverless|t[3-9]g?\.(medium|large)|(r([5-9]|1[0-9])|x[2-9])[a-z]*\.(large|[0-9]*xlarge))"
"""https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Compare-v2-v3.html"""
DMS_CLASS = r"dms\.(t[3-9]\.(micro|small|medium|large)|[cr]([5-9]|1[0-9])[a-z]*\.(large|[0-9]*xlarge))"
"""https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.Types.html"""
REPLICATION_VERSION = r"[1-3]\.[0-9]{1,2}\.[0-9]{1,2}"

_RESERVED_WORDS = """
accessible add all alter analyze and array as asc asensitive before between bigint binary blob both by call cascade
case change char character check collate column condition constraint continue convert create cross cube cume_dist
current_date current_time current_timestamp current_user cursor database databases day_hour day_microsecond day_minute
day_second dec decimal declare default delayed delete dense_rank desc describe deterministic distinct distinctrow div
double drop dual each else elseif empty enclosed escaped except exists exit explain false fetch first_value float
float4 float8 for force foreign from fulltext function generated get grant group grouping groups having high_priority
hour_microsecond hour_minute hour_second if ignore in index infile inner inout insensitive insert int int1 int2 int3
int4 int8 integer intersect interval into io_after_gtids io_before_gtids is iterate join json_table key keys kill lag
last_value lateral lead leading leave left like limit linear lines load localtime localtimestamp lock long longblob
longtext loop low_priority manual master_bind master_ssl_verify_server_cert match maxvalue mediumblob mediumint
mediumtext member middleint minute_microsecond minute_second mod modifies natural no_write_to_binlog not nth_value
ntile null numeric of on optimize optimizer_costs option optionally or order out outer outfile over parallel partition
percent_rank precision primary procedure purge qualify range rank read read_write reads real recursive references
regexp release rename repeat replace require resignal restrict return revoke right rlike row row_number rows schema
schemas second_microsecond select sensitive separator set show signal smallint spatial specific sql sql_big_result
sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl starting stored straight_join system table
tablesample terminated then tinyblob tinyint tinytext to trailing trigger true undo union unique unlock unsigned
update usage use using utc_date utc_time utc_timestamp values varbinary varchar varcharacter varying virtual when
where while window with write xor year_month zerofill
"""
RESERVED_WORDS = frozenset(_RESERVED_WORDS.split())
"""The reserved words of MySQL 8.0 and 8.4: https://dev.mysql.com/doc/refman/8.4/en/keywords.html"""
_TAKEN = frozenset({"admin", "root", "mysql", "sys", "public"})
_OF_RDS = ("rds", "aws_")
"""How users and roles begin that RDS and Aurora make: rdsadmin, rds_superuser_role, aws_lambda_access and others."""


def is_free_user(name: str) -> bool:
    """Whether a database user may be called ``name``: it is no reserved word, not RDS's, and not everybody's guess."""
    known = name.lower()
    return known not in RESERVED_WORDS | _TAKEN and not known.startswith(_OF_RDS)


def is_zone(name: str, region: str) -> bool:
    """Whether ``name`` is that of an availability zone of ``region``; local zones and wavelength zones are none."""
    return re.fullmatch(f"{re.escape(region)}[a-z]", name) is not None


def region_of(arn: str) -> str:
    """The Region in ``arn``; empty for a name that is no ARN."""
    return arn.split(":")[3] if arn.startswith("arn:") else ""
