"""The client of the Hue bridge's v1 API (`hue_registration` and Philips' API)."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession

from ..transport import parsing
from ..transport.certificate import certificate_sha256
from ..transport.errors import BadAnswer, Unreachable
from ..transport.rate_limit import RateLimit
from .answers import BridgeError, ButtonNotPressed, errors_in, members_of
from .pace import GROUP_SPACING, LIGHT_SPACING, Lane
from .reading import Address, HueReader

_SILENCE = 600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: `taken` by parameter, and what was refused and why."""

    taken: Mapping[str, Any]
    refused: tuple[BridgeError, ...]


async def find(session: ClientSession, host: str, *, tls_only: bool) -> Address:
    """Return the address of who answers at `host[:port]`: https, else plain http.

    Plain http is for old bridges: only where https is refused or not spoken.
    """
    url = f"https://{host}/api/config"
    certificate = await certificate_sha256(session, "certificate", url)
    if certificate is None and tls_only:
        raise Unreachable("certificate", "no https")
    return Address(host, certificate)


class HueApi(HueReader):
    """Talks to one bridge: reads it, gives it commands, follows its events."""

    def __init__(
        self, session: ClientSession, address: Address, key: str, limits: RateLimit
    ) -> None:
        """Take the address and the key; nothing is asked yet."""
        super().__init__(session, address, key, limits)
        self._lights = Lane(self._put_light, LIGHT_SPACING)
        self._groups = Lane(self._put_group, GROUP_SPACING)

    async def register(self, devicetype: str, username: str | None) -> str:
        """Return a new application key: the one in the answer, never our wish.

        Raises ButtonNotPressed, or BridgeError. A success anywhere in the array
        wins over errors in it (`hue_registration`).
        """
        body = {"devicetype": devicetype}
        if username:
            body["username"] = username
        answer = await self._ask("register", "POST", "/api", json=body)
        members = members_of(answer)
        if members is None:
            raise BadAnswer("register", "not an array")
        for member in members:
            success = parsing.as_dict(member.get("success"))
            if key := parsing.as_str(success.get("username")):
                return key
        errors = errors_in("register", members)
        for error in errors:
            if isinstance(error, ButtonNotPressed):
                raise error
        if errors:
            raise errors[0]
        raise BadAnswer("register", "neither success nor error")

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
        members = members_of(answer)
        if members is None:
            raise BadAnswer(endpoint, "not an array")
        taken = {
            address.rpartition("/")[2]: value
            for member in members
            for address, value in parsing.as_dict(member.get("success")).items()
        }
        return Outcome(taken, tuple(errors_in(endpoint, members)))

    @asynccontextmanager
    async def event_stream(self) -> AsyncGenerator[AsyncIterator[bytes]]:
        """Open the event stream; it takes no slot. A round bridge has none: 404."""
        headers = {**self._key_header, "Accept": "text/event-stream"}
        async with self._http.stream(
            "eventstream", "/eventstream/clip/v2", headers, _SILENCE
        ) as chunks:
            yield chunks

    async def deregister(self, key: str) -> None:
        """Remove an application key; raises where the firmware forbids it."""
        path = f"/api/{self._key}/config/whitelist/{quote(key, safe='')}"
        answer = await self._ask("deregister", "DELETE", path)
        if (members := members_of(answer)) is None:
            raise BadAnswer("deregister", "not an array")
        if errors := errors_in("deregister", members):
            raise errors[0]
