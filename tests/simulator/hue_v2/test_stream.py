"""How the event stream tells of changes: batches, bursts, repeats, silence."""

import asyncio

from aiohttp import ClientError
import pytest

from .conftest import STREAM


def items_of(containers):
    """Return all items of a message."""
    return [item for container in containers for item in container["data"]]


async def test_one_lamp(v2):
    """A lamp's change, partial, and that of its groups in a container of its own."""
    async with v2.listening() as message:
        v2.bridge.set_light("1", bri=52)
        _, containers = await message()
    assert [container["type"] for container in containers] == ["update", "update"]
    lamp, groups = containers
    assert lamp["data"] == [
        {
            "id": v2.bridge.v2_id("/lights/1#light"),
            "id_v1": "/lights/1",
            "owner": {
                "rid": v2.bridge.v2_id("00:17:88:01:00:00:00:01#device"),
                "rtype": "device",
            },
            "service_id": 0,
            "dimming": {"brightness": 20.16},
            "type": "light",
        }
    ]
    assert {item["type"] for item in groups["data"]} == {"grouped_light"}
    assert {item["id_v1"] for item in groups["data"]} == {
        *("/groups/0", "/groups/1", "/groups/3")
    }


async def test_batch(v2):
    """Of what changed twice only the last value; presses and turns one by one."""
    v2.bridge.shape_stream(is_held=True)
    async with v2.listening() as message:
        for bri in (20, 30, 41):
            v2.bridge.set_light("1", bri=bri)
        v2.bridge.set_light("1", xy=[0.2, 0.3])
        for event in ("initial_press", "short_release"):
            v2.bridge.press_button("5", 1, event)
        for steps in (15, 60):
            v2.bridge.turn_dial("8", steps)
        v2.bridge.flush_stream()
        _, containers = await message()
    assert len(containers) == 1
    items = items_of(containers)
    (lamp,) = [item for item in items if item["type"] == "light"]
    assert lamp["dimming"] == {"brightness": 15.81}
    assert lamp["color"] == {"xy": {"x": 0.2, "y": 0.3}}
    assert [
        item["button"]["last_event"] for item in items if item["type"] == "button"
    ] == [
        "initial_press",
        "short_release",
    ]
    turns = [item for item in items if item["type"] == "relative_rotary"]
    assert [
        turn["relative_rotary"]["rotary_report"]["rotation"]["steps"] for turn in turns
    ] == [15, 60]


async def test_batch_by_itself(v2):
    """Changes are collected for a while and then sent."""
    v2.bridge.shape_stream(batch_seconds=0.05)
    async with v2.listening() as message:
        v2.bridge.set_light("1", bri=20)
        v2.bridge.set_light("2", on=True)
        _, containers = await message()
    lamps = [item["id_v1"] for item in items_of(containers) if item["type"] == "light"]
    assert lamps == ["/lights/1", "/lights/2"]


async def test_split(v2):
    """The same lamp twice in a container: first `on`, then the rest."""
    v2.bridge.shape_stream(is_split=True)
    async with v2.listening() as message:
        v2.bridge.set_light("2", on=True, bri=41)
        _, containers = await message()
    first, second = containers[0]["data"]
    assert first["id"] == second["id"]
    assert first["on"] == {"on": True}
    assert "dimming" not in first
    assert second["dimming"] == {"brightness": 15.81}
    assert "on" not in second


async def test_silence(v2):
    """A stream can fall silent; what was missed comes with `last-event-id`."""
    async with v2.listening() as message:
        v2.bridge.set_light("1", bri=20)
        last, _ = await message()
        v2.bridge.shape_stream(is_silent=True)
        v2.bridge.set_light("1", bri=30)
        assert (await v2("GET", "/bridge"))[0] == 200
        v2.bridge.shape_stream()
        v2.bridge.set_light("1", bri=41)
        _, containers = await message()
    assert items_of(containers)[0]["dimming"] == {"brightness": 15.81}
    async with v2.listening(**{"last-event-id": last}) as message:
        items = [items_of((await message())[1])[0] for _ in range(2)]
    assert [item["dimming"]["brightness"] for item in items] == [11.46, 15.81]
    v2.bridge.forget_messages()  # too old an id brings nothing, and no error
    async with v2.listening(**{"last-event-id": last}) as message:
        v2.bridge.set_light("1", bri=2)
        _, containers = await message()
    assert items_of(containers)[0]["dimming"] == {"brightness": 0.4}


async def test_cut(v2):
    """The stream ends when it is cut, and nobody listens then."""
    async with v2.listening() as message:
        v2.bridge.drop_streams()
        with pytest.raises((ClientError, asyncio.IncompleteReadError)):
            await message()


async def test_repeat(v2):
    """A message can come twice, with the same ids of its containers."""
    async with v2.listening() as message:
        v2.bridge.set_light("1", bri=20)
        first = await message()
        v2.bridge.repeat_message()
        assert await message() == first


async def test_ghost_buttons(v2):
    """A bridge that restarts sends all buttons, without a press."""
    async with v2.listening() as message:
        v2.bridge.press_button("5", 1)
        await message()
        v2.bridge.ghost_buttons()
        items = items_of((await message())[1])
    assert {item["type"] for item in items} == {
        *("button", "bell_button", "relative_rotary")
    }
    for item in items:
        feature = item.get("button") or item.get("relative_rotary") or {}
        assert not {"button_report", "rotary_report", "last_event"} & feature.keys()


async def test_unknown(v2):
    """Updates of ids that nobody knows; they cannot be read either."""
    async with v2.listening() as message:
        rid = v2.bridge.update_unknown()
        (item,) = items_of((await message())[1])
    assert item["id"] == rid
    assert (await v2("GET", f"/grouped_light/{rid}"))[0] == 404


async def test_odd_values(v2):
    """Nulls, features that are missing and unheard-of values, of any resource."""
    key = "/sensors/2#motion"
    async with v2.listening() as message:
        v2.bridge.change_v2(key, motion={"motion": None, "motion_report": "<absent>"})
        (item,) = [
            item for item in items_of((await message())[1]) if item["type"] == "motion"
        ]
    assert item["motion"]["motion"] is None
    shown = (await v2.everything())[v2.bridge.v2_id(key)]
    assert shown["motion"] == {"motion": None, "motion_valid": True}
    v2.bridge.change_v2("/lights/1#light", effects="<absent>", mode="unheard_of")
    shown = (await v2.everything())[v2.bridge.v2_id("/lights/1#light")]
    assert shown["mode"] == "unheard_of"
    assert "effects" not in shown
    v2.bridge.ring("doorbell", "ring")
    bell = v2.bridge.v2("/v2/doorbell#bell_button")["bell"]
    assert bell["bell_report"]["event"] == "ring"


async def test_overload(start_v2):
    """Web pages in place of answers; a fragile bridge gives them to parallel PUTs."""
    v2 = await start_v2(model="BSB003")
    v2.bridge.overload(2)
    for path in ("", "/light"):
        status, text = await v2("GET", path)
        assert status == 200
        assert "<html>" in text
    assert (await v2("GET", "/light"))[1]["errors"] == []
    v2.bridge.inject(f"GET {STREAM}", "status", status=429)
    headers = v2.headers | {"Accept": "text/event-stream"}
    assert (await v2.call("GET", STREAM, headers=headers))[0] == 429
    v2.bridge.is_fragile = True
    v2.bridge.answer_seconds = 0.2
    body = {"on": {"on": True}}
    _, (status, text) = await asyncio.gather(
        v2("GET", "/bridge"), v2.put("/lights/2#light", body)
    )
    assert "lighting not found" in text
    assert v2.bridge.house.lights["2"]["state"]["on"] is False
    assert v2.bridge.violations == ["a PUT beside another request"]


async def test_busy_house(v2):
    """Many lamps at once, many times: one message each time, all of it in v1 too."""
    numbers = [str(number) for number in range(1, 11)]
    async with v2.listening() as message:
        for _ in range(5):
            v2.bridge.change_lamps(numbers, step=10)
        for _ in range(5):
            lamps = [
                item
                for item in items_of((await message())[1])
                if item["type"] == "light"
            ]
            assert len(lamps) == len(numbers)
    lights = await v2.call.v1("GET", "/lights")
    shown = await v2.everything()
    for number in numbers:
        lamp = shown[v2.bridge.v2_id(f"/lights/{number}#light")]
        assert lamp["on"]["on"] is lights[number]["state"]["on"]
