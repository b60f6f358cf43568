"""Each vendor's whole life: no secret gets out, and no name goes where none belongs."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.conftest import served
from tests.contracts import CONTRACTS

from .watch import Watch, set_up


@pytest.mark.parametrize(
    ("vendor", "way"),
    [
        (vendor, way)
        for vendor, contract in CONTRACTS.items()
        for way in contract.secrets.ways
    ],
)
async def test_life(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    entity_registry_enabled_by_default: None,
    vendor: str,
    way: str,
) -> None:
    """Tokens and keys are in no log, error, download or file of another's."""
    secrets = CONTRACTS[vendor].secrets
    async for service in served(secrets.make()):
        watch = Watch(hass, hass_client, caplog, hass_storage, service)
        await set_up(hass)
        await secrets.live(hass, service, watch, freezer, way)
