"""What the panel says, in both languages: each page speaks its own, whatever the terminal does."""

from ..course.words import Words
from ..language import Language

_WORDS = {
    "site": Words(en="Django Channels workshop", ru="Мастерская Django Channels"),
    "panel": Words(en="Live panel", ru="Живая панель"),
    "project": Words(en="Project", ru="Проект"),
    "lesson": Words(en="Lesson", ru="Урок"),
    "other_language": Words(en="Русский", ru="English"),
    "skip": Words(en="Skip to the verdict", ru="Сразу к вердикту"),
    "needs_javascript": Words(
        en="This page needs JavaScript. The terminal says the same.",
        ru="Этой странице нужен JavaScript. То же самое говорит терминал.",
    ),
    # The connection of the panel itself.
    "connecting": Words(en="Connecting…", ru="Соединение…"),
    "connected": Words(en="Live", ru="На связи"),
    "lost": Words(
        en="The workshop does not answer. Start it again: python workshop.py",
        ru="Мастерская не отвечает. Запустите её снова: python workshop.py",
    ),
    # The line above everything.
    "not_started": Words(
        en="The project that runs now is the finished one: see where this lesson leads. Start, and "
        "you have your own copy, with gaps where the tasks are. Each time you save, this page "
        "shows what it does, and what not yet.",
        ru="Сейчас работает готовый проект: посмотрите, к чему ведёт урок. Начните — и у вас будет "
        "своя копия, где на месте заданий заготовки. После каждого сохранения здесь видно, что уже "
        "получается, а что ещё нет.",
    ),
    "start": Words(en="Start the lesson", ru="Начать урок"),
    "looking": Words(en="Looking at your work…", ru="Смотрим вашу работу…"),
    "broken": Words(en="Your project does not start", ru="Ваш проект не запускается"),
    "broken_more": Words(
        en="Mend it and save: everything comes back by itself.",
        ru="Исправьте и сохраните: всё вернётся само.",
    ),
    "underway": Words(en="{done} of {all} tasks done", ru="Сделано заданий: {done} из {all}"),
    "passed": Words(en="The lesson is done", ru="Урок пройден"),
    "passed_more": Words(
        en="Everything that the agreement promises holds. Well done.",
        ru="Всё, что обещает договорённость, выполняется. Отлично!",
    ),
    "next_lesson": Words(en="Start lesson {number}: {title}", ru="Начать урок {number}: {title}"),
    "was_last": Words(en="That was the last lesson so far.", ru="Это пока последний урок."),
    "trouble": Words(en="The checks could not be run", ru="Проверки выполнить не удалось"),
    "points": Words(en="{score} of {most} points", ru="Баллы: {score} из {most}"),
    "checking": Words(en="Checking: {done} of {all}", ru="Проверяем: {done} из {all}"),
    "checked_at": Words(en="checked at {time}", ru="проверено в {time}"),
    # Where to go.
    "open_yours": Words(en="Open your project", ru="Открыть ваш проект"),
    "open_reference": Words(en="Open the finished project", ru="Открыть готовый проект"),
    "open_lesson": Words(en="Read the lesson", ru="Читать урок"),
    "read_task": Words(en="Read the task", ru="Читать задание"),
    # Tasks, checks, hints.
    "tasks": Words(en="Tasks", ru="Задания"),
    "done": Words(en="done", ru="сделано"),
    "to_do": Words(en="to do", ru="ещё нет"),
    "minutes": Words(en="{n} min", ru="{n} мин"),
    "all_checks": Words(en="All checks", ru="Все проверки"),
    "status_pass": Words(en="passes", ru="проходит"),
    "status_fail": Words(en="fails", ru="не проходит"),
    "status_error": Words(en="error", ru="ошибка"),
    "status_not_run": Words(en="not run", ru="не выполнялась"),
    "hints": Words(en="Hints", ru="Подсказки"),
    "hints_for": Words(en="Hints for “{task}”", ru="Подсказки к заданию «{task}»"),
    "first_hint": Words(en="Show a hint", ru="Показать подсказку"),
    "next_hint": Words(en="One more hint", ru="Ещё подсказку"),
    "no_more_hints": Words(
        en="That was the last one. The reference’s answer:",
        ru="Это была последняя. Решение эталона:",
    ),
    # A failure, told.
    "expected": Words(en="Expected", ru="Ожидалось"),
    "happened": Words(en="Happened", ru="Вышло"),
    "story": Words(en="Step by step", ru="Шаг за шагом"),
    "traceback": Words(en="The server says", ru="Сервер говорит"),
    "your_line": Words(en="Your line", ru="Ваша строка"),
    "folder": Words(en="Your files", ru="Ваши файлы"),
    "printed": Words(en="What the project printed", ru="Что напечатал проект"),
    # In the place of the pages.
    "building": Words(en="The pages are being built", ru="Страницы собираются"),
    "building_more": Words(
        en="It takes a few seconds, and only the first time.",
        ru="Это займёт несколько секунд, и только в первый раз.",
    ),
    "not_built": Words(en="The pages could not be built", ru="Страницы собрать не удалось"),
    "not_built_more": Words(
        en="The checks and your project work all the same.",
        ru="Проверки и ваш проект работают и без них.",
    ),
    "no_such_page": Words(en="There is no such page", ru="Такой страницы нет"),
}


def spoken(language: Language) -> dict[str, str]:
    """Return all the words in `language`, by their names."""
    return {name: words.spoken(language) for name, words in _WORDS.items()}
