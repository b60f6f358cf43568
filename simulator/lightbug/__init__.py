"""Lightbug's GPS trackers: v1 (LoopBack) under /api and v2 under /v2, one port."""

from .service import Lightbug

__all__ = ["Lightbug"]
