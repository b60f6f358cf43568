"""Messages of AWS SNS, which carries Lightbug's push: what they say, and their form.

A message is read here, and believed only once its signature was checked, too. What
is wrong with one is said in our own words: it can hold a position, or a secret.
"""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
import json
import re
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from ...transport import parsing

LIGHTBUG_ACCOUNT = "367158939173"
"""The AWS account that Lightbug's own guide (SQS forwarding) names."""
MAX_BODY = 256 * 1024
"""SNS sends no longer messages."""
MAX_AGE = timedelta(hours=1)
"""SNS gives up after an hour."""

_REGION = "[a-z]{2}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}"
_CERTIFICATE_URL = re.compile(
    rf"https://(sns\.{_REGION}\.amazonaws\.com)"
    r"(/SimpleNotificationService-[0-9a-f]{32}\.pem)"
)
_TOPIC = re.compile(rf"arn:aws:sns:{_REGION}:([0-9]{{12}}):[A-Za-z0-9_-]{{1,256}}")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z"
)
_QUERY = re.compile(r"/\?([A-Za-z0-9._~%:=&+-]{1,2048})")
_MAX_ID = 100
_HASHES: Mapping[str, type[hashes.HashAlgorithm]] = {
    "1": hashes.SHA1,
    "2": hashes.SHA256,
}


class Kind(StrEnum):
    """What a message is about."""

    NOTIFICATION = "Notification"
    SUBSCRIPTION = "SubscriptionConfirmation"
    UNSUBSCRIPTION = "UnsubscribeConfirmation"


_OF_SUBSCRIPTIONS = (
    *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token"),
    *("TopicArn", "Type"),
)
# What is signed, in its order.
_SIGNED: Mapping[Kind, tuple[str, ...]] = {
    Kind.NOTIFICATION: (
        *("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    ),
    Kind.SUBSCRIPTION: _OF_SUBSCRIPTIONS,
    Kind.UNSUBSCRIPTION: _OF_SUBSCRIPTIONS,
}
_OPTIONAL = "Subject"


class MalformedMessage(ValueError):
    """What came is no message of SNS; the text says in our words what is wrong."""


class UntrustedMessage(ValueError):
    """A message is not believed; the text says in our words why."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose form is right; `certificate` is host and path.

    `subscribe_path` is what to ask for at that host to confirm a subscription.
    """

    kind: Kind
    id: str
    account: str
    time: datetime
    certificate: tuple[str, str]
    subscribe_path: str | None = field(repr=False)
    signature: bytes = field(repr=False)
    version: str
    signed: bytes = field(repr=False)

    def check_age(self, now: datetime) -> None:
        """Raise UntrustedMessage unless it was sent within an hour of now."""
        if abs(now - self.time) > MAX_AGE:
            raise UntrustedMessage("too old, or of the future")

    def check_signature(self, key: rsa.RSAPublicKey) -> None:
        """Raise UntrustedMessage unless the key's owner signed it."""
        try:
            key.verify(
                self.signature,
                self.signed,
                padding.PKCS1v15(),
                _HASHES[self.version](),
            )
        except InvalidSignature:
            raise UntrustedMessage("wrong signature") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one with two values of a name has no one meaning."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _read_object(body: bytes) -> dict[str, Any]:
    """Return the object that a body is."""
    try:
        message = json.loads(body.decode(), object_pairs_hook=_unique)
    except ValueError, RecursionError:
        raise MalformedMessage("no JSON") from None
    if not isinstance(message, dict):
        raise MalformedMessage("no object")
    return message


def _match(pattern: re.Pattern[str], text: str, what: str) -> re.Match[str]:
    """Return a text's match, which must be all of it."""
    if (match := pattern.fullmatch(text)) is None:
        raise UntrustedMessage(what)
    return match


def _subscribe_path(url: str, host: str, topic: str) -> str:
    """Return what confirms a subscription at the certificate's host, and only there."""
    prefix = f"https://{host}"
    if not url.startswith(f"{prefix}/"):
        raise UntrustedMessage("another host in SubscribeURL")
    path = url.removeprefix(prefix)
    query = parse_qs(_match(_QUERY, path, "another SubscribeURL")[1])
    asked = {name: values for name, values in query.items() if name != "Token"}
    if asked != {"Action": ["ConfirmSubscription"], "TopicArn": [topic]}:
        raise UntrustedMessage("another SubscribeURL")
    return path


def _read_texts(fields: Mapping[str, Any]) -> tuple[Kind, dict[str, str]]:
    """Return a message's kind, and those of its fields that are looked at."""
    kind = next((kind for kind in Kind if kind == fields.get("Type")), None)
    if kind is None:
        raise MalformedMessage("another Type")
    wanted = {*_SIGNED[kind], "SignatureVersion", "Signature", "SigningCertURL"}
    texts = {name: fields[name] for name in wanted if name in fields}
    if wanted - texts.keys() - {_OPTIONAL}:
        raise MalformedMessage("a field is missing")
    if not all(isinstance(text, str) for text in texts.values()):
        raise MalformedMessage("a field is no text")
    if len(texts["MessageId"]) > _MAX_ID or texts["SignatureVersion"] not in _HASHES:
        raise MalformedMessage("another form")
    return kind, texts


def _read_time(text: str) -> datetime:
    """Return a message's time."""
    time = parsing.as_datetime(text) if _TIMESTAMP.fullmatch(text) else None
    if time is None:
        raise UntrustedMessage("another Timestamp")
    return time


def read_message(body: bytes) -> Message:
    """Return the message that a body is.

    Raises MalformedMessage, or UntrustedMessage for names and addresses that are not
    those of SNS.
    """
    kind, texts = _read_texts(_read_object(body))
    try:
        signature = b64decode(texts["Signature"], validate=True)
        signed = "".join(
            f"{name}\n{texts[name]}\n" for name in _SIGNED[kind] if name in texts
        ).encode()
    except ValueError:
        raise MalformedMessage("another form") from None
    topic = _match(_TOPIC, texts["TopicArn"], "another topic")
    signer = _match(_CERTIFICATE_URL, texts["SigningCertURL"], "another SigningCertURL")
    path: str | None = None
    if kind is Kind.SUBSCRIPTION:
        path = _subscribe_path(texts["SubscribeURL"], signer[1], topic[0])
    return Message(
        kind=kind,
        id=texts["MessageId"],
        account=topic[1],
        time=_read_time(texts["Timestamp"]),
        certificate=(signer[1], signer[2]),
        subscribe_path=path,
        signature=signature,
        version=texts["SignatureVersion"],
        signed=signed,
    )
