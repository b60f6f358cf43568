"""Background work that fails as nobody foresaw: logged, tried again, told."""

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.lantern.background import BackgroundWork

from .common import pass_time, settle

MINUTE = 60


async def test_work_that_fails(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It goes on ever more rarely; after an hour a repair says so, until it works."""
    entry = MockConfigEntry(domain="lantern", title="Home")
    entry.add_to_hass(hass)
    tries: list[bool] = []
    works = False

    async def work() -> None:
        tries.append(works)
        if not works:
            raise KeyError("a secret")

    def issues() -> list[str | None]:
        return [issue.translation_key for issue in ir.async_get(hass).issues.values()]

    BackgroundWork(hass, entry, "test").async_start(work)
    await settle(hass)
    assert len(tries) == 1
    for count in (2, 3, 4):
        await pass_time(hass, freezer, 5 * 2 ** (count - 2))
        assert len(tries) == count
    for _ in range(50):
        await pass_time(hass, freezer, MINUTE)
    assert not issues()
    for _ in range(40):
        await pass_time(hass, freezer, MINUTE)
    assert issues() == ["background_failing"]
    assert 8 < len(tries) < 16
    works = True
    await pass_time(hass, freezer, 15 * MINUTE)
    assert tries[-1]
    assert not issues()
    own = [
        record
        for record in caplog.records
        if record.name.startswith("custom_components")
    ]
    assert [record.levelname for record in own if record.levelname != "DEBUG"] == [
        "ERROR"
    ]
    assert "KeyError" in own[0].getMessage()
    assert "a secret" not in caplog.text


async def test_the_issue_ends_with_the_entry(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """What no longer runs does not fail."""
    entry = MockConfigEntry(domain="lantern", title="Home")
    entry.add_to_hass(hass)

    async def work() -> None:
        raise OSError

    task = BackgroundWork(hass, entry, "test").async_start(work)
    for _ in range(90):
        await pass_time(hass, freezer, MINUTE)
    assert ir.async_get(hass).issues
    task.cancel()
    await settle(hass)
    assert not ir.async_get(hass).issues
