"""Says in repairs which treatment logs wait for a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_VENDOR, DOMAIN
from ..storage import short_hash
from .upload_queue import DeviceQueue, Gap, Trouble, UploadQueue

LEFT = "queue_left"
_TOO_LONG = timedelta(days=1)
_MANY = 10
_TIMERS: HassKey[dict[str, CALLBACK_TYPE]] = HassKey(f"{DOMAIN}_lux_issue_timers")


def _missing(gap: Gap) -> str:
    """Return the missing numbers as people read them."""
    if gap.last - gap.first >= _MANY:
        return f"{gap.first} – {gap.last}"
    return ", ".join(map(str, range(gap.first, gap.last + 1)))


def _too_long(waiting: DeviceQueue) -> list[datetime]:
    """Return when each of a device's logs has waited for too long."""
    return [one.queued + _TOO_LONG for one in waiting.logs if one.queued]


def _trouble(waiting: DeviceQueue, now: datetime) -> Trouble | None:
    """Return why a device's logs wait for a person, if they do."""
    if not waiting.logs:
        return None
    if waiting.blocked is not None:
        return Trouble.BLOCKED
    if waiting.gap:
        return Trouble.GAP
    return Trouble.STUCK if any(one <= now for one in _too_long(waiting)) else None


def _issue_id(kind: str, whose: str) -> str:
    """Return an issue's id: nobody reads a serial in it."""
    return f"lux_{kind}_{short_hash(whose)}"


def _placeholders(
    entry: ConfigEntry, waiting: DeviceQueue
) -> Iterator[tuple[str, str]]:
    yield "account", entry.title
    yield "count", str(len(waiting.logs))
    yield "missing", _missing(waiting.gap) if waiting.gap else ""
    yield "code", str(waiting.blocked or "")


@callback
def show_issues(hass: HomeAssistant, entry: ConfigEntry, queue: UploadQueue) -> None:
    """Create the issues that there are, take back those that are over."""
    now = dt_util.utcnow()
    for device_id, waiting in queue.devices.items():
        trouble = _trouble(waiting, now)
        for kind in Trouble:
            issue_id = _issue_id(kind, device_id)
            if kind is not trouble:
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
                translation_placeholders=dict(_placeholders(entry, waiting)),
            )
    _look_again(hass, entry, queue)


@callback
def _look_again(hass: HomeAssistant, entry: ConfigEntry, queue: UploadQueue) -> None:
    """Look again when the next log has waited for too long.

    Nothing else looks while somebody has to sign in: there are no polls then, and
    after a restart not even a coordinator.
    """
    stop_looking(hass, entry)
    now = dt_util.utcnow()
    due = [one for each in queue.devices.values() for one in _too_long(each)]
    if not (coming := [one for one in due if one > now]):
        return

    @callback
    def look(_: datetime) -> None:
        del hass.data[_TIMERS][entry.entry_id]
        show_issues(hass, entry, queue)

    hass.data.setdefault(_TIMERS, {})[entry.entry_id] = async_call_later(
        hass, min(coming) - now, HassJob(look, cancel_on_shutdown=True)
    )


@callback
def stop_looking(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Look no more until there is news: the entry is unloaded, or removed."""
    if (cancel := hass.data.get(_TIMERS, {}).pop(entry.entry_id, None)) is not None:
        cancel()


@callback
def _forget_issues(hass: HomeAssistant, queue: UploadQueue) -> None:
    for device_id in queue.devices:
        for kind in Trouble:
            ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, device_id))


@callback
def say_what_is_left(
    hass: HomeAssistant, entry: ConfigEntry, queue: UploadQueue
) -> None:
    """Say that logs wait although their entry was removed."""
    stop_looking(hass, entry)
    _forget_issues(hass, queue)
    if not queue.unsent:
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(LEFT, entry.unique_id or ""),
        data={
            CONF_VENDOR: "lux",
            "kind": LEFT,
            "account": short_hash(entry.unique_id or ""),
        },
        is_fixable=True,
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=LEFT,
        translation_placeholders={"account": entry.title, "count": str(queue.unsent)},
    )


@callback
def welcome_back(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Take back that logs wait without an entry."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(LEFT, entry.unique_id or ""))
