"""Why a board has let somebody not in, for a person, and what to do about it."""

from ....errors import WorkshopError
from ....language import Message, message
from .. import messages

_UNKNOWN_CODE = message("Ask whoever teaches for the code of the class: --code CODE")

_REFUSALS: dict[int, tuple[Message, Message]] = {
    messages.WRONG_CODE: (message("That is not the code of this class."), _UNKNOWN_CODE),
    messages.UNKNOWN: (message("The class does not know you: it is another one."), _UNKNOWN_CODE),
    messages.NO_NAME: (
        message("The class needs a name that can be read."),
        message("Say who you are: --name NAME"),
    ),
    messages.FULL: (
        message("The class takes no more."),
        message("Tell whoever teaches: its board is full."),
    ),
}
_NOT_ALIKE = (
    message("The board is of another version of the workshop."),
    message("Update yours, or ask whoever teaches to update theirs."),
)


def refusal(code: int) -> WorkshopError:
    """Return what the close code of a board says to a person."""
    return WorkshopError(*_REFUSALS.get(code, _NOT_ALIKE))
