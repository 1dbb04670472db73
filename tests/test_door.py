"""The door, workshop.py: run as people run it, in a copy of its own, with a stand-in for uv.

The stand-in makes a real environment, writes down how it was called, and "installs" a lock by
putting a folder into site-packages. `StandIn.waits` holds an installation at its half.
"""

import ast
import errno
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from channels_workshop import REPOSITORY, language

DOOR = REPOSITORY / "workshop.py"
WINDOWS = sys.platform == "win32"

TOOL = """
import json, os, sys
place = {"prefix": sys.prefix, "source": __file__, "cwd": os.getcwd()}
print(json.dumps({"argv": sys.argv[1:]} | place))
sys.exit(5 if "fail" in sys.argv else 0)
"""

STAND_IN = """
import json, pathlib, socket, sys, venv

here = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
if arguments == ["--version"]:
    print("uv 0.9.1")
    sys.exit()
with open(here / "calls", "a", encoding="utf-8") as calls:
    calls.write(json.dumps(arguments) + "\\n")
if arguments[0] == "venv":
    venv.create(arguments[-1], symlinks=sys.platform != "win32")
    sys.exit()

said = here / "says"
if said.exists():
    print(said.read_text("utf-8"))
    sys.exit(1)
python = pathlib.Path(arguments[arguments.index("--python") + 1])
lock = pathlib.Path(arguments[arguments.index("-r") + 1])
packages = next(python.parents[1].rglob("site-packages"))
(packages / (lock.stem + "-half")).mkdir(exist_ok=True)
port = here / "port"
if port.exists():
    with socket.create_connection(("127.0.0.1", int(port.read_text()))) as line:
        line.sendall(b"half")
        if not line.recv(1):
            sys.exit(1)
(packages / (lock.stem + "-half")).rename(packages / lock.stem)
"""


# A Python as Debian ships it: without pip, and without the module that is named first.
BARE_PYTHON = """
import pathlib, sys

missing, *arguments = sys.argv[1:]
if missing in arguments or "pip" in arguments:
    sys.exit(f"bare: No module named {missing}")
if "venv" in arguments:
    (pathlib.Path(arguments[-1]) / "lib/python3.0/site-packages").mkdir(parents=True)
    (pathlib.Path(arguments[-1]) / "Lib/site-packages").mkdir(parents=True, exist_ok=True)
"""


def script(path: Path, command: str) -> Path:
    """Put a program at `path` that runs this shell command; return where it stands."""
    if WINDOWS:
        path = path.with_suffix(".bat")
        path.write_text(f"@{command} %*\n", "utf-8")
    else:
        path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
        path.chmod(0o755)
    return path


class Workshop:
    """A small workshop in a folder of its own, and the ways to call its door."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self.folder = folder
        self.tools = tools
        (folder / "requirements").mkdir(parents=True)
        for name in ("build", "core", "browser"):
            self.lock(name).write_text(f"# the lock of {name}\n", "utf-8")
        (folder / "src/channels_workshop").mkdir(parents=True)
        (folder / "src/channels_workshop/__main__.py").write_text(TOOL, "utf-8")
        shutil.copy(DOOR, folder)

    def lock(self, name: str) -> Path:
        return self.folder / "requirements" / f"{name}.txt"

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    @property
    def site_packages(self) -> Path:
        return next(self.venv.rglob("site-packages"))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.folder / "workshop.py"), *arguments]

    def variables(self, **changes: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
        return kept | {"WORKSHOP_LANG": "en", "PATH": str(self.tools)} | changes

    def call(self, *arguments: str, cwd: Path | None = None, **variables: str):
        """Run `python workshop.py …` to its end; its output is text."""
        return subprocess.run(
            self.command(*arguments),
            cwd=cwd or self.folder,
            env=self.variables(**variables),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `python workshop.py …` and leave it running."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    def module(self):
        """Import the door, to call its parts."""
        spec = importlib.util.spec_from_file_location("door", self.folder / "workshop.py")
        door = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(door)
        return door


class StandIn:
    """The stand-in for uv, at the only folder on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "uv.py").write_text(STAND_IN, "utf-8")
        self.start_with(f'"{sys.executable}" -I -S "{folder / "uv.py"}"')

    def start_with(self, command: str) -> None:
        """Make `uv` run this shell command."""
        script(self.folder / "uv", command)

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of each call that was to change something."""
        calls = self.folder / "calls"
        if not calls.exists():
            return []
        return [json.loads(line) for line in calls.read_text("utf-8").splitlines()]

    @property
    def installed(self) -> list[str]:
        """The locks that it was asked to install, in order."""
        return [Path(call[call.index("-r") + 1]).stem for call in self.calls if "-r" in call]

    @contextmanager
    def fails(self, saying: str) -> Iterator[None]:
        """Every installation ends at once with these words."""
        (self.folder / "says").write_text(saying, "utf-8")
        yield
        (self.folder / "says").unlink()

    @contextmanager
    def waits(self) -> Iterator[socket.socket]:
        """Installations stop at their half, each on a connection to the socket given."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(30)
            (self.folder / "port").write_text(str(server.getsockname()[1]), "utf-8")
            yield server
        self.wait_no_more()

    def wait_no_more(self) -> None:
        """Let the installations that are yet to begin run through."""
        (self.folder / "port").unlink(missing_ok=True)


def half_way(server: socket.socket) -> socket.socket:
    """Return the line to an installation that has got to its half."""
    line, _ = server.accept()
    line.settimeout(30)
    assert line.recv(4) == b"half"
    return line


@pytest.fixture
def uv(tmp_path) -> StandIn:
    (tmp_path / "tools").mkdir()
    return StandIn(tmp_path / "tools")


@pytest.fixture
def workshop(tmp_path, uv) -> Workshop:
    return Workshop(tmp_path / "my workshop", uv.folder)


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """An environment that the door has made, to be copied: a door must bear that."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "tools").mkdir()
    workshop = Workshop(folder / "workshop", StandIn(folder / "tools").folder)
    assert workshop.call().returncode == 0
    return workshop.venv


@pytest.fixture
def made(workshop, environment) -> Workshop:
    """A workshop whose environment stands; `keepsake` in it is gone where it was made again."""
    shutil.copytree(environment, workshop.venv, symlinks=True)
    (workshop.venv / "keepsake").touch()
    return workshop


def kept(workshop: Workshop) -> bool:
    return (workshop.venv / "keepsake").exists()


class TestHandingOver:
    def test_first_use_makes_the_environment_and_runs_the_verb_in_it(self, workshop, uv, tmp_path):
        arguments = ["check", "3", "--target", "a folder", "", "тест", "--json"]
        result = workshop.call(*arguments, cwd=tmp_path)
        assert json.loads(result.stdout) == {
            "argv": arguments,
            "cwd": str(tmp_path),
            "prefix": str(workshop.venv),
            "source": str(workshop.folder / "src/channels_workshop/__main__.py"),
        }
        assert result.returncode == 0
        assert uv.installed == ["build", "core"]
        assert all("--require-hashes" in call for call in uv.calls if "-r" in call)
        assert "Making .venv" in result.stderr
        assert "Ready, in" in result.stderr

    def test_later_uses_install_nothing_and_say_nothing(self, made, uv):
        result = made.call("list")
        assert (result.returncode, result.stderr, uv.calls) == (0, "", [])

    def test_exit_code_is_the_verbs(self, made):
        assert made.call("fail").returncode == 5

    def test_windows_way_runs_the_verb_beneath_and_returns_its_exit_code(self, made, monkeypatch):
        door = made.module()
        monkeypatch.setattr(door, "WINDOWS", True)
        assert door.hand_over(["fail"]) == 5
        assert door.hand_over(["list"]) == 0

    def test_what_lies_around_does_not_reach_the_verb(self, made, tmp_path):
        for name in ("json.py", "channels_workshop.py"):
            (tmp_path / name).write_text("raise SystemExit('shadowed')", "utf-8")
        result = made.call("list", cwd=tmp_path, PYTHONPATH=str(tmp_path))
        assert (result.returncode, result.stderr) == (0, "")

    def test_the_verb_learns_how_it_was_called(self, made, tmp_path):
        """Commands that we show can then be typed as they stand."""
        tool = made.folder / "src/channels_workshop/__main__.py"
        tool.write_text("import os; print(os.environ['WORKSHOP_COMMAND'])", "utf-8")

        def learned(*command, **variables):
            return subprocess.run(
                [*command, "list"],
                executable=sys.executable,
                cwd=made.folder,
                env=made.variables(**variables),
                capture_output=True,
                encoding="utf-8",
                check=True,
            ).stdout.strip()

        if WINDOWS:
            assert learned("python", "workshop.py") == "py workshop.py"
            return
        there = tmp_path / "bin"
        there.mkdir()
        (there / "python3").symlink_to(sys.executable)
        assert learned("python3", "workshop.py", PATH=str(there)) == "python3 workshop.py"
        whole = str(there / "python3")
        assert learned(whole, "-X", "dev", "./workshop.py", PATH=str(there)) == (
            "python3 ./workshop.py"
        )
        # Not on PATH, its name alone would start nothing.
        assert learned(whole, "workshop.py") == f"{whole} workshop.py"
        door = made.folder / "workshop.py"
        assert learned(whole, str(door), PATH=str(there)) == f'python3 "{door}"'

    def test_a_link_to_the_door_finds_the_workshop(self, made, tmp_path):
        link = tmp_path / "workshop"
        try:
            link.symlink_to(made.folder / "workshop.py")
        except OSError:
            pytest.skip("this system lets nobody make symbolic links")
        command = [sys.executable, str(link), "list"]
        result = subprocess.run(command, env=made.variables(), capture_output=True, check=True)
        assert json.loads(result.stdout)["prefix"] == str(made.venv)


class TestKeepingUpToDate:
    def test_a_changed_lock_is_installed_over_the_rest(self, made, uv):
        made.lock("core").write_text("# one more package\n", "utf-8")
        assert made.call().returncode == 0
        assert uv.installed == ["core"]
        assert kept(made)

    def test_a_missing_lock_is_reported(self, made):
        made.lock("core").unlink()
        result = made.call()
        assert result.returncode == 2
        assert "requirements/core.txt is missing" in result.stderr
        assert "git checkout" in result.stderr

    @pytest.mark.parametrize("spelling", [["--with", "browser"], ["--with=browser"]])
    def test_an_extra_is_installed_when_first_asked_for(self, made, uv, spelling):
        result = made.call(*spelling, "test", "--with", "x")
        assert json.loads(result.stdout)["argv"] == ["test", "--with", "x"]
        assert uv.installed == ["browser"]
        assert made.call(*spelling, "test").stderr == ""
        assert uv.installed == ["browser"]

    @pytest.mark.parametrize("arguments", [["--with", "cheese", "list"], ["--with"], ["--with="]])
    def test_an_unknown_extra_is_reported(self, workshop, arguments):
        result = workshop.call(*arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert "choose one of: browser\n" in result.stderr

    def test_a_moved_folder_works_on_without_installing(self, made, uv, tmp_path):
        moved = made.folder.rename(tmp_path / "moved")
        command = [sys.executable, str(moved / "workshop.py")]
        result = subprocess.run(command, env=made.variables(), capture_output=True, check=True)
        answer = json.loads(result.stdout)
        assert answer["prefix"] == str(moved / ".venv")
        assert answer["source"] == str(moved / "src/channels_workshop/__main__.py")
        assert uv.calls == []


class TestRepairing:
    def test_an_environment_without_its_python_is_made_again(self, made, uv):
        Path(made.module().PYTHON).unlink()
        result = made.call()
        assert result.returncode == 0
        assert "making it again" in result.stderr
        assert not kept(made)
        assert uv.installed == ["build", "core"]

    def test_an_environment_without_its_settings_is_made_again(self, made):
        # Its python would run as the one beneath, and the packages would go there.
        (made.venv / "pyvenv.cfg").unlink()
        assert made.call().returncode == 0
        assert not kept(made)

    def test_an_unknown_environment_without_its_settings_is_made_again(self, made, uv):
        shutil.rmtree(made.venv / "workshop")
        (made.venv / "pyvenv.cfg").unlink()
        assert made.call().returncode == 0
        assert not kept(made)
        assert "venv" in uv.calls[0]

    def test_an_environment_half_cleared_is_made_again(self, made):
        for name in ("pyvenv.cfg", "bin", "lib", "lib64", "Scripts", "Lib"):
            path = made.venv / name
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(True)
        (made.venv / "workshop/unfinished").write_text("made halfway", "utf-8")
        (made.venv / "workshop/interpreter").unlink()
        assert made.call().returncode == 0
        assert not kept(made)

    def test_an_environment_for_another_python_is_made_again(self, made):
        (made.venv / "workshop/interpreter").write_text("posix\npython3.4\nTrue", "utf-8")
        assert made.call().returncode == 0
        assert not kept(made)

    def test_half_an_environment_is_made_again(self, workshop):
        (workshop.venv / "bin").mkdir(parents=True)
        (workshop.venv / "bin/python").touch()
        (workshop.venv / "pyvenv.cfg").touch()
        result = workshop.call()
        assert result.returncode == 0
        assert "making it again" in result.stderr

    def test_an_environment_made_by_hand_is_kept(self, workshop, uv):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", workshop.venv], check=True)
        (workshop.venv / "keepsake").touch()
        result = workshop.call()
        assert result.returncode == 0
        assert json.loads(result.stdout)["prefix"] == str(workshop.venv)
        assert kept(workshop)
        assert uv.installed == ["build", "core"]

    def test_a_killed_installation_is_repaired(self, workshop, uv):
        with uv.waits() as server, workshop.begin() as door, half_way(server):
            door.kill()
            door.communicate(timeout=30)
        assert (workshop.site_packages / "build-half").exists()
        result = workshop.call()
        assert result.returncode == 0
        assert "making it again" in result.stderr
        assert not (workshop.site_packages / "build-half").exists()
        assert (workshop.site_packages / "core").exists()

    def test_a_killed_installation_of_an_extra_is_repaired(self, made, uv):
        with uv.waits() as server, made.begin("--with", "browser") as door, half_way(server):
            door.kill()
            door.communicate(timeout=30)
        assert "making it again" in made.call("list").stderr
        assert not (made.site_packages / "browser-half").exists()

    @pytest.mark.skipif(WINDOWS, reason="an installer cannot hold the lock there")
    def test_the_orphan_of_a_killed_call_is_waited_for(self, made, uv):
        with (
            uv.waits() as server,
            made.begin("--with", "browser") as door,
            half_way(server) as orphan,
        ):
            door.kill()
            with made.begin("list") as second:
                assert "waiting for it to finish" in second.stderr.readline()
                uv.wait_no_more()
                orphan.close()
                second.communicate(timeout=30)
        assert second.returncode == 0

    @pytest.mark.skipif(WINDOWS, reason="no process groups to send Ctrl-C to")
    def test_control_c_ends_the_installer_and_shows_no_traceback(self, workshop, uv):
        with uv.waits() as server, workshop.begin() as door, half_way(server) as line:
            os.killpg(door.pid, signal.SIGINT)  # a terminal sends it to all that run there
            _, said = door.communicate(timeout=30)
            assert door.returncode == 130
            assert "Stopped." in said
            assert "Traceback" not in said
            assert line.recv(1) == b""  # its end of the line is closed: it has ended
        assert workshop.call().returncode == 0

    def test_a_failure_that_touched_nothing_costs_nothing(self, made, uv):
        with uv.fails("error: Request failed\n  cause: dns error"):
            result = made.call("--with", "browser", "test")
        assert (result.returncode, result.stdout) == (2, "")
        assert "the network does not answer" in result.stderr
        assert made.call("list").returncode == 0
        assert kept(made)
        assert uv.installed == ["browser"]

    def test_a_second_call_waits_for_the_first_and_says_so(self, workshop, uv):
        with (
            uv.waits() as server,
            workshop.begin("one") as first,
            half_way(server) as build,
            workshop.begin("two") as second,
        ):
            assert "waiting for it to finish" in second.stderr.readline()
            build.send(b"!")
            with half_way(server) as core:
                core.send(b"!")
            answers = [door.communicate(timeout=30) for door in (first, second)]
        assert [json.loads(out)["argv"] for out, _ in answers] == [["one"], ["two"]]
        assert answers[1][1] == ""  # having waited, it found all done
        assert (first.returncode, second.returncode) == (0, 0)
        assert uv.installed == ["build", "core"]


class TestWithoutUv:
    @pytest.mark.parametrize("uv_is", ["absent", "refusing"])
    def test_what_cannot_serve_is_not_used(self, workshop, uv, monkeypatch, uv_is):
        if uv_is == "absent":
            monkeypatch.setenv("PATH", str(workshop.folder))
        else:  # as a pyenv shim is, for a Python that lacks it
            monkeypatch.setenv("PATH", str(uv.folder))
            uv.start_with("false")
        assert workshop.module().fit_uv() is None

    def test_pip_installs_the_locks(self, made):
        # Nothing to fetch, so nothing to ask the network for.
        made.lock("core").write_text("--no-index\n", "utf-8")
        result = made.call("list", PATH="", PIP_CONFIG_FILE=os.devnull)
        assert result.returncode == 0, result.stderr
        assert "Installing packages (core) with pip" in result.stderr
        assert kept(made)

    @pytest.mark.slow
    def test_an_environment_gets_its_own_pip_where_there_is_none(self, workshop, monkeypatch):
        for name in ("build", "core"):
            workshop.lock(name).write_text("--no-index\n", "utf-8")
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PATH", "")
        door = workshop.module()
        monkeypatch.setattr(door, "release_of", lambda command: ())
        door.prepare(["build", "core"])
        assert door.is_ready(["build", "core"])
        assert (workshop.site_packages / "pip").exists()

    @pytest.mark.parametrize("missing", ["venv", "ensurepip"])
    def test_a_missing_module_is_reported_with_its_package(
        self, workshop, uv, monkeypatch, capsys, missing
    ):
        (uv.folder / "bare.py").write_text(BARE_PYTHON, "utf-8")
        bare = script(uv.folder / "bare", f'"{sys.executable}" "{uv.folder / "bare.py"}" {missing}')
        monkeypatch.setenv("PATH", "")
        monkeypatch.setenv("WORKSHOP_LANG", "en")
        monkeypatch.setattr(sys, "_base_executable", str(bare))
        door = workshop.module()
        monkeypatch.setattr(door, "PYTHON", str(bare))
        assert door.main([]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert f"No module named {missing}" in said.err
        assert "sudo apt install python3-venv" in said.err


class TestPlaces:
    def test_a_file_named_venv_is_reported_and_left_alone(self, workshop):
        workshop.venv.write_text("elsewhere", "utf-8")
        result = workshop.call("list", "--json")
        assert (result.returncode, result.stdout) == (2, "")
        assert "is a file" in result.stderr
        assert workshop.venv.read_text("utf-8") == "elsewhere"

    def test_somebodys_files_are_named_and_left_alone(self, workshop):
        workshop.venv.mkdir()
        (workshop.venv / "thesis.txt").write_text("years of work", "utf-8")
        result = workshop.call()
        assert result.returncode == 2
        assert "move them elsewhere" in result.stderr
        assert (workshop.venv / "thesis.txt").exists()

    @pytest.mark.skipif(WINDOWS, reason="a folder's rights are no mode bits there")
    @pytest.mark.skipif(
        not WINDOWS and os.geteuid() == 0, reason="nothing is read-only to the superuser"
    )
    def test_a_read_only_folder_is_reported(self, workshop):
        workshop.folder.chmod(0o555)
        result = workshop.call()
        workshop.folder.chmod(0o755)
        assert result.returncode == 2
        assert "No right to write" in result.stderr

    @pytest.mark.parametrize(
        ("number", "shown"),
        [
            (errno.EROFS, "a folder of your own"),
            (errno.EACCES, "close what runs from .venv" if WINDOWS else "a folder of your own"),
            (errno.ENOSPC, "The disk is full."),
            (errno.EIO, "could not be made"),
        ],
    )
    def test_an_error_of_the_disk_is_reported(self, workshop, monkeypatch, capsys, number, shown):
        def refuse(path, *rest, **options):
            raise OSError(number, os.strerror(number), str(path))

        monkeypatch.setenv("WORKSHOP_LANG", "en")
        door = workshop.module()
        workshop.venv.joinpath("workshop").mkdir(parents=True)
        monkeypatch.setattr(door, "make", refuse)
        assert door.main(["list"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert shown in said.err
        assert "To fix it: " in said.err


# What uv and pip were seen to say, shortened, and words of the cause or the fix.
SAID = {
    "dns, uv": ("error: Request failed after 3 retries\n  cause: dns error", "network"),
    "dns, pip": (
        "connection broken by 'NewConnectionError'\nNo matching distribution found",
        "network",
    ),
    "offline, uv": ("  cause: Network connectivity is disabled but the data wasn't", "network"),
    "timeout, pip": ("urllib3.exceptions.ReadTimeoutError: Pool(): Read timed out.", "network"),
    "certificate, uv": ("error: x\n  cause: invalid peer certificate: UnknownIssuer", "trust"),
    "certificate, pip": ("SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate", "trust"),
    "Debian": ("/w/.venv/bin/python: No module named ensurepip", "apt install python3-venv"),
    "hash, uv": ("error: Failed to download\n  cause: Hash mismatch for `a==1`", "hash differs"),
    "hash, pip": ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE", "hash differs"),
    "full, uv": ("  cause: failed to copy file: No space left on device (os error 28)", "full"),
    "full, pip": ("ERROR: Could not install packages due to an OSError: [Errno 28] Нет", "full"),
    "rights, uv": ("error: failed to open `/c`: Permission denied (os error 13)", "no right"),
    "wheel, uv": ("  cause: Because lupa==2.8 has no usable wheels and you require", "published"),
    "wheel, pip": ("Collecting async-timeout\nERROR: No matching distribution found", "published"),
    "ssl, pip": ("Can't connect because the SSL module is not available.", "without SSL"),
    "long path, pip": ("HINT: this system does not have Windows Long Path support", "short folder"),
    "colours": ("\x1b[1m\x1b[31merror\x1b[39m\x1b[0m: boom", "  | error: boom\nThe installation"),
    "unknown": ("Something new.", "  | Something new.\nThe installation failed"),
}


class TestWhatAnInstallerSays:
    @pytest.mark.parametrize("said", SAID)
    def test_becomes_cause_and_fix(self, workshop, monkeypatch, said):
        monkeypatch.setattr(sys, "argv", ["workshop.py", "--lang", "en"])
        text, shown = SAID[said]
        error = workshop.module().why_failed(text)
        assert shown in f"{error.cause}\n{error.fix}"

    @pytest.mark.parametrize("said", SAID)
    def test_is_reported_in_russian_too(self, workshop, monkeypatch, said):
        monkeypatch.setattr(sys, "argv", ["workshop.py", "--lang=ru"])
        error = workshop.module().why_failed(SAID[said][0])
        assert re.search("[а-я]", error.cause)
        assert re.search("[а-я]", error.fix)

    def test_is_kept_whole_in_the_log(self, workshop, uv):
        with uv.fails("Something new.\n" + "and long\n" * 20):
            result = workshop.call()
        log = workshop.venv / "workshop" / "install.log"
        assert result.returncode == 2
        assert str(log) in result.stderr
        assert "Something new." in log.read_text("utf-8")


class TestKit:
    """`--kit FOLDER`: packages come from a folder that was made elsewhere."""

    @pytest.fixture
    def kit(self, workshop, tmp_path) -> Path:
        folder = tmp_path / "the stick" / "kit"
        shutil.copytree(workshop.folder / "requirements", folder / "workshop" / "requirements")
        machines = [["linux", "3.11"], ["windows", "3.12"]]
        content = {"version": 1, "locks": ["build", "core"], "machines": machines}
        (folder / "kit.json").write_text(json.dumps(content), "utf-8")
        return folder

    def test_packages_come_from_there_and_nowhere_else(self, workshop, uv, kit):
        result = workshop.call("--kit", "the stick/kit", "list", cwd=kit.parents[1])
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["argv"] == ["list"]
        for call in uv.calls[1:]:
            assert "--no-index" in call
            assert call[call.index("--find-links") + 1] == str(kit / "packages")
            assert "--require-hashes" in call

    def test_it_is_remembered_while_it_has_what_is_wanted(self, workshop, uv, kit):
        assert workshop.call(f"--kit={kit}", "list").returncode == 0
        content = json.loads((kit / "kit.json").read_text("utf-8"))
        content["locks"].append("browser")
        (kit / "kit.json").write_text(json.dumps(content), "utf-8")
        assert workshop.call("--with", "browser", "list").returncode == 0
        assert "--no-index" in uv.calls[-1]
        workshop.lock("core").write_text("# newer than the kit\n", "utf-8")
        assert workshop.call("list").returncode == 0
        assert "--no-index" not in uv.calls[-1]

    def test_it_goes_with_extras(self, workshop, uv, kit):
        result = workshop.call("--kit", str(kit), "--with", "browser", "list")
        assert result.returncode == 2
        assert "The kit holds no packages of browser" in result.stderr
        assert uv.calls == []

    def test_what_is_no_kit_is_refused(self, workshop, uv, tmp_path):
        for arguments in (["--kit", str(tmp_path), "list"], ["--kit", "nowhere"]):
            result = workshop.call(*arguments)
            assert result.returncode == 2
            assert "is no kit of the course" in result.stderr
        result = workshop.call("--kit")
        assert result.returncode == 2
        assert "the folder is missing" in result.stderr
        assert uv.calls == []

    @pytest.mark.parametrize("content", ["", "{", "[]", '"kit"', "{}"])
    def test_a_broken_kit_is_refused(self, workshop, kit, content):
        (kit / "kit.json").write_text(content, "utf-8")
        result = workshop.call("--kit", str(kit))
        assert result.returncode == 2
        assert "The kit holds no packages of build" in result.stderr
        assert "Traceback" not in result.stderr

    def test_another_versions_kit_is_refused(self, workshop, kit):
        workshop.lock("core").write_text("# another\n", "utf-8")
        result = workshop.call("--kit", str(kit))
        assert result.returncode == 2
        assert "made for another version of the course" in result.stderr
        assert str(kit / "workshop") in result.stderr

    @pytest.mark.parametrize(
        "said",
        [
            "ERROR: No matching distribution found for cffi==2.1.1",
            "  Because cffi was not found in the provided package locations and you require it",
        ],
    )
    def test_machines_that_it_is_not_for_are_told(self, workshop, uv, kit, said):
        with uv.fails(saying=said):
            result = workshop.call("--kit", str(kit))
        assert result.returncode == 2
        assert "The kit has no packages for this system" in result.stderr
        assert "linux 3.11, windows 3.12" in result.stderr

    def test_a_python_without_pip_uses_the_kits(self, workshop, kit, monkeypatch):
        (kit / "packages").mkdir()
        (kit / "packages" / "pip-26.3-py3-none-any.whl").touch()
        door = workshop.module()
        monkeypatch.setattr(door, "release_of", lambda command: ())
        command = door.fit_pip(None, str(kit))
        assert command[2] == str(kit / "packages" / "pip-26.3-py3-none-any.whl" / "pip")


class TestUnfitPython:
    """The file is readable to Pythons that it refuses, and refuses them in words."""

    def test_nothing_newer_than_python_2_is_written(self):
        newer = (ast.AnnAssign, ast.AsyncFunctionDef, ast.JoinedStr, ast.NamedExpr, ast.Nonlocal)
        for node in ast.walk(ast.parse(DOOR.read_text("utf-8"))):
            line = getattr(node, "lineno", None)
            assert not isinstance(node, newer), line
            if isinstance(node, ast.FunctionDef):
                assert not node.args.kwonlyargs + node.args.posonlyargs, line
                assert not node.returns, line
            if isinstance(node, ast.arg):
                assert not node.annotation, line
            if isinstance(node, ast.Raise):
                assert not node.cause, line
            if isinstance(node, ast.List | ast.Tuple | ast.Set):
                assert not any(isinstance(item, ast.Starred) for item in node.elts), line
            if isinstance(node, ast.Call):
                assert not any(isinstance(item, ast.Starred) for item in node.args[:-1]), line
                assert [word.arg for word in node.keywords].count(None) < 2, line

    @pytest.mark.parametrize(
        ("oldest", "newest", "shown"),
        [((3, 90), (3, 99), "is too old"), ((3, 0), (3, 1), "is untried here")],
    )
    def test_is_refused_with_the_fix(self, workshop, monkeypatch, capsys, oldest, newest, shown):
        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr(sys, "argv", ["workshop.py", "--lang", "en"])
        door = workshop.module()
        monkeypatch.setattr(door, "OLDEST", oldest)
        monkeypatch.setattr(door, "NEWEST", newest)
        assert door.main(["list"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert shown in said.err
        assert "python.org/downloads" in said.err
        assert not workshop.venv.exists()

    def test_a_fit_one_at_hand_is_named_with_the_whole_call(self, workshop, monkeypatch, capsys):
        monkeypatch.setattr(sys, "argv", ["work shop.py", "check", "3", "--lang", "ru"])
        door = workshop.module()
        monkeypatch.setattr(door, "OLDEST", (3, 99))
        monkeypatch.setattr(door, "fit_python", lambda: ["py", "-3.99"])
        assert door.main(["list"]) == 2
        said = capsys.readouterr().err
        assert "слишком старый" in said
        assert '  py -3.99 "work shop.py" check 3 --lang ru\n' in said

    def test_a_command_that_is_no_python_is_passed_over(self, workshop):
        door = workshop.module()
        assert door.version_of([sys.executable]) == sys.version_info[:2]
        assert door.version_of([str(workshop.folder / "nothing")]) == ()
        assert door.version_of([sys.executable, "-c", "raise SystemExit('shim')"]) == ()


class TestLanguage:
    @pytest.mark.parametrize(
        ("variables", "wanted"),
        [
            ({"WORKSHOP_LANG": "ru", "LC_ALL": "en_GB.UTF-8"}, "ru"),
            ({"WORKSHOP_LANG": "", "LC_ALL": "ru_RU.UTF-8", "LANG": "C"}, "ru"),
            ({"LC_MESSAGES": "ru_RU.UTF-8", "LANG": "en_US.UTF-8"}, "ru"),
            ({"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}, "en"),
            ({"LANG": "Russian_Russia.1251"}, "ru"),
            ({"LANG": "de_DE.UTF-8"}, "en"),
        ],
    )
    def test_follows_the_variables_as_the_tool_does(self, workshop, monkeypatch, variables, wanted):
        for name in ("WORKSHOP_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        assert workshop.module().speaks_russian(["list"]) == (wanted == "ru")
        assert language.choose() == wanted

    @pytest.mark.parametrize("arguments", [["--lang", "ru", "list"], ["list", "--lang=ru"]])
    def test_lang_anywhere_wins(self, made, uv, arguments):
        made.lock("core").write_text("# changed\n", "utf-8")
        result = made.call(*arguments, WORKSHOP_LANG="en")
        assert "Готово, за" in result.stderr
        assert json.loads(result.stdout)["argv"] == arguments


class TestLocks:
    """The real locks, as they stand in the repository."""

    LOCKS = sorted((REPOSITORY / "requirements").glob("*.txt"))
    PIN = re.compile(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==(\S+)(.*?)(?=^[a-z0-9]|\Z)", re.M | re.S)

    @pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
    def test_every_pin_has_hashes_and_no_address_stands_there(self, lock):
        text = lock.read_text("utf-8")
        assert lock.with_suffix(".in").is_file()
        assert "://" not in text
        pins = self.PIN.findall(text)
        assert len(pins) == len(re.findall(r"^\w", text, re.M))
        assert all("--hash=sha256:" in rest for _, _, rest in pins)

    @pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
    def test_no_lock_asks_for_another_version_than_core(self, lock):
        core = self.versions(REPOSITORY / "requirements/core.txt")
        for name, versions in self.versions(lock).items():
            assert versions <= core.get(name, versions), name

    def versions(self, lock: Path) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, version, _ in self.PIN.findall(lock.read_text("utf-8")):
            found.setdefault(name, set()).add(version)
        return found
