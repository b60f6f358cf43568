"""The bridge's event stream, cut anywhere and full of anything."""

import asyncio
from collections.abc import AsyncIterator
import itertools
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.lantern.hue.client.event_stream import messages
from custom_components.lantern.hue.client.http import Address, HueHttp
from custom_components.lantern.hue.client.models.light import Light
from custom_components.lantern.hue.client.models.sensor import BUTTON_EVENTS
from custom_components.lantern.hue.client.v1 import V1Client
from custom_components.lantern.hue.client.v2 import V2Client
from custom_components.lantern.transport.errors import BadAnswer
from custom_components.lantern.transport.rate_limit import RateLimit

from .answers import Answering
from .values import ANY_JSON, changed, encoded

MIB = 1024 * 1024
BUTTON = "5b9e6b0c-0000-4000-8000-000000000001"
LAMP = "5b9e6b0c-0000-4000-8000-00000000000b"
DIAL = "5b9e6b0c-0000-4000-8000-00000000000c"
# What a bridge tells of a lamp, a switch, a dial, and of what comes and goes.
REAL = [
    {
        "creationtime": "2026-11-21T12:00:00Z",
        "id": "5b9e6b0c-0000-4000-8000-00000000000a",
        "type": "update",
        "data": [
            {
                "id": LAMP,
                "id_v1": "/lights/2",
                "type": "light",
                "on": {"on": True},
            },
            {
                "id": BUTTON,
                "id_v1": "/sensors/7",
                "type": "button",
                "button": {
                    "button_report": {
                        "event": "initial_press",
                        "updated": "2026-11-21T12:00:00.1Z",
                    },
                    "last_event": "initial_press",
                },
            },
            {
                "id": DIAL,
                "id_v1": "/sensors/8",
                "type": "relative_rotary",
                "relative_rotary": {
                    "rotary_report": {
                        "action": "start",
                        "rotation": {
                            "direction": "clock_wise",
                            "steps": 30,
                            "duration": 400,
                        },
                        "updated": "2026-11-21T12:00:00.2Z",
                    }
                },
            },
        ],
    },
    {"type": "delete", "data": [{"id": "x", "type": "light"}]},
]
NOISE = st.sampled_from(
    [
        b": hi\n\n",
        b"id: 1:0\n\n",
        b"event: x\n\n",
        b"\r\n",
        b"\n",
        b"data:\n\n",
        b"data: {\n\n",
        b"data: \xff\n\n",
        b"data: 5\n\n",
        b"retry: 9\r\n\r\n",
    ]
)
EVENTS = st.lists(changed(REAL), max_size=3)


async def _chunks(body: bytes, cuts: list[int]) -> AsyncIterator[bytes]:
    """Yield a body, cut at some bytes."""
    ends = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in itertools.pairwise(ends):
        yield body[start:end]


HOUSE = [
    {"id": "bridge", "type": "bridge"},
    {
        "id": "device",
        "type": "device",
        "services": [
            {"rid": BUTTON, "rtype": "button"},
            {"rid": DIAL, "rtype": "relative_rotary"},
            {"rid": LAMP, "rtype": "light"},
            {"rid": "zigbee", "rtype": "zigbee_connectivity"},
        ],
    },
    {
        "id": "zigbee",
        "type": "zigbee_connectivity",
        "status": "connected",
        "mac_address": "00:17:88:01:00:00:00:a1",
    },
    {"id": LAMP, "id_v1": "/lights/2", "type": "light", "on": {"on": False}},
    {"id": BUTTON, "type": "button", "metadata": {"control_id": 1}},
    {"id": DIAL, "type": "relative_rotary"},
]


async def _follow(body: bytes, cuts: list[int]) -> list[tuple[Any, ...]]:
    """Return what the messages of a stream changed in a house."""
    session: Any = Answering()
    session.body = json.dumps({"data": HOUSE}).encode()
    http = HueHttp(session, Address("127.0.0.1", None), "made-up", RateLimit())
    client = V2Client(http, V1Client(http), {})
    await client.read()
    client.get_house("001788fffe0a0b0c")
    received: list[tuple[Any, ...]] = []
    async for message in messages(_chunks(body, cuts)):
        changes = client.events.apply_message(message)
        received += [
            ("light", part.number, part.state.on)
            for part in changes.parts
            if isinstance(part, Light)
        ]
        received += [
            ("press", press.key, press.type, dict(press.attributes))
            for press in changes.presses
        ]
        if changes.needs_read:
            received.append(("read",))
    return received


def heard(body: bytes, cuts: list[int]) -> list[tuple[Any, ...]]:
    """Return what is told of a stream."""
    return asyncio.run(_follow(body, cuts))


def decoded(body: bytes, cuts: list[int]) -> list[Any]:
    """Return the messages of a stream."""

    async def read() -> list[Any]:
        return [
            message async for some in messages(_chunks(body, cuts)) for message in some
        ]

    return asyncio.run(read())


def written(event: Any, lines: int, end: bytes) -> bytes:
    """Return an event as a bridge writes it, over one line or several."""
    text = json.dumps(event, indent=1 if lines > 1 else None)
    parts = [b"data: " + line.encode() + end for line in text.split("\n")]
    return b"".join([b"id: 1:0" + end, *parts, end])


@given(
    events=EVENTS,
    lines=st.integers(1, 2),
    end=st.sampled_from([b"\n", b"\r\n"]),
    noise=st.lists(NOISE, min_size=4, max_size=4),
    cuts=st.lists(st.integers(0, 4000), max_size=6),
)
def test_cut_at_any_byte(
    events: list[Any], lines: int, end: bytes, noise: list[bytes], cuts: list[int]
) -> None:
    """Every message arrives once and in order, wherever it is cut."""
    sent = [item for event in events if isinstance(event, list) for item in event]
    sent = [item for item in sent if isinstance(item, dict)]
    parts = [written(event, lines, end) for event in events]
    body = b"".join(a + b for a, b in zip(noise, [*parts, b"", b""], strict=False))
    messages = decoded(body, cuts)
    assert len(messages) == len(sent)
    assert messages == decoded(body, [])
    received = heard(body, cuts)
    assert received == heard(body, list(range(len(body))))
    for item in received:
        if item[0] == "press":
            assert item[2] in (*BUTTON_EVENTS, "clockwise", "counter_clockwise")


def test_each_thing_is_told_once() -> None:
    """What the examples are made of is told as it should be: the fuzz can fail."""
    body = written(REAL, 1, b"\n") * 2
    once = [
        ("light", "2", True),
        ("press", "button_1", "initial_press", {}),
        ("press", "rotary", "clockwise", {"steps": 30, "duration_ms": 400}),
        ("read",),
    ]
    # The second time nothing is new but that things came and went.
    assert heard(body, list(range(0, len(body), 7))) == [*once, once[3]]


@given(
    parts=st.lists(
        st.one_of(NOISE, st.binary(max_size=30), ANY_JSON.map(encoded)), max_size=8
    ),
    cuts=st.lists(st.integers(0, 300), max_size=6),
)
def test_garbage(parts: list[bytes], cuts: list[int]) -> None:
    """Garbage is passed over, and what comes after it is heard."""
    body = b"\n".join(parts) + b"\n\n" + written(REAL, 1, b"\n")
    assert heard(body, cuts)[-1] == ("read",)


@pytest.mark.parametrize(
    "endless",
    [b"x" * MIB, b"data: " + b"x" * MIB + b"\n", b"data: [\n" * (MIB // 8)],
    ids=["one line", "long lines", "short lines"],
)
def test_without_end(endless: bytes) -> None:
    """A line or an event that does not end is given up, in bounded memory."""
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            assert taken < 40
            yield endless

    async def read() -> None:
        async for _ in messages(chunks()):
            pass

    with pytest.raises(BadAnswer, match="too long"):
        asyncio.run(read())
    # Of a short line more is thrown away than kept.
    assert taken <= 33
