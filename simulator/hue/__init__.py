"""A Hue bridge: link-button registration, both APIs and the event stream."""

from .bridge import HueBridge
from .house import House, default_house, generate
from .v2.houses import full_house, generate_v2
from .v2.successor import take_over

__all__ = [
    "House",
    "HueBridge",
    "default_house",
    "full_house",
    "generate",
    "generate_v2",
    "take_over",
]
