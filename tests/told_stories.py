"""Prints, as JSON, the stories that each of some lessons generates, judged in this one process.

python told_stories.py SEED LESSON…
"""

import json
import sys
from collections import defaultdict

from channels_workshop.course.lessons import find_lesson
from channels_workshop.judging import counterexample
from channels_workshop.judging.events import Job
from channels_workshop.processes.supervisor import Supervisor

told: dict[str, list[str]] = defaultdict(list)
search = counterexample.search


def main(seeds: list[int], names: list[str]) -> None:
    # Checks import `search` by its name, so it is replaced before the first of them is loaded.
    from channels_workshop.judging.runner import run_job

    with Supervisor() as supervisor:
        for name in names:
            lesson = find_lesson(name)

            def listening(stories, perform, *others, told=told[name]):
                def overheard(actions, *rest):
                    told.append(repr(actions))
                    return perform(actions, *rest)

                search(stories, overheard, *others)

            counterexample.search = listening
            folder = str(lesson.folder)
            only = [check.id for check in lesson.checks if "like_the_reference" in check.id]
            for seed in seeds:
                run_job(Job(folder, folder, only=only, seed=seed), supervisor, lambda event: None)
    print(json.dumps(told))


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1].split(",")], sys.argv[2:])
