"""Fixtures of the packages whose tests share one Home Assistant."""

from collections.abc import Generator

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Leave alone what lives on from test to test."""


@pytest.fixture(scope="package")
def loopback() -> Generator[None]:
    """Allow loopback before the first test does."""
    pytest_socket.socket_allow_hosts(["127.0.0.1"])
    pytest_socket.enable_socket()
    yield
    pytest_socket.disable_socket(allow_unix_socket=True)
