"""Table rights: what the state machine may do, for Athena does it in its role's name. Nothing but statements.

https://docs.aws.amazon.com/athena/latest/ug/managed-policies.html and, of the catalog,
https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.data_key import DataKey
from documents import iam

_RUN = ["athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution",
        "athena:GetQueryResults", "athena:GetNamedQuery"]  # fmt: skip
_LOOK = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables"]
_KEEP = ["glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable"]
_WRITE = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
_FIND = ["s3:ListBucket", "s3:GetBucketLocation"]


@dataclass(frozen=True, kw_only=True)
class TableRights:
    """Of whom, on what."""

    database: str
    tables: Sequence[str]
    """Names of the Iceberg tables."""
    account_id: str
    region: str
    workgroup_arn: pulumi.Input[str]
    log: pulumi.Input[str]
    """ARN of the log's objects."""
    buckets: Mapping[str, pulumi.Input[str]]
    """ARNs of the buckets of the ``log``, the ``tables`` and the ``results``."""
    key: DataKey

    def statements(self) -> list[iam.Statement]:
        """The rights."""
        glue = f"arn:aws:glue:{self.region}:{self.account_id}"
        place = [f"{glue}:catalog", f"{glue}:database/{self.database}"]
        tables, results = self.buckets["tables"], self.buckets["results"]
        data = f"arn:aws:athena:{self.region}:{self.account_id}:datacatalog/AwsDataCatalog"
        mine = [f"{glue}:table/{self.database}/{name}" for name in self.tables]
        return [
            iam.allow("RunStatements", _RUN, self.workgroup_arn),
            iam.allow("FindCatalog", ["athena:GetDataCatalog"], data),
            iam.allow("LookAtCatalog", _LOOK, [*place, f"{glue}:database/default", f"{glue}:table/{self.database}/*"]),
            iam.allow("KeepTables", _KEEP, [*place, *mine]),
            iam.allow("FindObjects", _FIND, list(self.buckets.values())),
            iam.allow("FindUploads", ["s3:ListBucketMultipartUploads"], [tables, results]),
            iam.allow("ReadLog", ["s3:GetObject"], self.log),
            iam.allow("WriteResults", _WRITE, pulumi.Output.concat(results, "/*")),
            iam.allow("WriteTables", [*_WRITE, "s3:DeleteObject"], pulumi.Output.concat(tables, "/*")),
            self.key.use("UseKey", "s3", ["kms:Decrypt", "kms:GenerateDataKey"]),
        ]
