"""The output folder of a rehearsal: the lake, the source's rows and the report, enough to audit again.

lake/          every delivered object under its key
lake.json      the ETag that S3 gave each object at delivery
source.json    tables, binlog position and expectations; source/ holds the rows
report.json    the report; its presence marks the folder as ours to clear
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rehearsal.audit import AuditResult, Expectations, KeptSource, audit, keep_source, open_source
from rehearsal.lake import Lake, LakeObject, open_kept
from rehearsal.vocabulary import Position, RehearsalError, Row, Table

_MARK = "report.json"


@dataclass(frozen=True)
class Output:
    """A folder with what a rehearsal keeps."""

    folder: Path

    @property
    def lake(self) -> Path:
        """Where the objects are."""
        return self.folder / "lake"

    def clear(self) -> None:
        """Make the folder empty. A folder that is not an earlier rehearsal's is refused: it may be anything."""
        if self.folder.is_dir() and any(self.folder.iterdir()) and not (self.folder / _MARK).exists():
            raise RehearsalError(
                f"{self.folder} is not empty and holds no {_MARK} of an earlier rehearsal: name another with --keep"
            )
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        (self.folder / _MARK).write_text("{}")

    def keep_lake(self, lake: Lake) -> None:
        """Write every object and the ETags."""
        self.lake.mkdir()
        lake.keep(self.lake)
        etags = {delivered.key: delivered.etag for delivered in lake.objects()}
        (self.folder / "lake.json").write_text(json.dumps(etags, indent=1))

    def keep_source(
        self,
        tables: Iterable[Table],
        rows: Callable[[Table], Iterable[Row]],
        position: Position,
        expectations: Expectations,
    ) -> None:
        """Write the source's rows."""
        keep_source(self.folder, tables, rows, position, expectations)

    def keep_report(self, text: str) -> None:
        """Write the report."""
        (self.folder / _MARK).write_text(text)

    def source(self) -> KeptSource:
        """The source's rows, where in the binlog they were read, and what the audit may expect."""
        return open_source(self.folder)

    def audit(self, progress: Callable[[AuditResult], None]) -> AuditResult:
        """Compare the kept lake with the kept rows."""
        source = self.source()
        return audit(self._objects(), source.tables, source.rows, source.expectations, progress)

    def _objects(self) -> Iterator[LakeObject]:
        """The kept objects with the ETags of their delivery. One that is gone comes as an empty body."""
        try:
            etags: dict[str, str] = json.loads((self.folder / "lake.json").read_text())
        except (OSError, ValueError) as error:
            raise RehearsalError(f"{self.folder} has no kept lake (lake.json: {error}): rehearse again") from error
        found: set[str] = set()
        for delivered in open_kept(self.lake).objects():
            found.add(delivered.key)
            yield replace(delivered, etag=etags.get(delivered.key, ""))
        for key in sorted(etags.keys() - found):
            yield LakeObject(key=key, body=b"", etag=etags[key], last_modified=datetime.fromtimestamp(0, UTC))
