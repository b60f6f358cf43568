"""LUX's client against the simulator and its bad days."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.lantern.lux.client.api import LuxApi
from custom_components.lantern.lux.client.errors import (
    AlertNotSent,
    AlertUnconfirmed,
    DeviceTaken,
    LogNotStored,
    NoPhone,
    NoSuchChild,
    NoSuchDevice,
    NotConnected,
    NotYours,
    SettingsNotStored,
)
from custom_components.lantern.lux.client.models import (
    Account,
    Connection,
    Notification,
)
from custom_components.lantern.transport.errors import AuthError, Refused
from custom_components.lantern.transport.tokens import Token
from simulator.lux import Lux
from simulator.lux.account import PASSWORD, STRANGER, USERNAME

from .conftest import BLUE_IDS, DEVICES, FREE, ME, REFRESH, SIGN_IN, log

CHILD = "GET /api/v1/lux/device/child-device"

# --- session ---


async def test_sign_in_is_a_form(lux: Lux, api: LuxApi) -> None:
    """Two fields, form-encoded; the tokens bring their lifetimes."""
    token = await api.sign_in(USERNAME, PASSWORD)
    assert lux.requests[-1].json == {"username": USERNAME, "password": "***"}
    now = datetime.now(UTC).timestamp()
    assert token.lifetime == 900
    assert token.expires == pytest.approx(now + 900, abs=5)
    assert token.refresh_token_expires == pytest.approx(now + 1_209_600, abs=5)
    assert token.access_token not in repr(token)


@pytest.mark.parametrize(
    ("control", "name", "password", "code"),
    [
        ("good", USERNAME, "wrong", 400),
        ("good", "nobody@example.org", PASSWORD, 404),
        ("incomplete", USERNAME, PASSWORD, 401),
        ("unverified", USERNAME, PASSWORD, 403),
        ("delete_account", USERNAME, PASSWORD, 410),
        ("block", USERNAME, PASSWORD, 423),
    ],
)
async def test_refused_sign_in(
    lux: Lux, api: LuxApi, control: str, name: str, password: str, code: int
) -> None:
    """Six refusals, told with their status; none is tried again."""
    getattr(lux, control)()
    before = lux.count()
    with pytest.raises(Refused) as refused:
        await api.sign_in(name, password)
    assert refused.value.code == code
    assert lux.count() == before + 1
    assert password not in str(refused.value)


async def test_placeholder_lifetime(lux: Lux, api: LuxApi) -> None:
    """The page's sample says 0 seconds: the lifetime is then not known."""
    body = '{"access_token":"a","expires_in":0,"refresh_token":"b","id":0}'
    lux.inject(SIGN_IN, "body", body=body)
    token = await api.sign_in(USERNAME, PASSWORD)
    assert (token.lifetime, token.expires, token.refresh_token_expires) == (None,) * 3


async def test_many_requests_when_the_token_ends(
    lux: Lux, api: LuxApi, stored_tokens: list[Token]
) -> None:
    """Fifty requests meet a token that has ended: one refresh, no failure."""
    lux.expire_tokens()
    answers = await asyncio.gather(*(api.get_devices() for _ in range(50)))
    assert all(len(answer.devices) == 2 for answer in answers)
    assert lux.count(REFRESH) == len(stored_tokens) == 1


async def test_token_is_refreshed_ahead(
    freezer: FrozenDateTimeFactory, lux: Lux, api: LuxApi
) -> None:
    """A token with less than a minute to live is not used any more."""
    freezer.tick(830)
    await api.get_account()
    assert lux.count(REFRESH) == 0
    freezer.tick(20)
    await api.get_account()
    assert lux.count(REFRESH) == 1
    assert {request.status for request in lux.requests} == {200}


TEXTS_401 = [
    "Token is expired",
    "Could not validate credentials",
    "User is None",
    "User is Deleted",
    "Not authorized user",
    "Who?",
    "",
]


@pytest.mark.parametrize("route", [ME, DEVICES])
@pytest.mark.parametrize("text", TEXTS_401)
async def test_401_once(lux: Lux, api: LuxApi, text: str, route: str) -> None:
    """Whatever a 401 says, the token is replaced once, and all goes on."""
    lux.inject(route, "status", status=401, body=f'{{"detail": "{text}"}}')
    assert (await api.get_account()).root_user_id == 4107
    assert len((await api.get_devices()).devices) == 2
    assert lux.count(REFRESH) == 1


@pytest.mark.parametrize("text", TEXTS_401)
async def test_401_for_good(lux: Lux, api: LuxApi, text: str) -> None:
    """A new token that is refused, too, is no reason for a third."""
    body = f'{{"detail": "{text}"}}'
    lux.inject(ME, "status", times=-1, status=401, body=body)
    with pytest.raises(AuthError) as refused:
        await api.get_account()
    assert refused.value.text == text
    assert lux.count(REFRESH) == 1
    assert lux.count(ME) == 2


@pytest.mark.parametrize("text", ["Not authorized user", "Who?"])
async def test_401_about_a_child(lux: Lux, api: LuxApi, text: str) -> None:
    """After a new token, it is the child that is refused, if LUX says so."""
    lux.inject(CHILD, "status", times=-1, status=401, body=f'{{"detail": "{text}"}}')
    with pytest.raises(NotYours if text == "Not authorized user" else AuthError):
        await api.get_child_device(7301)
    assert (lux.count(REFRESH), lux.count(CHILD)) == (1, 2)


async def test_refused_refresh_is_no_word_about_a_child(lux: Lux, api: LuxApi) -> None:
    """A session that ended is one, whatever the request was about."""
    body = '{"detail": "Not authorized user"}'
    lux.inject(CHILD, "status", status=401, body=body)
    lux.inject(REFRESH, "status", status=401, body=body)
    with pytest.raises(AuthError):
        await api.get_child_device(7301)


async def test_duplicate_login(lux: Lux, api: LuxApi) -> None:
    """The phone signed in: LUX is asked once, and never again."""
    lux.phone_sign_in()
    lux.expire_tokens()
    for _ in range(3):
        with pytest.raises(AuthError) as refused:
            await api.get_devices()
        assert refused.value.text == "Refresh token is not valid"
    assert lux.count(REFRESH) == 1


async def test_no_refresh_token(lux: Lux, api: LuxApi) -> None:
    """What was never stored cannot be sent."""
    api.use(Token(access_token="spent"), lambda _: None)
    with pytest.raises(AuthError):
        await api.get_account()
    assert lux.count(REFRESH) == 0


async def test_refresh_needs_a_store(lux: Lux, api: LuxApi) -> None:
    """Without anybody who keeps the new pair, the old one is not used up."""
    token = await api.sign_in(USERNAME, PASSWORD)
    api.use(token)
    lux.expire_tokens()
    with pytest.raises(AuthError):
        await api.get_account()
    assert lux.count(REFRESH) == 0


# --- account ---


async def test_me(lux: Lux, api: LuxApi) -> None:
    """The account, and no word of the person."""
    lux.set_user(is_device_muted=1, need_to_pwd_change=True)
    account = await api.get_account()
    assert account == Account(4107, True, False, False, True, False)
    assert "4107" not in repr(account)
    for word in (lux.user.first_name, lux.user.phone, lux.user.birthdate):
        assert word not in repr(account)


async def test_notification(lux: Lux, api: LuxApi) -> None:
    """Three booleans go, three numbers come back."""
    wanted = Notification(True, False, True)
    assert await api.set_notification(wanted) == wanted
    assert lux.requests[-1].json == {
        "is_device_muted": True,
        "is_device_alim_talk_enabled": False,
        "is_basestation_alert_enabled": True,
    }
    lux.fail("notification")
    with pytest.raises(SettingsNotStored):
        await api.set_notification(wanted)


# --- devices ---


async def test_all_devices(lux: Lux, api: LuxApi) -> None:
    """The devices and the children's ids, and no word of the children."""
    lux.list_children_without_device = True
    lux.add_child()
    household = await api.get_devices()
    assert household.real_user_ids == {7301, 7302, 7303}
    blue, plain = household.devices
    assert (blue.id, blue.real_user_id, blue.unique_id) == (811, 7301, "lux-unit-0001")
    assert (blue.alias, blue.firmware_version) == ("Blue mask", "1.0.0")
    assert blue.created == datetime(2020, 1, 15, 2, 27, 34, 136000, UTC)
    assert (blue.serial_code, blue.last_log_file_id) == ("SL20990001", 12)
    assert (plain.alias, plain.key) == ("", "lux-unit-0002")
    for word in ("Pellan", "Norrowick", "20150317", "Blue mask", "SL2099", "lux-unit"):
        assert word not in repr(household)


async def test_no_devices(lux: Lux, api: LuxApi) -> None:
    """An empty array is an answer."""
    lux.children.clear()
    household = await api.get_devices()
    assert (household.devices, household.real_user_ids) == ((), frozenset())


async def test_numbers_as_texts(lux: Lux, api: LuxApi) -> None:
    """The page's types are placeholders: digits in a text are a number, too."""
    body = '[{"id":"5","real_user_id":"6","last_log_file_id":"7","extra":{}}]'
    lux.inject(DEVICES, "body", body=body)
    (device,) = (await api.get_devices()).devices
    assert (device.id, device.real_user_id, device.last_log_file_id) == (5, 6, 7)
    assert device.key == "6:5"


async def test_child_device(lux: Lux, api: LuxApi) -> None:
    """One child's device, without a firmware version."""
    device = await api.get_child_device(7302)
    assert (device.id, device.firmware_version) == (812, None)
    assert lux.requests[-1].query == {"real_user_id": "7302"}
    with pytest.raises(NotYours):
        await api.get_child_device(STRANGER)
    with pytest.raises(NoSuchDevice):
        await api.get_child_device(lux.add_child())


async def test_check_device(lux: Lux, api: LuxApi) -> None:
    """Mine, free, or somebody else's."""
    mine = await api.check_device("lux-unit-0001")
    assert mine.connection is Connection.CONNECTED
    assert mine.device is not None
    assert mine.device.id == 811
    free = await api.check_device("lux-unit-0003")
    assert free.connection is Connection.REGISTERABLE
    taken = await api.check_device("lux-unit-0004")
    assert (taken.connection, taken.device) == (Connection.TAKEN, None)
    with pytest.raises(NoSuchDevice):
        await api.check_device("never made")


async def test_register_and_unregister(lux: Lux, api: LuxApi) -> None:
    """A free device becomes a child's, and is free again."""
    await api.check_device(FREE["unique_id"])
    await api.register_device(**FREE, real_user_id=7302)
    assert lux.requests[-1].query == FREE | {"real_user_id": "7302"}
    assert lux.requests[-1].json is None
    assert lux.devices[813].real_user_id == 7302
    await api.unregister_device(FREE["unique_id"], 7302)
    assert lux.devices[813].real_user_id is None
    with pytest.raises(NoSuchDevice):
        await api.unregister_device(FREE["unique_id"], 7302)
    with pytest.raises(NotYours):
        await api.unregister_device(FREE["unique_id"], STRANGER)


async def test_registration_is_refused(lux: Lux, api: LuxApi) -> None:
    """Another's child, a wrong serial, another's device."""
    for unique_id in ("lux-unit-0003", "lux-unit-0004"):
        await api.check_device(unique_id)
    with pytest.raises(NotYours):
        await api.register_device(**FREE, real_user_id=STRANGER)
    with pytest.raises(NoSuchDevice):
        await api.register_device(**FREE | {"serial_code": "no"}, real_user_id=7302)
    taken = {
        "serial_code": "SL20990004",
        "mac_id": "43AD",
        "unique_id": "lux-unit-0004",
    }
    with pytest.raises(DeviceTaken):
        await api.register_device(**taken, real_user_id=7302)


async def test_alias(lux: Lux, api: LuxApi) -> None:
    """A new alias comes back with the device."""
    device = await api.set_alias(811, 7301, "Night mask")
    assert device.alias == "Night mask"
    with pytest.raises(NotConnected):
        await api.set_alias(813, 7301, "Mine")
    with pytest.raises(NoSuchDevice):
        await api.set_alias(999, 7301, "Mine")
    with pytest.raises(NotYours):
        await api.set_alias(814, STRANGER, "Mine")


# --- logs and alerts ---


async def test_temporary_log(lux: Lux, api: LuxApi) -> None:
    """A temporary log goes 30 s late, because LUX takes 30 s off."""
    await api.upload_logs([log()], **BLUE_IDS)
    assert lux.requests[-1].json == {
        "log_arrays": [
            {
                "real_user_id": 7301,
                "device_id": 811,
                "unique_id": "lux-unit-0001",
                "detail_data": {
                    "treatment_date": "2026-11-01T21:04:35",
                    "finish_flag": None,
                    "last_intensity": 25,
                    "treatment_time": 1200,
                },
            }
        ]
    }
    (stored,) = lux.logs[811]
    assert stored.treatment_date == "2026-11-01T21:04:05"
    await api.upload_logs([log()], **BLUE_IDS)
    (stored,) = lux.logs[811]
    assert (stored.arrived, stored.treatment_date) == (2, "2026-11-01T21:04:05")


async def test_complete_logs(lux: Lux, api: LuxApi) -> None:
    """Complete logs carry the true start, their ending and their number."""
    await api.upload_logs([log()], **BLUE_IDS)
    await api.upload_logs([log(13), log(14)], **BLUE_IDS)
    first = lux.requests[-1].json["log_arrays"][0]
    assert first["log_file_id"] == 13
    assert first["detail_data"]["finish_flag"] == 2
    assert [log.log_file_id for log in lux.logs[811]] == [13, 14]
    assert {log.treatment_date for log in lux.logs[811]} == {"2026-11-01T21:04:05"}
    assert lux.devices[811].last_log_file_id == 14


async def test_start_with_a_zone(lux: Lux, api: LuxApi) -> None:
    """A start is sent in the local time that LUX expects, without its zone."""
    await api.upload_logs([log(13)], **BLUE_IDS | {"time_zone": ZoneInfo("Asia/Seoul")})
    assert lux.logs[811][0].treatment_date == "2026-11-02T06:04:05"


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"real_user_id": STRANGER}, NotYours),
        ({"real_user_id": 1}, NoSuchChild),
        ({"device_id": 999}, NoSuchDevice),
        ({"device_id": 813, "unique_id": "lux-unit-0003"}, NotConnected),
    ],
)
async def test_refused_log(
    lux: Lux, api: LuxApi, other: dict[str, Any], error: type[Refused]
) -> None:
    """What does not belong together is refused, each for its reason."""
    child = other.get("real_user_id", 7301)
    ids = BLUE_IDS | {k: v for k, v in other.items() if k in BLUE_IDS}
    with pytest.raises(error):
        await api.upload_logs([log(13, child)], **ids)
    assert not lux.logs.get(811)


async def test_lux_cannot_store_logs(lux: Lux, api: LuxApi) -> None:
    """LUX's own 409, for a new log and for one that is updated."""
    lux.fail("create_log")
    with pytest.raises(LogNotStored):
        await api.upload_logs([log()], **BLUE_IDS)
    await api.upload_logs([log()], **BLUE_IDS)
    lux.fail("update_log")
    with pytest.raises(LogNotStored):
        await api.upload_logs([log()], **BLUE_IDS)


async def test_impedance_alert(lux: Lux, api: LuxApi) -> None:
    """One message, and its three refusals."""
    await api.send_impedance_alert()
    assert len(lux.alimtalks) == 1
    lux.fail("alimtalk")
    with pytest.raises(AlertNotSent):
        await api.send_impedance_alert()
    lux.fail("alimtalk_server")
    with pytest.raises(AlertUnconfirmed):
        await api.send_impedance_alert()
    lux.set_user(phone=None)
    with pytest.raises(NoPhone):
        await api.send_impedance_alert()
    assert len(lux.alimtalks) == 1
