"""Every request that Lantern makes, from the vendors' contracts."""

from dataclasses import replace

from tests.contract import Form
from tests.contracts import CONTRACTS

from .rules import Role, Route


def _of(vendor: str) -> list[Route]:
    """Return a vendor's requests, in the order of their roles."""
    contract = CONTRACTS[vendor]
    routes = list(contract.faults.routes)
    for form in contract.forms:
        routes += (*form.requests, *form.waiting)
    order = list(Role)
    return sorted(
        (replace(route, vendor=vendor) for route in routes),
        key=lambda route: order.index(route.role),
    )


ALL = tuple(route for vendor in CONTRACTS for route in _of(vendor))


def having(*roles: Role) -> tuple[Route, ...]:
    """Return the requests of some roles."""
    return tuple(route for route in ALL if route.role in roles)


def form_of(route: Route) -> Form:
    """Return the form whose dialog sends a request."""
    (form,) = (
        form
        for form in CONTRACTS[route.vendor].forms
        if route.name in [request.name for request in (*form.requests, *form.waiting)]
    )
    return form


def home_of(route: Route) -> str:
    """Return the name of the home in which a request is tried."""
    return route.home or next(iter(CONTRACTS[route.vendor].faults.homes))
