"""The treatments that Lantern uploaded, or that people recorded, for five years.

One file per entry. A log leaves the queue only after it is saved here.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..storage import DurableStore, RowReader, unknown_keys
from ..transport import parsing
from .client.treatment_log import TreatmentLog, maybe_whole, whole

_KEYS = (
    *("logs", "temporary", "foreign_days", "foreign", "pruned"),
    *("real_user_id", "uploaded", "seen", "recovered"),
    *("foreign_logs", "foreign_number"),
)
KEPT_FOR = timedelta(days=5 * 365 + 1)
_SAME_CLOCK = timedelta(days=1)
_SAME_TIMES = timedelta(days=31)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DeviceTreatments:
    """One device's treatments, by start.

    They are those of one child, `real_user_id`. `temporary` is the last temporary log
    that LUX took. `uploaded` are the numbers of all logs that Lantern carried, also of
    those that are not kept, as first and last of each run; `seen` is when the device
    was written of last. `foreign_days` are the
    local days on which LUX's number grew by logs that somebody else carried,
    `foreign` when that was seen last, `foreign_number` the number it grew to. As many
    as `foreign_logs` says may be of a day; of a day without it nobody knows. `pruned`
    are the seconds of treatment that were dropped, on which the statistics' sum goes
    on. `recovered` are seconds of which only the recorder knows, by hour; 0 where a
    recorded treatment was taken back.
    """

    logs: tuple[TreatmentLog, ...] = ()
    temporary: TreatmentLog | None = None
    foreign_days: frozenset[date] = frozenset()
    foreign: datetime | None = None
    pruned: int = 0
    real_user_id: int | None = None
    uploaded: tuple[tuple[int, int], ...] = ()
    seen: datetime | None = None
    recovered: Mapping[datetime, int] = field(default_factory=dict)
    foreign_logs: Mapping[date, int] = field(default_factory=dict)
    foreign_number: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def total(self) -> int:
        """Return the seconds of all treatments, as the statistics' sum has them."""
        dropped = self.pruned + sum(self.recovered.values())
        return dropped + sum(log.duration for log in self.trusted)

    @cached_property
    def trusted(self) -> tuple[TreatmentLog, ...]:
        """Return the treatments whose times are those of a clock that was set."""
        return tuple(log for log in self.logs if not log.is_clock_unset)

    def with_logs(self, new: Iterable[TreatmentLog]) -> DeviceTreatments:
        """Return the treatments with more, each once, however often it comes.

        A device's own log replaces what a person recorded of the treatment, but for
        the note.
        """
        new = tuple(new)
        started = [log for log in (self.temporary, *new) if log and log.temporary]
        completed = [log for log in new if not log.temporary]
        uploaded = self.uploaded
        for log in completed:
            uploaded = _with_number(uploaded, log.number)
        recorded = self.recorded_twice(completed)
        rest = self._without(recorded)
        return replace(
            rest,
            logs=merge_logs(
                rest.logs, [_with_note(log, recorded) for log in completed]
            ),
            temporary=max(started, key=lambda item: item.start, default=None),
            uploaded=uploaded,
        )

    def with_recorded(self, new: Iterable[TreatmentLog]) -> DeviceTreatments:
        """Return the treatments with recorded ones; the same start again corrects."""
        added = {log.start: log for log in new}
        after = self._without([log for log in self.recorded if log.start in added])
        return replace(after, logs=merge_logs(after.logs, list(added.values())))

    def without_recorded(self, start: datetime) -> DeviceTreatments:
        """Return the treatments without the recorded one of a start."""
        return self._without([log for log in self.recorded if log.start == start])

    @property
    def recorded(self) -> Iterator[TreatmentLog]:
        """Return the treatments that people recorded."""
        return (log for log in self.logs if log.is_recorded)

    def recorded_twice(self, uploaded: Iterable[TreatmentLog]) -> list[TreatmentLog]:
        """Return the recorded treatments whose own logs are among uploaded ones."""
        overlapping = []
        for log in uploaded:
            if log.temporary or log.is_clock_unset:
                continue
            first = bisect_left(self.logs, log.start - _DAY, key=_start)
            after = bisect_right(self.logs, log.end, key=_start)
            near = self.logs[first:after]
            overlapping += [
                other for other in near if other.is_recorded and other.overlaps(log)
            ]
        return overlapping

    def _without(self, taken_back: Sequence[TreatmentLog]) -> DeviceTreatments:
        """Return the treatments without recorded ones, whose hours stay marked."""
        if not taken_back:
            return self
        dropped = set(taken_back)
        hours = {hour: 0 for log in taken_back for hour, _ in log.hours}
        return replace(
            self,
            logs=tuple(log for log in self.logs if log not in dropped),
            recovered={**hours, **self.recovered},
        )

    @cached_property
    def taken_back(self) -> set[datetime]:
        """Return the hours of recorded treatments that were corrected or deleted."""
        return {hour for hour, seconds in self.recovered.items() if not seconds}

    def is_unknown(self, day: date) -> bool:
        """Return True if LUX received logs of a local day that nobody recorded."""
        if day not in self.foreign_days:
            return False
        if (logs := self.foreign_logs.get(day)) is None:
            return True
        first = bisect_left(self.logs, dt_util.start_of_local_day(day), key=_start)
        after = bisect_left(
            self.logs, dt_util.start_of_local_day(day + _DAY), key=_start
        )
        return logs > sum(log.is_recorded for log in self.logs[first:after])

    @property
    def unknown_days(self) -> list[date]:
        """Return the days on which LUX received more logs than were recorded."""
        return sorted(
            foreign_day
            for foreign_day in self.foreign_days
            if self.is_unknown(foreign_day)
        )

    def counted_anew(self, number: int) -> DeviceTreatments:
        """Return the treatments of a device whose numbers fell to this one."""
        runs = ((a, min(b, number)) for a, b in self.uploaded if a <= number)
        return replace(self, uploaded=tuple(runs), foreign_number=None)

    def with_foreign_logs(
        self, logs: int | None, number: int, since: date, now: datetime, today: date
    ) -> DeviceTreatments:
        """Return the treatments, knowing that others uploaded logs since a day.

        Without a number of logs, nobody knows how many.
        """
        if logs is not None and number == self.foreign_number:
            return self  # seen before, and told of again
        days = min(max((today - since).days, 0), 366)
        new = {today - ago * _DAY for ago in range(days + 1)}
        counts = {**self.foreign_logs}
        for day in new - (self.foreign_days - self.foreign_logs.keys()):
            if logs is None:
                counts.pop(day, None)
            else:
                counts[day] = counts.get(day, 0) + logs
        return replace(
            self,
            foreign_days=self.foreign_days | new,
            foreign=now,
            foreign_logs=counts,
            foreign_number=number,
        )

    def without_old(self, now: datetime, service_now: datetime) -> DeviceTreatments:
        """Return the treatments of the last five years, by a clock that can be trusted.

        A clock that jumps ahead must drop nothing: it has to agree with LUX's, and
        with when there was something to write the last time. What is too old can wait.
        """
        after = replace(self, seen=now)
        last = self.seen or (self.trusted[-1].start if self.trusted else now)
        if abs(now - service_now) > _SAME_CLOCK or abs(now - last) > _SAME_TIMES:
            return after
        first = now - KEPT_FOR
        count = bisect_left(self.logs, first, key=lambda log: log.start)
        unset = [log for log in self.logs[:count] if log.is_clock_unset]
        hours = {hour for hour in self.recovered if hour < first}
        return replace(
            after,
            logs=(*unset, *self.logs[count:]),
            foreign_days=frozenset(d for d in self.foreign_days if d >= first.date()),
            foreign_logs={
                d: n for d, n in self.foreign_logs.items() if d >= first.date()
            },
            recovered={k: v for k, v in self.recovered.items() if k not in hours},
            pruned=self.pruned
            + sum(log.duration for log in self.logs[:count] if log not in unset)
            + sum(self.recovered[hour] for hour in hours),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the treatments as they are stored."""
        return {
            **self.extra,
            "logs": [log.as_dict() for log in self.logs],
            "temporary": self.temporary.as_dict() if self.temporary else None,
            "foreign_days": sorted(
                foreign_day.isoformat() for foreign_day in self.foreign_days
            ),
            "foreign": self.foreign.isoformat() if self.foreign else None,
            "pruned": self.pruned,
            "real_user_id": self.real_user_id,
            "uploaded": [list(run) for run in self.uploaded],
            "seen": self.seen.isoformat() if self.seen else None,
            "recovered": {k.isoformat(): v for k, v in self.recovered.items()},
            "foreign_logs": {k.isoformat(): v for k, v in self.foreign_logs.items()},
            "foreign_number": self.foreign_number,
        }

    @classmethod
    def from_dict(
        cls, plain: Mapping[str, Any], reader: RowReader, where: str
    ) -> DeviceTreatments:
        """Return stored treatments, as far as they can be read."""
        temporary, read = plain.get("temporary"), TreatmentLog.from_dict
        read_any = partial(read, may_be_recorded=True)
        days = reader.read_list(date.fromisoformat, plain.get("foreign_days"), where)
        logs = sorted(reader.read_list(read_any, plain.get("logs"), where), key=_order)
        if "uploaded" in plain:
            uploaded = reader.read_list(_read_run, plain["uploaded"], where)
        else:
            uploaded = ()
            for number in sorted({log.number for log in logs}):
                uploaded = _with_number(uploaded, number)
        recovered = list(parsing.as_dict(plain.get("recovered")).items())
        child, grown_to = plain.get("real_user_id"), plain.get("foreign_number")
        foreign = list(parsing.as_dict(plain.get("foreign_logs")).items())
        return cls(
            logs=tuple(logs),
            temporary=reader.read(read, temporary, where) if temporary else None,
            foreign_days=frozenset(days),
            foreign=parsing.as_datetime(plain.get("foreign")),
            pruned=reader.read(whole, plain.get("pruned", 0), where) or 0,
            real_user_id=reader.read(maybe_whole, child, where),
            uploaded=uploaded,
            seen=parsing.as_datetime(plain.get("seen")),
            recovered=dict(reader.read_list(_read_hour, recovered, where)),
            foreign_logs=dict(reader.read_list(_read_day, foreign, where)),
            foreign_number=reader.read(maybe_whole, grown_to, where),
            extra=unknown_keys(plain, _KEYS),
        )


def _read_run(row: Any) -> tuple[int, int]:
    first, last = map(whole, row)
    return first, last


def _read_hour(row: Any) -> tuple[datetime, int]:
    hour = parsing.as_datetime(row[0])
    if hour is None:
        raise ValueError("no hour")
    return hour, whole(row[1])


def _read_day(row: Any) -> tuple[date, int]:
    return date.fromisoformat(row[0]), whole(row[1])


def _with_note(log: TreatmentLog, recorded: Iterable[TreatmentLog]) -> TreatmentLog:
    """Return a device's own log with the note of what was recorded of it."""
    notes = (other.note for other in recorded if other.note and other.overlaps(log))
    note = next(notes, None)
    return replace(log, note=note) if note else log


def _with_number(
    runs: tuple[tuple[int, int], ...], number: int
) -> tuple[tuple[int, int], ...]:
    """Return runs of numbers with one more."""
    if any(first <= number <= last for first, last in runs):
        return runs
    first = last = number
    others = []
    for run in runs:
        if run[1] == number - 1:
            first = run[0]
        elif run[0] == number + 1:
            last = run[1]
        else:
            others.append(run)
    return tuple(sorted([*others, (first, last)]))


type Everything = Mapping[str, DeviceTreatments]


def merge_logs(
    logs: tuple[TreatmentLog, ...], new: Iterable[TreatmentLog]
) -> tuple[TreatmentLog, ...]:
    """Return logs by start with new ones among them, each of these once."""
    merged = list(logs)
    for log in new:
        first = bisect_left(merged, _order(log), key=_order)
        after = bisect_right(merged, _order(log), lo=first, key=_order)
        # Its number alone would not do: a device that is replaced counts anew.
        if log not in merged[first:after]:
            merged.insert(after, log)
    return tuple(merged)


def _order(log: TreatmentLog) -> tuple[datetime, int]:
    return log.start, log.number


def _start(log: TreatmentLog) -> datetime:
    return log.start


def _is_of(key: str, device_id: str) -> bool:
    """Return True if the treatments under a key are of a device."""
    return key == device_id or key.startswith(f"{device_id}/")


class TreatmentStore:
    """The known treatments of one account's devices."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the entry's file; `async_load` reads it."""
        self._store: DurableStore[Everything] = DurableStore(
            hass,
            f"lux_treatments.{entry_id}",
            {},
            lambda stored, reader: reader.read_dict(DeviceTreatments.from_dict, stored),
            lambda everything: {key: row.as_dict() for key, row in everything.items()},
        )
        self.async_load = self._store.async_load
        self.async_remove = self._store.async_remove

    @property
    def keys(self) -> list[str]:
        """Return the keys that have treatments."""
        return list(self._store.value)

    def key(self, device_id: str, real_user_id: int | None) -> str:
        """Return the key of the treatments of a device's child.

        The first child of a device has the device's own, others one of theirs.
        """
        first = self._store.value.get(device_id)
        if first is None or first.real_user_id in (None, real_user_id):
            return device_id
        return f"{device_id}/{real_user_id}"

    def of(self, device_id: str, real_user_id: int | None) -> DeviceTreatments:
        """Return the treatments of a device's child."""
        return self.at(self.key(device_id, real_user_id))

    def at(self, key: str) -> DeviceTreatments:
        """Return the treatments under a key."""
        return self._store.value.get(key) or DeviceTreatments()

    def uploaded(self, device_id: str) -> list[tuple[int, int]]:
        """Return the log numbers that Lantern uploaded for a device, for all children."""
        return [
            run
            for key, row in self._store.value.items()
            if _is_of(key, device_id)
            for run in row.uploaded
        ]

    async def async_adopt(self, children: Mapping[str, int]) -> None:
        """Give what an earlier version wrote to the child that a device has."""

        def adopted(everything: Everything) -> Everything:
            new = {
                key: replace(row, real_user_id=children[key])
                for key, row in everything.items()
                if row.real_user_id is None and key in children
            }
            return {**everything, **new} if new else everything

        await self._store.async_update(adopted)

    async def async_save(
        self,
        device_id: str,
        logs: Sequence[TreatmentLog],
        now: datetime,
        service_now: datetime,
    ) -> None:
        """Save treatments of a child, drop what is too old; then it is on disk."""
        await self._async_change(
            device_id,
            logs[0].real_user_id,
            lambda row: row.without_old(now, service_now).with_logs(logs),
        )

    async def async_record(
        self, device_id: str, logs: Sequence[TreatmentLog], service_now: datetime | None
    ) -> None:
        """Save treatments that a person recorded for a child; then they are on disk."""
        now = dt_util.utcnow()

        def change(before: DeviceTreatments) -> DeviceTreatments:
            if service_now is not None:
                before = before.without_old(now, service_now)
            return before.with_recorded(logs)

        await self._async_change(device_id, logs[0].real_user_id, change)

    async def async_delete_recorded(self, key: str, start: datetime) -> None:
        """Delete a treatment that a person recorded; then it is gone from disk."""

        def change(everything: Everything) -> Everything:
            before = everything.get(key) or DeviceTreatments()
            return {**everything, key: before.without_recorded(start)}

        await self._store.async_update(change)

    async def async_add_foreign_logs(
        self, device_id: str, real_user_id: int | None, **growth: Any
    ) -> None:
        """Save that others uploaded logs of a device."""
        await self._async_change(
            device_id, real_user_id, lambda row: row.with_foreign_logs(**growth)
        )

    async def async_count_anew(self, device_id: str, number: int) -> None:
        """Delete the log numbers of a device that counts anew, for all children."""

        def change(everything: Everything) -> Everything:
            new = {
                key: row.counted_anew(number)
                for key, row in everything.items()
                if _is_of(key, device_id)
            }
            after = {**everything, **new}
            return everything if after == everything else after

        await self._store.async_update(change)

    async def async_recover(
        self, key: str, pruned: int, recovered: Mapping[datetime, int]
    ) -> None:
        """Keep the seconds that only the recorder knows of, by hour."""

        def change(everything: Everything) -> Everything:
            before = everything.get(key) or DeviceTreatments()
            after = replace(before, pruned=pruned, recovered=recovered)
            return {**everything, key: after}

        await self._store.async_update(change)

    async def _async_change(
        self,
        device_id: str,
        real_user_id: int | None,
        change: Callable[[DeviceTreatments], DeviceTreatments],
    ) -> None:
        def changed(everything: Everything) -> Everything:
            key = self.key(device_id, real_user_id)
            before = everything.get(key) or DeviceTreatments(real_user_id=real_user_id)
            after = change(before)
            return everything if after == before else {**everything, key: after}

        await self._store.async_update(changed)


_STORES: HassKey[dict[str, TreatmentStore]] = HassKey(f"{DOMAIN}_lux_treatments")


def get_treatments(hass: HomeAssistant, entry_id: str) -> TreatmentStore:
    """Return an entry's one store; it is to be loaded before it is used."""
    stores = hass.data.setdefault(_STORES, {})
    if entry_id not in stores:
        stores[entry_id] = TreatmentStore(hass, entry_id)
    return stores[entry_id]
