"""Rooms and groups: their lamps, their mean brightness and their active scene."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.lantern.hue.client.models.group import Scene
from custom_components.lantern.hue.scene_select import name_scenes
from simulator.hue import HueBridge, full_house
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import GROUPS, POLL, UNIQUE_ID, Start, group_id, light_id, stored
from .test_stream import eventually, quiet
from .test_v2 import V2_SCENE, sent

ROOM = f"{group_id(1)}_group"
ACTIVE = f"{group_id(1)}_active_scene"
V2_SMART = "PUT /clip/v2/resource/smart_scene/{id}"
RELAX = "Rlx4VaVgQzTWlgy"


@pytest.fixture
async def bridge(hass: HomeAssistant, make: Start) -> HueBridge:
    """Return a bridge of API v2 with every lamp."""
    made = await make(stream=True, house=full_house())
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    return made


def shown(hass: HomeAssistant, platform: str, unique_id: str) -> State:
    """Return an entity's state."""
    state = hass.states.get(entity_id(hass, platform, unique_id))
    assert state is not None
    return state


async def test_lamps_of_a_room(
    hass: HomeAssistant, hue: HueBridge, entry: object, freezer: FrozenDateTimeFactory
) -> None:
    """The attribute names them as they are called now, and follows the room."""

    def lamps() -> list[str]:
        found = shown(hass, "light", ROOM).attributes["entity_id"]
        assert isinstance(found, list)
        return found

    # Home Assistant's own name for it, and the one that people's templates use.
    room = shown(hass, "light", ROOM).attributes
    assert room["group_entities"] == room["entity_id"]
    wanted = [entity_id(hass, "light", f"{light_id(n)}_light") for n in (1, 2, 3, 4)]
    assert lamps() == wanted
    er.async_get(hass).async_update_entity(wanted[0], new_entity_id="light.by_my_chair")
    await settle(hass)
    assert lamps() == ["light.by_my_chair", *wanted[1:]]
    hue.house.groups["1"]["lights"] = ["2", "5"]
    await pass_time(hass, freezer, POLL)
    other = entity_id(hass, "light", f"{light_id(5)}_light")
    assert lamps() == [wanted[1], other]


async def test_mean_brightness(hass: HomeAssistant, make: Start) -> None:
    """A room is as bright as its lit lamps on average; dark ones do not count."""
    bridge = await make(stream=True)
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    await eventually(hass, lambda: len(bridge.streams) == 1)
    bridge.set_light("1", on=True, bri=254)
    bridge.set_light("3", on=True, bri=128)
    bridge.set_light("2", on=False)
    await quiet(hass)
    assert shown(hass, "light", ROOM).attributes["brightness"] == 192
    bridge.set_light("3", on=False)
    await quiet(hass)
    assert shown(hass, "light", ROOM).attributes["brightness"] == 255


@pytest.mark.parametrize("stream", [False, True], ids=["v1", "v2"])
async def test_groups_that_people_made(
    hass: HomeAssistant, make: Start, stream: bool
) -> None:
    """API v1 has them beside rooms: off by default; an app's own are not shown."""
    bridge = await make(stream=stream)
    number = bridge.add_group("Reading corner", ["1", "2"], "LightGroup")
    other = bridge.add_group("Of an app", ["1"], "LightGroup")
    bridge.house.groups[other]["recycle"] = True
    bridge.house.scenes[RELAX] |= {"group": number}
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    assert bridge.count(GROUPS) > 0
    registry = er.async_get(hass)
    unique_id = f"hue:001788fffe0a0b0c:group:{number}_group"
    corner = registry.async_get_entity_id("light", "lantern", unique_id)
    assert corner is not None
    found = registry.async_get(corner)
    assert found is not None
    assert found.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    hidden = f"hue:001788fffe0a0b0c:group:{other}_group"
    assert registry.async_get_entity_id("light", "lantern", hidden) is None
    # The scene stays where it was before such groups were shown.
    assert entity_id(hass, "scene", f"{UNIQUE_ID}_scene_{RELAX}")
    registry.async_update_entity(corner, disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert state_of(hass, "light", unique_id) == "on"
    assert shown(hass, "light", unique_id).attributes["entity_id"] == [
        entity_id(hass, "light", f"{light_id(n)}_light") for n in (1, 2)
    ]
    await hass.services.async_call(
        "light", "turn_off", {"entity_id": corner}, blocking=True
    )
    assert bridge.house.lights["1"]["state"]["on"] is False
    assert bridge.house.lights["3"]["state"]["on"] is True
    assert state_of(hass, "light", unique_id) == "off"
    if stream:
        await eventually(hass, lambda: len(bridge.streams) == 1)
        bridge.set_light("2", on=True)
        await eventually(hass, lambda: state_of(hass, "light", unique_id) == "on")


async def test_active_scene(hass: HomeAssistant, bridge: HueBridge) -> None:
    """It is told by events, and none once a lamp was set otherwise."""
    assert state_of(hass, "select", ACTIVE) == "none"
    options = shown(hass, "select", ACTIVE).attributes["options"]
    assert options[:3] == ["none", "Relax", "Bright"]
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": entity_id(hass, "select", ACTIVE), "option": "Relax"},
        blocking=True,
    )
    assert sent(bridge, V2_SCENE) == [{"recall": {"action": "active"}}]
    await eventually(hass, lambda: state_of(hass, "select", ACTIVE) == "Relax")
    with pytest.raises(ServiceValidationError) as err:
        await hass.services.async_call(
            "select",
            "select_option",
            {"entity_id": entity_id(hass, "select", ACTIVE), "option": "none"},
            blocking=True,
        )
    assert err.value.translation_key == "hue_scene_without_end"
    assert len(sent(bridge, V2_SCENE)) == 1
    bridge.set_light("1", bri=3)
    await eventually(hass, lambda: state_of(hass, "select", ACTIVE) == "none")
    bridge.recall_scene("Brt9kLmPq2XsWe1")
    await eventually(hass, lambda: state_of(hass, "select", ACTIVE) == "Bright")
    bridge.change("scenes", "Brt9kLmPq2XsWe1", name="Brighter")
    await quiet(hass)
    assert state_of(hass, "select", ACTIVE) == "Brighter"


async def test_smart_scene(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """A smart scene comes before the one that it recalls, and can be ended."""
    resources = bridge.view().everything().values()
    smart = next(one for one in resources if one["type"] == "smart_scene")
    room = next(one for one in resources if one["id"] == smart["group"]["rid"])
    number = int(room["id_v1"].rpartition("/")[2])
    select = entity_id(hass, "select", f"{group_id(number)}_active_scene")
    name = smart["metadata"]["name"]
    for option, action in ((name, "activate"), ("none", "deactivate")):
        await pass_time(hass, freezer, 2)
        await hass.services.async_call(
            "select",
            "select_option",
            {"entity_id": select, "option": option},
            blocking=True,
        )
        assert sent(bridge, V2_SMART)[-1] == {"recall": {"action": action}}
        await quiet(hass)
        state = hass.states.get(select)
        assert state is not None
        assert (state.state == name) is (option == name)


async def test_no_active_scene_by_v1(
    hass: HomeAssistant, hue: HueBridge, entry: object
) -> None:
    """API v1 does not tell it: there is no such entity."""
    assert not hass.states.async_entity_ids("select")


def test_names_of_scenes() -> None:
    """Each is there once, also if several have the same name, or that of none."""
    names = ["A", "A", "A (2)", "none", ""]
    scenes = [Scene(str(n), name, "1") for n, name in enumerate(names)]
    assert list(name_scenes(scenes)) == [
        "none",
        "A",
        "A (2)",
        "A (2) (2)",
        "none (2)",
        "4",
    ]
