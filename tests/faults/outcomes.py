"""What Lantern does about a fault, and how that is seen."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from .command_outcomes import command_done, command_fails, command_needs_sign_in
from .delivery_outcomes import delivered_after_sign_in, delivered_once, delivery_refused
from .kinds import Kind
from .life import Life, difference
from .parts import part_keeps, part_later, part_waits


class Outcome(StrEnum):
    """What Lantern does, as the table's cells have it."""

    KEEPS = "keeps"
    WAITS = "waits"
    SIGN_IN = "sign-in"
    HEALS = "heals"
    RENEWS = "renews"
    POLLS = "polls"
    FORM = "form"
    GOES_ON = "goes on"
    ONE_LINE = "one line"
    GONE = "gone"
    TOLD = "error"
    TOLD_SIGN_IN = "error, sign-in"
    DONE = "done"
    KEPT = "kept"
    KEPT_SIGN_IN = "kept, sign-in"
    GIVEN_UP = "given up"
    UNKNOWN = "unknown"
    PART = "part keeps"
    PART_WAITS = "part waits"
    PART_LATER = "part later"
    NOTHING = "–"


EXPLAINED = {
    Outcome.KEEPS: "two failed polls keep the values, with the third the entities "
    "become unavailable; one line in the log. With the first good poll all is as it "
    "was; one line in the log",
    Outcome.WAITS: "as *keeps*, and nobody on that account sends anything until the "
    "time that the service named has passed",
    Outcome.SIGN_IN: "unavailable at once, polls stop, and Home Assistant asks once "
    "for a new sign-in; one line in the log",
    Outcome.RENEWS: "the token is renewed, the request sent once more; nobody notices",
    Outcome.PART: "only what this request brings is concerned: two failed tries keep "
    "it, with the third it is unknown, with the first good one all is as it was; all "
    "else goes on",
    Outcome.PART_WAITS: "nobody on that account sends anything until the time that the "
    "service named has passed; for so long all is as in *waits*",
    Outcome.PART_LATER: "the service refuses this request alone: two polls keep what "
    "it brings, with the third it is unknown. It is asked for again after 1 hour, 6 "
    "hours, then daily, and with the first good answer all is as it was; one warning "
    "and one line in the log (a bridge that never had an event stream: none), all else "
    "goes on",
    Outcome.POLLS: "the polls tell instead, every 10 s while there is no stream; it is "
    "asked for again after 1 to 60 s, and back within a minute; no line in the log",
    Outcome.FORM: "the form comes back with what was typed, without the password, and "
    "says why; nothing was sent twice, and the next try works",
    Outcome.GOES_ON: "the dialog goes on waiting and asking, and what the person then "
    "does is taken up",
    Outcome.ONE_LINE: "one line in the log, the next comes five minutes later, all else "
    "goes on; one line when one arrives again",
    Outcome.GONE: "the entry and all that is kept of it go, whatever is answered; it is "
    "asked once, or as often as a busy bridge is asked",
    Outcome.HEALS: "the sign-in that is asked for tries the stored credentials once "
    "more, they are good, and nobody has to do anything; one line in the log",
    Outcome.KEPT: "it is on disk already, stays there, and arrives once",
    Outcome.KEPT_SIGN_IN: "as *kept*, and Home Assistant asks once for a new sign-in",
    Outcome.GIVEN_UP: "the service refused: the caller gets an error, and it "
    "is not sent again",
    Outcome.TOLD: "the caller gets an error in words, and the next "
    "command works (after a 429, once the named time has passed). Nothing is sent "
    "twice, but what HTTP allows to repeat (GET, PUT, DELETE) when a connection that "
    "was kept open is cut, and what a busy bridge did not take",
    Outcome.TOLD_SIGN_IN: "as *error*, and Home Assistant asks once for a new sign-in",
    Outcome.DONE: "the command is done; a token is renewed if need be",
    Outcome.UNKNOWN: "what nobody has heard of is shown as unknown or left out, all "
    "else as it is",
    Outcome.NOTHING: "nothing is noticed",
}


async def _keeps(life: Life, kind: Kind, key: str) -> None:
    before, asked = life.shown, life.service.count()
    for _ in range(2):
        await life.poll()
        assert not (changes := difference(before, life.shown)), (
            f"in the grace: {changes}"
        )
        life.is_quiet()
    await life.poll()
    life.is_gone()
    life.one_line("ERROR")
    if kind.waits:
        hits = [request for request in life.service.requests[asked:] if request.fault]
        assert len(hits) == 1, f"{len(hits)} requests although told to wait"
    await life.end()
    await (life.peace() if kind.waits else life.poll())
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.one_line("INFO")


async def _sign_in(life: Life, kind: Kind, key: str) -> None:
    before = life.shown
    await life.poll()
    life.is_gone()
    assert len(life.flows) == 1, f"{len(life.flows)} asked to sign in"
    life.one_line("ERROR")
    asked = life.service.count()
    await life.poll()
    assert life.service.count() == asked, "polls go on"
    assert len(life.flows) == 1, f"{len(life.flows)} asked to sign in"
    await life.end()
    await life.sign_in(life)
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.is_quiet()


async def _heals(life: Life, kind: Kind, key: str) -> None:
    before = life.shown
    await life.poll()
    life.is_well()
    assert not life.flows, "somebody was asked to sign in"
    await life.end()
    await life.poll()
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.one_line("ERROR")


async def _renews(life: Life, kind: Kind, key: str) -> None:
    before, asked = life.shown, life.service.count(key)
    await life.poll()
    assert life.service.count(key) == asked + 2, "not sent once more"
    await life.end()
    await life.poll()
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.is_quiet()


async def _unknown(life: Life, kind: Kind, key: str) -> None:
    before = life.shown
    for _ in range(3):
        await life.poll()
    assert difference(before, life.shown), "nothing changed: the fault found no value"
    assert life.shown.keys() == before.keys()
    gone = [
        entity for entity, (state, _) in life.shown.items() if state == "unavailable"
    ]
    assert all(before[entity][0] == "unavailable" for entity in gone), f"lost: {gone}"
    await life.end()
    await life.poll()
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.is_quiet()


async def _nothing(life: Life, kind: Kind, key: str) -> None:
    before = life.shown
    for _ in range(3):
        await life.poll()
        assert not (changes := difference(before, life.shown)), f"meanwhile: {changes}"
    await life.end()
    await life.poll()
    assert not (changes := difference(before, life.shown)), f"afterwards: {changes}"
    life.is_quiet()


type Check = Callable[[Life, Kind, str], Awaitable[None]]

CHECKS: dict[Outcome, Check] = {
    Outcome.KEEPS: _keeps,
    Outcome.WAITS: _keeps,
    Outcome.SIGN_IN: _sign_in,
    Outcome.HEALS: _heals,
    Outcome.RENEWS: _renews,
    Outcome.UNKNOWN: _unknown,
    Outcome.NOTHING: _nothing,
}

PARTS = {
    Outcome.PART: part_keeps,
    Outcome.PART_WAITS: part_waits,
    Outcome.PART_LATER: part_later,
}

DELIVERED = {
    Outcome.KEPT: delivered_once,
    Outcome.KEPT_SIGN_IN: delivered_after_sign_in,
    Outcome.GIVEN_UP: delivery_refused,
}

COMMANDED = {
    Outcome.TOLD: command_fails,
    Outcome.TOLD_SIGN_IN: command_needs_sign_in,
    Outcome.DONE: command_done,
}
