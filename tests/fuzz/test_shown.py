"""Whatever a service answers: what is shown of it can be shown."""

import asyncio
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
import json
from typing import Any

from homeassistant.helpers.json import ExtendedJSONEncoder
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.lantern.diagnostics import _device as told  # what is downloaded
from custom_components.lantern.entity import LanternDescription
from custom_components.lantern.hue.client.devices import join
from custom_components.lantern.lightbug.client.devices import NO_ROW, make_tracker
from custom_components.lantern.lightbug.client.points import Clock, PositionState
from custom_components.lantern.lightbug.client.readings import ReadingState
from custom_components.lantern.transport.errors import TransportError
from custom_components.lantern.vendors import VENDORS

from .answers import Answering
from .rooms import CALLS
from .test_parsers import bodies_of

HALF = settings(max_examples=settings().max_examples // 2)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def runner() -> Generator[asyncio.Runner]:
    """Give one loop for all examples."""
    with asyncio.Runner() as runner:
        yield runner


def asked(name: str, body: bytes, runner: asyncio.Runner) -> Any:
    """Return what a call makes of an answer, None if it is of no use."""
    session = Answering()
    session.body = body
    call = CALLS[name]

    async def ask() -> Any:
        try:
            return await call.ask(call.room.client(session), None)
        except TransportError:
            return None

    return runner.run(ask())


def show(vendor: str, models: Iterable[Any]) -> None:
    """Read of models all that entities and diagnostics show."""
    for model in models:
        json.dumps(told(model), cls=ExtendedJSONEncoder)
        for descriptions in VENDORS[vendor].entities.values():
            for one in descriptions:
                if not one.describes(model):
                    continue
                for key in one.keys_of(model):
                    part = one.part_of(model, key)
                    if part is not None and one.exists_fn(part):
                        show_part(one, model, key, part)


def show_part(
    description: LanternDescription[Any], model: Any, key: str, part: Any
) -> None:
    """Read what one entity shows."""
    if description.available_fn is not None:
        description.available_fn(part)
    if description.placeholders_fn is not None:
        description.placeholders_fn(part, key)
    if description.name_fn is not None:
        description.name_fn(model, part)
    value_fn = getattr(description, "value_fn", None)
    if value_fn is not None:
        value = value_fn(part)
        assert isinstance(value, str | int | float | datetime | None) or hasattr(
            value, "latitude"
        )


@HALF
@given(data=st.data())
def test_hue(data: st.DataObject, runner: asyncio.Runner) -> None:
    """Bridge, lamps, accessories and rooms."""
    name = data.draw(st.sampled_from(["config", "lights", "sensors", "house_v2"]))
    found = asked(f"hue-{name}", data.draw(bodies_of(f"hue-{name}")), runner)
    if found is None:
        return
    if name == "config":
        show("hue", [found])
    elif name == "house_v2":
        show("hue", [*found.devices.values(), *found.groups.values()])
    else:
        lights = found.values() if name == "lights" else ()
        sensors = found.values() if name == "sensors" else ()
        show("hue", join("001788fffe0a0b0c", lights, sensors).values())


@HALF
@given(data=st.data())
def test_lucit(data: st.DataObject, runner: asyncio.Runner) -> None:
    """A player and its screens."""
    found = asked("lucit-player", data.draw(bodies_of("lucit-player")), runner)
    if found is not None:
        player, screens = found
        show("lucit", [player, *(screens or {}).values()])


@HALF
@given(data=st.data())
def test_lightbug(data: st.DataObject, runner: asyncio.Runner) -> None:
    """Trackers, with their points and readings."""
    summed = asked("lightbug-summary", data.draw(bodies_of("lightbug-summary")), runner)
    listed = asked("lightbug-devices", data.draw(bodies_of("lightbug-devices")), runner)
    read = asked("lightbug-readings", data.draw(bodies_of("lightbug-readings")), runner)
    sensed = ReadingState()
    sensed.take(read or [], Clock(NOON))
    summed, listed = summed[0] if summed else {}, listed or {}
    for number in summed | listed:
        row, track = summed.get(number, NO_ROW), PositionState()
        for point in row.points:
            track.take(point)
        tracker = make_tracker(
            listed.get(number, NO_ROW),
            row,
            fix=track.fix,
            status=track.status,
            readings=sensed.values,
            changed=NOON,
        )
        show("lightbug", [tracker])


@HALF
@given(data=st.data())
def test_lux(data: st.DataObject, runner: asyncio.Runner) -> None:
    """The account and its devices."""
    household = asked(
        "lux-all_devices", data.draw(bodies_of("lux-all_devices")), runner
    )
    account = asked("lux-me", data.draw(bodies_of("lux-me")), runner)
    show("lux", [account] if account else [])
    show("lux", household.devices if household else ())
