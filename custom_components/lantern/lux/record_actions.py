"""LUX's actions about treatments that people write down: nothing is sent to LUX."""

import asyncio
from collections.abc import Coroutine, Iterable
from datetime import date, datetime
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..action import CONFIRM, Call, LanternAction, Target
from ..const import DOMAIN
from .client.treatment_log import TreatmentLog
from .coordinator import LuxCoordinator
from .device_queue import DeviceQueue
from .treatment_page import FIELDS, write_page
from .treatment_rows import (
    ENDINGS,
    LONGEST_CSV,
    MOST_ROWS,
    RECEIVED,
    RECORDED,
    UPLOADED,
    Uploaded,
    as_start,
    invalid,
    read_csv,
    read_treatments,
    write_csv,
)
from .treatment_store import TreatmentStore, get_treatments
from .treatment_summary import treatments
from .upload_queue import get_queue

_LONGEST_NAME = 100


async def _stored(call: Call) -> tuple[str, DeviceQueue, TreatmentStore]:
    """Return a device, what waits for LUX, and the stored treatments."""
    queue = get_queue(call.hass, call.entry.unique_id or "")
    await queue.async_load()
    device_id = call.device_id
    if device_id is None or device_id not in queue.devices:
        raise invalid("not_a_treatment_device")
    store = get_treatments(call.hass, call.entry.entry_id)
    await store.async_load()
    return device_id, queue.devices[device_id], store


def _coordinator(call: Call) -> LuxCoordinator | None:
    """Return the coordinator of an entry that is loaded."""
    if call.entry.state is not ConfigEntryState.LOADED:
        return None
    coordinator = call.coordinator
    assert isinstance(coordinator, LuxCoordinator)
    return coordinator


async def _save(
    call: Call, key: str, work: Coroutine[Any, Any, None], first: datetime
) -> None:
    """Save a change and show it; a cancelled caller stops neither."""

    async def save() -> None:
        await work
        # Without an entry that is loaded, the next set-up writes the statistics.
        if (coordinator := _coordinator(call)) is not None:
            coordinator.async_handle_recorded(call.device_id or "", key, first)

    await asyncio.shield(call.hass.async_create_task(save(), "lantern lux treatments"))


async def _record(call: Call) -> ServiceResponse:
    """Save treatments, all or none; once this returns, they are on disk."""
    device_id, waiting, store = await _stored(call)
    child, text = waiting.real_user_id, call.fields.get("csv")
    given = call.fields.get("treatments")
    if (text is None) is (given is None):
        raise invalid("lux_nothing_to_record")
    key = store.key(device_id, child)
    uploaded = Uploaded(treatments(store.at(key), waiting))

    def read() -> list[TreatmentLog]:
        rows = enumerate(given or (), 1) if text is None else read_csv(text)
        return read_treatments(rows, dt_util.utcnow(), child, uploaded)

    # The event loop must not wait for the last of many rows.
    logs = await call.hass.async_add_executor_job(read)
    coordinator = _coordinator(call)
    service_now = coordinator.api.service_now if coordinator else None
    work = store.async_record(device_id, logs, service_now)
    await _save(call, key, work, min(log.start for log in logs))
    return {"recorded": len(logs)}


async def _delete(call: Call) -> ServiceResponse:
    """Delete a treatment that was recorded; what was uploaded stays."""
    device_id, waiting, store = await _stored(call)
    key = store.key(device_id, waiting.real_user_id)
    start = dt_util.as_utc(call.fields["start"]).replace(microsecond=0)
    stored = store.at(key)
    if not any(log.start == start for log in stored.recorded):
        if Uploaded(treatments(stored, waiting)).has(start):
            raise invalid("lux_uploaded_stays")
        raise invalid("lux_no_such_treatment")
    await _save(call, key, store.async_delete_recorded(key, start), start)
    return None


async def _get(call: Call) -> ServiceResponse:
    """Return treatments, and the days of which something is unknown."""
    device_id, waiting, store = await _stored(call)
    stored = store.of(device_id, waiting.real_user_id)
    fields = call.fields
    start, end = (
        dt_util.as_utc(fields[bound]) if bound in fields else None
        for bound in ("start", "end")
    )
    if start is not None and end is not None and end <= start:
        raise invalid("lux_no_range")
    texts = await _texts(call.hass)

    def answer() -> dict[str, Any]:
        logs = [
            treatment
            for treatment in treatments(stored, waiting)
            if (start is None or treatment.start >= start)
            and (end is None or treatment.start < end)
        ]
        days = [
            unknown_day
            for unknown_day in stored.unknown_days
            if _is_in(unknown_day, start, end)
        ]
        unknown = {"unknown_days": [day.isoformat() for day in days]}
        if fields["format"] == "list":
            return {"treatments": [_row(log) for log in logs], **unknown}
        rows = _with_days([_row(log) for log in logs], days)
        if fields["format"] == "csv":
            return {"csv": write_csv(rows), **unknown}
        name = fields.get("name")
        language = call.hass.config.language
        page = write_page(
            rows, texts, language=language, name=name, start=start, end=end
        )
        return {"html": page, **unknown}

    return await call.hass.async_add_executor_job(answer)


def _row(log: TreatmentLog) -> dict[str, Any]:
    """Return a treatment as responses have it, in local time."""
    return {
        "start": dt_util.as_local(log.start).isoformat(),
        "end": dt_util.as_local(log.end).isoformat(),
        "duration": log.duration,
        "intensity": log.intensity,
        "ending": log.ending_name,
        "source": RECORDED if log.is_recorded else UPLOADED,
        "note": log.note,
    }


def _is_in(day: date, start: datetime | None, end: datetime | None) -> bool:
    """Return True if a local day touches a range."""
    is_after = start is None or day >= dt_util.as_local(start).date()
    return is_after and (end is None or dt_util.start_of_local_day(day) < end)


def _with_days(
    rows: Iterable[dict[str, Any]], days: Iterable[date]
) -> list[dict[str, Any]]:
    """Return rows with those of days on which LUX received what nobody recorded."""
    nothing = dict.fromkeys(("end", "duration", "intensity", "ending", "note"))
    more = ({"start": day.isoformat(), "source": RECEIVED, **nothing} for day in days)
    # The rows are in order, also in the hour that comes twice.
    return sorted((*more, *rows), key=lambda row: str(row["start"])[:10])


async def _texts(hass: HomeAssistant) -> dict[str, str]:
    """Return the words of the printed page in the server's language."""
    language, prefix = hass.config.language, f"component.{DOMAIN}"
    translations = await async_get_translations(hass, language, "selector", [DOMAIN])
    entities = await async_get_translations(hass, language, "entity", [DOMAIN])
    words = {
        **{f"field.{field}": f"lux_treatment.fields.{field}.name" for field in FIELDS},
        **{f"ending.{ending}": f"lux_ending.options.{ending}" for ending in ENDINGS},
        **{
            f"source.{source}": f"lux_source.options.{source}"
            for source in (RECORDED, UPLOADED, RECEIVED)
        },
    }
    texts = {
        key: translations.get(f"{prefix}.selector.{word}", key)
        for key, word in words.items()
    }
    title = entities.get(f"{prefix}.entity.calendar.treatments.name", "LUX")
    return {"title": title, **texts}


def _start(value: Any) -> datetime:
    """Return a start that can be counted with."""
    try:
        return as_start(value)
    except OverflowError:
        raise vol.Invalid("no time") from None


ACTIONS = (
    LanternAction(
        name="lux_record_treatments",
        target=Target.DEVICE,
        handler=_record,
        fields={
            vol.Optional("treatments"): vol.All(
                cv.ensure_list, vol.Length(min=1, max=MOST_ROWS), [dict]
            ),
            vol.Optional("csv"): vol.All(cv.string, vol.Length(max=LONGEST_CSV)),
        },
        response=SupportsResponse.OPTIONAL,
        loaded_only=False,
    ),
    LanternAction(
        name="lux_delete_treatment",
        target=Target.DEVICE,
        handler=_delete,
        fields={vol.Required("start"): _start, **CONFIRM},
        loaded_only=False,
    ),
    LanternAction(
        name="lux_get_treatments",
        target=Target.DEVICE,
        handler=_get,
        fields={
            vol.Optional("start"): _start,
            vol.Optional("end"): _start,
            vol.Optional("format", default="list"): vol.In(["list", "csv", "html"]),
            vol.Optional("name"): vol.All(cv.string, vol.Length(max=_LONGEST_NAME)),
        },
        response=SupportsResponse.ONLY,
        loaded_only=False,
    ),
)
