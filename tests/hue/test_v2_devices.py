"""What only API v2 has: cameras, doorbells, chimes, areas, automations, settings."""

from collections.abc import Callable
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest

from simulator.hue import HueBridge
from simulator.hue.accessories import motion
from simulator.hue.v2.houses import full_house
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import MAC, POLL, RESOURCES, UNIQUE_ID, Start, group_id, light_id, stored
from .test_accessories import do
from .test_stream import HALL, eventually, quiet
from .test_v2 import DOOR, sent

CHIME = f"hue:{MAC.format(0xB2)}"
MODULE = f"hue:{MAC.format(0xA4)}"


def v2_device(bridge: HueBridge, name: str) -> str:
    """Return the device id of what has no Zigbee address."""
    return f"{UNIQUE_ID}:v2:{bridge.v2_id(f'/v2/{name}#device')}"


def area_id(bridge: HueBridge, name: str = "living-area") -> str:
    """Return the device id of a MotionAware area."""
    return f"hue:{bridge.v2_id(f'/v2/{name}#motion_area_configuration')}"


def put(kind: str) -> str:
    """Return the route of the commands to a type."""
    return f"PUT /clip/v2/resource/{kind}/{{id}}"


@pytest.fixture
async def full(
    hass: HomeAssistant, make: Start, entity_registry_enabled_by_default: None
) -> HueBridge:
    """Return a Bridge Pro with all that there is, and all entities enabled."""
    made = await make(stream=True, house=full_house(), model="BSB003")
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    return made


async def becomes(hass: HomeAssistant, platform: str, unique_id: str, to: str) -> None:
    """Wait until an event was applied."""
    await eventually(hass, lambda: state_of(hass, platform, unique_id) == to)


def attribute(hass: HomeAssistant, platform: str, unique_id: str, name: str) -> Any:
    """Return an attribute of an entity."""
    state = hass.states.get(entity_id(hass, platform, unique_id))
    assert state is not None
    return state.attributes.get(name)


async def test_camera(hass: HomeAssistant, full: HueBridge) -> None:
    """Its motion, and whether it looks for any; it has no address and no sensitivity."""
    camera = v2_device(full, "yard-camera")
    assert state_of(hass, "binary_sensor", f"{camera}_motion") == "off"
    full.set_camera_motion("yard-camera", is_moving=True)
    await becomes(hass, "binary_sensor", f"{camera}_motion", "on")
    await do(hass, "switch.turn_off", f"{camera}_enabled")
    assert sent(full, put("camera_motion")) == [{"enabled": False}]
    assert state_of(hass, "switch", f"{camera}_enabled") == "off"
    assert state_of(hass, "binary_sensor", f"{camera}_motion") == "unknown"
    with pytest.raises(AssertionError):
        entity_id(hass, "number", f"{camera}_sensitivity")


@pytest.mark.parametrize("shape", ["initial_press", "ring"])
async def test_doorbell(hass: HomeAssistant, full: HueBridge, shape: str) -> None:
    """It rings, in the shape of real bridges and in that of the published contract."""
    bell = f"{v2_device(full, 'doorbell')}_doorbell"
    assert state_of(hass, "event", bell) == "unknown"
    full.ring("doorbell", shape)
    await eventually(hass, lambda: state_of(hass, "event", bell) != "unknown")
    assert attribute(hass, "event", bell, "event_type") == "ring"
    rung = state_of(hass, "event", bell)
    full.ghost_buttons()
    await quiet(hass)
    assert state_of(hass, "event", bell) == rung


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({}, {"chime": {"sound": "bleep"}}),
        (
            {"tone": "sonar", "volume_level": 0.5, "duration": 7},
            {"chime": {"sound": "sonar", "volume": {"level": 50}}},
        ),
        (
            {"tone": "siren", "volume_level": 1, "duration": 7},
            {"alarm": {"sound": "siren", "volume": {"level": 100}, "duration": 7000}},
        ),
        ({"tone": "alert"}, {"alert": {"sound": "alert"}}),
    ],
)
async def test_chime(
    hass: HomeAssistant, full: HueBridge, data: dict[str, Any], body: dict[str, Any]
) -> None:
    """It plays what is asked for, and tells while it sounds."""
    chime = f"{CHIME}_chime"
    assert state_of(hass, "siren", chime) == "off"
    tones = attribute(hass, "siren", chime, "available_tones")
    assert tones[0] == "bleep"
    assert {"siren", "alert"} < set(tones)
    assert "no_sound" not in tones
    await do(hass, "siren.turn_on", chime, **data)
    assert sent(full, put("speaker")) == [body]
    await becomes(hass, "siren", chime, "on")
    full.finish_sounds("chime")
    await becomes(hass, "siren", chime, "off")


async def test_chime_that_is_silenced(hass: HomeAssistant, full: HueBridge) -> None:
    """What can be ended is; it can be muted, and is told an unknown tone never."""
    await do(hass, "siren.turn_on", f"{CHIME}_chime", tone="siren")
    await becomes(hass, "siren", f"{CHIME}_chime", "on")
    await do(hass, "siren.turn_off", f"{CHIME}_chime")
    await becomes(hass, "siren", f"{CHIME}_chime", "off")
    await do(hass, "switch.turn_on", f"{CHIME}_muted")
    assert sent(full, put("speaker"))[1:] == [
        {"alarm": {"sound": "no_sound"}},
        {"mute": {"mute": "mute"}},
    ]
    assert state_of(hass, "switch", f"{CHIME}_muted") == "on"
    with pytest.raises((HomeAssistantError, ValueError)):
        await do(hass, "siren.turn_on", f"{CHIME}_chime", tone="tuba")


async def test_area(hass: HomeAssistant, full: HueBridge) -> None:
    """A MotionAware area moves, is switched off, made sensitive, and is in its room."""
    own = area_id(full)
    moving = f"{own}_motion"
    assert state_of(hass, "binary_sensor", moving) == "off"
    full.set_area_motion("living-area", is_moving=True)
    await becomes(hass, "binary_sensor", moving, "on")
    # The other service keeps whatever it said last.
    full.set_area_motion("living-area", is_moving=False, service="security")
    await quiet(hass)
    assert state_of(hass, "binary_sensor", moving) == "on"
    await do(hass, "number.set_value", f"{own}_sensitivity", value=3)
    assert state_of(hass, "number", f"{own}_sensitivity") == "3"
    await do(hass, "switch.turn_off", f"{own}_enabled")
    assert sent(full, put("motion_area_configuration")) == [{"enabled": False}]
    assert sent(full, put("convenience_area_motion")) == [
        {"sensitivity": {"sensitivity": 3}}
    ]
    assert state_of(hass, "binary_sensor", moving) == "unknown"
    entry = hass.config_entries.async_entries("lantern")[0]
    device = dr.async_get(hass).async_get_device_by_identifier(
        ("lantern", own), entry.entry_id
    )
    assert device is not None
    assert device.name == "Living room area"
    area = ar.async_get(hass).async_get_area(device.area_id or "")
    assert area is not None
    assert area.name == "Living room"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (
            lambda bridge: bridge.set_area("living-area", health="not_running"),
            "unknown",
        ),
        (
            lambda bridge: bridge.set_area("living-area", health="unrecoverable"),
            "unknown",
        ),
        (lambda bridge: bridge.set_area("living-area", health="degraded"), "on"),
        (
            lambda bridge: bridge.change_v2(
                "/v2/living-area#convenience_area_motion",
                motion={"motion_valid": False},
            ),
            "off",
        ),
        (
            lambda bridge: bridge.change_v2(
                "/v2/living-area#convenience_area_motion", enabled=False
            ),
            "off",
        ),
        (
            lambda bridge: [
                bridge.change_v2(
                    f"/v2/living-area#{sensor}_area_motion",
                    motion={"motion_valid": False},
                )
                for sensor in ("convenience", "security")
            ],
            "unknown",
        ),
    ],
)
async def test_area_that_counts_otherwise(
    hass: HomeAssistant,
    full: HueBridge,
    change: Callable[[HueBridge], None],
    state: str,
) -> None:
    """The first service that is enabled and valid counts; none does in bad health."""
    full.set_area_motion("living-area", is_moving=True)
    await becomes(hass, "binary_sensor", f"{area_id(full)}_motion", "on")
    change(full)
    await quiet(hass)
    assert state_of(hass, "binary_sensor", f"{area_id(full)}_motion") == state


async def test_sensors_together(hass: HomeAssistant, make: Start) -> None:
    """A room with two motion sensors has their motion and light; with one, none."""
    house = full_house()
    for sensor in motion("Corner sensor", MAC.format(0xC1)):
        house.sensors[house.free_number("sensors")] = sensor
    house.placed["1"].append(f"{MAC.format(0xC1)}#device")
    made = await make(stream=True, house=house)
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    room = group_id(1)
    lux = state_of(hass, "sensor", f"{room}_illuminance")
    of = {sensor["type"]: number for number, sensor in house.sensors.items()}
    made.set_sensor(of["ZLLPresence"], {"presence": True})
    await becomes(hass, "binary_sensor", f"{room}_motion", "on")
    made.set_sensor(of["ZLLLightLevel"], {"lightlevel": 40000})
    await eventually(
        hass, lambda: state_of(hass, "sensor", f"{room}_illuminance") != lux
    )
    made.set_light("1", on=True, bri=99)
    await becomes(hass, "light", f"{room}_group", "on")
    assert state_of(hass, "binary_sensor", f"{room}_motion") == "on"
    for other in (group_id(2), UNIQUE_ID):
        with pytest.raises(AssertionError):
            entity_id(hass, "binary_sensor", f"{other}_motion")


async def test_one_sensor_alone(hass: HomeAssistant, full: HueBridge) -> None:
    """What a room's only sensor tells is shown at that sensor."""
    for platform, key in (("binary_sensor", "motion"), ("sensor", "illuminance")):
        with pytest.raises(AssertionError):
            entity_id(hass, platform, f"{group_id(1)}_{key}")
    assert full.violations == []


async def test_sensor_group(hass: HomeAssistant, full: HueBridge) -> None:
    """Sensors that a person grouped in the app are one device, by its name."""
    group = full.v2_id("/v2/entrance#service_group")
    moving = f"{UNIQUE_ID}:v2:{group}_motion"
    sensor = next(
        number
        for number, sensor in full.house.sensors.items()
        if sensor["type"] == "ZLLPresence"
    )
    full.set_sensor(sensor, {"presence": True})
    await becomes(hass, "binary_sensor", moving, "on")
    assert "entrance" in entity_id(hass, "binary_sensor", moving)
    with pytest.raises(AssertionError):
        entity_id(hass, "switch", f"{UNIQUE_ID}:v2:{group}_enabled")


async def test_automations(hass: HomeAssistant, full: HueBridge) -> None:
    """The app's automations by their names; what other scripts made is not shown."""
    morning = f"{UNIQUE_ID}_automation_{full.v2_id('/v2/morning#behavior_instance')}"
    assert state_of(hass, "switch", morning) == "on"
    assert attribute(hass, "switch", morning, "friendly_name").endswith("Good morning")
    await do(hass, "switch.turn_off", morning)
    assert sent(full, put("behavior_instance")) == [{"enabled": False}]
    assert state_of(hass, "switch", morning) == "off"
    full.set_automation("morning", enabled=True)
    await becomes(hass, "switch", morning, "on")
    for name in ("dial-setup", "motion-areas"):
        rid = full.v2_id(f"/v2/{name}#behavior_instance")
        with pytest.raises(AssertionError):
            entity_id(hass, "switch", f"{UNIQUE_ID}_automation_{rid}")


async def test_automation_without_a_name(hass: HomeAssistant, make: Start) -> None:
    """It has that of its script."""
    house = full_house()
    house.v2["/v2/morning#behavior_instance"]["metadata"] = {}
    made = await make(stream=True, house=house)
    await add_entry(hass, UNIQUE_ID, stored(made))
    own = f"{UNIQUE_ID}_automation_{made.v2_id('/v2/morning#behavior_instance')}"
    assert attribute(hass, "switch", own, "friendly_name").endswith("Wake up")


async def test_entertainment(hass: HomeAssistant, full: HueBridge) -> None:
    """Somebody streams to the lamps, and a button ends it."""
    number, area = next(
        (number, group)
        for number, group in full.house.groups.items()
        if group["type"] == "Entertainment"
    )
    rid = full.v2_id(f"/groups/{number}#entertainment_configuration")
    running = f"{UNIQUE_ID}_entertainment_{rid}"
    assert state_of(hass, "binary_sensor", running) == "off"
    name = attribute(hass, "binary_sensor", running, "friendly_name")
    assert name.endswith(area["name"])
    full.set_entertainment(number, is_active=True)
    await becomes(hass, "binary_sensor", running, "on")
    await do(hass, "button.press", f"{UNIQUE_ID}_stop_entertainment_{rid}")
    assert sent(full, put("entertainment_configuration")) == [{"action": "stop"}]
    await becomes(hass, "binary_sensor", running, "off")


async def test_identify(hass: HomeAssistant, full: HueBridge) -> None:
    """Lamps, accessories and the bridge show which they are; both of two channels."""
    for device, keys in (
        (light_id(1), ["/lights/1"]),
        (DOOR, ["/v2/back-door"]),
        (UNIQUE_ID, ["/bridge"]),
    ):
        full.identified.clear()
        await do(hass, "button.press", f"{device}_identify")
        view = full.view()
        ids = {full.v2_id(f"{view.device_of.get(key, key)}#device") for key in keys}
        assert set(full.identified) == ids


async def test_without_api_v2(
    hass: HomeAssistant, full: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """What only API v2 can do is unavailable while a bridge answers by v1 alone."""
    full.inject(RESOURCES, "status", status=500, times=-1)
    full.drop_streams()
    for _ in range(12):
        await pass_time(hass, freezer, POLL)
        await quiet(hass)
    assert state_of(hass, "light", f"{light_id(1)}_light") != "unavailable"
    for platform, unique_id in (
        ("button", f"{light_id(1)}_identify"),
        ("button", f"{UNIQUE_ID}_identify"),
        ("select", f"{light_id(1)}_power_on"),
        ("binary_sensor", f"{area_id(full)}_motion"),
    ):
        assert state_of(hass, platform, unique_id) == "unavailable"


async def test_connection(hass: HomeAssistant, full: HueBridge) -> None:
    """How the bridge reaches a device, also while that is not enough to use it."""
    connection = f"{light_id(2)}_connection"
    assert state_of(hass, "sensor", connection) == "connected"
    full.set_connection("/lights/2", "unidirectional_incoming")
    await becomes(hass, "sensor", connection, "unidirectional_incoming")
    assert state_of(hass, "light", f"{light_id(2)}_light") == "unavailable"
    full.set_connection("/lights/2", "pending_discovery")
    await becomes(hass, "sensor", connection, "unknown")


async def test_power_on(hass: HomeAssistant, full: HueBridge) -> None:
    """What a lamp does when it gets power; what an app set up is shown, not chosen."""
    own = f"{light_id(1)}_power_on"
    presets = ["safety", "powerfail", "last_on_state"]
    assert attribute(hass, "select", own, "options") == presets
    await do(hass, "select.select_option", own, option="powerfail")
    assert sent(full, put("light")) == [{"powerup": {"preset": "powerfail"}}]
    assert state_of(hass, "select", own) == "powerfail"
    with pytest.raises(ServiceValidationError):
        await do(hass, "select.select_option", own, option="custom")
    full.change_v2("/lights/1#light", powerup={"preset": "custom"})
    await becomes(hass, "select", own, "custom")
    await do(hass, "select.select_option", own, option="custom")
    assert len(sent(full, put("light"))) == 1


async def test_wall_module(hass: HomeAssistant, full: HueBridge) -> None:
    """Its mode; with another one it has other buttons."""
    mode = f"{MODULE}_mode"
    assert state_of(hass, "select", mode) == "single_rocker"
    assert attribute(hass, "select", mode, "options") == [
        "single_rocker",
        "single_pushbutton",
        "dual_rocker",
        "dual_pushbutton",
    ]
    await do(hass, "select.select_option", mode, option="dual_pushbutton")
    assert sent(full, put("switch_input_configuration")) == [
        {"switch_mode": {"mode": "switch_dual_pushbutton"}}
    ]
    await becomes(hass, "select", mode, "dual_pushbutton")
    await eventually(hass, lambda: bool(entity_id(hass, "event", f"{MODULE}_button_2")))


@pytest.mark.parametrize("odd", [None, 7, "x" * 5000, [], {"a": 1}, "\x00\ud800", True])
async def test_odd_values(
    hass: HomeAssistant,
    make: Start,
    entity_registry_enabled_by_default: None,
    odd: Any,
) -> None:
    """Whatever a bridge says where a word, a list or an object belongs: it is unknown."""
    made = await make(stream=True, house=full_house(), model="BSB003")
    for key, features in {
        "/lights/1#light": {"powerup": {"preset": odd}},
        "/lights/1#zigbee_connectivity": {"status": odd},
        "/v2/chime#speaker": {"mute": {"mute": odd}, "chime": odd, "alarm": odd},
        "/v2/yard-camera#camera_motion": {
            "motion": {"motion_report": odd, "motion": 7}
        },
        "/v2/living-area#motion_area_configuration": {"name": odd, "services": odd},
        "/v2/morning#behavior_instance": {"metadata": odd, "enabled": odd},
        "/v2/holiday#behavior_instance": {"script_id": odd},
        "/v2/entrance#service_group": {"services": odd, "metadata": odd},
    }.items():
        made.change_v2(key, **features)
    entry = await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    await settle(hass)
    assert entry.state.value == "loaded"
    assert state_of(hass, "binary_sensor", HALL) == "off"
    camera = v2_device(made, "yard-camera")
    expected = "off" if isinstance(odd, dict) else "unknown"
    assert state_of(hass, "binary_sensor", f"{camera}_motion") == expected
    for state in hass.states.async_all():
        assert len(state.state) <= 255
        assert "\x00" not in state.state
