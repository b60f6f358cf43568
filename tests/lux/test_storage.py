"""Stored logs that are damaged: what can be read stays, the rest is put aside."""

from collections.abc import Callable
import errno
import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from simulator.lux import Lux
from tests.common import settle, state_of

from .carrying import UPLOAD, hand_over, mend, stored, treatment
from .conftest import BLUE, BLUE_ID

UNSENT = f"{BLUE}_unsent_logs"


def files(hass: HomeAssistant, names: str) -> list[Path]:
    """Return stored files."""
    return sorted(Path(hass.config.path(".storage")).glob(f"lantern.lux_{names}"))


def issues(hass: HomeAssistant) -> list[ir.IssueEntry]:
    """Return what is told of unreadable data."""
    open_issues = ir.async_get(hass).issues.values()
    return [
        issue
        for issue in open_issues
        if str(issue.translation_key).startswith("unreadable")
    ]


def write(path: Path, content: bytes) -> None:
    """Write a file."""
    path.write_bytes(content)


async def restart_with(
    hass: HomeAssistant, entry: ConfigEntry, path: Path, content: bytes
) -> bool:
    """Set the entry up as after a restart that found a damaged file."""
    await hass.config_entries.async_unload(entry.entry_id)
    hass.data.pop("lantern_lux_queues", None)
    hass.data.pop("lantern_lux_treatments", None)
    write(path, content)
    loaded = await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    return loaded


@pytest.fixture(autouse=True)
async def waiting(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """Let three logs wait behind a gap."""
    assert await async_setup_component(hass, "repairs", {})
    await hand_over(hass, entry, treatment(15), treatment(16), treatment(17))


type Damage = Callable[[dict[str, Any]], object]


def rows(content: dict[str, Any]) -> list[Any]:
    """Return the logs in a file."""
    logs: list[Any] = content["data"][BLUE]["logs"]
    return logs


@pytest.mark.parametrize(
    "odd", [{"counter": -1}, {"counter": "12"}, {"anyway": -3}, {"blocked": "409"}]
)
async def test_odd_field_of_a_queue(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, odd: dict[str, Any]
) -> None:
    """What LUX or a person can say again hides none of a device's logs."""
    (path,) = files(hass, "queue.*")
    content = json.loads(path.read_text())
    content["data"][BLUE].update(odd)
    assert await restart_with(hass, entry, path, json.dumps(content).encode())
    assert state_of(hass, "sensor", UNSENT) == "3"
    assert [issue.translation_key for issue in issues(hass)] == ["unreadable_rows"]


@pytest.mark.parametrize(
    "odd",
    [
        {"id": "811"},
        {"id": None},
        {"real_user_id": "7301"},
        {"real_user_id": None},
        {"unique_id": 1},
        {"id": -1, "real_user_id": -1, "unique_id": None},
    ],
)
async def test_odd_ids_of_a_queue(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, odd: dict[str, Any]
) -> None:
    """Ids that LUX, the logs or the file say again hide none of a device's logs."""
    (path,) = files(hass, "queue.*")
    content = json.loads(path.read_text())
    content["data"][BLUE].update(odd)
    await lux.stop()
    assert not await restart_with(hass, entry, path, json.dumps(content).encode())
    # Also before LUX has said anything.
    await hand_over(hass, entry, treatment(18))
    await lux.start()
    lux.phone_upload(BLUE_ID, 2)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert stored(lux) == [13, 14, 15, 16, 17, 18]
    own = [request for request in lux.requests if request.key == UPLOAD]
    ids = ("device_id", "real_user_id", "unique_id")
    sent = {tuple(log[key] for key in ids) for log in own[0].json["log_arrays"]}
    assert sent == {(811, 7301, "lux-unit-0001")}
    assert state_of(hass, "sensor", UNSENT) == "0"


async def test_child_that_nobody_knows(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """Logs of a child that nothing names are sent as nobody's; they are put aside."""
    (path,) = files(hass, "queue.*")
    content = json.loads(path.read_text())
    content["data"][BLUE]["real_user_id"] = None
    for row in rows(content):
        del row["real_user_id"]
    assert await restart_with(hass, entry, path, json.dumps(content).encode())
    assert state_of(hass, "sensor", UNSENT) == "0"
    assert [issue.translation_key for issue in issues(hass)] == ["unreadable_rows"]
    assert len(files(hass, "queue.*.unreadable-*")) == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: rows(file)[1].update(ending=7),
        lambda file: rows(file)[1].update(start="yesterday"),
        lambda file: rows(file)[1].update(start="9999-12-31T23:59:59+00:00"),
        lambda file: rows(file)[1].update(start="0001-01-01T00:00:00+00:00"),
        lambda file: rows(file)[1].update(queued="9999-12-31T23:59:59+00:00"),
        lambda file: rows(file)[1].update(duration=2**31),
        lambda file: rows(file)[1].update(duration="1200"),
        lambda file: rows(file)[1].update(intensity=None),
        lambda file: rows(file)[1].update(log_file_id=10**30),
        lambda file: rows(file)[1].update(log_file_id=-1),
        lambda file: rows(file)[1].update(log_file_id=None),
        lambda file: rows(file)[1].update(told="no"),
        lambda file: rows(file)[1].pop("start"),
        lambda file: rows(file).__setitem__(1, None),
        lambda file: rows(file).__setitem__(1, [16]),
        lambda file: rows(file).__setitem__(1, "16"),
        lambda file: rows(file)[1].update(start="2026-11-27T1\ue000:00:00+00:00"),
        lambda file: rows(file)[1].update(later="\ue000"),
    ],
)
async def test_unreadable_row(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, damage: Damage
) -> None:
    """One odd row hides no other; it is told of, and deleted by a person only."""
    (path,) = files(hass, "queue.*")
    content = json.loads(path.read_text())
    row = json.dumps(rows(content)[1])
    damage(content)
    # A broken byte in the row, in the last two cases.
    text = json.dumps(content, ensure_ascii=False).encode()
    for _ in range(2):
        broken = text.replace("\ue000".encode(), b"\xff")
        assert await restart_with(hass, entry, path, broken)
        assert state_of(hass, "sensor", UNSENT) == "2"
    first, second = files(hass, "queue.*.unreadable-*")
    assert {path.stat().st_mode & 0o077 for path in (first, second)} == {0}
    (put_aside,) = json.loads(first.read_text())["rows"]
    assert put_aside["where"] == BLUE
    assert json.dumps(put_aside["row"]) != row
    assert [issue.translation_key for issue in issues(hass)] == ["unreadable_rows"] * 2
    shown = issues(hass)[0].translation_placeholders
    assert shown == {"file": first.name, "rows": "1"}
    # Nothing new is put aside by another restart; it is told of again.
    assert await restart_with(hass, entry, path, path.read_bytes())
    assert len(issues(hass)) == len(files(hass, "queue.*.unreadable-*")) == 2
    lux.phone_upload(BLUE_ID, 2)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert stored(lux) == [13, 14, 15]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"\x00" * 100,
        b"[]",
        b"null",
        b'{"version": 1}',
        b'{"data": {}}',
        b'{"version": 1, "data": []}',
        b'{"version": "2", "data": {}}',
        b'{"version": true, "data": {}}',
        b'{"version": 1, "data": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"version": 1, "data": {}, "later": ' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"version": 1, "data": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}",
    ],
)
async def test_unreadable_file(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry, content: bytes
) -> None:
    """A file that nobody can read is put aside, each time under another name."""
    (path,) = files(hass, "queue.*")
    for _ in range(2):
        assert await restart_with(hass, entry, path, content)
    aside = files(hass, "queue.*.unreadable-*")
    assert [path.read_bytes() for path in aside] == [content] * 2
    assert all(one.name.startswith(f"{path.name}.") for one in aside)
    assert [issue.translation_key for issue in issues(hass)] == ["unreadable_file"] * 2
    assert await hand_over(hass, entry, treatment(13)) == {"queued": 1}
    assert stored(lux) == [13]


async def test_deleted_by_a_person(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """The repair deletes the one file that it names."""
    (path,) = files(hass, "queue.*")
    await restart_with(hass, entry, path, b"{")
    await mend(hass, "delete")
    assert not files(hass, "queue.*.unreadable-*")
    assert not issues(hass)


async def test_unknown_keys_are_written_back(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """What another version wrote is still there when it comes back."""
    for path in files(hass, "*"):
        content = json.loads(path.read_text())
        devices = content["data"].values()
        logs = [log for device in devices for log in device["logs"]]
        for row in (content, *devices, *logs):
            row["later"] = {"kept": True}
        assert await restart_with(hass, entry, path, json.dumps(content).encode())
    await hand_over(hass, entry, treatment(18))
    lux.phone_upload(BLUE_ID, 2)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    assert stored(lux) == [13, 14, 15, 16, 17, 18]
    content = json.loads(files(hass, "queue.*")[0].read_text())
    assert content["later"] == content["data"][BLUE]["later"] == {"kept": True}
    # The logs are in another file by now.
    logs = rows(json.loads(files(hass, "treatments.*")[0].read_text()))
    assert [log.get("later") for log in logs] == [{"kept": True}] * 3 + [None]
    assert not issues(hass)


async def test_nowhere_to_put_it(
    hass: HomeAssistant, lux: Lux, entry: ConfigEntry
) -> None:
    """What cannot be put aside stays where it is, and the entry says why."""
    (path,) = files(hass, "queue.*")
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("homeassistant.util.file.AtomicWriter", side_effect=full):
        assert not await restart_with(hass, entry, path, b"{")
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "not_saved"
    assert path.read_bytes() == b"{"


async def test_removal(hass: HomeAssistant, lux: Lux, entry: ConfigEntry) -> None:
    """With its entry goes what was put aside, but for logs that were promised."""
    await hand_over(hass, entry, treatment(13), treatment(14))
    for path in files(hass, "*"):
        await restart_with(hass, entry, path, b"{")
    await hass.config_entries.async_remove(entry.entry_id)
    (left,) = files(hass, "*.unreadable-*")
    assert left.name.startswith("lantern.lux_queue.")
    (open_issue,) = issues(hass)
    assert open_issue.is_persistent
    await mend(hass, "delete")
    assert not files(hass, "*")
