"""The options of a bridge: they take effect at once, and what comes back is the same."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.hue import HueBridge
from tests.common import add_entry, settle, state_of

from .conftest import UNIQUE_ID, Start, group_id, light_id, stored
from .test_accessories import do
from .test_discovery import OTHER_ID
from .test_stream import eventually
from .test_v2 import V2_GROUP, registered

LAMP = f"{light_id(7)}_light"
ROOM = f"{group_id(2)}_group"
SCENE = f"{group_id(1)}_scene_Rlx4VaVgQzTWlgy"
HOME_SCENE = f"{UNIQUE_ID}_scene_Dim1qAzWs3Xe5Rc"
MOTION = "hue:00:17:88:01:00:00:00:a1_motion"


def registry_id(hass: HomeAssistant, entry: MockConfigEntry, device_id: str) -> str:
    """Return the registry's id of a device."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("lantern", device_id), entry.entry_id
    )
    assert device is not None
    return device.id


async def choose(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> Any:
    """Submit the form of options."""
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "hue")
    given = {"show_rooms": True, "show_scenes": True} | options
    result = await hass.config_entries.options.async_configure(result["flow_id"], given)
    await settle(hass)
    return result


async def test_count_as_reachable_by_v2(hass: HomeAssistant, make: Start) -> None:
    """A lamp and a sensor that the bridge cannot reach are available, and stay so."""
    bridge = await make(stream=True)
    sensors = bridge.house.sensors
    hall = next(
        sensor for sensor in sensors.values() if sensor["type"] == "ZLLPresence"
    )
    hall["config"]["reachable"] = False
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    await eventually(hass, lambda: len(bridge.streams) == 1)
    assert state_of(hass, "binary_sensor", MOTION) == "unavailable"
    assert state_of(hass, "light", LAMP) == "unavailable"
    await choose(
        hass,
        entry,
        count_as_reachable=[
            registry_id(hass, entry, light_id(7)),
            registry_id(hass, entry, MOTION.removesuffix("_motion")),
        ],
    )
    await eventually(hass, lambda: bridge.streams.opened == 2)
    assert state_of(hass, "light", LAMP) == "off"
    assert state_of(hass, "binary_sensor", MOTION) == "off"
    await do(hass, "light.turn_on", LAMP)
    bridge.set_connection("/lights/7", "connectivity_issue")
    bridge.set_light("2", on=True)
    await eventually(
        hass, lambda: state_of(hass, "light", f"{light_id(2)}_light") == "on"
    )
    assert state_of(hass, "light", LAMP) == "on"
    assert state_of(hass, "light", ROOM) == "on", "a room counts it as lit"
    await choose(hass, entry, count_as_reachable=[])
    assert state_of(hass, "light", LAMP) == "unavailable"


@pytest.mark.parametrize("model", ["BSB001", "BSB002"])
async def test_count_as_reachable_by_v1(
    hass: HomeAssistant, make: Start, model: str
) -> None:
    """So it is through API v1."""
    bridge = await make(model=model)
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    sensors = bridge.house.sensors
    hall = next(
        sensor for sensor in sensors.values() if sensor["type"] == "ZLLPresence"
    )
    hall["config"]["reachable"] = False
    chosen = [
        registry_id(hass, entry, device_key)
        for device_key in (light_id(7), MOTION.removesuffix("_motion"))
    ]
    await choose(hass, entry)
    assert state_of(hass, "light", LAMP) == "unavailable"
    assert state_of(hass, "binary_sensor", MOTION) == "unavailable"
    await choose(hass, entry, count_as_reachable=chosen)
    assert state_of(hass, "light", LAMP) == "off"
    assert state_of(hass, "binary_sensor", MOTION) == "off"


async def test_devices_of_others(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry, make: Start
) -> None:
    """A room, or a lamp of another bridge, cannot be chosen; one that is gone is not."""
    other = await make(bridge_id=OTHER_ID)
    for lamp in other.house.lights.values():
        lamp["uniqueid"] = lamp["uniqueid"].replace("00:17", "00:18")
    data = stored(other, bridge_id=OTHER_ID)
    second = await add_entry(hass, f"hue:{OTHER_ID}", data)
    foreign = light_id(7).replace("00:17", "00:18")
    for chosen in (
        registry_id(hass, entry, group_id(1)),
        registry_id(hass, entry, UNIQUE_ID),
        registry_id(hass, second, foreign),
        "nonsense",
    ):
        result = await choose(hass, entry, count_as_reachable=[chosen])
        assert result["errors"] == {"count_as_reachable": "not_of_this_bridge"}
        hass.config_entries.options.async_abort(result["flow_id"])
    lamp = registry_id(hass, entry, light_id(7))
    await choose(hass, entry, count_as_reachable=[lamp], show_rooms=False)
    assert entry.options == {
        "count_as_reachable": [lamp],
        "show_rooms": False,
        "show_scenes": True,
    }
    dr.async_get(hass).async_remove_device(lamp)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    fields = {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
    }
    assert fields["count_as_reachable"] == []
    assert fields["show_rooms"] is False
    hass.config_entries.options.async_abort(result["flow_id"])


async def test_rooms_and_scenes_are_hidden(hass: HomeAssistant, make: Start) -> None:
    """Their entities go at once, and come back under the ids and names they had."""
    bridge = await make(stream=True)
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    await eventually(hass, lambda: len(bridge.streams) == 1)
    registry = er.async_get(hass)
    renamed = registry.async_get_entity_id("light", "lantern", ROOM)
    assert renamed is not None
    registry.async_update_entity(renamed, new_entity_id="light.where_i_sleep")
    before = registered(hass, entry)
    await choose(hass, entry, show_rooms=False, show_scenes=False)
    assert entry.state is ConfigEntryState.LOADED
    gone = before.keys() - registered(hass, entry).keys()
    assert {f"light {ROOM}", f"scene {SCENE}", f"scene {HOME_SCENE}"} < gone
    assert all(key.startswith("scene ") or key.endswith("_group") for key in gone)
    assert hass.states.get("light.where_i_sleep") is None
    assert not hass.states.async_entity_ids("scene")
    # A room that is not shown is still one request for all of its lamps.
    for lamp in bridge.house.lights.values():
        lamp["state"]["reachable"] = True
    lamps = [
        registry.async_get_entity_id("light", "lantern", f"{light_id(n)}_light")
        for n in (1, 2, 3, 4)
    ]
    await hass.services.async_call(
        "light", "turn_off", {"entity_id": lamps}, blocking=True
    )
    assert bridge.count(V2_GROUP) == 1
    await choose(hass, entry)
    assert registered(hass, entry) == before
    assert hass.states.get("light.where_i_sleep") is not None
