"""The other languages against English, the language that the code is told in."""

from collections.abc import Iterator
from itertools import product
import json
import logging
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.generated.languages import LANGUAGES as KNOWN
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.lantern.const import DOMAIN

from .test_files import LANTERN, TEXTS

FOLDER = LANTERN / "translations"
LANGUAGES = sorted({path.stem for path in FOLDER.iterdir()} - {"en"})
NAMES = ("Home Assistant", "Hue", "Lantern", "Lightbug", "Lucit", "LUX", "LCUID")
# Texts that one may read in another language as they are in English.
INTERNATIONAL = {
    "{name}",
    "Lamp {number}",
    "MAC ID",
    "Account",
    "Alert",
    "Altitude",
    "App",
    "Bridge",
    "CSV",
    "Color",
    "Effect",
    "Cosmos",
    "Distance",
    "Format",
    "GPS",
    "GPX",
    "Geofence",
    "Instruction",
    "Internet",
    "Message",
    "Minutes",
    "Mode",
    "Name",
    "Normal",
    "Note",
    "Opal",
    "Parameters",
    "Password",
    "Player",
    "Points",
    "Source",
    "Position",
    "Rotation",
    "Service",
    "Start",
    "Status",
    "Token",
    "Tracker",
    "Transition",
    "Wi-Fi",
    "Zones",
}
# A text, and the name of something that it sends its reader to.
ADVANCED = "config.step.hue.sections.advanced.name"
CITED = {
    "config.step.lucit.description": "entity.switch.heartbeat.name",
    "exceptions.which_child.message": "services.lux_check_device.name",
    "exceptions.not_confirmed.message": (
        "services.lux_unregister_device.fields.confirm.name"
    ),
    "issues.lucit_heartbeats_fail.description": "entity.switch.heartbeat.name",
    "exceptions.hue_ambiguous_application.message": (
        "services.hue_list_applications.name"
    ),
    **{
        f"config.error.{key}": ADVANCED
        for key in (
            "attach_refused",
            "insecure_url",
            "invalid_attach_to",
            "invalid_devicetype",
            "invalid_url",
            "invalid_username",
        )
    },
}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Return all texts with their keys, in order."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}" if path else key)
    else:
        yield path, value


def read(language: str) -> dict[str, str]:
    """Return the texts of a language by key."""
    return dict(leaves(json.loads((FOLDER / f"{language}.json").read_text())))


ENGLISH = dict(leaves(TEXTS))


def shape(text: str) -> list[Any]:
    """Return what a text may not lose: placeholders, emphasis, paragraphs."""
    plain = re.sub(r"(?<=\d)[., ](?=\d{3}(?!\d))", "", text)
    return [
        set(re.findall(r"{\w+}", text)),
        len(re.findall(r"(?<!\*)\*{1,2}(?!\*)", text)),
        text.count("\n\n"),
        text.startswith("# "),
        {name for name in NAMES if name in text},
        set(re.findall(r"https|\d{2,}|[a-z]+_[a-z_]+", plain)),
    ]


def test_languages() -> None:
    """These are spoken, and Home Assistant knows each of them."""
    wanted = {"de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt-BR", "sv", "zh-Hans"}
    assert set(LANGUAGES) == wanted <= KNOWN


def test_complete() -> None:
    """A language has what English has, in its order; else this lists the difference."""
    for language in LANGUAGES:
        texts = read(language)
        missing = [
            f"{key}: {text}" for key, text in ENGLISH.items() if key not in texts
        ]
        assert not missing, f"{language}.json lacks\n" + "\n".join(missing)
        superfluous = [key for key in texts if key not in ENGLISH]
        assert not superfluous, f"{language}.json has\n" + "\n".join(superfluous)
        assert list(texts) == list(ENGLISH), f"{language}.json is in another order"


def test_same_shape() -> None:
    """Placeholders, names, numbers, emphasis and paragraphs are those of English."""
    for language in LANGUAGES:
        for key, text in read(language).items():
            assert shape(text) == shape(ENGLISH[key]), f"{language} {key}: {text}"


def test_for_people() -> None:
    """No text is empty, badly trimmed, or holds HTML, an address or a reference."""
    for language in ("en", *LANGUAGES):
        for key, text in read(language).items():
            assert text.strip() == text != "", f"{language} {key}"
            assert "  " not in text, f"{language} {key}"
            assert not re.search(r"https?://|</?\w+>|\[%key", text), f"{language} {key}"


def test_translated() -> None:
    """Nothing is left in English, but names and words that are international."""
    for language in LANGUAGES:
        left = {
            text for key, text in read(language).items() if text == ENGLISH[key]
        } - INTERNATIONAL
        assert not left, f"{language}.json has in English: {sorted(left)}"


def test_what_is_cited_has_that_name() -> None:
    """A text that sends its reader somewhere names the place as it is called there."""
    for language in ("en", *LANGUAGES):
        texts = read(language)
        for key, cited in CITED.items():
            assert texts[cited] in texts[key], f"{language} {key}: {texts[cited]}"


def test_names_stay_apart() -> None:
    """Entities and actions with different names have different names everywhere."""
    for language in LANGUAGES:
        named = re.compile(r"(entity\.\w+|services)\.\w+\.name")
        texts = read(language)
        for kind in {match[1] for key in texts if (match := named.fullmatch(key))}:
            keys = [
                key
                for key in texts
                if named.fullmatch(key) and key.startswith(f"{kind}.")
            ]
            assert len({texts[key] for key in keys}) == len(
                {ENGLISH[key] for key in keys}
            ), f"{language} {kind}: {sorted(texts[key] for key in keys)}"


async def test_home_assistant_speaks_it(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Home Assistant takes the texts, and falls back to English nowhere."""
    for language, category in product(LANGUAGES, TEXTS):
        translations = await async_get_translations(hass, language, category, [DOMAIN])
        texts = {
            f"component.{DOMAIN}.{key}": text
            for key, text in read(language).items()
            if key.startswith(f"{category}.")
        }
        assert translations == texts, f"{language} {category}"
    assert not [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.endswith(".translation")
    ]
