"""The blueprints that write treatments down, remind of them and sum them up."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.automations import Notes, automate, rounds
from tests.common import entity_id, pass_time, state_of

from .conftest import BLUE, BLUE_ID, POLL, signed_in

EVENT = "mobile_app_notification_action"


@pytest.fixture
async def entry(
    hass: HomeAssistant, lux: Lux, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[ConfigEntry]:
    """Sign in the day before a Sunday; in the end nothing is automated any more."""
    await hass.config.async_set_time_zone("Europe/Berlin")
    freezer.move_to("2026-11-14 08:00:00+00:00")
    entry = await signed_in(hass, lux)
    freezer.move_to("2026-11-15 08:00:00+00:00")
    await pass_time(hass, freezer, POLL)
    yield entry
    target = {"entity_id": "all"}
    await hass.services.async_call("automation", "turn_off", target, blocking=True)


def mask(hass: HomeAssistant, entry: ConfigEntry) -> str:
    """Return the registry's id of the device."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, BLUE), entry.entry_id
    )
    assert device is not None
    return device.id


def phone(hass: HomeAssistant, name: str) -> tuple[str, list[ServiceCall]]:
    """Return a phone with the app, and what it is notified of."""
    app = MockConfigEntry(domain="mobile_app")
    app.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=app.entry_id, identifiers={("mobile_app", name)}, name=name
    )
    service = f"mobile_app_{name.lower().replace(' ', '_')}"
    return device.id, async_mock_service(hass, "notify", service)


async def record(hass: HomeAssistant, entry: ConfigEntry, **fields: Any) -> None:
    """Write a treatment down."""
    await hass.services.async_call(
        DOMAIN,
        "lux_record_treatments",
        {"device_id": mask(hass, entry), "treatments": [fields]},
        blocking=True,
    )


async def listed(hass: HomeAssistant, entry: ConfigEntry) -> list[dict[str, Any]]:
    """Return all treatments."""
    answer: Any = await hass.services.async_call(
        DOMAIN,
        "lux_get_treatments",
        {"device_id": mask(hass, entry)},
        blocking=True,
        return_response=True,
    )
    found: list[dict[str, Any]] = answer["treatments"]
    return found


class Reminder:
    """A reminder at eight in the evening, with two phones."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, freezer: FrozenDateTimeFactory
    ) -> None:
        """Take the home and its two phones."""
        self._hass, self._entry, self._freezer = hass, entry, freezer
        self.first, self.mine = phone(hass, "My phone")
        self.second, self.others = phone(hass, "Your phone")

    async def make(self, **inputs: Any) -> None:
        """Make the automation."""
        await automate(
            self._hass,
            "lux_reminder",
            device=mask(self._hass, self._entry),
            received=entity_id(self._hass, "sensor", f"{BLUE}_logs_today"),
            phone=self.first,
            second_phone=self.second,
            **inputs,
        )

    async def wait(self, minutes: float) -> None:
        """Let time pass; what waits keeps Home Assistant busy."""
        self._freezer.tick(timedelta(minutes=minutes))
        async_fire_time_changed(self._hass)
        await rounds(self._hass)

    async def evening(self) -> None:
        """Let it become eight o'clock."""
        self._freezer.move_to("2026-11-15 19:00:00+00:00")
        await self.wait(0)

    async def answer(self, what: str) -> None:
        """Press one of the notification's buttons."""
        self._hass.bus.async_fire(EVENT, {"action": f"{what}_automation.lux_reminder"})
        await self.wait(0)

    @property
    def asked(self) -> int:
        """Return how often the first person was asked."""
        return sum("actions" in one.data.get("data", {}) for one in self.mine)


@pytest.fixture
def reminder(
    hass: HomeAssistant, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> Reminder:
    """Give what reminds."""
    return Reminder(hass, entry, freezer)


async def test_done(
    hass: HomeAssistant, entry: ConfigEntry, reminder: Reminder
) -> None:
    """*Done* writes the treatment down, and nobody is asked again."""
    await reminder.make(minutes=15)
    await reminder.evening()
    assert reminder.asked == 1
    await reminder.answer("DONE")
    (treatment,) = await listed(hass, entry)
    assert treatment["start"] == "2026-11-15T19:45:00+01:00"
    assert treatment["duration"] == 900
    assert treatment["source"] == "recorded"
    await reminder.wait(31)
    assert reminder.asked == 1
    assert not reminder.others
    assert reminder.mine[-1].data["message"] == "clear_notification"


async def test_no_answer(
    hass: HomeAssistant, entry: ConfigEntry, reminder: Reminder
) -> None:
    """It is asked again, then somebody else is told; nothing is written down."""
    await reminder.make(times=2)
    await reminder.evening()
    assert reminder.asked == 1
    await reminder.wait(31)
    assert reminder.asked == 2
    assert not reminder.others
    await reminder.wait(31)
    assert reminder.asked == 2
    assert [one.data["title"] for one in reminder.others] == ["LUX"]
    assert await listed(hass, entry) == []


async def test_later_and_not_today(
    hass: HomeAssistant, entry: ConfigEntry, reminder: Reminder
) -> None:
    """*Later* asks again after the pause, *Not today* does not."""
    await reminder.make()
    await reminder.evening()
    await reminder.answer("LATER")
    assert reminder.asked == 1
    await reminder.wait(31)
    assert reminder.asked == 2
    await reminder.answer("SKIP")
    await reminder.wait(61)
    assert reminder.asked == 2
    assert not reminder.others
    assert await listed(hass, entry) == []


@pytest.mark.parametrize("when", ["before", "meanwhile"])
async def test_done_otherwise(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
    reminder: Reminder,
    when: str,
) -> None:
    """A log that the phone brought to LUX ends it, without a word."""
    await reminder.make()
    if when == "before":
        lux.phone_upload(BLUE_ID)
        await pass_time(hass, freezer, POLL)
        await reminder.evening()
        assert reminder.asked == 0
        return
    await reminder.evening()
    lux.phone_upload(BLUE_ID)
    await reminder.wait(16)
    # The answer comes through a socket, however long that takes.
    while state_of(hass, "sensor", f"{BLUE}_logs_today") != "1":
        await rounds(hass)
    await reminder.wait(15)
    await reminder.wait(61)
    assert reminder.asked == 1
    assert not reminder.others


async def test_nothing_is_known(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, reminder: Reminder
) -> None:
    """Nobody is reminded on a guess."""
    await reminder.make()
    lux.inject("*", "status", times=-1, status=500)
    for _ in range(4):
        await reminder.wait(15)
    assert state_of(hass, "sensor", f"{BLUE}_logs_today") == "unavailable"
    await reminder.evening()
    assert reminder.asked == 0


async def test_record_with_a_button(
    hass: HomeAssistant, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """One press is one treatment; a second press meanwhile is none."""
    await automate(
        hass,
        "lux_record",
        trigger=[{"trigger": "event", "event_type": "pressed"}],
        device=mask(hass, entry),
        minutes=10,
    )
    for _ in range(2):
        hass.bus.async_fire("pressed")
        await rounds(hass)
    (treatment,) = await listed(hass, entry)
    assert treatment["start"] == "2026-11-15T09:05:00+01:00"
    assert treatment["duration"] == 600
    freezer.tick(timedelta(minutes=11))
    async_fire_time_changed(hass)
    await rounds(hass)
    hass.bus.async_fire("pressed")
    await rounds(hass)
    assert len(await listed(hass, entry)) == 2


async def test_week(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """On Sunday evening: what was recorded, and the days of which something is unknown."""
    notes = Notes(hass)
    await automate(
        hass,
        "lux_week",
        device=mask(hass, entry),
        treatment=entity_id(hass, "event", f"{BLUE}_treatment"),
    )
    await record(hass, entry, start="2026-11-01T20:00:00+01:00", duration=600)
    await record(hass, entry, start="2026-11-10T20:00:00+01:00", duration=1200)
    await record(hass, entry, start="2026-11-12T20:00:00+01:00", duration=1500)
    lux.phone_upload(BLUE_ID)
    await pass_time(hass, freezer, POLL)
    for day in ("14", "15"):
        freezer.move_to(f"2026-11-{day} 18:00:00+00:00")
        await pass_time(hass, freezer, 0)
    assert notes.read == [
        (
            "Blue mask",
            (
                "2 treatments in the last seven days, 45 minutes in all."
                " On 1 days something is unknown."
            ),
        )
    ]
