"""Demos: scripts and their errors, what the audience sees and when, rehearsals, pages, recordings."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from channels_workshop import REPOSITORY
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.course.toml_file import BrokenDescription
from channels_workshop.judging.browser import browser, can_drive, find_browser
from channels_workshop.judging.timeline import Moment
from channels_workshop.processes.supervisor import Supervisor
from channels_workshop.stage.access_code import AccessCode
from channels_workshop.stage.demo import events
from channels_workshop.stage.demo.copybook import changed_lines
from channels_workshop.stage.demo.pages.performance import Performance
from channels_workshop.stage.demo.recording import shown_in
from channels_workshop.stage.demo.rehearsal import rehearse
from channels_workshop.stage.demo.script import FILE, load_demo
from channels_workshop.stage.demo.state import State, after, comparable
from channels_workshop.stage.demo.theatre import Onlooker, Theatre

#: Seconds within which what must happen has happened, or the test fails.
PATIENCE = 60

LESSON = find_lesson("3")
PAGES = REPOSITORY / "src" / "channels_workshop" / "stage" / "demo" / "pages"
CATALOGUE = PAGES / "locale" / "ru" / "LC_MESSAGES" / "django.po"

BEGIN = """[demo]
title = {en = "A demo", ru = "Демонстрация"}

[[steps]]
id = "one"
title = {en = "One", ru = "Раз"}
minutes = 1
say = {en = ["Say it."], ru = ["Скажите."]}
"""


# ---- The script


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.name)
def test_each_lesson_has_a_demo_that_takes_five_to_ten_minutes(lesson):
    demo = load_demo(lesson)
    assert 5 <= demo.minutes <= 10
    assert any(step.code for step in demo.steps)
    assert sum(len(step.sees) for step in demo.steps) >= len(demo.steps)


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.name)
def test_a_demo_speaks_russian(lesson):
    demo = load_demo(lesson)
    for words in [demo.title, *(step.title for step in demo.steps)]:
        assert re.search("[а-яё]", words.ru, re.IGNORECASE) or words.en == words.ru, words
    for step in demo.steps:
        assert all(re.search("[а-яё]", text, re.IGNORECASE) for text in step.say.ru), step.id


@pytest.mark.parametrize(
    ("added", "line", "said"),
    [
        (
            'acts = [\n  {do = "serve", server = "a"},\n  {do = "dance"},\n]',
            11,
            "Invalid value 'dance'",
        ),
        ('acts = [\n  {do = "serve", server = "a"},\n  {do = "kill"},\n]', 11, "`server`"),
        ('acts = [\n  {do = "kill", server = "a"},\n]', 10, "no server 'a' yet"),
        ('sees = [\n  {see = "open", who = "ann"},\n]', 10, "no client 'ann' yet"),
        ('acts = [\n  {do = "fill", section = "conect"},\n]', 10, "no section 'conect'"),
        (
            'acts = [\n  {do = "fill", section = "connect", of = "mistakes/no"},\n]',
            10,
            "mistakes/no",
        ),
        ('acts = [\n  {do = "fill"},\n]', 10, "a section or a file"),
        ('acts = [\n  {do = "stop_redis"},\n]', 10, "no Redis runs here"),
        ('acts = [\n  {do = "serve", server = "a"},\n]', 5, "nothing has to be seen"),
        ('code = ["conect"]', 9, "neither a section nor a file"),
        ("say = 1", 9, "not TOML"),
    ],
)
def test_what_is_no_demo_is_told_with_its_line(tmp_path, added, line, said):
    path = tmp_path / FILE
    path.write_text(BEGIN + added, encoding="utf-8")
    with pytest.raises(BrokenDescription) as broken:
        load_demo(LESSON, path)
    assert str(broken.value.message).startswith(f"{path}:{line}: ")
    assert said in str(broken.value.message)
    assert str(broken.value.fix)


def test_changed_lines_are_those_that_were_not_there():
    assert changed_lines("a\nb\nc\n", "a\nB\nc\nd\n") == [1, 3]
    assert changed_lines("a\nb\n", "b\n") == []


# ---- The state


def test_events_add_up_to_what_the_stage_shows():
    state = State()
    for event in [
        events.ServerUp("chat", "http://127.0.0.1:1", "uvicorn"),
        events.RedisIs(True),
        events.Told("chat", Moment("ann", "connects", "/ws/")),
        events.Opened("ann", "chat"),
        events.Filled("connect", "chat/consumers.py", "one\ntwo\n", [1]),
        events.Printed("chat", "a line"),
        events.ServerDown("chat"),
        events.Told("chat", Moment("ann", "closed", "1006 ")),
    ]:
        state = after(state, event)
    assert not state.servers["chat"].up
    assert state.servers["chat"].lines == ("a line",)
    assert state.clients["ann"].connected == "closed"
    assert [moment.what for moment in state.clients["ann"].moments] == ["connects", "closed"]
    assert state.code["connect"].changed == (1,)
    assert state.redis is True
    elsewhere = after(state, events.ServerUp("chat", "http://127.0.0.1:2", "uvicorn"))
    again = after(state, events.ServerUp("chat", "http://127.0.0.1:3", "uvicorn"))
    assert elsewhere != again
    assert comparable(elsewhere) == comparable(again)


class Audience(Onlooker):
    """Notes how often it was shown something, and what it sees."""

    def __init__(self):
        self.times = 0
        self.state = None

    def shown(self, event, state):
        self.times += 1
        self.state = state


def small_demo(tmp_path, sees):
    """Return a demo of lesson 03 with two steps; the second has to see `sees`."""
    path = tmp_path / FILE
    path.write_text(
        BEGIN
        + 'acts = [{do = "serve", server = "chat"}, '
        + '{do = "connect", who = "ann", server = "chat", path = "/ws/chat/tea/"}]\n'
        + 'sees = [{see = "open", who = "ann"}]\n'
        + BEGIN[BEGIN.index("[[steps]]") :].replace('"one"', '"two"')
        + 'acts = [{do = "send", who = "ann", frame = {message = "hello"}}, '
        + '{do = "fill", section = "connect", of = "stubs"}]\n'
        + f"sees = [{sees}]\n",
        encoding="utf-8",
    )
    return load_demo(LESSON, path)


HEARD = '{see = "frame", who = "ann", frame = {message = "hello"}}'
NOT_HEARD = '{see = "frame", who = "ann", frame = {message = "goodbye"}}'


async def test_back_and_jump_restore_what_was_there(tmp_path):
    audience = Audience()
    with Supervisor() as supervisor:
        theatre = Theatre(small_demo(tmp_path, HEARD), supervisor, PATIENCE)
        theatre.onlookers.append(audience)
        try:
            await theatre.open()
            seen = [comparable(theatre.state)]
            for _step in range(2):
                await theatre.next()
                assert theatre.missed is None
                seen.append(comparable(theatre.state))
            await theatre.next()  # there is none
            assert theatre.position == 2
            for place in (1, 2, 0):
                await theatre.go_to(place)
                assert (theatre.position, comparable(audience.state)) == (place, seen[place])
            await theatre.go_to(3)  # there is no such place
            assert theatre.position == 0
        finally:
            await theatre.close()
    assert "not_written" in seen[2].code["connect"].text


async def test_what_does_not_come_is_kept_from_the_audience(tmp_path):
    demo = small_demo(tmp_path, NOT_HEARD)
    recorded = {"two": [events.Told("chat", Moment("ann", "receives", "as recorded"))]}
    audience = Audience()
    with Supervisor() as supervisor:
        theatre = Theatre(demo, supervisor, PATIENCE, recorded)
        theatre.onlookers.append(audience)
        try:
            await theatre.open()
            await theatre.next()
            before, times = audience.state, audience.times
            await theatre.next()
            assert theatre.missed.step.id == "two"
            assert '{"message": "goodbye"}' in str(theatre.missed.expected)
            assert '{"message": "hello"}' in str(theatre.missed.actual)
            await theatre.next()  # not before somebody has decided
            assert (audience.state, audience.times) == (before, times)
            await theatre.again()
            assert theatre.missed is not None
            assert comparable(audience.state) == comparable(before)
            await theatre.go_on()
            assert (theatre.missed, theatre.position) == (None, 2)
            assert audience.state.clients["ann"].moments[-1].frame == "as recorded"
        finally:
            await theatre.close()


# ---- Who presents


def test_one_presents_and_the_others_watch(tmp_path):
    performance = Performance(None, AccessCode("presenter"), [])
    performance.enter("laptop")
    performance.enter("phone")
    performance.enter("tablet")
    assert performance.presenting == "laptop"
    performance.take("tablet")
    assert performance.presenting == "tablet"
    performance.leave("tablet")
    assert performance.presenting == "phone"
    performance.leave("laptop")
    performance.leave("phone")
    assert performance.presenting is None
    performance.enter("laptop")
    assert performance.presenting == "laptop"


def test_the_code_is_taken_as_people_type_it():
    code = AccessCode("presenter")
    assert code.fits(f" {code.text[:4].upper()} {code.text[4:]} ")
    assert not code.fits(code.text[:-1])
    assert not code.fits("ключ")
    assert not code.fits(None)
    assert AccessCode("presenter").text != code.text


# ---- Rehearsals


async def test_a_rehearsal_notices_what_has_changed(tmp_path):
    with Supervisor() as supervisor:
        good = await rehearse(small_demo(tmp_path, HEARD), supervisor)
        bad = await rehearse(small_demo(tmp_path, NOT_HEARD), supervisor, times=3)
    assert good.failed == []
    assert good.played >= 2
    assert [len(pictures) > 0 for pictures in shown_in(good)] == [True] * 3
    (failed,) = bad.failed
    assert (failed.step, failed.round, failed.way) == ("two", 1, "++")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("demo", "Say which lesson: "),
        ("demo 9", "There is no lesson “9”"),
        ("demo 3 --times 2", "--times, --seed and --json go with --rehearse."),
        ("demo 3 --rehearse --record x.html", "choose one of them"),
        ("demo 3 --rehearse --port 8300", "--host and --port are for a demo that is shown."),
        ("demo 3 --host 192.0.2.7", "192.0.2.7 is not an address of this machine."),
    ],
)
def test_wrong_usage_names_cause_and_fix(workshop, arguments, said):
    code, out, errors = workshop(*arguments.split())
    assert (code, out) == (2, "")
    assert said in errors


@pytest.mark.slow
def test_all_demos_come_with_jumps_and_no_hands():
    run = subprocess.run(
        [sys.executable, "-m", "channels_workshop", "demo", "--rehearse", "--seed=7", "--json"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    report = json.loads(run.stdout)
    assert (run.returncode, run.stderr) == (0, ""), report
    assert (report["version"], report["ok"], report["seed"]) == (1, True, 7)
    assert [demo["lesson"] for demo in report["demos"]] == [lesson.name for lesson in all_lessons()]
    assert all(demo["failed"] == [] for demo in report["demos"])
    assert all(demo["played"] > demo["steps"] for demo in report["demos"])


@pytest.mark.slow
async def test_a_heart_that_goes_on_is_noticed(tmp_path):
    """The demo of lesson 01, with a view that does not block: the step that needs it fails."""
    lesson = find_lesson("1")
    text = (lesson.folder / FILE).read_text(encoding="utf-8")
    path = tmp_path / FILE
    path.write_text(text.replace("mistakes/hidden_in_a_helper", "reference"), encoding="utf-8")
    with Supervisor() as supervisor:
        rehearsed = await rehearse(load_demo(lesson, path), supervisor)
    (failed,) = rehearsed.failed
    assert (failed.step, str(failed.actual)) == ("it-stops", "it was answered before")


# ---- The pages


class Shown:
    """`demo 3` as a process: what it says, and where its pages are."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "channels_workshop", "demo", "3", "--no-browser", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env={**os.environ, "WORKSHOP_LANG": "en", "COLUMNS": "200", "PYTHONUNBUFFERED": "1"},
        )
        self.said = ""
        while "Ctrl-C" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        found = re.search(r"(http://127\.0\.0\.1:(\d+)/en/)presenter/\?code=(\w+)", self.said)
        self.stage, self.port, self.code = found[1], int(found[2]), found[3]
        self.presenter = found[0]

    def end(self):
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, rest


@pytest.fixture
def shown():
    demo = Shown()
    yield demo
    if demo.process.poll() is None:
        demo.end()


def until(socket, holds):
    """Return the first frame for which `holds`."""
    while True:
        frame = json.loads(socket.recv(timeout=PATIENCE))
        if holds(frame):
            return frame


def socket_of(shown, page, cookie=""):
    return connect(
        f"ws://127.0.0.1:{shown.port}/ws/{page}/",
        origin=shown.stage.removesuffix("/en/"),
        additional_headers={"Cookie": cookie},
        proxy=None,
    )


def presenter_of(shown):
    return socket_of(shown, "en/presenter", f"presenter={shown.code}")


def is_at(position):
    return lambda frame: (
        frame.get("presenter", {}).get("position") == position and not frame["presenter"]["busy"]
    )


@pytest.mark.slow
def test_the_pages_over_http_are_for_whoever_has_the_code(shown):
    assert "✓ All 8 steps were played, and came." in shown.said
    with httpx.Client(trust_env=False, timeout=PATIENCE) as visitor:
        assert "The room that hears nobody" in visitor.get(shown.stage).text
        refused = visitor.get(f"{shown.stage}presenter/?code=wrong")
        assert (refused.status_code, "not the code" in refused.text) == (403, True)
        followed = visitor.get(shown.presenter, follow_redirects=True)
        assert "code=" not in str(followed.url)
        assert "Next step" in followed.text
        assert "Сцена готова." in visitor.get(shown.stage.replace("/en/", "/ru/")).text
        assert visitor.get(shown.stage.replace("/en/", "/static/draw.js")).status_code == 200
        assert visitor.get(shown.stage.replace("/en/", "/static/..%2Fviews.py")).status_code == 404
        foreign = visitor.get(shown.stage, headers={"Host": "elsewhere.example"})
        assert foreign.status_code == 400
    code, rest = shown.end()
    assert (code, "Everything has ended." in rest) == (0, True)


@pytest.mark.slow
@pytest.mark.parametrize("host", ["127.0.0.2", "0.0.0.0"])
def test_a_phone_reaches_it_at_the_address_that_is_asked_for(host):
    shown = Shown("--host", host)
    try:
        address, called = re.search(
            r"From a phone: (http://([\d.]+):\d+/en/presenter/)", shown.said
        ).groups()
        assert (called == host) == (host != "0.0.0.0")
        assert (
            httpx.get(address, trust_env=False).status_code == 403
        )  # the code has yet to be typed
        assert httpx.get(shown.stage, trust_env=False).status_code == 200
        foreign = {"Host": "evil.example"}
        assert httpx.get(address, headers=foreign, trust_env=False).status_code == 400
    finally:
        assert shown.end()[0] == 0


@pytest.mark.slow
def test_the_pages_follow_whoever_presents(shown):
    with ExitStack() as kept:
        stage = kept.enter_context(socket_of(shown, "ru/stage"))
        assert until(stage, lambda frame: True)["position"] == 0
        stranger = kept.enter_context(socket_of(shown, "en/presenter", "presenter=wrong"))
        with pytest.raises(ConnectionClosed) as closed:
            stranger.recv(timeout=PATIENCE)
        assert closed.value.rcvd.code == 4401
        first = kept.enter_context(presenter_of(shown))
        until(first, is_at(0))
        second = kept.enter_context(presenter_of(shown))
        assert until(second, is_at(0))["presenter"]["presents"] is False
        second.send('{"do": "next"}')  # is not heard
        first.send('{"do": "dance"}')
        refusal = until(first, lambda frame: frame.get("type") == "error")
        assert refusal["code"] == "not_understood"
        first.send('{"do": "next"}')
        assert until(first, is_at(1))["presenter"]["now"]["title"] == "Two people in one room"
        assert until(stage, lambda frame: frame["position"] == 1)["step"] == "Двое в одной комнате"
        first.close()  # a killed browser
        until(second, lambda frame: frame.get("presenter", {}).get("presents"))
        second.send('{"do": "jump", "to": 4}')
        now = until(stage, lambda frame: frame["position"] == 4)
        assert [line["text"].strip() for line in now["code"][0]["lines"] if line["new"]] == [
            "await self.channel_layer.group_add(self.group, self.channel_name)"
        ]
        until(second, is_at(4))
        second.send('{"do": "back"}')
        until(second, is_at(3))
        reloaded = kept.enter_context(presenter_of(shown))
        assert until(reloaded, is_at(3))["presenter"]["elapsed"] is not None


def test_every_word_of_the_pages_has_its_russian(assert_translated):
    assert_translated(PAGES, CATALOGUE)


# ---- In a real browser

needs_browser = pytest.mark.skipif(
    not (can_drive() and find_browser()), reason="needs a browser and playwright"
)
SIZES = [(1280, 720), (1920, 1080), (390, 844)]


@pytest.mark.slow
@needs_browser
async def test_stage_and_presenter_in_a_browser(shown):
    async with browser() as chromium:
        stages = []
        for width, height in SIZES:
            page = await chromium.new_page(viewport={"width": width, "height": height})
            await page.emulate_media(reduced_motion="reduce")
            await page.goto(shown.stage)
            stages.append(page)
        context = await chromium.new_context(viewport={"width": 390, "height": 844})
        presenter = await context.new_page()
        await presenter.goto(shown.presenter)
        for position in range(1, 9):
            await presenter.click("#forward:enabled")
            await step_has_come(presenter, position)
            for page, (width, height) in zip(stages, SIZES, strict=True):
                await page.wait_for_selector(f".progress[aria-label='{position} / 8']")
                fits = await page.evaluate(FITS)
                assert fits["width"] <= width, (position, fits)
                if height < width:  # a projector does not scroll
                    assert fits["height"] <= height, (position, fits)
                    assert fits["smallest"] >= 11, (position, fits)
            assert (await presenter.evaluate(FITS))["width"] <= 390
        await presenter.reload()
        await presenter.wait_for_selector("#back:enabled")
        second = await context.new_page()
        await second.goto(f"{shown.stage}presenter/")
        await second.wait_for_selector("#watching:not([hidden])")
        assert await second.is_disabled("#back")
        await second.click("#watching button")
        await second.wait_for_selector("#back:enabled")
        await presenter.wait_for_selector("#watching:not([hidden])")
        await second.keyboard.press("ArrowLeft")
        await stages[0].wait_for_selector(".progress[aria-label='7 / 8']")
        await stages[0].reload()
        await stages[0].wait_for_selector(".progress[aria-label='7 / 8']")
        assert await stages[0].locator(".client").count() == 3
        await second.wait_for_selector("#back:enabled")
        await asyncio.to_thread(shown.end)
        await second.wait_for_selector("#back:disabled")  # nobody would hear it


async def step_has_come(presenter, position):
    """Wait for a step; what a busy machine misses is tried again, as a presenter would."""
    for _try in range(3):
        await presenter.wait_for_function(
            """place => document.getElementById("place").textContent.startsWith(place)
                || !document.querySelector("#missed button").matches("[hidden] *, :disabled")""",
            arg=f"{position} /",
            timeout=PATIENCE * 1000,
        )
        if await presenter.is_hidden("#missed"):
            return
        missed = await presenter.inner_text("#missed")
        await presenter.click("#missed [data-do=again]")
    pytest.fail(missed)


FITS = """() => ({
  width: document.documentElement.scrollWidth,
  height: document.documentElement.scrollHeight,
  smallest: Math.min(...[...document.querySelectorAll("code, p, h2, pre")]
    .filter((element) => element.textContent.trim() && element.offsetParent)
    .map((element) => parseFloat(getComputedStyle(element).fontSize))),
})"""


@pytest.mark.slow
@needs_browser
async def test_a_recording_replays_without_network(tmp_path):
    file = tmp_path / "demo.html"
    run = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "channels_workshop",
        "--lang",
        "ru",
        "demo",
        "3",
        "--record",
        str(file),
    )
    assert await run.wait() == 0
    assert not re.search(r'(src|href)="(?!data:)', file.read_text(encoding="utf-8"))
    async with browser() as chromium:
        context = await chromium.new_context(offline=True, reduced_motion="reduce")
        page = await context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(error))
        await page.goto(Path(file).as_uri())
        for position in range(1, 9):
            await page.click("#forward")
            await page.wait_for_selector(f".progress[aria-label='{position} / 8']")
        assert await page.is_disabled("#forward")
        assert "Группа и есть комната" in await page.inner_text("#notes")
        assert await page.locator(".client").count() == 3
        await page.click("#back")
        await page.wait_for_selector(".progress[aria-label='7 / 8']")
        assert errors == []
