"""One Home Assistant with all entries, and its interface as the frontend uses it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from demo.household import VENDORS
from tests.e2e import fixtures
from tests.e2e.demo_home import DemoHome, running_demo_home

FLOWS = "/api/config/config_entries/flow"
FIX = "/api/repairs/issues/fix"

# The fixtures.
loopback = fixtures.loopback
verify_cleanup = fixtures.verify_cleanup


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who clicks: all that is done is what the frontend sends."""

    demo_home: DemoHome

    async def post(self, path: str, **content: Any) -> Any:
        """Send what a click sends."""
        return await self.demo_home.rest.call("POST", path, json=content)

    async def act(self, name: str, **data: Any) -> Any:
        """Perform an action with what its form holds; return its response."""
        services = await self.demo_home.rest.ask("get_services")
        responds = "response" in services["lantern"][name]
        answer = await self.demo_home.rest.ask(
            "call_service",
            domain="lantern",
            service=name,
            service_data=data,
            return_response=responds,
        )
        return answer["response"] if responds else None

    async def entry(self, vendor: str) -> dict[str, Any]:
        """Return the entry of a vendor."""
        entries = await self.demo_home.rest.entries()
        (entry_id,) = [
            value for title, value in entries.items() if title.startswith(vendor)
        ]
        return entry_id

    async def device(self, entity_id: str) -> str:
        """Return the registry id of the device that an entity belongs to."""
        template = {"template": f"{{{{ device_id('{entity_id}') }}}}"}
        return await self.demo_home.rest.text("POST", "/api/template", json=template)

    async def reload(self, vendor: str) -> None:
        """Load an entry anew."""
        entry_id = (await self.entry(vendor))["entry_id"]
        await self.post(f"/api/config/config_entries/entry/{entry_id}/reload")

    async def issues(self) -> dict[str, dict[str, Any]]:
        """Return Lantern's open repairs by the key of their text."""
        listed = (await self.demo_home.rest.ask("repairs/list_issues"))["issues"]
        return {
            issue["translation_key"]: issue
            for issue in listed
            if issue["domain"] == "lantern"
        }

    async def repair(self, kind: str, *steps: dict[str, Any]) -> Any:
        """Open a repair, look that it acts on nothing yet, and go through its steps."""
        issue = (await self.issues())[kind]
        shown = await self.post(FIX, handler="lantern", issue_id=issue["issue_id"])
        assert shown["type"] in ("form", "menu"), shown
        assert kind in await self.issues(), "it acted without having been confirmed"
        for step in steps:
            shown = await self.post(f"{FIX}/{shown['flow_id']}", **step)
        assert shown["type"] == "create_entry", shown
        return shown


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def person(
    loopback: None, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Person]:
    """Give somebody in a home that has all four services."""
    async with running_demo_home(tmp_path_factory.mktemp("home")) as demo_home:
        await demo_home.with_all(*VENDORS)
        yield Person(demo_home)
