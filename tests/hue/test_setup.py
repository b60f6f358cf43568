"""The life of a Hue entry."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.lantern.const import DOMAIN
from simulator.hue import HueBridge, generate
from tests.common import add_entry, entity_id, pass_time, settle, state_of

from .conftest import (
    BRIDGE_ID,
    CONFIG,
    DEREGISTER,
    GROUPS,
    INTRODUCTION,
    LIGHTS,
    POLL,
    RESOURCES,
    SCENES,
    SENSORS,
    UNIQUE_ID,
    Start,
    group_id,
    light_id,
    stored,
)

LAMP = f"{light_id(1)}_light"
APPLICATIONS = f"{UNIQUE_ID}_registered_applications"


def device(hass: HomeAssistant, entry: MockConfigEntry, device_id: str) -> Any:
    """Return a device of the registry."""
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )


def log_levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the levels of what Lantern logged for people."""
    return [
        record.levelname
        for record in caplog.records
        if record.name.startswith("custom_components") and record.levelname != "DEBUG"
    ]


@pytest.mark.parametrize("lamps", [1, 60])
async def test_three_requests_a_poll(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory, lamps: int
) -> None:
    """A poll is three requests, whatever the house; config and scenes come beside it."""
    bridge = await make(house=generate(lamps, accessories=lamps))
    await add_entry(hass, UNIQUE_ID, stored(bridge))
    assert bridge.counts() == {
        RESOURCES: 1,
        CONFIG: 1,
        SCENES: 1,
        LIGHTS: 1,
        GROUPS: 1,
        SENSORS: 1,
    }
    for _ in range(29):
        await pass_time(hass, freezer, POLL)
    assert bridge.counts() == {
        RESOURCES: 1,
        CONFIG: 1,
        SCENES: 1,
        LIGHTS: 30,
        GROUPS: 30,
        SENSORS: 30,
    }
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
    assert bridge.counts() == {
        RESOURCES: 1,
        CONFIG: 2,
        SCENES: 2,
        LIGHTS: 32,
        GROUPS: 32,
        SENSORS: 32,
    }


async def test_unload_and_reload(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Unloading ends the polls; loading again uses the stored key."""
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    asked = hue.count()
    await pass_time(hass, freezer, 3 * POLL)
    assert hue.count() == asked
    assert await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert state_of(hass, "light", LAMP) == "on"


@pytest.mark.parametrize("route", [CONFIG, LIGHTS, GROUPS, SENSORS])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500},
        {"kind": "reset", "times": 2},
        {"kind": "html"},
        {"kind": "nulls"},
        {"kind": "wrong_types"},
        {"kind": "truncated"},
        {"kind": "status", "status": 418},
    ],
)
async def test_setup_is_retried(
    hass: HomeAssistant,
    hue: HueBridge,
    freezer: FrozenDateTimeFactory,
    route: str,
    fault: dict[str, Any],
) -> None:
    """A bridge in trouble at the start is tried again."""
    hue.inject(route, **fault)
    entry = await add_entry(hass, UNIQUE_ID, stored(hue))
    assert entry.state is ConfigEntryState.SETUP_RETRY
    await pass_time(hass, freezer, 10)
    assert entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("route", [LIGHTS, GROUPS, SENSORS])
async def test_unavailable_and_back(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    route: str,
) -> None:
    """Two failed polls are graced; one line when it goes, one when it is back."""
    caplog.clear()
    hue.inject(route, "reset", times=-1)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "light", LAMP) == "on"
    assert log_levels(caplog) == []
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "light", LAMP) == "unavailable"
        assert state_of(hass, "sensor", APPLICATIONS) == "unavailable"
    hue.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", LAMP) == "on"
    assert log_levels(caplog) == ["ERROR", "INFO"]


async def test_config_fails_beside_the_poll(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its last values are kept for a while, then unknown; the lamps go on."""
    caplog.clear()
    hue.inject(CONFIG, "reset", times=-1)
    await pass_time(hass, freezer, 300)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", APPLICATIONS) == "2"
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", APPLICATIONS) == "unknown"
    assert state_of(hass, "light", LAMP) == "on"
    assert device(hass, entry, UNIQUE_ID).name == "Lighthouse"
    hue.clear_faults()
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "sensor", APPLICATIONS) == "2"
    assert log_levels(caplog) == []


async def test_busy_bridge_is_asked_again(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A bridge that is busy wants a quarter of a second, no failed poll."""
    hue.inject(GROUPS, "status", status=429)
    hue.inject(SENSORS, "status", status=503, times=2)
    hue.set_light("1", on=False)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", LAMP) == "on"
    for _ in range(4):
        await pass_time(hass, freezer, 0.5)
    assert state_of(hass, "light", LAMP) == "off"
    assert hue.count(SENSORS) == 4


async def test_bridge_that_stays_busy(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is asked five times a poll and no more; then the poll has failed."""
    hue.inject(LIGHTS, "status", status=429, times=-1)
    asked = hue.count(LIGHTS)
    for _ in range(40):
        await pass_time(hass, freezer, 1)
    assert state_of(hass, "light", LAMP) == "unavailable"
    assert hue.count(LIGHTS) - asked <= 20


async def test_named_pause_is_kept(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A bridge that names a longer pause gets it."""
    hue.inject(LIGHTS, "status", status=429, headers={"Retry-After": "120"})
    await pass_time(hass, freezer, POLL)
    asked = hue.count()
    for _ in range(10):
        await pass_time(hass, freezer, POLL)
    assert hue.count() == asked
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert hue.count() > asked


async def test_lamp_goes_and_returns(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A lamp is unavailable at once, removed at the third miss, and returns."""
    unique_id = "hue:00:17:88:01:00:00:00:77_light"
    number = hue.add_light("dimmable", "Attic", uniqueid="00:17:88:01:00:00:00:77-0b")
    await pass_time(hass, freezer, POLL)
    first = entity_id(hass, "light", unique_id)
    assert hass.states.get(first).state == "off"

    hue.remove_light(number)
    for _ in range(2):
        await pass_time(hass, freezer, POLL)
        assert state_of(hass, "light", unique_id) == "unavailable"
    await pass_time(hass, freezer, POLL)
    assert er.async_get(hass).async_get_entity_id("light", DOMAIN, unique_id) is None
    assert hass.states.get(first) is None

    hue.add_light("dimmable", "Attic", uniqueid="00:17:88:01:00:00:00:77-0b")
    await pass_time(hass, freezer, POLL)
    assert entity_id(hass, "light", unique_id) == first
    assert hass.states.get(first).state == "off"


async def test_room_comes_and_goes(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A new room is there with the next poll; an empty one has no light."""
    number = hue.add_group("Cellar", [])
    await pass_time(hass, freezer, POLL)
    cellar = f"{group_id(int(number))}"
    assert device(hass, entry, cellar).name == "Cellar"
    assert (
        er.async_get(hass).async_get_entity_id("light", DOMAIN, f"{cellar}_group")
        is None
    )
    hue.house.groups[number]["lights"] = ["1", "99"]
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", f"{cellar}_group") == "on"
    hue.remove_group(number)
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert device(hass, entry, cellar) is None


async def test_devices(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Everything hangs on the bridge; rooms suggest their area; new names arrive."""
    bridge = device(hass, entry, UNIQUE_ID)
    assert (bridge.name, bridge.manufacturer) == ("Lighthouse", "Signify")
    assert (bridge.model, bridge.model_id) == ("Hue bridge", "BSB002")
    assert bridge.sw_version == "1968096020"
    assert bridge.connections == {("mac", "00:17:88:0a:0b:0c")}
    assert bridge.configuration_url == hue.url

    lamp = device(hass, entry, light_id(1))
    assert (lamp.name, lamp.model, lamp.model_id, lamp.sw_version) == (
        "Reading lamp",
        "Hue color lamp",
        "LCA001",
        "1.104.2",
    )
    assert lamp.manufacturer == "Signify Netherlands B.V."
    assert lamp.via_device_id == bridge.id
    room, zone = (device(hass, entry, group_id(number)) for number in (1, 3))
    assert (room.model, zone.model) == ("Room", "Zone")
    area = ar.async_get(hass).async_get_area_by_name("Living room")
    assert area is not None
    assert (room.area_id, zone.area_id) == (area.id, None)
    # An entertainment area is no room.
    assert device(hass, entry, group_id(4)) is None

    hue.change("lights", "1", name="Sofa", swversion="1.2")
    hue.change("groups", "3", name="Below")
    await pass_time(hass, freezer, POLL)
    lamp = device(hass, entry, light_id(1))
    assert (lamp.name, lamp.sw_version) == ("Sofa", "1.2")
    assert device(hass, entry, group_id(3)).name == "Below"


async def test_accessories_are_joined(
    hass: HomeAssistant, hue: HueBridge, entry: MockConfigEntry
) -> None:
    """Three resources of one MAC are one device, by its owner's name."""
    sensor = device(hass, entry, "hue:00:17:88:01:00:00:00:a1")
    assert (sensor.name, sensor.model) == ("Hall sensor", "Hue motion sensor")
    keys = {
        entry.unique_id.rpartition("_")[2]
        for entry in er.async_entries_for_device(er.async_get(hass), sensor.id)
    }
    assert keys == {
        "motion",
        "temperature",
        "illuminance",
        "dark",
        "daylight",
        "battery",
        "enabled",
        "sensitivity",
    }


async def test_nothing_is_written_for_what_did_not_change(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A poll without news writes no state; one change writes one."""
    changes = async_capture_events(hass, EVENT_STATE_CHANGED)
    written = {
        state.entity_id: state.last_reported for state in hass.states.async_all()
    }
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert not changes
    assert written == {
        state.entity_id: state.last_reported for state in hass.states.async_all()
    }
    hue.set_sensor("3", {"lightlevel": 20000})
    await pass_time(hass, freezer, POLL)
    (change,) = changes
    assert change.data["new_state"].state == "99.98"


async def test_unknown_key(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A key that was deregistered asks for a person: one flow, not ten."""
    hue.revoke(entry.data["application_key"])
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", LAMP) == "unavailable"
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
    assert flow["context"]["unique_id"] == UNIQUE_ID


@pytest.mark.parametrize("settings", [{}, {"forbid": True}, {"model": "BSB001"}])
async def test_unknown_key_at_the_start(
    hass: HomeAssistant, make: Start, settings: dict[str, Any]
) -> None:
    """Error 1 and a 403 mean the same."""
    bridge = await make(**settings)
    data = stored(bridge)
    bridge.revoke(data["application_key"])
    entry = await add_entry(hass, UNIQUE_ID, data)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"


async def test_another_certificate(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Who shows another certificate hears no key from us, without any grace."""
    await hue.stop()
    hue.new_certificate()
    await hue.start()
    asked = hue.count() - hue.count(INTRODUCTION)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "light", LAMP) == "unavailable"
    await pass_time(hass, freezer, POLL)
    assert hue.count() - hue.count(INTRODUCTION) == asked
    assert log_levels(caplog) == ["ERROR"]
    assert "is not the one that was set up" in caplog.text
    assert not hass.config_entries.flow.async_progress()


async def test_another_certificate_at_the_start(
    hass: HomeAssistant, hue: HueBridge
) -> None:
    """Set-up asks nothing of who shows another certificate."""
    data = stored(hue)
    hue.new_certificate()
    entry = await add_entry(hass, UNIQUE_ID, data)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "untrusted"
    assert hue.counts() == {INTRODUCTION: 1}


async def test_another_bridge_at_the_start(hass: HomeAssistant, hue: HueBridge) -> None:
    """The id is checked at each start."""
    data = stored(hue, bridge_id="001788fffe111111")
    entry = await add_entry(hass, "hue:001788fffe111111", data)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "untrusted"
    assert hue.counts() == {CONFIG: 1, INTRODUCTION: 1}


async def test_another_bridge_in_plain_http(
    hass: HomeAssistant, make: Start, freezer: FrozenDateTimeFactory
) -> None:
    """Without a certificate the id is asked first: no key goes to a stranger."""
    old = await make(model="BSB001")
    new = await make(model="BSB001", bridge_id="001788fffe111111")
    entry = await add_entry(hass, UNIQUE_ID, stored(old))
    assert entry.state is ConfigEntryState.LOADED
    await old.stop()
    await new.stop()
    await new.start(old.port)
    await pass_time(hass, freezer, POLL)
    # It does not know our key, but that is no reason to link with it.
    assert state_of(hass, "light", LAMP) == "unavailable"
    assert not hass.config_entries.flow.async_progress()
    heard = new.foreign_keys
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.error_reason_translation_key == "untrusted"
    assert new.foreign_keys == heard


async def test_plain_http_bridge_that_does_not_introduce_itself(
    hass: HomeAssistant, make: Start
) -> None:
    """Its full config names it just as well."""
    bridge = await make(model="BSB001")
    bridge.inject(INTRODUCTION, "status", status=404)
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    assert entry.state is ConfigEntryState.LOADED
    assert bridge.counts() == {
        INTRODUCTION: 1,
        CONFIG: 1,
        SCENES: 1,
        LIGHTS: 1,
        GROUPS: 1,
        SENSORS: 1,
    }
    # What an old bridge does not say is unknown.
    assert state_of(hass, "binary_sensor", f"{UNIQUE_ID}_update_available") == "unknown"


async def test_removal(hass: HomeAssistant, make: Start, hass_storage: Any) -> None:
    """Removing the entry deregisters its key, and leaves nothing behind."""
    bridge = await make(modern=False)
    entry = await add_entry(hass, UNIQUE_ID, stored(bridge))
    key = entry.data["application_key"]
    assert key in bridge.whitelist.entries
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert key not in bridge.whitelist.entries
    assert not hass.config_entries.async_entries(DOMAIN)
    assert not er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert f"lantern.{entry.entry_id}" not in hass_storage


@pytest.mark.parametrize(
    "fault", [None, {"kind": "reset", "times": 2}, {"kind": "status", "status": 404}]
)
async def test_removal_that_the_bridge_forbids(
    hass: HomeAssistant,
    hue: HueBridge,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any] | None,
) -> None:
    """It is tried once, and told in one line; the entry goes all the same."""
    if fault:
        hue.inject(DEREGISTER, **fault)
    caplog.clear()
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert not hass.config_entries.async_entries(DOMAIN)
    assert log_levels(caplog) == ["INFO"]
    assert entry.data["application_key"] not in caplog.text


async def test_nothing_secret_is_logged(
    hass: HomeAssistant,
    hue: HueBridge,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The key is in the path of each request, and in no log of any logger."""
    caplog.set_level("DEBUG")
    hue.whitelist.next_username = "very-secret-key"
    entry = await add_entry(hass, UNIQUE_ID, stored(hue))
    assert entry.data["application_key"] == "very-secret-key"
    faults: list[dict[str, Any]] = [
        {"kind": "reset", "times": 2},
        {"kind": "html"},
        {"kind": "status", "status": 500},
        {"kind": "redirect", "body": "http://127.0.0.1:1/"},
        {"kind": "truncated"},
    ]
    for fault in faults:
        hue.inject(LIGHTS, **fault)
        await pass_time(hass, freezer, POLL)
    hue.revoke("very-secret-key")
    await pass_time(hass, freezer, POLL)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle(hass)
    assert BRIDGE_ID in str(entry.data)
    assert "very-secret-key" not in caplog.text
