"""What all of Lantern's entities share, and how they are described."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.device_tracker import TrackerEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.light import LightEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.components.text import TextEntityDescription
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.typing import StateType
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .coordinator import LanternCoordinator

type Sets[CoordinatorT, DeviceT, ValueT] = Callable[
    [CoordinatorT, str, DeviceT, ValueT], Awaitable[None]
]


@dataclass(frozen=True, kw_only=True)
class LanternDescription[DeviceT](EntityDescription):
    """Describes an entity of every device of one model.

    `exists_fn` tells whether a device has it, `available_fn` whether it can be
    reached while the service answers; one `is_local` shows what Lantern itself holds,
    also while the service does not answer; `keys_fn` gives the keys where one
    device has several of them, `placeholders_fn` what a key's name is filled
    with; `entity` is the class where behaviour differs from the platform's own.
    """

    device: type[DeviceT]
    exists_fn: Callable[[DeviceT], bool] = lambda _: True
    available_fn: Callable[[DeviceT], bool] | None = None
    is_local: bool = False
    keys_fn: Callable[[DeviceT], Iterable[str]] | None = None
    placeholders_fn: Callable[[DeviceT, str], Mapping[str, str]] | None = None
    entity: type[LanternEntity[Any, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class LanternSensorDescription[DeviceT](
    LanternDescription[DeviceT], SensorEntityDescription
):
    """Describes a sensor."""

    value_fn: Callable[[DeviceT], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class LanternBinarySensorDescription[DeviceT](
    LanternDescription[DeviceT], BinarySensorEntityDescription
):
    """Describes a binary sensor."""

    value_fn: Callable[[DeviceT], bool | None]


@dataclass(frozen=True, kw_only=True)
class LanternSwitchDescription[DeviceT](
    LanternDescription[DeviceT], SwitchEntityDescription
):
    """Describes a switch; `set_fn` takes coordinator, device id, device, on."""

    value_fn: Callable[[DeviceT], bool | None]
    set_fn: Sets[Any, DeviceT, bool]


@dataclass(frozen=True, kw_only=True)
class LanternTextDescription[DeviceT](
    LanternDescription[DeviceT], TextEntityDescription
):
    """Describes a text; `set_fn` takes coordinator, device id, device, text."""

    value_fn: Callable[[DeviceT], str | None]
    set_fn: Sets[Any, DeviceT, str]


@dataclass(frozen=True, kw_only=True)
class LanternNumberDescription[DeviceT](
    LanternDescription[DeviceT], NumberEntityDescription
):
    """Describes a number; `set_fn` takes coordinator, device id, device, number.

    `max_fn` gives the highest value where it is each device's own.
    """

    value_fn: Callable[[DeviceT], float | None]
    max_fn: Callable[[DeviceT], float | None] | None = None
    set_fn: Sets[Any, DeviceT, float]


@dataclass(frozen=True, kw_only=True)
class LanternButtonDescription[DeviceT](
    LanternDescription[DeviceT], ButtonEntityDescription
):
    """Describes a button; `press_fn` takes coordinator, device id, device."""

    press_fn: Callable[[Any, str, DeviceT], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class LanternEventDescription[DeviceT](
    LanternDescription[DeviceT], EventEntityDescription
):
    """Describes an event; the coordinator fires it under the description's key."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where something is: degrees, and the accuracy in metres."""

    latitude: float
    longitude: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class LanternTrackerDescription[DeviceT](
    LanternDescription[DeviceT], TrackerEntityDescription
):
    """Describes a device tracker.

    `remember_fn` gives what a restart must not lose of the device, as JSON;
    `recall_fn` takes it (coordinator, device id, what was remembered).
    """

    value_fn: Callable[[DeviceT], Position | None]
    remember_fn: Callable[[DeviceT], dict[str, Any] | None] = lambda _: None
    recall_fn: Callable[[Any, str, dict[str, Any]], None] = lambda *_: None


@dataclass(frozen=True, kw_only=True)
class LanternLightDescription[DeviceT](
    LanternDescription[DeviceT], LightEntityDescription
):
    """Describes a light; its class brings the behaviour."""


class LanternEntity[DescriptionT: LanternDescription[Any], DeviceT](
    CoordinatorEntity[LanternCoordinator[Any]]
):
    """An entity of one device: it shows what its description reads of the model."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: LanternCoordinator[Any],
        device_id: str,
        description: DescriptionT,
        key: str,
    ) -> None:
        """Make the entity of a device that the snapshot holds."""
        super().__init__(coordinator, context=device_id)
        self.device_id = device_id
        self.device: DeviceT = coordinator.data[device_id]
        self.key = key
        # The same thing twice: Home Assistant's platforms type it too widely.
        self.description = description
        self.entity_description = description
        self._attr_unique_id = f"{device_id}_{key}"
        self._attr_translation_key = description.translation_key or description.key
        if description.placeholders_fn is not None:
            found = description.placeholders_fn(self.device, key)
            self._attr_translation_placeholders = dict(found)
        if description.name is None:
            # A main entity: without this, a translated name would come before.
            self._attr_name = None
        self._shown = (self.available, self.shown())

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return whose entity it is; asked once, so that nobody has to keep it."""
        return DeviceInfo(identifiers={(DOMAIN, self.device_id)})

    @property
    @override
    def available(self) -> bool:
        """Return whether the service answers and the device can be reached."""
        coordinator, available_fn = self.coordinator, self.description.available_fn
        return (
            (coordinator.last_update_success or self.description.is_local)
            and self.device_id in coordinator.data
            and (available_fn is None or available_fn(self.device))
        )

    def shown(self) -> Any:
        """Return what the entity shows of its device, to tell whether it changed."""
        return self.description.value_fn(self.device)  # type: ignore[attr-defined]  # the descriptions with a value have it

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if what is shown changed."""
        self.device = self.coordinator.data.get(self.device_id, self.device)
        shown = (self.available, self.shown())
        if shown != self._shown:
            self._shown = shown
            self.async_write_ha_state()

    @callback
    def async_entity_id_changed(self) -> None:
        """Stay as it is when renamed: nothing here depends on the entity id."""
