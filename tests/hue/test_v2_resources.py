"""Resources of API v2 that no bridge should send: the others are shown."""

from collections.abc import Sequence
import pickle
from typing import Any

import pytest

from custom_components.lantern.hue.client.devices import assign_keys, new_keys
from custom_components.lantern.hue.client.models.house import House
from custom_components.lantern.hue.client.models.light import Light
from custom_components.lantern.hue.client.v2_events import V2Events
from custom_components.lantern.hue.client.v2_resources import V2Resources
from simulator.hue import HueBridge, full_house

from .conftest import BRIDGE_ID


@pytest.fixture
def listed() -> list[dict[str, Any]]:
    """Return the resources of a bridge that has every type."""
    return list(
        HueBridge(model="BSB003", house=full_house()).view().everything().values()
    )


def house_of(resources: V2Resources) -> House:
    """Return what is shown of resources."""
    return resources.get_house(BRIDGE_ID, new_keys)


@pytest.mark.parametrize("kind", ["light", "room", "scene", "motion"])
@pytest.mark.parametrize("is_event", [False, True])
def test_spaces_around_an_id(
    listed: list[dict[str, Any]], kind: str, is_event: bool
) -> None:
    """Such an id names nothing: it is read as none, and changes none by an event."""
    resources = V2Resources({})
    padded = dict(next(one for one in listed if one["type"] == kind))
    padded["id"] = f" {padded['id']} "
    if is_event:
        resources.replace(listed)
        before = house_of(resources)
        update = [{"type": "update", "data": [padded]}]
        assert not V2Events(resources).apply_message(update).parts
        assert house_of(resources) == before
    else:
        resources.replace([*listed, padded])
        house = house_of(resources)
        resources.replace(listed)
        assert house_of(resources) == house


@pytest.mark.parametrize("health", [[], {}])
def test_health_of_an_area(listed: list[dict[str, Any]], health: Any) -> None:
    """A health that is no text breaks nothing."""
    for one in listed:
        if one["type"] == "motion_area_configuration":
            one["health"] = health
    resources = V2Resources({})
    resources.replace(listed)
    sensors = [
        sensor
        for device in house_of(resources).devices.values()
        for sensor in device.sensors
    ]
    products = [one.metadata.product for one in sensors]
    assert products.count("MotionAware area") == 2


def test_lamps_listed_twice(listed: list[dict[str, Any]]) -> None:
    """A room that lists a lamp beside its device, or twice, has it once."""
    room = next(one for one in listed if one["type"] == "room")
    lights = [
        {"rid": one["id"], "rtype": "light"} for one in listed if one["type"] == "light"
    ]
    room["children"] = [*room["children"] * 2, *lights]
    resources = V2Resources({})
    resources.replace(listed)
    (group,) = [
        one
        for one in house_of(resources).groups.values()
        if one.name == room["metadata"]["name"]
    ]
    assert len(group.lights) == len(set(group.lights)) == len(lights)


@pytest.mark.parametrize("services", [[], None, [{}], "x"])
def test_services_of_an_area_that_go(
    listed: list[dict[str, Any]], services: Any
) -> None:
    """An area of which fewer services are listed than before is read anew."""
    resources = V2Resources({})
    resources.replace(listed)
    before = house_of(resources)
    for one in listed:
        if one["type"] == "motion_area_configuration":
            update = [{"type": "update", "data": [{**one, "services": services}]}]
            V2Events(resources).apply_message(update)
    assert house_of(resources).devices.keys() <= before.devices.keys()
    resources.replace(listed)
    assert house_of(resources) == before


def test_one_v1_number_for_several_lamps(listed: list[dict[str, Any]]) -> None:
    """Each is a light of its own, at every read, and one of them has the number."""
    lights = [one for one in listed if one["type"] == "light"]
    # In one housing, so that they have the same address, too.
    device = lights[0]["owner"]
    copies = [
        {**lights[0], "id": f"{lights[0]['id'][:-1]}{letter}", "owner": device}
        for letter in "xyz"
    ]
    resources, stored = V2Resources({}), dict[str, str]()

    def keys(_: str, lamps: Sequence[Light]) -> tuple[str, ...]:
        return assign_keys(lamps, stored, lambda _: False)

    seen = set()
    for _ in range(3):
        resources.replace([*listed, *copies])
        house = resources.get_house(BRIDGE_ID, keys)
        (device_id,) = [
            key
            for key, one in house.devices.items()
            if lights[0]["id"] in [light.resource_id for light in one.lights]
        ]
        found = house.devices[device_id]
        numbers = [one.number for one in found.lights]
        assert len(set(numbers)) == len(numbers) == 4
        assert len(set(found.light_keys)) == 4
        assert all(found.light(key) is not None for key in found.light_keys)
        seen.add(found.light_keys)
    assert len(seen) == 1
    assert numbers.count(lights[0]["id_v1"].rpartition("/")[2]) == 1


def test_buttons_of_two_devices_with_one_address(listed: list[dict[str, Any]]) -> None:
    """A button is there once: two entities cannot have one id."""
    button = next(one for one in listed if one["type"] == "button")
    device = next(one for one in listed if one["id"] == button["owner"]["rid"])
    services = [one["id"] for one in listed if one.get("owner") == button["owner"]]
    again = [
        {**one, "id": f"again-{one['id']}", "owner": {"rid": "twin", "rtype": "device"}}
        for one in listed
        if one["id"] in services
    ]
    resources = V2Resources({})
    resources.replace([*listed, {**device, "id": "twin", "services": []}, *again])
    for found in house_of(resources).devices.values():
        assert len(set(found.buttons)) == len(found.buttons)
    assert any(len(one.sensors) > 1 for one in house_of(resources).devices.values())


def test_what_is_gone_is_not_kept(listed: list[dict[str, Any]]) -> None:
    """A bridge whose scenes and lamps come and go does not fill the memory."""
    resources = V2Resources({})
    scene = next(one for one in listed if one["type"] == "scene")
    lamp = next(one for one in listed if one["type"] == "light")

    def size_after(rounds: range) -> int:
        for turn in rounds:
            more = [{**one, "id": f"{one['id']}{turn}"} for one in (scene, lamp)]
            resources.replace([*listed, *more])
            house_of(resources)
        resources.replace(listed)
        house_of(resources)
        return len(pickle.dumps(resources.models))

    assert size_after(range(20, 60)) == size_after(range(3))


def test_a_message_during_a_read(listed: list[dict[str, Any]]) -> None:
    """What it changed stays, unless its resource is gone by the answer."""
    resources = V2Resources({})
    resources.replace(listed)
    lamp, gone = [one for one in listed if one["type"] == "light"][:2]
    update = {"on": {"on": not lamp["on"]["on"]}, "type": "light"}
    with resources.store.reading():
        items = [{**update, "id": one["id"]} for one in (lamp, gone)]
        V2Events(resources).apply_message([{"type": "update", "data": items}])
        changed = resources.replace([one for one in listed if one is not gone])
    assert changed == set()
    assert resources.store.by_id[lamp["id"]]["on"] == update["on"]
    assert gone["id"] not in resources.store.by_id
    resources.replace(listed)
    assert resources.store.by_id[lamp["id"]] == lamp


def test_a_message_without_news(listed: list[dict[str, Any]]) -> None:
    """Bridges that restart tell everything again: nothing is made anew for that."""
    resources = V2Resources({})
    resources.replace(listed)
    house_of(resources)
    events, before = V2Events(resources), dict(resources.store.by_id)
    changes = events.apply_message([{"type": "update", "data": listed}])
    assert changes.parts == []
    assert not changes.needs_read
    assert all(resources.store.by_id[rid] is one for rid, one in before.items())
    lamp = next(one for one in listed if one["type"] == "light")
    # A null is news where nothing was, and 1 is not true.
    for news in ({"mode": None}, {"on": {"on": int(lamp["on"]["on"])}}):
        item = {"id": lamp["id"], "type": "light", **news}
        events.apply_message([{"type": "update", "data": [item]}])
        found = resources.store.by_id[lamp["id"]]
        assert found != lamp or type(found["on"]["on"]) is int
