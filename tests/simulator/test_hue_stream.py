"""The simulated bridge's event stream, its v2 buttons and its certificate."""

import asyncio
from contextlib import asynccontextmanager
import hashlib
from http import HTTPStatus
import json
import ssl

from aiohttp import ClientError, ClientSession, ClientTimeout, Fingerprint
from cryptography import x509
from cryptography.x509.oid import NameOID
import pytest

STREAM = "/eventstream/clip/v2"
BUTTON = "/clip/v2/resource/button"


@pytest.fixture
async def call(hue_bridge):
    """Return a caller of a square bridge; nothing may be forbidden."""
    caller = await hue_bridge()
    yield caller
    assert caller.bridge.violations == []


@asynccontextmanager
async def listening(call, **headers):
    """Open the stream; give what reads the next message's items."""
    headers |= {"hue-application-key": call.key, "Accept": "text/event-stream"}
    url = call.bridge.url + STREAM
    timeout = ClientTimeout(total=10)
    async with call.session.get(url, headers=headers, timeout=timeout) as response:
        assert response.status == HTTPStatus.OK
        assert response.content_type == "text/event-stream"
        assert await response.content.readuntil(b"\n\n") == b": hi\n\n"

        async def message():
            text = (await response.content.readuntil(b"\n\n")).decode()
            identifier, data = text.strip().split("\n")
            containers = json.loads(data.removeprefix("data: "))
            assert all(
                container["creationtime"].endswith("Z") for container in containers
            )
            items = [item for container in containers for item in container["data"]]
            return identifier.removeprefix("id: "), containers[0] | {"data": items}

        yield message


def changed_resources(message):
    """Return (type, id_v1) of a message's items that v1 knows."""
    return [
        (item["type"], item["id_v1"])
        for item in message[1]["data"]
        if item.get("id_v1")
    ]


async def test_lamp(call):
    """A switched lamp is told, with the groups it is in."""
    async with listening(call) as message:
        call.bridge.set_light("2", on=True, bri=127)
        _, update = await message()
        assert update["type"] == "update"
        light = update["data"][0]
        assert light["id_v1"] == "/lights/2"
        assert light["type"] == "light"
        assert light["on"] == {"on": True}
        assert light["dimming"] == {"brightness": 49.8}
        assert "color" not in light
        assert light["owner"]["rtype"] == "device"
        call.bridge.set_group("1", on=False)
        off = await message()
        assert {("light", f"/lights/{n}") for n in "1234"} <= set(
            changed_resources(off)
        )
        assert ("grouped_light", "/groups/1") in changed_resources(off)
        assert ("grouped_light", "/groups/4") not in changed_resources(off)
        call.bridge.set_light("1", reachable=False)
        assert changed_resources(await message()) == [
            ("zigbee_connectivity", "/lights/1")
        ]
        call.bridge.set_light("1", reachable=False)  # changes nothing
        call.bridge.set_light("1", on=True, xy=[0.2, 0.2])
        light = (await message())[1]["data"][0]
        assert light["color"] == {"xy": {"x": 0.2, "y": 0.2}}
        assert light["color_temperature"] == {"mirek": None, "mirek_valid": False}


async def test_own_command(call):
    """What the client itself commanded is told as well."""
    async with listening(call) as message:
        await call.v1("PUT", "/lights/4/state", json={"on": False})
        assert ("light", "/lights/4") in changed_resources(await message())
        body = {"scene": "Rlx4VaVgQzTWlgy"}
        await call.v1("PUT", "/groups/1/action", json=body)
        recalled = changed_resources(await message())
        assert ("light", "/lights/2") in recalled
        assert ("scene", "/scenes/Rlx4VaVgQzTWlgy") in recalled
        await call.v1("PUT", "/sensors/2/config", json={"on": False, "sensitivity": 1})
        items = (await message())[1]["data"]
        assert items[0]["enabled"] is False
        assert items[0]["sensitivity"]["sensitivity"] == 1


async def test_sensors(call):
    """Measures, battery and reachability; software sensors are not in v2."""
    bridge = call.bridge
    async with listening(call) as message:
        bridge.set_sensor("2", {"presence": True}, {"battery": 40, "reachable": False})
        first = await message()
        assert changed_resources(first) == [
            ("motion", "/sensors/2"),
            ("device_power", "/sensors/2"),
            ("zigbee_connectivity", "/sensors/2"),
        ]
        assert first[1]["data"][0]["motion"]["motion_report"]["motion"] is True
        bridge.set_sensor("3", {"lightlevel": 20000})
        light = (await message())[1]["data"][0]["light"]
        assert light["light_level"] == 20000
        bridge.set_sensor("9", {"open": True})
        bridge.set_sensor("1", {"daylight": False})
        bridge.set_sensor("4", {"temperature": 1999})
        temperature = (await message())[1]["data"][0]
        assert temperature["temperature"]["temperature"] == 19.99


async def test_button_and_dial(call):
    """All buttons of a device name the same id_v1; their v2 id tells which."""
    bridge = call.bridge
    headers = {"hue-application-key": call.key}
    _, answer = await call("GET", BUTTON, headers=headers)
    assert answer["errors"] == []
    buttons = {item["id"]: item for item in answer["data"]}
    assert [item["id_v1"] for item in answer["data"]] == [
        f"/sensors/{n}" for n in "567" for _ in range(4)
    ]
    first = answer["data"][0]
    assert first["button"]["button_report"]["event"] == "short_release"
    assert first["button"]["event_values"][0] == "initial_press"
    assert "button_report" not in answer["data"][4]["button"]
    async with listening(call) as message:
        for sensor, button, event in (
            ("5", 3, "initial_press"),
            ("5", 3, "repeat"),
            ("6", 2, "initial_press"),
            ("7", 4, "short_release"),
        ):
            bridge.press_button(sensor, button, event)
            (item,) = (await message())[1]["data"]
            assert item["type"] == "button"
            assert item["id_v1"] == f"/sensors/{sensor}"
            assert item["button"]["button_report"]["event"] == event
            assert item["button"]["button_report"]["updated"].endswith("Z")
            assert buttons[item["id"]]["metadata"] == {"control_id": button}
        bridge.turn_dial("8", 45, "counter_clock_wise")
        (item,) = (await message())[1]["data"]
        report = item["relative_rotary"]["rotary_report"]
        assert (item["type"], item["id_v1"]) == ("relative_rotary", "/sensors/8")
        assert report["action"] == "start"
        assert report["rotation"] == {
            "direction": "counter_clock_wise",
            "steps": 45,
            "duration": 400,
        }
    _, answer = await call("GET", BUTTON, headers=headers)
    assert answer["data"][2]["button"]["button_report"]["event"] == "repeat"
    _, answer = await call("GET", "/clip/v2/resource/relative_rotary", headers=headers)
    assert answer["data"][0]["relative_rotary"]["rotary_report"] == report


async def test_coming_and_going(call):
    """Added and removed resources are told by type of message."""
    bridge = call.bridge
    async with listening(call) as message:
        number = bridge.add_light()
        _, added = await message()
        assert (added["type"], added["data"][0]["id_v1"]) == (
            "add",
            f"/lights/{number}",
        )
        bridge.remove_light(number)
        _, removed = await message()
        assert removed["type"] == "delete"
        assert removed["data"][0]["id"] == added["data"][0]["id"]
        bridge.change("lights", "1", name="Other")
        renamed = (await message())[1]["data"][0]
        assert renamed["metadata"]["name"] == "Other"
        bridge.change("groups", "1", name="Lounge")
        assert changed_resources(await message()) == [("room", "/groups/1")]
        bridge.change("scenes", "Rlx4VaVgQzTWlgy", name="Calm")
        assert changed_resources(await message()) == [
            ("scene", "/scenes/Rlx4VaVgQzTWlgy")
        ]
        bridge.change("sensors", "5", name="Switch")
        assert changed_resources(await message()) == [("device", "/sensors/5")]


async def test_resume(call):
    """Last-event-id brings what was missed."""
    async with listening(call) as message:
        call.bridge.set_light("2", on=True)
        last, _ = await message()
    call.bridge.set_light("2", on=False)
    call.bridge.set_light("2", on=True)
    async with listening(call, **{"last-event-id": last}) as message:
        for on in (False, True):
            assert (await message())[1]["data"][0]["on"] == {"on": on}


async def test_accept_is_demanded(hue_bridge):
    """The contract names the header."""
    call = await hue_bridge()
    headers = {"hue-application-key": call.key}
    async with call.session.get(call.bridge.url + STREAM, headers=headers):
        pass
    assert len(call.bridge.violations) == 1


async def test_streams_do_not_count_as_requests(call):
    """Three requests beside a stream are served; the stream is counted apart."""
    call.bridge.answer_seconds = 0.1
    async with listening(call):
        assert (len(call.bridge.streams), call.bridge.streams.opened) == (1, 1)
        path = f"/api/{call.key}/lights"
        answers = await asyncio.gather(*(call("GET", path) for _ in range(3)))
        assert {status for status, _ in answers} == {HTTPStatus.OK}
    async with asyncio.timeout(5):
        while len(call.bridge.streams):
            await asyncio.sleep(0.05)


async def test_ends_of_a_stream(call):
    """A cut, and the bridge's own end."""
    async with listening(call) as message:
        call.bridge.send_stream("id: 1:0\ndata: [{}]\n\n")
        with pytest.raises(KeyError):
            await message()
        call.bridge.drop_streams()
        with pytest.raises((ClientError, asyncio.IncompleteReadError)):
            await message()
    async with listening(call) as message:
        await call.bridge.stop()
        with pytest.raises((ClientError, ValueError)):
            await message()
    await call.bridge.start()
    async with listening(call) as message:
        call.bridge.set_light("2", on=True)
        assert (await message())[0]


async def shown_certificate(bridge):
    """Return the DER form of the certificate that a new connection is shown."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", bridge.port, ssl=context)
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return der


async def test_certificate(call):
    """Self-signed, EC, CN = the bridge id; a new one is shown at once."""
    der = await shown_certificate(call.bridge)
    first = call.bridge.certificate_sha256
    assert hashlib.sha256(der).hexdigest() == first
    certificate = x509.load_der_x509_certificate(der)
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "001788fffe0a0b0c"
    assert certificate.issuer == certificate.subject
    second = call.bridge.new_certificate()
    assert second != first
    der = await shown_certificate(call.bridge)
    assert hashlib.sha256(der).hexdigest() == second
    async with ClientSession() as session:
        url = f"{call.bridge.url}/api/config"
        async with session.get(url, ssl=Fingerprint(bytes.fromhex(second))) as answer:
            assert answer.status == HTTPStatus.OK
    async with ClientSession() as session:
        with pytest.raises(ClientError):
            await session.get(url, ssl=Fingerprint(bytes.fromhex(first)))
