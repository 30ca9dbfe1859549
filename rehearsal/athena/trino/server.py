"""Trino's server: one process that is coordinator and worker, with the connectors of Athena's two kinds of tables.

The catalog ``awsdatacatalog`` is Trino's Hive connector, ``iceberg`` its Iceberg connector; both ask Glue for tables
and S3 for objects, and moto plays both on this machine. What Athena sets otherwise than a plain Trino is set here.
https://trino.io/docs/406/connector/hive.html
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from select import select
from typing import Self

import toolchain
from model import PipelineError
from rehearsal.athena.trino.catalog import KEEPER, Endpoints
from rehearsal.athena.trino.iceberg import CATALOG
from rehearsal.lake import Lake
from rehearsal.runtime.clients import REGION
from rehearsal.runtime.scratch import scratch

HEAP = "3g"
_START_SECONDS = 180
_OPTIONS = (
    f"-Xmx{HEAP}",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:TieredStopAtLevel=1",  # a lake of a laptop is read before the second compiler would pay: half the CPU time
    "-XX:ReservedCodeCacheSize=512m",  # as Trino's pages say: each query makes classes, and 48 MB are full in minutes
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
)
_CHANGES = ["SELECT", "INSERT", "DELETE", "UPDATE", "OWNERSHIP"]
_RIGHTS = json.dumps({"tables": [{"user": KEEPER, "privileges": _CHANGES}, {"privileges": ["SELECT"]}]})
"""Of Iceberg's connector: who asks can change nothing. https://trino.io/docs/406/security/file-system-access-control.html"""
_RIGHTS_FILE = "rights.json"
_LAST = 800
"""Characters of the log that are shown where Trino did not start."""


class Trino:
    """A running Trino with a Glue and an S3 of its own; a context manager. It asks what ``endpoints`` says."""

    endpoints: Endpoints
    """Where a process may ask it, also another one than that which started it."""

    def __enter__(self) -> Self:
        java, class_path = toolchain.ensure_trino()
        with ExitStack() as stack:
            lake = stack.enter_context(Lake("trino", guarded=False, tables=True))
            folder = stack.enter_context(scratch())
            command = [str(java), *_OPTIONS, "-cp", class_path, "Launcher", str(folder / "data")]
            (folder / _RIGHTS_FILE).write_text(_RIGHTS, encoding="utf-8")
            files = [str(_write(folder / f"{name}.properties", of)) for name, of in _catalogs(lake, folder).items()]
            process = _start([*command, *files], folder / "log", stack)
            self.endpoints = Endpoints(
                trino=_address(process, folder / "log"), aws=lake.url, credentials=lake.credentials
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _start(command: list[str], log: Path, stack: ExitStack) -> subprocess.Popen[str]:
    """Start Trino, which ends with its standard input, so also when this process is killed."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stack.enter_context(log.open("w", encoding="utf-8")),
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"},  # no proxy, no AWS key
        encoding="utf-8",
        start_new_session=True,  # Ctrl-C is this process's to handle
    )
    stack.enter_context(process)
    stack.callback(process.kill)
    return process


def _address(process: subprocess.Popen[str], log: Path) -> str:
    """The URL that the launcher tells once Trino answers."""
    assert process.stdout
    told = bool(select([process.stdout], [], [], _START_SECONDS)[0])
    if told and (url := process.stdout.readline().strip()):
        return url
    why = f"ended with exit code {process.wait()}" if told else f"said nothing for {_START_SECONDS} seconds"
    raise PipelineError(f"Trino did not start, it {why}: {log.read_text(encoding='utf-8')[-_LAST:].strip()}")


def _write(file: Path, properties: Mapping[str, str]) -> Path:
    file.write_text("".join(f"{name}={value}\n" for name, value in properties.items()), encoding="utf-8")
    return file


def _catalogs(lake: Lake, folder: Path) -> dict[str, dict[str, str]]:
    """The properties of each of Trino's catalogs, by its name."""
    shared = {
        "hive.metastore.glue.region": REGION,
        "hive.metastore.glue.endpoint-url": lake.url,
        "hive.metastore.glue.aws-access-key": lake.credentials.access_key_id,
        "hive.metastore.glue.aws-secret-key": lake.credentials.secret_access_key,
        "hive.s3.endpoint": lake.url,
        "hive.s3.path-style-access": "true",
        "hive.s3.aws-access-key": lake.credentials.access_key_id,
        "hive.s3.aws-secret-key": lake.credentials.secret_access_key,
        "hive.s3.staging-directory": str(folder),
    }
    iceberg = {
        "connector.name": "iceberg",
        "iceberg.catalog.type": "glue",
        "iceberg.security": "file",
        "security.config-file": str(folder / _RIGHTS_FILE),
    }
    hive = {
        "connector.name": "hive",
        "hive.metastore": "glue",
        "hive.security": "read-only",
        "hive.partition-projection-enabled": "true",
        "hive.recursive-directories": "true",
        "hive.table-statistics-enabled": "false",  # moto's Glue has none
        "hive.iceberg-catalog-name": CATALOG,
    }
    return {"awsdatacatalog": hive | shared, CATALOG: iceberg | shared}
