"""Lucit: a signage service, as far as a lightning device sees it."""

from .service import Lucit

__all__ = ["Lucit"]
