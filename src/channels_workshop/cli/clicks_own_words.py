"""Sentences of click that a person meets here, listed so that our catalogue holds them too.

click asks gettext's default domain for them, which `language.speak` sets to ours.
"""


def N_(text: str) -> str:
    """Mark `text` for the catalogue without translating it."""
    return text


def plural(one: str, many: str) -> tuple[str, str]:
    """Mark a counted sentence for the catalogue without translating it."""
    return one, many


CLICKS_OWN = [
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Error: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Invalid value: {message}"),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Show the version and exit."),
    N_("Show this message and exit."),
    N_("Try '{command} {option}' for help."),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("Directory"),
    N_("directory"),
    *plural("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    *plural("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    *plural("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
]
