"""The pages of the lessons' projects are in the language that the browser asks for.

Django translates the templates, from `locale` in each app; the words of a script are in its
`words.js`, and the page's `lang` chooses. Both languages have all of them.
"""

import ast
import io
import json
import re

import httpx
import pytest
import pytest_asyncio
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from channels_workshop.course.copies import write_project
from channels_workshop.course.lessons import all_lessons, find_lesson
from channels_workshop.judging.browser import PATIENCE, browser, can_drive, find_browser
from channels_workshop.processes.options import ServerOptions
from channels_workshop.processes.supervisor import Supervisor

#: The app that has the pages, by lesson.
APPS = {
    lesson.name: lesson.folder / app
    for lesson, app in zip(all_lessons(), ["waiting", "console", *["chat"] * 4], strict=True)
}
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
RUSSIAN = {"Accept-Language": "ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7"}
LANGUAGES = {
    "ru": [RUSSIAN],
    "en": [{}, {"Accept-Language": "en-GB,en;q=0.9,ru;q=0.8"}, {"Accept-Language": "de"}],
}

each_app = pytest.mark.parametrize("app", APPS.values(), ids=APPS)


# ---- All words are there in both languages


def catalogue_of(app):
    path = app / "locale" / "ru" / "LC_MESSAGES" / "django.po"
    with path.open("rb") as file, path.with_suffix(".mo").open("rb") as compiled:
        return read_po(file, locale="ru"), read_mo(compiled)


def words_in(catalogue):
    return {entry.id: entry.string for entry in catalogue if entry.id}


def in_templates(app):
    """Return what the templates of an app have translated, and what they are given for that."""
    found = set()
    for path in app.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        source = io.BytesIO(templatize(text, origin=path.name).encode())
        found.update(message for _, message, *_ in extract("python", source))
        if "{% translate refused %}" in text:
            frames = ast.parse((app / "frames.py").read_text(encoding="utf-8"))
            details = next(
                ast.literal_eval(node.value)
                for node in frames.body
                if isinstance(node, ast.Assign) and node.targets[0].id == "DETAILS"
            )
            found.add(details["bad_room"])
    return found


def in_scripts(app):
    found = set()
    for path in app.rglob("*.js"):
        with path.open("rb") as file:
            said = extract(
                "javascript", file, {"say": None}, options={"parse_template_string": True}
            )
            found.update(message for _, message, *_ in said)
    # With values, it is extracted together with them.
    return {text if isinstance(text, str) else text[0] for text in found}


def words_of(app):
    """Return what `words.js` says in Russian."""
    (path,) = app.rglob("words.js")
    words = re.search(r"^const RUSSIAN = (\{.*?),\n\};$", path.read_text("utf-8"), re.M | re.S)
    return json.loads(words[1] + "}", object_pairs_hook=without_doubles)


def without_doubles(pairs):
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


@each_app
def test_every_word_of_a_template_has_its_russian(app):
    catalogue, _ = catalogue_of(app)
    russian = words_in(catalogue)
    assert set(russian) == in_templates(app)
    is_translated(russian, r"%\(\w+\)s|<[^>]+>")


@each_app
def test_every_word_of_a_script_has_its_russian(app):
    russian = words_of(app)
    assert set(russian) == in_scripts(app)
    is_translated(russian, r"\{\}")


def is_translated(russian, fields):
    for text, translated in russian.items():
        assert re.findall(fields, text) == re.findall(fields, translated), text
        # What is left is words in no language: `{} s`.
        assert CYRILLIC.search(translated), text
        assert not CYRILLIC.search(text)


@each_app
def test_what_a_template_says_is_translated(app):
    """No word stands in a template as it is, but names and what is the same in both languages."""
    for path in app.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for gone in (
            r"(?s)\{% blocktranslate.*?endblocktranslate %\}|<(script|code|kbd)\b.*?</\1>",
            r'(?s)<p class="rooms">.*?</p>|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}',
        ):
            text = re.sub(gone, "", text)
        said = re.findall(r">([^<>]*)<", text)
        said += re.findall(r'\b(?:title|placeholder|aria-label|alt|data-empty)="([^"]*)"', text)
        assert not [words for words in said if re.search("[A-Za-zА-я]", words)], path.name
    for path in app.rglob("*.css"):
        assert not re.search(r'content: *"[^"]*[A-Za-z]', path.read_text(encoding="utf-8"))


@each_app
def test_the_compiled_catalogue_is_up_to_date(app):
    # Not byte by byte: `msgfmt` and `pybabel compile` write the header each in its own way.
    catalogue, compiled = catalogue_of(app)
    assert words_in(compiled) == words_in(catalogue)


# ---- What is served

LOBBY = ("/", 200, "Choose a room", "Выберите комнату")
ROOM = ("/chat/tea/", 200, "Write a message", "Напишите сообщение")
REFUSED = (
    f"/chat/{'x' * 201}/",
    400,
    "This room name is refused. A room name is one line",
    "Такое имя комнаты недопустимо. Имя комнаты — одна строка",
)
LOGIN = ("/login/", 200, "Password", "Пароль")
PAGES = {
    1: [("/", 200, "4 × async in name", "4 × async на словах")],
    2: [("/", 200, "Knock as a stranger", "Постучать чужим")],
    3: [LOBBY, ROOM, REFUSED],
    4: [LOBBY, ROOM, REFUSED],
    5: [LOBBY, ROOM, REFUSED, LOGIN],
    6: [LOBBY, ROOM, REFUSED, LOGIN],
}


@pytest.fixture(scope="module")
def origin_of(tmp_path_factory):
    """A function that serves a lesson's project, once, and returns its origin."""
    servers = {}
    with Supervisor() as supervisor:

        def serve(number, change=lambda settings: settings):
            key = (number, change(""))
            if key not in servers:
                folder = tmp_path_factory.mktemp("pages")
                write_project(find_lesson(str(number)), folder / "project")
                path = folder / "project" / "config" / "settings.py"
                path.write_text(change(path.read_text("utf-8")), encoding="utf-8")
                options = ServerOptions(migrate=True)
                servers[key] = supervisor.serve(folder / "project", folder / "log", options)
            return servers[key].origin

        yield serve
        for server in servers.values():
            server.stop()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", PAGES)
def test_a_page_is_in_the_language_of_the_browser(origin_of, number, language):
    for headers in LANGUAGES[language]:
        # A session is given as ever; nothing else is kept, and nobody is sent elsewhere.
        with httpx.Client(base_url=origin_of(number), headers=headers, trust_env=False) as client:
            for path, status, *words in PAGES[number]:
                answer = client.get(path)
                assert answer.status_code == status
                said, unsaid = words if language == "en" else reversed(words)
                assert said in answer.text
                assert unsaid not in answer.text
                assert f'<html lang="{language}">' in answer.text
                assert answer.headers["Content-Language"] == language
                assert "Accept-Language" in answer.headers["Vary"]
            assert set(client.cookies) <= {"csrftoken", "sessionid"}


@pytest.mark.parametrize("number", [5, 6])
def test_a_wrong_password_is_told_in_the_language_of_the_browser(origin_of, number):
    with httpx.Client(base_url=origin_of(number), headers=RUSSIAN, trust_env=False) as client:
        client.get("/login/")
        form = {
            "username": "ann",
            "password": "no",
            "csrfmiddlewaretoken": client.cookies["csrftoken"],
        }
        assert "Имя и пароль не подходят друг к другу." in client.post("/login/", data=form).text


def without_languages(settings):
    """Return settings such as `startproject` makes, which say nothing of languages."""
    settings = re.sub(r'^ *"django\.middleware\.locale.*\n', "", settings, flags=re.MULTILINE)
    return re.sub(r"^LANGUAGES = .*\n", "", settings, flags=re.MULTILINE) + "# as they were\n"


@pytest.mark.parametrize("number", [1, 3, 5])
def test_without_the_settings_a_page_is_in_english(origin_of, number):
    with httpx.Client(
        base_url=origin_of(number, without_languages), headers=RUSSIAN, trust_env=False
    ) as client:
        for path, status, english, russian in PAGES[number]:
            answer = client.get(path)
            assert answer.status_code == status
            assert english in answer.text
            assert russian not in answer.text
            assert '<html lang="en">' in answer.text


# ---- What the scripts say


@pytest_asyncio.fixture
async def chromium():
    async with browser() as chromium:
        yield chromium


@pytest.mark.slow
@pytest.mark.skipif(not (find_browser() and can_drive()), reason="needs Chromium and playwright")
async def test_a_script_speaks_the_language_of_its_page(chromium, origin_of):
    said = {
        1: ("/", {"en-US": ["beating"], "ru-RU": ["бьётся"]}),
        2: (
            "/",
            {"en-US": ["Connected", "handshake"], "ru-RU": ["Подключено", "рукопожатие"]},
        ),
        3: ("/chat/tea/", {"en-US": ["Connected"], "ru-RU": ["Подключено"]}),
        4: (
            "/chat/tea/",
            {"en-US": ["1 person here, in 1 tab"], "ru-RU": ["Здесь 1 человек, 1 вкладка"]},
        ),
        5: (
            "/chat/tea/",
            {"en-US": ["Nobody knows you here"], "ru-RU": ["Вас здесь не знают"]},
        ),
    }
    for number, (path, words) in said.items():
        for locale, texts in words.items():
            context = await chromium.new_context(base_url=origin_of(number), locale=locale)
            context.set_default_timeout(PATIENCE)
            page = await context.new_page()
            await page.goto(path)
            if number == 2:
                await page.locator("#toggle").click()
            for text in texts:
                await page.get_by_text(text, exact=True).first.wait_for()
            await context.close()
