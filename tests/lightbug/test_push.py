"""Push: Lightbug's messages start a poll, and nobody else's do."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
import json
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import webhook
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.lantern.lightbug import push
from simulator.lightbug import Lightbug
from simulator.lightbug.sns import Authority, Sns, pem, rsa_key, sign
from tests.common import add_entry, pass_time, settle, state_of

from .conftest import POLL, SUMMARY, UNIQUE_ID, stored, unique
from .pushing import EXTERNAL, Pushing, serve_sns, set_external_url

FIRST = 2_370_001
FILE = "GET /{file}"
CONFIRM = "GET /"

type Message = dict[str, Any]


@pytest.fixture
async def pushing(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    lightbug: Lightbug,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pushing]:
    """Return an account whose push is switched on, and that SNS knows nothing of."""
    # It cannot write its line while time stands still.
    monkeypatch.setattr(logging.getLogger("aiohttp.access"), "disabled", True)
    await set_external_url(hass, EXTERNAL)
    assert await async_setup_component(hass, "diagnostics", {})
    async for sns, names in serve_sns(hass):
        entry = await add_entry(hass, UNIQUE_ID, stored(lightbug))
        client = await hass_client_no_auth()
        pushing = Pushing(hass, entry, lightbug, sns, names, client.make_url("/"))
        await pushing.switch_on()
        yield pushing
        # Nobody else was asked anything, whatever came.
        assert set(names.asked) <= {sns.domain, "crt.r2m01.amazontrust.com"}


@pytest.fixture
def polls(pushing: Pushing) -> Callable[[], int]:
    """Return what counts the polls since push was switched on."""
    before = pushing.lightbug.count(SUMMARY)
    return lambda: pushing.lightbug.count(SUMMARY) - before


def signed(sns: Sns, **fields: Any) -> Message:
    """Return a message with other fields, signed as it is."""
    return sns.message(**fields)


def resigned(sns: Sns, kind: Any = "Notification", **changes: Any) -> Message:
    """Return a message whose fields were changed, and which was then signed."""
    message = sns.message(kind) | changes
    return message | {"Signature": sign(message, sns.key)}


# What is believed ----------------------------------------------------------------


@pytest.mark.parametrize("version", ["1", "2"])
async def test_push(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
    version: Any,
) -> None:
    """A subscription is confirmed; each message after it brings what is new at once."""
    pushing.sns.version = version
    assert await pushing.sns.subscribe(pushing.url) == 200
    assert pushing.sns.subscribers == [pushing.url]
    await pass_time(hass, freezer, 60)
    assert polls() == 0
    pushing.lightbug.set_device(FIRST, batteryPct=12)
    assert await pushing.sns.publish({"datapoint": {"batteryPct": 77}}) == [200]
    await pass_time(hass, freezer, 1)
    assert polls() == 1
    # What the service says, and not what the message said.
    assert state_of(hass, "sensor", unique(FIRST, "battery")) == "12.0"
    await pass_time(hass, freezer, POLL)
    assert polls() == 2
    assert pushing.sns.count(FILE) == pushing.sns.issuers.count() == 1


async def test_subject(pushing: Pushing) -> None:
    """A subject is signed, too; line breaks and other languages are themselves."""
    text = 'Zeile 1\nZeile 2 "Ünï" 🛶'
    assert await pushing.send(pushing.sns.message(Subject=text, Message=text)) == 200


async def test_unsubscribed(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
) -> None:
    """That the subscription ended is no news of trackers, and nobody undoes it."""
    message = pushing.sns.message("UnsubscribeConfirmation")
    assert await pushing.send(message) == 200
    await pass_time(hass, freezer, 15)
    assert polls() == pushing.sns.count(CONFIRM) == 0


async def test_burst(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A hundred messages at a time are one poll; the next follows after 15 s."""
    sent = [pushing.send(pushing.sns.message()) for _ in range(100)]
    assert set(await asyncio.gather(*sent)) == {200}
    assert polls() == 0
    await pass_time(hass, freezer, 1)
    assert polls() == 1
    for _ in range(13):
        assert await pushing.send(pushing.sns.message()) == 200
        await pass_time(hass, freezer, 1)
    assert polls() == 1
    await pass_time(hass, freezer, 2)
    assert polls() == 2
    await pass_time(hass, freezer, 60)
    assert polls() == 2
    assert pushing.sns.count(FILE) == 1


async def test_scarce_requests(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
) -> None:
    """While requests are scarce, only the regular polls are sent."""
    pushing.lightbug.set_limits(normal=100, seconds=3600)
    pushing.lightbug.normal.used = 91
    await pass_time(hass, freezer, POLL)
    before = polls()
    assert await pushing.send(pushing.sns.message()) == 200
    await pass_time(hass, freezer, 1)
    assert polls() == before
    await pass_time(hass, freezer, POLL)
    assert polls() == before + 1


# What is not believed ------------------------------------------------------------


LOOK_ALIKES = [
    "http://sns.eu-west-1.amazonaws.com/{file}",
    "https://sns.eu-west-1.amazonaws.com:8443/{file}",
    "https://sns.eu-west-1.amazonaws.com.example.org/{file}",
    "https://sns.eu-west-1.amazonaws.com@example.org/{file}",
    "https://user:pass@sns.eu-west-1.amazonaws.com/{file}",
    "https://sns.eu-west-1.amazonaws.com\\@example.org/{file}",
    "https://sns.eu-west-1-amazonaws.com/{file}",
    "https://sns.eu-west-1.amazonaws.com.cn/{file}",
    "https://sns-eu-west-1.amazonaws.com/{file}",
    "https://evilsns.eu-west-1.amazonaws.com/{file}",
    "https://bucket.s3.eu-west-1.amazonaws.com/{file}",
    "https://sns.eu-west-1.amazonaws.com/x/../{file}",
    "https://sns.eu-west-1.amazonaws.com/{file}?x=1",
    "https://sns.eu-west-1.amazonaws.com/{file}#x",
    "https://sns.eu-west-1.amazonaws.com/{file}\n",
    " https://sns.eu-west-1.amazonaws.com/{file}",
    "https://sns.eu-west-1.amazonaws.com/other.pem",
    "https://sns.еu-west-1.amazonaws.com/{file}",
    "https://sns.eu-west-١.amazonaws.com/{file}",
    "https://ſns.eu-west-1.amazonaws.com/{file}",
    "HTTPS://SNS.EU-WEST-1.AMAZONAWS.COM/{file}",
    "https://sns.eu-west-1.amazonaws。com/{file}",
    "https://169.254.169.254/{file}",
    "https://127.0.0.1/{file}",
    "file:///etc/passwd",
    "",
]
"""Addresses of certificates that are not SNS's, with the name of the right file."""


@pytest.mark.parametrize("url", LOOK_ALIKES)
async def test_certificate_of_somebody_else(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
    url: str,
) -> None:
    """No certificate is asked for anywhere but where SNS has them."""
    url = url.format(file=pushing.sns.file)
    assert await pushing.send(pushing.sns.message(SigningCertURL=url)) == 403
    await pass_time(hass, freezer, 15)
    assert pushing.names.asked == []
    assert polls() == 0


SUBSCRIBE_URLS = [
    "/?Action=ConfirmSubscription&TopicArn={topic}&Token=1",
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/?Action=ConfirmSubscription&TopicArn={topic}&Token=1",
    "http://{host}/?Action=ConfirmSubscription&TopicArn={topic}&Token=1",
    "https://{host}:22/?Action=ConfirmSubscription&TopicArn={topic}&Token=1",
    "https://{host}@example.org/?Action=ConfirmSubscription&TopicArn={topic}&Token=1",
    "https://me:me@{host}/?Action=ConfirmSubscription&TopicArn={topic}&Token=1",
    "https://{host}.example.org/?Action=ConfirmSubscription&TopicArn={topic}&Token=1",
    "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}",
    "https://{host}/?Action=DeleteTopic&TopicArn={topic}&Token=1",
    "https://{host}/?Action=ConfirmSubscription&Action=Publish&TopicArn={topic}",
    "https://{host}/?Action=ConfirmSubscription&TopicArn={topic}x&Token=1",
    "https://{host}/?Action=ConfirmSubscription&TopicArn={topic}&Token=1&Message=1",
    "https://{host}/?Action=ConfirmSubscription&TopicArn={topic}&Token=1#x",
    "https://{host}/?Action=ConfirmSubscription&TopicArn={topic}&Token=1\r\nX: 1",
    "https://{host}//example.org/?Action=ConfirmSubscription&TopicArn={topic}",
    "",
]
"""What a confirmation may not lead to, even if SNS had signed it."""


@pytest.mark.parametrize("url", SUBSCRIBE_URLS)
async def test_subscribe_url_that_leads_elsewhere(pushing: Pushing, url: str) -> None:
    """A subscription is confirmed at the host that signed it, and nothing else is."""
    sns = pushing.sns
    url = url.format(host=sns.domain, topic=sns.topic)
    message = resigned(sns, "SubscriptionConfirmation", SubscribeURL=url)
    assert await pushing.send(message) == 403
    assert pushing.names.asked == []


def _late(sns: Sns, minutes: float) -> str:
    time = sns.clock.now() + timedelta(minutes=minutes)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _doubled(sns: Sns) -> bytes:
    text = json.dumps(sns.message())
    return (text[:-1] + ', "Type": "Notification"}').encode()


FORGED: dict[str, tuple[Callable[[Sns], Message | bytes], int]] = {
    "other topic": (
        lambda sns: signed(
            sns, TopicArn=f"arn:aws:sns:{sns.region}:123456789012:lightbug-push-4321"
        ),
        403,
    ),
    "topic that is none": (lambda sns: signed(sns, TopicArn="lightbug"), 403),
    "too old": (lambda sns: signed(sns, Timestamp=_late(sns, -61)), 403),
    "of the future": (lambda sns: signed(sns, Timestamp=_late(sns, 61)), 403),
    "without a time": (lambda sns: signed(sns, Timestamp="soon"), 403),
    "time of a year": (lambda sns: signed(sns, Timestamp="2026-13-01T00:00:00Z"), 403),
    "time with a zone": (
        lambda sns: signed(sns, Timestamp=_late(sns, 0).replace("Z", "+00:00")),
        403,
    ),
    "unknown version": (
        lambda sns: sns.message(Signature="AAAA", SignatureVersion="3"),
        400,
    ),
    "signature that is none": (lambda sns: sns.message(Signature="~"), 400),
    "unknown type": (lambda sns: sns.message() | {"Type": "Hello"}, 400),
    "type that is none": (lambda sns: sns.message() | {"Type": ["Notification"]}, 400),
    "text that is none": (lambda sns: sns.message() | {"Message": {"a": 1}}, 400),
    "without an id": (lambda sns: signed(sns, MessageId=None, Signature="AAAA"), 400),
    "endless id": (lambda sns: signed(sns, MessageId="x" * 101), 400),
    "half a character": (
        lambda sns: json.dumps(sns.message() | {"Message": "\ud800"}).encode(),
        400,
    ),
    "two values": (_doubled, 400),
    "list": (lambda _: b"[]", 400),
    "nothing": (lambda _: b"", 400),
    "null": (lambda _: b"null", 400),
    "garbage": (lambda _: bytes(range(256)), 400),
    "deep": (lambda _: b"[" * 200_000, 400),
    "long number": (lambda _: b"1" * 200_000, 400),
    "256 KiB and one byte": (
        lambda sns: json.dumps(sns.message()).encode().ljust(256 * 1024 + 1),
        400,
    ),
    "10 MiB": (lambda _: b"{" + b" " * 10 * 1024 * 1024, 400),
}
"""What costs nothing to refuse: no certificate is asked for."""


@pytest.mark.parametrize("name", FORGED)
async def test_refused_at_once(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    """What cannot be right is refused before anything is asked for, in one line."""
    make, status = FORGED[name]
    with caplog.at_level(logging.DEBUG, "custom_components.lantern"):
        assert await pushing.send(make(pushing.sns)) == status
        lines = [record for record in caplog.records if "Push:" in record.getMessage()]
    assert len(lines) == 1
    assert lines[0].levelno == logging.DEBUG
    await pass_time(hass, freezer, 15)
    assert pushing.names.asked == []
    assert polls() == 0


async def test_longest_body(pushing: Pushing) -> None:
    """256 KiB are what SNS may send."""
    body = json.dumps(pushing.sns.message()).encode().ljust(256 * 1024)
    assert await pushing.send(body) == 200


@pytest.mark.parametrize(
    "make",
    [
        lambda sns: (
            signed(sns, Signature=None) | {"Signature": sign(sns.message(), sns.key)}
        ),
        lambda sns: sns.message() | {"Message": "{}x"},
        lambda sns: sns.message() | {"Subject": "added"},
        lambda sns: sns.message(Subject="lost") | {"Subject": ""},
        lambda sns: sns.message(Signature=sign(sns.message(), rsa_key(1))),
        lambda sns: sns.message() | {"SignatureVersion": "2"},
        lambda sns: sns.message() | {"Timestamp": _late(sns, -1)},
        lambda sns: sns.message("UnsubscribeConfirmation") | {"Token": "x"},
    ],
)
async def test_wrong_signature(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
    make: Callable[[Sns], Message],
) -> None:
    """A message of somebody else, or one that was changed, is not believed."""
    assert await pushing.send(make(pushing.sns)) == 403
    await pass_time(hass, freezer, 15)
    assert polls() == 0
    assert await pushing.send(pushing.sns.message()) == 200


def _foreign(sns: Sns) -> None:
    """Let somebody else issue certificates, who uses the right names."""
    foreign = Authority()
    leaf = foreign.issue("sns.amazonaws.com", key=sns.key.public_key())
    sns.files[sns.file] = pem(leaf, foreign.issuer, foreign.root)


def _self_signed(sns: Sns) -> None:
    sns.files[sns.file] = pem(Authority().root)


def _elliptic(sns: Sns) -> None:
    key = sns.authority.key.public_key()
    sns.files[sns.file] = pem(sns.authority.issue("sns.amazonaws.com", key=key))


def _nobody(sns: Sns) -> None:
    del sns.files[sns.file]


def _many(sns: Sns) -> None:
    sns.files[sns.file] = sns.files[sns.file] * 6


def _long(sns: Sns) -> None:
    sns.files[sns.file] += b"\n" * 65_536


def _year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC)


CERTIFICATES: dict[str, Callable[[Sns], Any]] = {
    "expired": lambda sns: sns.certify(end=_year(2020)),
    "not yet valid": lambda sns: sns.certify(start=_year(2040)),
    "foreign chain": _foreign,
    "self-signed": _self_signed,
    "another name": lambda sns: sns.certify("lambda.amazonaws.com"),
    "another region": lambda sns: sns.certify("sns.us-east-1.amazonaws.com"),
    "no RSA key": _elliptic,
    "issuer elsewhere": lambda sns: sns.certify(
        issuer_url="http://crt.r2m01.amazontrust.com.example.org/r2m01.cer"
    ),
    "issuer inside": lambda sns: sns.certify(issuer_url="http://169.254.169.254/a.cer"),
    "no issuer there": lambda sns: sns.issuers.inject("*", "status", status=404),
    "issuer that is none": lambda sns: sns.issuers.inject("*", "html"),
    "no file": _nobody,
    "redirect": lambda sns: sns.inject(FILE, "redirect", body=sns.issuers.url),
    "garbage": lambda sns: sns.inject(FILE, "html"),
    "endless": lambda sns: sns.inject(FILE, "huge", size=10_000_000),
    "many": _many,
    "longer than 64 KiB": _long,
    "cut": lambda sns: sns.inject(FILE, "truncated"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
async def test_certificate_that_nobody_vouches_for(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
    name: str,
) -> None:
    """A certificate is taken with a chain to a trusted root, valid now, of SNS alone.

    After a wrong one none is asked for, for 15 s: a flood costs no more.
    """
    sns = pushing.sns
    right = sns.files[sns.file]
    CERTIFICATES[name](sns)
    assert await pushing.send(sns.message()) == 403
    asked = sns.count(FILE)
    assert asked == 1
    sns.files[sns.file] = right
    sns.clear_faults()
    sns.issuers.clear_faults()
    assert await pushing.send(sns.message()) == 403
    assert sns.count(FILE) == asked
    await pass_time(hass, freezer, 15)
    assert polls() == 0
    assert await pushing.send(sns.message()) == 200
    await pass_time(hass, freezer, 1)
    assert polls() == 1


async def test_whole_chain_in_the_file(pushing: Pushing) -> None:
    """A file with its issuer's certificate needs no other."""
    sns = pushing.sns
    sns.files[sns.file] += pem(sns.authority.issuer)
    assert await pushing.send(sns.message()) == 200
    assert sns.issuers.count() == 0


async def test_certificate_of_the_region(pushing: Pushing) -> None:
    """Older certificates name the region's host."""
    pushing.sns.certify(pushing.sns.domain)
    assert await pushing.send(pushing.sns.message()) == 200


async def test_certificate_expires(
    hass: HomeAssistant, pushing: Pushing, freezer: FrozenDateTimeFactory
) -> None:
    """A certificate that was right is not right for ever."""
    sns = pushing.sns
    sns.certify(end=datetime.now(UTC) + timedelta(hours=2))
    assert await pushing.send(sns.message()) == 200
    assert await pushing.send(sns.message()) == 200
    assert sns.count(FILE) == 1
    await pass_time(hass, freezer, 3 * 3600)
    assert await pushing.send(sns.message()) == 403
    assert sns.count(FILE) == 2


# Again and again -----------------------------------------------------------------


async def test_replay(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
) -> None:
    """A message counts once, also if it comes twice at a time; later it is too old."""
    message = pushing.sns.message()
    answers = await asyncio.gather(*(pushing.send(message) for _ in range(5)))
    assert sorted(answers) == [200, 403, 403, 403, 403]
    await pass_time(hass, freezer, 1)
    assert polls() == 1
    await pass_time(hass, freezer, 59 * 60)
    before = polls()
    assert await pushing.send(message) == 403
    await pass_time(hass, freezer, 120)
    assert await pushing.send(message) == 403
    assert polls() == before


async def test_replay_after_a_restart(
    hass: HomeAssistant, pushing: Pushing, freezer: FrozenDateTimeFactory
) -> None:
    """What was believed once is remembered, and when the last message came."""
    message = pushing.sns.message()
    assert await pushing.send(message) == 200
    received = pushing.entry.runtime_data.push.received
    assert received is not None
    await pass_time(hass, freezer, 60)
    assert await hass.config_entries.async_reload(pushing.entry.entry_id)
    await settle(hass)
    assert pushing.entry.runtime_data.push.received == received
    asked = pushing.sns.count()
    assert await pushing.send(message) == 403
    assert pushing.sns.count() == asked
    assert await pushing.send(pushing.sns.message()) == 200
    # Only what could come again is kept.
    await pass_time(hass, freezer, 3601)
    assert await pushing.send(pushing.sns.message()) == 200
    seen = pushing.entry.runtime_data.store.section("push")["seen"]
    assert len(seen) == 1


async def test_subscription_that_cannot_be_confirmed(pushing: Pushing) -> None:
    """SNS is told to come again, and may with the same message."""
    sns = pushing.sns
    message = sns.message("SubscriptionConfirmation")
    sns.tokens[message["Token"]] = pushing.url
    sns.inject(CONFIRM, "status", status=500)
    assert await pushing.send(message) == 503
    assert sns.subscribers == []
    assert await pushing.send(message) == 200
    assert sns.subscribers == [pushing.url]
    assert await pushing.send(message) == 403


async def test_many_messages(
    hass: HomeAssistant, pushing: Pushing, freezer: FrozenDateTimeFactory
) -> None:
    """The ids of old messages are not kept."""
    with patch.object(push, "_MAX_IDS", 10):
        for _ in range(25):
            assert await pushing.send(pushing.sns.message()) == 200
        last = pushing.sns.message()
        assert await pushing.send(last) == 200
        assert await pushing.send(last) == 403
    assert len(pushing.entry.runtime_data.push._seen) <= 11  # noqa: SLF001  # what it costs


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
async def test_other_methods(
    pushing: Pushing,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    method: str,
) -> None:
    """A stranger who tries the address learns nothing, and nothing is logged."""
    client = await hass_client_no_auth()
    path = pushing.url.removeprefix(str(pushing.base).rstrip("/"))
    async with client.request(method, path) as answer:
        assert answer.status == 400
    secret = path.rsplit("/", 1)[1]
    assert not [
        record
        for record in caplog.records
        if secret in record.getMessage() and record.levelno > logging.DEBUG
    ]


# Secrets -------------------------------------------------------------------------


async def test_address_is_a_secret(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    pushing: Pushing,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No log of ours and no diagnostics hold the address, or what was sent to it."""
    secret = pushing.address.rsplit("/", 1)[1]
    assert len(secret) == 64
    with caplog.at_level(logging.DEBUG):
        assert await pushing.sns.subscribe(pushing.url) == 200
        await pushing.sns.publish({"datapoint": {"address": "Qzstreet 1"}})
        await pushing.send(b'{"Qzkey": 1}')
        await pushing.send(pushing.sns.message() | {"Subject": "Qzsubject"})
        await pushing.send(pushing.sns.message(TopicArn="Qztopic"))
        await pass_time(hass, freezer, 1)
    # Home Assistant's own debug log names what is asked for.
    lines = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components") or record.levelno > logging.DEBUG
    ]
    assert "Push: Notification" in lines
    secrets = (secret, "Qz", *pushing.sns.tokens)
    assert not [line for line in lines if any(secret in line for secret in secrets)]
    diagnostics = await get_diagnostics_for_config_entry(
        hass, hass_client, pushing.entry
    )
    assert secret not in json.dumps(diagnostics)


# Ends ----------------------------------------------------------------------------


def registered(hass: HomeAssistant) -> int:
    """Return how many webhooks Lantern has."""
    handlers = hass.data.get(webhook._HANDLERS, {})  # noqa: SLF001  # nothing else tells
    return sum(1 for handler in handlers.values() if handler.domain == "lantern")


async def test_unload(
    hass: HomeAssistant,
    pushing: Pushing,
    polls: Callable[[], int],
    freezer: FrozenDateTimeFactory,
) -> None:
    """An entry that is unloaded hears nothing, and polls no more."""
    assert registered(hass) == 1
    assert await pushing.send(pushing.sns.message()) == 200
    await hass.config_entries.async_unload(pushing.entry.entry_id)
    await pass_time(hass, freezer, 60)
    assert registered(hass) == polls() == 0
    # As Home Assistant answers everybody for an address that does not exist.
    asked = pushing.sns.count()
    assert await pushing.send(pushing.sns.message()) == 200
    assert pushing.sns.count() == asked
    await hass.config_entries.async_setup(pushing.entry.entry_id)
    await settle(hass)
    before = polls()
    assert await pushing.send(pushing.sns.message()) == 200
    await pass_time(hass, freezer, 1)
    assert polls() == before + 1
    # A poll that is due leaves no timer behind.
    assert await pushing.send(pushing.sns.message()) == 200
    await hass.config_entries.async_remove(pushing.entry.entry_id)
    assert registered(hass) == 0
