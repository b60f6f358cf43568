"""Looks for recognisable values everywhere that Home Assistant keeps or tells things."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
import json
import logging
from pathlib import Path
import traceback
from typing import Any, override
from urllib.parse import quote

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlowContext,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import get_system_health_info
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.lantern.const import DOMAIN
from simulator.faults import Handler
from simulator.service import Service
from tests.common import pass_time, settle

type Places = dict[str, set[str]]

_ANY_LOG = "log of "
_LEFT = "left behind in"
OURS = "custom_components.lantern"
LISTENED = ("aiohttp.client", "asyncio", "homeassistant.core", OURS, "urllib3")
KEPT = {"file core.config_entries"}
# A name that a person gave a device, and an id by which it is known again.
NAME = {"device name", "entity entity_id", "entity id", "friendly_name"}
ID = {"device identifiers", "entity unique_id"}
# What of a kind must have been searched, or nothing is proved.
SEARCHED = {
    "line of a log": 100,
    "our line of a log": 1,
    "state": 5,
    "device": 1,
    "entity": 5,
    "diagnostics": 2,
    "system health": 1,
    "issue": 1,
    "error": 1,
    "file": 1,
}


class Wire(Service):
    """A service that keeps what went over its wire, to prove what was delivered."""

    @property
    def wire(self) -> str:
        """Return all of it."""
        return "\n".join(self.__dict__.setdefault("_wire", []))

    @override
    @web.middleware
    async def _receive(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        response = await super()._receive(request, handler)
        said = response.text if isinstance(response, web.Response) else ""
        asked = f"{request.path_qs} {dict(request.headers)} {await request.text()}"
        self.__dict__.setdefault("_wire", []).append(f"{asked}\n{said}")
        return response

    def named(self, *names: str) -> set[str]:
        """Return the texts that answers gave under these names."""
        values: set[str] = set()
        for line in self.wire.splitlines():
            if line.startswith(("{", "[")):
                values |= set(_named(json.loads(line), names))
        return values


def _named(value: Any, names: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, child in value.items():
            if key in names and isinstance(child, str) and child:
                yield child
            yield from _named(child, names)
    elif isinstance(value, list):
        for child in value:
            yield from _named(child, names)


class Watch:
    """One life: all that was shown, kept or logged meanwhile, by place."""

    def __init__(
        self,
        hass: HomeAssistant,
        hass_client: ClientSessionGenerator,
        caplog: pytest.LogCaptureFixture,
        storage: Mapping[str, Any],
        service: Wire,
    ) -> None:
        """Listen to all loggers, whatever level they had."""
        self.searched: Counter[str] = Counter()
        self._seen: list[tuple[str, str]] = []
        self._hass = hass
        self._client = hass_client
        self._caplog = caplog
        self._storage = storage
        self._service = service
        caplog.set_level(logging.DEBUG)
        for name in [*logging.root.manager.loggerDict, *LISTENED]:
            # This way the levels are put back: the tests after this one want theirs.
            caplog.set_level(logging.DEBUG, logger=name)
            logger = logging.getLogger(name)
            logger.propagate = True
            logger.disabled = False

    def _search(self, kind: str, place: str, value: object) -> None:
        """Keep a value, to be searched once all values to look for are known."""
        self.searched[kind] += 1
        text = value if isinstance(value, str) else json.dumps(value, default=repr)
        self._seen.append((place, text))

    def error(self, err: BaseException) -> None:
        """Look into an error that a person was shown, and into its causes."""
        placeholders = getattr(err, "translation_placeholders", None)
        whole = "".join(traceback.format_exception_only(err))
        self._search("error", "error", f"{err} {err!r} {placeholders} {whole}")
        if isinstance(err.__cause__, BaseException):
            self.error(err.__cause__)

    async def call(self, domain: str, action: str, **data: Any) -> Any:
        """Call an action as a person does; its error is looked into."""
        self.searched["command"] += 1
        service = self._hass.services
        response = service.supports_response(domain, action) != "none"
        try:
            return await service.async_call(
                domain, action, data, blocking=True, return_response=response
            )
        except HomeAssistantError as err:
            self.error(err)
            return None

    async def look(self, entry: ConfigEntry, *, devices: bool = False) -> None:
        """Look at all that is shown and kept, and at what can be downloaded."""
        hass = self._hass
        for state in hass.states.async_all():
            domain = state.domain
            self._search("state", f"{domain} state", state.state)
            self._search("state", "entity id", state.entity_id)
            for key, value in state.attributes.items():
                name = "" if key == "friendly_name" else f"{domain} "
                self._search("state", f"{name}{key}", value)
        for entity in er.async_get(hass).entities.values():
            for key, value in entity.extended_dict.items():
                self._search("entity", f"entity {key}", value)
        for device in dr.async_get(hass).devices:
            for key, value in device.dict_repr.items():
                self._search("device", f"device {key}", value)
        for (_, issue_id), issue in ir.async_get(hass).issues.items():
            shown = (issue_id, issue.data, issue.translation_placeholders)
            self._search("issue", "issue", f"{shown} {issue.translation_key}")
        health = await get_system_health_info(hass, DOMAIN)
        self._search("system health", "system health", health)
        self._search("title", "title", entry.title)
        if entry.state.recoverable and hasattr(entry, "runtime_data"):
            await self._download(entry, devices)

    async def _download(self, entry: ConfigEntry, devices: bool) -> None:
        hass = self._hass
        users = await hass.auth.async_get_users()
        admin = next(
            iter(
                refresh_token
                for user in users
                for refresh_token in user.refresh_tokens.values()
            )
        )
        # The one of the fixture ends after half an hour.
        client = partial(self._client, hass.auth.async_create_access_token(admin))
        whole = await get_diagnostics_for_config_entry(hass, client, entry)
        self._search("diagnostics", "diagnostics", whole)
        registered = dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        for device in registered if devices else ():
            diagnostic = await get_diagnostics_for_device(hass, client, entry, device)
            self._search("diagnostics", "diagnostics", diagnostic)

    def look_at_disk(self, when: str = "file") -> None:
        """Look into every file of Home Assistant's folder, and what its stores write."""
        for key, data in self._storage.items():
            self._search("file", f"{when} {key}", {"name": key, "data": data})
        folder = Path(self._hass.config.config_dir)
        for path in folder.rglob("*"):
            if path.is_file():
                text = path.read_bytes().decode(errors="replace")
                name = path.relative_to(folder).as_posix()
                kind = "queue" if "lux_queue" in name else name
                self._search("file", f"{when} {kind}", f"{name} {text}")

    def look_at_logs(self) -> None:
        """Look at every line of every logger; ours are looked at for people, too."""
        for name in LISTENED:
            logging.getLogger(name).debug("probe of %s", name)
        records = self._caplog.get_records("setup") + self._caplog.get_records("call")
        for record in records:
            text = record.getMessage()
            if record.exc_info:
                text += "".join(traceback.format_exception(*record.exc_info))
            if record.name.startswith(OURS):
                self._search("our line of a log", "our log", text)
            self._search("line of a log", f"{_ANY_LOG}{record.name}", text)
        heard = {record.name for record in records}
        assert heard.issuperset(LISTENED), heard

    def _places(self, secrets: dict[str, str], people: dict[str, str]) -> Places:
        places: Places = {}
        for place, text in dict.fromkeys(self._seen):
            for name, secret in secrets.items():
                if any(form in text for form in (secret, quote(secret, safe=""))):
                    places.setdefault(name, set()).add(place)
            # Home Assistant's own loggers tell at debug what everybody does.
            low = "" if place.startswith((_ANY_LOG, "file", _LEFT)) else text.lower()
            for name, value in people.items():
                if value.lower() in low:
                    places.setdefault(name, set()).add(place)
        return places

    def judge(
        self, secrets: dict[str, str], people: dict[str, str], allowed: Places
    ) -> None:
        """Compare what is found with what is allowed, once all was delivered."""
        wire = self._service.wire.lower()
        values = secrets | people
        assert len(set(values.values())) == len(values)
        missing = [
            name
            for name, value in values.items()
            if value.lower() not in wire and quote(value).lower() not in wire
        ]
        assert not missing, f"never delivered: {missing}"
        # A vendor without commands shows no error of one.
        least = SEARCHED if self.searched["command"] else SEARCHED | {"error": 0}
        short = {k: self.searched[k] for k, n in least.items() if self.searched[k] < n}
        assert not short, f"hardly searched: {short} of {self.searched}"
        actual = self._places(secrets, people)
        wrong = {
            name: sorted(actual.get(name, set()) ^ allowed.get(name, set()))
            for name in values
        }
        wrong = {name: places for name, places in wrong.items() if places}
        assert not wrong, f"{wrong} in {self.searched}"


async def remove_and_look(
    hass: HomeAssistant,
    entry: ConfigEntry,
    watch: Watch,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Look at the disk, remove the entry, and look at what is left of it."""
    await watch.look(entry, devices=True)
    watch.look_at_disk()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    await pass_time(hass, freezer, 2)
    await watch.look(entry)
    watch.look_at_disk(_LEFT)
    watch.look_at_logs()


def numbered(secrets: set[str]) -> dict[str, str]:
    """Return secrets by a name that may be shown."""
    return {f"token {number}": secret for number, secret in enumerate(sorted(secrets))}


async def set_up(hass: HomeAssistant) -> None:
    """Set up what shows and downloads things."""
    for component in ("system_health", "repairs", "diagnostics"):
        assert await async_setup_component(hass, component, {})


async def reconfigure(
    hass: HomeAssistant, entry: ConfigEntry, source: str
) -> ConfigFlowResult:
    """Go to the first form of a flow that reconfigures an entry."""
    for flow in hass.config_entries.flow.async_progress():
        if flow["context"]["source"] == source:
            return await hass.config_entries.flow.async_configure(flow["flow_id"])
    context = ConfigFlowContext(source=source, entry_id=entry.entry_id)
    return await hass.config_entries.flow.async_init(
        DOMAIN, context=context, data=dict(entry.data)
    )
