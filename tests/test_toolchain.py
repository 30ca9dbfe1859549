"""The set-up: what it refuses, and that it says what to do. That it works is what every fresh clone shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import toolchain
from toolchain import SetUpError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("requirements.txt", "constraints.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    monkeypatch.setattr(toolchain, "ROOT", tmp_path)
    monkeypatch.setattr(toolchain, "VENV", tmp_path / ".venv")
    return tmp_path


def environment(folder: Path, settings: str) -> None:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\n{settings}\n", encoding="utf-8")


@pytest.fixture
def commands(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be run; nothing is, but that venv leaves a folder with a Python in it."""
    run: list[list[str]] = []

    def record(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        run.append(list(command))
        if command[1:3] == ["-m", "venv"]:
            environment(project / ".venv", "version = {}.{}.{}".format(*sys.version_info))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", record)
    return run


@pytest.mark.usefixtures("commands")
def test_an_old_python_is_refused_with_the_one_to_use(project: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(toolchain, "OLDEST_PYTHON", (9, 1))
    with pytest.raises(SetUpError, match=r"run python9\.1"):
        toolchain.ensure_venv(["requirements.txt"])


def modules(commands: list[list[str]]) -> list[str]:
    """What each command runs by ``python -m``."""
    return [command[2] for command in commands]


def test_what_is_installed_is_not_installed_again_until_a_requirement_changes(project: Path, commands: list[list[str]]):
    for _ in range(2):
        toolchain.ensure_venv(["requirements.txt"])
        assert modules(commands) == ["venv", "pip"], "once is enough"
    (project / "requirements.txt").write_text("something==1\n", encoding="utf-8")
    toolchain.ensure_venv(["requirements.txt"])
    assert modules(commands) == ["venv", "pip", "pip"], "a changed file is installed"


def test_an_environment_of_another_python_is_made_anew(
    project: Path, commands: list[list[str]], capsys: pytest.CaptureFixture[str]
):
    environment(project / ".venv", "version = 3.1.4")
    (project / ".venv" / "of-the-other").touch()
    toolchain.ensure_venv(["requirements.txt"])
    assert modules(commands) == ["venv", "pip"]
    assert not (project / ".venv" / "of-the-other").exists(), "packages of two Pythons would be mixed"
    assert "removing .venv, which Python 3.1 made: this is Python 3." in capsys.readouterr().err


def test_an_environment_of_this_python_stays(project: Path, commands: list[list[str]]):
    environment(project / ".venv", "version = {}.{}.99".format(*sys.version_info))
    toolchain.ensure_venv(["requirements.txt"])
    assert modules(commands) == ["pip"], "a new patch version runs what was built for an older one"


@pytest.mark.usefixtures("commands")
def test_of_an_environment_that_is_a_link_only_the_link_is_removed(project: Path):
    environment(project / "elsewhere", "version_info = 3.1.4.final.0")
    (project / ".venv").symlink_to(project / "elsewhere")
    toolchain.ensure_venv(["requirements.txt"])
    assert not (project / ".venv").is_symlink()
    assert (project / "elsewhere" / "pyvenv.cfg").exists(), "it may be another project's"


def test_a_failed_step_says_which_and_what_to_do(project: Path, monkeypatch: pytest.MonkeyPatch):
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(SetUpError, match=r"-m venv .* exit code 1: on Debian and Ubuntu: apt-get install python3-venv"):
        toolchain.ensure_venv(["requirements.txt"])


def test_a_closed_standard_output_goes_nowhere(tmp_path: Path):
    told = (
        "import toolchain, sys; toolchain._open_standard_streams(); print('a'); file = open('b', 'w'); file.write('b')"
    )
    environment = {**os.environ, "PYTHONPATH": str(toolchain.ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=tmp_path,
        env=environment,
        preexec_fn=lambda: os.close(1),
        stderr=-1,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b""), "no traceback"
    assert (tmp_path / "b").read_text(encoding="utf-8") == "b", "and no output in the next file"


def test_a_named_server_program_that_cannot_run_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MARIADBD", "/nowhere/mariadbd")
    with pytest.raises(SetUpError, match="point it at mariadbd or unset it"):
        toolchain.ensure_mariadbd()


@pytest.mark.parametrize(("present", "message"), [(set(), "no apt-get"), ({"apt-get"}, "neither root nor sudo")])
def test_without_a_way_to_install_mariadb_one_line_says_what_to_install(
    present: set[str], message: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("MARIADBD", raising=False)
    monkeypatch.setattr(toolchain.shutil, "which", lambda name, path=None: name if name in present else None)
    monkeypatch.setattr(toolchain.os, "geteuid", lambda: 1000)
    with pytest.raises(SetUpError, match=f"{message}.*mariadb-server-core"):
        toolchain.ensure_mariadbd()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs, which is all that the machine has; requirements are installed."""
    monkeypatch.setattr(toolchain, "ensure_venv", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def java(folder: Path, version: str, *programs: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in programs:
        file = folder / name
        file.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n", encoding="utf-8")
        file.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "programs", "said"),
    [
        ("17.0.15", [], "no JDK on this machine, and ENGINE=trino needs one of Java 17"),
        ("17.0.15", ["java"], "no JDK on this machine"),
        ("21.0.1", ["java", "javac", "mvn"], "java is Java 21, and Trino needs 17"),
        ("17.0.15", ["java", "javac"], "no Maven on this machine"),
    ],
)
def test_a_machine_that_lacks_something_of_trinos_is_told_what_to_install(
    version: str, programs: list[str], said: str, machine: Path
):
    java(machine, version, *programs)
    with pytest.raises(SetUpError, match=rf"{said}.*apt-get install openjdk-17-jdk-headless maven.*leave ENGINE out"):
        toolchain.ensure_trino()


def test_a_java_home_that_is_no_jdk_is_named(machine: Path, monkeypatch: pytest.MonkeyPatch):
    java(machine, "17.0.15", "java", "javac", "mvn")
    monkeypatch.setenv("JAVA_HOME", str(machine / "elsewhere"))
    with pytest.raises(SetUpError, match=r"JAVA_HOME=.*elsewhere is no JDK"):
        toolchain.ensure_trino()
