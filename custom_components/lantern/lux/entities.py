"""The entities of a LUX account and its treatment devices."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import NumberMode
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    MAX_LENGTH_STATE_STATE,
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfTime,
)

from ..entity import (
    LanternBinarySensorDescription,
    LanternDescription,
    LanternEventDescription,
    LanternNumberDescription,
    LanternSensorDescription,
    LanternSwitchDescription,
    LanternTextDescription,
)
from .calendar import CalendarDescription, TreatmentCalendar
from .client.models import Account, ReceivedSummary, TreatmentDevice, TreatmentSummary
from .client.treatment_log import Ending
from .coordinator import MOST_A_WEEK, LuxCoordinator
from .events import FINISHED, LOG_RECEIVED, STARTED, TREATMENT

type SetsSetting = Callable[[LuxCoordinator, str, Account, bool], Awaitable[None]]


def _sets(setting: str) -> SetsSetting:
    """Return what switches one notification setting of the account."""

    async def set_setting(
        coordinator: LuxCoordinator, _: str, __: Account, on: bool
    ) -> None:
        await coordinator.async_set_setting(setting, on)

    return set_setting


async def _set_alias(
    coordinator: LuxCoordinator, device_id: str, device: TreatmentDevice, alias: str
) -> None:
    await coordinator.async_set_alias(device_id, device, alias)


def _alias(device: TreatmentDevice) -> str | None:
    """Return the alias as far as a state can hold it."""
    return None if device.alias is None else device.alias[:MAX_LENGTH_STATE_STATE]


def _has_treatments(device: TreatmentDevice) -> bool:
    """Return True if treatments of the device were uploaded by Lantern, or recorded."""
    return device.summary is not None


def _has_uploads(device: TreatmentDevice) -> bool:
    """Return True if Lantern uploads the device's logs: it knows what is in progress."""
    return device.summary is not None and device.summary.is_uploaded


def _reads[ValueT](
    read: Callable[[TreatmentSummary], ValueT],
) -> Callable[[TreatmentDevice], ValueT | None]:
    """Return what reads a device's summary."""
    return lambda device: None if device.summary is None else read(device.summary)


def _received(
    read: Callable[[ReceivedSummary], int | None],
) -> Callable[[TreatmentDevice], int | None]:
    """Return what reads how many logs LUX received."""
    return lambda device: None if device.received is None else read(device.received)


async def _set_weekly_goal(
    coordinator: LuxCoordinator, device_id: str, _: TreatmentDevice, goal: float
) -> None:
    coordinator.async_set_weekly_goal(device_id, int(goal))


SWITCHES = (
    LanternSwitchDescription(
        key="muted",
        device=Account,
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda account: account.muted,
        set_fn=_sets("muted"),
    ),
    LanternSwitchDescription(
        key="contact_alerts",
        device=Account,
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda account: account.contact_alerts,
        set_fn=_sets("contact_alerts"),
    ),
    LanternSwitchDescription(
        key="base_station_alerts",
        device=Account,
        entity_category=EntityCategory.CONFIG,
        value_fn=lambda account: account.base_station_alerts,
        set_fn=_sets("base_station_alerts"),
    ),
)

BINARY_SENSORS = (
    LanternBinarySensorDescription(
        key="password_change_due",
        device=Account,
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda account: account.password_change_due,
    ),
    LanternBinarySensorDescription(
        key="personal_info_update_due",
        device=Account,
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda account: account.personal_info_update_due,
    ),
    LanternBinarySensorDescription(
        key="treatment_in_progress",
        device=TreatmentDevice,
        device_class=BinarySensorDeviceClass.RUNNING,
        exists_fn=_has_uploads,
        value_fn=_reads(lambda summary: summary.in_progress),
    ),
)

SENSORS = (
    LanternSensorDescription(
        key="treatment_logs",
        device=TreatmentDevice,
        # The number falls when a device is replaced: it counts anew.
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda device: device.last_log_file_id,
    ),
    LanternSensorDescription(
        key="logs_today",
        device=TreatmentDevice,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_received(lambda received: received.today),
    ),
    LanternSensorDescription(
        key="logs_this_week",
        device=TreatmentDevice,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=_received(lambda received: received.this_week),
    ),
    LanternSensorDescription(
        key="days_in_a_row",
        device=TreatmentDevice,
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.DAYS,
        value_fn=_received(lambda received: received.days_in_a_row),
    ),
    LanternSensorDescription(
        key="goal_this_week",
        device=TreatmentDevice,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        exists_fn=lambda device: device.weekly_goal > 0,
        value_fn=lambda device: device.goal_this_week,
    ),
    LanternSensorDescription(
        key="last_log_received",
        device=TreatmentDevice,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda device: device.last_log_received,
    ),
    LanternSensorDescription(
        key="last_treatment",
        device=TreatmentDevice,
        device_class=SensorDeviceClass.TIMESTAMP,
        exists_fn=_has_treatments,
        value_fn=_reads(lambda summary: summary.start),
    ),
    LanternSensorDescription(
        key="last_treatment_duration",
        device=TreatmentDevice,
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        exists_fn=_has_treatments,
        value_fn=_reads(lambda summary: summary.duration),
    ),
    LanternSensorDescription(
        key="last_treatment_intensity",
        device=TreatmentDevice,
        exists_fn=_has_treatments,
        value_fn=_reads(lambda summary: summary.intensity),
    ),
    LanternSensorDescription(
        key="last_treatment_ending",
        device=TreatmentDevice,
        device_class=SensorDeviceClass.ENUM,
        options=[*(ending.name.lower() for ending in Ending), "in_progress"],
        exists_fn=_has_treatments,
        value_fn=_reads(lambda summary: summary.ending),
    ),
    LanternSensorDescription(
        key="treatments_today",
        device=TreatmentDevice,
        state_class=SensorStateClass.MEASUREMENT,
        exists_fn=_has_treatments,
        value_fn=_reads(lambda summary: summary.today),
    ),
    LanternSensorDescription(
        key="treatment_time_today",
        device=TreatmentDevice,
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        state_class=SensorStateClass.MEASUREMENT,
        exists_fn=_has_treatments,
        value_fn=_reads(lambda summary: summary.time_today),
    ),
    LanternSensorDescription(
        key="treatment_streak",
        device=TreatmentDevice,
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.DAYS,
        exists_fn=_has_treatments,
        value_fn=_reads(lambda summary: summary.streak),
    ),
    LanternSensorDescription(
        key="unsent_logs",
        device=TreatmentDevice,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda device: device.unsent,
    ),
    LanternSensorDescription(
        key="registered",
        device=TreatmentDevice,
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda device: device.created,
    ),
)

EVENTS = (
    LanternEventDescription(
        key=TREATMENT,
        device=TreatmentDevice,
        event_types=[STARTED, FINISHED, LOG_RECEIVED],
    ),
)

CALENDARS = (
    CalendarDescription(
        key="treatments",
        device=TreatmentDevice,
        exists_fn=_has_treatments,
        entity=TreatmentCalendar,
    ),
)

NUMBERS = (
    LanternNumberDescription(
        key="weekly_goal",
        device=TreatmentDevice,
        entity_category=EntityCategory.CONFIG,
        native_min_value=0,
        native_max_value=MOST_A_WEEK,
        native_step=1,
        mode=NumberMode.BOX,
        is_local=True,
        value_fn=lambda device: device.weekly_goal,
        set_fn=_set_weekly_goal,
    ),
)

TEXTS = (
    LanternTextDescription(
        key="alias",
        device=TreatmentDevice,
        entity_category=EntityCategory.CONFIG,
        exists_fn=lambda device: None not in (device.id, device.real_user_id),
        value_fn=_alias,
        set_fn=_set_alias,
    ),
)

ENTITIES: Mapping[Platform, tuple[LanternDescription[Any], ...]] = {
    Platform.BINARY_SENSOR: BINARY_SENSORS,
    Platform.CALENDAR: CALENDARS,
    Platform.EVENT: EVENTS,
    Platform.NUMBER: NUMBERS,
    Platform.SENSOR: SENSORS,
    Platform.SWITCH: SWITCHES,
    Platform.TEXT: TEXTS,
}
