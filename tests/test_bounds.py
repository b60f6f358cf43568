"""What JSON lets in and Home Assistant cannot write goes through one gate."""

from collections.abc import Mapping
import json
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    json as json_helper,
    restore_state,
)
from homeassistant.helpers.json import JSONEncoder
from homeassistant.setup import async_setup_component
import orjson
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from custom_components.lantern.transport.bounds import bounded_json
from custom_components.lantern.vendors import VENDORS
from simulator.hue import HueBridge
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit
from simulator.lux import Lux

from .common import add_entry, entity_id, pass_time, settle
from .hue import conftest as hue_home
from .lightbug import conftest as lightbug_home
from .lucit import conftest as lucit_home
from .lucit.test_heartbeat import press
from .lux.conftest import BLUE_ID, POLL, signed_in


def nested(depth: int) -> Any:
    """Return an object in an object in an object."""
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


HOSTILE: tuple[Any, ...] = (
    nested(300),
    json.loads("[" * 300 + "]" * 300),
    {"a": 2**53 + 1},
    {"a": 2**63},
    {"a": 2**64 + 1},
    {"a": -(2**53) - 1},
    {"a": float("nan"), "b": float("inf")},
    {"a": "\ud800"},
    {"\udfff": "x"},
    {"a": "x" * 200_000},
    {"a": "\x00" * 200_000},
    {"x" * 200_000: 1},
    [["é" * 50]] * 10_000,
    {str(number): number for number in range(100_000)},
)


# A whole number that not every reader of JSON understands.
_INEXACT = re.compile(rb"(?<![\d.])\d{16}")


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_gate(value: Any) -> None:
    """What comes through can be written, is small, and says that it was cut."""
    bounded = bounded_json(value)
    text = orjson.dumps(bounded)
    assert len(text) <= 8192
    assert orjson.loads(text) == bounded
    assert not _INEXACT.search(text)
    size = len(json.dumps(value))
    assert size < 8192 or "…" in text.decode()


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"hard": True, "list": [1, 2.5, -0.0, "ü", None, {}], "most": 2**53},
        nested(31),
        {"a": "x" * 3000},
        [1] * 2000,
    ],
)
def test_what_is_harmless_stays(value: Any) -> None:
    """The gate changes nothing else."""
    assert bounded_json(value) == value


async def states_are_whole(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
) -> None:
    """Assert that Home Assistant can serve and keep all states."""
    client = await hass_client()
    answer = await client.get("/api/states")
    assert answer.status == 200
    assert len(await answer.json()) == len(hass.states.async_all())
    hass_storage.pop(restore_state.STORAGE_KEY, None)
    await restore_state.async_get(hass).async_dump_states()
    stored = hass_storage[restore_state.STORAGE_KEY]["data"]
    assert "event." in json.dumps(stored, default=str)
    async_dumps = json_helper.prepare_save_json(stored, encoder=JSONEncoder)
    assert async_dumps


@pytest.mark.parametrize("value", HOSTILE[:-1], ids=range(len(HOSTILE) - 1))
async def test_hostile_instruction(
    hass: HomeAssistant,
    lucit: Lucit,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
    value: Any,
) -> None:
    """An instruction that nobody can write is told all the same, and breaks nothing."""
    assert await async_setup_component(hass, "api", {})
    await add_entry(hass, lucit_home.UNIQUE_ID, lucit_home.stored(lucit))
    lucit.queue_instruction(parameters=value)
    await press(hass)
    event = entity_id(hass, "event", f"{lucit_home.UNIQUE_ID}_instruction")
    state = hass.states.get(event)
    assert state is not None
    assert state.attributes["event_type"] == "reload"
    shown = orjson.dumps(state.attributes["parameters"])
    assert len(shown) <= 8192
    assert not _INEXACT.search(shown)
    await states_are_whole(hass, hass_client, hass_storage)


async def test_hostile_alert(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
) -> None:
    """Names without end are cut."""
    assert await async_setup_component(hass, "api", {})
    await add_entry(hass, lightbug_home.UNIQUE_ID, lightbug_home.stored(lightbug))
    await pass_time(hass, freezer, 10)
    long = "Harbour " * 20_000
    lightbug.add_activity(
        2_370_001, "button", name=long, zones=[long] * 9, message=long
    )
    await pass_time(hass, freezer, 301)
    await settle(hass)
    shown = [
        state for state in hass.states.async_all("event") if state.state != "unknown"
    ]
    (state,) = (state for state in shown if state.attributes["event_type"] == "button")
    assert len(json.dumps(dict(state.attributes))) < 16_384
    await states_are_whole(hass, hass_client, hass_storage)


_LEAVES: tuple[Any, ...] = (
    *("x" * 2000, 2**64 + 1, -(2**63), nested(100), float("nan"), 1e308),
    *("\ud800", "a\x00b", [[[]]]),
)


def spoilt(value: Any, leaf: Any) -> Any:
    """Return a body with something hostile in place of each name and number."""
    if isinstance(value, dict):
        ids = ("uniqueid", "type", "modelid", "lights", "unique_id", "real_user_id")
        return {k: v if k in ids else spoilt(v, leaf) for k, v in value.items()}
    if isinstance(value, list):
        return [spoilt(item, leaf) for item in value]
    return leaf if type(value) in (str, int, float) else value


@pytest.mark.parametrize("leaf", _LEAVES, ids=range(len(_LEAVES)))
async def test_hostile_bridge(
    hass: HomeAssistant,
    hue: HueBridge,
    freezer: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
    leaf: Any,
) -> None:
    """Whatever a bridge says of its lamps, rooms and sensors."""
    assert await async_setup_component(hass, "api", {})
    entry = await add_entry(hass, hue_home.UNIQUE_ID, hue_home.stored(hue))
    for route, items in (
        (hue_home.LIGHTS, hue.house.lights),
        (hue_home.GROUPS, hue.house.groups),
        (hue_home.SENSORS, hue.house.sensors),
    ):
        hue.inject(route, "body", times=-1, body=json.dumps(spoilt(items, leaf)))
    for _ in range(3):
        await pass_time(hass, freezer, 11)
    await states_are_whole(hass, hass_client, hass_storage)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await states_are_whole(hass, hass_client, hass_storage)


@pytest.mark.parametrize("leaf", _LEAVES, ids=range(len(_LEAVES)))
async def test_hostile_account(
    hass: HomeAssistant,
    lux: Lux,
    freezer: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
    hass_storage: dict[str, Any],
    leaf: Any,
) -> None:
    """Whatever LUX says of an account and its devices."""
    assert await async_setup_component(hass, "api", {})
    entry = await signed_in(hass, lux)
    names = ("device_alias", "serial_code", "firmware_version", "last_log_file_id")
    lux.set_device(BLUE_ID, **dict.fromkeys(names, leaf))
    people = ("first_name", "last_name", "birthdate", "phone", "is_device_muted")
    lux.set_user(**dict.fromkeys(people, leaf))
    # Once: Home Assistant's own token is good for half an hour.
    await pass_time(hass, freezer, POLL)
    await states_are_whole(hass, hass_client, hass_storage)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await states_are_whole(hass, hass_client, hass_storage)


async def test_ids_without_end(
    hass: HomeAssistant,
    hue: HueBridge,
    lucit: Lucit,
    lux: Lux,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What has an id that is longer than any service's gets into no registry."""
    await add_entry(hass, hue_home.UNIQUE_ID, hue_home.stored(hue))
    player = await add_entry(hass, lucit_home.UNIQUE_ID, lucit_home.stored(lucit))
    await signed_in(hass, lux)
    long = "i" * 200_000
    for route, items in (
        (hue_home.LIGHTS, hue.house.lights),
        (hue_home.GROUPS, hue.house.groups),
        (hue_home.SENSORS, hue.house.sensors),
    ):
        body = {**items, long: next(iter(items.values())) | {"uniqueid": None}}
        hue.inject(route, "body", times=-1, body=json.dumps(body))
    board = {"lcuid": long, "name": "Hall", "status": 1}
    device = {"lcuid": player.data["device_lcuid"], "digital_boards": [board]}
    lucit.inject(
        "GET /api/v3/lightning/devices/{lcuid}",
        "body",
        times=-1,
        body=json.dumps({"success": True, "lightning_device": device}),
    )
    lux.set_device(BLUE_ID, unique_id=long)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    ids = {
        own for device in dr.async_get(hass).devices for _, own in device.identifiers
    }
    assert {device_id.partition(":")[0] for device_id in ids} == {"hue", "lucit", "lux"}
    ids |= {entity.unique_id for entity in er.async_get(hass).entities.values()}
    assert max(map(len, ids)) < 200


def limits(value: Any) -> bool:
    """Return whether a schema takes what is too large for anybody."""
    return any(_takes(value, huge) for huge in (2**64, "x" * 10_000, [{}] * 100_000))


def _takes(schema: Any, value: Any) -> bool:
    try:
        checked = vol.Schema(schema)(value)
    except vol.Invalid:
        return False
    # A boolean is true or false, however large. Digits are a text, too.
    if isinstance(checked, bool):
        return False
    return not isinstance(checked, str) or len(checked) > 2000


@pytest.mark.parametrize(
    ("name", "field", "schema"),
    [
        (action.name, str(key), schema)
        for row in VENDORS.values()
        for action in row.actions
        for key, schema in action.fields.items()
    ],
)
def test_actions_have_upper_bounds(name: str, field: str, schema: Any) -> None:
    """No number, text or list of an action is without a limit."""
    # A table of 10,000 rows is long; its own tests hold its limits.
    if field != "csv":
        assert not limits(schema)


async def test_long_target(hass: HomeAssistant) -> None:
    """The target of an action is bounded as well."""
    entry = MockConfigEntry(domain="lantern")
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "lantern", {})
    for name, service in hass.services.async_services()["lantern"].items():
        schema: Any = service.schema
        if not isinstance(getattr(schema, "schema", None), Mapping):
            continue  # Home Assistant's own schema for entities
        target = next(iter(schema.schema))
        with pytest.raises(vol.Invalid) as caught:
            schema({str(target): "x" * 10_000})
        assert str(target) in str(caught.value), name
