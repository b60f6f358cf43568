"""What Home Assistant shows of a LUX account and its devices."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
import pytest
from syrupy.assertion import SnapshotAssertion

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from tests.common import entity_id, pass_time, snapshot_entities, state_of

from .conftest import (
    ACCOUNT,
    ALIAS,
    BLUE,
    BLUE_ID,
    DEVICES,
    ME,
    NOTIFICATION,
    POLL,
    REFRESH,
    signed_in,
)


async def switch(hass: HomeAssistant, key: str, service: str = "turn_on") -> None:
    """Switch one of the account's settings."""
    target = {"entity_id": entity_id(hass, "switch", f"{ACCOUNT}_{key}")}
    await hass.services.async_call("switch", service, target, blocking=True)


async def rename(hass: HomeAssistant, device_id: str, alias: str) -> None:
    """Give a device another alias."""
    target = {"entity_id": entity_id(hass, "text", f"{device_id}_alias")}
    await hass.services.async_call(
        "text", "set_value", target | {"value": alias}, blocking=True
    )


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "hass_storage")
@pytest.mark.parametrize(
    "platform",
    [
        Platform.BINARY_SENSOR,
        Platform.EVENT,
        Platform.NUMBER,
        Platform.SENSOR,
        Platform.SWITCH,
        Platform.TEXT,
    ],
)
async def test_entities(
    hass: HomeAssistant,
    lux: Lux,
    freezer: FrozenDateTimeFactory,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    """All entities of an account with two devices."""
    freezer.move_to("2026-11-01 12:00:00+00:00")
    lux.set_user(need_to_pwd_change=True, is_device_muted=True)
    entry = await signed_in(hass, lux)
    freezer.move_to("2026-11-01 13:00:00+00:00")
    lux.phone_upload(BLUE_ID, 2)
    await entry.runtime_data.async_refresh()
    snapshot_entities(hass, entry, snapshot, platform)


async def test_long_alias(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A state holds no more than 255 characters."""
    lux.set_device(BLUE_ID, device_alias="x" * 300)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "text", f"{BLUE}_alias") == "x" * 255


# --- settings ---


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("muted", "is_device_muted"),
        ("contact_alerts", "is_device_alim_talk_enabled"),
        ("base_station_alerts", "is_basestation_alert_enabled"),
    ],
)
async def test_switches(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, key: str, field: str
) -> None:
    """A switch is shown at once; all three are sent, as JSON booleans."""
    lux.requests.clear()
    await switch(hass, key)
    assert state_of(hass, "switch", f"{ACCOUNT}_{key}") == "on"
    assert getattr(lux.user, field) is True
    assert lux.counts() == {ME: 1, NOTIFICATION: 1}
    body = lux.requests[-1].json
    assert body.pop(field) is True
    assert list(body.values()) == [False, False]
    await switch(hass, key, "turn_off")
    assert state_of(hass, "switch", f"{ACCOUNT}_{key}") == "off"
    assert getattr(lux.user, field) is False


async def test_settings_changed_on_the_phone(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """What the phone changed since the last poll is not undone."""
    lux.set_user(is_basestation_alert_enabled=True, need_to_pwd_change=True)
    await switch(hass, "muted")
    assert lux.user.is_basestation_alert_enabled is True
    assert state_of(hass, "switch", f"{ACCOUNT}_base_station_alerts") == "on"
    due = f"{ACCOUNT}_password_change_due"
    assert state_of(hass, "binary_sensor", due) == "on"


async def test_switches_at_the_same_time(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Three switches in one action: none undoes another."""
    keys = ("muted", "contact_alerts", "base_station_alerts")
    target = {
        "entity_id": [entity_id(hass, "switch", f"{ACCOUNT}_{key}") for key in keys]
    }
    await hass.services.async_call("switch", "turn_on", target, blocking=True)
    assert [state_of(hass, "switch", f"{ACCOUNT}_{key}") for key in keys] == ["on"] * 3
    assert lux.user.is_device_muted
    assert lux.user.is_device_alim_talk_enabled
    assert lux.user.is_basestation_alert_enabled


async def test_setting_outlives_a_failed_poll(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """What LUX confirmed is not taken back when `/user/me` fails afterwards."""
    await switch(hass, "muted")
    lux.inject(ME, "status", status=500)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "on"


@pytest.mark.parametrize(
    ("route", "fault", "key"),
    [
        (ME, {"kind": "status", "status": 500}, "cannot_connect"),
        (ME, {"kind": "nulls"}, "bad_answer"),
        (NOTIFICATION, {"kind": "status", "status": 500}, "cannot_connect"),
        (NOTIFICATION, {"kind": "html"}, "bad_answer"),
        (NOTIFICATION, {"kind": "nulls"}, "bad_answer"),
        (
            NOTIFICATION,
            {"kind": "status", "status": 404, "body": '{"detail": "User not found"}'},
            "lux_refused",
        ),
        (NOTIFICATION, {"kind": "status", "status": 429}, "rate_limited"),
    ],
)
async def test_switch_fails(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    route: str,
    fault: dict[str, Any],
    key: str,
) -> None:
    """Who switched is told why, and the switch stays as it was."""
    lux.inject(route, **fault)
    with pytest.raises(HomeAssistantError) as failed:
        await switch(hass, "muted")
    assert failed.value.translation_key == key
    given = failed.value.translation_placeholders
    reason = {"reason": "User not found"}
    assert given == (reason if key == "lux_refused" else {"service": "LUX"})
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "off"


async def test_lux_cannot_store_settings(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """LUX's own 409 is told, and the next try works."""
    lux.fail("notification")
    with pytest.raises(HomeAssistantError) as failed:
        await switch(hass, "muted")
    assert failed.value.translation_key == "settings_not_stored"
    await switch(hass, "muted")
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "on"


async def test_unknown_settings_are_not_guessed(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Without knowing the other two, nothing is written."""
    lux.set_user(is_device_alim_talk_enabled=None)
    with pytest.raises(HomeAssistantError) as failed:
        await switch(hass, "muted")
    assert failed.value.translation_key == "bad_answer"
    assert lux.count(NOTIFICATION) == 0


async def test_switch_after_the_token_ended(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A command renews the token by itself, once."""
    lux.expire_tokens()
    await switch(hass, "muted")
    assert state_of(hass, "switch", f"{ACCOUNT}_muted") == "on"
    assert lux.count(REFRESH) == 1


# --- alias ---


async def test_alias(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A new alias is at LUX, in the text and in the device's name at once."""
    await rename(hass, BLUE, "Night mask")
    assert lux.devices[BLUE_ID].device_alias == "Night mask"
    assert lux.requests[-1].json == {
        "device_id": BLUE_ID,
        "real_user_id": 7301,
        "device_alias": "Night mask",
    }
    assert state_of(hass, "text", f"{BLUE}_alias") == "Night mask"
    registry = dr.async_get(hass)
    blue = registry.async_get_device_by_identifier((DOMAIN, BLUE), entry.entry_id)
    assert blue is not None
    assert (blue.name, blue.sw_version) == ("Night mask", "1.0.0")
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "text", f"{BLUE}_alias") == "Night mask"


async def test_no_alias(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """An alias can be taken away; the device then has the end of its serial number."""
    await rename(hass, BLUE, "")
    assert lux.devices[BLUE_ID].device_alias == ""
    assert state_of(hass, "text", f"{BLUE}_alias") == ""
    registry = dr.async_get(hass)
    blue = registry.async_get_device_by_identifier((DOMAIN, BLUE), entry.entry_id)
    assert blue is not None
    assert blue.name == "LUX 0001"


async def test_answer_without_alias(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """LUX took the alias; that it does not repeat it does no harm."""
    lux.inject(ALIAS, "body", body='{"id": 811}')
    await rename(hass, BLUE, "Night mask")
    assert state_of(hass, "text", f"{BLUE}_alias") == "Night mask"


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (
            {
                "kind": "status",
                "times": -1,
                "status": 401,
                "body": '{"detail":"Not authorized user"}',
            },
            "not_yours",
        ),
        ({"kind": "status", "status": 500}, "cannot_connect"),
        ({"kind": "body", "body": "[]"}, "bad_answer"),
        ({"kind": "reset"}, "cannot_connect"),
    ],
)
async def test_alias_fails(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    fault: dict[str, Any],
    key: str,
) -> None:
    """Who changed the alias is told why it stayed."""
    lux.inject(ALIAS, **fault)
    with pytest.raises(HomeAssistantError) as failed:
        await rename(hass, BLUE, "Night mask")
    assert failed.value.translation_key == key
    assert state_of(hass, "text", f"{BLUE}_alias") == "Blue mask"


async def test_device_was_given_away(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A device that the child no longer has cannot be named: LUX says so."""
    lux.set_device(BLUE_ID, real_user_id=None)
    with pytest.raises(HomeAssistantError) as failed:
        await rename(hass, BLUE, "Night mask")
    assert failed.value.translation_key == "not_connected"


async def test_alias_needs_ids(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A device whose ids LUX stopped telling cannot be named."""
    row = {"id": None, "real_user_id": 7301, "unique_id": "lux-unit-0001"}
    bare = f"[{str(row).replace('None', 'null').replace(chr(39), chr(34))}]"
    lux.inject(DEVICES, "body", body=bare)
    await pass_time(hass, freezer, POLL)
    assert state_of(hass, "text", f"{BLUE}_alias") == "unknown"
    with pytest.raises(HomeAssistantError) as failed:
        await rename(hass, BLUE, "Night mask")
    assert failed.value.translation_key == "bad_answer"
    assert lux.count(ALIAS) == 0


async def test_command_after_the_session_ended(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A command that nobody may give any more asks for a sign-in at once."""
    lux.revoke_tokens()
    with pytest.raises(HomeAssistantError, match="Sign in again"):
        await switch(hass, "muted")
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == "reauth"
