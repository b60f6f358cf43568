"""The start page: what Lantern's own action returns, saved as a person would."""

import asyncio
from typing import Any

from .home import DASHBOARD
from .rest import Rest
from .treatments import CALENDAR

_ACTION = "/api/services/lantern/get_dashboard?return_response"


async def get_dashboard(rest: Rest, **fields: Any) -> dict[str, Any]:
    """Return a dashboard of Lantern's entities."""
    answer = await rest.call("POST", _ACTION, json=fields)
    dashboard: dict[str, Any] = answer["service_response"]
    return dashboard


async def make_start_page(rest: Rest) -> None:
    """Make the start page that is not there yet; one that was edited stays."""
    if await _has_start_page(rest):
        return
    # Treatments that were handed over become a calendar a moment later.
    async with asyncio.timeout(60):
        while not any(state["entity_id"] == CALENDAR for state in await _states(rest)):
            await asyncio.sleep(0.3)
    await save_start_page(rest)


async def save_start_page(rest: Rest) -> None:
    """Fill the start page with cards for what there is now."""
    if not await _has_start_page(rest):
        page = {"url_path": DASHBOARD, "title": "Lantern", "icon": "mdi:lighthouse"}
        await rest.ask("lovelace/dashboards/create", **page)
    config = await get_dashboard(rest)
    await rest.ask("lovelace/config/save", url_path=DASHBOARD, config=config)


async def _has_start_page(rest: Rest) -> bool:
    pages = await rest.ask("lovelace/dashboards/list")
    return any(page["url_path"] == DASHBOARD for page in pages)


async def _states(rest: Rest) -> list[dict[str, Any]]:
    states: list[dict[str, Any]] = await rest.ask("get_states")
    return states
