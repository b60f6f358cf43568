"""Resources of API v2 that no bridge should send: the others are shown."""

from typing import Any

import pytest

from custom_components.lantern.hue.client.devices import new_keys
from custom_components.lantern.hue.client.models.house import House
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
