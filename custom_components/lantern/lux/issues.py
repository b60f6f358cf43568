"""The issues of treatment logs that wait for a person."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_VENDOR, DOMAIN, LOGGER
from ..repair import isolate_failures
from ..storage import StorageError, short_hash, stored_names
from ..transport import parsing
from .client.treatment_log import TreatmentLog
from .device_queue import DeviceQueue, Gap
from .upload_queue import UploadQueue, get_queue_by_hash

LEFT = "queue_left"
_DOUBTED = "lux_number_doubted"
_SHARED = "lux_device_shared"
_HOUR = timedelta(hours=1)
_TOO_LONG = timedelta(days=1)
_MANY = 10
_TIMERS: HassKey[dict[str, CALLBACK_TYPE]] = HassKey(f"{DOMAIN}_lux_issue_timers")


class Problem(StrEnum):
    """Why a device's logs wait for a person."""

    MOVED = "queue_moved"
    BLOCKED = "queue_blocked"
    UNNUMBERED = "queue_unnumbered"
    GAP = "queue_gap"
    STUCK = "queue_stuck"


def _missing(gap: Gap) -> str:
    """Return the missing numbers as people read them."""
    if gap.last - gap.first >= _MANY:
        return f"{gap.first} – {gap.last}"
    return ", ".join(map(str, range(gap.first, gap.last + 1)))


def _waited(waiting: DeviceQueue, time: timedelta) -> list[datetime]:
    """Return when each of a device's logs that are sent has waited for so long."""
    return [log.queued + time for log in waiting.current if log.queued]


def _problems(
    queue: UploadQueue, device_id: str, now: datetime
) -> Iterator[tuple[Problem, tuple[TreatmentLog, ...]]]:
    """Yield why logs of a device wait for a person, and which."""
    waiting = queue.devices[device_id]
    if held := [log for log in waiting.held if not log.is_held_on]:
        yield Problem.MOVED, tuple(held)
    if not (current := waiting.current):
        return
    is_stuck = any(moment <= now for moment in _waited(waiting, _TOO_LONG))
    if waiting.blocked is not None:
        yield Problem.BLOCKED, current
    elif device_id in queue.unnumbered:
        if is_stuck:
            yield Problem.UNNUMBERED, current
    elif waiting.gap:
        yield Problem.GAP, current
    elif is_stuck:
        yield Problem.STUCK, current


def _issue_id(kind: str, whose: str) -> str:
    """Return an issue's id: nobody reads a serial in it."""
    return f"lux_{kind}_{short_hash(whose)}"


def _name(hass: HomeAssistant, entry: ConfigEntry, device_id: str) -> str:
    """Return the name of a device."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )
    name = device and (device.name_by_user or device.name)
    return parsing.escape_markdown(parsing.as_name(name) or "LUX")


def _placeholders(
    hass: HomeAssistant, entry: ConfigEntry, queue: UploadQueue, device_id: str
) -> dict[str, str]:
    """Return what the texts of a device's issues are filled with."""
    waiting = queue.devices[device_id]
    words = waiting.words or queue.last_words.get(device_id) or "–"
    return {
        "account": parsing.escape_markdown(entry.title),
        "device": _name(hass, entry, device_id),
        "missing": _missing(waiting.gap) if waiting.gap else "",
        "code": str(waiting.blocked or ""),
        "words": parsing.escape_markdown(words),
        "number": str(queue.doubted.get(device_id, "")),
        "before": str(waiting.counter or 0),
        "child": str(waiting.real_user_id),
    }


@callback
def async_update_issues(
    hass: HomeAssistant, entry: ConfigEntry, queue: UploadQueue
) -> None:
    """Create the issues that there are, delete those that are over."""
    for device_id in queue.devices:
        _update_device_issues(hass, entry, queue, device_id)
    _set_timer(hass, entry, queue)


@isolate_failures
@callback
def _update_device_issues(
    hass: HomeAssistant, entry: ConfigEntry, queue: UploadQueue, device_id: str
) -> None:
    now = dt_util.utcnow()
    texts = _placeholders(hass, entry, queue, device_id)
    problems = dict(_problems(queue, device_id, now))
    for kind in Problem:
        issue_id = _issue_id(kind, device_id)
        if kind not in problems:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            data={
                CONF_VENDOR: "lux",
                "kind": kind,
                "entry_id": entry.entry_id,
                "device": short_hash(device_id),
            },
            is_fixable=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=kind,
            translation_placeholders=texts | {"count": str(len(problems[kind]))},
        )
    for note, devices in ((_DOUBTED, queue.doubted), (_SHARED, queue.shared)):
        issue_id = _issue_id(note, device_id)
        if device_id not in devices:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
            continue
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=note,
            translation_placeholders=texts,
        )
    waited = any(moment <= now for moment in _waited(queue.devices[device_id], _HOUR))
    if device_id not in queue.unnumbered or not waited:
        queue.warned.discard(device_id)
    elif device_id not in queue.warned:
        queue.warned.add(device_id)
        LOGGER.warning(
            "LUX does not say which log of a device it has last, so that %s cannot be"
            " sent",
            len(queue.devices[device_id].current),
        )


@isolate_failures
@callback
def _set_timer(hass: HomeAssistant, entry: ConfigEntry, queue: UploadQueue) -> None:
    """Update the issues again when the next log has waited for too long.

    Nothing else does so while somebody has to sign in: there are no polls then, and
    after a restart not even a coordinator.
    """
    async_cancel_timer(hass, entry)
    now = dt_util.utcnow()
    due = [
        time_due
        for each in queue.devices.values()
        for time in (_HOUR, _TOO_LONG)
        for time_due in _waited(each, time)
    ]
    if not (coming := [moment for moment in due if moment > now]):
        return

    @callback
    def update(_: datetime) -> None:
        del hass.data[_TIMERS][entry.entry_id]
        async_update_issues(hass, entry, queue)

    hass.data.setdefault(_TIMERS, {})[entry.entry_id] = async_call_later(
        hass, min(coming) - now, HassJob(update, cancel_on_shutdown=True)
    )


@callback
def async_cancel_timer(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Stop updating the issues: the entry is unloaded, or removed."""
    if (cancel := hass.data.get(_TIMERS, {}).pop(entry.entry_id, None)) is not None:
        cancel()


@callback
def _delete_issues(hass: HomeAssistant, queue: UploadQueue) -> None:
    for device_id in queue.devices:
        for kind in (*Problem, _DOUBTED, _SHARED):
            ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, device_id))


@isolate_failures
@callback
def async_leave_issue(
    hass: HomeAssistant, entry: ConfigEntry, queue: UploadQueue
) -> None:
    """Create the issue of logs whose entry is removed."""
    async_cancel_timer(hass, entry)
    _delete_issues(hass, queue)
    _create_left_issue(hass, short_hash(entry.unique_id or ""), entry.title, queue)


def _left_id(account: str) -> str:
    return f"lux_{LEFT}_{account}"


@isolate_failures
@callback
def _create_left_issue(
    hass: HomeAssistant, account: str, title: str, queue: UploadQueue
) -> None:
    """Create the issue of logs without an entry; the account may be a hash alone."""
    if not queue.unsent:
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _left_id(account),
        data={CONF_VENDOR: "lux", "kind": LEFT, "account": account},
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=LEFT,
        translation_placeholders={
            "account": parsing.escape_markdown(title),
            "count": str(queue.unsent),
        },
    )


@isolate_failures
@callback
def async_delete_left_issue(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete the issue of logs without an entry."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(LEFT, entry.unique_id or ""))


async def async_show_left(hass: HomeAssistant) -> None:
    """Create the issues of logs without an entry again.

    A repair that was confirmed while Lantern was not loaded did nothing: Home
    Assistant closes it by itself then.
    """
    entries = hass.config_entries.async_entries(DOMAIN)
    accounts = {short_hash(entry.unique_id or "") for entry in entries}
    for name in await hass.async_add_executor_job(stored_names, hass, "lux_queue."):
        account = name.removeprefix("lux_queue.")
        if account in accounts or "." in account or _is_left_shown(hass, account):
            continue
        queue = get_queue_by_hash(hass, account)
        with suppress(StorageError):
            await queue.async_load()
            _create_left_issue(hass, account, "LUX", queue)


@callback
def _is_left_shown(hass: HomeAssistant, account: str) -> bool:
    return ir.async_get(hass).async_get_issue(DOMAIN, _left_id(account)) is not None
