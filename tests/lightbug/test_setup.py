"""The life of a Lightbug entry."""

import json
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import JSONEncoder, prepare_save_json
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.lantern.const import DOMAIN
from simulator.lightbug import Lightbug
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import (
    ACTIVITY,
    DEVICES,
    LOGOUT,
    POINTS,
    POLL,
    READINGS,
    REFRESH,
    SUMMARY,
    UNIQUE_ID,
    stored,
    unique,
)


def battery(hass: HomeAssistant, lightbug: Lightbug) -> str:
    """Return the first tracker's battery."""
    return state_of(hass, "sensor", unique(next(iter(lightbug.trackers)), "battery"))


def reauths(hass: HomeAssistant) -> int:
    """Return how many flows ask for a new sign-in; there are no others."""
    flows = hass.config_entries.flow.async_progress()
    assert {flow["context"]["source"] for flow in flows} <= {"reauth"}
    return len(flows)


async def test_three_requests_a_poll(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A poll is three requests; for each tracker that connected, one more."""
    counts = {SUMMARY: 1, DEVICES: 1, ACTIVITY: 1, READINGS: 8}
    assert lightbug.counts() == counts
    first = next(iter(lightbug.trackers))
    for _ in range(40):
        lightbug.add_tracker()
    await pass_time(hass, freezer, POLL)
    lightbug.tick_route(first)
    await pass_time(hass, freezer, POLL)
    # Each new tracker once, and the first for its new connection.
    counts |= {SUMMARY: 3, DEVICES: 3, ACTIVITY: 3, READINGS: 49}
    assert lightbug.counts() == counts
    lightbug.add_point(first, locationType="invalid", location=None)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    counts |= {SUMMARY: 6, DEVICES: 6, ACTIVITY: 6}
    assert lightbug.counts() == counts
    queries = [
        request.query
        for request in lightbug.requests
        if request.key in (SUMMARY, DEVICES)
    ]
    assert {query.get("pointCount", "5") for query in queries} == {"5"}
    assert {query.get("_limit", "1000") for query in queries} == {"1000"}


@pytest.mark.parametrize("auth", ["refreshable", "token", "legacy"])
async def test_unload_and_reload(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory, auth: str
) -> None:
    """Unloading ends the polls; loading again uses the stored token."""
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug, auth))
    assert entry.state is ConfigEntryState.LOADED
    data = dict(entry.data)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert battery(hass, lightbug) == "unavailable"
    sent = lightbug.count()
    await pass_time(hass, freezer, 2 * POLL)
    assert lightbug.count() == sent
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert battery(hass, lightbug) == "33.0"
    assert dict(entry.data) == data


@pytest.mark.parametrize("route", [SUMMARY, DEVICES])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 403},
        {"kind": "reset", "times": 2},
        {"kind": "html"},
        {"kind": "empty"},
        {"kind": "nulls"},
        {"kind": "wrong_types"},
        {"kind": "truncated"},
        {"kind": "body", "body": '{"data": {}}'},
        {"kind": "huge", "size": 33 * 1024 * 1024},
    ],
)
async def test_setup_is_retried(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    route: str,
    fault: dict[str, Any],
) -> None:
    """A service in trouble at the start is tried again."""
    lightbug.inject(route, **fault)
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await pass_time(hass, freezer, 10)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Ratelimit-Window": "600"},
        {"Retry-After": "600"},
        {"X-Ratelimit-Reset": None, "X-Ratelimit-Limit": "2000"},
    ],
    ids=["edge", "retry-after", "application"],
)
async def test_pause_survives_setup_retries(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    headers: dict[str, str | None],
) -> None:
    """While Lightbug wants a pause, retried set-ups send nothing."""
    # The service's clock is ahead of ours: its own Date counts.
    lightbug.clock.advance(7200)
    end = str(int(lightbug.clock.time()) + 600)
    lightbug.inject(
        SUMMARY,
        "status",
        status=429,
        headers={name: value or end for name, value in headers.items()},
    )
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    sent = lightbug.count()
    for _ in range(5):
        await pass_time(hass, freezer, 100)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert lightbug.count() == sent
    await pass_time(hass, freezer, 200)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("route", [SUMMARY, DEVICES])
async def test_unavailable_and_back(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    route: str,
) -> None:
    """Two failed polls are graced; one line when it goes, one when it is back."""
    caplog.clear()
    lightbug.inject(route, "status", times=-1, status=503)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert battery(hass, lightbug) == "33.0"
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
        assert battery(hass, lightbug) == "unavailable"
    lightbug.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert battery(hass, lightbug) == "33.0"
    records = [
        record
        for record in caplog.records
        if record.name.startswith("custom_components")
        and record.levelno > logging.DEBUG
    ]
    assert [record.levelname for record in records] == ["ERROR", "INFO"]
    assert "Lightbug cannot be reached" in records[0].getMessage()


@pytest.mark.parametrize("another_comes", [False, True])
async def test_tracker_goes_and_returns(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    another_comes: bool,
) -> None:
    """A tracker is unavailable at once, removed at the third miss, and returns."""
    device_id = lightbug.add_tracker("Kayak")
    await pass_time(hass, freezer, POLL)
    unique_id = unique(device_id, "location")
    first = entity_id(hass, "device_tracker", unique_id)
    assert first == "device_tracker.kayak"
    assert hass.states.get(first).state == "not_home"

    tracker = lightbug.tracker(device_id)
    lightbug.remove_tracker(device_id)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "device_tracker", unique_id) == "unavailable"
    if another_comes:
        lightbug.add_tracker("Canoe")
    await pass_time(hass, freezer, POLL)
    registry = er.async_get(hass)
    assert registry.async_get_entity_id("device_tracker", DOMAIN, unique_id) is None
    assert hass.states.get(first) is None

    lightbug.trackers[device_id] = tracker
    await pass_time(hass, freezer, POLL)
    assert entity_id(hass, "device_tracker", unique_id) == first
    assert hass.states.get(first).state == "not_home"


@pytest.mark.parametrize("missing", [SUMMARY, DEVICES])
async def test_tracker_that_one_answer_names(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    missing: str,
) -> None:
    """A tracker is there as long as one of the two APIs names it."""
    empty = "[]" if missing == SUMMARY else '{"data": [], "totalElements": 0}'
    lightbug.inject(missing, "body", times=4, body=empty)
    first = next(iter(lightbug.trackers))
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "sensor", unique(first, "mode")) == "awake"
        location = unique(first, "location")
        assert state_of(hass, "device_tracker", location) == "not_home"


async def test_account_without_trackers(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """An account may be empty; its first tracker appears by itself."""
    lightbug.generate(0)
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    assert entry.state is ConfigEntryState.LOADED
    device_id = lightbug.add_tracker(points=0)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "device_tracker", unique(device_id, "location")) == "unknown"


async def test_device_registry(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A tracker is described as the service does, and follows its changes."""
    first = next(iter(lightbug.trackers))

    def device() -> dr.DeviceEntry:
        registered_device = dr.async_get(hass).async_get_device_by_identifier(
            (DOMAIN, f"lightbug:{first}"), entry.entry_id
        )
        assert registered_device is not None
        return registered_device

    assert device().name == "Dinghy 1"
    assert device().manufacturer == "Lightbug"
    assert device().model == "ZeroN"
    assert device().serial_number == "43000001"
    assert device().sw_version == "78"
    assert device().via_device_id is None
    lightbug.set_device(first, name="Tender")
    lightbug.set_config(first, currentFW="79")
    await pass_time(hass, freezer, POLL)
    assert (device().name, device().sw_version) == ("Tender", "79")
    lightbug.set_device(first, name=None)
    await pass_time(hass, freezer, POLL)
    assert device().name == "Lightbug tracker"


async def test_name_that_nobody_can_save(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Half an emoji in a name does not keep Home Assistant from saving all devices."""
    first = next(iter(lightbug.trackers))
    lightbug.set_device(first, name="Van \ud83d")
    await pass_time(hass, freezer, POLL)
    registry = dr.async_get(hass)
    device = registry.async_get_device_by_identifier(
        (DOMAIN, f"lightbug:{first}"), entry.entry_id
    )
    assert device is not None
    assert device.name == "Van ?"
    prepare_save_json(registry._data_to_save(), encoder=JSONEncoder)  # noqa: SLF001  # what is written to disk


# Tokens ----------------------------------------------------------------------


async def test_token_ends_in_mid_poll(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A token that ended is replaced once, without a person and a failed poll."""
    before = dict(entry.data)
    first = next(iter(lightbug.trackers))
    lightbug.summary_shape = "bare"
    for device_id in lightbug.trackers:
        lightbug.move(device_id, 54.5, 8.5)
    lightbug.set_device(first, batteryPct=50)
    lightbug.inject(POINTS, "status", times=5, status=401, body="{}")
    await pass_time(hass, freezer, POLL)
    assert battery(hass, lightbug) == "50.0"
    assert lightbug.count(REFRESH) == 1
    # All but the tag have a new point, and five are asked twice.
    assert lightbug.count(POINTS) == 5 + len(lightbug.trackers)
    assert entry.data["access_token"] != before["access_token"]
    assert entry.data["access_token"] in lightbug.tokens.access
    assert not lightbug.tokens.refresh[entry.data["refresh_token"]].used
    assert entry.data["access_token_expires"] > 0
    assert not reauths(hass)


async def test_token_is_renewed_ahead(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A token is renewed before it ends, not at every poll."""
    lightbug.access_lifetime = 3600
    lightbug.expire_tokens()
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(REFRESH) == 1
    for _ in range(9):
        await pass_time(hass, freezer, POLL)
    assert lightbug.count(REFRESH) == 1
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert lightbug.count(REFRESH) == 2
    assert 401 not in [request.status for request in lightbug.requests[-12:]]
    # An outage at that moment does no harm while the old token lives.
    lightbug.inject(REFRESH, "status", times=2, status=503)
    for _ in range(11):
        await pass_time(hass, freezer, POLL)
    assert battery(hass, lightbug) == "33.0"
    assert lightbug.count(REFRESH) == 5


async def test_short_lived_token(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A token that lives for minutes is not renewed with every request."""
    lightbug.access_lifetime = 500
    lightbug.expire_tokens()
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(REFRESH) == 1
    await pass_time(hass, freezer, POLL)
    assert lightbug.count(REFRESH) == 2
    assert battery(hass, lightbug) == "33.0"


@pytest.mark.parametrize("form", ["nanoseconds", "words"])
async def test_expiry_in_another_form(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    form: str,
) -> None:
    """The form of v2's dates is not documented: the token itself tells it, too."""
    lightbug.expiry_format = form
    lightbug.expire_tokens()
    await pass_time(hass, freezer, POLL)
    token = lightbug.tokens.access[entry.data["access_token"]]
    assert entry.data["access_token_expires"] == pytest.approx(token.expires, abs=2)


async def test_lost_refresh_answer(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A refresh whose answer is lost is tried once more, then a person is asked."""
    lightbug.expire_tokens()
    # aiohttp itself does not repeat a POST.
    lightbug.inject(REFRESH, "lost")
    for _ in range(4):
        await pass_time(hass, freezer, POLL)
    assert lightbug.count(REFRESH) == 2
    assert reauths(hass) == 1
    assert battery(hass, lightbug) == "unavailable"


@pytest.mark.parametrize("auth", ["refreshable", "token", "legacy"])
async def test_token_that_is_refused(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory, auth: str
) -> None:
    """A refused token leads to one flow and no more requests, whatever its kind."""
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug, auth))
    lightbug.revoke_tokens()
    await pass_time(hass, freezer, POLL)
    assert battery(hass, lightbug) == "unavailable"
    sent = lightbug.count()
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert lightbug.count() == sent
    assert lightbug.count(REFRESH) == (auth == "refreshable")
    assert reauths(hass) == 1
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert reauths(hass) == 1


@pytest.mark.parametrize(("status", "asked"), [(400, 1), (403, 1), (404, 0), (500, 0)])
async def test_refresh_that_is_refused(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    status: int,
    asked: int,
) -> None:
    """A refusal asks for a person, trouble does not."""
    lightbug.expire_tokens()
    lightbug.inject(REFRESH, "status", times=2, status=status, body="{}")
    await pass_time(hass, freezer, POLL)
    assert reauths(hass) == asked
    lightbug.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert battery(hass, lightbug) == ("unavailable" if asked else "33.0")


async def test_legacy_token_ends(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """The old login ends after its two weeks, and then a person is asked."""
    await add_entry(hass, UNIQUE_ID, stored(lightbug, "legacy"))
    lightbug.clock.advance(1_209_600 - 60)
    await pass_time(hass, freezer, 30)
    assert not reauths(hass)
    await pass_time(hass, freezer, POLL)
    assert reauths(hass) == 1


async def test_token_ends_while_points_are_read(
    hass: HomeAssistant, lightbug: Lightbug, freezer: FrozenDateTimeFactory
) -> None:
    """What is refused for one tracker alone asks nobody to sign in."""
    lightbug.summary_shape = "bare"
    lightbug.inject(POINTS, "status", times=-1, status=401, body="{}")
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug, "token"))
    assert lightbug.count(POINTS) > 0
    assert entry.state is ConfigEntryState.LOADED
    assert not reauths(hass)


# Removal ---------------------------------------------------------------------


@pytest.mark.parametrize("auth", ["refreshable", "token", "legacy"])
async def test_removal(
    hass: HomeAssistant, lightbug: Lightbug, hass_storage: Any, auth: str
) -> None:
    """Removing a login ends its session; a pasted token is never revoked."""
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug, auth))
    token = entry.data["access_token"]
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert not hass.config_entries.async_entries(DOMAIN)
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert f"lantern.{entry.entry_id}" not in hass_storage
    assert lightbug.count(LOGOUT) == (auth != "token")
    assert (token in lightbug.tokens.access) is (auth == "token")


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 401},
        {"kind": "status", "status": 429},
        {"kind": "reset"},
        {"kind": "html"},
    ],
)
async def test_removal_in_an_outage(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    fault: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The sign-out is sent once; its result does not matter."""
    caplog.clear()
    lightbug.inject(LOGOUT, **fault)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert not hass.config_entries.async_entries(DOMAIN)
    assert lightbug.count(LOGOUT) == 1
    assert lightbug.count(REFRESH) == 0
    assert not [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name != "asyncio"
    ]


async def test_removal_during_a_pause(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A service that asked for a pause gets no sign-out either."""
    lightbug.inject(SUMMARY, "status", status=429, headers={"X-Ratelimit-Window": "99"})
    await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_remove(entry.entry_id)
    assert not hass.config_entries.async_entries(DOMAIN)
    assert lightbug.count(LOGOUT) == 0


# What may be told -------------------------------------------------------------


async def test_diagnostics(
    hass: HomeAssistant,
    lightbug: Lightbug,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Diagnostics tell states, but nobody's data and no exact places."""
    first = lightbug.tracker(next(iter(lightbug.trackers)))
    lightbug.move(first.id, 54.123456, 8.654321)
    await entry.runtime_data.async_refresh()
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert len(diagnostics["devices"]) == len(lightbug.trackers)
    tracker = diagnostics["devices"][0]
    assert (tracker["model"], tracker["latitude"], tracker["longitude"]) == (
        "Tracker",
        54.1,
        8.7,
    )
    assert tracker["status"].keys() >= {"moving", "charging"}
    assert tracker["readings"].keys() >= {"temperature", "light"}
    text = json.dumps(diagnostics)
    for secret in (
        "54.123456",
        "8.654321",
        str(first.id),
        first.device["name"],
        first.device["serial"],
        first.device["imei"],
        entry.data["access_token"],
    ):
        assert secret not in text


async def test_log(
    hass: HomeAssistant,
    lightbug: Lightbug,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """At level debug, too, our loggers tell no names, places or tokens."""
    caplog.set_level(logging.DEBUG)
    entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
    first = lightbug.tracker(next(iter(lightbug.trackers)))
    lightbug.inject(SUMMARY, "html")
    lightbug.inject(DEVICES, "status", times=2, status=500)
    for _ in range(3):
        lightbug.expire_tokens()
        lightbug.tick_route(first.id)
        await pass_time(hass, freezer, POLL)
    ours = "\n".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components")
    )
    assert ours
    for secret in (
        first.device["name"],
        first.device["serial"],
        str(first.id),
        "54.0",
        str(lightbug.user_id),
        lightbug.username,
    ):
        assert secret not in ours
    tokens = (*lightbug.tokens.access, *lightbug.tokens.refresh)
    assert entry.data["access_token"] in tokens
    assert not [token for token in tokens if token in caplog.text]
