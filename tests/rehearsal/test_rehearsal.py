"""Whole rehearsals, small ones: the declared pipeline is equal, and a wrong declaration fails the way AWS would."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import toolchain
from audit import AuditResult, FindingKind, Latencies, questions
from declaration import Declaration, Resource
from model import PipelineError
from model.plan import Plan
from rehearsal.athena.kept_catalog import FILE as CATALOG
from rehearsal.cli import main
from rehearsal.plan.pipeline import read_plan
from rehearsal.play.output import Output
from rehearsal.play.rehearse import Played, rehearse
from rehearsal.runtime.progress_bars import ProgressBars
from rehearsal.runtime.stopwatch import Stopwatch
from rehearsal.source.sample_source import SampleSource
from tests.declared import declare

pytestmark = pytest.mark.usefixtures("lent_servers")
ENDPOINT = "aws:dms/endpoint:Endpoint"
DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
POLICY = "aws:iam/rolePolicy:RolePolicy"

Change = Callable[[Resource], Resource]


def changed(declaration: Declaration, type: str, change: Change) -> Declaration:
    """The declaration as if the program had declared every resource of ``type`` so."""
    resources = tuple(change(resource) if resource.type == type else resource for resource in declaration.resources)
    assert resources != declaration.resources, "the change must change something"
    return replace(declaration, resources=resources)


def with_inputs(**inputs: Any) -> Change:
    return lambda resource: replace(resource, inputs={**resource.inputs, **inputs})


def play(
    declaration: Declaration,
    folder: Path,
    rows: int = 400,
    changes: int = 400,
    change: Callable[[Plan], Plan] = lambda plan: plan,
) -> tuple[Played, Output]:
    """A small rehearsal; its lake is not audited yet."""
    plan, output, work = change(read_plan(declaration)), Output(folder / "output"), folder / "work"
    work.mkdir()
    with ProgressBars(Console(file=io.StringIO())) as bars:
        mariadbd = toolchain.ensure_mariadbd()
        source = SampleSource(plan.database, work, mariadbd, bars, rows=rows, changes=changes, seed=7)
        return rehearse(plan, source, output, bars, work, Stopwatch()), output


def with_views_of_tickets(plan: Plan) -> Plan:
    """``plan`` with the views of one table alone, and its Iceberg table if there is one: those of the others are asked
    where nothing goes wrong."""
    assert plan.catalog
    one = ("dms_sample", "ticket")
    views = tuple(view for view in plan.catalog.views if view.table in (None, one))
    kept = tuple(table for table in plan.catalog.kept_tables if table.table == one)
    return replace(plan, catalog=replace(plan.catalog, views=views, kept_tables=kept))


def audited(output: Output) -> AuditResult:
    return output.audit(lambda _: None)


def objects(output: Output) -> list[Path]:
    return [path for path in output.lake.rglob("*") if path.is_file()]


def by_the_log(output: Output) -> AuditResult:
    """The first audit alone, as of an older folder: of a broken lake the second has nothing to add."""
    (output.folder / CATALOG).unlink()
    return audited(output)


@pytest.fixture(scope="module")
def equal(dev: Declaration, tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Output]:
    return play(dev, tmp_path_factory.mktemp("equal"))


@pytest.fixture(scope="module")
def latencies(equal: tuple[Played, Output]) -> Latencies:
    assert equal[0].watched
    return Latencies(equal[0].watched.delivered_at)


@pytest.fixture(scope="module")
def result(equal: tuple[Played, Output], latencies: Latencies) -> AuditResult:
    return equal[1].audit(lambda _: None, latencies=latencies)


def test_what_the_dev_stack_declares_brings_every_row_into_the_lake(equal: tuple[Played, Output], result: AuditResult):
    assert [str(finding) for finding in result.listed_findings] == [], "the declared pipeline loses and changes nothing"
    operations = {operation for table in result.tables.values() for operation in table.operations}
    assert operations == {"load", "insert", "update", "delete"}, "a rehearsal without all operations proves too little"
    assert "dms_sample.ticket_purchase_hist" in result.tables
    assert equal[0].not_captured == ("dms_sample.digit (a view)", "dms_sample.thousand (a view)")


def test_the_declared_views_of_every_table_are_asked_and_give_the_source_s_rows(result: AuditResult):
    assert result.views, "the dev stack declares views, and a rehearsal keeps them"
    assert result.disorder is not None, "in disorder too"
    given = {name: view.rows for name, view in result.views.tables.items() if view.asked}
    assert given == {name: table.rows_source for name, table in result.tables.items()}, "each table, and each row"
    assert result.unproven == (), "with all of its columns"
    assert len(result.views.counts) == 2 + len(given), "and the views of changes have counted their records"


def test_the_source_told_the_checksums_of_its_rows_and_they_are_those_of_the_views(
    equal: tuple[Played, Output], result: AuditResult, dev: Declaration
):
    source, catalog = equal[1].source(), read_plan(dev).catalog
    assert catalog
    assert result.views
    for table in source.tables:
        (sql,) = questions(catalog, table, source.expectations)
        assert source.answer(table, sql), f"{table}: MariaDB is asked what a live source will be"
    respelled = [name for name, view in result.views.tables.items() if view.notes.counts[FindingKind.RESPELLED]]
    assert respelled == [], "MariaDB and the lake's engine have the same canonical text of each row"


def test_every_change_has_a_latency_and_every_declared_alarm_is_told_of(
    equal: tuple[Played, Output], result: AuditResult, latencies: Latencies, dev: Declaration
):
    counts = [count for table in result.tables.values() for count in table.operations.items()]
    changes = sum(count for operation, count in counts if operation != "load")
    found, watched = latencies.ordered(), equal[0].watched
    assert watched
    assert len(found) == changes > 0, "and no row that was loaded"
    assert found[0] >= 0, "nothing is in the lake before it is committed"
    assert watched.delivered_at.keys() == {path.relative_to(equal[1].lake).as_posix() for path in objects(equal[1])}
    figures = {it.alarm.name: it.figure for it in watched.alarms}
    assert len(figures) == len(dev.all(ALARM))
    assert watched.promise_seconds == 900
    for name in ("latency-source", "latency-target", "delivery-freshness"):
        assert figures[name], f"{name} was measured"


def test_control_records_and_the_exceptions_table_are_in_the_lake_and_disturb_nothing(result: AuditResult):
    assert result.control_records == len(result.tables) + 1


def test_objects_lie_below_the_declared_prefix_with_the_declared_extension(
    equal: tuple[Played, Output], dev: Declaration
):
    declared = read_plan(dev).delivery
    keys = [path.relative_to(equal[1].lake).as_posix() for path in objects(equal[1])]
    assert keys, "something was delivered"
    for key in keys:
        assert key.startswith(declared.prefix.partition("!{")[0]), key
        assert key.count("/") == declared.prefix.count("/"), "one folder for each that is declared"
        assert key.endswith(declared.file_extension), key
    assert re.fullmatch(equal[1].source().expectations.placed, keys[0]), "and the audit demands it"


@pytest.fixture
def without_views(equal: tuple[Played, Output]) -> Iterator[None]:
    """The first audit alone: what the second says of a broken lake has tests of its own."""
    catalog = equal[1].folder / CATALOG
    text = catalog.read_bytes()
    catalog.unlink()
    yield
    catalog.write_bytes(text)


@pytest.fixture
def tampered(equal: tuple[Played, Output]) -> Iterator[Path]:
    """An object to change; it is as it was afterwards."""
    path = next(path for path in sorted(equal[1].lake.rglob("*.gz")) if b'"operation":"insert"' in read_gz(path))
    body = path.read_bytes()
    yield path
    path.write_bytes(body)


def read_gz(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes())


@pytest.mark.usefixtures("without_views")
def test_one_changed_byte_in_one_object_makes_the_audit_name_the_row(equal: tuple[Played, Output], tampered: Path):
    body = bytearray(tampered.read_bytes())
    body[len(body) // 2] ^= 1
    tampered.write_bytes(bytes(body))
    findings = audited(equal[1]).listed_findings
    assert any(finding.kind == FindingKind.DAMAGED and tampered.name in finding.place for finding in findings)
    assert any(finding.table and finding.key for finding in findings), "an object's name is not enough: which row?"


@pytest.mark.usefixtures("without_views")
def test_one_changed_value_is_named_with_both_values(equal: tuple[Played, Output], tampered: Path):
    lines = read_gz(tampered).splitlines(keepends=True)
    number, record = next(
        (number, record)
        for number, line in enumerate(lines)
        if (record := json.loads(line))["metadata"].get("table-name") == "person"
    )
    record["data"]["full_name"] = "Mallory"
    lines[number] = json.dumps(record).encode() + b"\n"
    tampered.write_bytes(gzip.compress(b"".join(lines)))
    rows = [f for f in audited(equal[1]).listed_findings if f.table == "dms_sample.person" and f.column == "full_name"]
    assert any('"Mallory"' in (finding.lake, finding.source) for finding in rows), "both values, not only a count"


@pytest.mark.usefixtures("without_views")
def test_an_object_that_is_gone_is_named(equal: tuple[Played, Output], tampered: Path):
    tampered.unlink()
    assert any(tampered.name in finding.place for finding in audited(equal[1]).listed_findings)


@pytest.mark.usefixtures("without_views")
def test_the_audit_command_repeats_the_audit_of_a_kept_lake(
    equal: tuple[Played, Output], tampered: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["audit", str(equal[1].folder)]) == 0
    tampered.write_bytes(gzip.compress(read_gz(tampered)[:-1000]))
    assert main(["audit", str(equal[1].folder)]) == 1, "exit code 1 says that the audit found something"
    assert "NOT EQUAL" in capsys.readouterr().out


def test_a_lake_by_tables_holds_every_row_in_the_folder_of_its_table(tmp_path: Path):
    declared = declare("dev", config={"partitionByTable": True, "bufferSizeMb": 64})
    output = play(declared, tmp_path, rows=100, changes=100, change=with_views_of_tickets)[1]
    assert [str(finding) for finding in audited(output).listed_findings] == []
    for path in output.lake.rglob("*.gz"):
        names = [json.loads(line)["metadata"] for line in read_gz(path).splitlines()]
        tables = {f"schema={it['schema-name'] or '_none'}/table={it['table-name']}" for it in names}
        assert tables == {path.parent.relative_to(path.parents[2]).as_posix()}


def test_without_a_row_format_binlog_the_task_fails_to_start(dev: Declaration, tmp_path: Path):
    with pytest.raises(PipelineError, match="log_bin"):
        play(changed(dev, PARAMETERS, with_inputs(parameters=[])), tmp_path, rows=10, changes=10)


def test_with_a_statement_format_binlog_the_task_fails_to_start(dev: Declaration, tmp_path: Path):
    statement = [{"name": "binlog_format", "value": "STATEMENT"}]
    with pytest.raises(PipelineError, match="binlog_format"):
        play(changed(dev, PARAMETERS, with_inputs(parameters=statement)), tmp_path, rows=10, changes=10)


def test_with_pretty_printed_json_no_reader_by_lines_finds_a_record(dev: Declaration, tmp_path: Path):
    def pretty(endpoint: Resource) -> Resource:
        settings: Mapping[str, Any] | None = endpoint.inputs.get("kinesisSettings")
        return with_inputs(kinesisSettings={**settings, "messageFormat": "json"})(endpoint) if settings else endpoint

    result = by_the_log(play(changed(dev, ENDPOINT, pretty), tmp_path, rows=100, changes=100)[1])
    assert [finding.kind for finding in result.findings.listed] == [FindingKind.SPANNING], (
        "said once, not once a record"
    )


def test_without_the_delimiter_records_run_together(dev: Declaration, tmp_path: Path):
    def bare(delivery: Resource) -> Resource:
        target = dict(delivery.inputs["extendedS3Configuration"])
        del target["processingConfiguration"]
        return with_inputs(extendedS3Configuration=target)(delivery)

    result = by_the_log(play(changed(dev, DELIVERY, bare), tmp_path, rows=100, changes=100)[1])
    assert [finding.kind for finding in result.findings.listed] == [FindingKind.RUN_TOGETHER]


def test_a_schema_that_is_not_mapped_makes_the_task_fail(tmp_path: Path):
    with pytest.raises(PipelineError, match="No tables were found"):
        play(declare("dev", config={"tables": ["somewhere_else.%"]}), tmp_path, rows=100, changes=100)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> tuple[Played, Output]:
    """What a stack gives that leaves out a table and misspells a schema."""
    config = {"tables": ["dms_sample.%", "dms_smaple.%"], "excludeTables": ["dms_sample.payment"]}
    return play(declare("dev", config=config), tmp_path_factory.mktemp("narrow"), rows=100, changes=100)


def test_a_table_that_is_not_mapped_is_named_and_not_in_the_lake(narrow: tuple[Played, Output]):
    assert narrow[0].not_captured[0] == "dms_sample.payment"
    tables = by_the_log(narrow[1]).tables
    assert "dms_sample.person" in tables
    assert "dms_sample.payment" not in tables


def test_a_mapped_table_that_the_capture_user_may_not_read_is_named(dev: Declaration, tmp_path: Path):
    def only_tickets(plan: Plan) -> Plan:
        statements = [text for text in plan.database.capture_statements if not text.startswith("GRANT SELECT")]
        statements += [f"GRANT SELECT ON dms_sample.ticket TO '{plan.database.capture_username}'@'%'"]
        statements += [f"GRANT SELECT (id) ON dms_sample.person TO '{plan.database.capture_username}'@'%'"]
        return replace(plan, database=replace(plan.database, capture_statements=tuple(statements), checks=()))

    with pytest.raises(PipelineError, match=r"may not read .*dms_sample\.payment, .*: GRANT SELECT") as refused:
        play(dev, tmp_path, rows=100, changes=100, change=only_tickets)
    assert "dms_sample.ticket," not in str(refused.value), "this one it may read"
    assert "dms_sample.person" in str(refused.value), "one column is not the table"


def test_a_rule_that_selects_no_table_is_a_warning(narrow: tuple[Played, Output]):
    told = [warning for warning in narrow[0].warnings if "selects no table" in warning]
    assert len(told) == 1, "a misspelt schema would be missing in the lake without a word, the other rule selects much"
    assert told[0].startswith("rule 2 (include-2) "), "which rule?"
    assert told[0].endswith(": dms[_]smaple.%"), "as declared to DMS"


def test_a_delivery_stream_that_may_start_after_the_task_loses_rows(dev: Declaration, tmp_path: Path):
    urn = dev.one(DELIVERY).urn
    unordered = tuple(replace(resource, dependencies=resource.dependencies - {urn}) for resource in dev.resources)
    result = by_the_log(play(replace(dev, resources=unordered), tmp_path, rows=100, changes=100)[1])
    missing = {finding.kind for finding in result.listed_findings}
    assert FindingKind.MISSING in missing, "Firehose reads from LATEST: what was written before it is never delivered"


def test_a_delivery_role_that_may_not_write_below_the_prefix_is_denied(dev: Declaration, tmp_path: Path):
    def narrowed(policy: Resource) -> Resource:
        return with_inputs(policy=policy.inputs["policy"].replace("/raw/*", "/elsewhere/*"))(policy)

    with pytest.raises(PipelineError, match="AccessDenied to PutObject"):
        play(changed(dev, POLICY, narrowed), tmp_path, rows=100, changes=100)


def test_a_declaration_that_cannot_be_rehearsed_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--stack", "nowhere", "--keep", str(tmp_path / "kept")]) == 2
    assert "stack 'nowhere' has no configuration" in capsys.readouterr().err


def test_a_folder_that_is_not_ours_is_not_cleared(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "thesis.tex").write_text("ten years of work", encoding="utf-8")
    assert main(["--keep", str(tmp_path)]) == 2
    assert (tmp_path / "thesis.tex").exists()
    assert "name another with --keep" in capsys.readouterr().err
