"""The Data API client over played AWS clients: what it waits for, what it says when it fails, what it never says."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from components.data_api import ATTEMPTS, DataApi, DataApiError

CLUSTER = "arn:aws:rds:eu-central-1:111122223333:cluster:cdc-lake-dev-0a1b2c"
MASTER = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:master"
PASSWORD = "Secret0123456789abcdefghijklmnop"
WITH_PASSWORD = "ALTER USER 'u'@'%' IDENTIFIED BY '<password>' REQUIRE SSL"


def refused(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "ExecuteStatement")


class Played:
    """The two clients in one, for each call the next planned answer: a response, or an error to raise."""

    def __init__(self, *answers: Any, http: bool = True, enabling: tuple[Any, ...] = ()) -> None:
        self.answers = list(answers)
        self.http = http
        self.enabling = list(enabling)
        self.sql: list[str] = []
        self.enabled: list[str] = []
        self.pauses: list[float] = []

    def describe_db_clusters(self, *, DBClusterIdentifier: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert DBClusterIdentifier == CLUSTER
        return {"DBClusters": [{"HttpEndpointEnabled": self.http}]}

    def enable_http_endpoint(self, *, ResourceArn: str) -> dict[str, Any]:  # noqa: N803
        self.enabled.append(ResourceArn)
        return self._next(self.enabling)

    def execute_statement(self, *, resourceArn: str, secretArn: str, sql: str) -> dict[str, Any]:  # noqa: N803
        assert (resourceArn, secretArn) == (CLUSTER, MASTER)
        self.sql.append(sql)
        return self._next(self.answers)

    @staticmethod
    def _next(answers: list[Any]) -> dict[str, Any]:
        answer = answers.pop(0) if answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer

    def api(self) -> DataApi:
        return DataApi(rds=self, data=self, cluster_arn=CLUSTER, secret_arn=MASTER, pause=self.pauses.append)


def test_an_open_data_api_is_left_as_it_is():
    aws = Played()
    aws.api().open()
    assert (aws.enabled, aws.sql, aws.pauses) == ([], ["SELECT 1"], [])


def test_a_closed_one_is_turned_on_when_the_restored_cluster_is_no_longer_busy():
    aws = Played(http=False, enabling=(refused("InvalidResourceStateFault"), {}))
    aws.api().open()
    assert aws.enabled == [CLUSTER, CLUSTER], "a restored cluster is modified by the provider at that moment"
    assert len(aws.pauses) == 1


@pytest.mark.parametrize(
    "passing",
    [
        refused("HttpEndpointNotEnabledException"),
        refused("DatabaseResumingException"),
        refused("DatabaseUnavailableException"),
        refused("ServiceUnavailableError"),
        refused("BadRequestException", "Access denied for user 'lakeadmin'@'10.0.0.1' (using password: YES)"),
        refused("BadRequestException", "HttpEndpoint is not enabled for resource"),
    ],
    ids=str,
)
def test_what_passes_is_waited_for(passing: ClientError):
    aws = Played(passing, passing, {})
    aws.api().open()
    assert (len(aws.sql), len(aws.pauses)) == (3, 2)


def test_what_does_not_pass_is_reported_at_once_with_a_remedy():
    aws = Played(refused("AccessDeniedException", "not authorized to perform rds-data:ExecuteStatement"))
    with pytest.raises(DataApiError, match=r"not authorized.*Remedy: give the deployer .*sqlBootstrap: manual\."):
        aws.api().open()
    assert aws.pauses == [], "nobody waits a quarter of an hour for a missing right"


def test_waiting_ends():
    aws = Played(*[refused("DatabaseUnavailableException", "still starting")] * ATTEMPTS)
    with pytest.raises(DataApiError, match="still starting"):
        aws.api().open()
    assert len(aws.pauses) == ATTEMPTS - 1


def test_no_way_to_aws_is_reported_with_a_remedy():
    aws = Played(EndpointConnectionError(endpoint_url="https://rds-data"))
    with pytest.raises(DataApiError, match="Remedy"):
        aws.api().open()


@pytest.mark.parametrize(
    ("records", "text"),
    [
        ([[{"longValue": 1}]], "1"),
        ([[{"booleanValue": True}]], "1"),
        ([[{"stringValue": "binlog_format"}, {"stringValue": "ROW"}]], "ROW"),
        ([[{"isNull": True}]], ""),
        ([], ""),
    ],
)
def test_an_answer_is_the_last_column_of_the_first_row_as_text(records: list[Any], text: str):
    assert Played({"records": records}).api().ask("SELECT @@x") == text


def test_a_password_stands_in_the_place_of_its_placeholder():
    aws = Played()
    aws.api().run(WITH_PASSWORD, placeholder="<password>", password=PASSWORD)
    assert aws.sql == [WITH_PASSWORD.replace("<password>", PASSWORD)]


@pytest.mark.parametrize("quoted", [PASSWORD, PASSWORD[:20], PASSWORD[7:]])
def test_a_password_is_never_in_an_error(quoted: str):
    near = f"Database error code: 1064. Message: You have an error in your SQL syntax near 'BY '{quoted}"
    aws = Played(refused("BadRequestException", near))
    with pytest.raises(DataApiError) as caught:
        aws.api().run(WITH_PASSWORD, placeholder="<password>", password=PASSWORD)
    told = "".join(traceback.format_exception(caught.value))
    assert quoted not in told, "the engine prints the traceback, and a server may quote half a password"
    assert WITH_PASSWORD in told
    assert "BadRequestException, error code 1064" in told, "what went wrong must be said all the same"


def test_an_error_of_a_statement_without_a_password_says_what_the_server_said():
    aws = Played(refused("BadRequestException", "Database error code: 1142. Message: GRANT command denied"))
    with pytest.raises(DataApiError, match=r"(?s)GRANT SELECT ON `shop`.*GRANT command denied"):
        aws.api().run("GRANT SELECT ON `shop`.* TO 'u'@'%'", placeholder="<password>", password=PASSWORD)


def test_revoking_what_is_not_granted_is_no_failure():
    aws = Played(refused("BadRequestException", "Database error code: 1141. Message: There is no such grant defined"))
    aws.api().revoke("REVOKE SELECT ON `shop`.* FROM 'u'@'%'")
    with pytest.raises(DataApiError, match="1227"):
        Played(refused("BadRequestException", "Database error code: 1227.")).api().revoke("REVOKE SELECT …")
