"""The cards of a Hue bridge: rooms, lamps, scenes and what sensors measure."""

from homeassistant.const import Platform

from ..cards import Card, CardSource, Section, heading, section, tile, tiles, titled
from .client.models.sensor import HUMIDITY, ILLUMINANCE, MOTION, OPEN, TEMPERATURE

_BRIGHTNESS: Card = {"features": [{"type": "light-brightness"}]}
_TOGGLE: Card = {"tap_action": {"action": "toggle"}}


def build_sections(source: CardSource) -> list[Section]:
    """Return one section."""
    lamps = source.of(Platform.LIGHT, "light", "further_light")
    scenes = source.of(Platform.SCENE, "light_scene", "scene")
    states = source.of(Platform.BINARY_SENSOR, MOTION, OPEN)
    measured = source.of(Platform.SENSOR, TEMPERATURE, HUMIDITY, ILLUMINANCE)
    return [
        section(
            heading(source.entry.title, "mdi:lightbulb-group"),
            *(
                tile(group, **_BRIGHTNESS)
                for group in source.of(Platform.LIGHT, "group")
            ),
            *titled(source.titles[Platform.LIGHT], tiles(lamps, **_TOGGLE)),
            *titled(source.titles[Platform.SCENE], tiles(scenes, hide_state=True)),
            *titled(source.titles[Platform.SENSOR], tiles([*states, *measured])),
        )
    ]
