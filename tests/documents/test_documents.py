from __future__ import annotations

import json
from itertools import product

import pytest

from documents import capture_user
from documents.canonical import canonical
from documents.dms_mappings import Capture, table_mappings
from documents.table_patterns import TablePattern, covers, finds, meet
from documents.task_settings import task_settings

SETTINGS = {
    "parallel_load_threads": 4, "parallel_apply_threads": 4, "max_lob_kb": 64, "before_images": True,
    "on_table_error": "stop",
}  # fmt: skip


def patterns(*texts: str) -> tuple[TablePattern, ...]:
    return tuple(TablePattern.parse(text) for text in texts)


def scalars(value: object) -> list[object]:
    if isinstance(value, dict):
        return [found for item in value.values() for found in scalars(item)]
    return [found for item in value for found in scalars(item)] if isinstance(value, list) else [value]


def lists_in(value: object, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in lists_in(item, f"{path}.{key}")]
    return [path] if isinstance(value, list) else []


def statements(*tables: str) -> list[str]:
    return capture_user.statements(user="lake_capture", tables=patterns(*tables), binlog_retention_hours=72)


def granted(*tables: str) -> list[str]:
    selects = [text for text in statements(*tables) if text.startswith("GRANT SELECT")]
    return [text.removeprefix("GRANT SELECT ON ").removesuffix(" TO 'lake_capture'@'%'") for text in selects]


@pytest.mark.parametrize(
    ("text", "schema", "table"),
    [("shop.orders", "shop", "orders"), ("shop.v1.orders", "shop", "v1.orders"), ("a-b.%", "a-b", "%")],
)
def test_the_first_dot_of_a_pattern_separates_schema_and_table(text: str, schema: str, table: str):
    pattern = TablePattern.parse(text)
    assert (pattern.schema, pattern.table, str(pattern)) == (schema, table, text)


@pytest.mark.parametrize("text", ["shop", "shop.", ".orders", ".", ""])
def test_a_pattern_without_both_sides_is_refused(text: str):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the settings say the rest
        TablePattern.parse(text)
    assert str(refusal.value) == text


@pytest.mark.parametrize(
    ("pattern", "schema", "table"),
    [
        ("dms_sample.%", "dms[_]sample", "%"),
        ("dms_sample.person", "dms[_]sample", "person"),
        ("shop.audit_%", "shop", "audit_%"),
        ("shop.audit[_]%", "shop", "audit[_]%"),
        ("shop_[ab].t", "shop_[ab]", "t"),
    ],
)
def test_a_name_means_itself_and_a_pattern_goes_through_as_it_is(pattern: str, schema: str, table: str):
    (rule,) = table_mappings(Capture(tables=patterns(pattern)))["rules"]
    assert rule["object-locator"] == {"schema-name": schema, "table-name": table}, (
        "a bare _ is DMS's wildcard: an unescaped name captures tables that nobody named"
    )


def test_exclusions_follow_inclusions_and_ids_and_names_are_unique():
    rules = table_mappings(Capture(tables=patterns("shop.%", "crm.%"), exclude_tables=patterns("shop.log")))["rules"]
    assert [(r["rule-id"], r["rule-action"]) for r in rules] == [("1", "include"), ("2", "include"), ("3", "exclude")]
    assert len({rule["rule-name"] for rule in rules}) == 3, "DMS refuses two rules of one name"


def test_selections_spell_their_empty_filters():
    rules = table_mappings(Capture(tables=patterns("shop.%"), exclude_tables=patterns("shop.log")))["rules"]
    assert all(rule["filters"] == [] for rule in rules), "AWS echoes the empty list: without it every preview differs"


def test_the_mappings_are_exactly_these():
    assert json.loads(canonical(table_mappings(Capture(tables=patterns("shop.orders"))))) == {
        "rules": [
            {
                "rule-type": "selection",
                "rule-id": "1",
                "rule-name": "include-1",
                "rule-action": "include",
                "object-locator": {"schema-name": "shop", "table-name": "orders"},
                "filters": [],
            }
        ]
    }


def test_a_document_has_one_spelling():
    assert canonical({"b": [1, 2], "a": {"d": 1, "c": 2}}) == '{"a":{"c":2,"d":1},"b":[1,2]}'


def test_the_settings_hold_no_key_that_shows_up_as_a_change_in_every_preview():
    settings = task_settings(**SETTINGS)
    forbidden = {"CharacterSetSettings", "LoopbackPreventionSettings", "PostProcessingRules", "TTSettings",
                 "ControlTablesSettings", "ValidationSettings"}  # fmt: skip
    assert not forbidden & set(settings), "AWS answers null or another spelling for these, or leaves them out"
    assert not {"CloudWatchLogGroup", "CloudWatchLogStream"} & set(settings["Logging"]), "read-only; refused at preview"
    assert lists_in(settings) == [".Logging.LogComponents"], "the provider compares no other list"


def test_the_settings_are_complete_in_every_section_that_they_name():
    assert {section: len(keys) for section, keys in task_settings(**SETTINGS).items()} == {
        "TargetMetadata": 10, "FullLoadSettings": 6, "Logging": 2, "ChangeProcessingDdlHandlingPolicy": 3,
        "BeforeImageSettings": 3, "ErrorBehavior": 8,
    }  # fmt: skip


def test_a_number_is_a_number_and_a_switch_a_switch():
    words = {"LOGGER_SEVERITY_DEFAULT", "DO_NOTHING", "STOP_TASK", "before-image", "all"}
    texts = {value for value in scalars(task_settings(**SETTINGS)) if isinstance(value, str)}
    assert texts == words | {"SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER"}, (
        "the provider compares types: '30' and 30 differ in every preview"
    )
    assert None not in list(scalars(task_settings(**SETTINGS))), "AWS answers an object where null was sent"


def test_all_log_components_write_at_the_default_severity():
    components = task_settings(**SETTINGS)["Logging"]["LogComponents"]
    named = {"SOURCE_UNLOAD", "SOURCE_CAPTURE", "TARGET_LOAD", "TARGET_APPLY", "TASK_MANAGER"}
    assert {component["Id"] for component in components} == named, "DMS.7 and DMS.8"
    assert {component["Severity"] for component in components} == {"LOGGER_SEVERITY_DEFAULT"}


def test_nothing_is_applied_in_batches():
    assert task_settings(**SETTINGS)["TargetMetadata"]["BatchApplyEnabled"] is False, (
        "with a Kinesis target batch apply fails the task or loses data"
    )


def test_a_task_that_matches_no_table_fails():
    assert task_settings(**SETTINGS)["ErrorBehavior"]["FailOnNoTablesCaptured"] is True, (
        "silence would look like success"
    )


def test_settings_follow_the_configuration():
    metadata = task_settings(**{**SETTINGS, "parallel_apply_threads": 0, "max_lob_kb": 99})["TargetMetadata"]
    assert (metadata["ParallelApplyThreads"], metadata["ParallelLoadThreads"], metadata["LobMaxSize"]) == (0, 4, 99)


def test_before_images_are_declared_or_not_mentioned():
    image = task_settings(**SETTINGS)["BeforeImageSettings"]
    assert image == {"EnableBeforeImage": True, "FieldName": "before-image", "ColumnFilter": "all"}
    assert "BeforeImageSettings" not in task_settings(**{**SETTINGS, "before_images": False})


def test_the_capture_user_is_made_by_exactly_these_statements():
    assert statements("dms_sample.%") == [
        "CREATE USER IF NOT EXISTS 'lake_capture'@'%' IDENTIFIED BY '<password>' REQUIRE SSL",
        "ALTER USER 'lake_capture'@'%' IDENTIFIED BY '<password>' REQUIRE SSL",
        "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'lake_capture'@'%'",
        "GRANT SELECT ON `dms_sample`.* TO 'lake_capture'@'%'",
        "CALL mysql.rds_set_configuration('binlog retention hours', 72)",
    ]


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (["shop.orders"], ["`shop`.`orders`"]),
        (["my_shop.my_orders"], ["`my_shop`.`my_orders`"]),
        (["my_shop.%"], ["`my_shop`.*"]),
        (["my_shop.audit%"], ["`my_shop`.*"]),
        (["shop%.orders"], ["`shop%`.*"]),
        (["shop[_]%.orders"], ["`shop_%`.*"]),
        (["shop[ab].orders"], ["`shop_`.*"]),
        (["shop.orders", "shop.%"], ["`shop`.*"]),
        (["shop.b", "crm.%", "shop.a"], ["`crm`.*", "`shop`.`a`", "`shop`.`b`"]),
    ],
)
def test_select_is_granted_on_what_is_captured_as_narrowly_as_grant_can_say(tables: list[str], expected: list[str]):
    assert granted(*tables) == expected, (
        "no wildcards for tables; and no escapes, with which Aurora (partial_revokes) grants nothing"
    )


PARTS = ["%", "_", "a", "[ab]", "[a-c]x", "a%", "%a", "%a%", "a_%", "[_]", "_%", "%_", "ab", "a%b%c", "%[b-d]", "x"]
NAMES = ["".join(it) for size in range(4) for it in product("abcx_", repeat=size)]


@pytest.mark.parametrize("one", PARTS)
def test_two_patterns_meet_where_a_name_is_found_by_both(one: str):
    for other in PARTS:
        both = [name for name in NAMES if finds(one, name) and finds(other, name)]
        assert meet(one, other) == bool(both), f"{one} and {other}: {both[:3]}"


@pytest.mark.parametrize("one", PARTS)
def test_a_pattern_covers_another_only_if_it_finds_all_of_its_names(one: str):
    for other in PARTS:
        missed = [name for name in NAMES if finds(other, name) and not finds(one, name)]
        assert not (covers(one, other) and missed), f"{one} is said to cover {other}, and does not find {missed[:3]}"


@pytest.mark.parametrize(
    ("one", "other"),
    [("%", "%"), ("%", "a_%"), ("a%", "ab"), ("a%", "a%b%"), ("[a-c]%", "[ab]%"), ("%a%", "b%ac"), ("_%", "a%")],
)
def test_a_pattern_covers_what_is_plainly_less(one: str, other: str):
    assert covers(one, other)


def test_no_pattern_takes_for_ever():
    pattern, name = "%a" * 30 + "%b", "a" * 64
    assert not finds(pattern, name)
    assert not meet(pattern, "[a-a]" * 64)
    assert not covers("%b", pattern + "%")
