"""The library of Home Assistant's own hue reads the simulated house and obeys it.

Nobody here wrote it: it is a judge of the simulator.
"""

import asyncio
from importlib.metadata import version
import json
from pathlib import Path

from aiohue import HueBridgeV1, HueBridgeV2
from aiohue.util import dataclass_from_dict
from aiohue.v2.controllers.base import BaseResourcesController, GroupedControllerBase
from aiohue.v2.controllers.events import EventType
from aiohue.v2.models.button import ButtonEvent
from aiohue.v2.models.contact import ContactState
from homeassistant.components import hue
import pytest

from simulator.hue import full_house, generate_v2

from .test_contract import MOVES

# aiohue has no controller for these types.
UNREAD = {"public_image", "wifi_connectivity", "zgp_connectivity"}
MODELS = ("BSB002", "BSB003")


def host_of(bridge):
    """Return where aiohue finds a bridge."""
    return f"127.0.0.1:{bridge.port}"


def controllers(bridge):
    """Return aiohue's controllers by type of resource."""
    controllers = {}
    todo = list(vars(bridge).values())
    while todo:
        controller = todo.pop()
        if isinstance(controller, GroupedControllerBase):
            todo += controller.resources
        elif isinstance(controller, BaseResourcesController):
            controllers[controller.item_type.value] = controller
    return controllers


def test_version():
    """It is the one that Home Assistant asks for."""
    manifest = json.loads((Path(hue.__file__).parent / "manifest.json").read_text())
    assert manifest["requirements"] == [f"aiohue=={version('aiohue')}"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "house", [full_house, lambda: generate_v2(50, 20)], ids=["full", "large"]
)
async def test_reads_v2(start_v2, caplog, model, house):
    """Every resource of API v2 is read, with all that aiohue knows of it."""
    v2 = await start_v2(model=model, house=house())
    shown = await v2.everything()
    async with HueBridgeV2(host_of(v2.bridge), v2.call.key) as bridge:
        read = controllers(bridge)
        assert {resource["type"] for resource in shown.values()} - UNREAD <= read.keys()
        for kind, controller in read.items():
            wanted = {
                i: resource for i, resource in shown.items() if resource["type"] == kind
            }
            assert {item.id for item in controller.items} == wanted.keys(), kind
            for item in controller.items:
                assert item == dataclass_from_dict(controller.item_cls, wanted[item.id])
        assert bridge.bridge_id == v2.bridge.bridge_id
    assert "Unable to parse" not in caplog.text
    assert v2.bridge.violations == []


@pytest.mark.parametrize("settings", [{"model": "BSB001"}, {"https": False}])
async def test_reads_v1(start_v2, settings):
    """Every resource of v1 is read, from a round bridge and from a square one."""
    v2 = await start_v2(**settings)
    bridge = HueBridgeV1(host_of(v2.bridge), v2.call.key)
    try:
        await bridge.initialize()
        house = v2.bridge.house
        for read, held in (
            (bridge.lights, house.lights),
            (bridge.groups, house.groups),
            (bridge.sensors, house.sensors),
            (bridge.scenes, house.scenes),
        ):
            assert {resource.id: resource.name for resource in read.values()} == {
                number: resource["name"] for number, resource in held.items()
            }
        assert bridge.config.bridge_id.lower() == v2.bridge.bridge_id
        await bridge.lights["2"].set_state(on=True, bri=200)
        assert house.lights["2"]["state"]["bri"] == 200
    finally:
        await bridge.close()
    assert v2.bridge.violations == []


async def test_takes_events(v2):
    """It follows whatever happens, until it has what it would read anew."""
    heard = asyncio.Queue()
    async with HueBridgeV2(host_of(v2.bridge), v2.call.key) as bridge:
        await connected(bridge)
        bridge.sensors.button.subscribe(
            lambda kind, item: heard.put_nowait((kind, item.button.button_report.event))
        )
        for name, settings in MOVES:
            getattr(v2.bridge, name)(**settings)
        await caught_up(v2, bridge)
        pressed = [heard.get_nowait() for _ in range(heard.qsize())]
        assert pressed[:2] == [
            (EventType.RESOURCE_UPDATED, ButtonEvent.SHORT_RELEASE),
            (EventType.RESOURCE_UPDATED, ButtonEvent.INITIAL_PRESS),
        ]
        shown = await v2.everything()
        for kind, controller in controllers(bridge).items():
            wanted = {
                i: resource for i, resource in shown.items() if resource["type"] == kind
            }
            assert {item.id for item in controller.items} == wanted.keys(), kind
            for resource in controller.items:
                if kind == "clip":
                    continue
                assert resource == dataclass_from_dict(
                    controller.item_cls, wanted[resource.id]
                )


async def connected(bridge):
    """Wait until aiohue hears the stream."""
    ready = asyncio.Event()
    unsubscribe = bridge.events.subscribe(lambda *_: ready.set(), EventType.CONNECTED)
    if not bridge.events.connected:
        await asyncio.wait_for(ready.wait(), 20)
    unsubscribe()


async def caught_up(v2, bridge):
    """Wait until aiohue has heard what happens now, and so all before."""
    last = asyncio.Event()
    rid = v2.bridge.v2_id("/lights/10#light")

    def heard(_, light):
        if light.metadata.name == "The end":
            last.set()

    unsubscribe = bridge.lights.subscribe(heard, rid)
    v2.bridge.change("lights", "10", name="The end")
    await asyncio.wait_for(last.wait(), 20)
    unsubscribe()


async def test_commands(v2):
    """Its commands are taken, and their effect comes back as events."""
    async with HueBridgeV2(host_of(v2.bridge), v2.call.key) as bridge:
        await connected(bridge)
        lamp = v2.bridge.v2_id("/lights/1#light")
        await bridge.lights.set_state(
            lamp, on=True, brightness=50.2, color_xy=(0.3, 0.3)
        )
        room = v2.bridge.v2_id("/groups/2#grouped_light")
        await bridge.groups.grouped_light.set_state(room, on=True)
        scene = v2.bridge.v2_id("/scenes/Rlx4VaVgQzTWlgy#scene")
        await bridge.scenes.scene.recall(scene, duration=400)
        await bridge.lights.turn_off(lamp, transition_time=400)
        speaker = v2.bridge.v2_id("/v2/chime#speaker")
        assert bridge.speakers[speaker].supports_chime
        door = v2.bridge.v2_id("/v2/back-door#contact")
        v2.bridge.set_contact("back-door", is_open=True)
        await caught_up(v2, bridge)
        assert bridge.sensors.contact[door].contact_report.state is (
            ContactState.NO_CONTACT
        )
        assert bridge.lights[lamp].on.on is False
        assert bridge.groups.grouped_light[room].on.on is True
        assert bridge.scenes.scene[scene].group.rid == v2.bridge.v2_id("/groups/1#room")
