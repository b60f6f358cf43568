"""Presses and turns in the events of API v2, each once (hue_v2 §2.1)."""

from collections.abc import Mapping
from typing import Any

from ...transport import parsing
from .models.sensor import BUTTON_EVENTS, DOORBELL, RING, ROTARY, turn
from .v2_parser import Resource, get_dict

_MOST_REPORTS = 1000
_LONGEST_ID = 64
_NEVER = "1970"
PRESSED = frozenset({"button", "bell_button", "relative_rotary"})

type Report = tuple[str, str, Mapping[str, Any]]
"""Key of the event entity, event type and attributes."""


class PressDetector:
    """Knows what each switch and dial told last."""

    def __init__(self) -> None:
        """Initialize without reports."""
        self._last: dict[str, tuple[str, str]] = {}

    def _is_new(self, rid: str, event: str, report: Resource) -> bool:
        """Return True unless this is the last that the resource told."""
        updated = (parsing.as_str(report.get("updated")) or "")[:_LONGEST_ID]
        reported = (event, updated)
        is_repeated = bool(updated) and self._last.pop(rid, None) == reported
        self._last[rid] = reported
        if len(self._last) > _MOST_REPORTS:
            del self._last[next(iter(self._last))]
        return not is_repeated and not updated.startswith(_NEVER)

    def take(
        self, item: Resource, control_id: int | None, *, is_live: bool
    ) -> Report | None:
        """Return the press or turn that an item itself reports, if it is a new one."""
        rid = str(item["id"])
        if item["type"] == "relative_rotary":
            report, press = _turn(item)
        elif item["type"] == "bell_button":
            report, press = _ring(item)
        else:
            report, press = _press(item, control_id)
        if press is None or not (report or is_live):
            return None
        _, kind, attributes = press
        event = f"{kind} {attributes.get('steps', '')}"
        return press if self._is_new(rid, event, report) and is_live else None


def _press(item: Resource, control_id: int | None) -> tuple[Resource, Report | None]:
    button = get_dict(item, "button")
    report = get_dict(button, "button_report")
    event_type = report.get("event") if report else button.get("last_event")
    event = parsing.as_str(event_type)
    if event not in BUTTON_EVENTS:
        return report, None
    return report, (f"button_{control_id}", event, {})


def _ring(item: Resource) -> tuple[Resource, Report | None]:
    """Return a ring; the published contract gives it another shape than bridges do."""
    report = get_dict(item, "bell", "bell_report")
    if report.get("event") != RING:
        report, press = _press(item, None)
        if press is None or press[1] != BUTTON_EVENTS[0]:
            return report, None
    return report, (DOORBELL, RING, {})


def _turn(item: Resource) -> tuple[Resource, Report | None]:
    rotary = get_dict(item, "relative_rotary")
    report = get_dict(rotary, "rotary_report") or get_dict(rotary, "last_event")
    rotation = get_dict(report, "rotation")
    steps = parsing.as_int(rotation.get("steps"))
    if not steps:
        return report, None
    if rotation.get("direction") == "counter_clock_wise":
        steps = -steps
    kind, attributes = turn(steps, parsing.as_int(rotation.get("duration")))
    return report, (ROTARY, kind, dict(attributes))
