"""What Lantern says, so that a better text does not need another test."""

import json
import re
from typing import Any

from demo.home import ROOT

_LANTERN = ROOT / "custom_components" / "lantern"
_TEXTS = json.loads((_LANTERN / "translations" / "en.json").read_text())
NAME: str = json.loads((_LANTERN / "manifest.json").read_text())["name"]
# Where a value is filled in, and what the browser makes of Markdown.
_BREAKS = re.compile(r"\{\w+\}|[*#]+|\n+")


def said(path: str) -> str:
    """Return the text under a path of keys: its longest part that is always there."""
    text: Any = _TEXTS
    for key in path.split("."):
        text = text[key]
    return max((part.strip() for part in _BREAKS.split(text)), key=len)
