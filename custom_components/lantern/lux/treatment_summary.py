"""What a device's known treatments say of today, of the last one and of now."""

from datetime import date, datetime, timedelta
from itertools import takewhile

from homeassistant.util import dt as dt_util

from .client.models import ReceivedSummary, TreatmentSummary
from .client.treatment_log import TreatmentLog
from .device_queue import DeviceQueue
from .treatment_store import DeviceTreatments, merge_logs

LONGEST = timedelta(hours=12)
"""After this, nobody believes that a treatment is still in progress."""

# Clocks of one treatment's temporary and completed log may differ a little.
_SAME = timedelta(minutes=1)
_AHEAD = timedelta(minutes=5)
_DAY = timedelta(days=1)


def treatments(
    stored: DeviceTreatments, waiting: DeviceQueue | None
) -> tuple[TreatmentLog, ...]:
    """Return the completed treatments, those that still wait among them, by start.

    Those of a clock that was not set are left out: nobody knows when they were.
    """
    queued = [log for log in waiting.current if not log.temporary] if waiting else []
    queued = [log for log in queued if not log.is_clock_unset]
    if not queued:
        return stored.trusted
    twice = set(stored.recorded_twice(queued))
    if not twice:
        return merge_logs(stored.trusted, queued)
    return merge_logs(tuple(log for log in stored.trusted if log not in twice), queued)


def open_treatment(
    stored: DeviceTreatments, waiting: DeviceQueue | None
) -> TreatmentLog | None:
    """Return the temporary log of a treatment that no completed log has ended."""
    queued = [log for log in waiting.current if log.temporary] if waiting else []
    temporary = queued[-1] if queued else stored.temporary
    if temporary is None or temporary.is_clock_unset:
        return None
    return None if _is_ended(temporary, stored, waiting) else temporary


def _is_ended(
    temporary: TreatmentLog, stored: DeviceTreatments, waiting: DeviceQueue | None
) -> bool:
    """Return True if a completed log is of the same treatment, or of a later one."""
    uploaded = (
        treatment
        for treatment in reversed(treatments(stored, waiting))
        if not treatment.is_recorded
    )
    last = next(uploaded, None)
    return last is not None and last.start >= temporary.start - _SAME


def is_newest(
    log: TreatmentLog, stored: DeviceTreatments, waiting: DeviceQueue, now: datetime
) -> bool:
    """Return True if nothing newer is known of a device than a temporary log.

    LUX's number that grew is the phone's log, perhaps the one that ends it.
    """
    if now - log.start >= LONGEST or _is_ended(log, stored, waiting):
        return False
    if stored.temporary is not None and stored.temporary.start > log.start:
        return False
    return (waiting.counter or 0) <= (log.counter or 0)


def summarize(
    stored: DeviceTreatments, waiting: DeviceQueue | None, now: datetime
) -> TreatmentSummary | None:
    """Return what is shown, None for a device of which Lantern has no treatments."""
    temporary = open_treatment(stored, waiting)
    done = _until_now(treatments(stored, waiting), now)
    is_waiting = waiting is not None and bool(waiting.current)
    if not (temporary or stored.logs or is_waiting):
        return None
    today = dt_util.as_local(now).date()
    is_today_certain = not stored.is_unknown(today)
    first = dt_util.start_of_local_day(today)
    todays = list(takewhile(lambda log: log.start >= first, reversed(done)))
    is_uploaded = is_waiting or bool(stored.uploaded) or stored.temporary is not None
    return TreatmentSummary(
        last=temporary or _last(stored, done),
        today=len(todays) if is_today_certain else None,
        time_today=sum(log.duration for log in todays) if is_today_certain else None,
        streak=_streak(done, stored, today) if is_today_certain else None,
        in_progress=_in_progress(temporary, stored, now) if is_uploaded else None,
        is_uploaded=is_uploaded,
    )


def _until_now(
    done: tuple[TreatmentLog, ...], now: datetime
) -> tuple[TreatmentLog, ...]:
    """Return treatments without those of a clock that was ahead."""
    while done and done[-1].start > now + _AHEAD:
        done = done[:-1]
    return done


def _last(
    stored: DeviceTreatments, done: tuple[TreatmentLog, ...]
) -> TreatmentLog | None:
    """Return the last treatment, None if LUX may have received a later one."""
    if not done:
        return None
    last, foreign = done[-1], stored.foreign
    day = dt_util.as_local(last.start).date()
    if foreign is None or last.start > foreign:
        return last
    later = (foreign_day for foreign_day in stored.foreign_days if foreign_day >= day)
    return None if any(map(stored.is_unknown, later)) else last


def goal_this_week(
    goal: int,
    done: tuple[TreatmentLog, ...],
    received: ReceivedSummary | None,
    now: datetime,
) -> int | None:
    """Return how much of a weekly goal is reached, in per cent.

    Logs of others may be of the treatments that were recorded.
    """
    if not goal or received is None or received.of_others is None:
        return None
    today = dt_util.as_local(now).date()
    first = dt_util.start_of_local_day(today - today.weekday() * _DAY)
    week = list(
        takewhile(lambda log: log.start >= first, reversed(_until_now(done, now)))
    )
    recorded = sum(log.is_recorded for log in week)
    count = len(week) - recorded + max(recorded, received.of_others)
    return round(count * 100 / goal)


def _in_progress(
    temporary: TreatmentLog | None, stored: DeviceTreatments, now: datetime
) -> bool | None:
    if temporary is None:
        return False
    if now - temporary.start >= LONGEST:
        return None
    # Somebody else carried a log since it began: perhaps the one that ends it.
    return None if stored.foreign and stored.foreign > temporary.start else True


def _streak(
    done: tuple[TreatmentLog, ...], stored: DeviceTreatments, today: date
) -> int | None:
    """Return for how many days in a row there were treatments, today or not yet."""
    day, count = today + _DAY, 0
    for log in reversed(done):  # five years of them are not looked at
        started_on = dt_util.as_local(log.start).date()
        if started_on == day:
            continue
        if started_on != day - _DAY and not (count == 0 and started_on == today - _DAY):
            break
        day, count = started_on, count + 1
    # On the day before, a log may have come that Lantern does not hold: then the
    # row may go on.
    before = day - _DAY if count else today - _DAY
    return None if stored.is_unknown(before) else count
