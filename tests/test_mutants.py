"""Mutants: what is changed and what is left alone, who has to catch them, and what is declared."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from channels_workshop.cli import extras
from channels_workshop.course.extension import extended
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.course.toml_file import BrokenDescription
from channels_workshop.errors import WorkshopError

pytest.importorskip("libcst", reason="it comes with: workshop.py --with mutants")

from channels_workshop.authoring.mutants.equivalents import Equivalent, read_equivalents
from channels_workshop.authoring.mutants.judging import (
    Judged,
    MutantsFound,
    MutantsOfLesson,
    make_mutants,
)
from channels_workshop.authoring.mutants.making import Mutant, mutants_in, mutants_of

#: Made by `.ci/run` alone, beside others that wait more than they work.
pytestmark = pytest.mark.slow


def changes(code: str, file: str = "app/views.py", **others: str) -> list[str]:
    """Return what the mutants of `code` change, in the project whose `others` files stand beside."""
    return [mutant.change for mutant in mutants_in(file, {file: code, **others}, {})]


# ---- What is changed.


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # Statements.
        ("def f(self):\n    self.leave()\n", "self.leave() → pass"),
        ("def f(self):\n    self.name = name\n", "self.name = name → pass"),
        ("def f():\n    name = read()\n", "name = read() → name = None"),
        ("def f():\n    return name\n", "return name → return None"),
        ("for x in y:\n    break\n", "break → continue"),
        (
            "async def f():\n    async for x in y:\n        g(x)\n",
            "async for x in y: → while False:",
        ),
        ("async def f():\n    async with lock:\n        g()\n", "async with lock: → if True:"),
        ("class A:\n    def leave(self): ...\n", "def leave(self): ... → def leave_(self): ..."),
        ("@safe\ndef f(): ...\n", "@safe → (nothing)"),
        ("class A(Checked, View): ...\n", "class A(Checked, View): ... → class A(View): ..."),
        # Conditions.
        ("if ready:\n    f()\n", "if ready: → if not (ready):"),
        ("if ready:\n    f()\n", "if ready: → if True:"),
        ("if ready:\n    f()\n", "if ready: → if False:"),
        ("if not ready:\n    f()\n", "if not ready: → if ready:"),
        ("while ready:\n    f()\n", "while ready: → while False:"),
        ("x = a if b else c\n", "x = a if b else c → x = a if False else c"),
        ("x = [a for a in b if c]\n", "x = [a for a in b if c] → x = [a for a in b if True]"),
        ("x = a and b\n", "x = a and b → x = a or b"),
        ("x = a and b\n", "x = a and b → x = b"),
        ("x = a < b\n", "x = a < b → x = a <= b"),
        ("x = a < b\n", "x = a < b → x = a >= b"),
        ("x = a == b\n", "x = a == b → x = a != b"),
        ("x = a not in b\n", "x = a not in b → x = a in b"),
        # Exceptions.
        ("try:\n    f()\nexcept OSError:\n    g()\n", "except OSError: → except ():"),
        ("try:\n    f()\nexcept OSError:\n    g()\n", "except OSError: → except Exception:"),
        (
            "try:\n    f()\nexcept (A, B) as e:\n    g()\n",
            "except (A, B) as e: → except (B,) as e:",
        ),
        ("try:\n    f()\nexcept:\n    g()\n", "except: → except ():"),
        ("raise Gone(1)\n", "raise Gone(1) → raise Exception(1)"),
        ("raise Gone\n", "raise Gone → raise Exception"),
        ("raise Gone\n", "raise Gone → pass"),
        # Calls.
        ("async def f():\n    await g()\n", "await g() → g()"),
        ("f(a, b)\n", "f(a, b) → f(b)"),
        ("f(a, b)\n", "f(a, b) → f(b, a)"),
        ("f(a, key=b)\n", "f(a, key=b) → f(a)"),
        ("x = text.strip()\n", "x = text.strip() → x = text"),
        ("x = text.strip()\n", "x = text.strip() → x = text.lstrip()"),
        ("x = str(a)\n", "x = str(a) → x = a"),
        ("x = any(a)\n", "x = any(a) → x = all(a)"),
        (
            "async def f(self):\n    await self.accept()\n",
            "await self.accept() → await self.close()",
        ),
        ("x = request.GET\n", "x = request.GET → x = request.POST"),
        # Values.
        ("x = y(7)\n", "x = y(7) → x = y(8)"),
        ("x = y(7)\n", "x = y(7) → x = y(6)"),
        ("x = y(0)\n", "x = y(0) → x = y((-1))"),
        ("x = y(0.5)\n", "x = y(0.5) → x = y(1.5)"),
        ("x = y(True)\n", "x = y(True) → x = y(False)"),
        ("x = y(None)\n", "x = y(None) → x = y(True)"),
        ("x = y('code')\n", "x = y('code') → x = y('code_')"),
        ("x = y('code')\n", "x = y('code') → x = y('')"),
        ("x = {'type': a}\n", "x = {'type': a} → x = {'type_': a}"),
        ("x = {'type': a, 'b': c}\n", "x = {'type': a, 'b': c} → x = {'b': c}"),
        ("x = a['type']\n", "x = a['type'] → x = a['type_']"),
        ("x = f'a-{b}'\n", "x = f'a-{b}' → x = f'a-'"),
        ("x = f'a-{b}'\n", "x = f'a-{b}' → x = f'{b}'"),
        ("x = [a, b]\n", "x = [a, b] → x = [b]"),
        ("x = (a, b)\n", "x = (a, b) → x = (a,)"),
        ("x = a + b\n", "x = a + b → x = a - b"),
        ("x = a + b\n", "x = a + b → x = b"),
        ("x += 1\n", "x += 1 → x -= 1"),
        ("x += 1\n", "x += 1 → x = 1"),
        ("x = a[:10]\n", "x = a[:10] → x = a[:]"),
        ("x = a[:10]\n", "x = a[:10] → x = a[:9]"),
    ],
)
def test_it_is_changed(code, expected):
    assert expected in changes(code)


def test_a_list_over_several_lines_loses_one_of_them():
    code = 'APPS = [\n    "one",\n    "two",\n]\n'
    assert {'"one", → (nothing)', '"two", → (nothing)'} <= set(changes(code, "settings.py"))


def test_words_for_people_may_be_missing_but_read_as_they_like():
    assert changes('tell({"detail": "A message is text."})\n') == [
        'tell({"detail": "A message is text."}) → pass',
        'tell({"detail": "A message is text."}) → tell()',
        'tell({"detail": "A message is text."}) → tell({})',
        'tell({"detail": "A message is text."}) → tell({"detail_": "A message is text."})',
        'tell({"detail": "A message is text."}) → tell({"detail": ""})',
    ]


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.name)
def test_each_mutant_is_another_program(lesson):
    mutants = mutants_of(lesson)
    files = {mutant.file for mutant in mutants}
    said = {ast.dump(ast.parse((lesson.folder / file).read_text("utf-8"))) for file in files}
    for mutant in mutants:
        tree = ast.dump(ast.parse(mutant.text))
        assert tree not in said, mutant
        said.add(tree)
        assert mutant.before in " ".join((lesson.folder / mutant.file).read_text("utf-8").split())
    assert not [file for file in files if "migrations" in file or file.endswith("tests.py")]


def test_of_an_extension_its_own_lines_are_changed():
    lesson = find_lesson("6")
    with extended(lesson, "operate") as operate:
        made = {(mutant.file, mutant.before) for mutant in mutants_of(operate)}
    counts = "DROPS.inc()"
    assert ("operations/slow.py", counts) in made
    # In the same file some lines are the lesson's, and some its own.
    middleware = '"django.contrib.auth.middleware.AuthenticationMiddleware",'
    of_the_lesson = {(mutant.file, mutant.before) for mutant in mutants_of(lesson)}
    assert ("config/settings.py", middleware) in of_the_lesson - made
    assert any(file == "config/settings.py" for file, _line in made)


def test_where_it_stands_is_known():
    lesson = find_lesson("2")
    mutant = next(m for m in mutants_of(lesson) if m.before == "await self.accept()")
    line = (lesson.folder / mutant.file).read_text("utf-8").splitlines()[mutant.line - 1]
    assert line.strip() == mutant.before
    assert (mutant.definition, mutant.task) == ("NotFoundConsumer.connect", "not_found")


# ---- What is left alone.


@pytest.mark.parametrize(
    "code",
    [
        '"""Says what it does."""\n',
        "def f():\n    '''Says what it does.'''\n",
        "from a import b\nimport c.d\n",
        "# a comment: 7\n",
        'logger.info("joined %s", 7)\n',
        'self.log.warning("gone")\n',
        "if TYPE_CHECKING:\n    x = 7\n",
        'if __name__ == "__main__":\n    main(7)\n',
        "_NEVER_READ = 7\n",
        '__all__ = ["a", "b"]\n',
        'class A:\n    verbose_name = "a thing"\n',
        "x: int\n",
    ],
)
def test_it_is_left_alone(code):
    assert changes(code) == []


def test_an_empty_text_is_empty_from_either_side():
    assert "if not a.strip(): → if not a.lstrip():" not in changes("if not a.strip():\n    f()\n")


def test_hints_are_no_values():
    assert changes("def f(a: Literal['x'] = b) -> 'int': ...\n") == []


def test_a_constant_counts_where_it_is_read():
    code = "LIMIT = 7\n"
    assert changes(code) == []
    assert "LIMIT = 7 → LIMIT = 8" in changes(
        code, **{"app/forms.py": "from .views import LIMIT\n"}
    )
    assert "LIMIT = 7 → LIMIT = 8" in changes(code, "config/settings.py")


def test_the_name_of_a_route_counts_where_it_is_read():
    code = 'x = path("", view, name="index")\n'
    template = {"app/templates/base.html": "<a href=\"{% url 'index' %}\">"}
    renamed = 'x = path("", view, name="index") → x = path("", view, name="index_")'
    assert renamed not in changes(code)
    assert renamed in changes(code, **template)


# ---- What is declared.


def mutant(change: str, *, file="app/views.py", definition="View.get") -> Mutant:
    before, _, after = change.partition(" → ")
    return Mutant(file, 1, before, after, definition, None, change)


@pytest.mark.parametrize(
    ("entry", "covers"),
    [
        ({}, {"a → b", "a → c", "d → e"}),
        ({"lines": ["a"]}, {"a → b", "a → c"}),
        ({"changes": ["a → b"]}, {"a → b"}),
        ({"changes": ["a → b"], "lines": ["d"]}, {"a → b", "d → e"}),
        ({"definition": "View"}, {"a → b", "a → c", "d → e"}),
        ({"definition": "View.get", "lines": ["a"]}, {"a → b", "a → c"}),
        ({"definition": "Vie"}, set()),
        ({"file": "app/urls.py"}, set()),
    ],
)
def test_what_an_entry_covers(entry, covers):
    entry = Equivalent(**{"file": "app/views.py", "reason": "because", **entry})
    mutants = [mutant(change) for change in ("a → b", "a → c", "d → e")]
    assert {each.change for each in mutants if entry.covers(each)} == covers


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ('changes = ["a → b", "a → x"]', "no mutant is 'a → x' in app/views.py"),
        ('lines = ["x"]', "no mutant is 'x' in app/views.py"),
        ('definition = "Gone"', "no mutant is in app/views.py Gone"),
    ],
)
def test_an_entry_that_fits_no_mutant_is_an_error(tmp_path, entry, what):
    right = '[[equivalents]]\nfile = "app/views.py"\nreason = "because"\n\n'
    wrong = f'[[equivalents]]\nfile = "app/views.py"\nreason = "because"\n{entry}\n'
    (tmp_path / "equivalents.toml").write_text(right + wrong, encoding="utf-8")
    with pytest.raises(BrokenDescription) as error:
        read_equivalents(tmp_path, [mutant("a → b")])
    assert str(error.value.message).endswith(f"equivalents.toml:6: {what}")


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.name)
def test_what_a_lesson_declares_fits_and_gives_a_reason(lesson):
    for entry in read_equivalents(lesson.folder, mutants_of(lesson)):
        assert len(entry.reason.split()) > 3


# ---- What is made of it.

LESSON = find_lesson("2")
ONE, OTHER, DECLARED = mutant("a → b"), mutant("a → c"), mutant("d → e")


def judged(*verdicts, seeds=(0,), declared=("d → e",)) -> MutantsOfLesson:
    """Return what is known after `verdicts`: a mutant, a seed, the check that caught it, if any."""
    entries = [Equivalent("app/views.py", "because", [change]) for change in declared]
    of_lesson = MutantsOfLesson(LESSON, [ONE, OTHER, DECLARED], entries, list(seeds))
    for each, seed, caught in verdicts:
        of_lesson.take(Judged(LESSON, each, seed, caught))
    return of_lesson


def test_it_is_ok_where_all_but_what_is_declared_are_caught():
    found = judged((ONE, 0, "echoes"), (OTHER, 0, "echoes"), (DECLARED, 0, None))
    assert found.ok
    assert MutantsFound([found]).to_json() == {
        "version": 1,
        "ok": True,
        "lessons": [
            {
                "lesson": "02_setup_asgi",
                "ok": True,
                "complete": True,
                "made": 3,
                "killed": 2,
                "equivalent": 1,
                "score": 1.0,
                "survived": [],
                "caught_by_luck": [],
                "wrongly_declared": [],
            }
        ],
    }


def test_a_survivor_costs_it():
    found = judged((ONE, 0, "echoes"), (OTHER, 0, None), (DECLARED, 0, None))
    assert (found.ok, found.score, found.survived) == (False, 0.5, [OTHER])
    assert found.to_json()["survived"] == [{"file": "app/views.py", "line": 1, "change": "a → c"}]


def test_what_is_declared_must_not_be_caught():
    found = judged((ONE, 0, "echoes"), (OTHER, 0, "echoes"), (DECLARED, 0, "echoes"))
    assert (found.ok, found.wrongly_declared) == (False, [(DECLARED, "echoes")])


def test_what_some_seeds_let_pass_survives():
    caught = [(each, seed, "echoes") for each in (ONE, OTHER) for seed in range(3)]
    never = [(DECLARED, seed, None) for seed in range(3)]
    found = judged(*caught[:-1], (OTHER, 2, None), *never, seeds=range(3))
    assert (found.killed, found.survived) == ([ONE], [OTHER])
    assert found.caught_by_luck == [(OTHER, [2])]


def test_until_it_is_through_it_is_not_ok():
    found = judged((ONE, 0, "echoes"))
    assert (found.ok, found.score, found.made) == (False, 1.0, [ONE])


def test_the_same_seed_draws_the_same_sample():
    samples = [make_mutants([LESSON], sample=5, seed=seed).lessons[0].mutants for seed in (1, 1, 2)]
    assert [len(sample) for sample in samples] == [5, 5, 5]
    assert samples[0] == samples[1] != samples[2]
    assert make_mutants([LESSON], sample=10**6).lessons[0].mutants == mutants_of(LESSON)


def test_what_is_declared_may_be_left_out():
    everything, undeclared = (
        make_mutants([LESSON], declared=declared).lessons[0] for declared in (True, False)
    )
    left_out = {*everything.mutants} - {*undeclared.mutants}
    assert left_out
    for mutant in everything.mutants:
        declared = any(entry.covers(mutant) for entry in everything.equivalents)
        assert (mutant in left_out) == declared


def test_the_verb_judges_them():
    run = subprocess.run(
        [
            *(sys.executable, "-P", "-m", "channels_workshop", "verify", "2", "--json"),
            *("--mutants", "--sample", "3", "--seed", "3"),
        ],
        capture_output=True,
        encoding="utf-8",
    )
    document = json.loads(run.stdout)
    assert run.returncode == (0 if document["ok"] else 1), run.stderr
    (lesson,) = document["lessons"]
    caught = lesson["killed"] + lesson["equivalent"]
    assert lesson["made"] == caught + len(lesson["survived"]) == 3
    assert len(run.stderr.splitlines()) == 3


# ---- What it needs.


def test_what_is_missing_is_installed_and_the_call_made_again(monkeypatch):
    calls = []
    monkeypatch.setattr("os.name", "posix")

    def execve(*arguments):
        calls.append(arguments)
        raise SystemExit

    monkeypatch.setattr("os.execve", execve)
    monkeypatch.setattr(sys, "argv", ["channels_workshop", "verify", "2", "--mutants"])
    with pytest.raises(SystemExit):
        extras.needs("mutants", "no_such_package")
    ((python, arguments, variables),) = calls
    assert python == sys.executable
    assert Path(arguments[1]).name == "workshop.py"
    assert arguments[2:] == ["--with", "mutants", "verify", "2", "--mutants"]
    monkeypatch.setattr("os.environ", variables)
    with pytest.raises(WorkshopError, match=r"(?s)no_such_package is missing.*--with mutants list"):
        extras.needs("mutants", "no_such_package")
