"""The applications that a bridge lets in, as events."""

from homeassistant.util import dt as dt_util

from ..durable_events import DurableEvent
from .client.models.bridge import Bridge


def application_events(before: Bridge, after: Bridge) -> list[DurableEvent]:
    """Return who was let in or removed, once both lists are known."""
    if before.whitelist is None or after.whitelist is None:
        return []
    was = {one.mark: one for one in before.whitelist}
    now = {one.mark: one for one in after.whitelist}
    return [
        DurableEvent(
            event_id=f"{kind}/{mark}/{dt_util.utcnow().isoformat()}",
            event_type=kind,
            attributes={
                "name": of[mark].name,
                "date": date.isoformat() if (date := of[mark].created) else None,
            },
            is_urgent=True,
        )
        for kind, marks, of in (
            ("registered", now.keys() - was.keys(), now),
            ("deregistered", was.keys() - now.keys(), was),
        )
        for mark in sorted(marks)
    ]
