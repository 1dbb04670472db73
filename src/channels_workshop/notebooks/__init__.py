"""What cells of the notebooks call: predict and reveal, real servers, drawings, the workshop's checks.

What needs Jupyter or matplotlib is imported where it is used, so that the rest of the tool may read
notebooks in an environment without them.
"""

from .asking import predict, reveal
from .beginning import begin, label
from .checking import check
from .drawing import Drawing, canvas, finish
from .in_kernel import enter_project
from .projects import Server, own_redis, serve, serve_application, serve_views
from .sequences import Arrow, draw_sequence
from .sliders import slide
from .timelines import draw_arrivals, draw_visits
from .visits import Arrival, Visit, Visits, arrivals, reckoned_visits, visit

__all__ = [
    "Arrival",
    "Arrow",
    "Drawing",
    "Server",
    "Visit",
    "Visits",
    "arrivals",
    "begin",
    "canvas",
    "check",
    "draw_arrivals",
    "draw_sequence",
    "draw_visits",
    "enter_project",
    "finish",
    "label",
    "own_redis",
    "predict",
    "reckoned_visits",
    "reveal",
    "serve",
    "serve_application",
    "serve_views",
    "slide",
    "visit",
]
