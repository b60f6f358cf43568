"""The brand images, as Home Assistant wants them."""

from pathlib import Path

from PIL import Image
import pytest

BRAND = Path(__file__).parent.parent / "custom_components" / "lantern" / "brand"
ICONS = {"icon": 256, "icon@2x": 512}
LOGOS = {"logo": (128, 256), "logo@2x": (256, 512)}
NAMES = [f"{dark}{name}" for dark in ("", "dark_") for name in (*ICONS, *LOGOS)]


def image(name: str) -> Image.Image:
    """Return one of them."""
    with Image.open(BRAND / f"{name}.png") as found:
        return found.copy()


def test_there_are_eight() -> None:
    """Icon and logo, twice as large, and all of it for a dark background."""
    assert {path.stem for path in BRAND.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_size(name: str) -> None:
    """Each has the size that Home Assistant's pages count on, and is light."""
    found = image(name)
    plain = name.removeprefix("dark_")
    if plain in ICONS:
        assert found.size == (ICONS[plain], ICONS[plain])
    else:
        least, most = LOGOS[plain]
        assert least <= min(found.size) <= most
    assert (BRAND / f"{name}.png").stat().st_size < 40_000


@pytest.mark.parametrize("name", NAMES)
def test_transparent_and_trimmed(name: str) -> None:
    """The background is nothing, and there is no empty edge."""
    found = image(name)
    assert found.mode == "RGBA"
    alpha = found.getchannel("A")
    assert alpha.getpixel((0, 0)) == 0
    assert alpha.getextrema() == (0, 255)
    left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
    wide = (left, right) == (0, found.width)
    high = (top, bottom) == (0, found.height)
    # An icon is square and fills one way, a logo fills both.
    assert (wide or high) if "icon" in name else (wide and high)


@pytest.mark.parametrize("name", [*ICONS, *LOGOS])
def test_seen_on_both_backgrounds(name: str) -> None:
    """The frame is dark on a light background and light on a dark one."""

    def darkest_and_lightest(picture: Image.Image) -> tuple[int, int]:
        grey = [
            value
            for value, alpha in zip(
                picture.convert("L").get_flattened_data(),
                picture.getchannel("A").get_flattened_data(),
                strict=True,
            )
            if alpha == 255
        ]
        return min(grey), max(grey)

    assert darkest_and_lightest(image(name))[0] < 80
    assert darkest_and_lightest(image(f"dark_{name}"))[0] > 120
