"""Configurations, drawn: any at all, and those that are right.

Keys and their types are those of Pulumi.yaml. Each test draws as many as fit into the suite, the same on each run; with
the variable ``EXAMPLES`` so many, others each time. Settings are read in milliseconds, a declaration takes half a
second, and a test that takes more than three minutes needs the option::

    EXAMPLES=10000 .venv/bin/python -m pytest -o faulthandler_timeout=0 tests/interop -k gives_settings_or_a_refusal
    EXAMPLES=1000 .venv/bin/python -m pytest -o faulthandler_timeout=0 tests/interop -k takes_what_is_declared
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st

from configuration.contradictions import CONTRADICTIONS
from configuration.rules import VALUE_RULES
from configuration.settings import SettingsError
from declaration.run import ROOT
from tests.configuration.loading import loaded
from tests.configuration.test_edges import VALUES
from tests.configuration.test_settings import RIGHT, WRONG
from tests.configuration.test_what_aws_takes import NAMES
from tests.interop.nasty import COLUMN, CONDITION, FILES, NASTY, TABLE, TEXTS

SCHEMA: Mapping[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
KEYS = sorted(key for key in SCHEMA if ":" not in key)
PROVIDER_KEYS = ["aws:region", "aws:profile", "aws:accessKey", "aws:assumeRoles", "aws:defaultTags"]

Changes = dict[str, Any]


_FOLDER = TemporaryDirectory()


def _rules_file(text: str) -> str:
    """The path of a file with the text, which a failing example is printed with."""
    data = text.encode(errors="surrogatepass")
    path = Path(_FOLDER.name) / f"{sha256(data).hexdigest()[:16]}.json"
    path.write_bytes(data)
    note(f"{path}: {text}")
    return str(path)


def examples(count: int) -> settings:
    """Settings of a test that draws ``count`` examples in the suite."""
    wanted = os.environ.get("EXAMPLES")
    return settings(
        max_examples=int(wanted or count),
        derandomize=not wanted,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


_NAMED: Mapping[str, st.SearchStrategy[Any]] = {
    "tables": st.lists(TABLE, max_size=4),
    "excludeTables": st.lists(TABLE, max_size=4),
    "mappingRules": FILES.map(_rules_file),
    "dropColumns": st.lists(COLUMN, max_size=3),
    "maskColumns": st.lists(st.builds("{}={}".format, COLUMN, st.sampled_from(["hash", "digits", "md5"])), max_size=3),
    "rowFilters": st.lists(st.builds("{} {}".format, COLUMN, CONDITION), max_size=3),
}
"""Nearly right values of the keys that have a grammar of their own."""


def _known(key: str) -> list[Any]:
    """Values of ``key`` that other tests use, right and wrong, and its default."""
    named = [value for values in NAMES.get(key, ({}, [], []))[1:] for value in values]
    used = [example[key] for example in (*RIGHT.values(), *WRONG.values()) if key in example]
    return [SCHEMA[key]["default"] if key in KEYS else "", *named, *used]


_EDGES = {rule.key: VALUES[rule.name][0] for rule in (*VALUE_RULES, *CONTRADICTIONS) if rule.name in VALUES}
"""What a rule takes up to its number."""


def _right(key: str) -> st.SearchStrategy[Any]:
    used = [example[key] for example in RIGHT.values() if key in example]
    values = [*used, *NAMES.get(key, ({}, []))[1], *(it for it in _EDGES.get(key, []) if not isinstance(it, tuple))]
    flags = [True, False] if SCHEMA[key]["type"] == "boolean" else []
    return st.sampled_from([SCHEMA[key]["default"], *values, *flags, *_CHOICES.get(key, [])]) | _NAMED.get(
        key, st.nothing()
    )


_CHOICES: Mapping[str, list[Any]] = {
    "databaseEngine": ["mysql", "mariadb"],
    "replicationMode": ["serverless"],
    "minorUpgrades": ["pinned"],
    "dmsServiceRoles": ["create", "existing"],
    "acknowledgeDataLoss": ["dev"],
    "lakePrefix": ["a/b-c_d", "0", "r" * 1200],
    "errorPrefix": ["e" * 1200],
}


def _values(key: str) -> st.SearchStrategy[Any]:
    """Most of them right, or nearly: a wrong one is refused at once, and nothing behind it is asked."""
    right = _right(key) if key in KEYS else st.sampled_from(_known(key))
    return st.one_of(right, right, right, st.sampled_from(_known(key)), _NAMED.get(key, right), NASTY)


@st.composite
def anything(draw: st.DrawFn) -> Changes:
    """Changes of the small stack, right or not: an example that another test has, and some more."""
    changes = dict(draw(st.sampled_from(_EXAMPLES)))
    strangers = TEXTS.filter(lambda key: ":" not in key)
    known = st.sampled_from([*KEYS, *PROVIDER_KEYS])
    for key in draw(st.lists(st.one_of(*[known] * 19, strangers), max_size=3)):
        changes[key] = draw(_values(key))
    return changes


_EXAMPLES = [*RIGHT.values()] * 4 + [
    {key: it[key] for key in it if key not in ("project", "stack")} for it in WRONG.values()
]


@st.composite
def right(draw: st.DrawFn) -> Changes:
    """Changes of the small stack that are taken: an example of another test, and whatever goes with it."""
    changes = dict(draw(st.sampled_from([{}, *RIGHT.values()])))
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=8, max_size=24)):
        tried = {**changes, key: draw(st.one_of(_right(key), _right(key), NASTY))}
        if is_taken(tried):
            changes = tried
    return changes


def is_taken(changes: Changes) -> bool:
    """Whether ``changes`` are right, as far as the configuration alone tells."""
    try:
        loaded(changes)
    except SettingsError:
        return False
    return True
