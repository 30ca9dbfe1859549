"""declare() over small programs of our own: it must see what the engine would see, and keep secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pulumi
import pytest

from declaration import Account, Declaration, Secret, declare
from declaration.tree import tree

PROGRAM = """
import pulumi
import pulumi_aws as aws
import pulumi_random as random


class Inner(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("cdc-lake:index:Inner", name, {}, opts)
        self.topic = aws.sns.Topic(f"{name}-topic", opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True))
        self.register_outputs({})


class Outer(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("cdc-lake:index:Outer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(f"{name}-lake", opts=pulumi.ResourceOptions(
            parent=self, protect=True, ignore_changes=["force_destroy"]))
        self.password = random.RandomPassword(f"{name}-password", length=32, opts=child)
        self.secret = aws.secretsmanager.Secret(f"{name}-secret", opts=child)
        self.inner = Inner(f"{name}-inner", child)
        self.version = aws.secretsmanager.SecretVersion(
            f"{name}-version", secret_id=self.secret.id,
            secret_string=pulumi.Output.json_dumps({"password": self.password.result, "port": 3306}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.inner]))
        self.register_outputs({})


config = pulumi.Config()
outer = Outer("o")
aws.s3.Bucket("alone", force_destroy=config.require_bool("flag"))
pulumi.log.warn("the size is " + config.require("size"))
pulumi.export("arn", outer.bucket.arn)
pulumi.export("password", outer.password.result)
pulumi.export("list", config.require_object("list"))
pulumi.export("port", 3306)
"""
PROJECT = """
name: small
runtime: python
config:
  flag: {type: boolean, default: true}
  size: {type: integer, default: 7}
  list: {type: array, items: {type: string}, default: [a, b]}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {aws:region: eu-west-1, size: 9}", encoding="utf-8")
    return tmp_path


@pytest.fixture
def declared(root: Path) -> Declaration:
    return declare("dev", root=root)


def test_urns_are_the_engines_with_every_ancestor_but_the_stack(declared: Declaration):
    topic = declared.one("aws:sns/topic:Topic")
    chain = "cdc-lake:index:Outer$cdc-lake:index:Inner$aws:sns/topic:Topic"
    assert topic.urn == f"urn:pulumi:dev::small::{chain}::o-inner-topic", "a URN of the engine names all ancestors"
    assert declared.one("aws:s3/bucket:Bucket", "alone").urn == "urn:pulumi:dev::small::aws:s3/bucket:Bucket::alone"


def test_options_of_a_resource_are_recorded(declared: Declaration):
    bucket = declared.one("aws:s3/bucket:Bucket", "o-lake")
    assert (bucket.protect, bucket.ignore_changes) == (True, ("forceDestroy",))
    assert declared.one("aws:sns/topic:Topic").retain_on_delete, "retain_on_delete decides what a destroy leaves"


def test_a_secret_input_is_a_secret_and_prints_as_one(declared: Declaration):
    value = declared.one("aws:secretsmanager/secretVersion:SecretVersion").inputs["secretString"]
    assert isinstance(value, Secret), "a document with a secret in it is secret as a whole"
    assert json.loads(value.value)["port"] == 3306
    assert json.loads(value.value)["password"] not in f"{declared}{declared.as_json()}{tree(declared)}"


def test_depending_on_a_component_is_depending_on_what_is_in_it(declared: Declaration):
    version = declared.one("aws:secretsmanager/secretVersion:SecretVersion")
    topic, alone = declared.one("aws:sns/topic:Topic"), declared.one("aws:s3/bucket:Bucket", "alone")
    assert declared.happens_before(topic, version), "depends_on of a component waits for its children"
    assert not declared.happens_before(version, topic), "an order has one direction"
    assert not declared.happens_before(alone, version), "nothing orders these two"


def test_defaults_of_pulumi_yaml_apply_and_the_stack_file_wins(declared: Declaration):
    assert declared.warnings == ("the size is 9",)
    assert declared.exports["list"] == ["a", "b"]
    assert declared.one("aws:s3/bucket:Bucket", "alone").inputs["forceDestroy"] is True


def test_overrides_win_over_the_stack_file_and_none_removes(root: Path):
    assert declare("dev", root=root, config={"size": 3, "list": ["x"]}).exports["list"] == ["x"]
    with pytest.raises(pulumi.RunError, match="small:size"):
        declare("dev", root=root, config={"size": None})


def test_runs_do_not_leak_into_each_other(root: Path):
    first, second = declare("dev", root=root), declare("dev", root=root)
    assert first.as_json() == second.as_json(), "a declaration depends on the program and its configuration alone"


def test_the_region_of_the_stack_is_the_region_of_its_arns(declared: Declaration):
    assert ":eu-west-1:" in declared.one("aws:secretsmanager/secret:Secret").outputs["arn"]


def test_a_look_up_without_a_stand_in_is_refused(root: Path):
    (root / "__main__.py").write_text("import pulumi_aws as aws\naws.ec2.get_vpcs()", encoding="utf-8")
    with pytest.raises(LookupError, match=r"getVpcs:getVpcs, for which there is no stand-in"):
        declare("dev", root=root)


def test_the_code_of_a_dynamic_resource_is_no_input_of_it(root: Path):
    (root / "__main__.py").write_text(
        "import pulumi.dynamic as dynamic\n"
        "class Thing(dynamic.Resource): pass\n"
        "Thing(dynamic.ResourceProvider(), 'd', {'size': 3, 'names': ['a']})",
        encoding="utf-8",
    )
    resource = declare("dev", root=root).one("pulumi-python:dynamic:Resource")
    assert (resource.inputs, resource.outputs) == ({"size": 3, "names": ["a"]},) * 2, "its pickle changes with Python"


def test_the_account_is_empty_unless_a_test_says_what_it_has(root: Path):
    (root / "__main__.py").write_text(
        "import pulumi, pulumi_aws as aws\n"
        "names = aws.iam.get_roles(name_regex='^dms-').names\n"
        "pulumi.export('names', names)\n"
        "pulumi.export('tags', [aws.iam.get_role(name=name).tags for name in names])",
        encoding="utf-8",
    )
    there = Account(roles={"dms-b": {"a": "b"}, "dms-a": {}, "other": {}})
    assert declare("dev", root=root).exports["names"] == []
    exports = declare("dev", root=root, account=there).exports
    assert (exports["names"], exports["tags"]) == (["dms-a", "dms-b"], [{}, {"a": "b"}])


def test_a_role_that_is_not_there_cannot_be_looked_up(root: Path):
    (root / "__main__.py").write_text(
        "import pulumi_aws as aws\naws.iam.get_role(name='dms-vpc-role')", encoding="utf-8"
    )
    with pytest.raises(LookupError, match="there is no role dms-vpc-role"):
        declare("dev", root=root)


def test_what_is_imported_is_recorded(root: Path):
    (root / "__main__.py").write_text(
        "import pulumi, pulumi_aws as aws\naws.s3.Bucket('b', opts=pulumi.ResourceOptions(import_='there'))",
        encoding="utf-8",
    )
    assert declare("dev", root=root).one("aws:s3/bucket:Bucket").import_id == "there"


def test_an_exception_inside_an_apply_is_not_swallowed(root: Path):
    (root / "__main__.py").write_text(
        "import pulumi, pulumi_aws as aws\naws.s3.Bucket('b').arn.apply(lambda arn: 1 / 0)",
        encoding="utf-8",
    )
    with pytest.raises(ZeroDivisionError):
        declare("dev", root=root)


def test_one_says_what_there_is_when_it_cannot_choose(declared: Declaration):
    with pytest.raises(LookupError, match="found 2; of that type are declared: alone, o-lake"):
        declared.one("aws:s3/bucket:Bucket")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("Pulumi.dev.yaml", "[1]", "Pulumi.dev.yaml holds no mapping"),
        ("Pulumi.dev.yaml", "a: [", "Pulumi.dev.yaml is not YAML"),
    ],
)
def test_an_unreadable_stack_file_is_named(root: Path, file: str, text: str, message: str):
    (root / file).write_text(text, encoding="utf-8")
    with pytest.raises(pulumi.RunError, match=message):
        declare("dev", root=root)


def test_an_unknown_stack_names_the_known_ones(root: Path):
    with pytest.raises(pulumi.RunError, match="stack 'nope' has no configuration; there is: dev"):
        declare("nope", root=root)


def test_an_encrypted_value_of_the_stack_file_is_a_secret(root: Path):
    (root / "Pulumi.dev.yaml").write_text("config: {token: {secure: v1:abc}}", encoding="utf-8")
    (root / "__main__.py").write_text(
        "import pulumi\npulumi.export('t', pulumi.Config().require_secret('token'))", encoding="utf-8"
    )
    assert isinstance(declare("dev", root=root).exports["t"], Secret)
