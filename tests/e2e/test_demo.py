"""The whole of it: processes, REST, websocket, restart."""

import asyncio
from contextlib import suppress
import json
from pathlib import Path
import re
import socket
import time

import pytest
import yaml

from demo.home import ROOT
from demo.household import LIGHTBUG_LOGIN, LUX_LOGIN, VENDORS
from demo.rest import Rest
from demo.start_page import get_dashboard

from .conftest import Demo

SECRETS_IN_ENTRIES = (
    "application_key",
    "app_id",
    "bot_user_token",
    "bot_user_secret",
    "access_token",
    "refresh_token",
)
# That Lantern is not tested by Home Assistant, and that the demo's packages stay as
# they are: see requirements_demo.txt.
STANDING = (
    "custom integration lantern",
    "Skipping pip installation of required modules",
    "Skipping requirement pymicro-vad",
    "Skipping requirement pyspeex-noise",
)
PERSONAL = ("Norrowick", "Tamsilda", "Pellan", "Vesperine", "@example.org", "lux-unit-")


def vendor_counts(states: dict[str, dict[str, str]]) -> dict[str, int]:
    """Return how many entities of some kinds there are."""
    kinds = ("light", "device_tracker", "switch", "event", "text")
    return {
        kind: sum(state.startswith(f"{kind}.") for state in states) for kind in kinds
    }


@pytest.mark.timeout(240)
@pytest.mark.xdist_group("demo")
async def test_demo(demo: Demo) -> None:
    """A newcomer's first and second start."""
    said = await demo.start()
    assert demo.url in said
    # What a person needs who adds the services by hand.
    for port in range(demo.port + 2, demo.port + 6):
        assert f"//127.0.0.1:{port}" in said
    entries = await demo.entries()
    assert sorted(title.split()[0] for title in entries) == sorted(VENDORS)
    assert {entry["state"] for entry in entries.values()} == {"loaded"}

    states = await demo.states()
    counts = vendor_counts(states)
    assert counts["light"] >= 10
    assert counts["device_tracker"] >= 3
    assert counts["switch"] >= 4
    assert states["sensor.window_screen_screens"]["state"] == "1"
    assert await moved(demo, states)
    await check_start_page(demo)

    await check_log_and_simulator(demo)
    await demo.stop()
    assert not is_open(demo.port)
    assert not is_open(demo.port + 1)

    start = time.monotonic()
    await demo.start()
    assert time.monotonic() - start < 60
    again = await demo.entries()
    assert {entry["entry_id"] for entry in again.values()} == {
        entry["entry_id"] for entry in entries.values()
    }
    assert {entry["state"] for entry in again.values()} == {"loaded"}
    await check_log_and_simulator(demo)


async def moved(demo: Demo, before: dict[str, dict[str, str]]) -> bool:
    """Return whether the world moves: a lamp is switched sooner or later."""
    with suppress(TimeoutError):
        async with asyncio.timeout(60):
            while True:
                now = await demo.states()
                if any(
                    now[entity]["state"] != before[entity]["state"]
                    for entity in before
                    if entity.startswith("light.")
                ):
                    return True
                await asyncio.sleep(1)
    return False


async def check_start_page(demo: Demo) -> None:
    """Check that the start page has cards of what there is; examples show the same."""
    async with Rest(demo.url) as rest:
        await rest.sign_in()
        system = await rest.ask("frontend/get_system_data", key="core")
        page = system["value"]["default_panel"]
        shown = await rest.ask("lovelace/config", url_path=page)
        types = set(re.findall(r'"type": "([a-z-]+)"', json.dumps(shown)))
        assert types >= {"tile", "map", "calendar", "statistics-graph"}
        await check_examples(rest, demo.folder)
        blueprints = await rest.ask("blueprint/list", domain="automation")
        lantern = [
            blueprint for path, blueprint in blueprints.items() if "lantern/" in path
        ]
        files = list((ROOT / "blueprints" / "automation" / "lantern").iterdir())
        assert len(lantern) == len(files)
        assert not [result for result in lantern if "error" in result]


async def check_examples(rest: Rest, folder: Path) -> None:
    """Check that the documented dashboards are those of the demo's entries."""
    entries = (await rest.entries()).items()
    chosen = {
        title.split()[0].lower(): {"config_entry_id": entry["entry_id"]}
        for title, entry in entries
    }
    for name, fields in {**chosen, "all": {}}.items():
        example = ROOT / "docs" / "dashboards" / f"{name}.yaml"
        documented = yaml.safe_load(example.read_text())
        # Treatments that were handed over become sensors a moment later.
        for _ in range(60):
            if (given := await get_dashboard(rest, **fields)) == documented:
                break
            await asyncio.sleep(0.5)
        else:
            fresh = folder / example.name
            fresh.write_text(yaml.safe_dump(given, sort_keys=False))
            pytest.fail(f"{example} is out of date; {fresh} is not", pytrace=False)


async def check_log_and_simulator(demo: Demo) -> None:
    """No violation, no traceback, no secret; no warning but the standing ones."""
    for service, counted in (await demo.simulated()).items():
        assert counted["violations"] == [], service
    log = demo.log()
    assert "Traceback" not in log
    troubles = [
        line
        for line in log.splitlines()
        if " WARNING " in line or " ERROR " in line or " CRITICAL " in line
    ]
    assert [
        trouble for trouble in troubles if not any(word in trouble for word in STANDING)
    ] == []
    for data in demo.stored():
        for name in SECRETS_IN_ENTRIES:
            if secret := data.get(name):
                assert secret not in log, f"{data['vendor']}: {name}"
    for login in (LIGHTBUG_LOGIN, LUX_LOGIN):
        assert login["password"] not in log
    ours = [line for line in log.splitlines() if "[custom_components.lantern" in line]
    assert ours, "nothing was logged at level debug"
    for word in PERSONAL:
        assert not [line for line in ours if word in line], word


def is_open(port: int) -> bool:
    """Return whether somebody listens on a port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
