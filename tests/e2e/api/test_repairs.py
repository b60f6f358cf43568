"""Every repair is opened, read and carried out as its dialog does."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from demo.home import ROOT
from demo.household import LUCIT_APP

from .conftest import FLOWS, Person

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.timeout(240)]

TEXTS = json.loads(
    (ROOT / "custom_components/lantern/translations/en.json").read_text()
)
UPLOAD_LOG = "POST /api/v1/lux/device/devlog"
MASK, OTHER = 811, 812
LOGS = "sensor.blue_mask_treatment_logs"
ODD_ROW = {"start": 7, "ending": 7}
driven: set[str] = set()


async def appears(person: Person, kind: str) -> dict[str, Any]:
    """Wait for a repair."""
    driven.add(kind)
    async with asyncio.timeout(60):
        while kind not in (issues := await person.issues()):
            await asyncio.sleep(0.2)
    return issues[kind]


async def goes(person: Person, kind: str) -> None:
    """Wait until a repair is over."""
    async with asyncio.timeout(60):
        while kind in await person.issues():
            await asyncio.sleep(0.2)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so at a service."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.2)


async def hand_over(person: Person, *numbers: int) -> None:
    """Hand treatment logs over."""
    start = datetime.now(UTC) - timedelta(hours=2)
    logs = [
        {
            "start": (start + timedelta(minutes=number)).isoformat(),
            "duration": 60,
            "intensity": 3,
            "ending": "normal",
            "log_file_id": number,
        }
        for number in numbers
    ]
    device = await person.device(LOGS)
    await person.act("lux_upload_treatment_logs", device_id=device, logs=logs)


async def test_certificate(person: Person) -> None:
    """Another certificate is trusted once a person confirmed it."""
    hue = person.demo_home.world.hue
    port = hue.port
    await hue.stop()
    hue.new_certificate()
    await hue.start(port)
    issue = await appears(person, "hue_certificate")
    assert issue["is_fixable"]
    await person.repair("hue_certificate", {})
    await goes(person, "hue_certificate")


async def test_player_gone(person: Person) -> None:
    """The repair leads to the form that pairs the player again."""
    lucit = person.demo_home.world.lucit
    entry = await person.entry("Lucit")
    lucit.delete_device()
    await person.reload("Lucit")
    await appears(person, "lucit_player_gone")
    done = await person.repair("lucit_player_gone", {})
    kind, flow_id = done["next_flow"]
    assert kind == "config_flow"
    advanced = {"base_url": f"{lucit.url}/api/v3"}
    form = {"app_id": LUCIT_APP, "width": 1920, "height": 1080, "advanced": advanced}
    shown = await person.post(f"{FLOWS}/{flow_id}", **form)
    lucit.approve(shown["description_placeholders"]["code"], "Window screen")
    async with asyncio.timeout(60):
        while shown["type"] == "progress":
            await asyncio.sleep(0.3)
            shown = await person.demo_home.rest.call("GET", f"{FLOWS}/{flow_id}")
    assert shown["reason"] == "reconfigure_successful"
    await goes(person, "lucit_player_gone")
    assert (await person.entry("Lucit"))["entry_id"] == entry["entry_id"]


async def test_gap(person: Person) -> None:
    """What waits for a missing log is sent anyway, or deleted."""
    device = person.demo_home.world.lux.devices[MASK]
    last = device.last_log_file_id
    await hand_over(person, last + 3)
    await appears(person, "queue_gap")
    await person.repair("queue_gap", {"next_step_id": "send_anyway"})
    await until(lambda: device.last_log_file_id == last + 3)
    await goes(person, "queue_gap")
    await hand_over(person, last + 6)
    await appears(person, "queue_gap")
    await person.repair("queue_gap", {"next_step_id": "delete"}, {})
    await goes(person, "queue_gap")
    assert device.last_log_file_id == last + 3


async def test_blocked(person: Person) -> None:
    """A refused log is sent again, or deleted."""
    lux = person.demo_home.world.lux
    device = lux.devices[MASK]
    last = device.last_log_file_id
    for steps in (
        [{"next_step_id": "send_again"}],
        [{"next_step_id": "delete"}, {}],
    ):
        lux.inject(UPLOAD_LOG, "status", status=422, body="{}")
        await hand_over(person, device.last_log_file_id + 1)
        await appears(person, "queue_blocked")
        lux.clear_faults()
        await person.repair("queue_blocked", *steps)
        await goes(person, "queue_blocked")
    assert device.last_log_file_id == last + 1


async def test_moved(person: Person) -> None:
    """Logs of another child are not sent; they are deleted once that was confirmed."""
    lux = person.demo_home.world.lux
    device = lux.devices[MASK]
    last, owner = device.last_log_file_id, device.real_user_id
    lux.inject(UPLOAD_LOG, "status", times=-1, status=503)
    await hand_over(person, last + 1)
    device.real_user_id = lux.add_child()
    await person.reload("LUX")
    await appears(person, "queue_moved")
    lux.clear_faults()
    await person.repair("queue_moved", {"next_step_id": "delete"}, {})
    await goes(person, "queue_moved")
    device.real_user_id = owner
    await person.reload("LUX")
    assert device.last_log_file_id == last


async def test_found_at_the_start(person: Person) -> None:
    """Logs that waited too long, and files that cannot be read, are told of."""
    demo_home, lux = person.demo_home, person.demo_home.world.lux
    device = lux.devices[MASK]
    last = device.last_log_file_id
    lux.inject(UPLOAD_LOG, "status", times=-1, status=503)
    await hand_over(person, last + 1)
    await demo_home.home.stop()
    stored = demo_home.home.folder / ".storage"
    (queue,) = stored.glob("lantern.lux_queue.*")
    content = json.loads(queue.read_text())
    rows = content["data"][f"lux:{device.unique_id}"]["logs"]
    long_ago = datetime.now(UTC) - timedelta(days=2)
    rows[0]["queued"] = long_ago.isoformat()
    # Another device's, whose logs LUX does not number any more.
    other = content["data"][f"lux:{lux.devices[OTHER].unique_id}"]
    other["logs"] = [dict(rows[0])]
    if "real_user_id" in rows[0]:
        other["logs"][0]["real_user_id"] = lux.devices[OTHER].real_user_id
    lux.devices[OTHER].last_log_file_id = None
    rows.append(ODD_ROW)
    queue.write_text(json.dumps(content))
    (treatments,) = stored.glob("lantern.lux_treatments.*")
    treatments.write_bytes(b"\xff no JSON")
    await demo_home.home.start()
    await demo_home.rest.wait_until_served(60)
    await demo_home.rest.wait_until_running(60)

    for kind in ("unreadable_rows", "unreadable_file"):
        issue = await appears(person, kind)
        aside = stored / issue["translation_placeholders"]["file"]
        assert aside.exists()
        await person.repair(kind, {})
        assert not aside.exists()
    await appears(person, "queue_unnumbered")
    await person.repair("queue_unnumbered", {"next_step_id": "delete"}, {})
    await goes(person, "queue_unnumbered")
    await appears(person, "queue_stuck")
    lux.clear_faults()
    await person.repair("queue_stuck", {"next_step_id": "send_again"})
    await until(lambda: device.last_log_file_id == last + 1)
    await goes(person, "queue_stuck")


async def test_left(person: Person) -> None:
    """Logs of an account that was removed are deleted once that was confirmed."""
    lux = person.demo_home.world.lux
    device = lux.devices[MASK]
    last = device.last_log_file_id
    lux.inject(UPLOAD_LOG, "status", times=-1, status=503)
    await hand_over(person, last + 1)
    await person.demo_home.without("LUX")
    await appears(person, "queue_left")
    lux.clear_faults()
    await person.repair("queue_left", {})
    await goes(person, "queue_left")
    await person.demo_home.with_all("LUX")
    assert device.last_log_file_id == last


async def test_every_repair_was_driven() -> None:
    """A repair that can be carried out has a test above."""
    fixable = {kind for kind, issue in TEXTS["issues"].items() if "fix_flow" in issue}
    # Only an announcement by mDNS, and only what Amazon signed, bring these about.
    assert driven == fixable - {"hue_moved", "lightbug_push_account"}
