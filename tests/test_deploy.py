"""Lesson 06's further/operate/deploy: what can be proved of it without Docker."""

import contextlib
import importlib.util
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
import yaml
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from channels_workshop.course.copies import lay_further, write_project
from channels_workshop.course.lessons import LESSONS, find_lesson
from channels_workshop.judging.needs import why_missing
from channels_workshop.processes.children import FailedToStart
from channels_workshop.processes.options import ServerOptions, project_environment
from channels_workshop.processes.redis import start_redis
from channels_workshop.processes.supervised import start_until_ready, stop_supervised
from channels_workshop.processes.supervisor import Supervisor
from nginx_proxy import start_nginx

# Left to .ci/run: real servers, and many of them.
pytestmark = pytest.mark.slow

DEPLOY = LESSONS / "06_scaling_redis" / "further" / "operate" / "deploy"
NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
#: Written by compose for a missing variable, or one with a default: `${NAME:-…}`, `${NAME:?…}`.
VARIABLE = re.compile(r"\$\{(\w+):([-?])([^}]*)\}")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(s|m|ms)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60}[unit]


def instruction(name):
    """Return what the only line of that kind in the Dockerfile says, continuation lines joined."""
    (found,) = re.findall(rf"^{name} (.+)$", re.sub(r"\\\n\s*", "", DOCKERFILE), re.MULTILINE)
    return found


def command():
    """Return the image's command; a list, so that no shell stands between SIGTERM and uvicorn."""
    return json.loads(instruction("CMD"))


def option(name):
    words = command()
    return words[words.index(name) + 1]


# ---- compose.yaml


@pytest.mark.skipif(
    importlib.util.find_spec("check_jsonschema") is None,
    reason="check-jsonschema is missing: it holds the schema of the Compose specification",
)
def test_compose_keeps_to_the_schema():
    run = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")),
        ],
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_name_in_it_stands_for_something(compose, services):
    assert services.keys() == {"redis", "prepare", "app1", "app2", "nginx"}
    for name, service in services.items():
        assert ("image" in service) or ("build" in service), name
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services, (name, needed)
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[needed], needed
            else:
                assert how["condition"] == "service_completed_successfully"
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).is_file(), source
            else:
                assert source in compose["volumes"], source
        if build := service.get("build"):
            context = (DEPLOY / build["context"]).resolve()
            # The project's folder, which is this overlay over a copy of the lesson.
            assert context == DEPLOY.parent
            assert (context / build["dockerfile"]).is_file()


def test_nginx_knows_the_two_processes_by_name(services):
    backends = re.findall(r"^\s*server ([\w.-]+):(\d+)", NGINX, re.MULTILINE)
    processes = [name for name in services if name.startswith("app")]
    assert backends == [(name, option("--port")) for name in processes]
    assert services["app1"] == services["app2"]
    published, inside = services["nginx"]["ports"][0].rsplit(":", 1)
    assert published.startswith("127.0.0.1:")
    assert f"listen {inside};" in NGINX
    # Everything else is reached within only.
    assert [name for name in services if "ports" in services[name]] == ["nginx"]


def test_what_the_settings_read_is_given(services):
    environment = services["app1"]["environment"]
    module = environment["DJANGO_SETTINGS_MODULE"]
    assert (DEPLOY.parent / Path(*module.split("."))).with_suffix(".py").is_file()
    settings = (DEPLOY / "settings.py").read_text("utf-8")
    needed = set(re.findall(r'os\.environ\["(\w+)"\]', settings))
    assert needed <= environment.keys()
    assert VARIABLE.search(environment["SECRET_KEY"])[2] == "?", "there is no default for a secret"
    host = re.fullmatch(r"redis://(\w+):6379", environment["REDIS_URL"])[1]
    assert host in services
    data, static = (mount.split(":")[1] for mount in services["app1"]["volumes"])
    assert environment["DATABASE"].startswith(data + "/")
    assert environment["STATIC_ROOT"] == static
    assert f"mkdir {data} {static} && chown chat:chat {data} {static}" in DOCKERFILE


def test_one_prepares_before_the_others_start(services):
    *_shell, commands = services["prepare"]["command"]
    assert commands.split(" && ") == [
        "python manage.py migrate",
        "python manage.py collectstatic --noinput",
    ]
    for name in ("app1", "app2"):
        condition = services[name]["depends_on"]["prepare"]["condition"]
        assert condition == "service_completed_successfully"


def test_nginx_serves_what_was_collected(services):
    sources = dict(mount.split(":")[:2] for mount in services["nginx"]["volumes"])
    (served,) = re.findall(r"location /static/ \{\s+root ([^;]+);", NGINX)
    assert sources["static"] == f"{served}/static"


def test_times_fit_each_other(services):
    read_timeout = seconds(re.search(r"proxy_read_timeout (\w+);", NGINX)[1])
    assert 2 * float(option("--ws-ping-interval")) <= read_timeout
    grace = seconds(services["app1"]["stop_grace_period"])
    assert float(option("--timeout-graceful-shutdown")) < grace


def test_the_image_leaves_out_what_it_must_not_hold():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").split("\n")
    assert {"**/*.sqlite3", "tests", "stubs", "accepted", "further", ".env"} <= set(ignored)
    assert re.search(r"^USER chat$", DOCKERFILE, re.MULTILINE)


# ---- The image's own command, before nginx.


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The lesson's project, as the image holds it."""
    folder = tmp_path_factory.mktemp("deployed") / "project"
    lesson = find_lesson("6")
    write_project(lesson, folder)
    lay_further(lesson, "operate", folder)
    return folder


@pytest.fixture(scope="module")
def options(project):
    server = start_redis()
    environment = {
        "SECRET_KEY": "for this test",
        "ALLOWED_HOSTS": "chat.example,127.0.0.1",
        "DATABASE": str(project / "data.sqlite3"),
        "REDIS_URL": server.url,
    }
    yield ServerOptions(settings="deploy.settings", environment=environment)
    server.stop()


@contextlib.contextmanager
def deployed(project, options):
    """Run the image's command, on loopback and a free port; give where it listens."""
    words = command()
    assert words[0] == "uvicorn"
    for name, instead in (("--host", "127.0.0.1"), ("--port", "0")):
        words[words.index(name) + 1] = instead
    process, ready = start_until_ready(
        [sys.executable, "-m", *words],
        re.compile(rb"running on http://127\.0\.0\.1:(\d+)"),
        folder=project,
        environment=project_environment(options),
    )
    try:
        yield SimpleNamespace(host="127.0.0.1", port=int(ready[1]))
    finally:
        stop_supervised(process)


def manage(project, options, *command, into=None):
    """Run `manage.py COMMAND…`; static files are collected below the folder `into`."""
    static = {"STATIC_ROOT": str(into / "static")} if into else {}
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=project,
        env=project_environment(options.adding(static)),
        check=True,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.skipif(
    why_missing("nginx") is not None, reason="nginx is missing: apt-get install nginx"
)
def test_the_images_command_serves_behind_nginx(project, options):
    manage(project, options, "migrate", "--verbosity", "0")
    with deployed(project, options) as one, deployed(project, options) as two:
        nginx = start_nginx(NGINX, [one, two])
        try:
            page = httpx.get(nginx.origin, trust_env=False, headers={"Host": "chat.example"})
            assert page.status_code == 200
            # What the page loads is served by nginx alone, once it has been collected.
            loaded = re.findall(r'"(/static/[^"]+\.(css|js))"', page.text)
            for path, _kind in loaded:
                assert httpx.get(nginx.origin + path, trust_env=False).status_code == 404
            manage(project, options, "collectstatic", "--noinput", into=nginx.project / "srv")
            kinds = {"css": "text/css", "js": "text/javascript"}
            for path, kind in loaded:
                served = httpx.get(nginx.origin + path, trust_env=False)
                assert served.headers["Content-Type"] == kinds[kind]
                asked = httpx.get(f"http://{one.host}:{one.port}{path}", trust_env=False)
                assert (served.status_code, asked.status_code) == (200, 404)
            strange = httpx.get(nginx.origin, trust_env=False, headers={"Host": "evil.example"})
            assert strange.status_code == 400
            assert "DEBUG" not in strange.text
            address = nginx.origin.replace("http:", "ws:") + "/ws/chat/tea/"
            with connect(address, origin="https://chat.example", proxy=None) as socket:
                assert socket.protocol.extensions == []  # none was agreed on: no compression
            with pytest.raises(InvalidStatus) as refused:
                with connect(address, origin="https://evil.example", proxy=None):
                    pass
            assert refused.value.response.status_code == 403
        finally:
            nginx.stop()


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE"])
def test_without_what_it_needs_it_does_not_start(missing, project, options, tmp_path):
    given = {name: value for name, value in options.environment.items() if name != missing}
    with Supervisor() as supervisor, pytest.raises(FailedToStart, match=missing):
        supervisor.serve(project, tmp_path / "log", replace(options, environment=given))
