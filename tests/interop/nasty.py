"""Values that nobody means, and parts of values that are nearly right: names, conditions, files of rules."""

from __future__ import annotations

import json

from hypothesis import strategies as st

_CHARACTERS = st.characters() | st.characters(categories=["Cs"]) | st.sampled_from("%_[]-.'`\"\\/\0\n\x7f​ １é🙂 aA1")
TEXTS = st.text(_CHARACTERS, max_size=12)
_LONG = st.builds(lambda text, times: text * times, st.text(_CHARACTERS, min_size=1, max_size=3), st.integers(1, 3000))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
_DEEP = st.builds(
    lambda opens, depth: opens * depth + "1" + "".join("]" if it == "[" else "}" for it in reversed(opens)) * depth,
    st.sampled_from(["[", '{"a":', '["x",[']),
    st.integers(1, 20_000),
)
_PATHS = st.sampled_from(
    [
        "/dev/null",
        "/dev/zero",
        ".",
        "..",
        "/",
        "~",
        "Pulumi.yaml",
        "schemas",
        "/proc/self/mem",
        "a\0b",
        "x" * 300,
        "x/" * 3000,
    ]
)
NASTY = st.one_of(
    st.sampled_from(
        ["", " ", "*", "%", "null", "true", "0", "-1", "1e400", "nan", "１", "0x10", "1_0", "[]", "{}", '[""]']
    ),
    st.integers(-(10**20), 10**20),
    st.integers(1, 30).map(lambda size: 10 ** (size * size)),
    st.floats(),
    st.booleans(),
    TEXTS,
    _LONG,
    _JSON.map(json.dumps),
    _DEEP,
    _PATHS,
    st.lists(TEXTS, max_size=4),
)
"""What nobody means."""

PARTS = (
    st.sampled_from(["shop", "%", "_", "a%", "[ab]%", "[b-a]", "[", "orders", "%_%", "A", "é", "a b", "log[_]%"])
    | TEXTS
)
TABLE = st.builds("{}.{}".format, PARTS, PARTS)
COLUMN = st.builds("{}.{}".format, TABLE, PARTS)
CONDITION = st.builds(
    " ".join,
    st.lists(
        st.sampled_from(["eq", "gte", "between", "and", "or", "null", "notnull", "3", "'it''s'", "'", "2026-01-01"])
    ),
)
_ACTIONS = """
rename remove-column include-column change-data-type convert-lowercase convert-uppercase add-prefix add-suffix
remove-prefix remove-suffix replace-prefix replace-suffix add-column define-primary-key add-before-image-columns
data-masking-hash-mask data-masking-digits-mask data-masking-digits-randomize map-record-to-record include x
"""
_LOCATOR = st.fixed_dictionaries(
    {"schema-name": PARTS, "table-name": PARTS},
    optional={"column-name": PARTS, "table-type": st.just("table"), "x": _JSON},
)
_RULE = st.fixed_dictionaries(
    {
        "rule-type": st.sampled_from(["transformation"] * 4 + ["object-mapping", "selection"]),
        "rule-name": st.sampled_from(["a", "b"]),
        "rule-action": st.sampled_from(_ACTIONS.split()),
        "object-locator": _LOCATOR,
    },
    optional={
        "rule-id": st.sampled_from(["1", "2", 3, "x"]),
        "rule-target": st.sampled_from(["schema", "table", "column"]),
        "value": TEXTS | _JSON,
        "old-value": TEXTS,
        "expression": st.sampled_from(["$a", "1", "hash_sha256($email)"]) | TEXTS,
        "data-type": st.fixed_dictionaries(
            {"type": st.sampled_from(["string", "int8", "x"])}, optional={"length": _JSON}
        ),
        "mapping-parameters": _JSON
        | st.fixed_dictionaries(
            {"partition-key-type": st.just("attribute-name")},
            optional={"partition-key-name": TEXTS, "exclude-columns": _JSON},
        ),
        "filters": _JSON,
        "load-order": _JSON,
    },
)
FILES = (
    st.lists(_RULE, min_size=1, max_size=3).map(lambda rules: json.dumps({"rules": rules}))
    | _JSON.map(json.dumps)
    | _DEEP
)
