"""Clients: every call of AWS, and what an error of one tells people: the call, why, the right and the remedy.

IAM's actions are called like the API's operations, but for the few of ``_ACTIONS``
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import exceptions

from model import PipelineError

_PREFIXES = {"stepfunctions": "states", "events": "events"}
"""Services that IAM calls otherwise than boto3."""
_ACTIONS = {
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "ListObjectVersions"): "s3:ListBucketVersions",
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "DeleteObjects"): "s3:DeleteObject",
}
_DENIED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|^Forbidden$|^403$")
_GONE = re.compile("NotFound|NoSuch|DoesNotExist")
_KEY_DENIED = re.compile(r"KMS|kms:", re.IGNORECASE)
_REMEDIES = (
    (
        re.compile("KMS(Disabled|InvalidState|OptInRequired|NotFound)"),
        "the stack's key is disabled, or is to be deleted: aws kms enable-key, or aws kms cancel-key-deletion",
    ),
    (re.compile("ExpiredToken|RequestExpired"), "the credentials have expired: log in again (aws sso login)"),
    (
        re.compile("UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch"),
        "AWS does not know these credentials: log in again, or name another profile with --profile",
    ),
    (
        _GONE,
        "it is gone, or of another account or Region: compare `aws sts get-caller-identity`, --profile and --region "
        "with the stack's, then `pulumi refresh`",
    ),
    (re.compile("Resuming|Unavailable$"), "it is on its way: try again in a minute"),
    (re.compile("Throttl|TooManyRequests|LimitExceeded|SlowDown|ProvisionedThroughput"), "wait, and try again"),
    (re.compile("ServiceUnavailable|InternalError|InternalFailure|InternalServer"), "AWS fails itself: try again"),
)


class AwsError(PipelineError):
    """AWS did not answer as asked. The text names service, operation, code, the right that is needed and a remedy."""

    def __init__(self, *, service: str, operation: str, code: str, said: str, remedy: str) -> None:
        super().__init__(f"{service} {operation} failed: {code}{f' ({said})' if said else ''}. Remedy: {remedy}")
        self.service = service
        self.operation = operation
        """The API's name, such as ``DescribeReplicationTasks``."""
        self.code = code
        """AWS's name of the error, or botocore's class where nothing was answered."""
        self.said = said
        self.remedy = remedy

    def instead(self, remedy: str) -> AwsError:
        """The same, with another remedy."""
        return AwsError(service=self.service, operation=self.operation, code=self.code, said=self.said, remedy=remedy)

    @property
    def right(self) -> str:
        """The action of IAM that allows the call."""
        return action(self.service, self.operation)

    @property
    def gone(self) -> bool:
        """Whether AWS knows no such thing."""
        return bool(_GONE.search(self.code))

    @property
    def denied(self) -> bool:
        """Whether a right is missing."""
        return bool(_DENIED.search(self.code))


def action(service: str, operation: str) -> str:
    """IAM's name of what allows ``operation`` (the API's name) of ``service`` (boto3's name)."""
    return _ACTIONS.get((service, operation), f"{_PREFIXES.get(service, service)}:{operation}")


class Clients:
    """Clients of one Region with one profile; made when they are first asked for.

    ``endpoint`` is the URL of something that plays AWS; ``AWS_ENDPOINT_URL`` in the environment is botocore's own.
    ``made`` are clients that are there already, by service, such as stubbed ones.
    """

    def __init__(
        self,
        region: str,
        profile: str | None = None,
        *,
        endpoint: str | None = None,
        made: Mapping[str, Any] | None = None,
    ) -> None:
        self.region = region
        self._profile = profile
        self._endpoint = endpoint
        self._made = dict(made or {})
        self._session: Any = None

    def call(self, service: str, operation: str, **parameters: Any) -> Any:
        """The answer to ``operation``, in the spelling of boto3's methods. Raises AwsError."""
        try:
            client = self._client(service)
            return getattr(client, operation)(**parameters)
        except (exceptions.ClientError, exceptions.BotoCoreError) as error:
            raise self._told(service, operation, error) from None

    def every(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """What is listed at ``key`` of the answers, page after page. Raises AwsError."""
        try:
            for page in self._client(service).get_paginator(operation).paginate(**parameters):
                yield from page.get(key, ())
        except (exceptions.ClientError, exceptions.BotoCoreError) as error:
            raise self._told(service, operation, error) from None

    def _client(self, service: str) -> Any:
        if service not in self._made:
            from botocore.config import Config

            retries = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=10)
            try:
                self._made[service] = self._opened().client(service, endpoint_url=self._endpoint, config=retries)
            except exceptions.BotoCoreError:
                raise
            except ValueError as error:
                raise PipelineError(f"AWS cannot be asked: {error}. See AWS_ENDPOINT_URL and the profile") from None
        return self._made[service]

    def _opened(self) -> Any:
        if self._session is None:
            import boto3

            self._session = boto3.Session(profile_name=self._profile or None, region_name=self.region)
        return self._session

    def _told(self, service: str, method: str, error: Exception) -> AwsError:
        operation = self._api_name(service, method)
        if isinstance(error, exceptions.ClientError):
            operation = error.operation_name
            service = "sts" if operation.startswith("AssumeRole") else service  # what a profile asks before
            code = error.response["Error"].get("Code", "an error without a code")
            said = _line(error.response["Error"].get("Message", ""))
        else:
            code, said = type(error).__name__, _line(error)
        right = action(service, operation)
        return AwsError(
            service=service, operation=operation, code=code, said=said, remedy=self._remedy(error, code, said, right)
        )

    def _api_name(self, service: str, method: str) -> str:
        """``describe_db_clusters`` → ``DescribeDBClusters``."""
        names = getattr(getattr(self._made.get(service), "meta", None), "method_to_api_mapping", {})
        return names.get(method) or "".join(word.capitalize() for word in method.split("_"))

    def _remedy(self, error: Exception, code: str, said: str, right: str) -> str:
        if isinstance(error, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
            return "log in to AWS (aws configure sso, aws sso login), or name a profile with --profile"
        if isinstance(error, (exceptions.TokenRetrievalError, exceptions.SSOError)):
            return "log in again (aws sso login), or name another profile with --profile"
        if isinstance(error, exceptions.ProfileNotFound):
            return "name a profile of this machine with --profile (`aws configure list-profiles`)"
        if isinstance(error, (exceptions.HTTPClientError, exceptions.ConnectionError)):
            return f"this machine does not reach AWS in {self.region}: look at the network, a proxy, --region"
        key = f"{'kms:GenerateDataKey' if ':Put' in right else 'kms:Decrypt'} on the stack's key"
        if _DENIED.search(code):
            return f"allow {right}{f', and {key}' if _KEY_DENIED.search(code + said) else ''} to who runs this"
        if known := next((remedy for kind, remedy in _REMEDIES if kind.search(code)), None):
            return known
        if _KEY_DENIED.search(code):
            return f"allow {key} to who runs this, beside {right}"
        return f"it needs {right}; read what AWS says"


def _line(text: object) -> str:
    return " ".join(str(text).split()).rstrip(".")
