"""A task with every kind of rule, from the real MariaDB into the stream, audited by the rules alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audit import AuditResult, Expectations, FindingKind, audit, keep_source, open_source
from database import catalog
from database.server import Server
from model import PipelineError, Position, Row, Table
from model.plan import ReplicationPlan
from rehearsal.lake import LakeObject
from tests.mappings.mapping_rules import attribute, include, map_record, only, transform
from tests.rehearsal.replication.conftest import Source, play

IMAGES: dict[str, Any] = {
    "BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": "before-image", "ColumnFilter": "all"}
}
PEOPLE = (
    "CREATE TABLE people (id BIGINT PRIMARY KEY, email VARCHAR(60), pin VARCHAR(9), country CHAR(2) NOT NULL, "
    "pay DECIMAL(9,2), secret VARCHAR(20), ip INT UNSIGNED)"
)
VISITS = "CREATE TABLE visits (email VARCHAR(60), page VARCHAR(20), noise INT)"


def rules(schema: str) -> list[dict[str, Any]]:
    """Filter, renames of all three kinds, removal, two types, two masks and an object mapping."""
    people = (schema, "people")
    return [
        include(1, schema, "people", only("country", ("eq", "de"), ("eq", "fr")), only("id", ("lte", "900"))),
        include(2, schema, "visits"),
        transform(3, "rename", schema, value="lake"),
        transform(4, "add-prefix", schema, "visits", value="web_"),
        transform(5, "rename", *people, "pay", value="salary"),
        transform(6, "remove-column", *people, "secret"),
        transform(7, "remove-column", schema, "visits", "noise"),
        transform(8, "change-data-type", *people, "id", data_type={"type": "string", "length": "20"}),
        transform(9, "change-data-type", *people, "ip", data_type={"type": "string"}),
        transform(10, "data-masking-hash-mask", *people, "email"),
        transform(11, "data-masking-hash-mask", schema, "visits", "email"),
        transform(12, "data-masking-digits-mask", *people, "pin", value="#"),
        map_record(
            13,
            *people,
            target_table="persons",
            partition_key_type="attribute-name",
            partition_key_name="label",
            exclude_columns=["country"],
            attribute_mappings=[attribute("label", "${country}-person")],
        ),
    ]


@dataclass
class Mapped:
    """What a task wrote, and the source that it must be equal to."""

    lines: list[bytes]
    tables: list[Table]
    rows: dict[str, list[Row]]
    plan: ReplicationPlan

    def audited(self, lines: list[bytes] | None = None) -> AuditResult:
        body = b"\n".join(self.lines if lines is None else lines) + b"\n"
        objects = [LakeObject(key="raw/lake-1.json", body=body, etag="", last_modified=None)]  # pyrefly: ignore[bad-argument-type]
        return audit(objects, self.tables, lambda table: self.rows[str(table)], Expectations.of(self.plan))

    def sabotaged(self, harm: Callable[[dict[str, Any]], object]) -> AuditResult:
        """The audit after ``harm`` was done to the first record that it is willing to harm."""
        lines = list(self.lines)
        for number, line in enumerate(lines):
            record = json.loads(line)
            if "data" in record and harm(record):
                lines[number] = json.dumps(record).encode()
                return self.audited(lines)
        raise AssertionError("no record to harm")


def change(source: Source) -> None:
    source.sql(
        "INSERT INTO people VALUES (3,'c@x.de','11 22','fr',1.10,'s3',3232235777),(4,'d@x.uk','','uk',1,'s4',1)",
        "UPDATE people SET pay = pay * 2, email = 'neu@x.de' WHERE id = 1",
        "UPDATE people SET pay = 0 WHERE id = 2",
        "DELETE FROM people WHERE id IN (4, 5)",
        "INSERT INTO people VALUES (901,'far@x.de','1','de',1,'s',1)",
        "UPDATE visits SET page = 'end', noise = noise + 1 LIMIT 1",
    )


@pytest.fixture
def mapped(source: Source, target: Any, tmp_path: Path) -> Mapped:
    source.sql(PEOPLE, VISITS)
    people = "(1,'a@x.de','49-7','de',10.50,'s1',0),(2,NULL,NULL,'uk',7.00,'s2',NULL),(5,'','0','fr',NULL,NULL,7)"
    source.sql(f"INSERT INTO people VALUES {people}", "INSERT INTO visits VALUES ('a@x.de','p',1),('a@x.de','p',2)")
    plan = source.plan(rules=rules(source.schema), **IMAGES)
    play(source, target, tmp_path, plan, changes=lambda: change(source))
    tables, rows = captured(source.server, source.schema)
    return Mapped(target.lines(), tables, rows, plan)


def captured(server: Server, schema: str) -> tuple[list[Table], dict[str, list[Row]]]:
    with closing(server.connect()) as connection:
        tables = [table for table in catalog.tables(connection) if table.schema == schema]
        return tables, {str(table): list(catalog.read(connection, table)) for table in tables}


def kinds(result: AuditResult) -> set[FindingKind]:
    return {finding.kind for finding in result.listed_findings}


def test_the_lake_is_equal_to_the_source_through_the_declared_rules(mapped: Mapped):
    result = mapped.audited()
    assert result.equal, [str(finding) for finding in result.listed_findings]
    people, visits = result.tables["lake.persons"], result.tables["lake.web_visits"]
    assert (people.rows_source, people.rows_lake) == (2, 2), "of 4 rows the filters let 2 through"
    assert (visits.rows_source, visits.rows_lake) == (2, 2), "a table without a key is counted by what is left of it"
    assert people.operations == {"load": 2, "insert": 1, "update": 1, "delete": 1}, "changes of other rows stay out"


def test_nothing_that_was_removed_masked_or_filtered_out_is_in_the_stream_in_the_clear(mapped: Mapped):
    text = b"\n".join(mapped.lines)
    clear = (b"x.de", b"x.uk", b"s1", b"49-7", b"secret", b"noise", b"people", b"pay")
    assert not [word for word in clear if word in text], "a consumer cannot read what the rules hide"


def test_the_audit_can_be_repeated_from_what_is_kept(mapped: Mapped, tmp_path: Path):
    expectations, position = Expectations.of(mapped.plan), Position("mysql-bin-changelog.000001", 4)
    keep_source(tmp_path / "kept", mapped.tables, lambda table: mapped.rows[str(table)], position, expectations)
    kept = open_source(tmp_path / "kept")
    body = b"\n".join(mapped.lines)
    objects = [LakeObject(key="raw/lake-1.json", body=body, etag="", last_modified=None)]  # pyrefly: ignore[bad-argument-type]
    assert audit(objects, kept.tables, kept.rows, kept.expectations).equal, "the rules are kept with the rows"


def person(record: dict[str, Any], key: str, **data: Any) -> bool:
    """Falsify the last record of a person."""
    fits = record["metadata"]["table-name"] == "persons" and record["data"]["id"] == key
    if fits and record["metadata"]["operation"] in ("insert", "update"):
        record["data"].update(data)
        return True
    return False


def test_a_false_value_in_a_renamed_column_is_found_by_its_name_in_the_lake(mapped: Mapped):
    (finding,) = mapped.sabotaged(lambda record: person(record, "3", salary=1.11)).listed_findings
    assert (finding.kind, finding.table, finding.key) == (FindingKind.DIFFERENT, "lake.persons", 'id="3"')
    assert (finding.column, finding.source, finding.lake) == ("salary", "1.10", "1.11")


@pytest.mark.parametrize("value", ["c@x.de", hashlib.sha256(b"other").hexdigest().upper()])
def test_a_clear_or_false_value_in_a_masked_column_is_found_and_not_shown(mapped: Mapped, value: str):
    result = mapped.sabotaged(lambda record: person(record, "3", email=value))
    (finding,) = result.listed_findings
    assert (finding.kind, finding.column) == (FindingKind.DIFFERENT, "email")
    assert finding.text == "the lake does not have the mask of the source's value"
    assert "c@x.de" not in json.dumps(result.as_json(), default=str), "the report must not undo the mask"


def test_a_digit_that_was_not_masked_is_found(mapped: Mapped):
    assert kinds(mapped.sabotaged(lambda record: person(record, "3", pin="#1 ##"))) == {FindingKind.DIFFERENT}


def test_a_number_that_was_declared_a_string_and_is_none_is_found(mapped: Mapped):
    result = mapped.sabotaged(lambda record: person(record, "3", ip=3232235777))
    assert [finding.column for finding in result.listed_findings] == ["ip"]


def test_a_removed_column_that_is_there_is_found(mapped: Mapped):
    result = mapped.sabotaged(lambda record: person(record, "3", secret="s3"))
    assert [(f.kind, f.column) for f in result.listed_findings] == [(FindingKind.UNKNOWN_COLUMN, "secret")]


def test_a_false_attribute_is_found(mapped: Mapped):
    result = mapped.sabotaged(lambda record: person(record, "3", label="de-person"))
    assert [(f.column, f.source) for f in result.listed_findings] == [("label", '"fr-person"')]


def test_a_row_that_the_filters_should_have_kept_out_is_extra(mapped: Mapped):
    loaded = next(line for line in mapped.lines if b'"load"' in line and b"persons" in line)
    intruder = json.loads(loaded)
    intruder["data"]["id"] = "2"
    result = mapped.audited([*mapped.lines, json.dumps(intruder).encode()])
    assert [(f.kind, f.key) for f in result.listed_findings] == [(FindingKind.EXTRA, 'id="2"')]


def test_a_row_that_the_filters_let_through_and_that_is_lost_is_missing(mapped: Mapped):
    lines = [line for line in mapped.lines if not (b"persons" in line and b'"id":"3"' in line)]
    assert FindingKind.MISSING in kinds(mapped.audited(lines)), "the inserted row has no other record"


def test_a_lake_under_the_sources_names_is_not_equal(mapped: Mapped):
    lines = [line.replace(b'"table-name":"persons"', b'"table-name":"people"') for line in mapped.lines]
    assert {FindingKind.UNKNOWN_TABLE, FindingKind.MISSING} <= kinds(mapped.audited(lines)), (
        "the rename is part of the declaration"
    )


def test_a_truncated_table_is_empty_under_its_new_name_too(source: Source, target: Any, tmp_path: Path):
    source.sql(PEOPLE, VISITS, "INSERT INTO visits VALUES ('a','p',1)")
    plan = source.plan(rules=rules(source.schema), **IMAGES)
    play(source, target, tmp_path, plan, changes=lambda: source.sql("TRUNCATE visits"))
    result = Mapped(target.lines(), *captured(source.server, source.schema), plan).audited()
    assert result.equal, "the control record names the table as the lake does"
    assert result.tables["lake.web_visits"].rows_lake == 0


def test_an_update_across_the_filter_stops_the_task(source: Source, target: Any, tmp_path: Path):
    source.sql(PEOPLE, VISITS, "INSERT INTO people VALUES (1,'a','1','de',1,'s',1)")
    plan = source.plan(rules=rules(source.schema))
    with pytest.raises(PipelineError, match="carried a row across its filter"):
        play(source, target, tmp_path, plan, changes=lambda: source.sql("UPDATE people SET country = 'uk'"))


def test_a_masked_column_that_is_renamed_at_the_source_stops_the_task(source: Source, target: Any, tmp_path: Path):
    source.sql(PEOPLE, VISITS)
    plan = source.plan(rules=rules(source.schema))
    with pytest.raises(PipelineError, match=r"rule 10 \(rule-10\): masks no column"):
        play(source, target, tmp_path, plan, changes=lambda: rename_and_write(source))
    assert b"clear@x.de" not in b"\n".join(target.lines()), "no value after it is written under a rule that misses it"


def rename_and_write(source: Source) -> None:
    source.sql("ALTER TABLE people CHANGE email mail VARCHAR(60)")
    source.sql("INSERT INTO people VALUES (8,'clear@x.de','1','de',1,'s',1)")


def test_a_masked_table_that_is_dropped_does_not_stop_the_task(source: Source, target: Any, tmp_path: Path):
    source.sql(PEOPLE, VISITS)
    progress = play(source, target, tmp_path, source.plan(rules=rules(source.schema)), changes=lambda: drop(source))
    assert [w for w in progress.warnings if "rule 11 (rule-11) matches nothing that is captured" in w]


def drop(source: Source) -> None:
    source.sql("DROP TABLE visits")


def test_a_task_warns_that_masked_before_images_were_never_observed(source: Source, target: Any, tmp_path: Path):
    source.sql(PEOPLE, VISITS)
    progress = play(source, target, tmp_path, source.plan(rules=rules(source.schema), **IMAGES))
    assert [w for w in progress.warnings if w.startswith("masks: here before images are masked too")]
