"""What the tests that all vendors go through need to know of one vendor.

Each vendor has one `tests/<vendor>/contract.py` with its `CONTRACT`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.core import HomeAssistant

from custom_components.lantern.transport.errors import BadAnswer, TransportError
from simulator.service import Service

from .common import add_entry, start_flow, submit
from .faults.rules import Case, Route
from .secrets.life import Secrets
from .sessions import Session

type SetUp = Callable[[HomeAssistant, Any], Awaitable[ConfigEntry]]
type Ask = Callable[[Any, Any], Awaitable[Any]]

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form that adds an entry.

    `steps` lead to it, and the first is the vendor's own in the menu; `filled` returns
    what a person types, all of it right and each field in it; submitting it sends
    `requests`. Where the dialog then waits for a person it sends `waiting` again and
    again, until `act` does what the person does.
    """

    steps: tuple[str, ...]
    filled: Callable[[Any], dict[str, Any]]
    requests: tuple[Route, ...]
    waiting: tuple[Route, ...] = ()
    act: Callable[[Any], object] | None = None

    async def open(self, hass: HomeAssistant) -> ConfigFlowResult:
        """Start a flow, and choose until the form is shown."""
        result = await start_flow(hass, self.steps[0])
        for step in self.steps[1:]:
            result = await submit(hass, result, {"next_step_id": step})
        return result


@dataclass(frozen=True)
class Call:
    """A method of the client: what it may raise where the status is 200, too.

    `ask` gets the client, and the simulated service or None.
    """

    name: str
    ask: Ask
    allowed: tuple[type[TransportError], ...] = ()

    @property
    def errors(self) -> tuple[type[TransportError], ...]:
        """Return all that may be raised where the status is 200."""
        return (BadAnswer, *self.allowed)


@dataclass(frozen=True, kw_only=True)
class Client:
    """The client: one of a simulated service, and one of answers that are made up.

    `models` returns all that entities show, made from the answers that calls get by
    their names (None: of no use).
    """

    connect: Callable[[Any, Any], Awaitable[Any]]
    answered: Callable[[Any], Any]
    calls: tuple[Call, ...]
    models: Callable[[Callable[[str], Any]], Iterable[Any]]


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Requests with their roles, and what else the tests of faults need to know.

    `homes` set an entry up, the first one for all routes that name no other. `load`
    are requests at most in an hour and in the quarter of an hour after it. `ring` lets
    happen what an event entity tells of; in `ring_home` that, and time, change what
    `ring_changes` matches. `local` ends unique ids that do not depend on the service,
    `timed` those that change with time alone.
    """

    homes: Mapping[str, SetUp]
    routes: tuple[Route, ...]
    load: Mapping[Case, tuple[int, int]]
    ring: Callable[[Any], object] | None = None
    ring_home: str | None = None
    ring_changes: str = r"$^"
    local: tuple[str, ...] = ()
    timed: tuple[str, ...] = ()
    busy_tries: int = 1
    longest_body: int = 16 * MIB


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A vendor as the shared tests take it.

    `stored` returns the data of an entry that was just added; `sign_in` adds one where
    that is not enough. `prepare` makes a service that takes as many requests as a test
    sends. `private` returns what a download must not hold, once `describe` has given
    the service values to look for, and `has_enough` tells whether it has what a bug
    report needs. `sections` are the names under which Lantern
    remembers what may be lost.
    """

    make: Callable[[], Service]
    unique_id: str
    title: str
    stored: Callable[[Any], dict[str, Any]]
    forms: tuple[Form, ...]
    client: Client
    faults: Faults
    secrets: Secrets
    private: Callable[[Any], set[Any]]
    sign_in: SetUp | None = None
    prepare: Callable[[Any], object] = lambda _: None
    describe: Callable[[Any], object] = lambda _: None
    has_enough: Callable[[Any], bool] = bool
    options: Mapping[str, Any] = field(default_factory=dict)
    sections: tuple[str, ...] = ()
    session: Session[Any] | None = None

    async def set_up(self, hass: HomeAssistant, service: Any) -> ConfigEntry:
        """Return a loaded entry."""
        if self.sign_in is not None:
            return await self.sign_in(hass, service)
        return await add_entry(hass, self.unique_id, self.stored(service), self.title)
