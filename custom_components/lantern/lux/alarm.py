"""Wakes when what is shown of treatments changes without any news."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from .client.treatment_log import TreatmentLog
from .treatment_summary import LONGEST

_DAY = timedelta(days=1)


class Alarm:
    """Rings at local midnight, or when nobody believes an open treatment any more."""

    def __init__(self, hass: HomeAssistant, ring: Callable[[], object]) -> None:
        """Take whom to wake; `set` says when."""
        self._hass = hass
        self._ring = ring
        self._cancel: CALLBACK_TYPE | None = None

    @callback
    def set(self, opened: Iterable[TreatmentLog]) -> None:
        """Ring next for these open treatments, or at midnight."""
        self.stop()
        now = dt_util.utcnow()
        wake = dt_util.as_utc(dt_util.start_of_local_day(dt_util.now() + _DAY))
        ends = (one.start + LONGEST for one in opened)
        wake = min([wake, *(end for end in ends if end > now)])
        self._cancel = async_track_point_in_utc_time(self._hass, self._rang, wake)

    @callback
    def stop(self) -> None:
        """Ring no more."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    @callback
    def _rang(self, _: datetime) -> None:
        self._cancel = None
        self._ring()
