"""What all of Lantern's entities share, and how they are described."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.device_tracker import TrackerEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
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

type Sets[PartT, ValueT] = Callable[[Any, str, PartT, ValueT], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Part[DeviceT, PartT]:
    """A part of every device of one model, for example one of its lamps.

    `part_fn` takes a device and an entity's key, and returns None for a device that
    has no such part, or no longer.
    """

    device: type[DeviceT]
    part_fn: Callable[[DeviceT, str], PartT | None]


@dataclass(frozen=True, kw_only=True)
class LanternDescription[PartT](EntityDescription):
    """Describes an entity of every device of one model, or of a part of it.

    All functions take what `device` names: the device, or its part. `exists_fn`
    returns whether it has the entity, `available_fn` whether it can be reached while
    the service answers. An entity that `is_local` shows what Lantern itself holds,
    also while the service does not answer. `keys_fn` returns the keys where one device
    has several of the entity, `placeholders_fn` what a key's translated name is filled
    with, `name_fn` the name that the owner gave (device, part). `entity` is the class
    where behaviour differs from the platform's own. Where the entry's `option` is off,
    its devices have no such entities.
    """

    device: type[PartT] | Part[Any, PartT]
    exists_fn: Callable[[PartT], bool] = lambda _: True
    available_fn: Callable[[PartT], bool] | None = None
    is_local: bool = False
    keys_fn: Callable[[Any], Iterable[str]] | None = None
    placeholders_fn: Callable[[PartT, str], Mapping[str, str]] | None = None
    name_fn: Callable[[Any, PartT], str | None] | None = None
    entity: type[LanternEntity[Any, Any]] | None = None
    option: str | None = None

    def describes(self, device: object) -> bool:
        """Return whether the device is of the description's model."""
        own = self.device
        return isinstance(device, own.device if isinstance(own, Part) else own)

    def keys_of(self, device: Any) -> Iterable[str]:
        """Return the keys of a device's entities."""
        return (self.key,) if self.keys_fn is None else self.keys_fn(device)

    def part_of(self, device: Any, key: str) -> PartT | None:
        """Return what the entity of a key shows: the device, or its part."""
        own = self.device
        if isinstance(own, Part):
            return own.part_fn(device, key)
        part: PartT = device
        return part


@dataclass(frozen=True, kw_only=True)
class LanternSensorDescription[PartT](
    LanternDescription[PartT], SensorEntityDescription
):
    """Describes a sensor."""

    value_fn: Callable[[PartT], StateType | datetime]


@dataclass(frozen=True, kw_only=True)
class LanternBinarySensorDescription[PartT](
    LanternDescription[PartT], BinarySensorEntityDescription
):
    """Describes a binary sensor."""

    value_fn: Callable[[PartT], bool | None]


@dataclass(frozen=True, kw_only=True)
class LanternSwitchDescription[PartT](
    LanternDescription[PartT], SwitchEntityDescription
):
    """Describes a switch; `set_fn` takes coordinator, device id, part, on."""

    value_fn: Callable[[PartT], bool | None]
    set_fn: Sets[PartT, bool]


@dataclass(frozen=True, kw_only=True)
class LanternTextDescription[PartT](LanternDescription[PartT], TextEntityDescription):
    """Describes a text; `set_fn` takes coordinator, device id, part, text."""

    value_fn: Callable[[PartT], str | None]
    set_fn: Sets[PartT, str]


@dataclass(frozen=True, kw_only=True)
class LanternNumberDescription[PartT](
    LanternDescription[PartT], NumberEntityDescription
):
    """Describes a number; `set_fn` takes coordinator, device id, part, number.

    `max_fn` gives the highest value where it is each device's own.
    """

    value_fn: Callable[[PartT], float | None]
    max_fn: Callable[[PartT], float | None] | None = None
    set_fn: Sets[PartT, float]


@dataclass(frozen=True, kw_only=True)
class LanternSelectDescription[PartT](
    LanternDescription[PartT], SelectEntityDescription
):
    """Describes a select; `set_fn` takes coordinator, device id, part, option.

    `options_fn` returns what can be chosen, the present choice among it.
    """

    value_fn: Callable[[PartT], str | None]
    options_fn: Callable[[PartT], Iterable[str]]
    set_fn: Sets[PartT, str]


@dataclass(frozen=True, kw_only=True)
class LanternButtonDescription[PartT](
    LanternDescription[PartT], ButtonEntityDescription
):
    """Describes a button; `press_fn` takes coordinator, device id, part."""

    press_fn: Callable[[Any, str, PartT], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class LanternEventDescription[PartT](LanternDescription[PartT], EventEntityDescription):
    """Describes an event; the coordinator fires it under the description's key."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where something is: degrees, and the accuracy in metres."""

    latitude: float
    longitude: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class LanternTrackerDescription[PartT](
    LanternDescription[PartT], TrackerEntityDescription
):
    """Describes a device tracker.

    `remember_fn` gives what a restart must not lose of the device, as JSON;
    `recall_fn` takes it (coordinator, device id, what was remembered). `trail_fn`
    gives the positions on the way to the newest, oldest first.
    """

    value_fn: Callable[[PartT], Position | None]
    trail_fn: Callable[[PartT], Sequence[Position]] = lambda _: ()
    remember_fn: Callable[[PartT], dict[str, Any] | None] = lambda _: None
    recall_fn: Callable[[Any, str, dict[str, Any]], None] = lambda *_: None


class LanternEntity[DescriptionT: LanternDescription[Any], PartT](
    CoordinatorEntity[LanternCoordinator[Any]]
):
    """An entity of one device: it shows what its description reads of the part."""

    _attr_has_entity_name = True

    def __init__(
        self,
        coordinator: LanternCoordinator[Any],
        device_id: str,
        description: DescriptionT,
        key: str,
    ) -> None:
        """Initialize with a device of the snapshot that has the part."""
        super().__init__(coordinator, context=device_id)
        self.device_id = device_id
        self.device: Any = coordinator.data[device_id]
        self.key = key
        # The same thing twice: Home Assistant's platforms type it too widely.
        self.description = description
        self.entity_description = description
        self._attr_unique_id = f"{device_id}_{key}"
        self._attr_translation_key = description.translation_key or description.key
        part = description.part_of(self.device, key)
        assert part is not None
        self.part: PartT = part
        if description.placeholders_fn is not None:
            placeholders = description.placeholders_fn(part, key)
            self._attr_translation_placeholders = dict(placeholders)
        if description.name is None:
            # A main entity: without this, a translated name would come before.
            self._attr_name = None
        self._shown = self._read()

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the device identifiers; HA reads this once, so it is not cached."""
        return DeviceInfo(identifiers={(DOMAIN, self.device_id)})

    @property
    @override
    def available(self) -> bool:
        """Return whether the service answers and the part can be reached."""
        coordinator, available_fn = self.coordinator, self.description.available_fn
        return (
            (coordinator.last_update_success or self.description.is_local)
            and self.device_id in coordinator.data
            and self._has_part
            and (available_fn is None or available_fn(self.part))
        )

    def shown(self) -> Any:
        """Return what the entity shows, to compare it with what it showed before."""
        return self.description.value_fn(self.part)  # type: ignore[attr-defined]  # the descriptions with a value have it

    def _read(self) -> tuple[Any, ...]:
        """Find the part, the last one if the device has it no longer; return its look."""
        part = self.description.part_of(self.device, self.key)
        self._has_part = part is not None
        if part is not None:
            self.part = part
        if self.description.name_fn is not None:
            self._attr_name = self.description.name_fn(self.device, self.part)
            return self.available, self.shown(), self._attr_name
        return self.available, self.shown()

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Let the event loop go on where an entry has very many entities."""
        await super().async_will_remove_from_hass()
        await self.coordinator.async_pause_removal()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if what is shown changed."""
        self.device = self.coordinator.data.get(self.device_id, self.device)
        shown = self._read()
        if shown != self._shown:
            self._shown = shown
            self.async_write_ha_state()

    @callback
    def async_entity_id_changed(self) -> None:
        """Stay as it is when renamed: nothing here depends on the entity id."""
