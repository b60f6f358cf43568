"""What the page says of faults is what the tests assert."""

import pytest

from custom_components.lantern.vendors import VENDORS

from .kinds import KINDS
from .outcomes import EXPLAINED, Outcome
from .routes import ALL
from .rules import Role
from .table import PAGE, updated


def test_the_page_is_up_to_date() -> None:
    """Write it anew with `python -m tests.faults.table`."""
    page = PAGE.read_text()
    assert updated(page) == page


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_has_bad_days(vendor: str) -> None:
    """No vendor is left out: its polls and its set-up are tried with every fault."""
    roles = {route.role for route in ALL if route.vendor == vendor}
    assert {Role.POLL, Role.FLOW} <= roles


def test_every_outcome_is_explained_and_happens() -> None:
    """No word in the table is without its meaning, and none is unused."""
    used = {route.outcome(kind) for route in ALL for kind in KINDS}
    assert used == set(Outcome) == set(EXPLAINED)
