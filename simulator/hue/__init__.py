"""A Hue bridge: link-button registration, the v1 API and the v2 event stream."""

from .bridge import HueBridge
from .house import House, default_house, generate

__all__ = ["House", "HueBridge", "default_house", "generate"]
