"""Push: a message of Lightbug's starts a poll, and is never taken for data.

Lightbug sends them through AWS SNS to a webhook. Anybody who learns its address can
send anything there. What is not proved to be from Lightbug is refused, and costs
nothing.
"""

import asyncio
from collections.abc import Callable, Coroutine, MutableMapping
from datetime import datetime
from http import HTTPStatus
from time import monotonic
from typing import Any

from aiohttp.web import Request, Response
from homeassistant.components import webhook
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.ssl import get_default_context

from ..const import DOMAIN, LOGGER
from ..session import async_get_session
from ..store import LanternStore
from ..transport import parsing
from ..transport.errors import TransportError
from ..transport.http import Http
from ..transport.rate_limit import RateLimit
from .client.models import as_epoch, is_epoch
from .client.sns import (
    LIGHTBUG_ACCOUNT,
    MAX_AGE,
    MAX_BODY,
    Kind,
    MalformedMessage,
    Message,
    UntrustedMessage,
    read_message,
)
from .client.sns_certificate import Certificates
from .repairs import create_account_issue, delete_account_issue

CONF_PUSH = "push"
CONF_WEBHOOK_ID = "webhook_id"
CONF_PUSH_ACCOUNT = "push_account"

_GATHER = 1.0
"""Messages of one burst come within such a time, in seconds."""
_SPACING = 15.0
_READ_FOR = 10.0
_MAX_IDS = 5000
_METHODS = ("GET", "HEAD", "POST", "PUT")
_CONFIRM_FOR = 10.0


def _trusted_roots() -> list[bytes]:
    """Return the certificates that Home Assistant trusts, in DER."""
    return get_default_context().get_ca_certs(binary_form=True)


class Push:
    """The webhook of one entry; `poll` asks Lightbug for what is new.

    `is_open` while the webhook is registered; `offered` is the subscription of an AWS
    account that a person has still to confirm. The store holds when each message of
    the last hour was sent, by its id, and when the last one came.
    """

    is_open = False
    offered: Message | None = None

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        rate_limit: RateLimit,
        store: LanternStore,
        poll: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """Initialize without a webhook."""
        self._hass = hass
        self._entry = entry
        self._rate_limit = rate_limit
        self._store = store
        self._poll = poll
        self._certificates = Certificates(async_get_session(hass), _trusted_roots)
        self._seen: dict[str, float] = {}
        self._timer: CALLBACK_TYPE | None = None
        self._next_poll = 0.0

    @property
    def _stored(self) -> MutableMapping[str, Any]:
        return self._store.section("push")

    @property
    def received(self) -> datetime | None:
        """Return when the last message came that was believed."""
        return as_epoch(self._stored.get("received"))

    @callback
    def async_start(self) -> None:
        """Register the webhook, if the entry has one, until the entry is unloaded."""
        webhook_id = self._entry.data.get(CONF_WEBHOOK_ID)
        if not self._entry.options.get(CONF_PUSH) or webhook_id is None:
            if self._stored:
                self._stored.clear()
                self._store.async_delay_save()
            return
        seen = parsing.as_dict(self._stored.get("seen"))
        self._seen = {key: at for key, at in seen.items() if is_epoch(at)}
        # All methods: Home Assistant would log the address with one that is not.
        webhook.async_register(
            self._hass,
            DOMAIN,
            "Lightbug push",
            webhook_id,
            self._handle_request,
            allowed_methods=_METHODS,
        )

        self.is_open = True

        @callback
        def stop() -> None:
            self.is_open = False
            webhook.async_unregister(self._hass, webhook_id)
            delete_account_issue(self._hass, self._entry)
            if self._timer is not None:
                self._timer()

        self._entry.async_on_unload(stop)

    async def _handle_request(
        self, hass: HomeAssistant, webhook_id: str, request: Request
    ) -> Response:
        """Answer a request to the webhook; nothing it holds is logged."""
        try:
            message = read_message(await _read_body(request))
            await self._check(message)
            await self._accept(message)
        except MalformedMessage as err:
            return _refuse(HTTPStatus.BAD_REQUEST, str(err))
        except UntrustedMessage as err:
            return _refuse(HTTPStatus.FORBIDDEN, str(err))
        except TransportError as err:
            # SNS sends it again.
            LOGGER.debug("Push: not subscribed: %s", err)
            return Response(status=HTTPStatus.SERVICE_UNAVAILABLE)
        except Exception as err:  # noqa: BLE001  # Home Assistant would log the address
            return _refuse(HTTPStatus.BAD_REQUEST, type(err).__name__)
        return Response(status=HTTPStatus.OK)

    async def _check(self, message: Message) -> None:
        """Raise UntrustedMessage unless a message is new and SNS signed it.

        What costs nothing comes first.
        """
        now = dt_util.utcnow()
        message.check_age(now)
        known = (LIGHTBUG_ACCOUNT, self._entry.data.get(CONF_PUSH_ACCOUNT))
        if message.account not in known and message.kind is not Kind.SUBSCRIPTION:
            raise UntrustedMessage("another AWS account")
        self._check_new(message)
        key = await self._certificates.get_key(message.certificate, now)
        message.check_signature(key)
        # The entry may have been unloaded, or the same message come, meanwhile.
        if not self.is_open:
            raise UntrustedMessage("the webhook is gone")
        self._check_new(message)
        self._remember(message, now)
        if message.account not in known:
            if self.offered is None or self.offered.account == message.account:
                self.offered = message
                create_account_issue(self._hass, self._entry, message.account)
            raise UntrustedMessage("an AWS account that nobody confirmed")

    def _check_new(self, message: Message) -> None:
        if message.id in self._seen:
            raise UntrustedMessage("sent before")

    def _remember(self, message: Message, now: datetime) -> None:
        """Note a message; those that are too old to be believed are forgotten."""
        self._seen[message.id] = message.time.timestamp()
        oldest = (now - MAX_AGE).timestamp()
        fresh = [(key, sent) for key, sent in self._seen.items() if sent >= oldest]
        self._seen = dict(fresh[-_MAX_IDS:])
        self._save(seen=self._seen)

    def _save(self, **values: Any) -> None:
        """Store values that a restart must not lose."""
        self._stored.update(values)
        self._store.async_delay_save()

    async def _accept(self, message: Message) -> None:
        """Do what a message that is believed asks for."""
        LOGGER.debug("Push: %s", message.kind)
        if message.kind is Kind.SUBSCRIPTION:
            await self._confirm(message)
        self._save(received=dt_util.utcnow().timestamp())
        if message.kind is Kind.NOTIFICATION:
            self._schedule_poll()

    async def _confirm(self, message: Message) -> None:
        """Confirm a subscription at the host whose certificate signed it."""
        assert message.subscribe_path is not None
        http = Http(
            async_get_session(self._hass),
            f"https://{message.certificate[0]}",
            rate_limit=RateLimit(),
            timeout=_CONFIRM_FOR,
        )
        try:
            await http.request("sns/subscribe", "GET", message.subscribe_path)
        except TransportError:
            # It may be sent again.
            self._seen.pop(message.id, None)
            raise

    async def async_accept_offered(self, account: str) -> bool:
        """Trust an AWS account whose subscription waits, and confirm it.

        Return False if none of that account waits. Raises `TransportError`; the
        account is trusted all the same.
        """
        message = self.offered
        if message is None or message.account != account:
            return False
        data = {**self._entry.data, CONF_PUSH_ACCOUNT: message.account}
        self._hass.config_entries.async_update_entry(self._entry, data=data)
        await self._confirm(message)
        self.offered = None
        return True

    @callback
    def _schedule_poll(self) -> None:
        """Poll soon, once for a burst, and at most once in 15 s."""
        if self._timer is None:
            delay = max(_GATHER, self._next_poll - monotonic())
            self._timer = async_call_later(self._hass, delay, self._async_poll)

    async def _async_poll(self, _: datetime) -> None:
        self._timer = None
        self._next_poll = monotonic() + _SPACING
        if self._rate_limit.is_low or self._rate_limit.pause:
            LOGGER.debug("Push: no poll while requests are scarce")
            return
        await self._poll()


async def _read_body(request: Request) -> bytes:
    """Return a request's body; raise MalformedMessage if it is too long, or too slow.

    Also of the request that Home Assistant Cloud makes, which has no `read`.
    """
    if request.method != "POST":
        raise MalformedMessage("no POST")
    content, body = request.content, bytearray()
    try:
        async with asyncio.timeout(_READ_FOR):
            while chunk := await content.read(MAX_BODY + 1 - len(body)):
                body += chunk
                if len(body) > MAX_BODY:
                    raise MalformedMessage("too long")
    except TimeoutError:
        raise MalformedMessage("too slow") from None
    return bytes(body)


def _refuse(status: HTTPStatus, reason: str) -> Response:
    """Return the answer to what is not believed."""
    LOGGER.debug("Push: refused with %d: %s", status, reason)
    return Response(status=status)
