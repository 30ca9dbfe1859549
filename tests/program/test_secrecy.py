"""Passwords, looked for in all that a declaration says: in the clear, wrapped, encoded, and in what is printed."""

from __future__ import annotations

import base64
import json
import shutil
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from declaration import Declaration, Secret
from declaration.graph import graph
from declaration.run import ROOT
from declaration.stand_in import random_password
from declaration.tree import tree
from tests.declared import declare

PASSWORD = "random:index/randomPassword:RandomPassword"
ALLOWED = {
    (PASSWORD, "outputs.result"),
    ("aws:secretsmanager/secretVersion:SecretVersion", "inputs.secretString"),
    ("aws:secretsmanager/secretVersion:SecretVersion", "outputs.secretString"),
    ("aws:rds/cluster:Cluster", "inputs.masterPassword"),
    ("aws:rds/cluster:Cluster", "outputs.masterPassword"),
}
"""Where a password may stand, marked as a secret."""


def texts(value: Any, path: str) -> Iterator[tuple[str, str, bool]]:
    """Every text in ``value`` with its path and whether it is marked as a secret; secrets are opened."""
    if isinstance(value, Secret):
        for where, text, _ in texts(value.value, path):
            yield where, text, True
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}.{key}", str(key), False
            yield from texts(item, f"{path}.{key}")
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from texts(item, path)
    else:
        yield path, str(value), False


def said(declared: Declaration) -> Iterator[tuple[str, str, str, bool]]:
    """Everything that the declaration holds or prints: owner, path, text, marked."""
    for resource in declared.resources:
        for part, value in vars(resource).items():
            yield from ((resource.type, *found) for found in texts(dict(value) if part == "inputs" else value, part))
    yield from (("export", *found) for found in texts(dict(declared.exports), "exports"))
    yield from (("warning", "", text, False) for text in declared.warnings)
    for name, shown in (("json", json.dumps(declared.as_json())), ("tree", tree(declared)), ("graph", graph(declared)),
                        ("repr", repr(declared))):  # fmt: skip
        yield "print", name, shown, False


def spellings(password: str) -> set[str]:
    encoded = {base64.b64encode((" " * shift + password).encode()).decode()[4:-4] for shift in range(3)}
    return {password, password[::-1], password.encode().hex(), urllib.parse.quote(password), *encoded}


def places(declared: Declaration) -> set[tuple[str, str]]:
    """Where a password stands, except marked and where it may."""
    needles = {it for one in declared.all(PASSWORD) for it in spellings(random_password(one.name, one.inputs))}
    return {
        (owner, path)
        for owner, path, text, marked in said(declared)
        if any(needle in text for needle in needles) and not (marked and (owner, path) in ALLOWED)
    }


@pytest.mark.parametrize("preview", [False, True], ids=["up", "preview"])
@pytest.mark.parametrize("stack_name", ["dev", "prod"])
def test_a_password_stands_where_it_must_and_nowhere_else(stack_name: str, preview: bool):
    declared = declare(stack_name, preview=preview)
    assert len(declared.all(PASSWORD)) == 2
    assert places(declared) == set()


def test_the_search_finds_the_passwords_where_they_may_be(dev: Declaration):
    marked = {(owner, path) for owner, path, text, secret in said(dev)
              if secret and any(random_password(it.name, it.inputs) in text for it in dev.all(PASSWORD))}  # fmt: skip
    assert marked == ALLOWED, "a search that finds nothing here finds nothing anywhere"


LEAKS = {
    "an export in the clear, and an encoded input that is marked": (
        """
pulumi.export('p', pulumi.Output.unsecret(password))
aws.sns.Topic('t', display_name=password.apply(lambda p: base64.b64encode(p.encode()).decode()))
""",
        {("export", "exports.p"), ("print", "json"), ("print", "tree"), ("print", "repr"),
         ("aws:sns/topic:Topic", "inputs.displayName"), ("aws:sns/topic:Topic", "outputs.displayName")},
    ),
    "a tag, and an export that is marked": (
        """
pulumi.export('p', password)
aws.sns.Topic('t', tags={'p': pulumi.Output.unsecret(password)})
""",
        {("aws:sns/topic:Topic", "inputs.tags.p"), ("aws:sns/topic:Topic", "outputs.tags.p"), ("print", "json"),
         ("print", "repr"), ("export", "exports.p")},
    ),
    "a warning": ("password.apply(lambda p: pulumi.log.warn(p))",
                  {("warning", ""), ("print", "json"), ("print", "tree"), ("print", "repr")}),
}  # fmt: skip
"""Leaks planted at the end of the program, and where the search must find them: no two of a program at one place."""


@pytest.mark.parametrize(("lines", "found"), LEAKS.values(), ids=LEAKS)
def test_a_planted_leak_is_found(tmp_path: Path, lines: str, found: set[tuple[str, str]]):
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    program = (ROOT / "__main__.py").read_text(encoding="utf-8")
    leak = f"import base64\npassword = database._cluster.master_password\n{lines}\n"
    (tmp_path / "__main__.py").write_text(f"{program}\n{leak}", encoding="utf-8")
    assert places(declare("dev", root=tmp_path)) == found
