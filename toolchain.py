"""Set-up that the commands of this project do by themselves. Standard library only: it runs before anything is there.

It touches the folder ``.venv`` of this project and, for a rehearsal without a MariaDB server on the machine, installs
Debian's package ``mariadb-server-core`` (a program file; it starts no service and makes no user).
"""

import contextlib
import fcntl
import hashlib
import importlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PROGRAM = ("requirements.txt",)
REHEARSAL = (*PROGRAM, "rehearsal/requirements.txt")
OPERATIONS = (*PROGRAM, "operations/requirements.txt")
TESTS = (*REHEARSAL, "operations/requirements.txt", "tests/requirements.txt")
TRINO = ("rehearsal/athena/trino/requirements.txt",)
BENCHES = ("benches/requirements.txt",)
JAVA = "17"
"""The one that the version of Trino runs on."""
OLDEST_PYTHON = (3, 11)
_JAVA_REMEDY = (
    f"install both (Debian, Ubuntu: apt-get install openjdk-{JAVA}-jdk-headless maven; macOS: brew install "
    f"openjdk@{JAVA} maven), JAVA_HOME naming a JDK beside others; or leave ENGINE out, for DuckDB needs neither"
)


class SetUpError(Exception):
    """A step of the set-up failed; the text says which, why and what to do."""


def enter(module: str, requirements: Sequence[str]) -> None:
    """Make sure that ``module`` (of ``python -m``) runs in this project's .venv with ``requirements`` installed.

    Returns if that is so, else sets it up and replaces this process. Ends the process with exit code 2 on failure.
    """
    _open_standard_streams()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is not compiled yet
    sys.dont_write_bytecode = False
    try:
        ensure_venv(requirements)
    except SetUpError as error:
        sys.exit(_fail(error))
    if Path(sys.prefix).resolve() != VENV.resolve():
        python = str(VENV / "bin" / "python")
        # The package is found from any folder, and the paths among the arguments stay what they are.
        path = os.pathsep.join((str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])))
        os.execve(python, [python, "-m", module, *sys.argv[1:]], {**os.environ, "PYTHONPATH": path})
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what a terminal has no letters for is told nevertheless


def _open_standard_streams() -> None:
    """A stream that whoever started us closed goes nowhere. Else the next file would get its number, and its output."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It takes the lowest number that is free, which is its own.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 -- for the whole process


def ensure_venv(requirements: Sequence[str]) -> None:
    """Create .venv if it is not there and install what the requirement files name; nothing if that was done before."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(str(part) for part in OLDEST_PYTHON)
        raise SetUpError(f"Python {wanted} or newer is needed, this is {sys.version.split()[0]}: run python{wanted}")
    with _locked():
        _remove_venv_of_another_python()
        if not (VENV / "bin" / "python").exists():
            _say("making the virtual environment .venv")
            _run([sys.executable, "-m", "venv", str(VENV)], "on Debian and Ubuntu: apt-get install python3-venv")
        stamps = {name: VENV / f"installed-{_fingerprint(name)}" for name in requirements}
        missing = [name for name, stamp in stamps.items() if not stamp.exists()]
        if missing:
            _say(f"installing {', '.join(missing)} into .venv (about a minute, once)")
            options = [option for name in missing for option in ("-r", str(ROOT / name))]
            pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            pip.append("--no-compile")  # of its thousands of modules Python compiles what is imported, and keeps it
            _run([*pip, *options], "look at pip's message above; a package index must be reachable")
            for name in missing:
                stamps[name].touch()


def _remove_venv_of_another_python() -> None:
    """Its packages were built for that Python, and what runs in it would not run with the one that was asked for."""
    settings = VENV / "pyvenv.cfg"
    text = settings.read_text(encoding="utf-8") if settings.exists() else ""
    made_by = re.search(r"^version(?:_info)? *= *(\d+\.\d+)", text, re.MULTILINE)
    own = "{}.{}".format(*sys.version_info)
    if made_by and made_by[1] != own:
        _say(f"removing .venv, which Python {made_by[1]} made: this is Python {own}")
        if VENV.is_symlink():
            VENV.unlink()  # the folder that it leads to may be another project's
        else:
            shutil.rmtree(VENV)


def ensure_mariadbd() -> Path:
    """The MariaDB server program: ``$MARIADBD``, on the path, or installed from Debian's packages."""
    if named := os.environ.get("MARIADBD"):
        if os.access(named, os.X_OK):
            return Path(named)
        raise SetUpError(f"MARIADBD={named} is no program that can be run: point it at mariadbd or unset it")
    if found := _find_mariadbd():
        return found
    remedy = "install MariaDB's server (Debian, Ubuntu: mariadb-server-core; macOS: brew install mariadb)"
    if not shutil.which("apt-get"):
        raise SetUpError(f"no mariadbd on this machine, and no apt-get to install it with: {remedy}")
    sudo: list[str] = []
    if os.geteuid() != 0:
        if not shutil.which("sudo"):
            raise SetUpError(f"no mariadbd on this machine, and neither root nor sudo to install it: {remedy}")
        sudo = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    _say("installing the Debian package mariadb-server-core (the program only, no service)")
    quiet = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    _run([*quiet, "update"], remedy)
    _run([*quiet, "install", "--no-install-recommends", "mariadb-server-core"], remedy)
    if found := _find_mariadbd():
        return found
    raise SetUpError(f"mariadb-server-core is installed but mariadbd was not found on the path: {remedy}")


def _find_mariadbd() -> Path | None:
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/libexec"))
    found = shutil.which("mariadbd", path=path)
    return Path(found) if found else None


def ensure_trino() -> tuple[Path, str]:
    """Java's program and the class path with which Trino's launcher runs; builds that with Maven if it is not there."""
    ensure_venv(TRINO)
    importlib.invalidate_caches()  # packages may have come while this process runs
    java, maven = _find_java(), shutil.which("mvn")
    if not maven:
        raise SetUpError(f"no Maven on this machine, which fetches and builds what ENGINE=trino needs: {_JAVA_REMEDY}")
    sources, built = ROOT / "rehearsal/athena/trino", ROOT / "build/trino"
    texts = b"".join(file.read_bytes() for file in sorted((*sources.glob("*.xml"), *sources.glob("*.java"))))
    stamp, paths = built / f"built-{hashlib.sha256(texts).hexdigest()[:16]}", built / "class-path"
    with _locked():
        if not (stamp.exists() and all(Path(jar).exists() for jar in paths.read_text(encoding="utf-8").split(":"))):
            shutil.rmtree(built, ignore_errors=True)
            _say("building Trino's launcher (370 MB of packages from Maven's repository, once)")
            command = [maven, "--batch-mode", "--quiet", f"-Dbuilt={built}", f"--file={sources / 'pom.xml'}", "compile"]
            remedy = "look at Maven's message above; a repository with Maven Central's packages must be reachable"
            _run(command, remedy, {**os.environ, "JAVA_HOME": str(java.parent.parent)}, to=sys.__stderr__)
            stamp.touch()
    return java, f"{built / 'classes'}:{paths.read_text(encoding='utf-8').strip()}"


def _find_java() -> Path:
    """Of the JDK that ``$JAVA_HOME`` names, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    found = Path(home, "bin", "java") if home else Path(shutil.which("javac") or "java").resolve().with_name("java")
    if not (os.access(found, os.X_OK) and os.access(found.with_name("javac"), os.X_OK)):
        where = f"JAVA_HOME={home} is no JDK" if home else "no JDK on this machine"
        raise SetUpError(f"{where}, and ENGINE=trino needs one of Java {JAVA}: {_JAVA_REMEDY}")
    told = subprocess.run([str(found), "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    if version is None or version[1] != JAVA:
        raise SetUpError(f"{found} is Java {version[1] if version else told}, and Trino needs {JAVA}: {_JAVA_REMEDY}")
    return found


def _fingerprint(name: str) -> str:
    """Of a requirement file: changes when it, the constraints or the interpreter change."""
    digest = hashlib.sha256(f"{name}\n{sys.version}".encode())
    for file in (name, "constraints.txt"):
        digest.update((ROOT / file).read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _locked() -> Iterator[None]:
    """Two commands started together must not build the same environment."""
    with (ROOT / ".venv.lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(
    command: Sequence[str], remedy: str, environment: Mapping[str, str] | None = None, to: Any = subprocess.DEVNULL
) -> None:
    # stdout belongs to the command that the user ran (it may print JSON); what goes wrong is on stderr
    done = subprocess.run(command, stdout=to, env=environment, check=False)
    if done.returncode:
        raise SetUpError(f"{' '.join(command[:4])} … ended with exit code {done.returncode}: {remedy}")


def _say(what: str) -> None:
    print(f"set-up: {what}", file=sys.stderr, flush=True)


def _fail(error: Exception) -> int:
    print(f"set-up failed: {error}", file=sys.stderr)
    return 2


if (
    __name__ == "__main__"
):  # make check and make test-trino: all that the tests need; make unit: what the program's own do
    try:
        if sys.argv[1:] == ["unit"]:
            ensure_venv(PROGRAM)
        else:
            ensure_venv(TESTS)
            ensure_mariadbd()
            if sys.argv[1:] == ["trino"]:
                ensure_trino()
    except SetUpError as error:
        sys.exit(_fail(error))
