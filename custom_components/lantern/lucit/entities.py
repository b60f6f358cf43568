"""The entities of a Lucit player and its screens."""

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory, Platform

from ..entity import (
    LanternBinarySensorDescription,
    LanternButtonDescription,
    LanternEventDescription,
    LanternSensorDescription,
    LanternSwitchDescription,
    LanternTrackerDescription,
    Position,
)
from .client.models import Player, Screen, resolution
from .coordinator import LucitCoordinator
from .instructions import EVENT_KEY, EVENT_TYPES


async def _switch_heartbeat(
    coordinator: LucitCoordinator, _: str, __: Player, on: bool
) -> None:
    await coordinator.switch_heartbeat(on)


async def _send_heartbeat(coordinator: LucitCoordinator, _: str, __: Player) -> None:
    await coordinator.heartbeat.send()


def _position(player: Player) -> Position | None:
    """Return where the sign stands; how exactly that was told, Lucit does not say."""
    if player.latitude is None or player.longitude is None:
        return None
    return Position(player.latitude, player.longitude, 0)


SENSORS = (
    LanternSensorDescription(
        key="status",
        device=Player,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda player: player.status,
    ),
    LanternSensorDescription(
        key="resolution",
        device=Player,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=resolution,
    ),
    LanternSensorDescription(
        key="screens", device=Player, value_fn=lambda player: player.screens
    ),
    LanternSensorDescription(
        key="format",
        device=Player,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda player: player.format,
    ),
    LanternSensorDescription(
        key="venue",
        device=Player,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda player: player.venue,
    ),
    LanternSensorDescription(
        key="last_heartbeat",
        device=Player,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_local=True,
        value_fn=lambda player: player.last_heartbeat,
    ),
    LanternSensorDescription(
        key="status",
        device=Screen,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda screen: screen.status,
    ),
    LanternSensorDescription(
        key="resolution",
        device=Screen,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=resolution,
    ),
    LanternSensorDescription(
        key="updated",
        device=Screen,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda screen: screen.updated,
    ),
)

BINARY_SENSORS = (
    LanternBinarySensorDescription(
        key="heartbeat_problem",
        device=Player,
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_local=True,
        value_fn=lambda player: player.heartbeat_problem,
    ),
)

TRACKERS = (
    LanternTrackerDescription(
        key="location",
        device=Player,
        exists_fn=lambda player: _position(player) is not None,
        value_fn=_position,
    ),
)

SWITCHES = (
    LanternSwitchDescription(
        key="heartbeat",
        device=Player,
        entity_category=EntityCategory.CONFIG,
        # Also while Lucit cannot be read, people can end it.
        is_local=True,
        value_fn=lambda player: player.heartbeat,
        set_fn=_switch_heartbeat,
    ),
)

BUTTONS = (
    LanternButtonDescription(
        key="send_heartbeat", device=Player, is_local=True, press_fn=_send_heartbeat
    ),
)

EVENTS = (
    LanternEventDescription(
        key=EVENT_KEY, device=Player, event_types=list(EVENT_TYPES)
    ),
)

ENTITIES = {
    Platform.SENSOR: SENSORS,
    Platform.BINARY_SENSOR: BINARY_SENSORS,
    Platform.DEVICE_TRACKER: TRACKERS,
    Platform.SWITCH: SWITCHES,
    Platform.BUTTON: BUTTONS,
    Platform.EVENT: EVENTS,
}
