"""Query rights: what somebody needs who asks the lake through Athena, and nothing beside it. Pure functions; no pulumi.

Athena reads the catalog, the lake and the results in the name of who asks:
https://docs.aws.amazon.com/athena/latest/ug/example-policies-workgroup.html,
https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
"""

from __future__ import annotations

from typing import Any

from documents.iam import Statement, allow

_ASK = (
    "StartQueryExecution", "StopQueryExecution", "GetQueryExecution", "BatchGetQueryExecution", "ListQueryExecutions",
    "GetQueryResults", "GetQueryResultsStream", "GetWorkGroup", "ListNamedQueries", "GetNamedQuery",
    "BatchGetNamedQuery",
)  # fmt: skip
_WRITE = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")


def query_rights(
    *, workgroup: Any, catalog: str, database: str, lake: Any, records: Any, results: Any, answers: Any, key: Any
) -> list[Statement]:
    """The statements, of ARNs that may not be known yet.

    ``catalog`` is how the ARNs of the account's catalog begin, ``database`` the name of the one in it; ``lake`` and
    ``results`` are buckets, ``records`` and ``answers`` the objects in them.
    """
    names = ("catalog", "database/default", f"database/{database}", f"table/{database}/*")
    return [
        allow("AskTheLake", [f"athena:{action}" for action in _ASK], workgroup),
        allow("ReadCatalog", ["glue:GetDatabase", "glue:GetTable", "glue:GetTables"], [catalog + it for it in names]),
        allow("FindRecordsAndResults", ["s3:ListBucket", "s3:GetBucketLocation"], [lake, results]),
        allow("ReadRecordsAndResults", ["s3:GetObject"], [records, answers]),
        allow("WriteResults", _WRITE, answers),
        allow("FindUnfinishedResults", ["s3:ListBucketMultipartUploads"], results),
        allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], key),
    ]
