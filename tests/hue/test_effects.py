"""The effects that lamps play by API v2, beside the one of API v1."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from simulator.hue import HueBridge
from simulator.hue.v2.lights import COLOUR_EFFECTS, WHITE_EFFECTS
from tests.common import add_entry, entity_id

from .conftest import PUT_LIGHT, UNIQUE_ID, Start, group_id, light_id, stored
from .test_accessories import do
from .test_odd_bridges import while_time_passes
from .test_stream import eventually, quiet
from .test_v2 import V2_LIGHT, sent

COLOUR = f"{light_id(1)}_light"
WHITE = f"{light_id(3)}_light"


@pytest.fixture
async def bridge(hass: HomeAssistant, make: Start) -> HueBridge:
    """Return a bridge whose stream Lantern follows."""
    made = await make(stream=True)
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    return made


def effect(hass: HomeAssistant, unique_id: str, name: str = "effect") -> Any:
    """Return an attribute of a light."""
    state = hass.states.get(entity_id(hass, "light", unique_id))
    assert state is not None
    return state.attributes.get(name)


async def test_each_lamp_lists_its_own(hass: HomeAssistant, bridge: HueBridge) -> None:
    """Those that the lamp names, those that take time, and the loop of colors."""
    timed = ["sunrise", "sunset"]
    assert effect(hass, COLOUR, "effect_list") == [
        *["off", "colorloop"],
        *COLOUR_EFFECTS[1:],
        *timed,
    ]
    assert effect(hass, WHITE, "effect_list") == ["off", *WHITE_EFFECTS[1:], *timed]
    room = f"{group_id(1)}_group"
    assert effect(hass, room, "effect_list") == ["off", "colorloop"]


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({"effect": "fire"}, {"effects": {"effect": "fire"}}),
        ({"effect": "fire", "transition": 2}, {"effects": {"effect": "fire"}}),
        (
            {"effect": "fire", "brightness": 51},
            {"dimming": {"brightness": 20.0}, "effects": {"effect": "fire"}},
        ),
        (
            {"effect": "candle", "xy_color": [0.3, 0.2]},
            {
                "effects_v2": {
                    "action": {
                        "effect": "candle",
                        "parameters": {"color": {"xy": {"x": 0.3, "y": 0.2}}},
                    }
                }
            },
        ),
        (
            {"effect": "sunrise"},
            {"timed_effects": {"effect": "sunrise", "duration": 600000}},
        ),
        (
            {"effect": "sunset", "transition": 90},
            {"timed_effects": {"effect": "sunset", "duration": 90000}},
        ),
        ({"effect": "off", "transition": 1}, {"dynamics": {"duration": 1000}}),
    ],
)
async def test_started(
    hass: HomeAssistant, bridge: HueBridge, data: dict[str, Any], body: dict[str, Any]
) -> None:
    """In one request: colors become the effect's own, a transition its duration."""
    await do(hass, "light.turn_on", COLOUR, **data)
    assert sent(bridge, V2_LIGHT) == [{"on": {"on": True}} | body]
    assert bridge.count(PUT_LIGHT) == 0
    assert effect(hass, COLOUR) == data["effect"]
    await quiet(hass)
    assert effect(hass, COLOUR) == data["effect"]


@pytest.mark.parametrize(
    ("started", "feature"), [("prism", "effects"), ("sunset", "timed_effects")]
)
async def test_ended(
    hass: HomeAssistant,
    bridge: HueBridge,
    freezer: FrozenDateTimeFactory,
    started: str,
    feature: str,
) -> None:
    """Only the one that runs is ended."""
    await do(hass, "light.turn_on", COLOUR, effect=started)
    await quiet(hass)
    freezer.tick(1)
    await do(hass, "light.turn_on", COLOUR, effect="off")
    ended = {"on": {"on": True}, feature: {"effect": "no_effect"}}
    assert sent(bridge, V2_LIGHT)[1] == ended
    assert effect(hass, COLOUR) == "off"


async def test_told_by_events(hass: HomeAssistant, bridge: HueBridge) -> None:
    """An effect that another app starts, and a color that ends it."""
    bridge.set_light("1", on=True)
    bridge.set_effect("1", "opal")
    await eventually(hass, lambda: effect(hass, COLOUR) == "opal")
    await do(hass, "light.turn_on", COLOUR, color_temp_kelvin=3000)
    assert effect(hass, COLOUR) == "off"
    bridge.set_effect("1", "an effect of later firmware")
    bridge.set_light("1", bri=77)
    await eventually(hass, lambda: effect(hass, COLOUR, "brightness") == 77)
    assert effect(hass, COLOUR) == "off", "it is in no list"


async def test_after_a_loop_of_colors(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """The loop of API v1 stays shown, and is ended there before another begins."""
    await do(hass, "light.turn_on", COLOUR, effect="colorloop")
    bridge.set_light("1", bri=99)
    await eventually(hass, lambda: effect(hass, COLOUR, "brightness") == 99)
    assert effect(hass, COLOUR) == "colorloop"
    freezer.tick(1)
    call = do(hass, "light.turn_on", COLOUR, effect="candle")
    await while_time_passes(hass, freezer, call)
    assert sent(bridge, PUT_LIGHT)[-1] == {"effect": "none"}
    assert sent(bridge, V2_LIGHT)[-1]["effects"] == {"effect": "candle"}
    assert effect(hass, COLOUR) == "candle"


@pytest.mark.parametrize("values", [None, "fire", [None, 7, "fire\n"], [["fire"]], {}])
async def test_odd_lists(hass: HomeAssistant, make: Start, values: Any) -> None:
    """What is no name of an effect is left out."""
    bridge = await make(stream=True)
    bridge.change_v2("/lights/1#light", effects={"effect_values": values})
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    fire = ["fire"] if isinstance(values, list) and "fire\n" in values else []
    assert effect(hass, COLOUR, "effect_list") == [
        *["off", "colorloop"],
        *fire,
        *["sunrise", "sunset"],
    ]


async def test_a_room_in_a_loop_of_colors(
    hass: HomeAssistant, bridge: HueBridge, freezer: FrozenDateTimeFactory
) -> None:
    """API v2 does not tell of it: later events of its lamps leave it as it is."""
    room = {"entity_id": entity_id(hass, "light", f"{group_id(1)}_group")}
    for wanted, bri in (("colorloop", 66), ("off", 77)):
        await hass.services.async_call(
            "light", "turn_on", {**room, "effect": wanted}, blocking=True
        )
        freezer.tick(2)
        bridge.set_light("1", bri=bri)
        await eventually(
            hass,
            lambda bri=bri: effect(hass, COLOUR, "brightness") == bri,  # type: ignore[misc]  # bound now
        )
        assert effect(hass, COLOUR) == wanted
        assert effect(hass, WHITE) == "off"
