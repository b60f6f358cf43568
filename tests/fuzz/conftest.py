"""Nothing in here needs Home Assistant, unless a module says otherwise."""

import pytest


@pytest.fixture(autouse=True)
def guards(socket_enabled: None) -> None:
    """Allow loopback; time runs, and no Home Assistant is started."""
