"""Round, square and Pro bridges, and a Pro that took over a square bridge's house."""

from aiohttp import ClientSession
import pytest

from simulator.clock import Clock
from simulator.control import Control
from simulator.hue import HueBridge, full_house, take_over
from tests.simulator.conftest import HueCaller

from .conftest import RESOURCE, V2Caller
from .test_contract import judge


async def test_round(hue_bridge):
    """A round bridge has no API v2, with or without a key."""
    call = await hue_bridge(model="BSB001", house=full_house())
    for headers in ({}, {"hue-application-key": call.key}):
        for path in (RESOURCE, f"{RESOURCE}/light", "/eventstream/clip/v2"):
            status, text = await call("GET", path, headers=headers)
            assert status == 404
            assert "<html>" in text


@pytest.mark.parametrize(
    ("model", "archetype", "id_v1"),
    [("BSB002", "bridge_v2", ""), ("BSB003", "bridge_v3", None)],
)
async def test_bridge(start_v2, model, archetype, id_v1):
    """The bridge is a device of its own; only a square one's has an empty v1 id."""
    v2 = await start_v2(model=model)
    device = v2.bridge.v2("/bridge#device")
    assert device["product_data"]["model_id"] == model
    assert device["metadata"]["archetype"] == archetype
    assert device.get("id_v1") == id_v1
    bridge = v2.bridge.v2("/bridge#bridge")
    assert bridge["bridge_id"] == v2.bridge.bridge_id
    assert "import" not in bridge
    zigbee = v2.bridge.v2("/bridge#zigbee_connectivity")
    assert zigbee["channel"] == {"status": "set", "value": "channel_25"}


async def test_several_lamps_of_a_device(v2):
    """One device with numbered lamps, or two with one address, as their maker is."""
    shown = list((await v2.everything()).values())
    lamps = {
        resource["id_v1"]: resource for resource in shown if resource["type"] == "light"
    }
    assert lamps["/lights/8"]["owner"] == lamps["/lights/9"]["owner"]
    assert [lamps[f"/lights/{n}"]["service_id"] for n in (8, 9)] == [1, 2]
    assert [lamps[f"/lights/{n}"]["metadata"]["name"] for n in (8, 9)] == [
        "Headboard",
        "Headboard low",
    ]
    channels = [
        resource
        for resource in shown
        if resource["type"] == "zigbee_connectivity"
        and resource["mac_address"] == "00:17:88:01:00:00:00:12"
    ]
    assert len({channel["owner"]["rid"] for channel in channels}) == 2


@pytest.mark.parametrize("renumber", [0, 100])
async def test_take_over(start_v2, renumber):
    """A Pro has the old bridge's keys, ids, names and rooms, and says whose."""
    old = await start_v2(model="BSB002")
    old.bridge.set_contact("back-door", is_open=True)
    pro = take_over(old.bridge, renumber=renumber)
    await pro.start()
    try:
        call = HueCaller(pro, old.call.session)
        call.key = old.call.key  # the old key opens the new bridge
        new = V2Caller(call)
        before, after = await old.everything(), await new.everything()
        apart = {"bridge", "device", "zigbee_connectivity", "clip"}
        gone = {rid for rid in before if rid not in after}
        assert gone == set()
        for rid, resource in before.items():
            if resource["type"] not in apart | {"bridge_home"} and not renumber:
                assert after[rid] == resource
            for part in ("metadata", "type", "mac_address"):
                if resource["type"] not in ("zigbee_connectivity", "device"):
                    assert after[rid].get(part) == resource.get(part)
        judge({"errors": [], "data": list(after.values())})
        lights = await call.v1("GET", "/lights")
        assert set(lights) == {
            str(int(number) + renumber)
            for number in await old.call.v1("GET", "/lights")
        }
        bridge = pro.v2("/bridge#bridge")
        assert bridge["bridge_id"] == "c42996fffe0a0b0c"
        assert bridge["import"]["origin"] == old.bridge.bridge_id
        _, config = await call("GET", "/api/config")
        assert config["replacesbridgeid"] == old.bridge.bridge_id.upper()
        assert config["bridgeid"] == "C42996FFFE0A0B0C"
        assert pro.certificate_sha256 != old.bridge.certificate_sha256
        # a command moves the new house, not the old one
        number = str(1 + renumber)
        assert (await new.put(f"/lights/{number}#light", {"on": {"on": False}}))[
            0
        ] == 200
        assert lights[number]["state"]["on"] is True
        assert old.bridge.house.lights["1"]["state"]["on"] is True
        old.bridge.factory_reset()
        assert (await old("GET"))[0] == 403
        assert (await new("GET"))[0] == 200
        assert pro.violations == []
    finally:
        await pro.stop()


async def test_over_http():
    """The control methods can be called over the control port."""
    clock = Clock()
    bridge = HueBridge(clock, model="BSB003", house=full_house())
    control = Control(clock, [bridge])
    await control.start()
    try:
        async with ClientSession() as session:
            for action, body in (
                ("set_contact", {"name": "back-door", "is_open": True}),
                ("change_v2", {"key": "/lights/1#light", "mode": "streaming"}),
                ("shape_stream", {"batch_seconds": 1}),
            ):
                url = f"{control.url}/hue/{action}"
                async with session.post(url, json=body) as response:
                    assert response.status == 200
    finally:
        await control.stop()
    contact = bridge.v2("/v2/back-door#contact")
    assert contact["contact_report"]["state"] == "no_contact"
    assert bridge.v2("/lights/1#light")["mode"] == "streaming"
