"""Every answer is as the published contract and Home Assistant's library have it.

And a client that applies the events to what it once read has what it would read.
"""

import asyncio
from dataclasses import is_dataclass
from functools import cache
import importlib
import json
import pkgutil

from aiohue.util import dataclass_from_dict, dataclass_to_dict
import aiohue.v2.models
import pytest

from simulator.hue import default_house, full_house, generate_v2

from .conftest import RESOURCE, merge_event
from .contract import PUBLISHED, wrong_in_answer, wrong_in_resource

# What the documents name, but no house has: it is only referred to.
NEVER_SERVED = {"motion_area_candidate"}
PRO_ONLY = {
    *("convenience_area_motion", "security_area_motion"),
    *("motion_area_configuration", "wifi_connectivity"),
}
# What aiohue does not read of a resource, although bridges send it.
UNREAD = {".import"}
# Types without a model in aiohue.
NO_MODEL = {"public_image", "wifi_connectivity"}


@cache
def models():
    """Return aiohue's model of each type that it has."""
    models = {}
    for _, name, _ in pkgutil.iter_modules(aiohue.v2.models.__path__):
        module = importlib.import_module(f"aiohue.v2.models.{name}")
        model = getattr(module, name.title().replace("_", ""), None)
        if is_dataclass(model):
            models[name] = model
    return models


def judge(answer):
    """Check an answer against the contract and against aiohue's models."""
    assert wrong_in_answer(answer) == []
    for item in answer["data"]:
        if item["type"] not in NO_MODEL:
            read = dataclass_from_dict(models()[item["type"]], item)
            assert set(unread(item, dataclass_to_dict(read))) <= UNREAD, item["type"]


def unread(shown, read, place=""):
    """Yield where a resource has a key that aiohue does not know."""
    if isinstance(shown, dict):
        for key, part in shown.items():
            inside = f"{place}.{key}"
            if part is None:
                continue
            if not isinstance(read, dict) or key not in read:
                yield inside
            else:
                yield from unread(part, read[key], inside)
    elif isinstance(shown, list):
        for part, other in zip(shown, read, strict=True):
            yield from unread(part, other, place)


@pytest.mark.parametrize(
    ("model", "house"),
    [
        ("BSB003", full_house),
        ("BSB002", full_house),
        ("BSB002", default_house),
        ("BSB003", lambda: generate_v2(50, 20)),
    ],
    ids=["Pro", "square", "default", "large"],
)
async def test_whole_house(start_v2, model, house):
    """All at once, by type and one by one: the same resources, all of them valid."""
    v2 = await start_v2(model=model, house=house())
    status, whole = await v2("GET")
    assert status == 200
    judge(whole)
    by_id = {item["id"]: item for item in whole["data"]}
    assert len(by_id) == len(whole["data"])
    (clip,) = [item for item in whole["data"] if item["type"] == "clip"]
    assert set(clip["resources"]) == {item["type"] for item in whole["data"]}
    for kind in clip["resources"]:
        _, some = await v2("GET", f"/{kind}")
        assert some["data"] == [item for item in whole["data"] if item["type"] == kind]
    for rid, resource in list(by_id.items())[::7]:
        _, single = await v2("GET", f"/{resource['type']}/{rid}")
        assert single == {"errors": [], "data": [resource]}
    # every reference leads to a resource of its type, or to what is never served
    unserved = {*NEVER_SERVED, "taurus_7455", "private_group", "auth_v1"}
    for target in references(whole["data"]):
        if target["rtype"] not in unserved:
            assert by_id[target["rid"]]["type"] == target["rtype"]
    assert v2.bridge.violations == []


def references(value):
    """Yield all references in JSON data."""
    if isinstance(value, dict):
        if value.keys() == {"rid", "rtype"}:
            yield value
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


async def test_every_type(start_v2):
    """The full house has every published type; a square bridge all but the Pro's."""
    pro = await start_v2(model="BSB003")
    kinds = {resource["type"] for resource in (await pro.everything()).values()}
    beside = {"clip", "public_image", "switch_input_configuration"}
    assert kinds == (PUBLISHED["types"].keys() - NEVER_SERVED) | beside
    square = await start_v2(model="BSB002")
    kinds_of_square = {
        resource["type"] for resource in (await square.everything()).values()
    }
    assert kinds - kinds_of_square == PRO_ONLY


MOVES = [
    ("set_light", {"number": "1", "on": True, "bri": 40, "xy": [0.3, 0.4]}),
    ("set_light", {"number": "1", "ct": 300}),
    ("set_light", {"number": "7", "reachable": True}),
    ("set_group", {"number": "2", "on": True}),
    ("recall_scene", {"scene": "Rlx4VaVgQzTWlgy"}),
    ("recall_scene", {"scene": "Brt9kLmPq2XsWe1"}),
    ("set_light", {"number": "2", "on": False}),
    ("set_effect", {"number": "1", "effect": "candle"}),
    ("set_sensor", {"number": "2", "state": {"presence": True}}),
    ("set_sensor", {"number": "2", "config": {"on": False, "battery": 7}}),
    ("set_sensor", {"number": "3", "state": {"lightlevel": 30000}}),
    ("set_sensor", {"number": "4", "state": {"temperature": 1875}}),
    ("press_button", {"sensor": "5", "button": 2, "event": "short_release"}),
    ("press_button", {"sensor": "6", "button": 4}),
    ("turn_dial", {"sensor": "8", "steps": 30}),
    ("set_contact", {"name": "back-door", "is_open": True}),
    ("set_tamper", {"name": "back-door", "is_tampered": True}),
    ("ring", {"name": "doorbell"}),
    ("set_camera_motion", {"name": "yard-camera", "is_moving": True}),
    ("set_area_motion", {"name": "living-area", "is_moving": True}),
    (
        "set_area_motion",
        {"name": "home-area", "is_moving": True, "service": "security"},
    ),
    ("set_area", {"name": "home-area", "enabled": False, "health": "not_running"}),
    ("set_smart_scene", {"name": "natural-light", "is_active": True, "slot": 1}),
    ("set_automation", {"name": "holiday", "state": {"pm_state": "started"}}),
    ("set_automation", {"name": "morning", "enabled": False, "status": "disabled"}),
    ("set_entertainment", {"number": "4", "is_active": True}),
    ("finish_sounds", {"name": "chime"}),
    ("set_connection", {"key": "/lights/2", "status": "disconnected"}),
    ("set_connection", {"key": "/v2/back-door", "status": "unidirectional_incoming"}),
    ("change_lamps", {"numbers": ["1", "2", "3", "4"], "step": 7}),
    ("change", {"collection": "groups", "number": "1", "name": "Lounge"}),
    ("change", {"collection": "scenes", "number": "Sun2wEdFr6Tg8uJ", "name": "Dusk"}),
    ("change", {"collection": "lights", "number": "3", "name": "Reading"}),
    ("add_light", {"name": "New lamp", "group": "1"}),
    ("add_group", {"name": "Upstairs", "lights": ["5", "6"], "kind": "Zone"}),
    (
        "add_scene",
        {"name": "Dim", "group": "2", "states": {"5": {"on": True, "bri": 9}}},
    ),
    ("remove_scene", {"scene": "Ngt7yHgTr5Fc3vB"}),
    ("remove_light", {"number": "2"}),
    ("remove_group", {"number": "3"}),
    ("remove_sensor", {"number": "5"}),
    ("remove_resource", {"key": "/v2/back-door#device"}),
    ("remove_resource", {"key": "00:17:88:01:00:00:00:a1#device"}),
]


@pytest.mark.parametrize("is_split", [False, True], ids=["whole", "split"])
async def test_events_are_the_truth(v2, is_split):
    """What changed through the house and both APIs, merged, is what is read anew."""
    v2.bridge.shape_stream(is_split=is_split)
    store = await v2.everything()
    async with v2.listening() as message:
        for name, settings in MOVES:
            getattr(v2.bridge, name)(**settings)
            await check_told(v2, message, store, name)
        await v2.call.v1("PUT", "/lights/4/state", json={"on": False})
        await check_told(v2, message, store, "v1")
    judge({"errors": [], "data": list(store.values())})


async def check_told(v2, message, store, name):
    """Merge all that was sent into the store and compare it with what is read."""
    v2.bridge.send_items("error", [{"id": "end", "type": "end"}])
    while (containers := (await message())[1])[0]["type"] != "error":
        for container in containers:
            for item in container["data"]:
                if container["type"] == "add":
                    assert wrong_in_resource(item) == []
                elif container["type"] == "update":
                    assert item["id"] in store
            merge_event(store, container)
    shown = await v2.everything()
    assert store.keys() == shown.keys(), name
    # what clip lists follows without an event
    wrong = {r: o for r, o in shown.items() if store[r] != o and o["type"] != "clip"}
    assert {rid: store[rid] for rid in wrong} == wrong, name


async def test_stays_after_a_restart(start_v2):
    """A bridge goes on from its saved state: the same resources with the same ids."""
    v2 = await start_v2(model="BSB003")
    v2.bridge.set_contact("back-door", is_open=True)
    saved = json.loads(json.dumps(v2.bridge.state()))
    other = await start_v2(model="BSB003", bridge_id="001788fffe999999")
    other.bridge.restore(saved)
    assert other.bridge.view().everything() == v2.bridge.view().everything()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/light/00000000-0000-4000-8000-000000000000", 404),
        ("PUT", "/light/00000000-0000-4000-8000-000000000000", 404),
        ("DELETE", "/scene/00000000-0000-4000-8000-000000000000", 404),
        ("POST", "/light", 405),
        ("PUT", "/tamper/{/v2/back-door#tamper}", 405),
        ("DELETE", "/device/{/bridge#device}", 405),
        ("DELETE", "/light/{/lights/1#light}", 405),
        ("GET", "/motion_area_candidate", 200),
        ("GET", "/room/{/lights/1#light}", 404),
    ],
)
async def test_refusals(v2, method, path, status):
    """What is not there, and what may not be done: an envelope with a text."""
    if "{" in path:
        start, _, rest = path.partition("{")
        path = start + v2.bridge.v2_id(rest.rstrip("}"))
    body = {"json": {"on": {"on": True}}} if method in ("PUT", "POST") else {}
    answered, answer = await v2(method, path, **body)
    assert answered == status
    assert wrong_in_answer(answer) == []
    assert bool(answer["errors"]) == (status != 200)
    assert answer["data"] == []


async def test_more_than_three_at_once(start_v2):
    """The fourth request at once is refused with 429; clients may send two."""
    v2 = await start_v2(model="BSB003")
    v2.bridge.answer_seconds = 0.2
    some = await asyncio.gather(*(v2("GET", "/bridge") for _ in range(4)))
    assert sorted(status for status, _ in some) == [200, 200, 200, 429]
    assert set(v2.bridge.violations) == {
        "more than two requests at once beside the stream"
    }


async def test_key(v2):
    """Without a key 403, which is how a client finds that there is an API v2."""
    for headers in ({}, {"hue-application-key": "nobody"}):
        assert (await v2.call("GET", RESOURCE, headers=headers))[0] == 403
