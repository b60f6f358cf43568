"""The pages on which people meet Lantern from day to day."""

import json
import re

from playwright.async_api import ViewportSize
import pytest

from demo.home import DASHBOARD
from demo.household import LIGHTBUG_LOGIN, LUX_LOGIN, PLACE
from demo.start_page import save_start_page
from demo.treatments import COUNTER
from tests.e2e.demo_home import DemoHome

from .conftest import SIZE
from .face import Face
from .words import said

# The first one waits for the start of all of it.
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.timeout(240)]

START_PAGE = f"/{DASHBOARD}/lantern"
MASK = 811
# All of the start page at once.
TALL: ViewportSize = {"width": 1280, "height": 4600}
REPAIRS = "/config/repairs"
TREATMENT = re.compile(r"^\d+:\d\d.* Treatment$")


async def test_lamp(demo_home: DemoHome, face: Face) -> None:
    """A lamp is switched from the dashboard, and is on at the bridge."""
    await demo_home.with_all("Hue")
    lights = demo_home.world.hue.house.lights.values()
    (porch,) = [light for light in lights if light["name"] == "Porch"]
    await save_start_page(demo_home.rest)
    await face.open(START_PAGE)
    await face.see("Hue Lighthouse")
    await face.button("Porch Off").click()
    await face.button("Porch On").wait_for()
    assert porch["state"]["on"] is True
    await face.button("Porch On").click()
    await face.button("Porch Off").wait_for()
    assert porch["state"]["on"] is False


async def test_start_page(demo_home: DemoHome, face: Face) -> None:
    """Each card of the dashboard has something to show, over the whole width."""
    await demo_home.with_all("Hue", "Lucit", "Lightbug", "LUX")
    demo_home.world.lucit.set_device(**PLACE)
    await demo_home.update("sensor.window_screen_status")
    await demo_home.upload_treatments()
    await demo_home.live()
    await save_start_page(demo_home.rest)
    # A graph that was there before its statistics asks again after minutes.
    await face.replace_page()
    await face.page.set_viewport_size(TALL)
    await face.open(START_PAGE)
    await face.see("Hue Lighthouse", "Lucit Window screen", "Lightbug", "Blue mask")
    for tracker in ("Dinghy 1", "Cargo bike 2", "Suitcase 3"):
        await face.see(tracker)
    # A device whose phone uploads has its first statistics within an hour.
    charts = face.page.get_by_role("application", name="Chart")
    await charts.nth(1).wait_for()
    missing = face.page.locator("hui-warning, hui-error-card").filter(visible=True)
    assert await missing.count() == 0
    sections = face.page.locator("hui-grid-section")
    view = await face.page.locator("hui-sections-view").bounding_box()
    assert view is not None
    for section in await sections.all():
        box = await section.bounding_box()
        assert box is not None
        assert box["width"] > 0.9 * view["width"]
    await face.picture("dashboard", sections.first, face.page.locator("hui-map-card"))
    graphs = face.page.locator("hui-statistics-graph-card")
    await face.picture("lux_statistics", graphs.nth(0), graphs.nth(1))
    await face.page.set_viewport_size(SIZE)


async def test_integration(demo_home: DemoHome, face: Face) -> None:
    """The integration's page holds an entry for each service."""
    await demo_home.with_all("Hue", "Lucit", "Lightbug", "LUX")
    await face.open("/config/integrations/integration/lantern")
    await face.see("Hue Lighthouse", "Lucit Window screen", "Lightbug r", "LUX p")
    await face.picture("integration")


async def test_map(demo_home: DemoHome, face: Face) -> None:
    """The trackers are on Home Assistant's own map."""
    await demo_home.with_all("Lightbug")
    await face.open("/map")
    await face.page.get_by_role("tab", name="Devices").click()
    await face.see("Dinghy 1", "Cargo bike 2", "Suitcase 3")


async def test_calendar(demo_home: DemoHome, face: Face) -> None:
    """The treatments that Home Assistant carried are in its calendar."""
    await demo_home.with_all("LUX")
    await demo_home.upload_treatments()
    await face.open("/calendar")
    await face.see(f"Blue mask {said('entity.calendar.treatments.name')}")
    await face.page.get_by_role("button", name=TREATMENT).first.wait_for()
    await face.picture("lux_calendar")


async def test_repair(demo_home: DemoHome, face: Face) -> None:
    """A gap in the treatment logs is told; its repair sends what waits."""
    await demo_home.with_all("LUX")
    device = demo_home.world.lux.devices[MASK]
    last = device.last_log_file_id
    await demo_home.hand_over(last + 3)
    await face.open(REPAIRS)
    await face.click(said("issues.queue_gap.title"))
    await face.see(f"{last + 1}, {last + 2}")
    await face.picture("repair", face.dialog)
    await face.click(
        said("issues.queue_gap.fix_flow.step.init.menu_options.send_anyway")
    )
    await face.see("The issue is repaired!")
    await face.finish()
    await face.lose(said("issues.queue_gap.title"))
    assert device.last_log_file_id == last + 3


async def test_sign_in_again(demo_home: DemoHome, face: Face) -> None:
    """The phone took LUX's only session; Repairs leads to the sign-in."""
    await demo_home.with_all("LUX")
    demo_home.world.lux.phone_sign_in()
    demo_home.world.lux.expire_tokens()
    await demo_home.update(COUNTER)
    await face.open(REPAIRS)
    await face.click("Authentication expired for LUX")
    await face.see(said("config.error.session_ended"))
    await face.fill(
        said("config.step.lux_password.data.password"), LUX_LOGIN["password"]
    )
    await face.submit()
    await face.see("Re-authentication was successful")
    await face.button("Close").click()
    await face.lose("Authentication expired for LUX")
    await demo_home.update(COUNTER)
    assert (await demo_home.state(COUNTER)).isdigit()


async def test_system_health(demo_home: DemoHome, face: Face) -> None:
    """System information tells whether the services answer."""
    await demo_home.with_all("Hue", "Lucit", "Lightbug", "LUX")
    await face.open(REPAIRS)
    await face.button("Menu").click()
    await face.click("System information")
    await face.see("hue_1", "lucit_1", "lightbug_1", "lux_1")
    rows = face.page.get_by_role("row", name="_1 answers")
    assert await rows.count() == 4
    await face.page.keyboard.press("Escape")


async def test_diagnostics(demo_home: DemoHome, face: Face) -> None:
    """Diagnostics are downloaded from an entry's menu, and hold no secret."""
    await demo_home.with_all("Lightbug")
    await face.open("/config/integrations/integration/lantern")
    entry = face.page.locator("ha-config-entry-row").filter(has_text="Lightbug")
    await entry.get_by_role("button", name="Menu").first.click()
    async with face.page.expect_download() as download:
        await face.click("Download diagnostics")
    text = (await (await download.value).path()).read_text()
    data = json.loads(text)["data"]
    assert data
    for entry in demo_home.stored():
        for name, secret in entry.items():
            if secret and name.endswith(("token", "_key", "_secret")):
                assert secret not in text, name
    for word in (*LIGHTBUG_LOGIN.values(), "Dinghy"):
        assert word not in text
