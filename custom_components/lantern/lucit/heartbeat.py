"""Reports a player as alive, every five minutes, while its switch is on."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import async_track_time_interval

from ..background import BackgroundWork
from ..const import LOGGER
from ..coordinator import LanternCoordinator
from ..transport.errors import TransportError
from .repairs import create_heartbeats_fail, delete_heartbeats_fail

CONF_HEARTBEAT = "heartbeat"
EVERY = timedelta(minutes=5)
_PROBLEM = 2
"""So many failures in a row are shown as a problem."""
_TOO_MANY = 12
"""So many failures in a row, an hour of them, are told in a repair."""
PATIENCE = 9.0
"""So many seconds an answer may take: Home Assistant gives an unload ten."""


class Heartbeat:
    """The rhythm of one player's heartbeats; its switch lives in the entry."""

    def __init__(
        self,
        coordinator: LanternCoordinator[Any],
        report: Callable[[], Awaitable[None]],
        show: Callable[[], None],
    ) -> None:
        """Initialize; `report` sends one, `show` shows what became of it."""
        self._entry = coordinator.config_entry
        self._hass = coordinator.hass
        self._report = report
        self._show = show
        self._stop: CALLBACK_TYPE | None = None
        self._failures = 0
        self._work = BackgroundWork(self._hass, self._entry, "Lucit heartbeat")

    @property
    def is_on(self) -> bool:
        """Return whether people switched it on."""
        return bool(self._entry.options.get(CONF_HEARTBEAT))

    @property
    def has_problem(self) -> bool:
        """Return True if the last two regular heartbeats failed."""
        return self.is_on and self._failures >= _PROBLEM

    @callback
    def switch(self, on: bool) -> None:
        """Keep what people want, and do it from now on."""
        options = {**self._entry.options, CONF_HEARTBEAT: on}
        self._hass.config_entries.async_update_entry(self._entry, options=options)
        self.end()
        self.begin()

    @callback
    def begin(self) -> None:
        """Send one now and then the regular ones, if they are wanted."""
        if self.is_on and self._stop is None:
            self._stop = async_track_time_interval(self._hass, self._due, EVERY)
            self._due()

    @callback
    def end(self) -> None:
        """Send no more regular ones."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        self._failures = 0
        delete_heartbeats_fail(self._hass, self._entry)
        self._work.async_clear()

    @callback
    def _due(self, _: datetime | None = None) -> None:
        if not self._hass.is_stopping:
            self._start(partial(self._work.async_try, self._regular))

    def _start(self, work: Callable[[], Awaitable[object]]) -> asyncio.Task[None]:
        """Start work that an unload waits for: an instruction may come with it."""

        async def run() -> None:
            await work()

        return self._entry.async_create_task(
            self._hass, run(), "lantern lucit heartbeat"
        )

    async def _regular(self) -> None:
        """Send a regular one; log the first failure, and when it works again."""
        try:
            await self._report()
        except TransportError as err:
            self._failures += 1
            if self._failures == 1:
                LOGGER.warning("Heartbeats do not reach Lucit: %s", err)
            self._show()
            # Nobody needs to hear of it who has just switched them off.
            if self._failures >= _TOO_MANY and self._stop is not None:
                create_heartbeats_fail(self._hass, self._entry)
        else:
            self._succeeded()

    @callback
    def _succeeded(self) -> None:
        """Forget failures; log once that heartbeats work again."""
        if self._failures:
            LOGGER.info("Heartbeats reach Lucit again")
        self._failures = 0
        delete_heartbeats_fail(self._hass, self._entry)
        self._show()

    async def send(self) -> None:
        """Send one now; raises `TransportError`."""
        task = self._start(self._report)
        await asyncio.shield(task)
        self._succeeded()
