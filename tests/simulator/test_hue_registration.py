"""Registration at the simulated bridge: the documented samples and today's firmware."""

from http import HTTPStatus
import re

import pytest

from simulator.hue import HueBridge

NOT_PRESSED = {"type": 101, "address": "", "description": "link button not pressed"}
NO_USERNAME = {
    "type": 6,
    "address": "/username",
    "description": "parameter, username, not available",
}
UNAUTHORISED = {
    "type": 1,
    "address": "/config/whitelist",
    "description": "unauthorized user",
}


def invalid_username(value):
    """Return the documented error for a username."""
    return {
        "type": 7,
        "address": "/username",
        "description": f"invalid value, {value}, for parameter, username",
    }


@pytest.fixture
async def old(hue_bridge):
    """Return a bridge that registers as documented in 2013."""
    return await hue_bridge(modern=False)


@pytest.fixture
async def modern(hue_bridge):
    """Return a bridge with today's firmware."""
    return await hue_bridge()


async def test_documented_success(old):
    """The wished username is granted."""
    old.bridge.press_link_button()
    body = {"username": "burgestrand", "devicetype": "Ruhue API Client"}
    status, answer = await old("POST", "/api", json=body)
    assert status == HTTPStatus.OK
    assert answer == [{"success": {"username": "burgestrand"}}]
    entry = old.bridge.whitelist.entries["burgestrand"]
    assert entry["name"] == "Ruhue API Client"
    assert list(entry) == ["last use date", "create date", "name"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", entry["create date"])
    assert old.bridge.violations == []


async def test_documented_username_with_space(old):
    """An error and a success in one array: the username is a generated one."""
    old.bridge.press_link_button()
    old.bridge.whitelist.next_username = "508ed817c37c378e20ab523f25c4b"
    body = {"username": "kim burgestrand", "devicetype": "Ruhue API Client"}
    assert await old("POST", "/api", json=body) == (
        HTTPStatus.OK,
        [
            {"error": invalid_username("kim burgestrand")},
            {"success": {"username": "508ed817c37c378e20ab523f25c4b"}},
        ],
    )
    assert "508ed817c37c378e20ab523f25c4b" in old.bridge.whitelist.entries


async def test_documented_button_not_pressed(old):
    """Nobody registers without the button."""
    body = {"username": "burgestrand", "devicetype": "Ruhue API Client"}
    assert await old("POST", "/api", json=body) == (
        HTTPStatus.OK,
        [{"error": NOT_PRESSED}],
    )
    assert "burgestrand" not in old.bridge.whitelist.entries


async def test_documented_invalid_username_and_empty_devicetype(old):
    """Two errors and no success."""
    old.bridge.press_link_button()
    before = dict(old.bridge.whitelist.entries)
    body = {"username": "burges", "devicetype": ""}
    assert await old("POST", "/api", json=body) == (
        HTTPStatus.OK,
        [
            {"error": invalid_username("burges")},
            {
                "error": {
                    "type": 2,
                    "address": "/",
                    "description": "body contains invalid json",
                }
            },
        ],
    )
    assert old.bridge.whitelist.entries == before


@pytest.mark.parametrize(
    ("username", "granted"),
    [
        ("a" * 9, False),
        ("a" * 10, True),
        ("Z9" * 20, True),
        ("a" * 41, False),
        ("a-long-username", False),
        ("älteresHaus", False),
        (12345678901, False),
    ],
)
async def test_usernames(old, username, granted):
    """10 to 40 digits and letters, the documents say."""
    old.bridge.press_link_button()
    body = {"username": username, "devicetype": "app"}
    _, answer = await old("POST", "/api", json=body)
    key = answer[-1]["success"]["username"]
    assert (key == username) is granted
    assert len(answer) == (1 if granted else 2)


@pytest.mark.parametrize("modern", [True, False])
@pytest.mark.parametrize(
    ("devicetype", "granted"),
    [("a", True), ("é" * 20, True), ("é" * 20 + "x", False), ("a" * 41, False)],
)
async def test_devicetypes_are_counted_in_bytes(
    hue_bridge, modern, devicetype, granted
):
    """1 to 40 bytes, the documents say."""
    call = await hue_bridge(modern=modern)
    call.bridge.press_link_button()
    _, answer = await call("POST", "/api", json={"devicetype": devicetype})
    assert ("success" in answer[0]) is granted
    if not granted:
        assert answer[0]["error"]["type"] == 7
        assert answer[0]["error"]["address"] == "/devicetype"


async def test_same_username_with_another_devicetype(old):
    """The documents allow it; the entry carries the newer devicetype."""
    old.bridge.press_link_button()
    for devicetype in ("first", "second"):
        body = {"username": "burgestrand", "devicetype": devicetype}
        _, answer = await old("POST", "/api", json=body)
        assert answer == [{"success": {"username": "burgestrand"}}]
    assert old.bridge.whitelist.entries["burgestrand"]["name"] == "second"


async def test_modern_success(modern):
    """The key is generated: 40 letters, digits and dashes."""
    modern.bridge.press_link_button()
    body = {"devicetype": "lantern#home assistant", "generateclientkey": True}
    _, answer = await modern("POST", "/api", json=body)
    assert re.fullmatch(r"[A-Za-z0-9-]{40}", answer[0]["success"]["username"])
    assert re.fullmatch(r"[0-9A-F]{32}", answer[0]["success"]["clientkey"])
    _, answer = await modern("POST", "/api", json={"devicetype": "other"})
    assert list(answer[0]["success"]) == ["username"]


async def test_modern_takes_no_username(modern):
    """Type 6 and no success, whatever the button says."""
    modern.bridge.press_link_button()
    body = {"username": "burgestrand", "devicetype": "app"}
    assert await modern("POST", "/api", json=body) == (
        HTTPStatus.OK,
        [{"error": NO_USERNAME}],
    )
    _, answer = await modern("POST", "/api", json={"devicetype": "app"})
    assert "success" in answer[0]
    assert modern.bridge.violations == []


@pytest.mark.parametrize(
    ("body", "kind", "address"),
    [
        ({}, 5, "/"),
        ({"devicetype": ""}, 7, "/devicetype"),
        ({"devicetype": 3}, 7, "/devicetype"),
        ({"devicetype": "a", "colour": 1}, 6, "/colour"),
    ],
)
async def test_modern_errors(modern, body, kind, address):
    """Each wrong body has its error."""
    modern.bridge.press_link_button()
    _, answer = await modern("POST", "/api", json=body)
    assert [(one["error"]["type"], one["error"]["address"]) for one in answer] == [
        (kind, address)
    ]


async def test_button_is_good_for_30_seconds(modern):
    """Before and after that, type 101."""
    body = {"devicetype": "app"}
    modern.bridge.press_link_button()
    modern.bridge.clock.advance(29)
    _, config = await modern("GET", f"/api/{modern.key}/config")
    assert config["linkbutton"] is True
    _, answer = await modern("POST", "/api", json=body)
    assert "success" in answer[0]
    modern.bridge.clock.advance(2)
    assert (await modern("POST", "/api", json=body))[1] == [{"error": NOT_PRESSED}]
    _, config = await modern("GET", f"/api/{modern.key}/config")
    assert config["linkbutton"] is False


async def test_tries_faster_than_one_a_second(modern):
    """Once a second is allowed while the button is not pressed; faster is not."""
    for _ in range(3):
        await modern("POST", "/api", json={"devicetype": "app"})
        modern.bridge.clock.advance(1)
    assert modern.bridge.violations == []
    await modern("POST", "/api", json={"devicetype": "app"})
    await modern("POST", "/api", json={"devicetype": "app"})
    assert len(modern.bridge.violations) == 1


async def test_body_that_is_no_json(modern):
    """Type 2, and the contract says JSON."""
    _, answer = await modern("POST", "/api", data=b"devicetype=app")
    assert answer[0]["error"]["type"] == 2
    assert modern.bridge.violations == ["no JSON object: POST /api"]


async def test_old_deregistration(old):
    """The whitelist's entry is deleted, and its key is no stranger's."""
    old.bridge.whitelist.add("burgestrand", "app", "2012-11-06T21:35:35")
    path = f"/api/{old.key}/config/whitelist"
    assert (await old("DELETE", f"{path}/burgestrand"))[1] == [
        {"success": "/config/whitelist/burgestrand deleted"}
    ]
    _, answer = await old("DELETE", f"{path}/burgestrand")
    assert answer[0]["error"]["type"] == 3
    _, answer = await old("GET", "/api/burgestrand/lights")
    assert answer[0]["error"]["type"] == 1
    assert old.bridge.foreign_keys == 0


async def test_modern_deregistration(modern):
    """Since API 1.31 nobody deregisters over the API."""
    path = f"/api/{modern.key}/config/whitelist/{modern.key}"
    assert (await modern("DELETE", path))[1] == [{"error": UNAUTHORISED}]
    assert modern.key in modern.bridge.whitelist.entries


@pytest.mark.parametrize("modern", [True, False])
async def test_pressing_over_the_api(hue_bridge, modern):
    """Only firmware before API 1.31 lets applications press the button."""
    call = await hue_bridge(modern=modern)
    _, answer = await call("PUT", f"/api/{call.key}/config", json={"linkbutton": True})
    assert call.bridge.pressed is not modern
    if modern:
        assert answer[0]["error"]["type"] == 8
    else:
        assert answer == [{"success": {"/config/linkbutton": True}}]


async def test_others_come_and_go(modern):
    """Somebody else registers and deregisters; a factory reset forgets all."""
    bridge = modern.bridge
    key = bridge.register("Wall tablet")
    _, config = await modern("GET", f"/api/{modern.key}/config")
    assert config["whitelist"][key]["name"] == "Wall tablet"
    bridge.deregister("Wall tablet")
    assert key not in bridge.whitelist.entries
    with pytest.raises(KeyError):
        bridge.deregister("Wall tablet")
    bridge.revoke()
    _, answer = await modern("GET", f"/api/{modern.key}/lights")
    assert answer == [
        {
            "error": {
                "type": 1,
                "address": "/lights",
                "description": "unauthorized user",
            }
        }
    ]


async def test_another_bridges_key_is_noticed(hue_bridge):
    """No bridge may see a key that another one gave."""
    first = await hue_bridge()
    second = await hue_bridge(bridge_id="001788fffe0d0e0f")
    await second("GET", "/api/config")
    await second("GET", "/api/nouser/config")
    assert second.bridge.foreign_keys == 0
    await second("GET", f"/api/{first.key}/config")
    await second("GET", f"/api/{first.key}/lights")
    headers = {"hue-application-key": first.key}
    await second("GET", "/clip/v2/resource/button", headers=headers)
    assert second.bridge.foreign_keys == 3
    assert first.bridge.foreign_keys == 0


async def test_last_use_date(modern):
    """Each request with the key moves its last use on."""
    entry = modern.bridge.whitelist.entries[modern.key]
    created = entry["create date"]
    modern.bridge.clock.advance(3600)
    await modern("GET", f"/api/{modern.key}/lights")
    assert entry["create date"] == created
    assert entry["last use date"] > created


async def test_log_masks_keys(modern):
    """The request log holds no key, and no wished username."""
    key = modern.key
    await modern("GET", f"/api/{key}/lights/1")
    await modern("GET", f"/api/{key}/nothing")
    await modern("DELETE", f"/api/{key}/config/whitelist/{key}")
    await modern("POST", "/api", json={"devicetype": "a", "username": "burgestrand"})
    text = str(modern.bridge.log()) + str(modern.bridge.violations)
    assert key not in text
    assert "burgestrand" not in text


def test_old_models():
    """A round bridge is neither https nor modern."""
    bridge = HueBridge(model="BSB001")
    assert (bridge.https, bridge.modern, bridge.clip_v2) == (False, False, False)
    assert bridge.certificate_sha256 is None
    assert bridge.config["apiversion"] == "1.16.0"
