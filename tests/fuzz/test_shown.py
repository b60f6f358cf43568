"""Whatever a service answers: what is shown of it can be shown."""

import asyncio
from collections.abc import Generator, Iterable
from datetime import datetime
import json
from typing import Any

from homeassistant.helpers.json import ExtendedJSONEncoder
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.lantern.diagnostics import _device as told  # what is downloaded
from custom_components.lantern.entity import LanternDescription
from custom_components.lantern.transport.errors import TransportError
from custom_components.lantern.vendors import VENDORS
from tests.contracts import CONTRACTS

from .answers import Answering
from .test_parsers import CALLS, bodies_of

SOME = settings(max_examples=settings().max_examples // 2)


@pytest.fixture(scope="module")
def runner() -> Generator[asyncio.Runner]:
    """Give one loop for all examples."""
    with asyncio.Runner() as runner:
        yield runner


def asked(name: str, body: bytes, runner: asyncio.Runner) -> Any:
    """Return what a call makes of an answer, None if it is of no use."""
    session = Answering()
    session.body = body
    vendor, call = CALLS[name]

    async def ask() -> Any:
        try:
            return await call.ask(CONTRACTS[vendor].client.answered(session), None)
        except TransportError:
            return None

    return runner.run(ask())


def show(vendor: str, models: Iterable[Any]) -> None:
    """Read of models all that entities and diagnostics show."""
    for model in models:
        json.dumps(told(model), cls=ExtendedJSONEncoder)
        for descriptions in VENDORS[vendor].entities.values():
            for description in descriptions:
                if not description.describes(model):
                    continue
                for key in description.keys_of(model):
                    part = description.part_of(model, key)
                    if part is not None and description.exists_fn(part):
                        show_part(description, model, key, part)


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


@pytest.mark.parametrize("vendor", CONTRACTS)
@SOME
@given(data=st.data())
def test_shown(vendor: str, data: st.DataObject, runner: asyncio.Runner) -> None:
    """All that entities and diagnostics show of a vendor's models."""

    def answer(call: str) -> Any:
        name = f"{vendor}-{call}"
        return asked(name, data.draw(bodies_of(name)), runner)

    show(vendor, CONTRACTS[vendor].client.models(answer))
