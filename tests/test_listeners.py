"""The index of a coordinator's listeners, without Home Assistant."""

from functools import partial

import pytest

from custom_components.lantern.listeners import ListenerIndex


def nothing() -> None:
    """Stand for a listener, or for what is called after the last one."""


def test_a_batch_counts_listeners_and_not_devices() -> None:
    """A few devices with very many entities are notified in batches, too."""
    index, called = ListenerIndex("test"), []
    for number in range(900):
        device_id = f"device {number % 3}"
        index.async_add(device_id, partial(called.append, number), lambda: nothing)
    index.async_schedule([f"device {number}" for number in range(3)])
    index.async_notify_batch()
    assert len(called) == 600
    assert index.has_pending
    index.async_notify_batch()
    assert sorted(called) == list(range(900))
    assert not index.has_pending


def test_a_failure_is_not_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """A listener that raises is logged, and the others are called."""
    index, called = ListenerIndex("test"), []

    def fail() -> None:
        raise ValueError("made up")

    index.async_add("1", fail, lambda: nothing)
    index.async_add("1", partial(called.append, "1"), lambda: nothing)
    index.async_add("2", partial(called.append, "2"), lambda: nothing)
    index.async_schedule(["1", "2"])
    index.async_notify_batch()
    assert called == ["1", "2"]
    assert "A listener of test failed" in caplog.text


def test_the_last_one_leaves() -> None:
    """What the first listener of a device joined is left after the last, once."""
    index, left = ListenerIndex("test"), []

    def join() -> partial[None]:
        return partial(left.append, "1")

    removals = [index.async_add("1", nothing, join) for _ in range(2)]
    removals[0]()
    assert left == []
    removals[1]()
    assert left == ["1"]
    assert not index.device_ids
