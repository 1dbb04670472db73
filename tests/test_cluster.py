"""`grade --cluster`: the same marks by the workers of a Dask cluster, whoever comes and goes."""

import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="it comes with: workshop.py --with cluster")

from channels_workshop import REPOSITORY, __version__, language
from channels_workshop.course.copies import lay_over, write_project
from channels_workshop.course.lessons import find_lesson
from channels_workshop.course.project import files_below
from channels_workshop.errors import WorkshopError
from channels_workshop.grading import cluster_worker, dask_cluster, dask_workers
from channels_workshop.grading.dask_cluster import DaskCluster
from channels_workshop.grading.executors import ThisMachine
from channels_workshop.grading.order import order_for, stamp_of
from channels_workshop.grading.submission import Submission
from channels_workshop.processes.sandbox import why_not_strong

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(why_not_strong() is not None, reason="bubblewrap is needed"),
]

#: The lesson whose submissions are judged here, by name as a grading has it.
LESSON = find_lesson("2")
LESSONS = {LESSON.name: LESSON}
#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 120


@pytest.fixture(autouse=True)
def speaks_english(monkeypatch, tmp_path):
    monkeypatch.setenv("WORKSHOP_LANG", "en")
    monkeypatch.setenv("LANGUAGE", "")  # `speak` sets it; put back afterwards
    monkeypatch.delenv("WORKSHOP_COMMAND", raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    language.speak("en")


# ---- What is handed in.


def submission(student, folder, **how) -> Submission:
    """Return the submission of a student who hands in the lesson's project, changed in some way."""
    write_project(LESSON, folder, **how)
    return read(student, folder)


def read(student, folder) -> Submission:
    files = {
        str(path): (folder / path).read_bytes()
        for path in files_below(folder)
        if LESSON.is_submitted(path)
    }
    return Submission(student, LESSON.name, student, files)


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    """Orders for six: three are right in their own ways, three are wrong in theirs."""
    folder = tmp_path_factory.mktemp("handed in")
    first, second, *_others = LESSON.mistakes.values()
    overlay = LESSON.folder / "accepted" / LESSON.accepted[0]
    write_project(LESSON, folder / "boris")
    lay_over(overlay, folder / "boris", list(files_below(overlay)))
    handed_in = [
        submission("anna", folder / "anna"),
        read("boris", folder / "boris"),
        submission("clara", folder / "clara", sections=first.sections, files=first.files),
        submission("dora", folder / "dora", sections=second.sections, files=second.files),
        submission("egon", folder / "egon", sections=LESSON.stubs),
        submission("fine", folder / "fine", files={"config/urls.py": "no Python\n"}),
    ]
    return [order_for(one, LESSON, 7, "strong", PATIENCE) for one in handed_in]


@pytest.fixture(scope="module")
def marks_here(orders):
    """The marks of the same class, judged without a cluster."""
    with ThisMachine("strong") as machine:
        return marks(machine.mark(orders))


def marks(all_graded) -> dict[str, tuple]:
    """Return by student what came of it: all but how long it took."""
    return {
        graded.student: (
            graded.status,
            graded.score,
            graded.max_score,
            graded.fingerprint,
            [(check.id, check.status) for check in graded.verdict.checks],
        )
        for graded in all_graded
    }


# ---- Clusters of Dask's own making.


#: Nobody else's business, its HTTP server neither.
ONLY_HERE = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]


@contextmanager
def program(*arguments, until: str, **environment: str) -> Iterator[str]:
    """Run a program of Dask's until the end; give what matches `until` of what it prints."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments, *ONLY_HERE],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    found: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        for line in process.stderr:
            if match := re.search(until, line):
                found.append(match[match.lastindex or 0])
                ready.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        assert ready.wait(PATIENCE)
        yield found[0]
    finally:
        process.terminate()
        process.wait()
        listener.join()
        process.stderr.close()


@pytest.fixture
def scheduler(tmp_path):
    """The address of a scheduler."""
    arguments = ["scheduler", "--port", "0"]
    with program(*arguments, until=r"Scheduler at:\s+(\S+)", TMPDIR=str(tmp_path)) as address:
        yield address


@pytest.fixture
def start_worker(scheduler, tmp_path):
    """Return a function that starts a worker of one thread, and returns when it has registered."""
    with ExitStack() as stack:

        def start(*options, source: Path = REPOSITORY, count: int = 1, **environment: str) -> None:
            arguments = ["worker", scheduler, "--nthreads", "1", "--nworkers", str(count)]
            arguments += map(str, options)
            environment = {
                "PYTHONPATH": str(source / "src"),
                "TMPDIR": str(tmp_path),
                **environment,
            }
            stack.enter_context(program(*arguments, until="Registered to:", **environment))

        yield start


@pytest.fixture
def copy(tmp_path):
    """A copy of the workshop, to be changed: what a worker has that is at another commit."""
    folder = tmp_path / "copy"
    for part in ("src/channels_workshop", "lessons"):
        leftovers = shutil.ignore_patterns("__pycache__", "*.sqlite3")
        shutil.copytree(REPOSITORY / part, folder / part, ignore=leftovers)
    return folder


# ---- The same marks.


def test_two_workers_here_come_to_the_same_marks(orders, marks_here):
    with DaskCluster("local", LESSONS, "strong") as cluster:
        assert marks(cluster.mark(orders)) == marks_here


def test_a_worker_that_is_killed_costs_no_mark(orders, marks_here):
    with DaskCluster("local", LESSONS, "strong") as cluster:
        pids = cluster._client.run(os.getpid)
        assert len(pids) == 2
        coming = cluster.mark(orders)
        came = [next(coming)]
        busy = next(worker for worker, keys in cluster._client.processing().items() if keys)
        os.kill(pids[busy], signal.SIGKILL)
        came += coming
    assert marks(came) == marks_here
    assert len(came) == len(orders)


@pytest.mark.on_demand
def test_all_workers_are_killed_and_it_costs_no_mark(orders, marks_here):
    told = []
    with DaskCluster("local", LESSONS, "strong", jobs=2, tell=told.append) as cluster:
        pids = cluster._client.run(os.getpid)
        coming = cluster.mark(orders)
        came = [next(coming)]
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
        came += coming
    assert marks(came) == marks_here


@pytest.mark.on_demand
def test_the_verb_grades_on_a_cluster(
    workshop, tmp_path, orders, marks_here, scheduler, start_worker
):
    """By a scheduler and workers that Dask's own commands have started."""
    start_worker(count=2)
    handed_in = orders[::2]
    for order in handed_in:
        for path, content in order.submission.files.items():
            file = tmp_path / "class" / order.submission.student / LESSON.name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    code, printed, errors = workshop(
        *("grade", tmp_path / "class", "--cluster", scheduler, "--seed", 7, "--json")
    )
    assert code == 0
    assert "Traceback" not in errors
    came = {
        one["student"]: (one["status"], one["score"], one["max_score"])
        for one in json.loads(printed)["submissions"]
    }
    names = [order.submission.student for order in handed_in]
    assert came == {name: marks_here[name][:3] for name in names}


# ---- Workers that judge by something else.


@contextmanager
def refused() -> Iterator[list[str]]:
    """Expect a WorkshopError; give a list that has its lines afterwards."""
    lines: list[str] = []
    with pytest.raises(WorkshopError) as raised:
        yield lines
    lines += str(raised.value).splitlines()


def test_a_worker_with_another_version_is_told(workshop, copy, scheduler, start_worker):
    about = copy / "src/channels_workshop/__init__.py"
    about.write_text(about.read_text("utf-8").replace(__version__, "9.9.9"), "utf-8")
    start_worker()
    start_worker(source=copy)
    code, out, errors = workshop("grade", copy, "--lesson", 2, "--cluster", scheduler)
    assert (code, out) == (2, "")
    what, mend = errors.strip().splitlines()
    host = re.escape(platform.node())
    assert re.fullmatch(
        rf"The worker tcp://127\.0\.0\.1:\d+ \({host}\) has channels-workshop 9\.9\.9, and this"
        rf" machine {re.escape(__version__)}\.",
        what,
    )
    assert mend.endswith("--with cluster list")


@pytest.mark.on_demand
def test_a_worker_with_other_checks_is_told(copy, scheduler, start_worker):
    check = copy / "lessons" / LESSON.name / "tests" / "test_page.py"
    check.write_text(check.read_text("utf-8") + "\n# changed\n", "utf-8")
    start_worker(source=copy)
    with refused() as lines, DaskCluster(scheduler, LESSONS, "strong"):
        pass
    assert f" has {LESSON.name} in the state " in lines[0]
    assert stamp_of(LESSON)[:8] in lines[0]


@pytest.mark.on_demand
def test_a_worker_without_the_lesson_is_told(copy, scheduler, start_worker):
    shutil.rmtree(copy / "lessons" / LESSON.name)
    start_worker(source=copy)
    with refused() as lines, DaskCluster(scheduler, LESSONS, "strong"):
        pass
    assert f" has {LESSON.name} in the state —, and this machine " in lines[0]


@pytest.mark.on_demand
def test_a_worker_without_the_workshop_is_told(tmp_path, scheduler, start_worker):
    package = tmp_path / "src" / "channels_workshop"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    start_worker(source=tmp_path)
    with refused() as lines, DaskCluster(scheduler, LESSONS, "strong"):
        pass
    assert "cannot judge. " in lines[0]
    assert "No module named 'channels_workshop.grading'" in lines[0]
    assert lines[-1].endswith("--with cluster list")


@pytest.mark.on_demand
def test_a_worker_without_a_sandbox_is_told(scheduler, start_worker):
    start_worker(PATH=str(Path(sys.executable).parent))
    with refused() as lines, DaskCluster(scheduler, LESSONS, "strong"):
        pass
    assert "has no strong sandbox. bubblewrap is not installed." in lines[0]
    assert "bubblewrap" in lines[-1]
    with DaskCluster(scheduler, LESSONS, "basic"):
        pass


@pytest.mark.on_demand
def test_a_scheduler_of_another_release_is_told(monkeypatch, scheduler):
    monkeypatch.setattr("distributed.__version__", "2000.1.0")
    with refused() as lines, DaskCluster(scheduler, LESSONS, "strong"):
        pass
    assert lines[0].startswith(f"The scheduler at {scheduler} has distributed 20")
    assert lines[0].endswith(" and this machine 2000.1.0.")


@pytest.mark.on_demand
def test_one_that_comes_later_and_is_unfit_is_given_nothing(
    copy, scheduler, start_worker, orders, marks_here, monkeypatch
):
    monkeypatch.setattr(dask_workers, "_LOOK", 0.0)
    check = copy / "lessons" / LESSON.name / "tests" / "test_page.py"
    check.write_text(check.read_text("utf-8") + "\n# changed\n", "utf-8")
    told = []
    start_worker()
    with DaskCluster(scheduler, LESSONS, "strong", tell=told.append) as cluster:
        coming = cluster.mark(orders[3:])
        came = [next(coming)]
        start_worker(source=copy)
        came += coming
        workers = cluster._client.nthreads()
    assert marks(came) == {graded.student: marks_here[graded.student] for graded in came}
    assert len(came) == len(orders[3:])
    assert len(workers) == 2
    (what,) = map(str, told)
    assert f" has {LESSON.name} in the state " in what
    assert what.endswith("It is given nothing to judge.")


@pytest.mark.on_demand
def test_one_that_has_changed_meanwhile_gives_no_mark(copy, scheduler, start_worker, orders):
    """Its lesson is another once it has said which one it has: nothing is marked by that."""
    told = []
    start_worker(source=copy)
    with DaskCluster(scheduler, LESSONS, "strong", tell=told.append) as cluster:
        check = copy / "lessons" / LESSON.name / "tests" / "test_page.py"
        check.write_text(check.read_text("utf-8") + "\n# changed\n", "utf-8")
        coming = cluster.mark(orders[:2])
        start_worker()
        came = marks(coming)
    assert {student: mark[0] for student, mark in came.items()} == {"anna": "pass", "boris": "pass"}
    assert f" has {LESSON.name} in the state " in str(told[0])


# ---- What goes wrong.


def silent() -> socket.socket:
    """Return a server that takes connections and never says a word."""
    server = socket.create_server(("127.0.0.1", 0))
    server.listen()
    return server


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("tcp://127.0.0.1:1", "Timed out trying to connect"),
        ("tcp://127.0.0.1:SILENT", "TimeoutError"),
        ("nowhere", "missing port number"),
        ("http://127.0.0.1:1", "unknown address scheme"),
        ("tls://127.0.0.1:1", "check your TLS configuration"),
    ],
)
def test_a_wrong_address_is_told(workshop, tmp_path, address, cause):
    with silent() as server:
        address = address.replace("SILENT", str(server.getsockname()[1]))
        (tmp_path / "class" / "anna").mkdir(parents=True)
        code, out, errors = workshop("grade", "class", "--lesson", 2, "--cluster", address)
    assert (code, out) == (2, "")
    assert errors.startswith(f"No Dask cluster answers at {address}. ")
    assert cause in errors
    assert "dask scheduler" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "grades" / "records").exists()


def test_how_many_at_a_time_is_for_workers_to_say(workshop, tmp_path):
    code, _out, errors = workshop("grade", tmp_path, "--cluster", "tcp://127.0.0.1:1", "--jobs", 3)
    assert code == 2
    assert "--nthreads" in errors


@pytest.mark.on_demand
def test_a_cluster_without_workers_is_told(scheduler, monkeypatch):
    monkeypatch.setattr(dask_workers, "_FIRST", 1.0)
    with refused() as lines, DaskCluster(scheduler, LESSONS, "strong"):
        pass
    assert lines[0] == "The cluster has no workers."


#: Laid into workers by Dask's own means: what one student hands in ends them, what another does
#: makes them fail, in a way of which Dask tells nobody.
FATAL = """
import os
from channels_workshop.grading import cluster_worker

def fall():
    fall()

def mark_order(order, judge, mark_order=cluster_worker.mark_order):
    if order.submission.student == "egon":
        os._exit(1)
    if order.submission.student == "fine":
        fall()
    return mark_order(order, judge)

cluster_worker.mark_order = mark_order
"""


@pytest.mark.on_demand
def test_what_ends_its_workers_has_no_mark(tmp_path, start_worker, scheduler, orders, marks_here):
    """That is our fault. Whoever is judged beside it is judged again, and has their mark."""
    (tmp_path / "fatal.py").write_text(FATAL)
    start_worker("--preload", tmp_path / "fatal.py", count=2)
    with DaskCluster(scheduler, LESSONS, "strong") as cluster:
        came = {graded.student: graded for graded in cluster.mark(orders[2:])}
    egon, fine = came.pop("egon"), came.pop("fine")
    for lost in (egon, fine):
        assert (lost.status, lost.score, lost.verdict) == ("error", None, None)
    assert "Its workers were lost, 3 times" in str(egon.reason)
    assert "RecursionError" in str(fine.reason)
    assert marks(came.values()) == {name: marks_here[name] for name in came}
    assert set(came) == {"clara", "dora"}


@pytest.mark.on_demand
def test_an_order_that_nobody_has_is_sent_again(monkeypatch, start_worker, scheduler, orders):
    """Dask loses one in a hundred thousand, say: a grading must not wait for it for ever."""
    monkeypatch.setattr(dask_cluster, "_UNSEEN", 0.0)
    monkeypatch.setattr(dask_workers, "_LOOK", 0.0)
    monkeypatch.setattr(dask_cluster, "_TRIES", 1)
    start_worker()
    with DaskCluster(scheduler, LESSONS, "strong") as cluster:
        monkeypatch.setattr(cluster._client, "processing", dict)
        (graded,) = cluster.mark(orders[:1])
    assert graded.status == "error"
    assert "Its workers were lost, 1 times" in str(graded.reason)


@pytest.mark.on_demand
def test_a_scheduler_that_is_lost_costs_no_mark(monkeypatch, orders, start_worker, scheduler):
    """What it had not brought back by then has no mark, and is to be tried again."""
    monkeypatch.setattr(dask_cluster, "_RECONNECTING", 1.0)
    start_worker()
    with DaskCluster(scheduler, LESSONS, "strong") as cluster:
        coming = cluster.mark(orders)
        came = [next(coming)]
        os.kill(cluster._client.run_on_scheduler(os.getpid), signal.SIGKILL)
        came += coming
    assert len(came) == len(orders)
    assert came[0].status != "error"
    reason = "The cluster is gone: its scheduler does not answer any more."
    assert {str(graded.reason) for graded in came if graded.status == "error"} == {reason}
    assert came[-1].status == "error"


class IdleJudge:
    """Stands for a judging process."""

    def __init__(self, sandbox):
        self.closed = False

    def close(self):
        self.closed = True


@pytest.mark.on_demand
def test_at_the_end_only_those_rest_that_judge_nothing(monkeypatch):
    """Two gradings may use the same workers."""
    monkeypatch.setattr(cluster_worker, "Judge", IdleJudge)
    judges = cluster_worker._Judges()
    with judges.one("strong") as at_work:
        with judges.one("strong") as idle:
            pass
        judges.end_waiting()
        assert (at_work.closed, idle.closed) == (False, True)
    with judges.one("strong") as again:
        assert again is at_work
    judges.end_waiting()
    assert at_work.closed
