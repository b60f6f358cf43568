"""Commands of API v2: requests with their answers, and what both APIs show then."""

import json
from pathlib import Path

import pytest

from tests.simulator.pairs import matches

from .conftest import merge_event
from .contract import wrong_in_answer

PAIRS = json.loads((Path(__file__).parent / "commands.json").read_text())


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
async def test_pair(v2, pair):
    """The answer is the documented one; both APIs and the events show the same."""
    key, status = pair["key"], pair.get("status", 200)
    store = await v2.everything()
    async with v2.listening() as message:
        answered, answer = await v2.put(key, pair["body"])
        assert answered == status
        assert wrong_in_answer(answer) == []
        texts = " ".join(error["description"] for error in answer["errors"])
        assert bool(texts) == (status != 200)
        assert all(error in texts for error in pair.get("errors", []))
        if status == 400:
            assert answer["data"] == []
        else:
            kind = v2.bridge.v2(key)["type"]
            assert answer["data"] == [{"rid": v2.bridge.v2_id(key), "rtype": kind}]
        v2.bridge.send_items("error", [{"id": "end", "type": "end"}])
        while (containers := (await message())[1])[0]["type"] != "error":
            for container in containers:
                merge_event(store, container)
    shown = await v2.everything()
    # After "safety", values without a meaning stay in what was merged.
    assert not pair.get("merges", True) or {
        r: o for r, o in shown.items() if o["type"] != "clip"
    } == {r: o for r, o in store.items() if o["type"] != "clip"}
    for other, features in pair.get("shows", {}).items():
        resource = shown[v2.bridge.v2_id(other)]
        assert matches(resource, features, whole=False), other
    for path, parts in pair.get("v1", {}).items():
        assert matches(await v2.call.v1("GET", path), parts, whole=False), path


async def test_wall_module(v2):
    """A wall module's buttons go and others come; meanwhile none is linked."""
    body = {"switch_mode": {"mode": "switch_dual_pushbutton"}}
    key = "/sensors/18#switch_input_configuration"
    inputs = v2.bridge.v2_id(key)
    async with v2.listening() as message:
        await v2.put(key, body)
        containers = (await message())[1] + (await message())[1]
    kinds = [
        (container["type"], item["type"])
        for container in containers
        for item in container["data"]
    ]
    assert kinds.count(("delete", "button")) == 1
    assert kinds.count(("add", "button")) == 2
    assert kinds.index(("delete", "button")) < kinds.index(("add", "button"))
    linked = [
        len(item["linked_services"])
        for container in containers
        for item in container["data"]
        if item["id"] == inputs
    ]
    assert linked == [0, 2]


async def test_entertainment(v2):
    """An area that is streamed to can be stopped; its lamps are streamed to as well."""
    v2.bridge.set_entertainment("4", is_active=True)
    key = "/groups/4#entertainment_configuration"
    assert v2.bridge.v2(key)["status"] == "active"
    assert v2.bridge.v2("/lights/1#light")["mode"] == "streaming"
    assert (await v2.put(key, {"action": "stop"}))[0] == 200
    assert v2.bridge.v2(key)["status"] == "inactive"
    assert v2.bridge.v2("/lights/1#light")["mode"] == "normal"


async def test_active_scene(v2):
    """A scene is active until another is recalled or a lamp of it changes."""

    def active():
        scenes = ("Rlx4VaVgQzTWlgy", "Brt9kLmPq2XsWe1", "Sun2wEdFr6Tg8uJ")
        shown = [v2.bridge.v2(f"/scenes/{scene}#scene")["status"] for scene in scenes]
        return [slot["active"] != "inactive" for slot in shown]

    assert active() == [False, False, False]
    await v2.put("/scenes/Rlx4VaVgQzTWlgy#scene", {"recall": {"action": "active"}})
    assert active() == [True, False, False]
    v2.bridge.set_light("9", on=True)  # of another room
    assert active() == [True, False, False]
    v2.bridge.recall_scene("Brt9kLmPq2XsWe1")
    assert active() == [False, True, False]
    await v2.call.v1("PUT", "/lights/2/state", json={"bri": 9})
    assert active() == [False, False, False]


async def test_make_and_remove(v2):
    """Rooms, zones and scenes are made and removed, and are in v1 as well."""
    lamp = {"rid": v2.bridge.v2_id("/lights/10#light"), "rtype": "light"}
    body = {"metadata": {"name": "Porch", "archetype": "porch"}, "children": [lamp]}
    status, answer = await v2("POST", "/zone", json=body)
    assert (status, answer["errors"]) == (200, [])
    (zone,) = answer["data"]
    groups = await v2.call.v1("GET", "/groups")
    (number,) = [n for n, group in groups.items() if group["name"] == "Porch"]
    assert groups[number]["lights"] == ["10"]
    action = {"target": lamp, "action": {"on": {"on": True}}}
    body = {"metadata": {"name": "Lit"}, "group": zone, "actions": [action]}
    status, answer = await v2("POST", "/scene", json=body)
    assert status == 200
    (scene,) = answer["data"]
    body = {"metadata": {"name": "Day"}, "group": zone, "week_timeslots": []}
    status, answer = await v2("POST", "/smart_scene", json=body)
    assert status == 200
    for made in (*answer["data"], scene, zone):
        path = f"/{made['rtype']}/{made['rid']}"
        assert (await v2("DELETE", path))[0] == 200
        assert (await v2("GET", path))[0] == 404
    assert (await v2("POST", "/scene", json={"metadata": {"name": "x"}}))[0] == 400
    device = v2.bridge.v2_id("00:17:88:01:00:00:00:02#device")
    assert (await v2("DELETE", f"/device/{device}"))[0] == 200
    assert "2" not in await v2.call.v1("GET", "/lights")


async def test_identify(v2):
    """The bridge keeps which devices identified themselves."""
    key = "00:17:88:01:00:00:00:01#device"
    await v2.put(key, {"identify": {"action": "identify"}})
    assert v2.bridge.identified == [v2.bridge.v2_id(key)]


FORBIDDEN = [
    (
        "/lights/1#light",
        {"color": {"xy": {"x": 0.1, "y": 0.1}}, "color_temperature": {"mirek": 200}},
    ),
    ("/lights/1#light", {"alert": {"action": "breathe"}, "on": {"on": True}}),
    ("/lights/1#light", {"effects": {"effect": "fire"}, "dynamics": {"duration": 100}}),
    ("/lights/3#light", {"color_temperature": {"mirek": 500}}),
    ("/scenes/Rlx4VaVgQzTWlgy#scene", {"actions": []}),
    ("/v2/morning#behavior_instance", {"configuration": {}}),
    ("/bridge#zigbee_connectivity", {"channel": {"value": "channel_11"}}),
    ("/bridge#zigbee_device_discovery", {"action": {"action_type": "search"}}),
    ("/bridge#matter", {"action": "matter_reset"}),
    ("/bridge#homekit", {"action": "homekit_reset"}),
    ("/sensors/17#geofence_client", {"name": "Phone"}),
    ("/lights/1#device_software_update", {"install": {}}),
    ("/groups/4#entertainment_configuration", {"action": "start"}),
]


@pytest.mark.parametrize(
    ("key", "body"), FORBIDDEN, ids=[f"{k} {list(b)}" for k, b in FORBIDDEN]
)
async def test_forbidden(start_v2, key, body):
    """What the documents say a client never sends is a violation."""
    v2 = await start_v2(model="BSB003")
    await v2.put(key, body)
    assert len(v2.bridge.violations) == 1


@pytest.mark.parametrize(
    ("key", "body", "most"),
    [
        ("/lights/1#light", {"on": {"on": True}}, 12),
        ("/groups/1#grouped_light", {"on": {"on": True}}, 2),
        ("/scenes/Rlx4VaVgQzTWlgy#scene", {"recall": {"action": "active"}}, 2),
    ],
    ids=["lamp", "room", "scene"],
)
async def test_rates(start_v2, key, body, most):
    """Commands beyond the published rates are violations; a second later they go."""
    v2 = await start_v2(model="BSB003")
    for _ in range(most):
        await v2.put(key, body)
    assert v2.bridge.violations == []
    v2.bridge.clock.advance(1.0)
    await v2.put(key, body)
    assert v2.bridge.violations == []
    for _ in range(most):
        await v2.put(key, body)
    assert len(v2.bridge.violations) == 1
