"""LUX's service: the page's samples, each documented error, each violation."""

from collections.abc import AsyncIterator
import json
from typing import Any

from aiohttp import ClientError, ClientSession
import pytest

from simulator.lux import Lux
from simulator.lux.account import PASSWORD, STRANGER, USERNAME
from simulator.lux.records import Child, Device, Log

PLACEHOLDERS: dict[str, Any] = {
    "project_id": 0,
    "hardware_id": 0,
    "now_firmware_id": 0,
    "unique_id": "string",
    "serial_code": "string",
    "device_alias": "string",
    "mac_id": "string",
    "created_at": "2024-11-28T02:15:53.610Z",
    "last_log_file_id": 0,
}
SEED_DEVICE: dict[str, Any] = {"id": 0, "real_user_id": 1, **PLACEHOLDERS}
SEED_ROW: dict[str, Any] = {
    "id": 0,
    "real_user_id": 1,
    "project_id": 0,
    "hardware_id": 0,
    "now_firmware_id": 0,
    "firmware_version": "1.0.0",
    "unique_id": "string",
    "serial_code": "string",
    "device_alias": "string",
    "mac_id": "string",
    "created_at": "2024-11-28T02:15:53.610Z",
    "last_log_file_id": 0,
    "root_user_id": 0,
    "first_name": "string",
    "last_name": "string",
    "birthdate": "string",
    "gender": "string",
}
TEMPORARY_SAVED = (
    200,
    {"statusCode": 200, "message": "Temp devlog saved successfully"},
)
SAVED = (200, {"statusCode": 200, "message": "Devlog saved successfully"})

type Answer = tuple[int, Any]


def refused(status: int, text: str) -> Answer:
    """Return an answer with a text in `detail`."""
    return status, {"detail": text}


class App:
    """A well-behaved client."""

    def __init__(self, service: Lux, session: ClientSession) -> None:
        """Start signed out."""
        self.service = service
        self.session = session
        self.access = self.refresh_token = ""

    async def call(self, method: str, path: str, **more: Any) -> Answer:
        """Return status and JSON."""
        headers = {"Authorization": f"Bearer {self.access}"} if self.access else {}
        url = f"{self.service.url}/api/v1/lux{path}"
        more = {"headers": headers} | more
        async with self.session.request(method, url, **more) as response:
            return response.status, await response.json()

    async def sign_in(
        self, username: str = USERNAME, password: str = PASSWORD
    ) -> Answer:
        """Sign in and keep both tokens."""
        form = {"username": username, "password": password}
        answer = await self.call("POST", "/auth/email/signin", data=form, headers={})
        self._keep(answer)
        return answer

    async def refresh(self, token: str | None = None) -> Answer:
        """Refresh and keep both tokens."""
        body = {"refresh_token": token or self.refresh_token}
        answer = await self.call("POST", "/auth/refresh-token", json=body, headers={})
        self._keep(answer)
        return answer

    def _keep(self, answer: Answer) -> None:
        """Keep both tokens."""
        if answer[0] == 200:
            self.access = answer[1]["access_token"]
            self.refresh_token = answer[1]["refresh_token"]

    async def all_devices(self) -> Any:
        """Read what is polled."""
        status, rows = await self.call("GET", "/device/get-all-device")
        assert status == 200
        return rows

    async def devlog(self, *logs: dict[str, Any]) -> Answer:
        """Upload logs."""
        return await self.call("POST", "/device/devlog", json={"log_arrays": logs})


@pytest.fixture
async def lux(socket_enabled: None) -> AsyncIterator[Lux]:
    """Return LUX, listening."""
    service = Lux()
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
async def stranger(lux: Lux) -> AsyncIterator[App]:
    """Return a client that is not signed in."""
    async with ClientSession() as session:
        yield App(lux, session)


@pytest.fixture
async def app(stranger: App) -> App:
    """Return a client that is signed in."""
    await stranger.sign_in()
    return stranger


@pytest.fixture
async def seed(app: App) -> App:
    """Return a client of the world that the page's samples are from."""
    lux = app.service
    text = "string"
    lux.children = {
        1: Child(id=1, first_name=text, last_name=text, birthdate=text, gender=text)
    }
    lux.devices = {0: Device(**SEED_DEVICE)}
    lux.set_user(root_user_id=0)
    return app


def log(number: int | None = None, flag: int | None = None, **more: Any) -> Any:
    """Return an element of log_arrays as the page prints it."""
    day = 21 if number is None else 13 + number
    item: dict[str, Any] = {
        "real_user_id": 1,
        "device_id": 2,
        "unique_id": "withnox_temp",
        "detail_data": {
            "treatment_date": f"2025-02-{day}T15:48:49",
            "finish_flag": flag,
            "last_intensity": 2 if number is None else 25,
            "treatment_time": 255555 if number is None else 500000,
        },
    }
    if number is not None:
        item["log_file_id"] = number
        item["detail_data"]["finish_flag"] = 2
    return item | more


@pytest.fixture
async def uploader(app: App) -> App:
    """Return a client of the device that the page's uploads are for."""
    lux = app.service
    lux.children[1] = Child(
        id=1, first_name="a", last_name="b", birthdate="20150101", gender="N"
    )
    lux.devices[2] = Device(
        **SEED_DEVICE | {"id": 2, "unique_id": "withnox_temp", "real_user_id": 1}
    )
    return app


def stored(lux: Lux, device_id: int = 2) -> list[tuple[Any, ...]]:
    """Return number, start, end and arrivals of each log."""
    return [
        (one.log_file_id, one.treatment_date, one.finish_flag, one.arrived)
        for one in lux.logs[device_id]
    ]


# --- signing in and refreshing ---


async def test_sign_in(stranger: App) -> None:
    """The documented keys and lifetimes."""
    status, answer = await stranger.sign_in()
    assert (status, list(answer)) == (
        200,
        [
            "access_token",
            "expires_in",
            "refresh_token",
            "refresh_expires_in",
            "id",
            "token_type",
        ],
    )
    assert (answer["expires_in"], answer["refresh_expires_in"]) == (900, 1_209_600)
    assert answer["id"] == 4107
    assert stranger.service.signins == 1
    assert stranger.service.violations == []


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        ("incomplete", refused(401, "Sign-up not completed")),
        ("unverified", refused(403, "SMS verification required")),
        ("delete_account", refused(410, "User is Deleted")),
        ("block", refused(423, "Access denied. Account blocked")),
    ],
)
async def test_sign_in_refused_for_the_account(
    stranger: App, action: str, answer: Answer
) -> None:
    """The right password does not help; good standing does, at once."""
    getattr(stranger.service, action)()
    assert await stranger.sign_in() == answer
    stranger.service.good()
    assert (await stranger.sign_in())[0] == 200
    assert stranger.service.violations == []


async def test_sign_in_refused_for_what_was_typed(stranger: App) -> None:
    """400 and 404."""
    assert await stranger.sign_in(password="x") == refused(400, "Password is invalid")
    unknown = await stranger.sign_in("nobody@example.org")
    assert unknown == refused(404, "User not found")
    assert stranger.service.violations == []


async def test_a_refused_sign_in_must_not_be_sent_again(stranger: App) -> None:
    """Accounts get blocked; another password, or somebody's next try, is fine."""
    await stranger.sign_in(password="x")
    await stranger.sign_in(password="y")
    stranger.service.clock.advance(5)
    await stranger.sign_in(password="y")
    assert stranger.service.violations == []
    await stranger.sign_in(password="y")
    assert stranger.service.violations == ["a refused sign-in was sent again"]
    assert stranger.service.signins == 4


async def test_sign_in_is_a_form(stranger: App) -> None:
    """JSON is refused with FastAPI's list, and so is a form without password."""
    body = {"username": USERNAME, "password": PASSWORD}
    status, answer = await stranger.call("POST", "/auth/email/signin", json=body)
    assert status == 422
    assert [one["loc"] for one in answer["detail"]] == [
        ["body", "username"],
        ["body", "password"],
    ]
    form = {"username": USERNAME}
    status, answer = await stranger.call("POST", "/auth/email/signin", data=form)
    assert (status, answer["detail"][0]) == (
        422,
        {
            "type": "missing",
            "loc": ["body", "password"],
            "msg": "Field required",
            "input": form,
            "url": "https://errors.pydantic.dev/2.5/v/missing",
        },
    )
    assert len(stranger.service.violations) == 3


async def test_refresh_rotates(app: App) -> None:
    """The documented keys; the id is another one than at the sign-in."""
    before = app.refresh_token
    status, answer = await app.refresh()
    assert (status, list(answer)) == (
        200,
        [
            "access_token",
            "expires_in",
            "refresh_token",
            "refresh_expires_in",
            "id",
            "token_type",
        ],
    )
    assert (answer["expires_in"], answer["refresh_expires_in"]) == (900, 1_209_600)
    assert answer["token_type"] == "bearer"
    assert isinstance(answer["id"], str)
    assert app.refresh_token != before
    assert (await app.refresh())[0] == 200
    assert app.service.violations == []


async def test_a_refresh_token_works_once(app: App) -> None:
    """The second use ends the session, and is a violation."""
    old = app.refresh_token
    await app.refresh()
    not_valid = refused(401, "Refresh token is not valid")
    assert await app.refresh(old) == not_valid
    assert len(app.service.violations) == 1
    assert await app.refresh() == not_valid
    assert len(app.service.violations) == 1


async def test_a_lost_refresh_may_be_repeated(app: App) -> None:
    """The client does not know its successor; the session is over all the same."""
    app.service.inject("POST /api/v1/lux/auth/refresh-token", "lost")
    with pytest.raises(ClientError):
        await app.refresh()
    assert await app.refresh() == refused(401, "Refresh token is not valid")
    assert app.service.violations == []


async def test_one_session_per_account(app: App) -> None:
    """A sign-in on the phone ends the refresh token, not the access token."""
    app.service.phone_sign_in()
    assert len(await app.all_devices()) == 2
    assert await app.refresh() == refused(401, "Refresh token is not valid")
    assert app.service.session.refresh_id is None
    assert app.service.violations == []


async def test_refresh_tokens_end(app: App) -> None:
    """After two weeks, by hand, when revoked, when the account is gone."""
    expired = refused(401, "Token is expired")
    invalid = refused(401, "Could not validate credentials")
    app.service.clock.advance(1_209_600 - 1)
    assert (await app.refresh())[0] == 200
    app.service.clock.advance(1_209_600)
    assert await app.refresh() == expired
    await app.sign_in()
    app.service.expire_tokens(refresh=True)
    assert await app.refresh() == expired
    await app.sign_in()
    app.service.revoke_tokens()
    assert await app.refresh() == invalid
    assert await app.refresh("nonsense") == invalid
    await app.sign_in()
    app.service.delete_account()
    assert await app.refresh() == invalid
    assert app.service.violations == []


async def test_access_tokens_end(app: App) -> None:
    """After 900 s, by hand, when revoked; refreshing helps but for the last."""
    expired = refused(401, "Token is expired")
    app.service.clock.advance(899)
    assert (await app.call("GET", "/user/me"))[0] == 200
    app.service.clock.advance(1)
    assert await app.call("GET", "/user/me") == expired
    await app.refresh()
    app.service.expire_tokens()
    assert await app.call("GET", "/user/me") == expired
    await app.refresh()
    app.service.revoke_tokens()
    invalid = refused(401, "Could not validate credentials")
    assert await app.call("GET", "/user/me") == invalid
    assert app.service.violations == []


async def test_a_refresh_token_is_no_access_token(app: App) -> None:
    """And a call without any is a violation."""
    app.access = app.refresh_token
    invalid = refused(401, "Could not validate credentials")
    assert await app.call("GET", "/user/me") == invalid
    assert app.service.violations == []
    assert await app.call("GET", "/user/me", headers={}) == invalid
    assert app.service.violations == ["no bearer at /api/v1/lux/user/me"]


# --- the root user ---


async def test_me(app: App) -> None:
    """The page's sample."""
    sample = {
        "root_user_id": 1,
        "first_name": "test",
        "last_name": "kim",
        "birthdate": "20240722",
        "gender": "M",
        "phone": "+821012345678",
        "is_phone_number_checked": True,
        "register_type": "E",
        "national_code": "KR",
        "need_personal_info_update": False,
        "need_to_pwd_change": True,
        "is_device_muted": True,
        "is_device_alim_talk_enabled": True,
        "is_basestation_alert_enabled": True,
    }
    app.service.set_user(**sample)
    status, answer = await app.call("GET", "/user/me")
    assert (status, json.dumps(answer)) == (200, json.dumps(sample))
    with pytest.raises(ValueError, match="no such field"):
        app.service.set_user(colour="red")
    app.service.delete_account()
    assert await app.call("GET", "/user/me") == refused(401, "User is Deleted")
    assert app.service.violations == []


NOTIFICATION: dict[str, Any] = {
    "is_device_muted": True,
    "is_device_alim_talk_enabled": False,
    "is_basestation_alert_enabled": True,
}


async def test_notification(app: App) -> None:
    """Booleans, or the page's 1 and 0; the answer has 1 and 0."""
    path = "/user/notification"
    numbers = {name: int(value) for name, value in NOTIFICATION.items()}
    for body in (NOTIFICATION, numbers):
        assert await app.call("PATCH", path, json=body) == (200, numbers)
    _, me = await app.call("GET", "/user/me")
    assert {name: me[name] for name in NOTIFICATION} == NOTIFICATION
    app.service.fail("notification")
    failed = refused(409, "User notification update failed")
    assert await app.call("PATCH", path, json=NOTIFICATION) == failed
    app.service.delete_account()
    gone = refused(404, "User not found")
    assert await app.call("PATCH", path, json=NOTIFICATION) == gone
    assert app.service.violations == []


@pytest.mark.parametrize(
    "settings",
    [
        {"json": {"is_device_muted": True, "is_device_alim_talk_enabled": False}},
        {"json": NOTIFICATION | {"is_device_muted": "yes"}},
        {"json": []},
        {"data": json.dumps(NOTIFICATION)},
        {"data": "{", "headers": "json"},
    ],
)
async def test_notification_needs_all_three(app: App, settings: Any) -> None:
    """Anything else is refused with FastAPI's list, and recorded."""
    if "headers" in settings:
        kind = {"Content-Type": "application/json"}
        settings |= {"headers": {"Authorization": f"Bearer {app.access}"} | kind}
    status, answer = await app.call("PATCH", "/user/notification", **settings)
    assert status == 422
    assert isinstance(answer["detail"], list)
    assert app.service.violations != []


# --- devices: reading ---


async def test_child_device(seed: App) -> None:
    """The page's sample, and both errors."""
    path = "/device/child-device"
    status, answer = await seed.call("GET", path, params={"real_user_id": 1})
    assert (status, json.dumps(answer)) == (200, json.dumps(SEED_DEVICE))
    other = await seed.call("GET", path, params={"real_user_id": STRANGER})
    assert other == refused(401, "Not authorized user")
    seed.service.remove_device()
    none = await seed.call("GET", path, params={"real_user_id": 1})
    assert none == refused(404, "Device not found")
    assert seed.service.violations == []
    status, answer = await seed.call("GET", path, params={"real_user_id": "a"})
    assert (status, answer["detail"][0]["type"]) == (422, "int_parsing")
    status, answer = await seed.call("GET", path)
    assert (status, answer["detail"][0]["loc"]) == (422, ["query", "real_user_id"])
    assert len(seed.service.violations) == 2


async def test_get_all_device(seed: App) -> None:
    """The page's sample, its empty array, and its error."""
    assert json.dumps(await seed.all_devices()) == json.dumps([SEED_ROW])
    seed.service.remove_device()
    assert await seed.all_devices() == []
    seed.service.list_children_without_device = True
    (row,) = await seed.all_devices()
    assert list(row) == list(SEED_ROW)
    assert (row["id"], row["unique_id"], row["real_user_id"]) == (None, None, 1)
    seed.service.delete_account()
    none = await seed.call("GET", "/device/get-all-device")
    assert none == refused(401, "User is None")
    assert seed.service.violations == []


async def test_the_household(app: App) -> None:
    """Two children with a device each; more devices come and go."""
    rows = await app.all_devices()
    assert [row["first_name"] for row in rows] == ["Pellan", "Vesperine"]
    assert [row["last_log_file_id"] for row in rows] == [12, 3]
    added = app.service.add_device(firmware_version="1.1.0")
    assert (await app.all_devices())[2]["id"] == added
    app.service.set_device(added, device_alias="Third", last_log_file_id=40)
    assert (await app.all_devices())[2]["device_alias"] == "Third"
    app.service.remove_device(added)
    assert len(await app.all_devices()) == 2
    assert app.service.violations == []


async def test_check_device(seed: App) -> None:
    """Both answers of the page, and its errors."""
    lux = seed.service
    lux.devices[0].created_at = "2024-11-28T04:19:43.007Z"
    data = SEED_DEVICE | {"created_at": "2024-11-28T04:19:43.007Z"}

    async def check(unique_id: str) -> Answer:
        params = {"unique_id": unique_id}
        return await seed.call("GET", "/device/check-device", params=params)

    assert await check("string") == (
        200,
        {"detail": "Connection Confirmed", "device_data": data},
    )
    lux.set_device(0, real_user_id=None)
    data["real_user_id"] = None
    assert await check("string") == (
        200,
        {"detail": "Device Registerable", "device_data": data},
    )
    lux.devices[0].real_user_id = STRANGER
    assert await check("string") == refused(409, "Already Connected Device")
    assert await check("other") == refused(404, "Not Found Device")
    lux.delete_account()
    assert await check("string") == refused(401, "Not authorized user")
    assert lux.violations == []


# --- devices: registering ---


async def test_registering_a_device(app: App) -> None:
    """The page's answers: lower-case `statuscode` here, `statusCode` there."""
    free = app.service.devices[813]
    params: dict[str, Any] = {
        "serial_code": free.serial_code,
        "mac_id": free.mac_id,
        "unique_id": free.unique_id,
        "real_user_id": 7302,
    }
    checked = {"unique_id": free.unique_id}
    await app.call("GET", "/device/check-device", params=checked)
    assert await app.call("POST", "/device/set-my-device", params=params) == (
        200,
        {"statuscode": 200, "message": "device connected"},
    )
    assert free.real_user_id == 7302
    gone = {"unique_id": free.unique_id, "real_user_id": 7302}
    assert await app.call("PATCH", "/device/un-connect", params=gone) == (
        200,
        {"statusCode": 200, "message": "device unconnected"},
    )
    assert free.body()["real_user_id"] is None
    assert app.service.violations == []
    await app.call("POST", "/device/set-my-device", params=params)
    assert app.service.violations == ["set-my-device without check-device before"]


@pytest.mark.parametrize(
    ("device", "change", "answer"),
    [
        (813, {"real_user_id": STRANGER}, refused(401, "Not authorized user")),
        (813, {"real_user_id": 5}, refused(401, "Not authorized user")),
        (813, {"unique_id": "none"}, refused(404, "Not Found Device")),
        (813, {"mac_id": "none"}, refused(404, "Not Found Device")),
        (814, {}, refused(409, "Already Connected Device")),
        (811, {}, refused(409, "Already Connected Device")),
    ],
)
async def test_registering_refused(
    app: App, device: int, change: Any, answer: Answer
) -> None:
    """Not one's own child, not a device, somebody else's device."""
    one = app.service.devices[device]
    params = {
        "serial_code": one.serial_code,
        "mac_id": one.mac_id,
        "unique_id": one.unique_id,
        "real_user_id": 7302,
    } | change
    checked = {"unique_id": params["unique_id"]}
    await app.call("GET", "/device/check-device", params=checked)
    assert await app.call("POST", "/device/set-my-device", params=params) == answer
    assert app.service.violations == []


async def test_unregistering_refused(app: App) -> None:
    """Not one's own child, not a device, not that child's device."""
    path = "/device/un-connect"
    not_found = refused(404, "Not Found Device")
    for unique_id, child, answer in (
        ("lux-unit-0001", STRANGER, refused(401, "Not authorized user")),
        ("none", 7301, not_found),
        ("lux-unit-0001", 7302, not_found),
    ):
        params = {"unique_id": unique_id, "real_user_id": child}
        assert await app.call("PATCH", path, params=params) == answer
    assert app.service.violations == []
    status, _ = await app.call("PATCH", path)
    assert status == 422
    assert len(app.service.violations) == 1


async def test_update_alias(seed: App) -> None:
    """The page's sample, and its errors."""
    path = "/device/update-alias"
    seed.service.devices[0].created_at = "2024-11-28T04:32:07.540Z"
    body = {"device_id": 0, "real_user_id": 1, "device_alias": "Mask"}
    expected = SEED_DEVICE | {
        "device_alias": "Mask",
        "created_at": "2024-11-28T04:32:07.540Z",
    }
    assert await seed.call("PATCH", path, json=body) == (200, expected)
    for change, answer in (
        ({"real_user_id": STRANGER}, refused(401, "Not authorized user")),
        ({"device_id": 9}, refused(404, "Not Found Device")),
    ):
        assert await seed.call("PATCH", path, json=body | change) == answer
    seed.service.devices[0].real_user_id = STRANGER
    not_connected = refused(409, "Not Connected Device")
    assert await seed.call("PATCH", path, json=body) == not_connected
    assert seed.service.violations == []
    body["device_alias"] = 5
    assert (await seed.call("PATCH", path, json=body))[0] == 422
    assert len(seed.service.violations) == 1


# --- devices: logs ---


async def test_a_temporary_log(uploader: App) -> None:
    """Created and updated: the server subtracts 30 s both times."""
    for _ in range(2):
        assert await uploader.devlog(log()) == TEMPORARY_SAVED
    assert stored(uploader.service) == [(None, "2025-02-21T15:48:19", None, 2)]
    assert (await uploader.all_devices())[2]["last_log_file_id"] == 0
    assert uploader.service.violations == []


async def test_completing_a_temporary_log(uploader: App) -> None:
    """The complete log takes its place, with the date as it was sent."""
    await uploader.devlog(log())
    assert await uploader.devlog(log(1)) == SAVED
    assert stored(uploader.service) == [(1, "2025-02-14T15:48:49", 2, 1)]
    assert (await uploader.all_devices())[2]["last_log_file_id"] == 1
    await uploader.devlog(log())
    assert len(uploader.service.logs[2]) == 2
    assert uploader.service.violations == []


async def test_uploading_several_logs(uploader: App) -> None:
    """The first one of the array overwrites the temporary log."""
    await uploader.devlog(log())
    assert await uploader.devlog(log(1), log(2), log(4)) == SAVED
    assert stored(uploader.service) == [
        (1, "2025-02-14T15:48:49", 2, 1),
        (2, "2025-02-15T15:48:49", 2, 1),
        (4, "2025-02-17T15:48:49", 2, 1),
    ]
    (row,) = [one for one in await uploader.all_devices() if one["id"] == 2]
    assert row["last_log_file_id"] == 4
    assert uploader.service.violations == []


async def test_only_the_first_log_overwrites(uploader: App) -> None:
    """Another device's temporary log stays where it is not the first one's."""
    lux = uploader.service
    await uploader.devlog(log())
    other: dict[str, Any] = {
        "real_user_id": 7301,
        "device_id": 811,
        "unique_id": "lux-unit-0001",
    }
    assert await uploader.devlog(log(13, **other), log(1)) == SAVED
    assert [one.temporary for one in lux.logs[2]] == [True, False]
    assert len(lux.logs[811]) == 1
    assert lux.violations == []


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"real_user_id": STRANGER}, refused(401, "Not authorized user")),
        ({"device_id": 9}, refused(404, "Not Found Device")),
        ({"unique_id": "other"}, refused(404, "Not Found Device")),
        ({"real_user_id": 5}, refused(404, "Not Found User")),
        ({"real_user_id": 7301}, refused(409, "Not Connected Device")),
    ],
)
async def test_uploading_refused(uploader: App, change: Any, answer: Answer) -> None:
    """All or none: the good log of the array is not stored either."""
    assert await uploader.devlog(log(1), log(2, **change)) == answer
    assert uploader.service.logs == {}
    assert uploader.service.violations == []


async def test_uploading_fails(uploader: App) -> None:
    """Create fails without, update with a temporary log."""
    uploader.service.fail("create_log")
    assert await uploader.devlog(log()) == refused(409, "Create Device Log Failed")
    await uploader.devlog(log())
    uploader.service.fail("update_log")
    assert await uploader.devlog(log(1)) == refused(409, "Update Device Log Failed")
    assert await uploader.devlog(log(1)) == SAVED
    assert uploader.service.violations == []


@pytest.mark.parametrize(
    ("detail", "change", "loc"),
    [
        ({"treatment_date": "yesterday"}, {}, ["detail_data", "treatment_date"]),
        ({"treatment_date": 5}, {}, ["detail_data", "treatment_date"]),
        ({"finish_flag": 7}, {}, ["detail_data", "finish_flag"]),
        ({"finish_flag": "2"}, {}, ["detail_data", "finish_flag"]),
        ({"last_intensity": None}, {}, ["detail_data", "last_intensity"]),
        ({"treatment_time": 1.5}, {}, ["detail_data", "treatment_time"]),
        ({}, {"detail_data": "x"}, ["detail_data"]),
        ({}, {"log_file_id": "1"}, ["log_file_id"]),
        ({}, {"device_id": True}, ["device_id"]),
    ],
)
async def test_logs_of_wrong_types(
    uploader: App, detail: Any, change: Any, loc: list[str]
) -> None:
    """FastAPI's list says where; the client is to blame."""
    item = log(1)
    item["detail_data"] |= detail
    status, answer = await uploader.devlog(item | change)
    assert status == 422
    assert answer["detail"][0]["loc"] == ["body", "log_arrays", 0, *loc]
    assert len(uploader.service.violations) == 1


async def test_a_log_without_what_is_required(uploader: App) -> None:
    """Each missing field is named."""
    status, answer = await uploader.devlog({"real_user_id": 1})
    assert status == 422
    assert [one["loc"][-1] for one in answer["detail"]] == [
        "detail_data",
        "device_id",
        "unique_id",
    ]
    status, answer = await uploader.call("POST", "/device/devlog", json={})
    assert [one["loc"] for one in answer["detail"]] == [["body", "log_arrays"]]
    assert len(uploader.service.violations) == 2


@pytest.mark.parametrize(
    "logs",
    [[], [log(1), log()], [log(1) | {"log_file_id": None}]],
    ids=["empty", "mixed", "no number"],
)
async def test_undocumented_arrays(uploader: App, logs: list[Any]) -> None:
    """They are refused, and recorded."""
    failed = refused(409, "Create Device Log Failed")
    assert await uploader.devlog(*logs) == failed
    assert len(uploader.service.violations) == 1


async def test_a_log_must_not_be_sent_twice(uploader: App) -> None:
    """Nor in falling order: the client knows what is stored."""
    await uploader.devlog(log(2))
    assert uploader.service.violations == []
    await uploader.devlog(log(2))
    await uploader.devlog(log(1))
    await uploader.devlog(log(4), log(3))
    assert [one.arrived for one in uploader.service.logs[2]] == [2, 1, 1, 1]
    assert [one.split(" of ")[0] for one in uploader.service.violations] == [
        "log 2",
        "log 1",
        "log 3",
    ]


async def test_a_lost_upload_may_be_sent_again(uploader: App) -> None:
    """But not once the client has read the counter."""
    uploader.service.inject("POST /api/v1/lux/device/devlog", "lost", times=2)
    for _ in range(2):
        with pytest.raises(ClientError):
            await uploader.devlog(log(1))
    assert stored(uploader.service) == [(1, "2025-02-14T15:48:49", 2, 2)]
    assert uploader.service.violations == []
    await uploader.all_devices()
    await uploader.devlog(log(1))
    assert len(uploader.service.violations) == 1


async def test_the_phone_uploads_beside_the_client(uploader: App) -> None:
    """A number that the phone took is no violation before the client is told."""
    lux = uploader.service
    await uploader.all_devices()
    assert lux.phone_upload(2, 2, start="2025-02-14T08:00:00", duration=600) == 2
    assert stored(lux) == [
        (1, "2025-02-14T08:00:00", 1, 1),
        (2, "2025-02-14T08:10:00", 1, 1),
    ]
    await uploader.devlog(log(2))
    assert lux.violations == []
    lux.phone_upload(2, start="2025-02-16T08:00:00", temporary=True)
    assert stored(lux)[-1] == (None, "2025-02-16T08:00:00", None, 1)
    assert lux.phone_upload(2) == 3
    assert not any(one.temporary for one in lux.logs[2])
    rows = await uploader.all_devices()
    assert rows[2]["last_log_file_id"] == 3
    await uploader.devlog(log(3))
    assert len(lux.violations) == 1


async def test_a_counter_may_fall(uploader: App) -> None:
    """A replaced device starts anew; its numbers are not repeated ones."""
    await uploader.devlog(log(5))
    uploader.service.set_device(2, last_log_file_id=0)
    await uploader.all_devices()
    await uploader.devlog(log(1))
    assert uploader.service.violations == []
    assert [one.arrived for one in uploader.service.logs[2]] == [1, 1]


# --- the rest ---


async def test_alimtalk(app: App) -> None:
    """The page's `null`, and its three refusals."""
    path = "/device/alimtalk"
    assert await app.call("POST", path) == (200, None)
    app.service.fail("alimtalk")
    assert await app.call("POST", path) == refused(409, "Alimtalk send failed")
    app.service.fail("alimtalk_server")
    assert await app.call("POST", path) == refused(500, "Internal Server Error")
    app.service.set_user(phone=None)
    assert await app.call("POST", path) == refused(403, "Phone number is not found")
    assert len(app.service.alimtalks) == 1
    assert app.service.violations == []


async def test_common_errors(app: App) -> None:
    """404 for an unknown route, which is a violation, and 500."""
    for path in ("/user/real-user/7301", "/device/movement"):
        not_found = refused(404, "Resource not found")
        assert await app.call("GET", path) == not_found
    assert len(app.service.violations) == 2
    app.service.fail("server")
    text = "Internal server error. Please try again later."
    assert await app.call("GET", "/user/me") == refused(500, text)
    assert (await app.call("GET", "/user/me"))[0] == 200


async def test_secrets_are_masked_in_the_log(app: App) -> None:
    """Neither password nor refresh token is in the request log."""
    token = app.refresh_token
    await app.refresh()
    text = json.dumps(app.service.log())
    assert PASSWORD not in text
    assert token not in text


async def test_a_restart(app: App) -> None:
    """A client with stored tokens goes on."""
    lux = app.service
    lux.phone_upload(812)
    spent = app.refresh_token
    await app.refresh()
    state = json.loads(json.dumps(lux.state()))
    again = Lux(lux.clock)
    again.restore(state)
    assert again.state() == state
    await again.start()
    try:
        app.service = again
        rows = await app.all_devices()
        assert [row["last_log_file_id"] for row in rows] == [12, 4]
        assert (await app.refresh())[0] == 200
        assert isinstance(again.logs[812][0], Log)
        assert again.violations == []
        await app.refresh(spent)
        assert len(again.violations) == 1
    finally:
        await again.stop()


async def test_month_that_a_device_holds() -> None:
    """A month of logs goes on from the counter, in rising order of both."""
    service = Lux()
    logs = service.month(811)
    numbers = [one["log_file_id"] for one in logs]
    assert numbers == list(range(13, 13 + len(logs)))
    starts = [one["start"] for one in logs]
    assert starts == sorted(starts)
    days = {one[:10] for one in starts}
    assert len(days) == 27
    assert len(logs) == 27 + 9
