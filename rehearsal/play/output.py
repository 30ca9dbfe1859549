"""The output folder of a rehearsal: the lake, the source's rows and the report, enough to audit again.

.cdc-lake-rehearsal  marks the folder as a rehearsal's, which the next one may clear; held while one writes here
lake/          every delivered object under its key
lake.json      the ETag that S3 gave each object at delivery
source.json    tables, binlog position and expectations; source/ holds the rows
catalog.json   tables, views and queries that the stack declares for Athena
report.json    the report
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from audit import AuditResult, Expectations, KeptSource, Latencies, keep_source, open_source
from model import PipelineError, Position, Row, Table
from model.plan import CatalogPlan
from rehearsal.athena import DUCKDB
from rehearsal.athena.kept_catalog import FILE as CATALOG
from rehearsal.athena.kept_catalog import keep_catalog, open_catalog
from rehearsal.lake import KeptLake, Lake, LakeObject, open_kept
from rehearsal.play.audits import run_audits

_MARKER = ".cdc-lake-rehearsal"
_MARKER_TEXT = (
    "A rehearsal of cdc-lake wrote this folder; the next one that is told to keep its output here clears it.\n"
)
_OWN = ("lake", "source", "lake.json", "source.json", CATALOG, "report.json")
"""All that a rehearsal writes beside the marker, and all that the next one deletes."""


class DeliveredObjects(Mapping[str, LakeObject]):
    """The kept objects by their keys, with the ETags of their delivery; each is read whenever it is asked for.

    One that is gone comes last, with an empty body.
    """

    def __init__(self, lake: KeptLake, etags: Mapping[str, str]) -> None:
        self._lake, self._etags = lake, etags
        found = lake.keys()
        self._found = frozenset(found)
        self._keys = (*found, *sorted(etags.keys() - self._found))

    def __getitem__(self, key: str) -> LakeObject:
        etag = self._etags.get(key, "")
        if key in self._found:
            with suppress(FileNotFoundError):  # it has gone since
                return self._lake.read(key, etag)
        return LakeObject(key=key, body=b"", etag=etag, last_modified=datetime.fromtimestamp(0, UTC))

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


@dataclass(frozen=True)
class Output:
    """A folder with what a rehearsal keeps."""

    folder: Path

    @property
    def lake(self) -> Path:
        """Where the objects are."""
        return self.folder / "lake"

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Let no other rehearsal write here during the block. Nothing of an earlier one is deleted yet.

        Raises PipelineError for a folder that is not a rehearsal's, which may be anything, and while another writes.
        """
        self._mark()
        with (self.folder / _MARKER).open(encoding="utf-8") as marker:
            try:
                fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PipelineError(
                    f"another rehearsal is writing to {self.folder}: wait for its end or name another with --keep"
                ) from None
            yield

    def clear(self) -> None:
        """Delete what an earlier rehearsal wrote. Refuses the folders that ``claimed`` refuses."""
        self._mark()
        for name in _OWN:
            path = self.folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def _mark(self) -> None:
        """Make the folder a rehearsal's; one that holds anything else is refused."""
        self.folder.mkdir(parents=True, exist_ok=True)
        marker, names = self.folder / _MARKER, {path.name for path in self.folder.iterdir()}
        if not names:
            marker.write_text(_MARKER_TEXT, encoding="utf-8")
        elif _MARKER not in names or marker.read_text(encoding="utf-8", errors="replace") != _MARKER_TEXT:
            raise PipelineError(
                f"{self.folder} is not empty and has no {_MARKER} of an earlier rehearsal: name another with --keep"
            )
        elif foreign := sorted(names - {_MARKER, *_OWN}):
            raise PipelineError(
                f"{self.folder} holds {foreign[0]!r}, which no rehearsal wrote: move it or name another with --keep"
            )

    def keep_lake(self, lake: Lake) -> None:
        """Write every object and the ETags."""
        self.lake.mkdir()
        etags = lake.keep(self.lake)
        (self.folder / "lake.json").write_text(json.dumps(etags, indent=1), encoding="utf-8")

    def keep_source(
        self,
        tables: Iterable[Table],
        rows: Callable[[Table], Iterable[Row]],
        position: Position,
        expectations: Expectations,
        answers: Callable[[Table], Mapping[str, Iterable[Row]]],
    ) -> None:
        """Write the source's rows, and what it answered to queries about them."""
        keep_source(self.folder, tables, rows, position, expectations, answers)

    def keep_catalog(self, catalog: CatalogPlan | None) -> None:
        """Write what the stack declares for Athena, as of now."""
        keep_catalog(self.folder, catalog, datetime.now(UTC))

    def keep_report(self, text: str) -> None:
        """Write the report."""
        (self.folder / "report.json").write_text(text, encoding="utf-8")

    def source(self) -> KeptSource:
        """The source's rows, where in the binlog they were read, and what the audit may expect."""
        return open_source(self.folder)

    def audit(
        self,
        progress: Callable[[AuditResult], None],
        seed: int = 1,
        engine: str = DUCKDB,
        latencies: Latencies | None = None,
    ) -> AuditResult:
        """Compare the kept lake with the kept rows, by the log and by the views, whose SQL ``engine`` answers.

        ``seed`` decides on the disorder; ``latencies`` takes in the records.
        """
        kept = open_catalog(self.folder) if (self.folder / CATALOG).exists() else None  # an older rehearsal kept none
        return run_audits(self._objects(), self.source(), kept, seed, progress, engine, latencies)

    def _objects(self) -> DeliveredObjects:
        etags = self._etags()
        return DeliveredObjects(open_kept(self.lake), etags)

    def _etags(self) -> dict[str, str]:
        """The ETag of each delivered object by its key."""
        try:
            etags = json.loads((self.folder / "lake.json").read_text(encoding="utf-8"))
            if not isinstance(etags, dict) or not all(isinstance(etag, str) for etag in etags.values()):
                raise ValueError("not an object of ETags by key")
        except (OSError, ValueError) as error:
            raise PipelineError(f"{self.folder} has no kept lake (lake.json: {error}): rehearse again") from error
        return etags
