"""What accessories show, how they are set, and the scenes of rooms."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.hue import HueBridge
from simulator.hue.accessories import clip
from tests.common import add_entry, entity_id, pass_time, state_of

from .conftest import POLL, PUT_GROUP, UNIQUE_ID, group_id, light_id, stored

MAC = "hue:00:17:88:01:00:00:00:"
HALL = f"{MAC}a1"
DOOR = f"{MAC}d0"
RELAX = f"{group_id(1)}_scene_Rlx4VaVgQzTWlgy"
ALL_LOW = f"{UNIQUE_ID}_scene_Dim1qAzWs3Xe5Rc"
ALL_LIGHTS = f"{UNIQUE_ID}_all_lights"


def number_of(hue: HueBridge, kind: str) -> str:
    """Return the number of the first sensor of a type."""
    sensors = hue.house.sensors.items()
    return next(number for number, sensor in sensors if sensor["type"] == kind)


async def do(hass: HomeAssistant, action: str, unique_id: str, **data: Any) -> None:
    """Call an action of an entity."""
    platform, service = action.split(".")
    target = {"entity_id": entity_id(hass, platform, unique_id)}
    await hass.services.async_call(platform, service, target | data, blocking=True)


async def test_accessories_show_what_they_measure(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Dark, daylight, open and humidity follow the bridge."""
    assert state_of(hass, "binary_sensor", f"{HALL}_dark") == "off"
    assert state_of(hass, "binary_sensor", f"{DOOR}_open") == "off"
    assert state_of(hass, "sensor", f"{DOOR}_humidity") == "45.2"
    hue.set_sensor(number_of(hue, "ZLLLightLevel"), {"dark": True, "daylight": True})
    hue.set_sensor(number_of(hue, "CLIPOpenClose"), {"open": True})
    hue.set_sensor(number_of(hue, "CLIPHumidity"), {"humidity": 6000})
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "binary_sensor", f"{HALL}_dark") == "on"
    assert state_of(hass, "binary_sensor", f"{HALL}_daylight") == "on"
    assert state_of(hass, "binary_sensor", f"{DOOR}_open") == "on"
    assert state_of(hass, "sensor", f"{DOOR}_humidity") == "60.0"


async def test_motion_detection_is_switched(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """A sensor that is switched off tells nothing of motion, not "none"."""
    number = number_of(hue, "ZLLPresence")
    assert state_of(hass, "switch", f"{HALL}_enabled") == "on"
    await do(hass, "switch.turn_off", f"{HALL}_enabled")
    assert hue.house.sensors[number]["config"]["on"] is False
    assert state_of(hass, "switch", f"{HALL}_enabled") == "off"
    assert state_of(hass, "binary_sensor", f"{HALL}_motion") == STATE_UNKNOWN
    await do(hass, "switch.turn_on", f"{HALL}_enabled")
    assert state_of(hass, "binary_sensor", f"{HALL}_motion") == "off"


async def test_sensitivity(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """It goes up to what the sensor itself names."""
    number = number_of(hue, "ZLLPresence")
    state = hass.states.get(entity_id(hass, "number", f"{HALL}_sensitivity"))
    assert state is not None
    assert (state.state, state.attributes["min"], state.attributes["max"]) == (
        "2",
        0,
        4,
    )
    await do(hass, "number.set_value", f"{HALL}_sensitivity", value=4)
    assert hue.house.sensors[number]["config"]["sensitivity"] == 4
    assert state_of(hass, "number", f"{HALL}_sensitivity") == "4"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_sensors_of_no_device_hang_on_the_bridge(
    hass: HomeAssistant, hue: HueBridge, freezer: FrozenDateTimeFactory, entry: Any
) -> None:
    """They have the owner's name; one that is gone is unavailable."""
    numbers = {
        kind: number_of(hue, kind)
        for kind in ("Daylight", "CLIPGenericFlag", "CLIPGenericStatus")
    }
    day = f"{UNIQUE_ID}_sensor_{numbers['Daylight']}"
    assert state_of(hass, "binary_sensor", day) == "on"
    holiday = f"{UNIQUE_ID}_sensor_{numbers['CLIPGenericFlag']}"
    state = hass.states.get(entity_id(hass, "binary_sensor", holiday))
    assert state is not None
    assert state.name.endswith("Holiday")
    status = f"{UNIQUE_ID}_sensor_{numbers['CLIPGenericStatus']}"
    hue.set_sensor(numbers["CLIPGenericStatus"], {"status": 3})
    hue.remove_sensor(numbers["CLIPGenericFlag"])
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", status) == "3"
    assert state_of(hass, "binary_sensor", holiday) == STATE_UNAVAILABLE


@pytest.mark.parametrize(
    ("kind", "state", "shown"),
    [
        ("CLIPTemperature", {"temperature": 2150}, ("21.5", "°C", "temperature")),
        ("CLIPHumidity", {"humidity": 5500}, ("55.0", "%", "humidity")),
        ("CLIPLightLevel", {"lightlevel": 20001}, ("100.0", "lx", "illuminance")),
        ("CLIPGenericStatus", {"status": 3}, ("3", None, None)),
    ],
)
async def test_unit_of_what_an_application_measures(
    hass: HomeAssistant,
    hue: HueBridge,
    entity_registry_enabled_by_default: None,
    kind: str,
    state: dict[str, Any],
    shown: tuple[str, str | None, str | None],
) -> None:
    """A sensor of no device has the unit and class of what it measures."""
    hue.house.sensors["77"] = clip(kind, "Attic", "an-application-1", state)
    await add_entry(hass, UNIQUE_ID, stored(hue))
    answer = hass.states.get(entity_id(hass, "sensor", f"{UNIQUE_ID}_sensor_77"))
    assert answer is not None
    unit = answer.attributes.get("unit_of_measurement")
    assert (answer.state, unit, answer.attributes.get("device_class")) == shown


async def test_scene_is_recalled_in_one_request(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """A room's scene goes to its room, with the transition; the lamps follow."""
    await do(hass, "scene.turn_on", RELAX, transition=2)
    (sent,) = [request for request in hue.requests if request.key == PUT_GROUP]
    assert sent.params["number"] == "1"
    assert sent.json == {"scene": "Rlx4VaVgQzTWlgy", "transitiontime": 20}
    assert state_of(hass, "light", f"{light_id(2)}_light") == "on"


async def test_light_scene_hangs_on_the_bridge(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """A scene of single lamps goes to group 0; a recycled one is not shown."""
    await do(hass, "scene.turn_on", ALL_LOW)
    (sent,) = [request for request in hue.requests if request.key == PUT_GROUP]
    assert sent.params["number"] == "0"
    scenes = {state.entity_id for state in hass.states.async_all("scene")}
    assert len(scenes) == 5
    assert not any("wake_up" in scene for scene in scenes)


async def test_new_and_removed_scenes(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Within five minutes a scene comes, has another name, or goes."""
    del hue.house.scenes["Brt9kLmPq2XsWe1"]
    hue.house.scenes["Rlx4VaVgQzTWlgy"]["name"] = "Unwind"
    await pass_time(hass, freezer, 300)
    bright = f"{group_id(1)}_scene_Brt9kLmPq2XsWe1"
    assert state_of(hass, "scene", bright) == STATE_UNAVAILABLE
    state = hass.states.get(entity_id(hass, "scene", RELAX))
    assert state is not None
    assert state.name == "Living room Unwind"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_all_lights(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """One request for all lamps; it is on while one of them is."""
    assert state_of(hass, "light", ALL_LIGHTS) == "on"
    await do(hass, "light.turn_off", ALL_LIGHTS)
    (sent,) = [request for request in hue.requests if request.key == PUT_GROUP]
    assert sent.params["number"] == "0"
    assert state_of(hass, "light", ALL_LIGHTS) == "off"
    assert state_of(hass, "light", f"{light_id(1)}_light") == "off"
    assert state_of(hass, "light", f"{group_id(1)}_group") == "off"
    await do(hass, "light.turn_on", f"{light_id(2)}_light")
    assert state_of(hass, "light", ALL_LIGHTS) == "on"


async def test_sensor_that_goes_takes_its_settings_along(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is set at a sensor is unavailable while the bridge has the sensor no more."""
    hue.remove_sensor(number_of(hue, "ZLLPresence"))
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "binary_sensor", f"{HALL}_motion") == STATE_UNAVAILABLE
    assert state_of(hass, "switch", f"{HALL}_enabled") == STATE_UNAVAILABLE
    assert state_of(hass, "number", f"{HALL}_sensitivity") == STATE_UNAVAILABLE
    assert state_of(hass, "sensor", f"{HALL}_temperature") != STATE_UNAVAILABLE
