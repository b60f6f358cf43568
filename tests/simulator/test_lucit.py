"""Lucit's service: the pages' samples, each documented error, each violation."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
import json
import re
from typing import Any, override

from aiohttp import ClientError, ClientSession
import pytest

from simulator.clock import Clock
from simulator.lucit import Lucit, identifiers
from simulator.lucit.account import APP_ID

HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "AppIdV3": APP_ID,
}
SEED_BODY: dict[str, Any] = {
    "device_provided_uuid": "12345678-1234-1234-1234-123456789012",
    "width": 7019827.03,
    "height": 7019827.03,
}
TOKEN_INVALID = {
    "ok": False,
    "http_code": 422,
    "code": "Token is invalid or expired",
    "message": "token_invalid_or_expired",
    "data": None,
    "lucore_error_response": True,
}
UNAUTHENTICATED = {"message": "Unauthenticated."}

type Answer = tuple[int, Any]


class SeedClock(Clock):
    """A clock that starts at the time of the page's sample and stands."""

    @override
    def now(self) -> datetime:
        return datetime(2026, 1, 7, 0, 15, 26, tzinfo=UTC) + self._ahead


@pytest.fixture
async def lucit(socket_enabled: None) -> AsyncIterator[Lucit]:
    """Return Lucit, listening."""
    service = Lucit(SeedClock())
    await service.start()
    yield service
    await service.stop()


class Player:
    """A well-behaved client."""

    def __init__(self, service: Lucit, session: ClientSession) -> None:
        """Start without a bearer."""
        self.service = service
        self.session = session
        self.headers = dict(HEADERS)

    async def call(self, method: str, path: str, body: Any = None) -> Answer:
        """Return status and JSON."""
        url = f"{self.service.url}/api/v3{path}"
        async with self.session.request(
            method, url, headers=self.headers, json=body
        ) as response:
            return response.status, await response.json()

    async def request(self, uuid: str = "uuid-1", **more: Any) -> dict[str, Any]:
        """Ask for a code."""
        body = {"device_provided_uuid": uuid, "width": 1024, "height": 768} | more
        status, answer = await self.call(
            "POST", "/lightning/device-requests/request", body
        )
        assert status == 200 and isinstance(answer, dict)
        return answer

    async def check(self, asked: dict[str, Any], **more: Any) -> Answer:
        """Ask whether the code was typed in."""
        lcuid = asked["lightning_device_request"]["lcuid"]
        path = f"/lightning/device-request/{lcuid}/check-for-device"
        return await self.call("POST", path, {"token": asked["token"]} | more)

    async def sign_in(self, paired: dict[str, Any]) -> Answer:
        """Get a bearer and use it from now on."""
        body = {"token": paired["bot_user_token"], "secret": paired["bot_user_secret"]}
        status, answer = await self.call("POST", "/auth", body)
        if status == 200:
            self.headers["Authorization"] = f"Bearer {answer['token']}"
        return status, answer

    async def device(self, lcuid: str) -> Answer:
        """Read the player."""
        return await self.call("GET", f"/lightning/devices/{lcuid}")

    async def heartbeat(self, lcuid: str) -> Answer:
        """Send a heartbeat."""
        path = f"/analytics/lightning-devices/{lcuid}/heartbeat"
        return await self.call("POST", path, {"lightning_version": "1.0"})


@pytest.fixture
async def player(lucit: Lucit) -> AsyncIterator[Player]:
    """Return a client of Lucit that is not paired."""
    async with ClientSession() as session:
        yield Player(lucit, session)


@pytest.fixture
async def signed(player: Player) -> Player:
    """Return a client of Lucit that is paired and signed in."""
    await player.sign_in(player.service.pair())
    return player


# --- the pages' samples ---


async def test_request_as_the_seed_prints_it(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sample request has the sample's answer, keys in the same order."""
    lcuid = "LCUID-LDR-a521d297-764b-4d55-8ea6-0322a8a9a07a"
    token = "8C9tUUT:695da59e:a37359d42689c87c157eca57ae7b0de3"
    monkeypatch.setattr(identifiers, "pairing_code", lambda: 536659653)
    monkeypatch.setattr(identifiers, "lcuid", lambda _: lcuid)
    monkeypatch.setattr(identifiers, "pairing_token", lambda _: token)
    answer = await player.request("imx8GEw1nJ3Wr1at")
    assert json.dumps(answer) == json.dumps(
        {
            "success": True,
            "lightning_device_request": {
                "code": 536659653,
                "code_string": "536-659-653",
                "device_provided_uuid": "imx8GEw1nJ3Wr1at",
                "expires_at": "2026-01-07T00:45:26.000000Z",
                "lcuid": lcuid,
                "width": 1024,
                "height": 768,
                "device_info": [],
            },
            "token": token,
            "existing_device": [],
        }
    )
    assert player.service.violations == []


async def test_identifiers_have_the_seed_s_forms(player: Player) -> None:
    """Nothing of the sample is needed for the forms to be right."""
    answer = await player.request(**SEED_BODY, device_info={"platform": "web"})
    request = answer["lightning_device_request"]
    assert (request["width"], request["height"]) == (7019827, 7019827)
    assert request["device_info"] == {"platform": "web"}
    assert re.fullmatch(r"[A-Za-z0-9]{7}:695da59e:[0-9a-f]{32}", answer["token"])
    assert re.fullmatch(r"LCUID-LDR-[0-9a-f-]{36}", request["lcuid"])
    assert request["code_string"].replace("-", "") == f"{request['code']:09}"
    assert identifiers.code_string(1234567) == "001-234-567"


async def test_check_for_device_as_the_seed_prints_it(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """202 until the code was typed in, then 200 with the sample's values."""
    asked = await player.request()
    assert await player.check(asked) == (
        202,
        {"success": False, "device_exists": False, "device_status": None},
    )
    approved = player.service.approve(asked["lightning_device_request"]["code_string"])
    assert approved["lcuid"] == asked["lightning_device_request"]["lcuid"]
    sample = {
        "success": True,
        "lightning_device_lcuid": "LCUID-LD-c8661ab3-9fc3-4bcb-a080-ce1e7f2f7580",
        "bot_user_token": "JNwUgmgSXBzb8yMoDQ13S0iotgjg1LxqAjYct4LihHF2ydLELFs3nakYhmoJ",
        "bot_user_secret": "GdGzDlW6txuHiQSyAXy4Nod80iBAswnTGNS1yxGl7ELsKNwnwGRZ7gc2dv6"
        "JHD0t",
    }
    for function in ("bot_user_token", "bot_user_secret"):
        monkeypatch.setattr(identifiers, function, lambda f=function: sample[f])
    monkeypatch.setattr(
        "simulator.lucit.records.lcuid", lambda _: sample["lightning_device_lcuid"]
    )
    status, answer = await player.check(asked)
    assert (status, json.dumps(answer)) == (200, json.dumps(sample))
    assert player.service.violations == []


async def test_credentials_have_the_seed_s_lengths(player: Player) -> None:
    """60 and 64 characters."""
    paired = player.service.pair()
    assert len(paired["bot_user_token"]) == 60
    assert len(paired["bot_user_secret"]) == 64


async def test_heartbeat_as_the_page_prints_it(
    signed: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest pending instruction is handed out once, as sent."""
    lucit = signed.service
    lcuid = "LCUID-LDRI-262ca932-dda6-4233-8c4f-a497481388b3"
    monkeypatch.setattr("simulator.lucit.records.lcuid", lambda _: lcuid)
    lucit.clock.advance(-7)
    lucit.queue_instruction()
    status, answer = await signed.heartbeat(lucit.device.lcuid)
    assert status == 200
    assert json.dumps(answer) == json.dumps(
        {
            "success": True,
            "lightning_device_remote_instruction": {
                "instruction": "reload",
                "parameters": [],
                "run_at": None,
                "status": 1,
                "lcuid": lcuid,
                "created_at": "2026-01-07T00:15:19.000000Z",
                "updated_at": "2026-01-07T00:15:19.000000Z",
            },
        }
    )
    assert lucit.violations == []


# --- pairing ---


async def test_codes_expire_after_thirty_minutes(player: Player) -> None:
    """422 from `expires_at` on, approved or not."""
    asked, approved = await player.request("a"), await player.request("b")
    player.service.approve(approved["lightning_device_request"]["code"])
    player.service.clock.advance(30 * 60 - 1)
    assert (await player.check(asked))[0] == 202
    player.service.clock.advance(1)
    assert await player.check(asked) == (422, TOKEN_INVALID)
    assert await player.check(approved) == (422, TOKEN_INVALID)
    with pytest.raises(ValueError, match="no open request"):
        player.service.approve()
    assert player.service.violations == []


async def test_codes_can_be_expired_and_tokens_must_fit(player: Player) -> None:
    """A wrong token and an unknown request are refused like an expired one."""
    asked = await player.request()
    assert await player.check(asked, token="wrong") == (422, TOKEN_INVALID)
    player.service.expire_codes()
    assert await player.check(asked) == (422, TOKEN_INVALID)
    asked["lightning_device_request"]["lcuid"] = "LCUID-LDR-unknown"
    assert await player.check(asked) == (422, TOKEN_INVALID)
    assert player.service.violations == []


async def test_each_further_check_makes_new_credentials(player: Player) -> None:
    """They end the ones before, and are a violation after a delivered 200."""
    asked = await player.request()
    player.service.approve()
    _, first = await player.check(asked)
    assert player.service.violations == []
    _, second = await player.check(asked)
    assert first["lightning_device_lcuid"] == second["lightning_device_lcuid"]
    assert first["bot_user_token"] != second["bot_user_token"]
    assert player.service.violations == ["check-for-device again after its 200"]
    assert (await player.sign_in(first))[0] == 401
    assert (await player.sign_in(second))[0] == 200


@pytest.mark.parametrize("kind", ["lost", "truncated"])
async def test_a_lost_200_may_be_asked_for_again(player: Player, kind: str) -> None:
    """The client cannot know that it was approved."""
    asked = await player.request()
    player.service.approve()
    route = "POST /api/v3/lightning/device-request/{lcuid}/check-for-device"
    player.service.inject(route, kind)
    with pytest.raises((ClientError, OSError, ValueError)):
        await player.check(asked)
    assert (await player.check(asked))[0] == 200
    assert player.service.violations == []
    assert [one.status for one in player.service.requests if one.key == route] == [
        200,
        200,
    ]


async def test_pairing_again_replaces_the_player(signed: Player) -> None:
    """A new player lcuid; the old credentials, bearer and lcuid are over."""
    lucit = signed.service
    old = lucit.device
    asked = await signed.request(old.device_provided_uuid)
    assert asked["existing_device"]["lcuid"] == old.lcuid
    assert "digital_boards" not in asked["existing_device"]
    lucit.approve()
    _, paired = await signed.check(asked)
    assert paired["lightning_device_lcuid"] != old.lcuid
    assert lucit.device.device_provided_uuid == old.device_provided_uuid
    assert await signed.device(old.lcuid) == (401, UNAUTHENTICATED)
    await signed.sign_in(paired)
    assert (await signed.device(old.lcuid))[0] == 404
    assert (await signed.device(lucit.device.lcuid))[0] == 200
    lucit.existing_device_form = "list"
    again = await signed.request(old.device_provided_uuid)
    assert [one["lcuid"] for one in again["existing_device"]] == [lucit.device.lcuid]
    assert lucit.violations == []


async def test_attaching_to_an_existing_player(player: Player) -> None:
    """The player keeps its lcuid; whoever had it before is out."""
    lucit = player.service
    before = lucit.pair("real-player", name="Real player")
    asked = await player.request("newcomer")
    lucit.approve()
    status, answer = await player.check(asked, auto_attach_to_lcuid="LCUID-LD-none")
    assert status == 422
    assert list(answer["errors"]) == ["auto_attach_to_lcuid"]
    lcuid = before["lightning_device_lcuid"]
    _, paired = await player.check(asked, auto_attach_to_lcuid=lcuid)
    assert paired["lightning_device_lcuid"] == lcuid
    assert (await player.sign_in(before))[0] == 401
    assert (await player.sign_in(paired))[0] == 200
    _, read = await player.device(lcuid)
    assert read["lightning_device"]["name"] == "Real player"
    assert read["lightning_device"]["device_provided_uuid"] == "newcomer"
    assert len(lucit.devices) == 1
    assert lucit.violations == []


# --- signing in ---


async def test_auth_gives_a_bearer_for_a_year(player: Player) -> None:
    """The JWT's claims are those of the documents' sample."""
    status, answer = await player.sign_in(player.service.pair())
    assert (status, list(answer)) == (200, ["ok", "token", "user_lcuid"])
    assert re.fullmatch(r"LCUID-LU-[0-9a-f-]{36}", answer["user_lcuid"])
    part = answer["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert list(claims) == ["aud", "jti", "iat", "nbf", "exp", "sub", "scopes"]
    assert claims["exp"] - claims["iat"] == 365 * 24 * 3600
    lcuid = player.service.device.lcuid
    player.service.clock.advance(365 * 24 * 3600 - 1)
    assert (await player.device(lcuid))[0] == 200
    player.service.clock.advance(1)
    assert await player.device(lcuid) == (401, UNAUTHENTICATED)
    assert player.service.violations == []


async def test_auth_accepts_a_form(lucit: Lucit) -> None:
    """The command-line client of Lucit signs in like this."""
    paired = lucit.pair()
    form = {"token": paired["bot_user_token"], "secret": paired["bot_user_secret"]}
    headers = {key: HEADERS[key] for key in ("Accept", "AppIdV3")}
    async with (
        ClientSession(headers=headers) as session,
        session.post(f"{lucit.url}/api/v3/auth", data=form) as response,
    ):
        assert (await response.json())["ok"] is True
    assert lucit.violations == []


@pytest.mark.parametrize("status", [401, 403, 422])
async def test_auth_refuses(player: Player, status: int) -> None:
    """The envelope says no, with whichever status."""
    player.service.auth_status = status
    paired = player.service.pair()
    player.service.revoke_credentials()
    assert await player.sign_in(paired) == (
        status,
        {
            "ok": False,
            "http_code": status,
            "code": "Invalid token or secret",
            "message": "invalid_credentials",
            "data": None,
            "lucore_error_response": True,
        },
    )
    assert player.service.violations == []


async def test_dead_bearers(signed: Player) -> None:
    """Expired and revoked ones are refused with Laravel's own body."""
    lcuid = signed.service.device.lcuid
    signed.service.expire_bearers()
    assert await signed.device(lcuid) == (401, UNAUTHENTICATED)
    await signed.sign_in(signed.service.pair())
    signed.service.revoke_credentials()
    assert (await signed.device(lcuid))[0] == 401
    assert signed.service.violations == []


async def test_status(signed: Player) -> None:
    """Both status endpoints answer with the documented keys."""
    assert await signed.call("GET", "/public/status") == (
        200,
        {
            "api_version": "v3",
            "app_id_required": True,
            "auth_required": False,
            "message": "LuCore V3 REST API is accessible with an v3_app_id,"
            " un-authenticated, and returns json",
            "ok": True,
            "timestamp": 1767744926,
            "v3_app_id_sent": APP_ID,
        },
    )
    _, answer = await signed.call("GET", "/status")
    assert answer["user"]["lcuid"] == answer["auth_user_id_sent"]
    assert signed.service.violations == []


# --- headers and bodies ---


@pytest.mark.parametrize("status", [401, 403, 422])
async def test_an_unknown_app_is_refused(player: Player, status: int) -> None:
    """It is the user's mistake, not the client's."""
    player.service.app_id_status = status
    player.headers["AppIdV3"] = APP_ID.replace("0e5f1a70", "ffffffff")
    for method, path in (("POST", "/auth"), ("GET", "/public/status")):
        answered, answer = await player.call(method, path, {})
        assert (answered, answer["message"]) == (status, "app_id_invalid")
    assert player.service.violations == []


@pytest.mark.parametrize(
    ("header", "value", "text"),
    [
        ("AppIdV3", "LCUID-LA-1", "no AppIdV3"),
        ("AppIdV3", "", "no AppIdV3"),
        ("Accept", "*/*", "no `Accept"),
        ("Content-Type", "text/plain", "no `Content-Type"),
        ("Authorization", "Basic abc", "no bearer"),
    ],
)
async def test_headers_that_a_client_must_send(
    signed: Player, header: str, value: str, text: str
) -> None:
    """Each is recorded."""
    signed.headers[header] = value
    await signed.heartbeat(signed.service.device.lcuid)
    assert [one[: len(text)] for one in signed.service.violations] == [text]


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        (
            "/lightning/device-requests/request",
            {"width": "1", "height": True, "device_info": [1]},
            ["device_provided_uuid", "width", "height", "device_info"],
        ),
        ("/lightning/device-request/LCUID-LDR-1/check-for-device", {}, ["token"]),
        ("/auth", {"token": "a"}, ["secret"]),
        ("/auth", None, ["token", "secret"]),
        (
            "/analytics/lightning-devices/{lcuid}/heartbeat",
            {"device_info": {"a": 1}},
            ["lightning_version", "device_info"],
        ),
        (
            "/lightning/devices/{lcuid}/instructions/x/acknowledge",
            {"response_data": "done"},
            ["response_data"],
        ),
        (
            "/lightning/devices/{lcuid}/instructions/x/failed",
            {"message": 5},
            ["message"],
        ),
    ],
)
async def test_bodies_that_a_client_must_not_send(
    signed: Player, path: str, body: Any, fields: list[str]
) -> None:
    """Each is refused as Laravel does, and recorded."""
    lcuid = signed.service.device.lcuid
    status, answer = await signed.call("POST", path.format(lcuid=lcuid), body)
    assert (status, list(answer["errors"])) == (422, fields)
    assert answer["message"].startswith(answer["errors"][fields[0]][0])
    assert len(signed.service.violations) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/digital-boards/LCUID-LB-1/analytics/record-play",
        "/digital-boards/LCUID-LB-1/analytics/record-plays",
        "/lightning/device-requests/check-for-device",
    ],
)
async def test_what_is_not_served(signed: Player, path: str) -> None:
    """Proof-of-play is billing data: a call is a violation."""
    status, answer = await signed.call("POST", path, {})
    assert status == 404
    assert answer == {"message": f"The route api/v3{path} could not be found."}
    assert signed.service.violations == [f"undocumented: POST /api/v3{path}"]


async def test_secrets_are_masked_in_the_log(player: Player) -> None:
    """Neither pairing tokens nor bot credentials are in the request log."""
    asked = await player.request()
    player.service.approve()
    _, paired = await player.check(asked)
    await player.sign_in(paired)
    text = json.dumps(player.service.log())
    for secret in (asked["token"], paired["bot_user_token"], paired["bot_user_secret"]):
        assert secret not in text


# --- the player ---


async def test_reading_the_player(signed: Player) -> None:
    """Names, numbers and boards follow what people do in Lucit."""
    lucit = signed.service
    lucit.set_device(name="Bakery", latitude="54.00000000", status=3)
    lucit.set_boards(3)
    lucit.remove_board()
    added = lucit.add_board(name="Left half", width=512)
    lucit.clock.advance(60)
    lucit.set_board(added, status=7)
    status, answer = await signed.device(lucit.device.lcuid)
    assert (status, answer["success"]) == (200, True)
    device = answer["lightning_device"]
    assert list(device) == [
        "name",
        "description",
        "device_number",
        "device_request_lcuid",
        "device_provided_uuid",
        "status",
        "options",
        "latitude",
        "longitude",
        "width",
        "height",
        "digital_board_format",
        "venue_taxonomy_id",
        "lcuid",
        "digital_boards",
    ]
    assert (device["name"], device["status"]) == ("Bakery", 3)
    assert (device["width"], device["height"]) == (1920, 1080)
    assert device["options"] == {"_init": []}
    assert device["device_number"].startswith("LDN-")
    board = device["digital_boards"][2]
    assert (board["lcuid"], board["width"], board["status"]) == (added, 512, 7)
    assert board["created_at"] == "2026-01-07T00:15:26.000000Z"
    assert board["updated_at"] == "2026-01-07T00:16:26.000000Z"
    lucit.remove_board(added)
    with pytest.raises(KeyError):
        lucit.set_board(added, status=1)
    with pytest.raises(ValueError, match="no such field"):
        lucit.set_device(colour="red")
    assert lucit.violations == []


@pytest.mark.parametrize("status", [403, 404])
async def test_a_deleted_player(signed: Player, status: int) -> None:
    """The bearer lives on, the player is gone; it can be paired again."""
    lucit = signed.service
    uuid, lcuid = lucit.device.device_provided_uuid, lucit.device.lcuid
    lucit.deleted_status = status
    lucit.delete_device()
    assert (await signed.device(lcuid))[0] == status
    assert (await signed.heartbeat(lcuid))[0] == status
    asked = await signed.request(uuid)
    assert asked["existing_device"] == []
    lucit.approve()
    _, paired = await signed.check(asked)
    assert paired["lightning_device_lcuid"] != lcuid
    assert (await signed.device(lcuid))[0] == 401
    assert lucit.violations == []


async def test_another_player_is_forbidden(signed: Player) -> None:
    """A bot user reads its own player only."""
    lucit = signed.service
    other = lucit.pair("other")["lightning_device_lcuid"]
    assert (await signed.device(other))[0] == 403


async def test_checking_again_after_the_player_was_deleted(player: Player) -> None:
    """There is nothing to give credentials for."""
    asked = await player.request()
    player.service.approve()
    route = "POST /api/v3/lightning/device-request/{lcuid}/check-for-device"
    player.service.inject(route, "lost")
    with pytest.raises(ClientError):
        await player.check(asked)
    player.service.delete_device()
    assert await player.check(asked) == (422, TOKEN_INVALID)


# --- instructions ---


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ("list", {"success": True, "lightning_device_remote_instruction": []}),
        ("null", {"success": True, "lightning_device_remote_instruction": None}),
        ("absent", {"success": True}),
    ],
)
async def test_a_heartbeat_without_instruction(
    signed: Player, form: Any, answer: Any
) -> None:
    """All three forms can be chosen."""
    signed.service.no_instruction = form
    assert await signed.heartbeat(signed.service.device.lcuid) == (200, answer)
    (heartbeat,) = signed.service.heartbeats
    assert (heartbeat.lightning_version, heartbeat.device_info) == ("1.0", [])
    assert signed.service.violations == []


async def test_instructions_come_in_their_order(signed: Player) -> None:
    """Each is sent once; then it is acknowledged or failed."""
    lucit = signed.service
    lcuid = lucit.device.lcuid
    first = lucit.queue_instruction(parameters={"a": 1}, run_at="2026-01-08 12:00:00")
    second = lucit.queue_instruction("made_up")
    key = "lightning_device_remote_instruction"
    answers = [(await signed.heartbeat(lcuid))[1][key] for _ in range(3)]
    assert [one and one["lcuid"] for one in answers] == [first, second, []]
    assert answers[0]["parameters"] == {"a": 1}
    assert answers[0]["run_at"] == "2026-01-08 12:00:00"
    path = f"/lightning/devices/{lcuid}/instructions"
    done = (200, {"success": True})
    body: dict[str, Any] = {"response_data": {"b": 2}}
    assert await signed.call("POST", f"{path}/{first}/acknowledge", body) == done
    body = {"message": "cannot", "response_data": {}}
    assert await signed.call("POST", f"{path}/{second}/failed", body) == done
    acknowledged, failed = lucit.instructions
    assert (acknowledged.status, acknowledged.response_data) == (2, {"b": 2})
    assert (failed.failed, failed.message) == (True, "cannot")
    for verb in ("acknowledge", "failed"):
        status, _ = await signed.call("POST", f"{path}/LCUID-LDRI-none/{verb}")
        assert status == 404
    assert lucit.violations == []


async def test_a_restart(signed: Player) -> None:
    """A client with stored credentials goes on."""
    lucit = signed.service
    asked = await signed.request("second")
    lucit.set_boards(2)
    lucit.queue_instruction()
    state = json.loads(json.dumps(lucit.state()))
    again = Lucit(lucit.clock)
    again.restore(state)
    assert again.state() == state
    await again.start()
    try:
        signed.service = again
        _, answer = await signed.device(again.device.lcuid)
        assert len(answer["lightning_device"]["digital_boards"]) == 2
        again.approve()
        assert (await signed.check(asked))[0] == 200
        assert again.violations == []
    finally:
        await again.stop()
