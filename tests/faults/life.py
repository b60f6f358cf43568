"""One entry's life on bad days: faults come and go, and somebody watches."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
import logging
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.lantern.const import DOMAIN
from simulator.service import Service
from tests.common import is_sleeping, pass_time, settle

from .kinds import Kind

OURS = "custom_components.lantern"
_SPINS = 10
_MANY_SPINS = 30
_STEP = 2
PEACE = 3.2
"""So many polls' time a service wants peace for."""

type Shown = dict[str, tuple[str, dict[str, Any]]]


class Life:
    """An entry, its service, and what is seen and logged of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        service: Service,
        entry: ConfigEntry | None,
        freezer: FrozenDateTimeFactory,
        caplog: pytest.LogCaptureFixture,
        elsewhere: Service,
    ) -> None:
        """Take a loaded entry, or none where there is none yet."""
        self.hass = hass
        self.service: Any = service
        self.entry: Any = entry
        self.freezer = freezer
        self.every = (
            entry.runtime_data.interval.total_seconds() if entry is not None else 300.0
        )
        self.unwatched = r"$^"
        # What the contract says of the vendor.
        self.longest_body = 0
        self.busy_tries = 1
        self.local: tuple[str, ...] = ()
        self.timed: tuple[str, ...] = ()
        self.sign_in: Callable[[Life], Awaitable[object]] = Life.reload
        self._caplog = caplog
        self._elsewhere = elsewhere
        hass.loop.set_debug(False)
        caplog.set_level(logging.INFO)
        caplog.clear()

    async def begin(
        self,
        kind: Kind,
        route: str,
        fields: tuple[str, ...] = (),
        *,
        once: bool = False,
    ) -> None:
        """Put a fault on a route, for one request if `once`."""
        self._caplog.clear()
        if kind.fault is None:
            await self.service.stop()
            return
        settings = dict(kind.settings)
        if kind.fault == "redirect":
            settings["body"] = f"{self._elsewhere.url}/"
        elif kind.fault == "unheard_of":
            settings["fields"] = fields
        elif kind.waits:
            settings["seconds"] = PEACE * self.every
        times = 1 if once or kind.once else -1
        self.service.inject(route, kind.fault, times=times, **settings)

    async def end(self) -> None:
        """Clear all faults."""
        self.service.clear_faults()
        if self.service._runner is None:  # noqa: SLF001  # it was stopped by us
            await self.service.start()

    async def live(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something; time passes while somebody waits for it, and only then."""
        task = asyncio.create_task(work)
        still = False
        while not (still and task.done()):
            for _ in range(_SPINS):
                await asyncio.sleep(0)
            still = not any(is_sleeping(task) for task in asyncio.all_tasks())
            if not still:
                self.freezer.tick(1)
            elif task.done():
                await settle(self.hass)
                still = not any(is_sleeping(task) for task in asyncio.all_tasks())
        return await task

    async def after(self, seconds: float) -> None:
        """Let time pass."""
        await self.live(pass_time(self.hass, self.freezer, seconds))

    async def until(self, seconds: float, so: Callable[[], bool]) -> bool:
        """Move time on until a condition holds; return whether it does.

        Unlike in `live`, somebody may be waiting for longer than that.
        """
        for _ in range(int(seconds / _STEP)):
            await self._spin()
            if so():
                return True
            self.freezer.tick(_STEP)
            async_fire_time_changed(self.hass)
        await self._spin()
        return so()

    async def _spin(self) -> None:
        for _ in range(_MANY_SPINS):
            await asyncio.sleep(0)

    async def poll(self) -> None:
        """Let the next poll happen."""
        await self.after(self.every + 1)

    async def peace(self) -> None:
        """Let the time pass that the service named, and the poll that comes then."""
        await self.after(PEACE * self.every + 2)

    async def reload(self) -> None:
        """Do what the end of a sign-in does."""
        for flow in self.flows:
            self.hass.config_entries.flow.async_abort(flow)
        await self.live(self.hass.config_entries.async_reload(self.entry.entry_id))
        await settle(self.hass)

    @property
    def shown(self) -> Shown:
        """Return what is shown of the entry: state and attributes by unique id."""
        registry = er.async_get(self.hass)
        registered = er.async_entries_for_config_entry(registry, self.entry.entry_id)
        states = {
            registered_entity.unique_id: self.hass.states.get(
                registered_entity.entity_id
            )
            for registered_entity in registered
            if not re.search(self.unwatched, registered_entity.unique_id)
            and not registered_entity.unique_id.endswith(self.timed)
        }
        return {
            own: (state.state, dict(state.attributes))
            for own, state in states.items()
            if state
        }

    @property
    def flows(self) -> list[str]:
        """Return the flows that ask somebody to sign in."""
        flows = self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        return [
            flow["flow_id"] for flow in flows if flow["context"]["source"] == "reauth"
        ]

    @property
    def issues(self) -> list[str]:
        """Return Lantern's repairs."""
        issues = ir.async_get(self.hass).issues.values()
        return [
            issue.issue_id
            for issue in issues
            if issue.domain == DOMAIN and issue.active
        ]

    def lines(self) -> list[tuple[str, str]]:
        """Return Lantern's log lines since the last time, with their levels."""
        records, lines = list(self._caplog.records), []
        self._caplog.clear()
        for record in records:
            assert record.exc_info is None, f"a traceback: {record.getMessage()}"
            if record.name.startswith(OURS):
                lines.append((record.levelname, record.getMessage()))
            else:
                text = f"{record.name}: {record.getMessage()}"
                assert record.levelno < logging.ERROR, text
        return lines

    def is_well(self) -> None:
        """Assert what holds at all times."""
        assert self.entry.state is ConfigEntryState.LOADED, self.entry.state
        assert self.service.violations == [], self.service.violations
        assert self._elsewhere.requests == [], "another host was asked"
        longest = max((request.size for request in self.service.requests), default=0)
        assert longest < self.longest_body, f"{longest} bytes were taken"

    def is_quiet(self) -> None:
        """Assert that nothing was logged, and nobody is asked for anything."""
        assert (lines := self.lines()) == [], f"logged: {lines}"
        assert not self.flows, "somebody was asked to sign in"
        assert not self.issues, f"repairs: {self.issues}"

    def one_line(self, level: str) -> None:
        """Assert that one line was logged."""
        lines = self.lines()
        levels = [level for level, _ in lines]
        assert levels == [level], f"logged: {lines}"

    def is_gone(self) -> None:
        """Assert that everything is unavailable but what Lantern itself holds."""
        left = [
            entity
            for entity, (state, _) in self.shown.items()
            if state != "unavailable" and not entity.endswith(self.local)
        ]
        assert not left, f"still shown: {left}"


def difference(before: Shown, after: Shown) -> str:
    """Return what changed, in words; empty if nothing did."""
    differences = [f"{entity} is gone" for entity in before.keys() - after.keys()]
    differences += [f"{entity} is new" for entity in after.keys() - before.keys()]
    differences += [
        f"{entity}: {before[entity]} → {after[entity]}"
        for entity in before.keys() & after.keys()
        if before[entity] != after[entity]
    ]
    return "; ".join(sorted(differences)[:4])
