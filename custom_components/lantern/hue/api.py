"""The client of the Hue bridge's v1 API (`hue_registration` and Philips' API)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, Fingerprint

from ..transport import fields
from ..transport.certificate import certificate_sha256
from ..transport.errors import BadAnswer, RateLimited, Refused, TimedOut, Unreachable
from ..transport.http import Answer, Http
from ..transport.limits import Limits
from .accessories import Sensor, read_sensor
from .groups import Group, Scene, all_lights, read_group, read_scene
from .models import Bridge, Device, join, read_bridge
from .pace import AT_ONCE, GROUP_SPACING, LIGHT_SPACING, Lane, pause, take_breath
from .resources import Light, read_light
from .stream import v1_number

UNAUTHORIZED = 1
INVALID_JSON = 2
NO_PARAMETER = 6
INVALID_VALUE = 7
_NOT_PRESSED = 101
_TRIES = 5
_PATIENCE = 5.0
_TIMEOUT = 10.0
_FIRST_WORD = 5.0
_SILENCE = 600.0


class BridgeError(Refused):
    """The bridge named an error: `code` is its type, `address` what it is about."""

    def __init__(self, endpoint: str, code: int, text: str, address: str) -> None:
        """Keep what the bridge said."""
        super().__init__(endpoint, code, text)
        self.address = address


class ButtonNotPressed(BridgeError):
    """The link button was not pressed in the last 30 seconds."""


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
class Outcome:
    """What a command did: `taken` by parameter, and what was refused and why."""

    taken: Mapping[str, Any]
    refused: tuple[BridgeError, ...]


@dataclass(frozen=True, slots=True)
class House:
    """What a bridge has; `devices` and `groups` by device id.

    `sensors` are those of no physical device.
    """

    devices: Mapping[str, Device]
    groups: Mapping[str, Group]
    sensors: tuple[Sensor, ...]
    all_lights: Group


async def find(session: ClientSession, host: str, *, tls_only: bool) -> Address:
    """Return the address of who answers at `host[:port]`: https, else plain http.

    Plain http is for old bridges: only where https is refused or not spoken.
    """
    url = f"https://{host}/api/config"
    certificate = await certificate_sha256(session, "certificate", url)
    if certificate is None and tls_only:
        raise Unreachable("certificate", "no https")
    return Address(host, certificate)


def _members(answer: Answer) -> list[Mapping[str, Any]] | None:
    """Return the members of a v1 array, None if the answer is none."""
    if not answer.body.lstrip().startswith(b"["):
        return None
    members = answer.json_or_none()
    return None if members is None else list(fields.objects(members))


def _errors(endpoint: str, members: list[Mapping[str, Any]]) -> list[BridgeError]:
    """Return the errors among the members of a v1 array."""
    found = []
    for member in members:
        if error := fields.mapping(member.get("error")):
            code = fields.integer(error.get("type")) or 0
            kind = ButtonNotPressed if code == _NOT_PRESSED else BridgeError
            text = fields.text(error.get("description")) or f"error {code}"
            address = fields.text(error.get("address")) or ""
            found.append(kind(endpoint, code, text, address))
    return found


def _is_unauthorized(answer: Answer) -> bool:
    """Tell whether a bridge does not know our key: error 1, by some as a 403."""
    if answer.status in (401, 403):
        return True
    errors = _errors(answer.endpoint, _members(answer) or [])
    return any(error.code == UNAUTHORIZED for error in errors)


def _says_it_in_the_body(answer: Answer) -> bool:
    """Tell whether an answer is an array of errors, whatever its status."""
    return bool(_errors(answer.endpoint, _members(answer) or []))


def _named(endpoint: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a collection by number; raise BadAnswer if nothing in it has a name."""
    if found and not any(
        isinstance(fields.mapping(one).get("name"), str) for one in found.values()
    ):
        raise BadAnswer(endpoint, "nothing with a name")
    return found


def _once(found: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the things of a collection by number; listed twice, the first counts."""
    seen = set()
    for number, value in found.items():
        about = fields.mapping(value)
        if isinstance(own := about.get("uniqueid"), str):
            if own in seen:
                continue
            seen.add(own)
        yield number, about


@cache
def _pin(certificate: str) -> Fingerprint:
    """Return the pin of a certificate; aiohttp reuses connections by the object."""
    return Fingerprint(bytes.fromhex(certificate))


class HueApi:
    """Talks to one bridge, with an application key once there is one.

    The certificate of the address is pinned; the key is a part of each v1 path
    and of the v2 header, and of nothing else.
    """

    def __init__(
        self, session: ClientSession, address: Address, key: str, limits: Limits
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
            is_auth=_is_unauthorized,
            verdict=_says_it_in_the_body,
        )
        # The v2 API takes the key in a header, and in nothing else.
        self._key_header = {"hue-application-key": key}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._lights = Lane(self._put_light, LIGHT_SPACING)
        self._groups = Lane(self._put_group, GROUP_SPACING)

    async def _ask(
        self, endpoint: str, method: str, path: str, **content: Any
    ) -> Answer:
        """Send a request when a slot is free; a busy bridge is asked again."""
        async with self._slots:
            for _ in range(_TRIES):
                try:
                    return await self._http.request(endpoint, method, path, **content)
                except RateLimited as err:
                    if err.retry_after > _PATIENCE:
                        raise
                    await pause(err.retry_after)
        raise Unreachable(endpoint, "busy")

    async def _object(self, endpoint: str, path: str) -> Mapping[str, Any]:
        """Return the JSON object at a path; an array in its place is an error."""
        answer = await self._ask(endpoint, "GET", path)
        if errors := _errors(endpoint, _members(answer) or []):
            raise errors[0]
        found = answer.json()
        if not isinstance(found, Mapping):
            raise BadAnswer(endpoint, "not an object")
        return found

    async def introduction(self) -> Bridge:
        """Return what the bridge tells anybody, within 5 s; no key is sent."""
        try:
            async with asyncio.timeout(_FIRST_WORD):
                return _bridge(
                    "introduction", await self._object("introduction", "/api/config")
                )
        except TimeoutError:
            raise TimedOut("introduction", "timeout") from None

    async def register(self, devicetype: str, username: str | None) -> str:
        """Return a new application key: the one in the answer, never our wish.

        Raises ButtonNotPressed, or BridgeError. A success anywhere in the array
        wins over errors in it (`hue_registration`).
        """
        body = {"devicetype": devicetype}
        if username:
            body["username"] = username
        answer = await self._ask("register", "POST", "/api", json=body)
        members = _members(answer)
        if members is None:
            raise BadAnswer("register", "not an array")
        for member in members:
            success = fields.mapping(member.get("success"))
            if key := fields.text(success.get("username")):
                return key
        errors = _errors("register", members)
        for error in errors:
            if isinstance(error, ButtonNotPressed):
                raise error
        if errors:
            raise errors[0]
        raise BadAnswer("register", "neither success nor error")

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
    ) -> dict[str, ThingT]:
        """Return what can be read of a collection, or one of it, by number."""
        if number is not None:
            found = await self._object(name, f"/api/{self._key}/{name}/{number}")
            thing = read(number, found)
            return {} if thing is None else {number: thing}
        found = await self._object(name, f"/api/{self._key}/{name}")
        return {
            one: thing
            for one, about in _once(_named(name, found))
            if (thing := read(one, about)) is not None
        }

    async def lights(self, number: str | None = None) -> dict[str, Light]:
        """Return all lamps, or one, by number."""
        return await self._read("lights", number, read_light)

    async def groups(
        self, lights: Mapping[str, Light], number: str | None = None
    ) -> dict[str, Group]:
        """Return rooms and zones of known lamps, or one, by number."""
        return await self._read(
            "groups", number, lambda one, group: read_group(one, group, lights)
        )

    async def sensors(self, number: str | None = None) -> dict[str, Sensor]:
        """Return all sensor resources, or one, by number."""
        return await self._read("sensors", number, read_sensor)

    async def scenes(self) -> tuple[Scene, ...]:
        """Return the scenes that people made."""
        return tuple((await self._read("scenes", None, read_scene)).values())

    async def house(self, bridge_id: str) -> House:
        """Return what the bridge has, in three requests.

        One after the other: that leaves the bridge time for others' commands.
        """
        lights = await self.lights()
        groups = await self.groups(lights)
        sensors = await self.sensors()
        return House(
            devices=join(bridge_id, lights.values(), sensors.values()),
            groups={f"hue:{bridge_id}:group:{n}": one for n, one in groups.items()},
            sensors=tuple(one for one in sensors.values() if one.mac is None),
            all_lights=all_lights(lights.values()),
        )

    async def set_sensor(self, number: str, config: Mapping[str, Any]) -> Outcome:
        """Set parts of a sensor's config."""
        return await self._put("sensors/config", f"sensors/{number}/config", config)

    async def set_light(self, number: str, state: Mapping[str, Any]) -> Outcome:
        """Set a lamp's state when its turn has come."""
        return await self._lights.send(number, state)

    async def set_group(self, number: str, action: Mapping[str, Any]) -> Outcome:
        """Set the state of all lamps of a group when its turn has come."""
        return await self._groups.send(number, action)

    async def _put_light(self, number: str, state: Mapping[str, Any]) -> Outcome:
        return await self._put("lights/state", f"lights/{number}/state", state)

    async def _put_group(self, number: str, action: Mapping[str, Any]) -> Outcome:
        return await self._put("groups/action", f"groups/{number}/action", action)

    async def _put(self, endpoint: str, path: str, body: Mapping[str, Any]) -> Outcome:
        """Send parameters; the bridge answers for each of them."""
        answer = await self._ask(endpoint, "PUT", f"/api/{self._key}/{path}", json=body)
        members = _members(answer)
        if members is None:
            raise BadAnswer(endpoint, "not an array")
        taken = {
            address.rpartition("/")[2]: value
            for member in members
            for address, value in fields.mapping(member.get("success")).items()
        }
        return Outcome(taken, tuple(_errors(endpoint, members)))

    @asynccontextmanager
    async def event_stream(self) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Open the event stream; it takes no slot. A round bridge has none: 404."""
        headers = {**self._key_header, "Accept": "text/event-stream"}
        async with self._http.stream(
            "eventstream", "/eventstream/clip/v2", headers, _SILENCE
        ) as chunks:
            yield chunks

    async def buttons(self) -> dict[str, tuple[str, int]]:
        """Return the v1 number and the button of each v2 button, by its id."""
        answer = await self._ask(
            "buttons", "GET", "/clip/v2/resource/button", headers=self._key_header
        )
        found = {}
        for one in fields.objects(fields.mapping(answer.json()).get("data")):
            number = v1_number(one, "sensors")
            button = fields.integer(
                fields.mapping(one.get("metadata")).get("control_id")
            )
            if (own := fields.text(one.get("id"))) and number and button:
                found[own] = (number, button)
        return found

    async def deregister(self, key: str) -> None:
        """Remove an application key; raises where the firmware forbids it."""
        path = f"/api/{self._key}/config/whitelist/{quote(key, safe='')}"
        answer = await self._ask("deregister", "DELETE", path)
        if (members := _members(answer)) is None:
            raise BadAnswer("deregister", "not an array")
        if errors := _errors("deregister", members):
            raise errors[0]


def _bridge(endpoint: str, config: Mapping[str, Any]) -> Bridge:
    """Return the bridge of a config, or raise BadAnswer if it is no bridge's."""
    bridge = read_bridge(config)
    if not bridge.is_told:
        raise BadAnswer(endpoint, "not a bridge's config")
    return bridge
