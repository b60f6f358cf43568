"""What a device's known treatments say of today, of the last one and of now."""

from datetime import date, datetime, timedelta

from homeassistant.util import dt as dt_util

from .logs import TreatmentLog
from .models import Diary
from .queue import Waiting
from .treatments import Known, in_order

LONGEST = timedelta(hours=12)
"""After this, nobody believes that a treatment is still in progress."""

# Clocks of one treatment's temporary and completed log may differ a little.
_SAME = timedelta(minutes=1)


def treatments(known: Known, waiting: Waiting | None) -> tuple[TreatmentLog, ...]:
    """Return the completed treatments, those that still wait among them, by start."""
    queued = [one for one in waiting.logs if not one.temporary] if waiting else []
    if not queued:
        return known.logs
    new = [one for one in queued if one not in known.logs]
    return in_order((*known.logs, *new))


def open_treatment(known: Known, waiting: Waiting | None) -> TreatmentLog | None:
    """Return the temporary log of a treatment that no completed log has ended."""
    queued = [one for one in waiting.logs if one.temporary] if waiting else []
    temporary = queued[-1] if queued else known.temporary
    if temporary is None:
        return None
    ended = treatments(known, waiting)
    if ended and ended[-1].start >= temporary.start - _SAME:
        return None
    return temporary


def diary(known: Known, waiting: Waiting | None, now: datetime) -> Diary | None:
    """Return what is shown, None for a device whose logs Lantern does not carry."""
    temporary = open_treatment(known, waiting)
    done = treatments(known, waiting)
    if not done and temporary is None:
        return None
    today = dt_util.as_local(now).date()
    honest = today not in known.foreign_days
    first = dt_util.start_of_local_day(today)
    todays = [one for one in done if one.start >= first]
    return Diary(
        last=temporary or done[-1],
        today=len(todays) if honest else None,
        time_today=sum(one.duration for one in todays) if honest else None,
        streak=_streak(done, known.foreign_days, today) if honest else None,
        in_progress=_in_progress(temporary, known, now),
    )


def _in_progress(
    temporary: TreatmentLog | None, known: Known, now: datetime
) -> bool | None:
    if temporary is None:
        return False
    if now - temporary.start >= LONGEST:
        return None
    # Somebody else carried a log since it began: perhaps the one that ends it.
    return None if known.foreign and known.foreign > temporary.start else True


def _streak(
    done: tuple[TreatmentLog, ...], foreign: frozenset[date], today: date
) -> int | None:
    """Return for how many days in a row there were treatments, today or not yet."""
    days = {dt_util.as_local(one.start).date() for one in done}
    day = today if today in days else today - timedelta(days=1)
    count = 0
    while day in days:
        count += 1
        day -= timedelta(days=1)
    # On this day a log came that Lantern does not hold: the row may go on.
    return None if day in foreign else count
