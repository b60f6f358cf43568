"""Each vendor is in the tests that all vendors go through."""

import pytest

from custom_components.lantern.vendors import VENDORS

from .contracts import CONTRACTS


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_has_a_contract(vendor: str) -> None:
    """A vendor that no shared test knows says what is missing."""
    assert vendor in CONTRACTS, (
        f"Write tests/{vendor}/contract.py with a CONTRACT, and an __init__.py beside "
        f"it: tests/contract.py says what it holds, CONTRIBUTING.md shows one."
    )
