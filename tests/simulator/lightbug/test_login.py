"""Lightbug's sign-in: the documents' samples, tokens of both APIs."""

import base64
import json
from typing import Any, Literal

from aiohttp import ClientSession
import pytest

from simulator.lightbug import Lightbug

from .calls import MONTH, login, opens

JSON = {"Content-Type": "application/json"}


async def test_v2_login(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """The sample's fields and types; refresh fields only if they were asked for."""
    answer = await login(anonymous, lightbug)
    kinds = {name: type(value) for name, value in answer.items()}
    assert kinds == {
        "expiry": str,
        "refreshToken": str,
        "refreshTokenExpiry": str,
        "token": str,
        "userId": int,
    }
    payload = answer["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert list(claims) == ["exp", "jti", "name", "sub"]
    assert claims["name"] == lightbug.username
    assert claims["sub"] == answer["userId"] == lightbug.user_id
    for refreshable in (0, None):
        answer = await login(anonymous, lightbug, refreshable)
        assert list(answer) == ["expiry", "token", "userId"]
    assert lightbug.violations == []
    logged = lightbug.requests[0].json
    assert logged == {
        "username": lightbug.username,
        "password": "***",
        "refreshable": MONTH,
    }


@pytest.mark.parametrize(
    ("form", "ending"), [("rfc3339", "Z"), ("nanoseconds", "789Z"), ("words", "while")]
)
async def test_expiry_format(
    lightbug: Lightbug, anonymous: ClientSession, form: str, ending: str
) -> None:
    """The documents do not state how an expiry is written."""
    lightbug.expiry_format = form
    assert (await login(anonymous, lightbug))["expiry"].endswith(ending)


async def test_v1_login(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """The sample's fields and types, by JSON and by form."""
    body = {"username": lightbug.username, "password": lightbug.password}
    forms: list[dict[str, Any]] = [{"json": body}, {"data": body}]
    for settings in forms:
        answer = await anonymous.post(
            "/api/users/login", params={"include": "user"}, **settings
        )
        token = await answer.json()
        assert answer.status == 200
        assert list(token) == ["id", "ttl", "scopes", "created", "userId"]
        assert len(token["id"]) == 64
        assert token["ttl"] == 1_209_600
        assert all(isinstance(scope, str) for scope in token["scopes"])
        assert token["created"].endswith("Z")
        assert token["userId"] == lightbug.user_id
        assert await opens(anonymous, token["id"]) == [200, 200]
    assert lightbug.violations == []


async def test_samples_without_a_body(
    lightbug: Lightbug, anonymous: ClientSession
) -> None:
    """The samples as printed send no body: that is a bad request."""
    for path in ("/v2/users/login", "/v2/users/refreshToken"):
        answer = await anonymous.post(path, headers=JSON)
        assert answer.status == 400
        assert await answer.json() == {"code": 400, "message": "status bad request"}
    answer = await anonymous.post("/api/users/login", headers=JSON)
    assert answer.status == 400
    assert (await answer.json())["error"] == {
        "statusCode": 400,
        "name": "Error",
        "message": "username or email is required",
        "code": "USERNAME_EMAIL_REQUIRED",
    }


async def test_wrong_password(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """A wrong password and a blocked account are refused alike."""
    wrong = {"username": lightbug.username, "password": "wrong"}
    right = wrong | {"password": lightbug.password}
    for body in (wrong, right):
        answer = await anonymous.post("/v2/users/login", json=body)
        assert answer.status == 401
        assert await answer.json() == {"code": 401, "message": "status unauthorized"}
        answer = await anonymous.post("/api/users/login", json=body)
        assert answer.status == 401
        assert (await answer.json())["error"] == {
            "statusCode": 401,
            "name": "Error",
            "message": "login failed",
            "code": "LOGIN_FAILED",
        }
        lightbug.block_login()
    lightbug.block_login(blocked=False)
    await login(anonymous, lightbug)
    assert lightbug.violations == []


async def test_personal_tokens(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """Personal tokens open both APIs and are listed, without their text."""
    web = lightbug.add_personal_token("one", ttl=600)
    plain = lightbug.add_personal_token("two", web=False)
    assert (web.count("."), plain.count(".")) == (2, 0)
    for token in (web, plain):
        assert await opens(anonymous, token) == [200, 200]
    answer = await anonymous.get(
        "/v2/users/personalAccessTokens",
        params={"_limit": 100},
        headers={"Authorization": web},
    )
    body = await answer.json()
    assert {k: body[k] for k in ("limit", "page", "total")} == {
        "limit": 100,
        "page": 1,
        "total": 2,
    }
    assert [set(one) for one in body["tokens"]] == [
        {"id", "created", "description", "expiresAt", "ttl"}
    ] * 2
    assert [one["description"] for one in body["tokens"]] == ["one", "two"]
    lightbug.clock.advance(601)
    assert await opens(anonymous, web) == [401, 401]
    assert lightbug.violations == []


async def test_unauthorized_bodies(
    lightbug: Lightbug, anonymous: ClientSession
) -> None:
    """Each API has its own 401; v1 tells an ended token from an unknown one."""
    token = lightbug.add_personal_token()
    for code in ("INVALID_TOKEN", "AUTHORIZATION_REQUIRED"):
        lightbug.expire_tokens()
        headers = {"Authorization": token}
        answer = await anonymous.get("/api/devices/2370001", headers=headers)
        assert (await answer.json())["error"]["code"] == code
        answer = await anonymous.get("/v2/devices?_limit=1", headers=headers)
        assert await answer.json() == {"code": 401, "message": "status unauthorized"}
        lightbug.revoke_tokens()
    assert lightbug.violations == []


@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer "])
async def test_raw_token_in_header(
    lightbug: Lightbug, anonymous: ClientSession, prefix: str
) -> None:
    """The header holds the raw token and nothing else."""
    token = lightbug.add_personal_token()
    expected = [401, 401] if prefix else [200, 200]
    assert await opens(anonymous, prefix + token) == expected
    assert len(lightbug.violations) == (2 if prefix else 0)


async def test_no_token(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """Everything but the logins and the refresh needs the header."""
    everything = [
        ("GET", "/api/users/4321/devices"),
        ("GET", "/api/users/4321/getDeviceSummary"),
        ("GET", "/api/users/4321/getRecentActivity"),
        ("GET", "/api/users/4321/geofences"),
        ("GET", "/api/devices/2370001"),
        ("GET", "/api/devices/2370001/config"),
        ("PUT", "/api/devices/2370001/config"),
        ("GET", "/api/devices/2370001/points"),
        ("GET", "/api/devices/2370001/readings"),
        ("GET", "/api/devices/2370001/flightMode"),
        ("GET", "/v2/devices"),
        ("GET", "/v2/users/4321/geofences"),
        ("GET", "/v2/users/personalAccessTokens"),
        ("POST", "/v2/users/logout"),
    ]
    for method, path in everything:
        assert (await anonymous.request(method, path)).status == 401
    assert lightbug.violations == [
        f"no Authorization: {method} {path}" for method, path in everything
    ]
    token = lightbug.add_personal_token()
    await anonymous.get(f"/v2/devices?_limit=1&access_token={token}")
    assert "a token in the query: /v2/devices" in lightbug.violations


async def test_wrong_content_type(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """v2 takes JSON, v1 JSON or a form."""
    body = {"username": lightbug.username, "password": lightbug.password}
    answer = await anonymous.post("/v2/users/login", data=body)
    assert answer.status == 400
    answer = await anonymous.post("/api/users/login", data=json.dumps(body))
    assert answer.status == 400
    assert len(lightbug.violations) == 2


async def test_other_user(lightbug: Lightbug, anonymous: ClientSession) -> None:
    """Another user's path is refused, as LoopBack does or with 401."""
    headers = {"Authorization": lightbug.add_personal_token()}
    codes: dict[Literal[401, 403], str]
    codes = {403: "ACCESS_DENIED", 401: "AUTHORIZATION_REQUIRED"}
    for status, code in codes.items():
        lightbug.foreign_status = status
        for path in ("devices", "getDeviceSummary", "getRecentActivity", "geofences"):
            answer = await anonymous.get(f"/api/users/1/{path}", headers=headers)
            assert answer.status == status
            assert (await answer.json())["error"]["code"] == code
    answer = await anonymous.get("/v2/users/1/geofences?_limit=9", headers=headers)
    assert answer.status == 404
    assert lightbug.violations == []
