"""Each service is added by hand, with the mistakes that people make."""

import pytest

from demo.household import LIGHTBUG_LOGIN, LUCIT_APP, LUX_LOGIN

from .conftest import House
from .face import Face

pytestmark = pytest.mark.asyncio(loop_scope="session")

UNREACHABLE = "127.0.0.1:9"


async def test_hue(house: House, face: Face) -> None:
    """A wrong address is put right; the button is pressed while the window waits."""
    await house.without("Hue")
    await face.add("Philips Hue bridge")
    await face.fill("Address", UNREACHABLE)
    await face.submit()
    await face.see("could not be reached")
    await face.fill("Address", house.world.hue.url)
    await face.submit()
    await face.see("Press the round button on", "Lighthouse")
    await face.picture("hue_link", face.dialog)
    house.world.hue.press_link_button()
    await face.finish()
    await face.open_device("Lighthouse")
    await face.see("Hue bridge", "by Signify", "Registered apps")
    await face.open_device("Porch")
    await face.see("On/Off light", "Controls")


async def test_lucit(house: House, face: Face) -> None:
    """A wrong App ID is put right; the code is typed in while it shows."""
    await house.without("Lucit")
    await face.add("Lucit signage player")
    await face.set_address(f"{house.world.lucit.url}/api/v3")
    await face.fill("App ID", "LCUID-LAP-none")
    await face.submit()
    await face.see("This is not an App ID that Lucit knows")
    await face.fill("App ID", LUCIT_APP)
    await face.submit()
    await face.see("Type this code in at Lucit", "This window goes on by itself")
    await face.picture("lucit_pair", face.dialog)
    (pairing,) = house.world.lucit.pairings.values()
    code = f"{pairing.code:09}"
    await face.see(f"{code[:3]}-{code[3:6]}-{code[6:]}")
    house.world.lucit.approve(pairing.code)
    await face.finish()
    await face.open_device("Window screen")
    await face.see("by Lucit", "Report as alive")


async def test_lightbug(house: House, face: Face) -> None:
    """A wrong password is put right."""
    await house.without("Lightbug")
    await face.add("Lightbug GPS trackers")
    await face.see("How should Home Assistant get access to your trackers?")
    await face.picture("lightbug_sign_in", face.dialog)
    await face.click("E-mail and password")
    await face.set_address(house.world.lightbug.url)
    await face.fill("E-mail", LIGHTBUG_LOGIN["username"])
    await face.fill("Password", "wrong")
    await face.submit()
    await face.see("does not accept these credentials")
    await face.fill("Password", LIGHTBUG_LOGIN["password"])
    await face.submit()
    await face.finish()
    await face.open_device("Dinghy 1")
    await face.see("by Lightbug", "Battery")
    await face.picture("lightbug_device")


async def test_lux(house: House, face: Face) -> None:
    """A wrong password is put right."""
    await house.without("LUX")
    await face.add("LUX treatment devices")
    await face.see("Good to know: LUX allows one session per account.")
    await face.picture("lux_sign_in", face.dialog)
    await face.set_address(house.world.lux.url)
    await face.fill("E-mail", LUX_LOGIN["username"])
    await face.fill("Password", "wrong")
    await face.submit()
    await face.see("does not accept these credentials")
    await face.fill("Password", LUX_LOGIN["password"])
    await face.submit()
    await face.finish()
    await face.open_device("Blue mask")
    await face.see("by Nu Eyne", "Unsent logs")
