"""Says in repairs which treatment logs wait for a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from ..const import CONF_VENDOR, DOMAIN
from .disk import short_hash
from .queue import LuxQueue, Trouble, Waiting

LEFT = "queue_left"
_TOO_LONG = timedelta(days=1)
_MANY = 10


def _missing(gap: range) -> str:
    """Return the missing numbers as people read them."""
    if len(gap) > _MANY:
        return f"{gap[0]} – {gap[-1]}"
    return ", ".join(map(str, gap))


def _waits_too_long(waiting: Waiting, now: datetime) -> bool:
    return any(one.queued and now - one.queued >= _TOO_LONG for one in waiting.logs)


def _trouble(waiting: Waiting, now: datetime) -> Trouble | None:
    """Return why a device's logs wait for a person, if they do."""
    if not waiting.logs:
        return None
    if waiting.blocked is not None:
        return Trouble.BLOCKED
    if waiting.gap:
        return Trouble.GAP
    return Trouble.STUCK if _waits_too_long(waiting, now) else None


def _issue_id(kind: str, whose: str) -> str:
    """Return an issue's id: nobody reads a serial in it."""
    return f"lux_{kind}_{short_hash(whose)}"


def _placeholders(entry: ConfigEntry, waiting: Waiting) -> Iterator[tuple[str, str]]:
    yield "account", entry.title
    yield "count", str(len(waiting.logs))
    yield "missing", _missing(waiting.gap) if waiting.gap else ""
    yield "code", str(waiting.blocked or "")


@callback
def show_issues(hass: HomeAssistant, entry: ConfigEntry, queue: LuxQueue) -> None:
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


@callback
def _forget_issues(hass: HomeAssistant, queue: LuxQueue) -> None:
    for device_id in queue.devices:
        for kind in Trouble:
            ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, device_id))


@callback
def say_what_is_left(hass: HomeAssistant, entry: ConfigEntry, queue: LuxQueue) -> None:
    """Say that logs wait although their entry was removed."""
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
