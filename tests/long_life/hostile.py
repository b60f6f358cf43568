"""What may happen on a hostile day: faults, names, values, people, all at random."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
import contextlib
from datetime import timedelta
from random import Random
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import voluptuous as vol

from custom_components.lantern.const import CONF_VENDOR, DOMAIN
from simulator.world import World
from tests.faults.kinds import KINDS
from tests.lux.carrying import treatment

type Client = TestClient[Any, Any]

CAR = 2_370_001
_DEEP = 300


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = {"a": [value]}
    return value


TEXTS = (
    *("", " ", "\x00\x1b[31m", "a\nb\r\n", "\ud800", "x" * 20_000, "🙂" * 300),
    *("[a](http://192.0.2.7)", "<b>b</b>", "{{ states }}", "{title}", "%s%n", "../.."),
)
NUMBERS = (0, -1, 2**53 + 1, 2**64 + 1, -(2**63) - 1, 10**400, 1e308, -1e308, 0.1)
VALUES = (*TEXTS, *NUMBERS, None, True, [], {}, [None], _nested(_DEEP))
# Home Assistant's own API takes no half of a character from a person.
TYPED = tuple(value for value in VALUES if value != "\ud800")
_CALLS: dict[str, tuple[tuple[str, dict[str, Sequence[Any]]], ...]] = {
    "light": (
        ("turn_on", {"brightness": (1, 255), "color_temp_kelvin": (2000, 9000)}),
        ("turn_off", {"transition": (0, 1, 300)}),
    ),
    "switch": (("turn_on", {}), ("turn_off", {})),
    "button": (("press", {}),),
    "scene": (("turn_on", {}),),
    "number": (("set_value", {"value": (0, 60, 120, 3600, 10**9)}),),
    "text": (
        (
            "set_value",
            {"value": [text[:100] for text in TYPED if isinstance(text, str) and text]},
        ),
    ),
}


class HostileDay:
    """One Home Assistant's bad time, told by a seed; `step` does the next thing."""

    def __init__(
        self, hass: HomeAssistant, world: World, chance: Random, api: Client
    ) -> None:
        """Take the home, the services, and what asks Home Assistant as a browser does."""
        self._hass = hass
        self._world = world
        self._chance = chance
        self._api = api
        self.under_way: set[asyncio.Task[None]] = set()
        self._deeds: tuple[Callable[[], Any], ...] = (
            *(self._spoil,) * 4,
            *(self._mend,) * 2,
            *(self._change,) * 4,
            *(self._happen,) * 3,
            *(self._call,) * 4,
            *(self._act,) * 3,
            self._reload,
            self._repair,
            self._abort_sign_in,
        )

    def step(self) -> None:
        """Let the next thing happen; what takes time goes on meanwhile."""
        for _ in range(self._chance.randrange(3)):
            made = self._chance.choice(self._deeds)()
            if made is not None:
                task = asyncio.create_task(self._tolerated(made))
                self.under_way.add(task)
                task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.under_way.discard(task)
        task.result()  # what nobody foresaw fails the test

    async def _tolerated(self, work: Awaitable[Any]) -> None:
        """Do what may be refused in words."""
        with contextlib.suppress(HomeAssistantError, vol.Invalid):
            await work

    def _spoil(self) -> None:
        """Put a fault on some requests of a service."""
        service: Any = self._chance.choice(self._world.services)
        kind = self._chance.choice(
            [kind for kind in KINDS if kind.fault not in (None, "redirect")]
        )
        settings = dict(kind.settings)
        if kind.waits:
            settings["seconds"] = self._chance.choice((5, 120))
        route = self._chance.choice(("*", "GET *", "POST *", "PUT *", "PATCH *"))
        times = self._chance.choice((1, 1, 2, 5, 20))
        service.inject(route, kind.fault, times=times, **settings)

    def _mend(self) -> None:
        self._chance.choice(self._world.services).clear_faults()

    def _value(self) -> Any:
        return self._chance.choice(VALUES)

    def _change(self) -> None:
        """Let a service say odd things."""
        hue, lightbug = self._world.hue, self._world.lightbug
        chance = self._chance
        which = chance.randrange(6)
        if which == 0:
            number = chance.choice(list(hue.house.lights))
            hue.change("lights", number, name=chance.choice(TEXTS))
        elif which == 1:
            number = chance.choice(list(hue.house.sensors))
            # The simulated bridge's API v2 computes with these, so they stay integers.
            for key, value in hue.house.sensors[number]["state"].items():
                if type(value) is int:
                    odd = chance.choice((0, -1, 65_535, 2**31))
                    hue.change("sensors", number, state={key: odd})
                    break
        elif which == 2:
            self._world.lucit.set_board(name=chance.choice(TEXTS))
            self._world.lucit.set_device(name=chance.choice(TEXTS))
        elif which == 3:
            lightbug.set_device(CAR, name=chance.choice(TEXTS))
            lightbug.add_reading(CAR, "temp", self._value())
        elif which == 4:
            lightbug.add_point(CAR, speed=self._value())
        else:
            self._world.lux.set_device(device_alias=chance.choice(TEXTS))
            self._world.lux.set_user(first_name=chance.choice(TEXTS))

    def _happen(self) -> None:
        """Let something happen that an automation hears of."""
        world, chance = self._world, self._chance
        which = chance.randrange(5)
        if which == 0:
            parameters = {str(chance.choice(TEXTS)): self._value()}
            world.lucit.queue_instruction(chance.choice(TEXTS), parameters)
        elif which == 1:
            words = chance.choice(TEXTS)
            world.lightbug.add_activity(CAR, "button", name=words, message=words)
        elif which == 2:
            world.lux.phone_upload(811)
        elif which == 3:
            world.hue.set_light(chance.choice(list(world.hue.house.lights)), on=True)
        else:
            world.hue.drop_streams()

    def _entry(self, vendor: str | None = None) -> Any:
        entries = self._hass.config_entries.async_entries(DOMAIN)
        return self._chance.choice(
            [entry for entry in entries if vendor in (None, entry.data[CONF_VENDOR])]
        )

    def _call(self) -> Awaitable[Any] | None:
        """Use an entity as a person does."""
        entities = er.async_entries_for_config_entry(
            er.async_get(self._hass), self._entry().entry_id
        )
        usable = [entity for entity in entities if entity.domain in _CALLS]
        if not usable:
            return None
        entity = self._chance.choice(usable)
        action, fields = self._chance.choice(_CALLS[entity.domain])
        data = {key: self._chance.choice(some) for key, some in fields.items()}
        return self._hass.services.async_call(
            entity.domain,
            action,
            {"entity_id": entity.entity_id, **data},
            blocking=True,
        )

    def _act(self) -> Awaitable[Any] | None:
        """Perform one of Lantern's own actions, with odd data in it."""
        chance = self._chance
        start = dt_util.utcnow() - timedelta(hours=chance.choice((1, 24, -1)))
        log = treatment(
            chance.choice((None, 14, 10**12)), intensity=chance.choice(TYPED)
        )
        vendor, action, data = chance.choice(
            (
                ("lux", "lux_upload_treatment_logs", {"logs": [treatment()]}),
                ("lux", "lux_upload_treatment_logs", {"logs": [log]}),
                ("lux", "lux_get_device", {"real_user_id": chance.choice(TYPED)}),
                ("lux", "lux_check_device", {"unique_id": chance.choice(TYPED)}),
                ("lightbug", "lightbug_get_history", {"start": start.isoformat()}),
                ("lightbug", "lightbug_get_history", {"start": chance.choice(TYPED)}),
                ("lightbug", "lightbug_get_geofences", {}),
                (
                    "lucit",
                    "lucit_acknowledge_instruction",
                    {"lcuid": chance.choice(TYPED)},
                ),
                ("hue", "hue_list_applications", {}),
            )
        )
        entry = self._entry(vendor)
        if action in ("lux_upload_treatment_logs", "lightbug_get_history"):
            devices = dr.async_entries_for_config_entry(
                dr.async_get(self._hass), entry.entry_id
            )
            if not devices:
                return None
            data["device_id"] = chance.choice(devices).id
        else:
            data["config_entry_id"] = entry.entry_id
        answers = self._hass.services.supports_response(DOMAIN, action) != "none"
        return self._hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=answers
        )

    def _reload(self) -> Awaitable[Any]:
        return self._hass.config_entries.async_reload(self._entry().entry_id)

    async def _repair(self) -> None:
        """Open each repair as the browser does; submit its form, or do not."""
        from homeassistant.helpers import issue_registry as ir  # noqa: PLC0415

        for issue in list(ir.async_get(self._hass).issues.values()):
            if issue.domain != DOMAIN or not issue.is_fixable or not issue.active:
                continue
            begin = {"handler": DOMAIN, "issue_id": issue.issue_id}
            shown = await self._post("repairs/issues/fix", begin)
            if shown.get("type") == "form" and self._chance.random() < 0.5:
                await self._post(f"repairs/issues/fix/{shown['flow_id']}", {})

    async def _post(self, path: str, data: Any) -> Any:
        async with self._api.post(f"/api/{path}", json=data) as answer:
            assert answer.status in (200, 400, 404), f"{path}: {answer.status}"
            return await answer.json()

    def _abort_sign_in(self) -> None:
        """Close the dialogs that ask somebody to sign in."""
        for flow in self._hass.config_entries.flow.async_progress_by_handler(DOMAIN):
            self._hass.config_entries.flow.async_abort(flow["flow_id"])
