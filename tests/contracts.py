"""The vendors' contracts, by `VENDORS`: no shared test names a vendor."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

from custom_components.lantern.vendors import VENDORS

from .contract import Contract


def _module(vendor: str) -> str:
    return f"tests.{vendor}.contract"


# One that is missing fails in `test_contracts.py`, with what to do.
CONTRACTS: Mapping[str, Contract] = {
    vendor: import_module(_module(vendor)).CONTRACT
    for vendor in VENDORS
    if find_spec(f"tests.{vendor}") and find_spec(_module(vendor))
}
SESSIONS = {
    vendor: contract.session
    for vendor, contract in CONTRACTS.items()
    if contract.session is not None
}
