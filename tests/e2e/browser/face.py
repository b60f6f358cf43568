"""What a person sees of Home Assistant, and clicks there."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
import re

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page

from demo.rest import PASSWORD, USER

from .words import NAME, said

# A part of a name is enough for Playwright, but "Hue" is a part of many.
_WHOLE = r"^\s*{}\*?\s*$"
MARGIN = 16
_GO = """path => {
    history.pushState(null, "", path);
    window.dispatchEvent(new CustomEvent("location-changed", {detail: {}}));
}"""


@dataclass(slots=True)
class Face:
    """One window of a browser that shows one Home Assistant."""

    page: Page
    url: str
    pictures: Path | None = None

    async def sign_in(self) -> None:
        """Open Home Assistant, and sign in as its user does."""
        await self.page.goto(self.url)
        await self.fill("Username", USER)
        await self.fill("Password", PASSWORD)
        await self.button("Log in").click()
        await self.see("Settings")
        await self._begin()

    async def replace_page(self) -> None:
        """Leave all that is open; unlike a reload, nothing under way gets in its way."""
        left, self.page = self.page, await self.page.context.new_page()
        await left.close()
        await self._begin()

    async def _begin(self) -> None:
        """Load a page that stays: without a path, Home Assistant goes on to another."""
        await self.page.goto(f"{self.url}/config/dashboard")
        await self.see("Devices & services")

    async def open(self, path: str) -> None:
        """Go to a page as a click does, without loading the frontend anew."""
        await self.page.evaluate(_GO, path)

    @property
    def dialog(self) -> Locator:
        """Return the dialog that is open."""
        return self.page.get_by_role("dialog").filter(visible=True)

    def text(self, text: str) -> Locator:
        """Return the first place that holds this text and can be seen."""
        return self.page.get_by_text(text).filter(visible=True).first

    def button(self, name: str) -> Locator:
        """Return the button with this name."""
        whole = re.compile(_WHOLE.format(re.escape(name)))
        return self.page.get_by_role("button", name=whole).filter(visible=True).first

    async def see(self, *texts: str) -> None:
        """Wait until all these texts can be seen."""
        for text in texts:
            await self.text(text).wait_for()

    async def lose(self, text: str) -> None:
        """Wait until this text cannot be seen any more."""
        await self.text(text).wait_for(state="hidden")

    async def click(self, text: str) -> None:
        """Click where this text is."""
        await self.text(text).click()

    async def fill(self, label: str, value: str) -> None:
        """Type something into the field with this label."""
        whole = re.compile(_WHOLE.format(re.escape(label)))
        field = self.page.get_by_role("textbox", name=whole).filter(visible=True)
        await field.fill(value)

    async def submit(self) -> None:
        """Submit the form that is shown."""
        await self.button("Submit").click()

    async def add(self, service: str) -> None:
        """Begin to add a service, from the list of integrations."""
        await self.open("/config/integrations/dashboard")
        await self.button("Add integration").click()
        await self.page.get_by_placeholder("Search for a brand").fill("Lantern")
        listed = self.page.locator("dialog-add-integration")
        await listed.get_by_text(NAME).click()
        await self.click(said(f"config.step.user.menu_options.{service}"))

    async def set_address(self, step: str, address: str) -> None:
        """Tell where the service is, in the part that most people leave alone."""
        await self.button(said(f"{step}.sections.advanced.name")).click()
        await self.fill(said(f"{step}.sections.advanced.data.base_url"), address)

    async def open_device(self, name: str) -> None:
        """Go to a device's page, from that of the integration."""
        await self.open("/config/integrations/integration/lantern")
        await self.page.get_by_text(name, exact=True).filter(visible=True).first.click()
        await self.see("Device info")

    async def finish(self) -> None:
        """Leave the names and areas of the new devices as they are proposed."""
        await self.button("Finish").or_(self.button("Skip and finish")).click()
        await self.dialog.wait_for(state="hidden")

    async def picture(self, name: str, *shown: Locator) -> None:
        """Take a picture for the documents, if they are wanted: of these, or of all."""
        if self.pictures is None:
            return
        await self.page.mouse.move(0, 0)
        boxes = [await element.bounding_box() for element in shown]
        taken = await self.page.screenshot(
            clip=_around([box for box in boxes if box]) if boxes else None,
            animations="disabled",
        )
        with Image.open(BytesIO(taken)) as image:
            image.thumbnail((1050, 1400))
            # Pages have few colours: a palette makes a third of it.
            few = image.convert("RGB").quantize(128, dither=Image.Dither.NONE)
            few.save(self.pictures / f"{name}.png", optimize=True)


def _around(boxes: list[FloatRect]) -> FloatRect:
    """Return what holds all the boxes, with a margin."""
    left = min(box["x"] for box in boxes) - MARGIN
    top = min(box["y"] for box in boxes) - MARGIN
    right = max(box["x"] + box["width"] for box in boxes) + MARGIN
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}
