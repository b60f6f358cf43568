"""Waking those who listen, without a Home Assistant."""

from functools import partial

import pytest

from custom_components.lantern.listeners import ListenerIndex


def joined(left: list[str], device_id: str) -> partial[None]:
    """Return what is called after the last listener of a device."""
    return partial(left.append, device_id)


def test_a_slice_counts_listeners_and_not_devices() -> None:
    """A house of a few devices with very many entities is woken in slices, too."""
    waking, woken = ListenerIndex("test"), []
    for number in range(900):
        device_id = f"device {number % 3}"
        waking.add(device_id, partial(woken.append, number), lambda: lambda: None)
    waking.want([f"device {number}" for number in range(3)])
    waking.wake_slice()
    assert len(woken) == 600
    assert waking.is_under_way
    waking.wake_slice()
    assert sorted(woken) == list(range(900))
    assert not waking.is_under_way


def test_a_kind_in_a_row(caplog: pytest.LogCaptureFixture) -> None:
    """All have a look before any is written; a failure is not the others'."""
    waking, seen = ListenerIndex("test"), []

    def write(name: str) -> None:
        seen.append(f"write {name}")
        if name == "lamp 1":
            raise ValueError("made up")

    def look(name: str) -> None:
        seen.append(f"look {name}")
        waking.write_soon(partial(write, name))

    for device_id in ("1", "2"):
        for kind in ("lamp", "battery"):
            name = f"{kind} {device_id}"
            waking.add(device_id, partial(look, name), lambda: lambda: None)
    waking.want(["1", "2"])
    waking.wake_slice()
    order = ["lamp 1", "lamp 2", "battery 1", "battery 2"]
    assert seen == [f"{what} {name}" for what in ("look", "write") for name in order]
    assert "A listener of test failed" in caplog.text


def test_the_last_one_leaves() -> None:
    """What the first listener of a device joined is left after the last, once."""
    waking, left = ListenerIndex("test"), []
    removals = [
        waking.add("1", lambda: None, lambda: joined(left, "1")) for _ in range(2)
    ]
    removals[0]()
    assert left == []
    removals[1]()
    assert left == ["1"]
    assert not waking.listeners
