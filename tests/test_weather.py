"""Version weather: whose release turned a statement; and that what was noted is of what is there."""

import importlib.util
import json
import subprocess
import sys

import pytest

from channels_workshop import REPOSITORY
from channels_workshop.course.statements import load_last_seen, load_statements

PROGRAM = REPOSITORY / "tests" / "canary" / "weather.py"
MODULE, PROOF = "lesson_06", "silence_kills_on_the_core_layer_and_on_no_other"
NOTED = {"python": "3.11.7", "redis": "8.1.0", "websockets": "17.4"}


@pytest.fixture
def weather(monkeypatch):
    spec = importlib.util.spec_from_file_location("weather", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "weather", module)  # where its dataclasses look for it
    spec.loader.exec_module(module)
    return module


def test_it_names_the_claim_and_the_package(weather):
    """A recorded difference: with another redis-py the trap is gone, whatever else has changed."""
    now = {"python": "3.11.7", "redis": "7.4.1", "websockets": "16.0"}
    asked = []

    def back(package, version):
        asked.append((package, version))
        return {PROOF: None if package == "redis" else "DID NOT RAISE"}

    changed = weather.changes(NOTED, now)
    (found,) = weather.turned(MODULE, {PROOF: "DID NOT RAISE", "x": None}, changed, back)
    assert asked == [("redis", "8.1.0"), ("websockets", "17.4")]
    assert (found.culprits, found.suspects) == (["redis"], ["redis", "websockets"])
    assert "further/channel-layers.md#idle-death: Five seconds of silence" in str(found)
    assert "turned by redis" in str(found)


def test_what_no_one_package_heals_is_said_so(weather):
    changed = weather.changes(NOTED, {**NOTED, "python": "3.14.0", "redis": "9.0"})
    (found,) = weather.turned(MODULE, {PROOF: "x"}, changed, lambda *_: {PROOF: "x"})
    assert found.culprits == []
    assert "no one package alone; changed: python, redis" in str(found)


def test_where_all_holds_nothing_is_put_back(weather):
    assert list(weather.turned(MODULE, {PROOF: None}, {"redis": "8.1.0"}, pytest.fail)) == []


def test_a_release_is_laid_over_the_environment(weather, tmp_path, monkeypatch):
    def fetch(package, version, target):
        info = target / f"{package}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: {package}\nVersion: {version}\n")

    monkeypatch.setattr(weather, "fetch", fetch)
    here = weather.Environment()
    there = here.with_release("redis", "7.4.1", tmp_path)
    assert there.versions()["redis"] == "7.4.1" != here.versions()["redis"]


def test_a_module_that_does_not_load_fails_as_a_whole(weather, monkeypatch):
    def run(*_command):
        raise subprocess.CalledProcessError(1, "python", "", "ImportError: gone")

    monkeypatch.setattr(weather.Environment, "run", run)
    verdicts = weather.Environment().verdicts(MODULE)
    assert verdicts[PROOF] == "ImportError: gone"
    assert set(verdicts) == set(weather.proofs_of(MODULE))


def test_what_was_noted_is_of_what_is_there(weather):
    """Noted again whenever a module gets another number of proofs: `weather.py --note`."""
    noted = load_last_seen()
    for module, statements in load_statements().items():
        proofs = {each.proof for each in statements if "::" not in each.proof}
        if module in noted.seen:
            assert noted.seen[module].proofs == len(proofs), f"{PROGRAM.name} --note"
        else:
            assert not proofs, f"{PROGRAM.name} --note"
    for turn in noted.turns:
        assert turn.proof in weather.proofs_of(turn.module)


@pytest.mark.parametrize(
    ("tried", "kept"),
    [
        ("7.4.1", {"before": "7.4.1", "after": "8.1.0", "holds": "after"}),
        ("10.0", {"before": "8.1.0", "after": "10.0", "holds": "before"}),
    ],
)
def test_what_a_release_has_turned_is_kept_once(weather, tmp_path, monkeypatch, tried, kept):
    noted = tmp_path / "last_seen.json"
    noted.write_text(json.dumps({"seen": {MODULE: {"versions": NOTED}}, "turns": []}))
    monkeypatch.setattr(weather, "NOTED", noted)
    found = [weather.Turned(MODULE, PROOF, "TimeoutError", ["redis"], ["redis"])]
    for _again in range(2):
        weather.keep(found, {**NOTED, "redis": tried})
    (turn,) = json.loads(noted.read_text())["turns"]
    assert turn == {"package": "redis", "module": MODULE, "proof": PROOF, **kept}
