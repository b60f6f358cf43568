"""LUX: a treatment device's service, as its developer pages describe it."""

from .service import Lux

__all__ = ["Lux"]
