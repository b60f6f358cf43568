"""The treatments that Lantern knows: what it carried to LUX, for five years.

One file per entry. A log leaves the queue only after it is saved here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant

from ..storage import DurableStore, RowReader, unknown_keys
from ..transport import parsing
from .client.treatment_log import TreatmentLog, whole

_KEYS = ("logs", "temporary", "foreign_days", "foreign", "pruned")
KEPT_FOR = timedelta(days=5 * 365 + 1)


@dataclass(frozen=True, slots=True)
class DeviceTreatments:
    """One device's treatments, by start.

    `temporary` is the last temporary log that LUX took. `foreign_days` are the
    local days on which LUX's number grew by logs that somebody else carried,
    `foreign` when that was seen last. `pruned` are the seconds of treatment that
    were dropped, on which the statistics' sum goes on.
    """

    logs: tuple[TreatmentLog, ...] = ()
    temporary: TreatmentLog | None = None
    foreign_days: frozenset[date] = frozenset()
    foreign: datetime | None = None
    pruned: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def saved(self, log: TreatmentLog) -> DeviceTreatments:
        """Return the treatments with one more, once, however often it comes."""
        if log.temporary:
            return replace(self, temporary=log)
        # Its number alone would not do: a device that is replaced counts anew.
        if log in self.logs:
            return self
        return replace(self, logs=in_order((*self.logs, log)))

    def grown(self, since: date, now: datetime, today: date) -> DeviceTreatments:
        """Return the treatments, knowing that others carried logs since a day."""
        days = max((today - since).days, 0)
        new = {today - timedelta(days=ago) for ago in range(min(days, 366) + 1)}
        return replace(self, foreign_days=self.foreign_days | new, foreign=now)

    def without_old(self, now: datetime) -> DeviceTreatments:
        """Return the treatments of the last five years."""
        first = now - KEPT_FOR
        old = [one for one in self.logs if one.start < first]
        days = {one for one in self.foreign_days if one < first.date()}
        if not old and not days:
            return self
        return replace(
            self,
            logs=self.logs[len(old) :],
            foreign_days=self.foreign_days - days,
            pruned=self.pruned + sum(one.duration for one in old),
        )

    def plain(self) -> dict[str, Any]:
        """Return the treatments as JSON has them."""
        return {
            **self.extra,
            "logs": [one.plain() for one in self.logs],
            "temporary": self.temporary.plain() if self.temporary else None,
            "foreign_days": sorted(one.isoformat() for one in self.foreign_days),
            "foreign": self.foreign.isoformat() if self.foreign else None,
            "pruned": self.pruned,
        }

    @classmethod
    def read(
        cls, plain: Mapping[str, Any], reader: RowReader, where: str
    ) -> DeviceTreatments:
        """Return the treatments that `plain` wrote, as far as they can be read."""
        temporary, read = plain.get("temporary"), TreatmentLog.read
        days = reader.read_list(date.fromisoformat, plain["foreign_days"], where)
        return cls(
            logs=in_order(reader.read_list(read, plain["logs"], where)),
            temporary=reader.read(read, temporary, where) if temporary else None,
            foreign_days=frozenset(days),
            foreign=parsing.as_datetime(plain.get("foreign")),
            pruned=reader.read(whole, plain.get("pruned", 0), where) or 0,
            extra=unknown_keys(plain, _KEYS),
        )


type Everything = Mapping[str, DeviceTreatments]


def in_order(logs: tuple[TreatmentLog, ...]) -> tuple[TreatmentLog, ...]:
    """Return logs by their start."""
    return tuple(sorted(logs, key=lambda one: (one.start, one.log_file_id or 0)))


def _read(plain: Mapping[str, Any], reader: RowReader) -> Everything:
    return reader.read_dict(DeviceTreatments.read, plain)


def _plain(everything: Everything) -> dict[str, Any]:
    return {device_id: one.plain() for device_id, one in everything.items()}


class TreatmentStore:
    """The known treatments of one account's devices."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the entry's file; `load` reads it."""
        name = f"lux_treatments.{entry_id}"
        self._kept: DurableStore[Everything] = DurableStore(
            hass, name, {}, _read, _plain
        )
        self.load = self._kept.async_load
        self.remove = self._kept.async_remove

    @property
    def device_ids(self) -> list[str]:
        """Return the devices of which something is known."""
        return list(self._kept.value)

    def of(self, device_id: str) -> DeviceTreatments:
        """Return what is known of a device."""
        return self._kept.value.get(device_id) or DeviceTreatments()

    async def save(self, device_id: str, log: TreatmentLog, now: datetime) -> None:
        """Save a treatment, drop what is too old; on disk when this returns."""

        def saved(everything: Everything) -> Everything:
            before = everything.get(device_id) or DeviceTreatments()
            after = before.saved(log).without_old(now)
            return everything if after == before else {**everything, device_id: after}

        await self._kept.async_update(saved)

    async def grown(
        self, device_id: str, since: date, now: datetime, today: date
    ) -> None:
        """Keep that others carried logs of a device since a day."""

        def grown(everything: Everything) -> Everything:
            before = everything.get(device_id) or DeviceTreatments()
            after = before.grown(since, now, today).without_old(now)
            return {**everything, device_id: after}

        await self._kept.async_update(grown)
