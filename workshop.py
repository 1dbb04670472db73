#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# ruff: noqa: B905, RUF005, RUF007
"""The one door: `python workshop.py VERB ...`, from any folder.

On first use it makes `.venv` beside this file from the hashed locks in `requirements/`, with uv
where uv is on PATH and with pip otherwise. Then, and at once on every later call, it hands over
to `python -m channels_workshop VERB ...` in that environment.

    python workshop.py --with EXTRA VERB ...

first adds the packages of `requirements/EXTRA.txt` (`browser`, `cluster`, `dev`, ...). Whoever runs
in `.venv` and lacks an extra can start itself again that way:

    os.execv(sys.executable, [sys.executable, "workshop.py", "--with", "browser", "verify"])

    python workshop.py --kit FOLDER VERB ...

takes the packages from FOLDER, which `workshop.py kit FOLDER` has made elsewhere, and needs no network.
It is remembered: later calls take from it what they lack, as long as it is there.

What the door itself says goes to standard error, in English or Russian (`--lang`, WORKSHOP_LANG,
the locale). Exit codes: those of the verb; 2 when there is no environment to run it in; 130
after Ctrl-C.

`.venv/workshop/` is the door's memory:

    lock           held by the call that changes the environment; freed by the system, come what may
    interpreter    what the environment was made for
    core.txt ...   a copy of each lock that is installed, written last
    unfinished     stands there while the environment is being changed
    kit            the folder that packages were last taken from, if there is one
    install.log    what uv or pip said last

Old Pythons must be able to read this file in order to refuse politely: no f-strings, annotations
or `raise ... from`. A start that finds all in order imports nothing beyond `os` and `sys`.
"""

from __future__ import print_function, unicode_literals

import os
import sys

OLDEST, NEWEST = (3, 11), (3, 14)

WINDOWS = os.name == "nt"

ROOT = os.path.dirname(os.path.realpath(__file__))
LOCKS = os.path.join(ROOT, "requirements")
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "Scripts/python.exe" if WINDOWS else "bin/python")
SETTINGS = os.path.join(VENV, "pyvenv.cfg")
MEMORY = os.path.join(VENV, "workshop")
UNFINISHED = os.path.join(MEMORY, "unfinished")
LOG = os.path.join(MEMORY, "install.log")

# `build` is what the one package published without a wheel needs; it has to be there first.
ALWAYS = ["build", "core"]
WITHOUT_WHEEL = "forbiddenfruit"


def main(arguments):
    """Open the door for `arguments`; return an exit code if nothing was handed over."""
    try:
        refuse_unfit_python()
        extras, kit, verb = split_options(arguments)
        wanted = ALWAYS + extras
        if kit:
            refuse_unfit_kit(kit, wanted)
        if not is_ready(wanted):
            prepare(wanted, kit)
        return hand_over(verb)
    except (SetupError, OSError) as error:
        known = error if isinstance(error, SetupError) else why_not_written(error)
        say(known.cause)
        say(words("To fix it: ", "Что сделать: ") + known.fix)
        return 2
    except KeyboardInterrupt:
        say(
            words(
                "\nStopped. Call again whenever you like, and the rest will be done.",
                "\nОстановлено. Запустите снова, когда будет удобно: остальное доделается.",
            )
        )
        return 130


class SetupError(Exception):
    """Why there is no environment, and the fix, both in the person's language."""

    def __init__(self, cause, fix):
        Exception.__init__(self, cause)
        self.cause = cause
        self.fix = fix


# --- Words ---------------------------------------------------------------------------------------


def say(text):
    """Say it on standard error; standard output belongs to the verb."""
    line = text + "\n"
    try:
        line.encode(sys.stderr.encoding or "ascii")
        sys.stderr.write(line)
    except UnicodeEncodeError:  # Python 2 in a pipe, or LANG=C: still better than \u escapes
        getattr(sys.stderr, "buffer", sys.stderr).write(line.encode("utf-8"))
    sys.stderr.flush()


def words(english, russian):
    """Return the one of the two that this person reads."""
    return russian if speaks_russian(sys.argv[1:]) else english


def speaks_russian(arguments):
    """Return whether `--lang`, else WORKSHOP_LANG, else the locale asks for Russian."""
    wanted = [name for flag, name in zip(arguments, arguments[1:]) if flag == "--lang"]
    wanted += [flag[7:] for flag in arguments if flag.startswith("--lang=")]
    wanted += [os.environ.get(n) for n in ("WORKSHOP_LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    for name in wanted:
        if name:
            return name.lower().startswith("ru")

    import locale  # Windows sets none of these

    try:
        return (locale.getlocale()[0] or "").lower().startswith("ru")
    except ValueError:  # a locale that Python does not know
        return False


def command_line(parts):
    """Return `parts` as one would type them."""
    return " ".join('"' + part + '"' if " " in part else part for part in parts)


# --- What the call wants -------------------------------------------------------------------------


def refuse_unfit_python():
    """Raise SetupError for a Python that the locks were not made for."""
    this = "Python " + ".".join(str(number) for number in sys.version_info[:3])
    span = ".".join(map(str, OLDEST)), ".".join(map(str, NEWEST))
    if sys.version_info[:2] < OLDEST:
        cause = words(
            "{0} is too old: the workshop needs Python {1} to {2}.",
            "{0} слишком старый: мастерской нужен Python от {1} до {2}.",
        ).format(this, *span)
    elif sys.version_info[:2] > NEWEST:
        cause = words(
            "{0} is untried here: the workshop is made for Python {1} to {2},\n"
            "and some packages are not published for later ones yet.",
            "{0} здесь не проверен: мастерская рассчитана на Python от {1} до {2},\n"
            "а для более новых вышли ещё не все пакеты.",
        ).format(this, *span)
    else:
        return
    python = fit_python()
    if python:
        fix = words("use one that you have:\n  ", "у вас есть подходящий, возьмите его:\n  ")
        raise SetupError(cause, fix + command_line(python + sys.argv))
    raise SetupError(
        cause,
        words(
            "install Python {1} from https://www.python.org/downloads/\n"
            "or, if you have uv:  uv run --no-project --python {1} workshop.py",
            "установите Python {1} с https://www.python.org/downloads/\n"
            "или, если у вас есть uv:  uv run --no-project --python {1} workshop.py",
        ).format(*span),
    )


def fit_python():
    """Return a command (a list) that starts a fit Python on this machine, or None."""
    minors = range(NEWEST[1], OLDEST[1] - 1, -1)
    candidates = [[PYTHON]] + [["python3.{0}".format(minor)] for minor in minors]
    if WINDOWS:
        candidates += [["py", "-3.{0}".format(minor)] for minor in minors]
    for command in candidates:
        # A pyenv shim is on PATH for versions that it then refuses to run: ask each.
        if OLDEST <= version_of(command) <= NEWEST:
            return command
    return None


def version_of(command):
    """Return the (major, minor) of the Python that `command` starts, () if it does not start."""
    said = answer(command + ["-c", "import sys; print('%d %d' % sys.version_info[:2])"])
    return tuple(int(part) for part in said.split() if part.isdigit())


def answer(command):
    """Return what `command` prints, "" if it does not start."""
    import subprocess

    pipe = subprocess.PIPE
    try:
        asked = subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environment())
    except OSError:
        return ""
    return asked.communicate()[0].decode("utf-8", "replace")


def split_options(arguments):
    """Take `--with EXTRA` and `--kit FOLDER` off the front; return (extras, folder, the rest)."""
    extras, kit, rest = [], None, list(arguments)
    while rest and rest[0].partition("=")[0] in ("--with", "--kit"):
        option, _, value = rest.pop(0).partition("=")
        value = value or (rest.pop(0) if rest else "")
        if option == "--kit":
            kit = os.path.abspath(value) if value else unnamed_kit()
        else:
            extras.append(known_extra(value))
    return extras, kit, rest


def known_extra(name):
    """Return `name` if there is such an extra; raise SetupError if not."""
    known = sorted(n[:-4] for n in os.listdir(LOCKS) if n.endswith(".txt"))
    known = [extra for extra in known if extra not in ALWAYS]
    if name in known:
        return name
    raise SetupError(
        words("--with: no such extra: {0}", "--with: нет такого дополнения: {0}").format(name),
        words("choose one of: {0}", "выберите из этих: {0}").format(", ".join(known)),
    )


# --- A kit: packages in a folder -----------------------------------------------------------------


def refuse_unfit_kit(kit, wanted):
    """Raise SetupError if the folder `kit` has not all of the `wanted` locks, as they stand here."""
    if read(os.path.join(kit, "kit.json")) is None:
        raise SetupError(
            words("{0} is no kit of the course.", "{0} — не набор для установки курса.").format(
                kit
            ),
            words(
                "name the folder that holds kit.json; `workshop.py kit FOLDER` makes one.",
                "укажите папку, в которой лежит kit.json; создать её: `workshop.py kit ПАПКА`.",
            ),
        )
    for name in wanted:
        if name not in contents(kit)["locks"]:
            raise SetupError(
                words("The kit holds no packages of {0}.", "Пакетов {0} в наборе нет.").format(
                    name
                ),
                words("make one that does:  ", "создайте набор с ними:  ")
                + "workshop.py kit --with {0} ...".format(name),
            )
        if not holds(kit, name):
            raise SetupError(
                words(
                    "The kit was made for another version of the course.",
                    "Набор сделан для другой версии курса.",
                ),
                words(
                    "use the course that is in it: copy {0} to a folder of your own.",
                    "возьмите курс из самого набора: скопируйте {0} в свою папку.",
                ).format(os.path.join(kit, "workshop")),
            )


def unnamed_kit():
    raise SetupError(
        words("--kit: the folder is missing.", "--kit: не указана папка."),
        words("name it: ", "укажите её: ") + "--kit FOLDER",
    )


def kit_with(name):
    """Return the folder of the remembered kit if it is still there and has the lock `name`, or None."""
    kit = (read(os.path.join(MEMORY, "kit")) or b"").decode("utf-8")
    return kit if kit and holds(kit, name) else None


def holds(kit, name):
    """Return whether the folder `kit` has the packages of the lock `name` as it stands here."""
    there = read(os.path.join(kit, "workshop", "requirements", name + ".txt"))
    here = read(os.path.join(LOCKS, name + ".txt"))
    return there is not None and there == here and name in contents(kit)["locks"]


def contents(kit):
    """Return what the folder `kit` says of itself: `locks`, by name, and `machines`, by pairs."""
    import json

    said = {"locks": [], "machines": []}
    try:
        said.update(json.loads((read(os.path.join(kit, "kit.json")) or b"{}").decode("utf-8")))
    except (TypeError, ValueError):  # somebody has edited it
        pass
    return said


# --- Is the environment in order? ----------------------------------------------------------------


def is_ready(wanted):
    """Return whether the environment is sound and holds each of the `wanted` locks."""
    return (
        read(os.path.join(MEMORY, "interpreter")) == interpreter()
        and not os.path.exists(UNFINISHED)
        and all(is_installed(name) for name in wanted)
    )


def is_installed(name):
    """Return whether the lock `name` is installed as it stands today."""
    lock = read(os.path.join(LOCKS, name + ".txt"))
    if lock is None:
        raise SetupError(
            words("{0} is missing.", "Нет файла {0}.").format("requirements/" + name + ".txt"),
            words("bring it back:  ", "верните его:  ") + "git checkout -- requirements",
        )
    return read(os.path.join(MEMORY, name + ".txt")) == lock


def interpreter():
    """Describe what `.venv` runs on, so that a removed or replaced Python shows as a difference."""
    base = os.path.realpath(PYTHON)
    traits = [os.name, os.path.basename(base)]
    traits += [str(os.path.exists(path)) for path in (base, SETTINGS)]
    if WINDOWS:
        # There `.venv` holds a launcher; its Python may be removed or replaced where it stands.
        settings = (read(SETTINGS) or b"").decode("utf-8", "replace")
        homes = [line.split("=", 1)[1] for line in settings.splitlines() if line[:4] == "home"]
        traits += [name for home in homes for name in listing(home.strip()) if ".dll" in name]
    return "\n".join(traits).encode("utf-8")


def read(path):
    """Return the bytes of a file, or None where there is none to be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except (IOError, OSError):
        return None


def write(path, content):
    """Put `content` (bytes) at `path`, whole or not at all."""
    with open(path + ".new", "wb") as file:
        file.write(content)
    os.replace(path + ".new", path)


def listing(folder):
    """Return the sorted names in `folder`, none if it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


# --- Making the environment ----------------------------------------------------------------------


def prepare(wanted, kit=None):
    """Make the environment, or bring it up to date, so that each of the `wanted` locks is in it.

    The packages come from the folder `kit`, if one is named.
    """
    import time

    began = time.time()
    os.makedirs(MEMORY, exist_ok=True)
    with Lock(os.path.join(MEMORY, "lock")) as lock:
        if is_ready(wanted):  # another call has made it while this one waited
            return
        uv = fit_uv()
        if not is_sound():
            make(uv, lock)
        if kit:
            write(os.path.join(MEMORY, "kit"), kit.encode("utf-8"))
        for name in wanted:
            if not is_installed(name):
                install(name, uv, lock)
    say(words("Ready, in {0:.0f} s.", "Готово, за {0:.0f} с.").format(time.time() - began))


def is_sound():
    """Return whether the environment that stands there can be added to."""
    begun = read(UNFINISHED)
    if begun is not None:
        # A call broke off. Packages half in place cannot be told from whole ones, but if none
        # was touched yet (no network, say), then nothing is lost.
        if begun != packages():
            return False
        os.remove(UNFINISHED)
    made_for = read(os.path.join(MEMORY, "interpreter"))
    if made_for is not None:
        return made_for == interpreter()
    # Not ours: perhaps somebody made it by hand and works in it right now. Keep what runs.
    if not (os.path.exists(SETTINGS) and site_packages()):
        return False
    if not OLDEST <= version_of([PYTHON]) <= NEWEST:
        return False
    settle()
    return True


def make(uv, lock):
    """Make an empty environment in place of whatever `.venv` holds."""
    import shutil

    refuse_strange_folder()
    if listing(VENV) != ["workshop"]:
        say(
            words(
                ".venv is unfinished, or its Python is gone or unfit: making it again.",
                "Окружение .venv не доделано или осталось без Python: создаю заново.",
            )
        )
    write(UNFINISHED, b"made halfway")
    for name in os.listdir(VENV):  # the folder itself stays: it may be a mounted volume
        path = os.path.join(VENV, name)
        if os.path.islink(path) or not os.path.isdir(path):
            os.remove(path)
        elif path != MEMORY:
            shutil.rmtree(path)
    for name in os.listdir(MEMORY):
        if name not in ("lock", "unfinished"):
            os.remove(os.path.join(MEMORY, name))

    if uv:
        command = [uv, "venv", "--allow-existing", "--relocatable", "--python", base_python(), VENV]
    else:
        command = [base_python(), "-I", "-m", "venv", "--without-pip", VENV]
    run(command, words("Making .venv", "Создаю .venv"), lock)
    settle()
    os.remove(UNFINISHED)


def settle():
    """Put this repository's package on the environment's path, and remember its interpreter."""
    # Relative, so that a moved or copied folder keeps working and names of any script do no harm.
    source = os.path.relpath(os.path.join(ROOT, "src"), site_packages())
    write(os.path.join(site_packages(), "channels_workshop.pth"), source.encode("ascii") + b"\n")
    write(os.path.join(MEMORY, "interpreter"), interpreter())


def install(name, uv, lock):
    """Install the lock `name`; every file that is fetched must have one of the lock's hashes."""
    path = os.path.join(LOCKS, name + ".txt")
    content = read(path)
    kit = kit_with(name)
    if uv:
        command = [uv, "pip", "install", "--python", PYTHON]
    else:
        command = fit_pip(lock, kit) + ["install", "--no-user", "--no-input", "--no-compile"]
    if kit:
        command += ["--no-index", "--find-links", os.path.join(kit, "packages")]
    command += ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
    command += ["--no-binary", WITHOUT_WHEEL, "--no-build-isolation", "-r", path]
    write(UNFINISHED, packages())
    count = sum(line[:1].isalnum() and b"==" in line for line in content.splitlines())
    doing = words("Installing packages ({0}) with {1}", "Устанавливаю пакеты ({0}) через {1}")
    run(command, doing.format(name, "uv" if uv else "pip"), lock, count, kit)
    os.remove(UNFINISHED)
    write(os.path.join(MEMORY, name + ".txt"), content)


def site_packages():
    """Return the environment's folder of packages, "" if it has none."""
    library = os.path.join(VENV, "Lib" if WINDOWS else "lib")
    versions = [""] if WINDOWS else [n for n in listing(library) if n.startswith("python")]
    found = [os.path.join(library, version, "site-packages") for version in versions]
    return next(filter(os.path.isdir, found), "")


def packages():
    """Return the names that stand in the environment's folder of packages, one a line (bytes)."""
    return "\n".join(listing(site_packages())).encode("utf-8", "surrogateescape")


def base_python():
    """Return the Python to build on: from inside an environment, the one beneath it."""
    return getattr(sys, "_base_executable", None) or sys.executable


def fit_uv():
    """Return the path of a uv that starts and is not too old, or None."""
    import shutil

    uv = shutil.which("uv")
    return uv if uv and release_of([uv]) >= (0, 5) else None


def fit_pip(lock, kit=None):
    """Return the command of a pip that works on `.venv`, which gets one of its own if need be."""
    pip = [base_python(), "-P", "-m", "pip"]
    if release_of(pip) >= (22, 3):
        return pip + ["--python", PYTHON, "--disable-pip-version-check"]
    for file in listing(os.path.join(kit, "packages")) if kit else []:
        if file.startswith("pip-"):  # a wheel of pip runs as it is
            wheel = os.path.join(kit, "packages", file, "pip")
            return [PYTHON, "-I", wheel, "--disable-pip-version-check"]
    if not os.path.isdir(os.path.join(site_packages(), "pip")):
        write(UNFINISHED, packages())
        command = [PYTHON, "-I", "-m", "ensurepip", "--default-pip"]
        run(command, words("Setting up pip", "Готовлю pip"), lock)
    return [PYTHON, "-I", "-m", "pip", "--disable-pip-version-check"]


def release_of(command):
    """Return the (major, minor) that `command --version` prints, () if it does not start."""
    import re

    said = re.match(r"\w+ (\d+)\.(\d+)", answer(command + ["--version"]))
    return tuple(int(part) for part in said.groups()) if said else ()


def environment():
    """Return the variables for what the door starts: all but those that would harm it."""
    harmful = ["PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"]  # they redirect a Python
    # Each of the many processes would compile Django again: half of the time would be for that.
    harmful.append("PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if name not in harmful}


class Lock(object):
    """Only one call at a time changes the environment. The system frees it when its holders end.

    Where the system allows, the installer holds it too (`inherited`): if the door is killed, the
    next call waits for the orphan to finish.
    """

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        self.inherited = () if WINDOWS else (self.file,)
        if not self.take(wait=False):
            say(
                words(
                    "Another call is making .venv: waiting for it to finish.",
                    "Окружение .venv уже создаёт другой запуск: жду, пока он закончит.",
                )
            )
            while not self.take(wait=True):
                pass
        return self

    def take(self, wait):
        """Try to take the lock, waiting a good while if `wait`; return whether it is ours now."""
        if sys.platform == "win32":
            import msvcrt

            try:
                msvcrt.locking(self.file, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:
                return False
            return True
        import fcntl

        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks: better unguarded than not at all
            pass
        return True

    def __exit__(self, *exception):
        os.close(self.file)


def run(command, doing, lock, count=0, kit=None):
    """Run an installer, showing that it gets on; raise SetupError with the cause if it fails.

    `kit` is the folder that it takes packages from, if not from the network.
    """
    import signal
    import subprocess
    import threading

    progress = Progress(doing, count)
    said = []  # type: list[str]

    def listen(output):
        with output:
            for line in output:
                said.append(line.decode("utf-8", "replace"))
                progress.hear(said[-1])

    ended = signal.signal(signal.SIGTERM, signal.default_int_handler)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(),
        pass_fds=lock.inherited,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    listener = threading.Thread(target=listen, args=[process.stdout], daemon=True)
    try:
        listener.start()
        while listener.is_alive():
            listener.join(0.1)
            progress.draw()
    except KeyboardInterrupt:
        try:  # Ctrl-C reached the installer as well: let it clean up
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.terminate()
        raise
    finally:
        process.wait()
        listener.join()
        progress.end()
        signal.signal(signal.SIGTERM, ended)
    if process.returncode:
        text = "".join(said)
        try:
            write(LOG, text.encode("utf-8"))
        except OSError:  # a full disk, most likely; the text says so
            pass
        raise why_failed(text, kit)


class Progress(object):
    """What is being done and for how long: a line that lives on a terminal, else said once."""

    def __init__(self, doing, count):
        import time

        self.clock = time.time
        self.began = time.time()
        self.doing = doing
        self.count = count
        self.reached = 0
        self.detail = ""
        self.live = sys.stderr.isatty()
        if not self.live:
            say(doing + " ...")

    def hear(self, line):
        """Make out from a line of uv or pip how far it is."""
        kind, _, rest = line.strip().partition(" ")
        if kind == "Ignoring":  # a package for other systems
            self.count -= 1
        elif kind in ("Collecting", "Processing"):
            self.reached += 1
            self.detail = "{0}/{1}".format(self.reached, self.count)
        elif kind == "Downloading" and not self.reached:
            self.detail = rest
        elif kind == "Installing" or kind == "Prepared":
            self.detail = words("putting them in place", "раскладываю по местам")

    def draw(self):
        """Redraw the line, if it is on a terminal."""
        if self.live:
            import shutil

            width = shutil.get_terminal_size().columns - 1
            line = "{0}: {1:.0f} s  {2}".format(self.doing, self.clock() - self.began, self.detail)
            sys.stderr.write("\r" + line[:width].ljust(width))
            sys.stderr.flush()

    def end(self):
        """Leave the line as it stands."""
        if self.live:
            self.detail = ""
            self.draw()
            sys.stderr.write("\n")


# --- What went wrong -----------------------------------------------------------------------------


def refuse_strange_folder():
    """Raise SetupError if `.venv` holds something that is no environment, and so not ours to clear."""
    names = set(listing(VENV)) - {"workshop"}
    signs = {"pyvenv.cfg", "bin", "lib", "Scripts", "Lib", "unfinished", "interpreter"}
    if names and not signs & (names | set(listing(MEMORY))):
        raise SetupError(
            words(
                "{0} holds files that belong to no Python environment.",
                "В папке {0} лежат файлы, не относящиеся к окружению Python.",
            ).format(VENV),
            words(
                "move them elsewhere, then call again.",
                "перенесите их в другое место и запустите снова.",
            ),
        )


def why_not_written(error):
    """Return the SetupError for an error of the file system."""
    import errno

    where = error.filename or VENV
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return full_disk()
    if os.path.lexists(VENV) and not os.path.isdir(VENV):
        return SetupError(
            words(
                "{0} is a file; the workshop keeps a folder there.",
                "{0} - это файл, а мастерская держит там папку.",
            ).format(VENV),
            words(
                "move that file elsewhere, then call again.",
                "перенесите этот файл в другое место и запустите снова.",
            ),
        )
    if WINDOWS and error.errno == errno.EACCES and os.path.isdir(MEMORY):
        return SetupError(
            words(
                "{0} cannot be changed: it is in use, or protected.",
                "Не удаётся изменить {0}: файл занят или защищён.",
            ).format(where),
            words(
                "close what runs from .venv (and `deactivate` it), then call again.",
                "закройте программы, запущенные из .venv (и выполните `deactivate`),\n"
                "затем запустите снова.",
            ),
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetupError(
            words("No right to write to {0}: {1}.", "Нет права писать в {0}: {1}.").format(
                where, error.strerror
            ),
            words(
                "copy the whole workshop to a folder of your own, and call it there.",
                "скопируйте мастерскую целиком в свою папку и запускайте оттуда.",
            ),
        )
    return SetupError(
        words("{0} could not be made: {1}.", "Не удалось создать {0}: {1}.").format(VENV, error),
        words("delete that folder, then call again.", "удалите эту папку и запустите снова."),
    )


def why_failed(text, kit=None):
    """Return the SetupError behind `text`, all that a failed installer said; `kit`: as for `run`."""
    import re

    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line for line in text.splitlines() if re.match(r"\s*(ERROR|error|cause)\b", line)]
    said = "".join("  | " + line.strip()[:300] + "\n" for line in (lines or text.splitlines())[-6:])
    for pattern, error in meanings(kit):
        if re.search(pattern, text):
            return SetupError(said + error.cause, error.fix)
    return SetupError(
        said + words("The installation failed.", "Установка не удалась."),
        words("call again; all that was said is in ", "запустите снова; весь вывод здесь: ") + LOG,
    )


def meanings(kit=None):
    """Return pairs: a pattern in what uv and pip say, and the SetupError it means. First fit wins."""
    return [
        (r"Errno 28\b|os error 28\b|os error 112\b|No space left", full_disk()),
        (r"No module named '?(venv|ensurepip)", missing_venv()),
        (r"DO NOT MATCH THE HASHES|Hash mismatch", foreign_package()),
        (r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer", untrusted_index()),
        (r"SSL module is not available", python_without_ssl()),
        (r"[Ll]ong [Pp]ath|os error 206\b", long_path()),
        (r"Errno 13\b|Errno 30\b|os error (5|13|30)\b|Permission denied", forbidden_path()),
        ("|".join(SIGNS_OF_NO_NETWORK), no_network()),
        (SIGNS_OF_NO_FILE, not_in_kit(kit) if kit else no_wheel()),
    ]


SIGNS_OF_NO_NETWORK = [
    "NewConnectionError",
    "NameResolutionError",
    "ProxyError",
    "TimeoutError",
    "HTTPError|HTTP error|HTTP status",
    "Max retries exceeded",
    "[Cc]onnection (refused|reset|aborted|broken)",
    "[Nn]etwork is unreachable",
    "dns error|getaddrinfo|name resolution",
    "error sending request",
    "[Nn]etwork (connectivity is|was) disabled",
    "timed out",
]


SIGNS_OF_NO_FILE = (
    "No matching distribution found|no usable wheels|no wheels with|provided package locations"
)


def full_disk():
    return SetupError(
        words("The disk is full.", "На диске не осталось места."),
        words("free about 500 MB, then call again.", "освободите около 500 МБ и запустите снова."),
    )


def missing_venv():
    return SetupError(
        words(
            "This Python comes without `venv` or `ensurepip`, which make environments.",
            "В этом Python нет модулей `venv` или `ensurepip`, без них не создать окружение.",
        ),
        words(
            "on Debian and Ubuntu:  sudo apt install python3-venv\n"
            "or, on any system, install uv (https://docs.astral.sh/uv/); then call again.",
            "в Debian и Ubuntu:  sudo apt install python3-venv\n"
            "или, в любой системе, установите uv (https://docs.astral.sh/uv/);\n"
            "затем запустите снова.",
        ),
    )


def foreign_package():
    return SetupError(
        words(
            "A package that arrived is not the one that requirements/ names: its hash differs.",
            "Скачался не тот пакет, что записан в requirements/: не совпал хеш.",
        ),
        words(
            "call again; if it persists, a mirror or proxy in between alters packages.",
            "запустите снова; если повторится, пакеты подменяет зеркало или прокси.",
        ),
    )


def untrusted_index():
    return SetupError(
        words(
            "This machine does not trust the certificate that the package index shows.",
            "Эта машина не доверяет сертификату, который показывает сервер пакетов.",
        ),
        words(
            "behind a company's proxy or an antivirus, name its certificate file\n"
            "in SSL_CERT_FILE (for uv) or PIP_CERT (for pip), then call again.",
            "за корпоративным прокси или антивирусом укажите файл его сертификата\n"
            "в переменной SSL_CERT_FILE (для uv) или PIP_CERT (для pip) и запустите снова.",
        ),
    )


def python_without_ssl():
    return SetupError(
        words(
            "This Python was built without SSL and cannot fetch packages.",
            "Этот Python собран без SSL и не может скачивать пакеты.",
        ),
        words(
            "install uv (https://docs.astral.sh/uv/), or use another Python.",
            "установите uv (https://docs.astral.sh/uv/) или возьмите другой Python.",
        ),
    )


def long_path():
    return SetupError(
        words(
            "Some paths grow longer than this Windows allows.",
            "Некоторые пути получаются длиннее, чем разрешает эта Windows.",
        ),
        words(
            "move the workshop to a short folder, as C:\\workshop, or enable long paths.",
            "перенесите мастерскую в папку покороче, например C:\\workshop,\n"
            "или включите поддержку длинных путей.",
        ),
    )


def forbidden_path():
    return SetupError(
        words(
            "The installer has no right to write where it has to.",
            "У установщика нет права писать туда, куда ему нужно.",
        ),
        words(
            "give yourself the right to the path named above, then call again.",
            "дайте себе права на путь, названный выше, и запустите снова.",
        ),
    )


def no_network():
    return SetupError(
        words(
            "The packages could not be fetched: the network does not answer.",
            "Не удалось скачать пакеты: сеть не отвечает.",
        ),
        words(
            "the first use needs the network, later ones do not. Check the connection\n"
            "(behind a proxy, set HTTPS_PROXY), then call again.",
            "сеть нужна только для первого запуска. Проверьте соединение\n"
            "(за прокси задайте HTTPS_PROXY) и запустите снова.",
        ),
    )


def no_wheel():
    return SetupError(
        words(
            "One of the packages is not published for this system and this Python.",
            "Один из пакетов не выпущен для этой системы и этого Python.",
        ),
        words(
            "use a 64-bit Python 3.11 to 3.14 on Linux (glibc), on a Mac with Apple silicon\n"
            "or on Windows (x64).",
            "возьмите 64-битный Python от 3.11 до 3.14 на Linux (glibc), на Mac\n"
            "с Apple silicon или на Windows (x64).",
        ),
    )


def not_in_kit(kit):
    machines = ", ".join(" ".join(machine) for machine in contents(kit)["machines"])
    return SetupError(
        words(
            "The kit has no packages for this system and this Python.\nIt is for: {0}",
            "В наборе нет пакетов для этой системы и этого Python.\nОн для таких: {0}",
        ).format(machines),
        words(
            "use one of those Pythons, or make a kit for this machine as well.",
            "возьмите один из этих Python или создайте набор и для этой машины.",
        ),
    )


# --- Handing over --------------------------------------------------------------------------------


def hand_over(verb):
    """Run the verb in the environment: in place of this process, or on Windows beneath it.

    `-P` keeps the folder that the person happens to stand in off the path: a `redis.py` there is
    theirs, not ours.
    """
    command = [PYTHON, "-P", "-m", "channels_workshop"] + verb
    variables = dict(environment(), WORKSHOP_COMMAND=typed_command())
    if not WINDOWS:
        os.execve(PYTHON, command, variables)

    import subprocess

    child = subprocess.Popen(command, env=variables)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child has got it too, and knows what to do
            pass


def typed_command():
    """Return how this file was called, as `python3 workshop.py`: the verbs show commands so."""
    if WINDOWS:  # `py` starts a Python by its whole path
        return command_line(["py", sys.argv[0]])
    python = sys.orig_argv[0]
    name = os.path.basename(python)
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if any(os.access(os.path.join(folder, name), os.X_OK) for folder in folders):
        python = name
    return command_line([python, sys.argv[0]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
