"""Reports: what is written for students, for the class, and for other programs.

Each format has a module with a pure function from results to bytes; `formats` lists them.
"""

from ..similar import Alike
from .document import document
from .formats import DEFAULT_FORMATS, FORMATS, Format
from .json_file import json_file
from .writing import write_reports

__all__ = [
    "DEFAULT_FORMATS",
    "FORMATS",
    "Alike",
    "Format",
    "document",
    "json_file",
    "write_reports",
]
