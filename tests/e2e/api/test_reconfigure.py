"""Every entry is reconfigured through its form, and stays the entry that it is."""

import asyncio
from typing import Any

import pytest

from demo.household import LIGHTBUG_LOGIN, LUCIT_APP, LUX_LOGIN, VENDORS

from .conftest import FLOWS, Person

pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.timeout(240)]


@pytest.mark.parametrize("vendor", VENDORS)
async def test_reconfigure(person: Person, vendor: str) -> None:
    """A mistake is told in the form; then the same entry is loaded again."""
    world = person.demo_home.world
    entry = await person.entry(vendor)
    steps: dict[str, list[dict[str, Any]]] = {
        "Hue": [{"host": world.hue.url, "advanced": {}}],
        "Lucit": [
            {
                "app_id": LUCIT_APP,
                "width": 1920,
                "height": 1080,
                "advanced": {"base_url": f"{world.lucit.url}/api/v3"},
            }
        ],
        "Lightbug": [
            {"next_step_id": "lightbug_login"},
            LIGHTBUG_LOGIN | {"advanced": {"base_url": world.lightbug.url}},
        ],
        "LUX": [
            {
                "password": LUX_LOGIN["password"],
                "advanced": {"base_url": world.lux.url},
            }
        ],
    }
    mistakes: dict[str, dict[str, Any]] = {
        "Hue": {"host": "127.0.0.1:9"},
        "Lucit": {"app_id": "LCUID-LAP-none"},
        "Lightbug": {"password": "wrong"},
        "LUX": {"password": "wrong"},
    }
    asked = {"handler": "lantern", "entry_id": entry["entry_id"]}
    shown = await person.post(FLOWS, **asked)
    *menu, right = steps[vendor]
    for step in menu:
        shown = await person.post(f"{FLOWS}/{shown['flow_id']}", **step)
    assert shown["type"] == "form", shown
    path = f"{FLOWS}/{shown['flow_id']}"
    shown = await person.post(path, **(right | mistakes[vendor]))
    assert shown["type"] == "form", shown
    assert shown["errors"], shown
    shown = await person.post(path, **right)
    if vendor == "Hue":
        world.hue.press_link_button()
    elif vendor == "Lucit":
        world.lucit.approve(shown["description_placeholders"]["code"])
    async with asyncio.timeout(60):
        while shown["type"] == "progress":
            await asyncio.sleep(0.3)
            shown = await person.demo_home.rest.call("GET", path)
    assert shown["reason"] == "reconfigure_successful", shown
    async with asyncio.timeout(60):
        while (await person.entry(vendor))["state"] != "loaded":
            await asyncio.sleep(0.2)
    assert (await person.entry(vendor))["entry_id"] == entry["entry_id"]
