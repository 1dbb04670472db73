"""The tool behind `python workshop.py`: lessons, checks, the learner's desk and the site.

Rooms, top to bottom; a room imports only rooms below it:

    cli          one verb = one short function
    classroom    what `up` serves: the site and the live panel
    authoring    `verify`: proof that a lesson's checks are right
    learner      workspace, progress, hints, watching
    checking     the client, the checks' plug-in, the verdict, how a failure is told
    serving      a Django project as a real server process; an embedded Redis
    course       what a lesson is: its description, sections, delta, mistakes
    language, trouble   the ground: which language to speak, errors for people
"""

from pathlib import Path

__version__ = "0.1.0"

#: The checkout that holds lessons/, docs/ and workspace/.
REPOSITORY = Path(__file__).resolve().parents[2]
