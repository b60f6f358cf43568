"""A Bridge Pro that takes over a square bridge's house: the entry goes on there."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.hue import HueBridge, generate, take_over
from tests.common import add_entry, entity_id, pass_time, settle, state_of, submit
from tests.conftest import served

from .conftest import (
    INTRODUCTION,
    RESOURCES,
    UNIQUE_ID,
    Start,
    group_id,
    host_of,
    light_id,
    stored,
)
from .linking import OTHER_ID, close, form, move
from .test_accessories import do
from .test_discovery import announced, discover
from .test_odd_bridges import while_time_passes
from .test_stream import eventually, quiet
from .test_trust import saw
from .test_v2 import registered, unavailable

PRO_ID = "c42996fffe0a0b0c"
V2_GROUP = "PUT /clip/v2/resource/grouped_light/{id}"
LAMP = f"{light_id(2)}_light"

type TakeOver = Callable[..., Any]


@pytest.fixture
async def square(hass: HomeAssistant, make: Start) -> HueBridge:
    """Return a square bridge that Lantern follows."""
    bridge = await make(stream=True)
    await add_entry(hass, UNIQUE_ID, stored(bridge), "Hue Lighthouse")
    await eventually(hass, lambda: len(bridge.streams) == 1)
    return bridge


@pytest.fixture
def entry(hass: HomeAssistant, square: HueBridge) -> MockConfigEntry:
    """Return the square bridge's entry."""
    (only_entry,) = hass.config_entries.async_entries("lantern")
    assert isinstance(only_entry, MockConfigEntry)
    return only_entry


@pytest.fixture
async def pro(square: HueBridge) -> AsyncGenerator[HueBridge]:
    """Serve a Pro that took over the square bridge's house, with other numbers."""
    async for service in served(take_over(square, renumber=100)):
        yield service


async def offered(hass: HomeAssistant, pro: HueBridge) -> Any:
    """Discover the Pro; it is offered as the successor."""
    result = await discover(hass, announced(pro, pro.bridge_id))
    assert result["type"] is FlowResultType.FORM, result
    assert result["step_id"] == "hue_successor"
    return result


def untouched(entry: MockConfigEntry, before: dict[str, Any]) -> bool:
    """Return True if nothing about the entry changed."""
    return dict(entry.data) == before and entry.state is ConfigEntryState.LOADED


async def test_everything_goes_on(
    hass: HomeAssistant,
    square: HueBridge,
    entry: MockConfigEntry,
    pro: HueBridge,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Devices, rooms and scenes stay, though the new bridge numbers all anew."""
    before, missing = registered(hass, entry), unavailable(hass, entry)
    result = await offered(hass, pro)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "Hue Lighthouse"}
    shown = result["description_placeholders"]
    assert shown["stored"].replace(" ", "") == square.certificate_sha256
    assert shown["found"].replace(" ", "") == pro.certificate_sha256
    assert set(pro.counts()) == {INTRODUCTION}, "nothing but this before a yes"
    result = await submit(hass, result, {})
    assert result["reason"] == "hue_moved"
    await settle(hass)
    square.factory_reset()
    await eventually(hass, lambda: len(pro.streams) == 1)
    assert entry.state is ConfigEntryState.LOADED
    assert (entry.unique_id, entry.title) == (UNIQUE_ID, "Hue Lighthouse")
    assert entry.data["host"] == host_of(pro)
    assert entry.data["certificate_sha256"] == pro.certificate_sha256
    for _ in range(4):
        await pass_time(hass, freezer, 600)
        await quiet(hass)
    after = registered(hass, entry)
    # What applications made at the old bridge has no id but its number there.
    new = {key for key in after if f"{UNIQUE_ID}_sensor_1" in key} - before.keys()
    assert {key: after[key] for key in after.keys() - new} == before
    assert unavailable(hass, entry) == missing
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("lantern", UNIQUE_ID), entry.entry_id
    )
    assert device is not None
    assert device.model_id == "BSB003"
    assert device.connections == {("mac", "c4:29:96:0a:0b:0c")}

    pro.set_light("102", on=True, bri=254)
    await eventually(hass, lambda: state_of(hass, "light", LAMP) == "on")
    await do(hass, "light.turn_off", f"{group_id(1)}_group")
    assert pro.count(V2_GROUP) == 1
    assert pro.house.lights["102"]["state"]["on"] is False
    await pass_time(hass, freezer, 2)
    colorloop = do(hass, "light.turn_on", f"{group_id(1)}_group", effect="colorloop")
    await while_time_passes(hass, freezer, colorloop)
    assert pro.house.lights["101"]["state"]["effect"] == "colorloop"
    await pass_time(hass, freezer, 2)
    scene = do(hass, "scene.turn_on", f"{group_id(1)}_scene_Brt9kLmPq2XsWe1")
    await while_time_passes(hass, freezer, scene)
    assert pro.house.lights["102"]["state"]["bri"] == 254
    assert (pro.violations, square.violations) == ([], [])


async def test_new_address_of_the_successor(
    hass: HomeAssistant, square: HueBridge, entry: MockConfigEntry, pro: HueBridge
) -> None:
    """It is followed over its own certificate; the old bridge is not any more."""
    await submit(hass, await offered(hass, pro), {})
    await settle(hass)
    await move(pro)
    result = await discover(hass, announced(pro, PRO_ID))
    assert result["reason"] == "already_configured"
    assert entry.data["host"] == host_of(pro)
    asked = square.count()
    result = await discover(hass, announced(square))
    assert result["reason"] == "already_configured"
    assert entry.data["host"] == host_of(pro)
    assert square.count() == asked, "its certificate is not the pinned one"
    # By hand it is not added a second time either, by whatever address.
    result = await hass.config_entries.flow.async_init(
        "lantern", context={"source": "user"}
    )
    for step in ({"next_step_id": "hue"}, form(host_of(pro))):
        result = await submit(hass, result, step)
    assert result["reason"] == "already_configured"


async def test_successor_that_somebody_claims_to_be(
    hass: HomeAssistant, entry: MockConfigEntry, square: HueBridge, make: Start
) -> None:
    """Until a yes it learns nothing; it must know the key, and our lamps."""
    before = dict(entry.data)
    liar = await make(model="BSB003", bridge_id=PRO_ID, stream=True)
    liar.config["replacesbridgeid"] = square.bridge_id
    result = await offered(hass, liar)
    await close(hass, result)
    assert set(liar.counts()) == {INTRODUCTION}
    assert not saw(liar, before["application_key"])
    assert untouched(entry, before)

    result = await submit(hass, await offered(hass, liar), {})
    assert result["errors"] == {"base": "successor_unlinked"}
    assert untouched(entry, before)
    assert not hass.config_entries.flow.async_progress_by_handler(
        "lantern", match_context={"source": "reauth"}
    )
    # It lets everybody in, but its lamps are others.
    liar.whitelist = square.whitelist
    liar.house = generate(0)
    result = await submit(hass, result, {})
    assert result["errors"] == {"base": "successor_other_lamps"}
    assert untouched(entry, before)
    await close(hass, result)


async def test_other_certificate_between_form_and_yes(
    hass: HomeAssistant, entry: MockConfigEntry, pro: HueBridge
) -> None:
    """What was shown is what is trusted: the key does not leave."""
    before = dict(entry.data)
    result = await offered(hass, pro)
    await pro.stop()
    pro.new_certificate()
    await pro.start()
    asked = pro.count()
    result = await submit(hass, result, {})
    assert result["errors"] == {"base": "untrusted"}
    assert pro.count() == asked
    assert untouched(entry, before)
    await pro.stop()
    result = await submit(hass, result, {})
    assert result["errors"] == {"base": "cannot_connect"}
    assert untouched(entry, before)
    await close(hass, result)
    await pro.start()


async def test_bridges_that_replace_none_of_ours(
    hass: HomeAssistant, entry: MockConfigEntry, square: HueBridge, make: Start
) -> None:
    """One that names another bridge, or speaks plain http, is a bridge of its own."""
    for settings, replaced in (
        ({"model": "BSB003"}, OTHER_ID),
        ({"model": "BSB001"}, square.bridge_id),
        ({"model": "BSB003"}, 12),
    ):
        bridge = await make(bridge_id=PRO_ID, **settings)
        bridge.config["replacesbridgeid"] = replaced
        result = await discover(hass, announced(bridge, PRO_ID))
        assert result["step_id"] == "hue_discovered"
        await close(hass, result)


async def test_typed_in(
    hass: HomeAssistant, square: HueBridge, entry: MockConfigEntry, pro: HueBridge
) -> None:
    """A Pro that names no bridge is taken over through Reconfigure, after a yes."""
    pro.config["replacesbridgeid"] = None
    result = await discover(hass, announced(pro, PRO_ID))
    assert result["step_id"] == "hue_discovered"
    await close(hass, result)
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(host_of(pro)))
    assert result["step_id"] == "hue_successor"
    assert set(pro.counts()) == {INTRODUCTION}
    result = await submit(hass, result, {})
    assert result["reason"] == "hue_moved"
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    # And reconfigured at the same bridge afterwards, it keeps its ids.
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(host_of(pro)))
    assert result["step_id"] == "hue_link"
    await close(hass, result)
    assert pro.count(RESOURCES) > 0
    assert entity_id(hass, "light", f"{group_id(1)}_group")


async def test_reconfigure_at_another_entrys_bridge(
    hass: HomeAssistant, entry: MockConfigEntry, pro: HueBridge
) -> None:
    """A Pro that is set up by itself is nobody's successor."""
    data = stored(pro, bridge_id=PRO_ID)
    await add_entry(hass, f"hue:{PRO_ID}", data, "Hue Pro")
    result = await entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, form(host_of(pro)))
    assert result["reason"] == "wrong_bridge"


async def test_entry_that_was_removed_meanwhile(
    hass: HomeAssistant, entry: MockConfigEntry, pro: HueBridge
) -> None:
    """Nothing is moved, and no key is tried."""
    result = await offered(hass, pro)
    await hass.config_entries.async_remove(entry.entry_id)
    result = await submit(hass, result, {})
    assert result["reason"] == "entry_not_found"
    assert set(pro.counts()) == {INTRODUCTION}


async def test_old_bridge_is_gone(
    hass: HomeAssistant, square: HueBridge, entry: MockConfigEntry, pro: HueBridge
) -> None:
    """The move works as well once the old bridge was switched off."""
    await square.stop()
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    result = await submit(hass, await offered(hass, pro), {})
    assert result["reason"] == "hue_moved"
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert state_of(hass, "light", LAMP) in ("on", "off")


async def test_successor_whose_v2_fails(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    pro: HueBridge,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its v1 numbers are others: they are never taken for the old ones."""
    await submit(hass, await offered(hass, pro), {})
    await settle(hass)
    await eventually(hass, lambda: len(pro.streams) == 1)
    before = registered(hass, entry)
    pro.clip_v2 = False
    pro.streams.drop()
    for _ in range(6):
        await pass_time(hass, freezer, 10)
        await quiet(hass)
    assert state_of(hass, "light", LAMP) == "unavailable"
    assert registered(hass, entry) == before
    pro.clip_v2 = True
    for _ in range(3):
        await pass_time(hass, freezer, 61)
        await quiet(hass)
    assert state_of(hass, "light", LAMP) in ("on", "off")
