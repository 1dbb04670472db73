"""What a step does, and what must be seen of it, in a sentence: for whoever presents."""

import json

from ...language import Message, message
from . import acts, outcomes
from .acts import AnyAct
from .outcomes import AnyOutcome


def of_act(act: AnyAct) -> Message:
    """Return what `act` does."""
    match act:
        case acts.Serve(server):
            return message("The server “{server}” starts.", server=server)
        case acts.Run(server, command):
            return message("“{server}” starts: {command}", server=server, command=" ".join(command))
        case acts.Restart(server):
            return message("“{server}” starts again, with the code as it is now.", server=server)
        case acts.Kill(server):
            return message("“{server}” is killed.", server=server)
        case acts.StartRedis():
            return message("Redis starts, empty.")
        case acts.StopRedis():
            return message("Redis is stopped.")
        case acts.Hold(service):
            return message("“{service}” is there, and lets callers wait.", service=service)
        case acts.Release(service):
            return message("“{service}” answers.", service=service)
        case acts.Connect(who, server, path, origin):
            if origin:
                return message(
                    "{who}, a page of {origin}, connects to “{server}”: {path}",
                    who=who,
                    origin=origin,
                    server=server,
                    path=path,
                )
            return message(
                "{who} connects to “{server}”: {path}", who=who, server=server, path=path
            )
        case acts.Send(who, frame):
            return message("{who} sends {frame}", who=who, frame=_shown(frame))
        case acts.Close(who):
            return message("{who} closes the connection.", who=who)
        case acts.Drop(who):
            return message("{who} drops out of the network.", who=who)
        case acts.Get(who, server, path):
            return message("{who} opens {path} of “{server}”.", who=who, server=server, path=path)
        case acts.Post(who, server, path):
            return message("{who} sends a form to {path}", who=who, server=server, path=path)
        case acts.Beat(who, server):
            return message("{who} begins to beat: a visitor of “{server}”.", who=who, server=server)
        case acts.Fill():
            return message(
                "Code is typed: {name} ({whose})", name=act.section or act.file, whose=act.of
            )


def of_outcome(outcome: AnyOutcome) -> Message:
    """Return what must be seen."""
    match outcome:
        case outcomes.FrameCame(who, frame):
            return message(
                "{who} receives, as the next frame, {frame}", who=who, frame=_shown(frame)
            )
        case outcomes.Count(who, frame, times):
            return message(
                "{who} has received {frame} so many times: {times}",
                who=who,
                frame=_shown(frame),
                times=times,
            )
        case outcomes.Opened(who):
            return message("{who} is connected", who=who)
        case outcomes.ClosedWith(who, code):
            return message("{who} is closed with code {code}", who=who, code=code)
        case outcomes.RefusedWith(who, status):
            return message("{who} is refused with HTTP {status}", who=who, status=status)
        case outcomes.Answered(who, status):
            return message("{who} gets the page, with HTTP {status}", who=who, status=status)
        case outcomes.LogLine(server, pattern):
            return message("“{server}” prints {pattern}", server=server, pattern=pattern)
        case outcomes.Asked(service):
            return message("somebody waits in “{service}”", service=service)
        case outcomes.Beats(who):
            return message("{who} beats", who=who)
        case outcomes.StandsStill(who):
            return message("{who} stands still", who=who)
        case outcomes.HeldUp(who, by):
            return message("{who} is answered only after {by}", who=who, by=by)


def _shown(frame: object) -> str:
    return frame if isinstance(frame, str) else json.dumps(frame, ensure_ascii=False)
