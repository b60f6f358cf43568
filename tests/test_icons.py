"""Icons against the code that shows them."""

from collections.abc import Iterator
import re
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.const import Platform

from custom_components.lantern.dashboard import GET_DASHBOARD
from custom_components.lantern.entity import LanternDescription

from .test_files import ACTIONS, ICONS, descriptions

# A light or a scene looks like one without any word of ours.
PICTURED = {Platform.LIGHT, Platform.SCENE}
HOME = {"home", "not_home"}
ON_OFF = {"on", "off"}


def names(value: Any) -> Iterator[str]:
    """Return all icons below a value."""
    if isinstance(value, dict):
        for below in value.values():
            yield from names(below)
    else:
        yield value


def states(platform: Platform, description: LanternDescription[Any]) -> set[str]:
    """Return the states that an entity can have."""
    match description:
        case SensorEntityDescription(options=list() as options):
            return set(options)
        case SensorEntityDescription():
            return {"0"}
        case BinarySensorEntityDescription():
            return ON_OFF
    return HOME if platform is Platform.DEVICE_TRACKER else ON_OFF


def check(
    platform: Platform, description: LanternDescription[Any], shown: dict[str, Any]
) -> None:
    """Hold that icons are for states and event types that an entity can have."""
    where = f"{platform}.{description.key}"
    assert set(shown) <= {"default", "state", "state_attributes"}, where
    by_state = shown.get("state", {})
    assert set(by_state) <= states(platform, description), where
    assert shown["default"] not in by_state.values(), where
    types = shown.get("state_attributes", {}).get("event_type", {}).get("state", {})
    if isinstance(description, EventEntityDescription):
        assert set(types) <= set(description.event_types or ()), where
    else:
        assert "state_attributes" not in shown, where


def test_every_entity_has_one() -> None:
    """Each entity has an icon of its own or of its class, for states that it has."""
    for platform, description in descriptions():
        key = description.translation_key or description.key
        shown = ICONS["entity"].get(platform, {}).get(key)
        if shown is not None:
            check(platform, description, shown)
        else:
            classed = description.device_class or platform in PICTURED
            assert classed, f"{platform}.{key} has no icon"


def test_nothing_superfluous() -> None:
    """Each icon is somebody's, and there are no other kinds of icon."""
    described = {
        (p, description.translation_key or description.key)
        for p, description in descriptions()
    }
    assert {
        (p, key) for p, keys in ICONS["entity"].items() for key in keys
    } <= described
    assert set(ICONS) == {"entity", "services"}
    names = {GET_DASHBOARD, *(action.name for action in ACTIONS)}
    assert set(ICONS["services"]) == names
    assert all(set(icon) == {"service"} for icon in ICONS["services"].values())


def test_material_design() -> None:
    """All icons are written as Home Assistant wants them, in an order that is found."""
    assert all(
        re.fullmatch(r"mdi:[a-z0-9]+(-[a-z0-9]+)*", name) for name in names(ICONS)
    )
    for group in (ICONS["entity"], *ICONS["entity"].values(), ICONS["services"]):
        assert list(group) == sorted(group)
