"""The entries, added through the config flow as a person would."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import ClientSession

from .rest import DemoError, Flow, Rest

type Urls = Mapping[str, str]

LUCIT_APP = "LCUID-LAP-0e5f1a70-5a17-4c0d-9e00-1a57e4f1a900"
PLACE = {"latitude": "54.00260000", "longitude": "7.91260000"}
LIGHTBUG_LOGIN = {"username": "robin@example.org", "password": "made-up password"}
LUX_LOGIN = {"username": "parent@example.org", "password": "made-up-Password-1"}


async def _control(urls: Urls, path: str, **settings: Any) -> None:
    """Let somebody do something in the simulated world."""
    async with (
        ClientSession() as session,
        session.post(f"{urls['control']}/{path}", json=settings) as response,
    ):
        if response.status >= 400:
            raise DemoError(f"simulator: {path}: {await response.text()}")


async def add_hue(rest: Rest, urls: Urls) -> str:
    """Link the bridge: its button is pressed while the flow waits."""
    flow = Flow(rest)
    await flow.start("hue")
    await flow.submit({"host": urls["hue"], "advanced": {}})
    await _control(urls, "hue/press_link_button")
    return await flow.finish()


async def add_lucit(rest: Rest, urls: Urls) -> str:
    """Pair the player: its code is typed in while the flow shows it."""
    flow = Flow(rest)
    await flow.start("lucit")
    advanced = {"base_url": f"{urls['lucit']}/api/v3"}
    await flow.submit(
        {"app_id": LUCIT_APP, "width": 1920, "height": 1080, "advanced": advanced}
    )
    code = flow.step["description_placeholders"]["code"]
    await _control(urls, "lucit/approve", code=code, name="Window screen")
    title = await flow.finish()
    # Where the sign stands is told at Lucit, once the player is there.
    await _control(urls, "lucit/set_device", **PLACE)
    player = {"entity_id": "sensor.window_screen_status"}
    await rest.call("POST", "/api/services/homeassistant/update_entity", json=player)
    return title


async def add_lightbug(rest: Rest, urls: Urls) -> str:
    """Sign in to the trackers' account."""
    flow = Flow(rest)
    await flow.start("lightbug", "lightbug_login")
    await flow.submit(LIGHTBUG_LOGIN | {"advanced": {"base_url": urls["lightbug"]}})
    return await flow.finish()


async def add_lux(rest: Rest, urls: Urls) -> str:
    """Sign in to the treatment devices' account."""
    flow = Flow(rest)
    await flow.start("lux")
    await flow.submit(LUX_LOGIN | {"advanced": {"base_url": urls["lux"]}})
    return await flow.finish()


def by_hand(urls: Urls) -> str:
    """Say what to type in to add a service by hand, and who does the rest."""
    press = f"curl -X POST {urls['control']}/hue/press_link_button"
    approve = f"curl -X POST {urls['control']}/lucit/approve"
    rows = (
        ("Hue", urls["hue"], press),
        ("Lucit", f"{urls['lucit']}/api/v3", f"App ID {LUCIT_APP}; {approve}"),
        ("Lightbug", urls["lightbug"], " / ".join(LIGHTBUG_LOGIN.values())),
        ("LUX", urls["lux"], " / ".join(LUX_LOGIN.values())),
    )
    return "\n".join(f"  {name:9} {url:30} {rest}" for name, url, rest in rows)


VENDORS: Mapping[str, Callable[[Rest, Urls], Awaitable[str]]] = {
    "Hue": add_hue,
    "Lucit": add_lucit,
    "Lightbug": add_lightbug,
    "LUX": add_lux,
}


async def furnish(rest: Rest, urls: Urls) -> list[str]:
    """Add the entries that are missing; return the titles of all."""
    there = await rest.entries()
    titles = []
    for vendor, add in VENDORS.items():
        title = next((name for name in there if name.startswith(vendor)), None)
        titles.append(title or await add(rest, urls))
    return titles
