"""LUX's actions besides the upload: devices are checked, shown, registered."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import pytest
import voluptuous as vol

from custom_components.lantern.const import DOMAIN
from simulator.lux import Lux
from simulator.lux.account import STRANGER
from tests.common import entity_id, pass_time, settle

from .carrying import registry_id
from .conftest import ACCOUNT, BLUE, FREE, POLL


async def call(
    hass: HomeAssistant, name: str, *, answers: bool = False, **data: Any
) -> Any:
    """Call an action of LUX's."""
    response = await hass.services.async_call(
        DOMAIN, f"lux_{name}", data, blocking=True, return_response=answers
    )
    await settle(hass)
    return response


@pytest.mark.parametrize(
    ("unique_id", "connection"),
    [
        ("lux-unit-0001", "connected"),
        ("lux-unit-0003", "registerable"),
        ("lux-unit-0004", "taken"),
    ],
)
async def test_check(
    hass: HomeAssistant, entry: ConfigEntry, unique_id: str, connection: str
) -> None:
    """A device is ours, free, or somebody else's."""
    target = {"config_entry_id": entry.entry_id, "unique_id": unique_id}
    assert await call(hass, "check_device", answers=True, **target) == {
        "connection": connection,
        "real_user_ids": [7301, 7302],
    }


async def test_get(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """A child's device, without a word about the child."""
    target = {"config_entry_id": entry.entry_id, "real_user_id": 7301}
    answer = await call(hass, "get_device", answers=True, **target)
    assert answer == {
        "device_id": 811,
        "real_user_id": 7301,
        "unique_id": "lux-unit-0001",
        "serial_code": "SL20990001",
        "alias": "Blue mask",
        "created": "2020-01-15T02:27:34.136000+00:00",
        "last_log_file_id": 12,
    }


async def test_register_and_unregister(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A registered device appears; an unregistered one is nobody's."""
    target = {"config_entry_id": entry.entry_id}
    await call(hass, "register_device", real_user_id=7302, **target, **FREE)
    assert lux.devices[813].real_user_id == 7302
    await pass_time(hass, freezer, POLL)
    new = registry_id(hass, entry, "lux:lux-unit-0003")
    with pytest.raises(ServiceValidationError, match="Confirm"):
        await call(hass, "unregister_device", device_id=new, confirm=False)
    await call(hass, "unregister_device", device_id=new, confirm=True)
    assert lux.devices[813].real_user_id is None
    for _ in range(3):
        await pass_time(hass, freezer, POLL)
    assert not dr.async_get(hass).async_get(new)


async def test_the_only_child(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """One child needs no number; of two, one has to be named."""
    target = {"config_entry_id": entry.entry_id}
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "register_device", **target, **FREE)
    assert caught.value.translation_key == "which_child"
    lux.remove_device(812)
    del lux.children[7302]
    await pass_time(hass, freezer, POLL)
    await call(hass, "register_device", **target, **FREE)
    assert lux.devices[813].real_user_id == 7301


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("check_device", {"unique_id": "nobody"}, "no_such_device"),
        ("get_device", {"real_user_id": STRANGER}, "not_yours"),
        ("register_device", FREE | {"unique_id": "nobody"}, "no_such_device"),
        ("register_device", FREE | {"mac_id": "0000"}, "no_such_device"),
        ("register_device", FREE | {"unique_id": "lux-unit-0004"}, "device_taken"),
        ("register_device", FREE | {"real_user_id": STRANGER}, "not_yours"),
    ],
)
async def test_refusals(
    hass: HomeAssistant, entry: ConfigEntry, name: str, data: dict[str, Any], key: str
) -> None:
    """Each documented refusal is told in its own words."""
    fields = {"config_entry_id": entry.entry_id} | data
    if name == "register_device":
        fields = {"real_user_id": 7301} | fields
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, name, answers=name != "register_device", **fields)
    assert caught.value.translation_key == key


async def test_child_without_device(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A child may have no device."""
    child = lux.add_child()
    target = {"config_entry_id": entry.entry_id, "real_user_id": child}
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "get_device", answers=True, **target)
    assert caught.value.translation_key == "child_without_device"


async def test_unregistered_on_the_phone(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """What the phone unregistered meanwhile cannot be unregistered again."""
    lux.set_device(811, real_user_id=None)
    device = registry_id(hass, entry, BLUE)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "unregister_device", device_id=device, confirm=True)
    assert caught.value.translation_key == "no_such_device"


async def test_impedance_alert(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """A real message goes only when it is confirmed, and is never sent twice."""
    target = {"config_entry_id": entry.entry_id}
    with pytest.raises(vol.Invalid):
        await call(hass, "send_impedance_alert", **target)
    await call(hass, "send_impedance_alert", confirm=True, **target)
    assert len(lux.alimtalks) == 1
    for what, key in (
        ("alimtalk", "alert_not_sent"),
        ("alimtalk_server", "alert_unconfirmed"),
    ):
        lux.fail(what)
        with pytest.raises(HomeAssistantError) as failed:
            await call(hass, "send_impedance_alert", confirm=True, **target)
        assert failed.value.translation_key == key
    lux.set_user(phone=None)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "send_impedance_alert", confirm=True, **target)
    assert caught.value.translation_key == "no_phone"
    assert len(lux.alimtalks) == 1


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "html"])
async def test_impedance_alert_that_is_not_confirmed(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, kind: str
) -> None:
    """Without an answer, the error says that the message may have been sent."""
    lux.inject("POST /api/v1/lux/device/alimtalk", kind)
    target = {"config_entry_id": entry.entry_id, "confirm": True}
    with pytest.raises(HomeAssistantError) as failed:
        await call(hass, "send_impedance_alert", **target)
    assert failed.value.translation_key == "alert_unconfirmed"


_ALIAS = ("text", "set_value", f"{BLUE}_alias", {"value": "Red"}, "update-alias")
_SWITCH = ("switch", "turn_on", f"{ACCOUNT}_muted", {}, "notification")


@pytest.mark.parametrize(
    ("command", "status", "detail", "key"),
    [
        (_ALIAS, 401, "Not authorized user", "not_yours"),
        (_ALIAS, 404, "Not Found Device", "no_such_device"),
        (_ALIAS, 409, "Not Connected Device", "not_connected"),
        (_ALIAS, 404, "Resource not found", "lux_refused"),
        (_ALIAS, 422, "", "refused"),
        (_SWITCH, 404, "User not found", "lux_refused"),
        (_SWITCH, 409, "User notification update failed", "settings_not_stored"),
    ],
)
async def test_refused_commands_of_entities(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    command: tuple[str, str, str, dict[str, Any], str],
    status: int,
    detail: str,
    key: str,
) -> None:
    """What LUX refuses is told in words, at entities as at actions."""
    platform, service, unique_id, data, path = command
    owner = "user" if platform == "switch" else "device"
    route = f"PATCH /api/v1/lux/{owner}/{path}"
    body = f'{{"detail": "{detail}"}}'
    lux.inject(route, "status", times=-1, status=status, body=body)
    target = {"entity_id": entity_id(hass, platform, unique_id)}
    with pytest.raises(HomeAssistantError) as caught:
        await hass.services.async_call(platform, service, target | data, blocking=True)
    assert caught.value.translation_key == key
    reason = (caught.value.translation_placeholders or {}).get("reason")
    assert reason == (detail if key == "lux_refused" else None)
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize(
    ("route", "status", "detail", "name", "key"),
    [
        ("GET check-device", 401, "Not authorized user", "check_device", "not_yours"),
        (
            "POST set-my-device",
            404,
            "Not Found Device",
            "register_device",
            "no_such_device",
        ),
        (
            "POST set-my-device",
            409,
            "Already Connected Device",
            "register_device",
            "device_taken",
        ),
        (
            "POST set-my-device",
            401,
            "Not authorized user",
            "register_device",
            "not_yours",
        ),
        (
            "PATCH un-connect",
            401,
            "Not authorized user",
            "unregister_device",
            "not_yours",
        ),
    ],
)
async def test_refusals_of_the_last_moment(
    hass: HomeAssistant,
    lux: Lux,
    entry: ConfigEntry,
    route: str,
    status: int,
    detail: str,
    name: str,
    key: str,
) -> None:
    """What LUX refuses although it was fine a moment before is told as well."""
    method, path = route.split()
    body = f'{{"detail": "{detail}"}}'
    route = f"{method} /api/v1/lux/device/{path}"
    lux.inject(route, "status", times=-1, status=status, body=body)
    data: dict[str, Any] = {"config_entry_id": entry.entry_id}
    match name:
        case "check_device":
            data["unique_id"] = "lux-unit-0001"
        case "register_device":
            data |= FREE | {"real_user_id": 7301}
        case _:
            data = {"device_id": registry_id(hass, entry, BLUE), "confirm": True}
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, name, answers=name == "check_device", **data)
    assert caught.value.translation_key == key


async def test_account_is_no_treatment_device(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """The account itself cannot be unregistered."""
    account = registry_id(hass, entry, ACCOUNT)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "unregister_device", device_id=account, confirm=True)
    assert caught.value.translation_key == "not_a_treatment_device"
