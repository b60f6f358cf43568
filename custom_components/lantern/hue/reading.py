"""What is read of a bridge through its v1 API (Philips' API), and how it is asked."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, Fingerprint

from ..transport import parsing
from ..transport.errors import BadAnswer, RateLimited, Refused, TimedOut, Unreachable
from ..transport.http import Answer, Http
from ..transport.memo import Members, Same
from ..transport.rate_limit import RateLimit
from .accessories import Sensor, read_sensor
from .answers import (
    is_absent,
    is_busy,
    is_nothing,
    is_unauthorized,
    named,
    object_in,
    says_it_in_the_body,
)
from .groups import Group, Scene, all_lights, read_group, read_scene
from .joining import LightKeys, join, new_keys
from .lightstate import Abilities
from .models import Bridge, Device, read_bridge
from .pace import AT_ONCE, BREATH, pause, take_breath
from .resources import Light, read_light
from .stream import v1_number

_TRIES = 5
_PATIENCE = 5.0
_TIMEOUT = 10.0
_FIRST_WORD = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bridge is: `host[:port]`, and its certificate's SHA-256 in hex.

    Without a certificate the bridge speaks plain http.
    """

    host: str
    certificate: str | None

    @property
    def url(self) -> str:
        """Return the bridge's base URL."""
        return f"{'https' if self.certificate else 'http'}://{self.host}"


@dataclass(frozen=True, slots=True)
class House:
    """What a bridge has; `devices` and `groups` by device id.

    `sensors` are those of no physical device.
    """

    devices: Mapping[str, Device]
    groups: Mapping[str, Group]
    sensors: tuple[Sensor, ...]
    all_lights: Group


@cache
def _pin(certificate: str) -> Fingerprint:
    """Return the pin of a certificate; aiohttp reuses connections by the object."""
    return Fingerprint(bytes.fromhex(certificate))


class HueReader:
    """Reads one bridge, with an application key once there is one.

    The certificate of the address is pinned; the key is a part of each v1 path
    and of the v2 header, and of nothing else.
    """

    def __init__(
        self, session: ClientSession, address: Address, key: str, limits: RateLimit
    ) -> None:
        """Take the address and the key; nothing is asked yet."""
        self.address = address
        self._key = quote(key, safe="")
        certificate = address.certificate
        self._http = Http(
            session,
            address.url,
            limits=take_breath(limits),
            timeout=_TIMEOUT,
            ssl=_pin(certificate) if certificate else True,
            is_auth=is_unauthorized,
            body_decides=says_it_in_the_body,
        )
        # The v2 API takes the key in a header, and in nothing else.
        self._key_header = {"hue-application-key": key}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self.present_collections: set[str] = set()
        self._collections: dict[str, Members[Any]] = {}
        self._house: Same[House] = Same()
        self._can: Mapping[str, Abilities] = {}

    async def _ask(
        self, endpoint: str, method: str, path: str, **content: Any
    ) -> Answer:
        """Send a request when a slot is free; a busy bridge is asked again.

        It says so by status, or in the body of a 200. A registration is sent once.
        """
        async with self._slots:
            for attempt in range(_TRIES):
                try:
                    answer = await self._http.request(endpoint, method, path, **content)
                except RateLimited as err:
                    if err.retry_after > _PATIENCE:
                        raise
                    await pause(err.retry_after)
                    continue
                if method == "POST" or not is_busy(answer):
                    return answer
                if attempt + 1 < _TRIES:
                    await pause(BREATH * 2**attempt)
        raise Unreachable(endpoint, "busy")

    async def _object(self, endpoint: str, path: str) -> Mapping[str, Any]:
        """Return the JSON object at a path; an array in its place is an error."""
        return object_in(await self._ask(endpoint, "GET", path))

    async def introduction(self) -> Bridge:
        """Return what the bridge tells anybody, within 5 s; no key is sent."""
        try:
            async with asyncio.timeout(_FIRST_WORD):
                return _bridge(
                    "introduction", await self._object("introduction", "/api/config")
                )
        except TimeoutError:
            raise TimedOut("introduction", "timeout") from None

    async def config(self) -> Bridge:
        """Return the bridge; with an unknown key it tells what it tells anybody."""
        return _bridge(
            "config", await self._object("config", f"/api/{self._key}/config")
        )

    async def _read[ThingT](
        self,
        name: str,
        number: str | None,
        read: Callable[[str, Mapping[str, Any]], ThingT | None],
        *of: object,
    ) -> dict[str, ThingT]:
        """Return what can be read of a collection, or one of it, by number.

        What did not change, nor what it is read with (`of`), is the same object again.
        """
        path = f"/api/{self._key}/{name}"
        if number is not None:
            found = await self._object(name, f"{path}/{number}")
            thing = read(number, found)
            return {} if thing is None else {number: thing}
        kept: Members[ThingT] = self._collections.setdefault(name, Members())
        # Early firmware and emulators do not have all of them.
        is_needed = name == "lights" or name in self.present_collections
        try:
            answer = await self._ask(name, "GET", path)
            if not is_needed and is_nothing(answer):
                return kept.take(b"{}", dict, read, *of)
            found = kept.take(
                answer.body, lambda: named(name, object_in(answer)), read, *of
            )
        except Refused as err:
            if is_needed or not is_absent(err):
                raise
            return kept.take(b"{}", dict, read, *of)
        self.present_collections.add(name)
        return found

    async def lights(self, number: str | None = None) -> dict[str, Light]:
        """Return all lamps, or one, by number."""
        return await self._read("lights", number, read_light)

    async def groups(
        self, lights: Mapping[str, Light], number: str | None = None
    ) -> dict[str, Group]:
        """Return rooms and zones of known lamps, or one, by number."""
        # What a lamp does now is nothing to the rooms that it is in.
        now = {one: light.can for one, light in lights.items()}
        can = self._can = self._can if now == self._can else now
        return await self._read(
            "groups", number, lambda one, group: read_group(one, group, can), can
        )

    async def sensors(self, number: str | None = None) -> dict[str, Sensor]:
        """Return all sensor resources, or one, by number."""
        return await self._read("sensors", number, read_sensor)

    async def scenes(self) -> tuple[Scene, ...]:
        """Return the scenes that people made."""
        return tuple((await self._read("scenes", None, read_scene)).values())

    async def house(self, bridge_id: str, keys: LightKeys = new_keys) -> House:
        """Return what the bridge has, in three requests.

        One after the other: that leaves the bridge time for others' commands.
        """
        lights = await self.lights()
        groups = await self.groups(lights)
        sensors = await self.sensors()

        def house() -> House:
            return House(
                devices=join(bridge_id, lights.values(), sensors.values(), keys),
                groups={
                    f"hue:{bridge_id}:group:{number}": group.with_lamps(lights)
                    for number, group in groups.items()
                },
                sensors=tuple(one for one in sensors.values() if one.mac is None),
                all_lights=all_lights(lights.values()),
            )

        return self._house.of(b"", house, lights, groups, sensors)

    async def buttons(self) -> dict[str, tuple[str, int]]:
        """Return the v1 number and the button of each v2 button, by its id."""
        answer = await self._ask(
            "buttons", "GET", "/clip/v2/resource/button", headers=self._key_header
        )
        found = {}
        for one in parsing.iter_dicts(parsing.as_dict(answer.json()).get("data")):
            number = v1_number(one, "sensors")
            button = parsing.as_int(
                parsing.as_dict(one.get("metadata")).get("control_id")
            )
            if (own := parsing.as_str(one.get("id"))) and number and button:
                found[own] = (number, button)
        return found


def _bridge(endpoint: str, config: Mapping[str, Any]) -> Bridge:
    """Return the bridge of a config, or raise BadAnswer if it is no bridge's."""
    bridge = read_bridge(config)
    if not bridge.is_told:
        raise BadAnswer(endpoint, "not a bridge's config")
    return bridge
