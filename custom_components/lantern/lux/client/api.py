"""The client of LUX's API (its Device, Authentication and User pages)."""

from asyncio import create_task
from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from typing import Any

from aiohttp import ClientSession

from ...transport import parsing
from ...transport.clock import http_date
from ...transport.errors import AuthError, BadAnswer, Refused, Unreachable
from ...transport.http import Answer, Http
from ...transport.rate_limit import RateLimit
from ...transport.tokens import Spawn, Token, TokenKeeper
from .errors import (
    AlertUnconfirmed,
    DeviceTaken,
    child_refused,
    meaning,
    session_over,
    token_refused,
    words,
)
from .models import (
    Account,
    Connection,
    DeviceCheck,
    DeviceList,
    Notification,
    TreatmentDevice,
    parse_account,
    parse_device,
)
from .treatment_log import TreatmentLog

DEFAULT_URL = "https://prod.nueyne.dev"
_API = "/api/v1/lux"
_DEVICE = f"{_API}/device"

# What else ends a session when it is refreshed, besides a 401.
_SIGNED_OUT = (410, 423)
# How the errors of a connection that never was are called.
_NOT_CONNECTED = "ClientConnector"
_CONNECTIONS = {
    "Connection Confirmed": Connection.CONNECTED,
    "Device Registerable": Connection.REGISTERABLE,
}


class LuxApi:
    """Talks to LUX for one account."""

    def __init__(
        self, session: ClientSession, base_url: str, rate_limit: RateLimit
    ) -> None:
        """Make the client; `sign_in` or `use` give it a token."""
        self._is_renewable = False
        self.service_now: datetime | None = None
        self._http = Http(
            session,
            base_url,
            rate_limit=rate_limit,
            headers={"Accept": "application/json"},
            authorize=lambda token: {"Authorization": f"Bearer {token}"},
            is_auth=self._is_token_refused,
            words=words,
        )

    def _is_token_refused(self, answer: Answer) -> bool:
        return token_refused(answer, renewable=self._is_renewable)

    def use(
        self,
        token: Token,
        store: Callable[[Token], None] | None = None,
        spawn: Spawn = create_task,
    ) -> None:
        """Use a token pair; it is renewed only if somebody stores the new one."""
        self._is_renewable = store is not None
        if store is None:
            self._http.tokens = TokenKeeper(token)
        else:
            self._http.tokens = TokenKeeper(
                token, refresh=self.refresh, store=store, spawn=spawn
            )

    async def sign_in(self, username: str, password: str) -> Token:
        """Start the account's one session; every other one ends with it.

        Raises Refused with 400 (wrong password), 401 (sign-up not completed),
        403 (SMS verification required), 404 (no such user), 410 (deleted) or
        423 (blocked). Repeated tries block the account: nothing is sent twice.
        """
        answer = await self._http.request(
            "auth/email/signin",
            "POST",
            f"{_API}/auth/email/signin",
            anonymous=True,
            data={"username": username, "password": password},
        )
        return _token(answer)

    async def refresh(self, token: Token) -> Token:
        """Return the next token pair; the refresh token is used up by it.

        Raises AuthError when the session has ended, also because somebody signed
        in elsewhere ("Refresh token is not valid").
        """
        endpoint = "auth/refresh-token"
        if not token.refresh_token:
            raise AuthError(endpoint)
        try:
            answer = await self._http.request(
                endpoint,
                "POST",
                f"{_API}/auth/refresh-token",
                anonymous=True,
                json={"refresh_token": token.refresh_token},
            )
        except AuthError as err:
            raise session_over(endpoint, err.text) from None
        except Refused as err:
            if err.code in (401, *_SIGNED_OUT):
                raise session_over(endpoint, err.text) from None
            raise
        return _token(answer)

    async def get_account(self) -> Account:
        """Return the account; raises AuthError if it is deleted."""
        answer = await self._ask("user/me", "GET", f"{_API}/user/me")
        if (account := parse_account(parsing.as_dict(answer.json()))) is None:
            raise BadAnswer(answer.endpoint, "no root user")
        return account

    async def set_notification(self, wanted: Notification) -> Notification:
        """Write the three settings and return what LUX stored.

        Raises NoSuchUser or SettingsNotStored.
        """
        answer = await self._ask(
            "user/notification",
            "PATCH",
            f"{_API}/user/notification",
            json={
                "is_device_muted": wanted.muted,
                "is_device_alim_talk_enabled": wanted.contact_alerts,
                "is_basestation_alert_enabled": wanted.base_station_alerts,
            },
        )
        body = parsing.as_dict(answer.json())
        muted = parsing.as_bool(body.get("is_device_muted"))
        contact = parsing.as_bool(body.get("is_device_alim_talk_enabled"))
        base_station = parsing.as_bool(body.get("is_basestation_alert_enabled"))
        if muted is None or contact is None or base_station is None:
            raise BadAnswer(answer.endpoint, "a setting is missing")
        return Notification(muted, contact, base_station)

    async def get_devices(self) -> DeviceList:
        """Return all children's devices; none is an answer, too.

        Raises AuthError if the user is gone.
        """
        answer = await self._ask(
            "device/get-all-device", "GET", f"{_DEVICE}/get-all-device"
        )
        rows = answer.json()
        if not isinstance(rows, list):
            raise BadAnswer(answer.endpoint, "not a list")
        devices, children = [], set()
        for row in rows:
            device = parse_device(parsing.as_dict(row))
            child = parsing.as_int(parsing.as_dict(row).get("real_user_id"))
            if device is None and child is None:
                raise BadAnswer(answer.endpoint, "neither a device nor a child")
            if device is not None:
                devices.append(device)
            if child is not None:
                children.add(child)
        return DeviceList(tuple(devices), frozenset(children))

    async def get_child_device(self, real_user_id: int) -> TreatmentDevice:
        """Return a child's device; raises NotYours, ChildWithoutDevice."""
        answer = await self._ask_about_child(
            "device/child-device",
            "GET",
            f"{_DEVICE}/child-device",
            params={"real_user_id": real_user_id},
        )
        return _device(answer.endpoint, answer.json())

    async def check_device(self, unique_id: str) -> DeviceCheck:
        """Return whose a device is; raises NotYours, NoSuchDevice."""
        try:
            answer = await self._ask_about_child(
                "device/check-device",
                "GET",
                f"{_DEVICE}/check-device",
                params={"unique_id": unique_id},
            )
        except DeviceTaken:
            return DeviceCheck(Connection.TAKEN)
        body = parsing.as_dict(answer.json())
        connection = _CONNECTIONS.get(parsing.as_str(body.get("detail")) or "")
        if connection is None:
            raise BadAnswer(answer.endpoint, "an unknown connection")
        return DeviceCheck(
            connection, _device(answer.endpoint, body.get("device_data"))
        )

    async def register_device(
        self, *, serial_code: str, mac_id: str, unique_id: str, real_user_id: int
    ) -> None:
        """Register a device to a child; `check_device` must have been called.

        Raises NotYours, NoSuchDevice, DeviceTaken.
        """
        answer = await self._ask_about_child(
            "device/set-my-device",
            "POST",
            f"{_DEVICE}/set-my-device",
            params={
                "serial_code": serial_code,
                "mac_id": mac_id,
                "unique_id": unique_id,
                "real_user_id": real_user_id,
            },
        )
        _confirm(answer)

    async def unregister_device(self, unique_id: str, real_user_id: int) -> None:
        """Unregister a device from a child; raises NotYours, NoSuchDevice."""
        answer = await self._ask_about_child(
            "device/un-connect",
            "PATCH",
            f"{_DEVICE}/un-connect",
            params={"unique_id": unique_id, "real_user_id": real_user_id},
        )
        _confirm(answer)

    async def set_alias(
        self, device_id: int, real_user_id: int, alias: str
    ) -> TreatmentDevice:
        """Name a device and return it; raises NotYours, NoSuchDevice, NotConnected.

        The answer has no firmware version.
        """
        answer = await self._ask_about_child(
            "device/update-alias",
            "PATCH",
            f"{_DEVICE}/update-alias",
            json={
                "device_id": device_id,
                "real_user_id": real_user_id,
                "device_alias": alias,
            },
        )
        return _device(answer.endpoint, answer.json())

    async def upload_logs(
        self,
        logs: Iterable[TreatmentLog],
        *,
        device_id: int,
        unique_id: str,
        time_zone: tzinfo,
    ) -> None:
        """Store complete logs of a device, or one temporary log of it.

        LUX takes several complete logs in one request; a temporary log comes alone,
        and a later log overwrites it. Raises one of FOR_GOOD, or LogNotStored.
        """
        answer = await self._ask_about_child(
            "device/devlog",
            "POST",
            f"{_DEVICE}/devlog",
            json={
                "log_arrays": [
                    log.body(device_id, unique_id, time_zone) for log in logs
                ]
            },
        )
        _confirm(answer)

    async def send_impedance_alert(self) -> None:
        """Send a real message about bad contacts to the account's phone.

        Raises NoPhone, AlertNotSent, or, after a 500 or an answer that was lost,
        AlertUnconfirmed: the message may have gone.
        """
        endpoint = "device/alimtalk"
        try:
            answer = await self._ask(endpoint, "POST", f"{_DEVICE}/alimtalk")
            answer.json_if_any()
        except (Unreachable, BadAnswer) as err:
            if err.endpoint == endpoint and not err.reason.startswith(_NOT_CONNECTED):
                raise AlertUnconfirmed(endpoint, err.reason) from None
            raise

    async def _ask(
        self, endpoint: str, method: str, path: str, **content: Any
    ) -> Answer:
        """Send one request as the account; raise what its refusal means."""
        try:
            answer = await self._http.request(endpoint, method, path, **content)
        except Refused as err:
            raise meaning(err) from None
        # However far it is from ours.
        self.service_now = http_date(answer.headers.get("Date"))
        return answer

    async def _ask_about_child(
        self, endpoint: str, method: str, path: str, **content: Any
    ) -> Answer:
        """Send a request that names a child or a device: a 401 may mean those."""
        try:
            return await self._ask(endpoint, method, path, **content)
        except AuthError as err:
            raise child_refused(err) from None


def _token(answer: Answer) -> Token:
    """Return the token pair of a sign-in or refresh answer; lifetimes in seconds."""
    body = parsing.as_dict(answer.json())
    access, renewal = body.get("access_token"), body.get("refresh_token")
    # Nothing but a text is a token, not even a number.
    if not (isinstance(access, str) and access and isinstance(renewal, str)):
        raise BadAnswer(answer.endpoint, "no tokens")
    now = answer.date.timestamp()
    lifetime = parsing.as_float(body.get("expires_in"))
    renewal_lifetime = parsing.as_float(body.get("refresh_expires_in"))
    return Token(
        access_token=access,
        refresh_token=renewal,
        lifetime=lifetime or None,
        expires=now + lifetime if lifetime else None,
        refresh_token_expires=now + renewal_lifetime if renewal_lifetime else None,
    )


def _device(endpoint: str, value: object) -> TreatmentDevice:
    """Return the device of a device object."""
    if (device := parse_device(parsing.as_dict(value))) is None:
        raise BadAnswer(endpoint, "no device")
    return device


def _confirm(answer: Answer) -> None:
    """Raise unless the body says 200: `statuscode` or `statusCode`, as LUX likes."""
    body = {key.lower(): value for key, value in parsing.as_dict(answer.json()).items()}
    code = parsing.as_int(body.get("statuscode"))
    if code is None:
        raise BadAnswer(answer.endpoint, "no confirmation")
    if code >= 500:
        raise Unreachable(answer.endpoint, f"status {code}")
    if code != 200:
        text = parsing.as_str(body.get("message")) or ""
        raise meaning(Refused(answer.endpoint, code, text))
