"""What the task settings and kinesisSettings documents come to, and what is refused."""

import pytest

from model import PipelineError
from rehearsal.replication.settings import BeforeImage, kinesis_settings, task_settings


def test_an_empty_document_has_the_defaults_of_the_api():
    settings = task_settings({})
    assert settings.lob_max_bytes == 32 * 1024, "limited LOB mode with LobMaxSize 32 KB is DMS's default"
    assert settings.drop_and_create, "the API's default TargetTablePrepMode is DROP_AND_CREATE"
    assert not settings.key_by_primary_key, "changes go by schema.table unless ParallelApplyThreads is set"
    assert not settings.fail_on_no_tables, "FailOnNoTablesCaptured is false by default"
    assert settings.before_image is None, "before images are off by default"


def test_a_section_that_is_null_counts_as_absent():
    assert task_settings({"BeforeImageSettings": None}).before_image is None, "AWS echoes null for unset sections"


def test_parallel_apply_threads_make_the_primary_key_the_partition_key():
    assert task_settings({"TargetMetadata": {"ParallelApplyThreads": 4}}).key_by_primary_key, "CHAP_Target.Kinesis"


def test_before_images_have_pk_only_as_default_filter():
    document = {"BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": "before-image"}}
    assert task_settings(document).before_image == BeforeImage(field_name="before-image", column_filter="pk-only")


def test_limited_lob_mode_switched_off_lifts_the_limit():
    assert task_settings({"TargetMetadata": {"LimitedSizeLobMode": False}}).lob_max_bytes is None


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"TargetMetadata": {"BatchApplyEnabled": True}}, "BatchApplyEnabled is true"),
        ({"TargetMetadata": {"FullLobMode": True}}, "FullLobMode is true"),
        ({"ValidationSettings": {"EnableValidation": True}}, "EnableValidation is true"),
        ({"TargetMetadata": {"LobMaxSize": "64"}}, "TargetMetadata.LobMaxSize is '64'; it must be a whole number"),
        ({"TargetMetadata": {"SupportLobs": 1}}, "TargetMetadata.SupportLobs is 1; it must be true or false"),
        ({"TargetMetadata": []}, "TargetMetadata must be an object"),
        ({"FullLoadSettings": {"TargetTablePrepMode": "DROP"}}, "must be one of DO_NOTHING"),
        ({"BeforeImageSettings": {"EnableBeforeImage": True}}, "FieldName is empty"),
        (
            {"BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": "b", "ColumnFilter": "pk"}},
            "must be one of pk-only",
        ),
    ],
)
def test_a_task_that_dms_would_not_run_on_kinesis_is_refused(document, said):
    with pytest.raises(PipelineError) as error:
        task_settings(document)
    assert said in str(error.value), "the message names the key, its value and the rule"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"messageFormat": "csv"}, "kinesisSettings.messageFormat is 'csv'"),
        ({"includeNullAndEmpty": "true"}, "kinesisSettings.includeNullAndEmpty is 'true'"),
        ({"includeNothing": True}, "kinesisSettings.includeNothing is not played yet"),
    ],
)
def test_an_endpoint_setting_that_is_not_understood_is_refused(document, said):
    with pytest.raises(PipelineError) as error:
        kinesis_settings(document)
    assert said in str(error.value), "a setting passed over in silence would rehearse another endpoint"


def test_where_the_records_go_is_no_matter_of_their_shape():
    destination = {"streamArn": "arn:aws:kinesis:eu-west-1:1:stream/s", "serviceAccessRoleArn": "arn:aws:iam::1:role/r"}
    assert kinesis_settings(destination) == kinesis_settings({}), "stream and role do not change a record"
