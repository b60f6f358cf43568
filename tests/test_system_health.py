"""The system health page: which services answer, and what they have left."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.lantern.const import DOMAIN
from simulator.lightbug import Lightbug
from simulator.lucit import Lucit

from .common import add_entry, pass_time
from .lightbug import conftest as lightbug_home
from .lucit import conftest as lucit_home


async def test_system_health(
    hass: HomeAssistant,
    lightbug: Lightbug,
    lucit: Lucit,
    freezer: FrozenDateTimeFactory,
) -> None:
    """One line per entry, without a name of anybody or anything."""
    freezer.move_to("2026-11-21 12:00:00+00:00")
    assert await async_setup_component(hass, "system_health", {})
    await add_entry(hass, lucit_home.UNIQUE_ID, lucit_home.stored(lucit))
    await add_entry(hass, lightbug_home.UNIQUE_ID, lightbug_home.stored(lightbug))
    info = await get_system_health_info(hass, DOMAIN)
    assert info["lucit_1"] == "answers, last at 2026-11-21T12:00:00+00:00"
    left = lightbug.normal.limit - lightbug.normal.used
    assert info["lightbug_1"] == f"{info['lucit_1']}, {left} requests left"

    lucit.inject("*", "status", times=-1, status=503)
    for _ in range(3):
        await pass_time(hass, freezer, 300)
    info = await get_system_health_info(hass, DOMAIN)
    assert info["lucit_1"].startswith("does not answer, last at 2026-11-21T12:00:00")
    assert set(info) == {"lucit_1", "lightbug_1"}

    lightbug.revoke_tokens()
    await pass_time(hass, freezer, 300)
    info = await get_system_health_info(hass, DOMAIN)
    assert info["lightbug_1"].startswith("refuses the stored access, last at 2026")
