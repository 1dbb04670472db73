"""The tool behind `python workshop.py`: lessons, checks, the learner's workspace and the site.

Rooms, top to bottom; a room imports only rooms below it (CONTRIBUTING.md draws them):

    cli          one module per verb, and how things look in a terminal
    live         what `up` serves: pages, panel, the learner's project; and `run`
    stage        what is shown: the frame microscope, the lab, demos
    upkeep       the workshop itself: doctor, benchmarks
    authoring    proof that a lesson's checks are right; tables made from lesson.toml
    notebooks    what their cells call; a learner's copies; JupyterLab; running one
    learner      workspace, progress, hints, solutions, noticing a save
    chat_checks  what the checks of several lessons share; only lessons import it
    judging      the judging process and its events; what checks are made of
    processes    a Django project as a server process; Redis; supervision
    course       what a lesson is; each part parsed once
    errors, language, invocation    the ground
"""

from pathlib import Path

__version__ = "0.1.0"

#: The checkout that holds lessons/, docs/ and workspace/.
REPOSITORY = Path(__file__).resolve().parents[2]
