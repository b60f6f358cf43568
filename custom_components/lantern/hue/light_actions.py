"""Actions for scenes and lamps: what Home Assistant's own actions cannot say."""

from collections.abc import Mapping
from typing import Any

from homeassistant.components.light import (
    ATTR_COLOR_TEMP_KELVIN,
    ATTR_RGB_COLOR,
    ATTR_TRANSITION,
    EFFECT_OFF,
)
from homeassistant.const import Platform
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util.color import color_RGB_to_xy
import voluptuous as vol

from ..action import SHORT_TEXT, LanternEntityAction
from ..const import DOMAIN
from .client.models.light import Light, LightCommand
from .light import HueLight
from .scene import HueScene

_BRIGHTNESS = "brightness"
_COLOR = "color"
_COLORS = "colors"
_DURATION = "duration"
_DYNAMIC = "dynamic"
_EFFECT = "effect"
_MODE = "mode"
_SPEED = "speed"

_LONGEST_TRANSITION = 6000
_LONGEST_EFFECT = 21600


def _number(low: float, high: float) -> Any:
    return vol.All(vol.Coerce(float), vol.Range(min=low, max=high))


_RGB = vol.All(
    vol.Coerce(tuple),
    vol.ExactSequence((cv.byte, cv.byte, cv.byte)),
)
# The form makes objects of one color each.
_POINT = vol.Any(
    _RGB, vol.All({vol.Required(_COLOR): _RGB}, lambda point: point[_COLOR])
)


def _invalid(
    key: str, entity: HueLight | HueScene, **more: str
) -> ServiceValidationError:
    """Return an error that names the entity."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"entity": entity.entity_id, **more},
    )


def _fraction(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


async def _activate_scene(entity: HueScene, fields: Mapping[str, Any]) -> None:
    """Recall a scene; refuse what it, or its API, cannot do."""
    scene = entity.part
    given = fields.keys() & {_BRIGHTNESS, _DYNAMIC, _SPEED}
    if scene.is_smart and (given or ATTR_TRANSITION in fields):
        raise _invalid("hue_smart_scene", entity)
    if given and not scene.resource_id:
        raise _invalid("hue_scene_needs_v2", entity)
    if fields.get(_DYNAMIC) and not scene.can_play:
        raise _invalid("hue_scene_not_dynamic", entity)
    commands = entity.coordinator.commands
    result = await commands.async_recall(
        scene,
        transition=fields.get(ATTR_TRANSITION),
        dynamic=fields.get(_DYNAMIC),
        speed=_fraction(fields.get(_SPEED)),
        brightness=_fraction(fields.get(_BRIGHTNESS)),
    )
    await commands.async_check(result)


def _lamp(entity: HueLight) -> Light:
    """Return an entity's lamp; a room has lamps, but is none."""
    if not isinstance(entity.part, Light):
        raise _invalid("hue_not_a_lamp", entity)
    return entity.part


async def _send(entity: HueLight, lamp: Light, command: LightCommand) -> None:
    commands = entity.coordinator.commands
    await commands.async_check(
        await commands.async_set_light(entity.device_id, lamp.number, command)
    )


async def _set_effect(entity: HueLight, fields: Mapping[str, Any]) -> None:
    """Start or end an effect of a lamp."""
    lamp, effect = _lamp(entity), fields[_EFFECT]
    features = entity.coordinator.client.get_features(lamp)
    if effect not in (EFFECT_OFF, *lamp.can.effects):
        effects = ", ".join((EFFECT_OFF, *lamp.can.effects))
        raise _invalid("hue_unknown_effect", entity, effects=effects)
    if _DURATION in fields and effect not in features.timed_effects:
        raise _invalid("hue_effect_without_duration", entity, effect=effect)
    tuned = fields.keys() & {_SPEED, ATTR_RGB_COLOR, ATTR_COLOR_TEMP_KELVIN}
    if tuned and (
        effect not in features.tunable_effects
        or (ATTR_RGB_COLOR in fields and not lamp.can.colour)
        or (ATTR_COLOR_TEMP_KELVIN in fields and lamp.can.kelvin is None)
    ):
        raise _invalid("hue_effect_not_tunable", entity, effect=effect)
    if effect == EFFECT_OFF:
        if lamp.state.effect not in (None, EFFECT_OFF):
            await _send(entity, lamp, LightCommand(effect=effect))
        return
    rgb = fields.get(ATTR_RGB_COLOR)
    kelvin = fields.get(ATTR_COLOR_TEMP_KELVIN)
    if kelvin is not None and lamp.can.kelvin is not None:
        low, high = lamp.can.kelvin
        kelvin = max(low, min(high, kelvin))
    command = LightCommand(
        on=True,
        effect=effect,
        effect_speed=_fraction(fields.get(_SPEED)),
        xy=None if rgb is None else color_RGB_to_xy(*rgb),
        kelvin=kelvin,
        transition=fields.get(_DURATION),
    )
    await _send(entity, lamp, command)


async def _set_gradient(entity: HueLight, fields: Mapping[str, Any]) -> None:
    """Show colours along a lamp."""
    lamp, colors, mode = _lamp(entity), fields[_COLORS], fields.get(_MODE)
    features = entity.coordinator.client.get_features(lamp)
    most = features.gradient_points
    if most < len(colors[:2]):
        raise _invalid("hue_no_gradient", entity)
    if len(colors) > most:
        raise _invalid("hue_too_many_colors", entity, most=str(most))
    if mode not in (None, *features.gradient_modes):
        modes = ", ".join(features.gradient_modes)
        raise _invalid("hue_unknown_gradient_mode", entity, modes=modes)
    gradient = tuple(color_RGB_to_xy(*rgb) for rgb in colors)
    command = LightCommand(on=True, gradient=gradient, gradient_mode=mode)
    await _send(entity, lamp, command)


ACTIONS = (
    LanternEntityAction(
        name="hue_activate_scene",
        platform=Platform.SCENE,
        handler=_activate_scene,
        fields={
            vol.Optional(ATTR_TRANSITION): _number(0, _LONGEST_TRANSITION),
            vol.Optional(_DYNAMIC): cv.boolean,
            vol.Optional(_SPEED): _number(0, 100),
            vol.Optional(_BRIGHTNESS): _number(1, 100),
        },
    ),
    LanternEntityAction(
        name="hue_set_effect",
        platform=Platform.LIGHT,
        handler=_set_effect,
        fields={
            vol.Required(_EFFECT): SHORT_TEXT,
            vol.Optional(_SPEED): _number(0, 100),
            vol.Exclusive(ATTR_RGB_COLOR, _COLOR): _RGB,
            vol.Exclusive(ATTR_COLOR_TEMP_KELVIN, _COLOR): vol.All(
                vol.Coerce(int), vol.Range(min=1000, max=20000)
            ),
            vol.Optional(_DURATION): _number(1, _LONGEST_EFFECT),
        },
    ),
    LanternEntityAction(
        name="hue_set_gradient",
        platform=Platform.LIGHT,
        handler=_set_gradient,
        fields={
            vol.Required(_COLORS): vol.All([_POINT], vol.Length(min=2, max=5)),
            vol.Optional(_MODE): SHORT_TEXT,
        },
    ),
)
