"""Each service is added by hand, with the mistakes that people make."""

import pytest

from demo.household import LIGHTBUG_LOGIN, LUCIT_APP, LUX_LOGIN
from tests.e2e.demo_home import DemoHome

from .face import Face
from .words import said

# The first one waits for the start of all of it.
pytestmark = [pytest.mark.asyncio(loop_scope="package"), pytest.mark.timeout(240)]

UNREACHABLE = "127.0.0.1:9"


async def test_hue(demo_home: DemoHome, face: Face) -> None:
    """A wrong address is put right; the button is pressed while the window waits."""
    await demo_home.without("Hue")
    await face.add("hue")
    await face.fill(said("config.step.hue.data.host"), UNREACHABLE)
    await face.submit()
    await face.see(said("config.error.cannot_connect"))
    await face.fill(said("config.step.hue.data.host"), demo_home.world.hue.url)
    await face.submit()
    await face.see(said("config.progress.hue_link"), "Lighthouse")
    await face.picture("hue_link", face.dialog)
    demo_home.world.hue.press_link_button()
    await face.finish()
    await face.open_device("Lighthouse")
    await face.see(
        "Hue bridge", "by Signify", said("entity.sensor.registered_applications.name")
    )
    await face.open_device("Porch")
    await face.see("On/Off light", "Controls")


async def test_lucit(demo_home: DemoHome, face: Face) -> None:
    """A wrong App ID is put right; the code is typed in while it shows."""
    await demo_home.without("Lucit")
    await face.add("lucit")
    await face.set_address("config.step.lucit", f"{demo_home.world.lucit.url}/api/v3")
    await face.fill(said("config.step.lucit.data.app_id"), "LCUID-LAP-none")
    await face.submit()
    await face.see(said("config.error.invalid_app_id"))
    await face.fill(said("config.step.lucit.data.app_id"), LUCIT_APP)
    await face.submit()
    await face.see(
        said("config.step.lucit_pair.title"), said("config.progress.lucit_pair")
    )
    await face.picture("lucit_pair", face.dialog)
    *_, pairing = demo_home.world.lucit.pairings.values()
    code = f"{pairing.code:09}"
    await face.see(f"{code[:3]}-{code[3:6]}-{code[6:]}")
    demo_home.world.lucit.approve(pairing.code)
    await face.finish()
    await face.open_device("Window screen")
    await face.see("by Lucit", said("entity.switch.heartbeat.name"))


async def test_lightbug(demo_home: DemoHome, face: Face) -> None:
    """A wrong password is put right."""
    await demo_home.without("Lightbug")
    await face.add("lightbug")
    await face.see(said("config.step.lightbug.description"))
    await face.picture("lightbug_sign_in", face.dialog)
    await face.click(said("config.step.lightbug.menu_options.lightbug_login"))
    await face.set_address("config.step.lightbug_login", demo_home.world.lightbug.url)
    await face.fill(
        said("config.step.lightbug_login.data.username"), LIGHTBUG_LOGIN["username"]
    )
    await face.fill(said("config.step.lightbug_login.data.password"), "wrong")
    await face.submit()
    await face.see(said("config.error.invalid_auth"))
    await face.fill(
        said("config.step.lightbug_login.data.password"), LIGHTBUG_LOGIN["password"]
    )
    await face.submit()
    await face.finish()
    await face.open_device("Dinghy 1")
    await face.see("by Lightbug", "Battery")
    await face.picture("lightbug_device")


async def test_lux(demo_home: DemoHome, face: Face) -> None:
    """A wrong password is put right."""
    await demo_home.without("LUX")
    await face.add("lux")
    await face.see(said("config.step.lux.description"))
    await face.picture("lux_sign_in", face.dialog)
    await face.set_address("config.step.lux", demo_home.world.lux.url)
    await face.fill(said("config.step.lux.data.username"), LUX_LOGIN["username"])
    await face.fill(said("config.step.lux.data.password"), "wrong")
    await face.submit()
    await face.see(said("config.error.invalid_auth"))
    await face.fill(said("config.step.lux.data.password"), LUX_LOGIN["password"])
    await face.submit()
    await face.finish()
    await face.open_device("Blue mask")
    await face.see("by Nu Eyne", said("entity.sensor.unsent_logs.name"))
