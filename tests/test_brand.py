"""The brand images, as Home Assistant wants them."""

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from PIL import Image
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from .test_files import LANTERN

BRAND = LANTERN / "brand"
ICONS = {"icon": 256, "icon@2x": 512}
LOGOS = {"logo": (128, 256), "logo@2x": (256, 512)}
NAMES = [f"{dark}{name}" for dark in ("", "dark_") for name in (*ICONS, *LOGOS)]


def image(name: str) -> Image.Image:
    """Return one of them."""
    with Image.open(BRAND / f"{name}.png") as opened:
        return opened.copy()


def test_there_are_eight() -> None:
    """Icon and logo, twice as large, and all of it for a dark background."""
    assert {path.stem for path in BRAND.iterdir()} == set(NAMES)


def test_size() -> None:
    """Each has the size that Home Assistant's pages count on, and is light."""
    for name in NAMES:
        icon = image(name)
        plain = name.removeprefix("dark_")
        if plain in ICONS:
            assert icon.size == (ICONS[plain], ICONS[plain])
        else:
            least, most = LOGOS[plain]
            assert least <= min(icon.size) <= most
        assert (BRAND / f"{name}.png").stat().st_size < 40_000


def test_transparent_and_trimmed() -> None:
    """The background is nothing, and there is no empty edge."""
    for name in NAMES:
        logo = image(name)
        assert logo.mode == "RGBA"
        alpha = logo.getchannel("A")
        assert alpha.getpixel((0, 0)) == 0
        assert alpha.getextrema() == (0, 255)
        left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
        wide = (left, right) == (0, logo.width)
        high = (top, bottom) == (0, logo.height)
        # An icon is square and fills one way, a logo fills both.
        assert (wide or high) if "icon" in name else (wide and high)


def darkest(picture: Image.Image) -> int:
    """Return the darkest grey of what is not transparent."""
    opaque = picture.getchannel("A").point([0] * 255 + [255])
    counts = picture.convert("L").histogram(opaque)
    return next(grey for grey, count in enumerate(counts) if count)


def test_seen_on_both_backgrounds() -> None:
    """The frame is dark on a light background and light on a dark one."""
    for name in (*ICONS, *LOGOS):
        assert darkest(image(name)) < 80
        assert darkest(image(f"dark_{name}")) > 120


async def test_home_assistant_shows_them(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    """Home Assistant serves ours, each of them, and asks nobody for another."""
    assert await async_setup_component(hass, "brands", {})
    client = await hass_client()
    for name in NAMES:
        answer = await client.get(f"/api/brands/integration/lantern/{name}.png")
        assert await answer.read() == (BRAND / f"{name}.png").read_bytes()
