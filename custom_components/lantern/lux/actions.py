"""LUX's actions."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..action import CONFIRM, SHORT_TEXT, WHOLE_NUMBER, Call, LanternAction, Target
from ..const import DOMAIN
from ..transport.errors import BadAnswer
from .client.models import Connection, TreatmentDevice
from .client.treatment_log import EARLIEST_YEAR, LONGEST, Ending, TreatmentLog
from .coordinator import LuxCoordinator
from .device_queue import LogRefused, is_clock_unset
from .issues import async_update_issues
from .record_actions import ACTIONS as RECORD_ACTIONS
from .treatment_rows import as_seconds
from .upload_queue import get_queue

_ENDINGS = {ending.name.lower(): ending for ending in Ending}
# What JSON holds exactly.
_LARGEST = 2**53 - 1
_MOST_LOGS = 2000
_AHEAD = timedelta(minutes=5)
_NUMBER = vol.All(vol.Coerce(int), vol.Range(min=1, max=_LARGEST))


def _start(value: Any) -> datetime:
    """Return a start; whatever the device's clock said, it can be counted with."""
    start: datetime = cv.datetime(value)
    if start.year < EARLIEST_YEAR:
        raise vol.Invalid(f"before {EARLIEST_YEAR}")
    return start


_LOG = vol.Schema(
    {
        vol.Required("start"): _start,
        # LUX's own samples are 255,555 and 500,000 s; 0 is contacts that fail at once.
        vol.Required("duration"): vol.All(as_seconds, vol.Range(0, LONGEST)),
        vol.Required("intensity"): vol.All(vol.Coerce(int), vol.Range(0, _LARGEST)),
        # A completed log has both, a temporary one has neither.
        vol.Inclusive("ending", "completed"): vol.In(list(_ENDINGS)),
        vol.Inclusive("log_file_id", "completed"): _NUMBER,
    }
)


def _invalid(key: str, **placeholders: object) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={k: str(v) for k, v in placeholders.items()},
    )


def _log(
    given: dict[str, Any], now: datetime, created: datetime | None
) -> TreatmentLog:
    """Return a log as it was given; a start without a zone is local."""
    try:
        start = dt_util.as_utc(given["start"]).replace(microsecond=0)
    except OverflowError:  # the last hours of the year 9999
        raise _invalid("start_in_future") from None
    if start > now + _AHEAD:
        raise _invalid("start_in_future")
    ending = given.get("ending")
    log = TreatmentLog(
        start=start,
        duration=given["duration"],
        intensity=given["intensity"],
        ending=_ENDINGS[ending] if ending else None,
        log_file_id=given.get("log_file_id"),
        queued=now,
    )
    return replace(log, is_clock_unset=is_clock_unset(log, created))


def _coordinator(call: Call) -> LuxCoordinator:
    coordinator = call.coordinator
    assert isinstance(coordinator, LuxCoordinator)
    return coordinator


async def _upload(call: Call) -> ServiceResponse:
    """Queue treatment logs; once they are on disk, they are promised."""
    queue = get_queue(call.hass, call.entry.unique_id or "")
    await queue.async_load()
    device_id = call.device_id
    if device_id is None or device_id not in queue.devices:
        raise _invalid("not_a_treatment_device")
    now = dt_util.utcnow()
    device = queue.devices[device_id]
    logs = [_log(log, now, device.created) for log in call.fields["logs"]]
    try:
        await queue.async_put(device_id, logs)
    except LogRefused as err:
        raise _invalid(err.reason, log_file_id=err.log_file_id) from err
    # The entry may have been set up, or unloaded, while the disk was busy.
    if call.entry.state is ConfigEntryState.LOADED:
        work = _coordinator(call).async_handle_queued(device_id)
        # A cancelled caller must not keep the logs from being sent.
        task = call.entry.async_create_task(call.hass, work, "lantern lux logs")
        await asyncio.shield(task)
    else:
        async_update_issues(call.hass, call.entry, queue)
    return {"queued": len(logs)}


async def _check(call: Call) -> ServiceResponse:
    """Tell whose a device is, and for which children it could be registered."""
    coordinator = _coordinator(call)
    check = await coordinator.api.check_device(call.fields["unique_id"])
    children: list[int] = sorted(coordinator.children)
    return {"connection": str(check.connection), "real_user_ids": [*children]}


async def _get(call: Call) -> ServiceResponse:
    """Return a child's device."""
    device = await _coordinator(call).api.get_child_device(call.fields["real_user_id"])
    return {
        "device_id": device.id,
        "real_user_id": device.real_user_id,
        "unique_id": device.unique_id,
        "serial_code": device.serial_code,
        "alias": device.alias,
        "created": device.created.isoformat() if device.created else None,
        "last_log_file_id": device.last_log_file_id,
    }


def _child(children: Sequence[int], wanted: int | None) -> int:
    """Return the child that is meant: the only one, where none is named."""
    if wanted is not None:
        return wanted
    if len(children) != 1:
        raise _invalid("which_child")
    return children[0]


async def _register(call: Call) -> ServiceResponse:
    """Register a device; LUX wants to be asked about it before."""
    coordinator, fields = _coordinator(call), call.fields
    child = _child(sorted(coordinator.children), fields.get("real_user_id"))
    api, unique_id = coordinator.api, fields["unique_id"]
    check = await api.check_device(unique_id)
    if check.connection is Connection.TAKEN:
        raise _invalid("device_taken")
    await api.register_device(
        serial_code=fields["serial_code"],
        mac_id=fields["mac_id"],
        unique_id=unique_id,
        real_user_id=child,
    )
    await coordinator.async_request_refresh()
    return None


async def _unregister(call: Call) -> ServiceResponse:
    """Unregister a device from its child."""
    coordinator = _coordinator(call)
    device = coordinator.data.get(call.device_id or "")
    if not isinstance(device, TreatmentDevice):
        raise _invalid("not_a_treatment_device")
    if device.unique_id is None or device.real_user_id is None:
        raise BadAnswer("device/get-all-device", "a device without ids")
    await coordinator.api.unregister_device(device.unique_id, device.real_user_id)
    await coordinator.async_request_refresh()
    return None


async def _alert(call: Call) -> ServiceResponse:
    """Send a real message about bad contacts to a real phone."""
    await _coordinator(call).api.send_impedance_alert()
    return None


ACTIONS = (
    *RECORD_ACTIONS,
    LanternAction(
        name="lux_upload_treatment_logs",
        target=Target.DEVICE,
        handler=_upload,
        fields={
            vol.Required("logs"): vol.All(
                cv.ensure_list, vol.Length(min=1, max=_MOST_LOGS), [_LOG]
            )
        },
        response=SupportsResponse.OPTIONAL,
        loaded_only=False,
    ),
    LanternAction(
        name="lux_check_device",
        target=Target.ENTRY,
        handler=_check,
        fields={vol.Required("unique_id"): SHORT_TEXT},
        response=SupportsResponse.ONLY,
    ),
    LanternAction(
        name="lux_get_device",
        target=Target.ENTRY,
        handler=_get,
        fields={vol.Required("real_user_id"): WHOLE_NUMBER},
        response=SupportsResponse.ONLY,
    ),
    LanternAction(
        name="lux_register_device",
        target=Target.ENTRY,
        handler=_register,
        fields={
            vol.Required("serial_code"): SHORT_TEXT,
            vol.Required("mac_id"): SHORT_TEXT,
            vol.Required("unique_id"): SHORT_TEXT,
            vol.Optional("real_user_id"): WHOLE_NUMBER,
        },
    ),
    LanternAction(
        name="lux_unregister_device",
        target=Target.DEVICE,
        handler=_unregister,
        fields=CONFIRM,
    ),
    LanternAction(
        name="lux_send_impedance_alert",
        target=Target.ENTRY,
        handler=_alert,
        fields=CONFIRM,
    ),
)
