"""Home Assistant as its own frontend uses it: over REST."""

import asyncio
import json
from typing import Any, Self

from aiohttp import ClientError, ClientSession

USER = "demo"
PASSWORD = "lantern-demo"


class DemoError(Exception):
    """The demo cannot go on; its text says why, for people."""


class Rest:
    """Talks to one Home Assistant, signed in as the demo's user."""

    def __init__(self, url: str) -> None:
        """Take where it is."""
        self._url = url
        self._session = ClientSession()
        self._headers: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        """Use it as a context that closes its connections."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._session.close()

    async def text(self, method: str, path: str, **content: Any) -> str:
        """Return the text of an answer that is no failure."""
        async with self._session.request(
            method, self._url + path, headers=self._headers, **content
        ) as response:
            text = await response.text()
            if response.status >= 400:
                raise DemoError(f"{method} {path}: {response.status} {text[:300]}")
            return text

    async def call(self, method: str, path: str, **content: Any) -> Any:
        """Return the JSON of an answer that is no failure."""
        return json.loads(await self.text(method, path, **content))

    async def wait_until_served(self, seconds: float) -> None:
        """Wait until Home Assistant answers."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    await self.call("GET", "/manifest.json")
                except DemoError, ClientError, OSError:
                    await asyncio.sleep(0.3)
                else:
                    return

    async def wait_until_running(self, seconds: float) -> None:
        """Wait until all is set up that is set up at the start."""
        async with asyncio.timeout(seconds):
            while (await self.call("GET", "/api/config"))["state"] != "RUNNING":
                await asyncio.sleep(0.3)

    async def sign_in(self) -> None:
        """Sign the demo's user in; create it in a Home Assistant that has no user."""
        try:
            steps = await self.call("GET", "/api/onboarding")
        except DemoError:
            # Once everything is done, Home Assistant forgets that there was any.
            steps = []
        if any(step["step"] == "user" and not step["done"] for step in steps):
            await self._create_user()
        else:
            await self._log_in()

    @property
    def _client(self) -> str:
        return f"{self._url}/"

    async def _create_user(self) -> None:
        user = {
            "client_id": self._client,
            "name": "Demo",
            "username": USER,
            "password": PASSWORD,
            "language": "en",
        }
        answer = await self.call("POST", "/api/onboarding/users", json=user)
        await self._take_token(answer["auth_code"])

    async def _log_in(self) -> None:
        start = {
            "client_id": self._client,
            "handler": ["homeassistant", None],
            "redirect_uri": self._client,
        }
        flow = await self.call("POST", "/auth/login_flow", json=start)
        answer = await self.call(
            "POST",
            f"/auth/login_flow/{flow['flow_id']}",
            json={
                "client_id": self._client,
                "username": USER,
                "password": PASSWORD,
            },
        )
        if answer["type"] != "create_entry":
            raise DemoError("the demo's user cannot sign in; try --fresh")
        await self._take_token(answer["result"])

    async def _take_token(self, code: str) -> None:
        token = await self.call(
            "POST",
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": self._client,
            },
        )
        self._headers = {"Authorization": f"Bearer {token['access_token']}"}

    async def ask(self, command: str, **fields: Any) -> Any:
        """Return the result of one command of the websocket."""
        async with self._session.ws_connect(f"{self._url}/api/websocket") as socket:
            await socket.receive_json()
            token = {"type": "auth", "access_token": self.access_token}
            await socket.send_json(token)
            await socket.receive_json()
            await socket.send_json({"id": 1, "type": command, **fields})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise DemoError(f"{command}: {answer['error']}")
        return answer["result"]

    @property
    def signed_in(self) -> bool:
        """Return whether somebody signed in."""
        return bool(self._headers)

    @property
    def access_token(self) -> str:
        """Return the token that opens the websocket, too."""
        return self._headers["Authorization"].removeprefix("Bearer ")

    async def entries(self) -> dict[str, dict[str, Any]]:
        """Return Lantern's entries by title."""
        entries = await self.call(
            "GET", "/api/config/config_entries/entry?domain=lantern"
        )
        return {entry["title"]: entry for entry in entries}


class Flow:
    """One config flow, walked through over REST."""

    def __init__(self, rest: Rest) -> None:
        """Take the Home Assistant; `start` starts the flow."""
        self._rest = rest
        self.step: dict[str, Any] = {}

    @property
    def _path(self) -> str:
        return f"/api/config/config_entries/flow/{self.step['flow_id']}"

    async def start(self, *menu: str) -> None:
        """Start a flow and choose in its menus."""
        self.step = await self._rest.call(
            "POST", "/api/config/config_entries/flow", json={"handler": "lantern"}
        )
        for choice in menu:
            await self.submit({"next_step_id": choice})

    async def submit(self, user_input: dict[str, Any]) -> None:
        """Submit a form."""
        self.step = await self._rest.call("POST", self._path, json=user_input)
        if errors := self.step.get("errors"):
            raise DemoError(f"step {self.step['step_id']}: {errors}")

    async def finish(self, seconds: float = 90) -> str:
        """Wait until the entry is created, as the browser does; return its title."""
        async with asyncio.timeout(seconds):
            while self.step["type"] in ("progress", "progress_done"):
                await asyncio.sleep(0.3)
                self.step = await self._rest.call("GET", self._path)
        if self.step["type"] != "create_entry":
            raise DemoError(f"the flow ended otherwise: {self.step}")
        title: str = self.step["title"]
        return title
