"""Lightbug's push over loopback: SNS, its names, its authority, and the webhook."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
import socket
import ssl
from typing import Any, override
from unittest.mock import patch

from aiohttp.abc import AbstractResolver, ResolveResult
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from simulator.lightbug import Lightbug
from simulator.lightbug.sns import Sns, pem
from tests.common import settle
from tests.conftest import served

EXTERNAL = "https://home.example.org"


class Names(AbstractResolver):
    """The internet's names: SNS and the issuers are on loopback, nobody else is."""

    def __init__(self, sns: Sns) -> None:
        """Remember which names were asked for."""
        self.sns = sns
        self.asked: list[str] = []

    @override
    async def resolve(
        self, host: str, port: int = 0, family: Any = 0
    ) -> list[ResolveResult]:
        """Return the port on loopback where a name's service is."""
        self.asked.append(host)
        if host == self.sns.domain:
            port = self.sns.port
        elif host == "crt.r2m01.amazontrust.com":
            port = self.sns.issuers.port
        else:
            raise OSError(None, "no such name")
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    @override
    async def close(self) -> None:
        """Leave."""


@dataclass(slots=True)
class Pushing:
    """An entry, the simulated SNS, and the webhook as SNS reaches it."""

    hass: HomeAssistant
    entry: MockConfigEntry
    lightbug: Lightbug
    sns: Sns
    names: Names
    base: URL
    address: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """Return the webhook's address on loopback."""
        return str(self.base.join(URL(URL(self.address).path)))

    async def switch_on(self) -> None:
        """Switch push on in the options, as a person does, and copy the address."""
        result: Any = await self.hass.config_entries.options.async_init(
            self.entry.entry_id
        )
        flow = result["flow_id"]
        result = await self.hass.config_entries.options.async_configure(
            flow, {"push": True}
        )
        assert result["step_id"] == "push", result
        (marker,) = result["data_schema"].schema
        self.address = marker.description["suggested_value"]
        result = await self.hass.config_entries.options.async_configure(flow, {})
        assert result["type"] == "create_entry"
        await settle(self.hass)

    async def send(self, message: dict[str, Any] | bytes) -> int:
        """Deliver what SNS, or somebody else, sends."""
        return await self.sns.deliver(self.url, message)


async def serve_sns(hass: HomeAssistant) -> AsyncGenerator[tuple[Sns, Names]]:
    """Serve SNS under its own name, vouched for by the only trusted authority.

    The network's part alone is another one: names, and Home Assistant's trust store.
    """
    async for sns in served(Sns()):
        trust = ssl.create_default_context(cadata=pem(sns.authority.root).decode())
        with patch("homeassistant.util.ssl._client_context", return_value=trust):
            connector: Any = async_get_clientsession(hass).connector
            names = Names(sns)
            real, connector._resolver = connector._resolver, names  # noqa: SLF001  # the network's part, not ours
            yield sns, names
            connector._resolver = real  # noqa: SLF001  # and back
        assert sns.issuers.violations == []


async def set_external_url(hass: HomeAssistant, url: str | None) -> None:
    """Let Home Assistant have an address on the internet."""
    await async_process_ha_core_config(hass, {"external_url": url} if url else {})
