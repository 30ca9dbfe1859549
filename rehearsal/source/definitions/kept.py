"""Kept definitions: as JSON, so that a task that resumes knows what the tables were at its position in the log."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from database.definition import DefinedColumn, Definition
from model import Column, PipelineError
from rehearsal.source.definitions.definitions import Definitions, Selects
from rehearsal.source.definitions.dialect import Dialect


def save(folder: Path, definitions: Definitions) -> str:
    """Keep ``definitions`` in a new file of ``folder``; its name."""
    document = {
        "version": definitions.version,
        "charsets": definitions.charsets,
        "unknown": [[*name, why] for name, why in definitions.unknown.items()],
        "tables": [_written(definition) for definition in definitions.all()],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"definitions-{definitions.version}.json"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path.name


def load(path: Path, dialect: Dialect, selects: Selects) -> Definitions:
    """The definitions in the file ``path``. Raises PipelineError if they cannot be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        definitions = Definitions(dialect, selects, map(_read, document["tables"]), document["charsets"])
        definitions.unknown = {(schema, name): why for schema, name, why in document["unknown"]}
        definitions.version = document["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PipelineError(
            f"the definitions {path}, kept with the checkpoint, cannot be read ({error!r}); remove the checkpoint to "
            "load from the start"
        ) from None
    return definitions


def sweep(folder: Path, kept: str) -> None:
    """Remove all definitions in ``folder`` but those in the file ``kept``."""
    for path in folder.glob("definitions-*.json"):
        if path.name != kept:
            path.unlink(missing_ok=True)


def _written(definition: Definition) -> dict[str, Any]:
    return {
        "schema": definition.schema,
        "name": definition.name,
        "charset": definition.charset,
        "primary_key": definition.primary_key,
        "columns": [[asdict(one.column), one.left_out] for one in definition.columns],
    }


def _read(document: dict[str, Any]) -> Definition:
    columns = (
        DefinedColumn(Column(**column | {"labels": tuple(column["labels"])}), left_out)
        for column, left_out in document["columns"]
    )
    return Definition(
        schema=document["schema"],
        name=document["name"],
        charset=document["charset"],
        primary_key=tuple(document["primary_key"]),
        columns=tuple(columns),
    )
