"""What the page says of faults is what the tests assert."""

from .kinds import KINDS
from .outcomes import EXPLAINED, Outcome
from .table import ALL, PAGE, updated


def test_the_page_is_up_to_date() -> None:
    """Write it anew with `python -m tests.faults.table`."""
    page = PAGE.read_text()
    assert updated(page) == page


def test_every_outcome_is_explained_and_happens() -> None:
    """No word in the table is without its meaning, and none is unused."""
    used = {route.outcome(kind) for route in ALL for kind in KINDS}
    assert used == set(Outcome) == set(EXPLAINED)
