"""The client against good and bad bridges, over real sockets."""

import asyncio
from collections.abc import AsyncGenerator
import json
from typing import Any

from aiohttp import ClientSession, TCPConnector
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.lantern.hue.client.bridge_parser import read_bridge
from custom_components.lantern.hue.client.errors import BridgeError, ButtonNotPressed
from custom_components.lantern.hue.client.http import Address, HueHttp, find
from custom_components.lantern.hue.client.models.device import Device
from custom_components.lantern.hue.client.models.group import Group
from custom_components.lantern.hue.client.models.house import House
from custom_components.lantern.hue.client.models.light import LightCommand
from custom_components.lantern.hue.client.registration import (
    deregister,
    get_config,
    get_introduction,
    register,
)
from custom_components.lantern.hue.client.v1 import V1Client
from custom_components.lantern.transport.certificate import certificate_sha256
from custom_components.lantern.transport.errors import (
    AuthError,
    BadAnswer,
    Refused,
    TimedOut,
    TransportError,
    Unreachable,
    Untrusted,
)
from custom_components.lantern.transport.rate_limit import RateLimit
from simulator.hue import HueBridge

from .conftest import (
    BRIDGE_ID,
    CONFIG,
    DEREGISTER,
    DEVICETYPE,
    GROUPS,
    INTRODUCTION,
    LIGHTS,
    PUT_LIGHT,
    REGISTER,
    SENSORS,
    Start,
    group_id,
    host_of,
    light_id,
)


@pytest.fixture
async def session() -> AsyncGenerator[ClientSession]:
    """Return a session that verifies nothing, as Home Assistant's."""
    async with ClientSession(connector=TCPConnector(ssl=False)) as unverified:
        yield unverified


@pytest.fixture
def api(hue: HueBridge, session: ClientSession) -> HueHttp:
    """Return a client that the bridge lets in."""
    return client(hue, session, hue.register(DEVICETYPE))


def client(bridge: HueBridge, session: ClientSession, key: str = "") -> HueHttp:
    """Return a client of a bridge."""
    address = Address(host_of(bridge), bridge.certificate_sha256)
    return HueHttp(session, address, key, RateLimit())


async def house_of(http: HueHttp) -> House:
    """Return what a bridge has."""
    return await V1Client(http).get_house(BRIDGE_ID)


def error(kind: Any, address: str = "/", description: str = "made up") -> str:
    """Return an error member."""
    return (
        f'{{"error": {{"type": {kind}, "address": "{address}",'
        f' "description": "{description}"}}}}'
    )


async def test_certificate(hue: HueBridge, make: Start, session: ClientSession) -> None:
    """Https with its certificate, plain http only where no TLS is spoken."""
    assert await find(session, host_of(hue), tls_only=False) == Address(
        host_of(hue), hue.certificate_sha256
    )
    # A handshake and not one byte more.
    assert hue.count() == 0
    plain = await make(model="BSB001")
    result = await find(session, host_of(plain), tls_only=False)
    assert (result.url, result.certificate) == (plain.url, None)
    with pytest.raises(Unreachable):
        await find(session, host_of(plain), tls_only=True)


@pytest.mark.parametrize("greeting", [b"", b"\x15\x03\x03\x00\x02\x02\x28"])
async def test_broken_handshake_is_no_reason_for_plain_http(
    session: ClientSession, greeting: bytes
) -> None:
    """Who cuts the connection or refuses our TLS is not asked in the clear."""

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(greeting)
        writer.close()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unreachable) as err:
        await find(session, f"127.0.0.1:{port}", tls_only=False)
    assert "127.0.0.1" not in str(err.value)
    server.close()
    await server.wait_closed()


async def test_silent_handshake(
    hass: HomeAssistant, session: ClientSession, freezer: FrozenDateTimeFactory
) -> None:
    """Who accepts the connection and says nothing is given up."""
    asked = asyncio.Event()

    async def nothing(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        asked.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    looking = asyncio.create_task(find(session, f"127.0.0.1:{port}", tls_only=False))
    await asked.wait()
    freezer.tick(11)
    async_fire_time_changed(hass)
    with pytest.raises(TimedOut):
        await looking
    server.close()
    await server.wait_closed()


async def test_no_certificate(make: Start, session: ClientSession) -> None:
    """Who is asked without TLS has none."""
    plain = await make(model="BSB001")
    with pytest.raises(Unreachable):
        await certificate_sha256(session, "certificate", f"{plain.url}/api/config")


async def test_no_address(session: ClientSession) -> None:
    """What cannot even be asked is unreachable."""
    with pytest.raises(Unreachable):
        await find(session, "127.0.0.1:99999", tls_only=False)


async def test_pinned(hue: HueBridge, session: ClientSession) -> None:
    """Another certificate than ours: nothing is sent."""
    address = Address(host_of(hue), "00" * 32)
    stranger = HueHttp(session, address, "a-key-nobody-sees", RateLimit())
    with pytest.raises(Untrusted):
        await house_of(stranger)
    assert hue.count() == 0


async def test_connections_are_reused(hue: HueBridge, session: ClientSession) -> None:
    """Another client of the same bridge takes over its connection."""
    key = hue.register(DEVICETYPE)
    for _ in range(3):
        await house_of(client(hue, session, key))
    assert len(session.connector._conns) == 1  # type: ignore[union-attr]  # noqa: SLF001  # there is no public count
    (connections,) = session.connector._conns.values()  # type: ignore[union-attr]  # noqa: SLF001
    assert len(connections) == 1


async def test_house(api: HueHttp) -> None:
    """Three requests make devices, rooms and zones."""
    house = await house_of(api)
    lamp = house.devices[light_id(8)]
    assert isinstance(lamp, Device)
    assert lamp.light_keys == ("light", "light_0c")
    assert lamp.metadata.name == "Headboard"
    sensor = house.devices["hue:00:17:88:01:00:00:00:a1"]
    assert isinstance(sensor, Device)
    assert (sensor.metadata.name, sensor.battery) == ("Hall sensor", 100)
    assert sensor.measures["temperature"] == 21.46
    room = house.groups[group_id(1)]
    assert isinstance(room, Group)
    assert room.lights == ("1", "2", "3", "4")
    assert room.can.kelvin == (2000, 1e6 / 153)


FAULTS: list[tuple[dict[str, Any], type[TransportError]]] = [
    ({"kind": "html"}, BadAnswer),
    ({"kind": "empty"}, BadAnswer),
    ({"kind": "nulls"}, BadAnswer),
    ({"kind": "wrong_types"}, BadAnswer),
    ({"kind": "body", "body": "[]"}, BadAnswer),
    ({"kind": "body", "body": "7"}, BadAnswer),
    ({"kind": "body", "body": "[" * 100_000}, BadAnswer),
    ({"kind": "huge", "size": 9 * 1024 * 1024}, BadAnswer),
    ({"kind": "bomb", "size": 200 * 1024 * 1024}, BadAnswer),
    ({"kind": "redirect", "body": "http://127.0.0.1:1/"}, BadAnswer),
    ({"kind": "truncated"}, Unreachable),
    ({"kind": "reset", "times": 2}, Unreachable),
    ({"kind": "status", "status": 500}, Unreachable),
    ({"kind": "status", "status": 404}, Refused),
    ({"kind": "status", "status": 403}, AuthError),
    ({"kind": "status", "status": 401}, AuthError),
    ({"kind": "body", "body": f"[{error(1)}]"}, AuthError),
    ({"kind": "body", "body": f"[{error(3)}, {error(1)}]"}, AuthError),
    ({"kind": "body", "body": f"[{error(3)}]"}, BridgeError),
    ({"kind": "body", "body": '[{"error": {"type": null}}]'}, BridgeError),
    ({"kind": "status", "status": 400, "body": f"[{error(7)}]"}, BridgeError),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS)
@pytest.mark.parametrize("route", [LIGHTS, GROUPS, SENSORS])
async def test_bad_answers(
    hue: HueBridge,
    api: HueHttp,
    route: str,
    fault: dict[str, Any],
    expected: type[TransportError],
) -> None:
    """Each fault has its name, and the next answer is good again."""
    v1 = V1Client(api)
    assert await v1.get_house(BRIDGE_ID)
    hue.inject(route, **fault)
    with pytest.raises(expected) as err:
        await v1.get_house(BRIDGE_ID)
    assert type(err.value) is expected
    assert "127.0.0.1" not in str(err.value)
    assert await v1.get_house(BRIDGE_ID)


@pytest.mark.parametrize("fault", ["extra", "drip"])
async def test_strange_but_good_answers(
    hue: HueBridge, api: HueHttp, fault: str
) -> None:
    """Unknown fields and slow bridges do no harm."""
    good = await house_of(api)
    hue.inject("*", fault, times=3)
    assert await house_of(api) == good


async def test_lists_in_the_place_of_names(hue: HueBridge, api: HueHttp) -> None:
    """A lamp's update or a room's type that is no name is an unknown one."""
    lamp = {"name": "Lamp", "type": "Dimmable light", "swupdate": {"state": ["?"]}}
    room = {"name": "Room", "type": [], "lights": ["1"]}
    hue.inject(LIGHTS, "body", body=json.dumps({"1": lamp}))
    hue.inject(GROUPS, "body", body=json.dumps({"1": room}))
    house = await house_of(api)
    device = house.devices[f"hue:{BRIDGE_ID}:light:1"]
    assert device.update_available is None
    assert house.groups == {}


async def test_slow_bridge(
    hass: HomeAssistant, hue: HueBridge, api: HueHttp, freezer: FrozenDateTimeFactory
) -> None:
    """An answer has ten seconds."""
    hue.inject(LIGHTS, "latency", seconds=20)
    asking = asyncio.create_task(house_of(api))
    while hue.faults[0].times:
        await asyncio.sleep(0)
    freezer.tick(11)
    async_fire_time_changed(hass)
    with pytest.raises(TimedOut):
        await asking
    freezer.tick(20)
    async_fire_time_changed(hass)


async def test_two_at_once(
    hass: HomeAssistant, hue: HueBridge, api: HueHttp, freezer: FrozenDateTimeFactory
) -> None:
    """However many ask, a bridge has two requests of ours at a time."""
    hue.inject(CONFIG, "latency", times=5, seconds=1)
    asking = [asyncio.create_task(get_config(api)) for _ in range(5)]
    for left in (3, 1, 0):
        for _ in range(500):
            await asyncio.sleep(0)
        assert hue.faults[0].times == left
        freezer.tick(1)
        async_fire_time_changed(hass)
    await asyncio.gather(*asking)


async def test_registration(hue: HueBridge, session: ClientSession) -> None:
    """101 until the button is pressed; then a key of the bridge's own making."""
    api = client(hue, session)
    with pytest.raises(ButtonNotPressed) as err:
        await register(api, DEVICETYPE, None)
    assert err.value.code == 101
    hue.clock.advance(1)
    hue.press_link_button()
    hue.whitelist.next_username = "k" * 40
    assert await register(api, DEVICETYPE, None) == "k" * 40
    with pytest.raises(BridgeError) as wrong:
        await register(api, DEVICETYPE, "burgestrand")
    assert (wrong.value.code, wrong.value.address) == (6, "/username")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ([error(7, "/username"), error(2)], 7),
        ([error(7, "/username"), error(101)], 101),
        ([error("null"), error(2)], 0),
        (["7", error(2)], 2),
    ],
)
async def test_registration_refused(
    hue: HueBridge, session: ClientSession, members: list[str], code: int
) -> None:
    """Without a success: the button first, else the first error."""
    hue.inject(REGISTER, "body", body=f"[{', '.join(members)}]")
    with pytest.raises(BridgeError) as err:
        await register(client(hue, session), DEVICETYPE, None)
    assert err.value.code == code
    assert isinstance(err.value, ButtonNotPressed) is (code == 101)


@pytest.mark.parametrize(
    "body",
    ['[{"success": {}}]', '[{"success": {"username": ""}}]', "[null]", "{}", "x"],
)
async def test_registration_makes_no_sense(
    hue: HueBridge, session: ClientSession, body: str
) -> None:
    """Neither a key nor an error."""
    hue.inject(REGISTER, "body", body=body)
    with pytest.raises(BadAnswer):
        await register(client(hue, session), DEVICETYPE, None)


async def test_success_wins(hue: HueBridge, session: ClientSession) -> None:
    """Wherever it stands in the array, and whatever it is made of."""
    hue.inject(
        REGISTER,
        "body",
        body=f'[{error(101)}, {error(7)}, {{"success": {{"username": "a/b c"}}}}]',
    )
    key = await register(client(hue, session), DEVICETYPE, "burgestrand")
    assert key == "a/b c"
    # Such a key stays one part of the path.
    with pytest.raises(AuthError):
        await house_of(client(hue, session, key))
    assert hue.requests[-1].key == LIGHTS


async def test_command_outcome(hue: HueBridge, api: HueHttp) -> None:
    """What was taken and what was refused, by parameter."""
    hue.set_light("1", on=False)
    light = (await V1Client(api).get_lights())["1"]
    outcome = await V1Client(api).set_light(light, LightCommand(brightness=5 / 254))
    assert outcome.taken == {}
    assert [(refusal.code, refusal.address) for refusal in outcome.refused] == [
        (201, "/lights/1/state/bri")
    ]


@pytest.mark.parametrize(
    "body", ["{}", '"done"', "", '[{"success": "/lights/1 done"}, {"error": 7}, 7]']
)
async def test_command_answers_of_no_use(
    hue: HueBridge, api: HueHttp, body: str
) -> None:
    """An array without anything in it took nothing; anything else is no answer."""
    hue.inject(PUT_LIGHT, "body", body=body)
    v1, command = V1Client(api), LightCommand(on=True)
    light = (await v1.get_lights())["1"]
    if body.startswith("["):
        assert (await v1.set_light(light, command)).taken == {}
    else:
        with pytest.raises(BadAnswer):
            await v1.set_light(light, command)


async def test_deregistration(make: Start, session: ClientSession) -> None:
    """An old bridge lets us; a key that it does not have is an error."""
    bridge = await make(modern=False)
    key = bridge.register(DEVICETYPE)
    api = client(bridge, session, key)
    with pytest.raises(BridgeError) as err:
        await deregister(api, "not-there")
    assert err.value.code == 3
    assert "not-there" not in str(err.value)
    await deregister(api, key)
    assert key not in bridge.whitelist.entries
    assert bridge.count(DEREGISTER) == 2


async def test_deregistration_today(hue: HueBridge, api: HueHttp) -> None:
    """Today's bridges answer as if they did not know us."""
    with pytest.raises(AuthError):
        await deregister(api, "not-there")


async def test_introduction(hue: HueBridge, session: ClientSession) -> None:
    """It needs no key; what is no bridge's config is no answer."""
    api = client(hue, session, "secret")
    bridge = await get_introduction(api)
    assert bridge.identities == (BRIDGE_ID, "0017880a0b0c")
    assert bridge.applications is None
    assert hue.foreign_keys == 0
    hue.inject(INTRODUCTION, "body", body='{"name": "a printer"}')
    with pytest.raises(BadAnswer):
        await get_introduction(api)


@pytest.mark.parametrize(
    ("answer", "identities"),
    [
        ({"bridgeid": "001788FFFE0A0B0C"}, (BRIDGE_ID,)),
        ({"bridgeid": "12", "mac": "00-17-88-0A-0B-0C"}, ("0017880a0b0c",)),
        ({"bridgeid": None, "mac": "nonsense"}, ()),
        ({"bridgeid": 7, "mac": 7}, ()),
        ({}, ()),
    ],
)
def test_identities(answer: dict[str, Any], identities: tuple[str, ...]) -> None:
    """A bridge id is 16 hex digits; without one the MAC counts."""
    assert read_bridge(answer).identities == identities


@pytest.mark.parametrize(
    ("whitelist", "applications", "newest"),
    [
        ({}, 0, None),
        ({"k": {}}, 1, None),
        ({"k": None, "l": {"create date": "1970-01-01T00:00:45"}}, 2, 1970),
        (
            {
                "k": {"create date": "2012-11-06T20:43:34"},
                "l": {"create date": "0000-00-00T00:00:00"},
            },
            2,
            2012,
        ),
        ([], None, None),
    ],
)
def test_whitelist(whitelist: Any, applications: int | None, newest: Any) -> None:
    """Applications are counted, and the newest one is dated."""
    bridge = read_bridge({"whitelist": whitelist})
    assert bridge.applications == applications
    registration = bridge.last_registration
    assert (registration.year if registration else None) == newest
