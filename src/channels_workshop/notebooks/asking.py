"""Predict, then run: a question before a cell, and its answer after it."""

from typing import TYPE_CHECKING, Any

from ..language import _, current
from .beginning import begun
from .words import Prediction

if TYPE_CHECKING:
    import ipywidgets


def predict(name: str) -> None:
    """Ask the question called `name`. What is chosen is kept for `reveal`, and if it is asked again.

    Where there are no widgets the options are a list, to be answered in one's head.
    """
    from IPython.display import Markdown, display

    prediction = begun().words.predictions[name]
    heading = _("Predict, then run")
    display(Markdown(f"**{heading}.** {prediction.question.spoken(current())}"))
    display(_choice(name, prediction), raw=True)


def reveal(name: str) -> None:
    """Say what the answer is, why, and whether it was predicted."""
    from IPython.display import Markdown, display

    prediction = begun().words.predictions[name]
    guess = begun().guesses.get(name)
    answer = _option(prediction, prediction.answer)
    if guess == prediction.answer:
        verdict = "✓ " + _("As you predicted: {answer}", answer=f"**{answer}**")
    elif guess is None:
        verdict = _("The answer: {answer}", answer=f"**{answer}**")
    else:
        said = _option(prediction, guess)
        verdict = _("You predicted: {guess}", guess=said)
        verdict += "  \n" + _("The answer: {answer}", answer=f"**{answer}**")
    display(Markdown(f"{verdict}\n\n{prediction.because.spoken(current())}"))


def _option(prediction: Prediction, number: int) -> str:
    return prediction.options[number - 1].spoken(current())


def _choice(name: str, prediction: Prediction) -> dict[str, Any]:
    """Return the options as Jupyter's bundle: buttons to press, and a list where there are none."""
    numbers = range(1, len(prediction.options) + 1)
    lines = [f"- {_option(prediction, number)}" for number in numbers]
    plain = "\n".join(lines)
    buttons = _buttons(name, prediction)._repr_mimebundle_()
    return {**buttons, "text/markdown": plain, "text/plain": plain}


def _buttons(name: str, prediction: Prediction) -> "ipywidgets.RadioButtons":
    import ipywidgets

    options = [
        (_option(prediction, number).replace("`", ""), number)
        for number in range(1, len(prediction.options) + 1)
    ]
    layout = ipywidgets.Layout(width="auto")
    buttons = ipywidgets.RadioButtons(
        options=options, value=begun().guesses.get(name), layout=layout
    )

    def keep(change: dict[str, Any]) -> None:
        begun().guesses[name] = change["new"]

    buttons.observe(keep, "value")
    return buttons
