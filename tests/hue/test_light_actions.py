"""Actions for scenes and lamps: what is sent, and what is refused in words."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
import voluptuous as vol

from simulator.hue import HueBridge, full_house
from tests.common import add_entry, entity_id, state_of

from .conftest import (
    MAC,
    PUT_GROUP,
    PUT_LIGHT,
    UNIQUE_ID,
    Start,
    group_id,
    light_id,
    stored,
)
from .test_stream import eventually, quiet
from .test_v2 import V2_LIGHT, V2_SCENE, sent

LAMP = f"{light_id(1)}_light"
WHITE = f"{light_id(2)}_light"
STRIP = f"hue:{MAC.format(0x11)}_light"
ROOM = f"{group_id(1)}_group"
SCENE = f"{group_id(1)}_scene_Rlx4VaVgQzTWlgy"
BRIGHT = f"{group_id(1)}_scene_Brt9kLmPq2XsWe1"
SUNSET = f"{group_id(3)}_scene_Sun2wEdFr6Tg8uJ"


@pytest.fixture
async def bridge(hass: HomeAssistant, make: Start) -> HueBridge:
    """Return a bridge of API v2 with every lamp."""
    made = await make(stream=True, house=full_house())
    await add_entry(hass, UNIQUE_ID, stored(made))
    await eventually(hass, lambda: len(made.streams) == 1)
    return made


async def act(hass: HomeAssistant, name: str, unique_id: str, **data: Any) -> None:
    """Call an action for one entity."""
    platform = "scene" if name == "activate_scene" else "light"
    target = {"entity_id": entity_id(hass, platform, unique_id)}
    await hass.services.async_call(
        "lantern", f"hue_{name}", target | data, blocking=True
    )


async def refused(
    hass: HomeAssistant, name: str, unique_id: str, **data: Any
) -> tuple[str | None, dict[str, str]]:
    """Return the error of an action: its key and what it says."""
    with pytest.raises(ServiceValidationError) as err:
        await act(hass, name, unique_id, **data)
    assert err.value.translation_key in str(err.value) or str(err.value)
    return err.value.translation_key, err.value.translation_placeholders or {}


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({}, {"recall": {"action": "active"}}),
        (
            {"transition": 1.5, "brightness": 40},
            {
                "recall": {
                    "action": "active",
                    "duration": 1500,
                    "dimming": {"brightness": 40.0},
                }
            },
        ),
        (
            {"dynamic": True, "speed": 25},
            {"speed": 0.25, "recall": {"action": "dynamic_palette"}},
        ),
        ({"dynamic": False}, {"recall": {"action": "static"}}),
    ],
)
async def test_activate_scene(
    hass: HomeAssistant, bridge: HueBridge, data: dict[str, Any], body: dict[str, Any]
) -> None:
    """All that was asked for is in one request."""
    await act(hass, "activate_scene", SUNSET, **data)
    assert sent(bridge, V2_SCENE) == [body]
    await eventually(hass, lambda: state_of(hass, "light", LAMP) == "on")
    assert bridge.violations == []


async def test_scenes_that_cannot(
    hass: HomeAssistant, bridge: HueBridge, make: Start
) -> None:
    """A scene of one white does not move; a smart one takes no options."""
    bridge.change("scenes", "Ngt7yHgTr5Fc3vB", name="Still")
    still = f"{group_id(2)}_scene_Ngt7yHgTr5Fc3vB"
    key, shown = await refused(hass, "activate_scene", still, dynamic=True)
    assert key == "hue_scene_not_dynamic"
    assert shown == {"entity": entity_id(hass, "scene", still)}
    smart = next(
        resource["id"]
        for resource in bridge.view().everything().values()
        if resource["type"] == "smart_scene"
    )
    (smart_id,) = [
        f"{group_id(n)}_scene_{smart}"
        for n in (1, 2, 3)
        if hass.states.async_all("scene")
        and _exists(hass, f"{group_id(n)}_scene_{smart}")
    ]
    for data in ({"transition": 1}, {"brightness": 10}, {"dynamic": False}):
        key, _ = await refused(hass, "activate_scene", smart_id, **data)
        assert key == "hue_smart_scene"
    await act(hass, "activate_scene", smart_id)
    assert bridge.count(V2_SCENE) == 0
    assert bridge.count("PUT /clip/v2/resource/smart_scene/{id}") == 1


def _exists(hass: HomeAssistant, unique_id: str) -> bool:
    try:
        entity_id(hass, "scene", unique_id)
    except AssertionError:
        return False
    return True


async def test_api_v1(hass: HomeAssistant, make: Start) -> None:
    """What v1 has is done, the rest is refused in words; nothing is sent for it."""
    bridge = await make(model="BSB001")
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    scene = f"{UNIQUE_ID}_scene_Rlx4VaVgQzTWlgy"
    scene = scene if _exists(hass, scene) else SCENE
    await act(hass, "activate_scene", scene, transition=2)
    assert sent(bridge, PUT_GROUP)[-1] == {
        "scene": "Rlx4VaVgQzTWlgy",
        "transitiontime": 20,
    }
    asked = bridge.count(PUT_GROUP)
    for data in ({"brightness": 10}, {"dynamic": True}, {"speed": 1}):
        key, _ = await refused(hass, "activate_scene", scene, **data)
        assert key == "hue_scene_needs_v2"
    assert bridge.count(PUT_GROUP) == asked
    await act(hass, "set_effect", LAMP, effect="colorloop")
    assert sent(bridge, PUT_LIGHT) == [{"on": True, "effect": "colorloop"}]
    key, shown = await refused(hass, "set_effect", LAMP, effect="candle")
    assert (key, shown["effects"]) == ("hue_unknown_effect", "off, colorloop")
    key, _ = await refused(hass, "set_effect", LAMP, effect="colorloop", speed=3)
    assert key == "hue_effect_not_tunable"
    colors = [[255, 0, 0], [0, 0, 255]]
    key, _ = await refused(hass, "set_gradient", LAMP, colors=colors)
    assert key == "hue_no_gradient"
    assert bridge.count(PUT_LIGHT) == 1


@pytest.mark.parametrize(
    ("data", "body"),
    [
        ({"effect": "candle"}, {"effects": {"effect": "candle"}}),
        (
            {"effect": "candle", "speed": 80, "rgb_color": [0, 0, 255]},
            {
                "effects_v2": {
                    "action": {
                        "effect": "candle",
                        "parameters": {
                            "color": {"xy": {"x": 0.136, "y": 0.04}},
                            "speed": 0.8,
                        },
                    }
                }
            },
        ),
        (
            {"effect": "fire", "color_temp_kelvin": 4000},
            {
                "effects_v2": {
                    "action": {
                        "effect": "fire",
                        "parameters": {"color_temperature": {"mirek": 250}},
                    }
                }
            },
        ),
        (
            {"effect": "sunrise", "duration": 90},
            {"timed_effects": {"effect": "sunrise", "duration": 90000}},
        ),
        (
            {"effect": "sunset"},
            {"timed_effects": {"effect": "sunset", "duration": 600000}},
        ),
    ],
)
async def test_set_effect(
    hass: HomeAssistant, bridge: HueBridge, data: dict[str, Any], body: dict[str, Any]
) -> None:
    """An effect, in a colour, at a speed or for a time, is one request."""
    await act(hass, "set_effect", LAMP, **data)
    assert sent(bridge, V2_LIGHT) == [{"on": {"on": True}} | body]
    await quiet(hass)
    state = hass.states.get(entity_id(hass, "light", LAMP))
    assert state is not None
    assert state.attributes["effect"] == data["effect"]
    assert bridge.violations == []


async def test_effect_ends(hass: HomeAssistant, bridge: HueBridge) -> None:
    """It is ended once; a lamp without one is not even asked to."""
    await act(hass, "set_effect", LAMP, effect="off")
    assert sent(bridge, V2_LIGHT) == []
    bridge.set_effect("1", "candle")
    await quiet(hass)
    await act(hass, "set_effect", LAMP, effect="off")
    assert sent(bridge, V2_LIGHT) == [{"effects": {"effect": "no_effect"}}]


async def test_lamps_that_cannot(hass: HomeAssistant, bridge: HueBridge) -> None:
    """Each refusal names the lamp, and what it has instead; nothing is sent."""
    lamp = {"entity": entity_id(hass, "light", LAMP)}
    key, shown = await refused(hass, "set_effect", LAMP, effect="disco")
    assert key == "hue_unknown_effect"
    assert shown["effects"].startswith("off, colorloop, candle")
    for data, wanted in (
        ({"effect": "candle", "duration": 5}, "hue_effect_without_duration"),
        ({"effect": "sunrise", "speed": 5}, "hue_effect_not_tunable"),
    ):
        assert await refused(hass, "set_effect", LAMP, **data) == (
            wanted,
            lamp | {"effect": str(data["effect"])},
        )
    white = {"effect": "candle", "rgb_color": [255, 0, 0]}
    key, _ = await refused(hass, "set_effect", WHITE, **white)
    assert key in ("hue_effect_not_tunable", "hue_unknown_effect")
    key, _ = await refused(hass, "set_effect", ROOM, effect="off")
    assert key == "hue_not_a_lamp"
    colors = [[255, 0, 0], [0, 0, 255]]
    key, _ = await refused(hass, "set_gradient", ROOM, colors=colors)
    assert key == "hue_not_a_lamp"
    assert await refused(hass, "set_gradient", LAMP, colors=colors) == (
        "hue_no_gradient",
        lamp,
    )
    key, shown = await refused(
        hass, "set_gradient", STRIP, colors=colors, mode="zigzag"
    )
    assert key == "hue_unknown_gradient_mode"
    assert "interpolated_palette, " in shown["modes"]
    key, _ = await refused(hass, "set_effect", LAMP, effect="\ud800")
    assert key == "unwritable_text"
    assert sent(bridge, V2_LIGHT) == []


async def test_set_gradient(hass: HomeAssistant, bridge: HueBridge) -> None:
    """Colours as lists, or as the form makes them; the bridge shows them."""
    await act(
        hass,
        "set_gradient",
        STRIP,
        colors=[[255, 0, 0], {"color": [0, 0, 255]}],
        mode="segmented_palette",
    )
    red, blue = {"x": 0.701, "y": 0.299}, {"x": 0.136, "y": 0.04}
    assert sent(bridge, V2_LIGHT) == [
        {
            "on": {"on": True},
            "gradient": {
                "points": [{"color": {"xy": red}}, {"color": {"xy": blue}}],
                "mode": "segmented_palette",
            },
        }
    ]
    assert state_of(hass, "light", STRIP) == "on"
    assert bridge.violations == []
    number = next(
        n
        for n, light in bridge.house.lights.items()
        if light["uniqueid"].startswith(MAC.format(0x11))
    )
    key = f"/lights/{number}#light"
    bridge.change_v2(key, gradient={"points_capable": 3})
    await quiet(hass)
    four = [[1, 2, 3]] * 4
    key_of, shown = await refused(hass, "set_gradient", STRIP, colors=four)
    assert (key_of, shown["most"]) == ("hue_too_many_colors", "3")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("set_gradient", {"colors": [[1, 2, 3]]}),
        ("set_gradient", {"colors": [[1, 2, 3]] * 6}),
        ("set_gradient", {"colors": [[1, 2, 256], [1, 2, 3]]}),
        ("set_effect", {"effect": "candle", "speed": 101}),
        ("set_effect", {"effect": "sunset", "duration": 21601}),
        (
            "set_effect",
            {"effect": "fire", "rgb_color": [1, 2, 3], "color_temp_kelvin": 3000},
        ),
        ("activate_scene", {"brightness": 0}),
        ("activate_scene", {"speed": float("nan")}),
        ("activate_scene", {"transition": 1e400}),
    ],
)
async def test_ranges(
    hass: HomeAssistant, bridge: HueBridge, name: str, data: dict[str, Any]
) -> None:
    """What is beyond the ranges is refused before anything is sent."""
    written = sum(request.method == "PUT" for request in bridge.requests)
    with pytest.raises(vol.Invalid):
        await act(hass, name, SUNSET if name == "activate_scene" else LAMP, **data)
    assert written == sum(request.method == "PUT" for request in bridge.requests)
