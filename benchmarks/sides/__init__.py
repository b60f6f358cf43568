"""The integrations that are measured, each with a fleet that the harness moves.

Each side is given its data at the same layer: what its library, or Lantern's
request path, would have read from an answer: parsed JSON, or the library's own
models. Every refresh gets new objects, as it would from a service.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from unittest.mock import patch

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import orjson

from benchmarks.measuring import Work


class Side(ABC):
    """One integration with `devices` devices of four entities each.

    Of a device that changed, three entities have something new to show.
    """

    domain: ClassVar[str]
    keys: ClassVar[frozenset[str | None]]
    """The keys of the entities that are enabled; None is one without a key."""

    decodes: ClassVar[bool] = False
    """Whether the answer is bytes, which the library reads meanwhile."""

    answer: Any
    """What the library hands over at the next refresh."""

    def __init__(self, devices: int) -> None:
        """Make the fleet; nothing is set up yet."""
        self.devices = devices
        self.step = 0
        self._start = dt_util.utcnow().replace(microsecond=0)

    @property
    def time(self) -> datetime:
        """Return when the devices that changed reported: a second later each time."""
        return self._start + timedelta(seconds=self.step)

    def as_read(self, body: Any) -> Any:
        """Return JSON as a library gets it from Home Assistant's session."""
        return orjson.loads(body) if self.decodes else body

    def body(self, content: Any) -> Any:
        """Return an answer as it is handed over: bytes, or JSON that is read anew."""
        body = orjson.dumps(content)
        return body if self.decodes else orjson.loads(body)

    @abstractmethod
    async def load(self, hass: HomeAssistant) -> None:
        """Set the integration up with the fleet."""

    @abstractmethod
    def prepare(self, changed: int) -> None:
        """Have the next answer ready, in which so many devices changed."""

    def prepared(self, changed: int) -> Work:
        """Return a refresh in which so many devices changed, to be done later."""
        self.prepare(changed)
        answer = self.answer

        async def refresh() -> None:
            self.answer = answer
            await self.refresh()

        return refresh

    def forget(self) -> None:
        """Let go of the last answer: only the integration may hold on to it."""

    @abstractmethod
    async def refresh(self) -> None:
        """Have the coordinator refresh once."""

    @abstractmethod
    def expected(self, number: int) -> Mapping[str, Any]:
        """Return what a device's entities must show, by unique id."""

    @staticmethod
    def replace(hass: HomeAssistant, owner: object, name: str, answer: Any) -> None:
        """Replace a method or a class, for as long as this Home Assistant runs."""
        patcher = patch.object(owner, name, answer)
        patcher.start()
        hass.bus.async_listen_once(
            EVENT_HOMEASSISTANT_CLOSE, callback(lambda _: patcher.stop())
        )

    def check(self, hass: HomeAssistant, first: int | None = None) -> None:
        """Raise unless the entities of the `first` devices, or of all, are right."""
        registry = er.async_get(hass)
        ids = {
            entity.unique_id: entity.entity_id
            for entity in registry.entities.values()
            if entity.platform == self.domain
        }
        for number in range(min(self.devices, first or self.devices)):
            for unique_id, value in self.expected(number).items():
                state = hass.states.get(ids[unique_id])
                shown = None if state is None else self.shown(state)
                if shown != value:
                    raise RuntimeError(f"{ids[unique_id]} shows {shown}, not {value}")

    @staticmethod
    def shown(state: Any) -> Any:
        """Return what a state shows: a number, or a tracker's latitude."""
        if "latitude" in state.attributes:
            return round(state.attributes["latitude"], 5)
        return round(float(state.state), 5)
