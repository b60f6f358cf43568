"""A day of a moving tracker at a service of which every third request fails."""

from datetime import UTC, datetime, timedelta
import random

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from simulator.faults import Fault
from simulator.lightbug import Lightbug
from tests.common import add_entry, entity_id, pass_time, settle

from .conftest import POLL, UNIQUE_ID, stored, unique

FAULTS = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "reset"},
    {"kind": "html"},
    {"kind": "empty"},
    {"kind": "truncated"},
)
ALERTS = ("button", "geoEntry", "speed", "lowBat", "distance")


class BadDay(Lightbug):
    """A service of which so many requests of a hundred fail; the seed is fixed."""

    dice = random.Random(20261101)
    percent = 0

    def _due(self, method: str, route: str) -> Fault | None:
        if self.dice.randrange(100) < self.percent:
            return Fault("*", **self.dice.choice(FAULTS))  # type: ignore[arg-type]  # its fields by name
        return super()._due(method, route)


class Watcher:
    """What somebody would have seen: the tracker's fixes and its alerts."""

    def __init__(self, hass: HomeAssistant, tracker: int) -> None:
        """Watch a tracker from now on."""
        self.fixes: list[str] = []
        self.alerts: list[str] = []
        self._fix = entity_id(hass, "sensor", unique(tracker, "last_fix"))
        self._alert = entity_id(hass, "event", unique(tracker, "alert"))
        hass.bus.async_listen("state_changed", self._changed)

    @callback
    def _changed(self, event: Event) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        if new is None or new.state in ("unavailable", "unknown"):
            return
        if new.entity_id == self._fix:
            self.fixes.append(new.state)
        elif new.entity_id == self._alert and old is not None:
            # What an automation takes for an event.
            if old.state not in ("unavailable", new.state):
                self.alerts.append(new.attributes["name"])


async def test_bad_day(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Every fix is in the history once, none is shown late, every alert is told once."""
    lightbug = BadDay(trackers=1, odd=False)
    await lightbug.start()
    (tracker,) = lightbug.trackers
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    watcher = Watcher(hass, tracker)
    lightbug.tracker(tracker).points.clear()
    lightbug.percent = 30
    start = datetime.now(UTC) - timedelta(seconds=POLL)
    await pass_time(hass, freezer, 1)
    alerts = []
    for poll in range(86_400 // POLL):
        lightbug.tick_route(tracker)
        if poll % 4 == 0:
            # Sent late: from before the last one.
            late = datetime.now(UTC) - timedelta(seconds=POLL // 2)
            lightbug.add_point(tracker, timestamp=late.isoformat(), sendReason=17)
        if poll % 7 == 0:
            alerts.append(f"{poll}")
            lightbug.add_activity(tracker, ALERTS[poll % 5], name=alerts[-1])
        if poll == 150:
            await hass.config_entries.async_reload(entry.entry_id)
            await settle(hass)
        await pass_time(hass, freezer, POLL)
    failed = sum(request.fault is not None for request in lightbug.requests)
    assert 0.25 < failed / len(lightbug.requests) < 0.35
    lightbug.percent = 0
    for _ in range(2):
        await pass_time(hass, freezer, 2 * POLL)

    assert watcher.fixes == sorted(watcher.fixes)
    assert len(watcher.fixes) > 60
    assert sorted(watcher.alerts, key=int) == alerts

    device = dr.async_get(hass).async_get_device_by_identifier(
        ("lantern", f"lightbug:{tracker}"), entry.entry_id
    )
    assert device is not None
    answer = await hass.services.async_call(
        "lantern",
        "lightbug_get_history",
        {"device_id": device.id, "start": start.isoformat()},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    points = answer["points"]
    assert isinstance(points, list)
    ids = [point["id"] for point in points if isinstance(point, dict)]
    assert sorted(ids, key=str) == sorted(
        (point["id"] for point in lightbug.tracker(tracker).points), key=str
    )
    await lightbug.stop()
    assert lightbug.violations == []
