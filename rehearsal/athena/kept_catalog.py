"""Kept catalog: a catalog in a file beside the kept lake, so that it can be queried when the declaration is another.

``catalog.json`` has the catalog and the moment at which it was kept: partitions that are projected up to NOW, or from
some days before it, are those of that moment for ever.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from model import PipelineError
from model.plan import CatalogPlan, KeptTablePlan, NamedQueryPlan, RawTablePlan, ViewPlan

FILE = "catalog.json"


@dataclass(frozen=True, kw_only=True)
class KeptCatalog:
    """What `keep_catalog` kept."""

    catalog: CatalogPlan | None
    """None for a stack that declares no database to query the lake with."""
    at: datetime
    """When it was kept: what NOW means for its partitions."""


def keep_catalog(folder: Path, catalog: CatalogPlan | None, at: datetime) -> None:
    """Keep ``catalog`` in ``folder``."""
    kept = {"at": at.isoformat(), "catalog": asdict(catalog) if catalog else None}
    (folder / FILE).write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")


def open_catalog(folder: Path) -> KeptCatalog:
    """What was kept in ``folder``. PipelineError if that is nothing, or not from this version."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
        catalog = kept["catalog"]
        return KeptCatalog(
            catalog=None if catalog is None else _catalog(catalog), at=datetime.fromisoformat(kept["at"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PipelineError(
            f"{folder} has no kept catalog ({FILE}: {error}): name a folder that a rehearsal of this version wrote, or "
            "rehearse again"
        ) from error


def _catalog(kept: dict[str, Any]) -> CatalogPlan:
    """A CatalogPlan from what ``asdict`` and JSON made of it: lists are tuples again."""
    return CatalogPlan(
        database=kept["database"],
        tables=tuple(_raw_table(table) for table in kept["tables"]),
        views=tuple(_view(view) for view in kept["views"]),
        queries=tuple(NamedQueryPlan(**query) for query in kept["queries"]),
        kept_tables=tuple(_kept_table(table) for table in kept.get("kept_tables", ())),
    )


def _raw_table(kept: dict[str, Any]) -> RawTablePlan:
    return RawTablePlan(**kept | {"columns": tuple(kept["columns"]), "partitions": tuple(kept["partitions"])})


def _view(kept: dict[str, Any]) -> ViewPlan:
    table = kept["table"]
    columns = tuple((name, type) for name, type in kept["columns"])
    return ViewPlan(**kept | {"columns": columns, "table": (table[0], table[1]) if table else None})


def _kept_table(kept: dict[str, Any]) -> KeptTablePlan:
    return KeptTablePlan(**kept | {"table": (kept["table"][0], kept["table"][1])})
