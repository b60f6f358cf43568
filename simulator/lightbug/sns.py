"""AWS's Simple Notification Service (SNS), through which Lightbug pushes.

Written from AWS's developer guide ("Fanout Amazon SNS notifications to HTTPS
endpoints", "Verifying the signatures of Amazon SNS messages") and from what its real
certificates are: one for signing, alone in its file, whose issuer is named in it.
"""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
import json
from pathlib import Path
import ssl
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Literal, override
from urllib.parse import urlencode
from uuid import uuid4

from aiohttp import ClientSession, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

from simulator.clock import Clock
from simulator.service import Service, control

from . import moments

type Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
type Kind = Literal[
    "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"
]

LIGHTBUG_ACCOUNT = "367158939173"
"""The AWS account that Lightbug's guide names."""
SIGNER = "sns.amazonaws.com"
_ISSUER_HOST = "crt.r2m01.amazontrust.com"
_FROM = datetime(2017, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2045, 1, 1, tzinfo=UTC)
_CONFIRMED = "<ConfirmSubscriptionResponse/>"


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """Return one of the keys that sign messages: making one takes a while."""
    del number  # the cache tells them apart
    return rsa.generate_private_key(65537, 2048)


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Amazon"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        key_encipherment=not signs_certificates,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass(slots=True)
class Authority:
    """Certificate authorities: a root, and below it one that issues certificates."""

    label: str = "Simulated"
    root_key: Key = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    root: x509.Certificate = field(init=False)
    issuer: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        """Make both certificates."""
        root = _name(f"{self.label} Root CA 1")
        issuer = _name(f"{self.label} RSA 2048 M01")
        self.root = self._authority(root, root, self.root_key.public_key(), 1)
        self.issuer = self._authority(issuer, root, self.key.public_key(), 0)

    def _authority(
        self, subject: x509.Name, issuer: x509.Name, key: Any, length: int
    ) -> x509.Certificate:
        builder = _builder(subject, issuer, key, _FROM, _UNTIL)
        builder = builder.add_extension(x509.BasicConstraints(True, length), True)
        builder = builder.add_extension(_usage(signs_certificates=True), True)
        return _signed(builder, self.root_key)

    def issue(
        self,
        *names: str,
        key: Any,
        start: datetime = _FROM,
        end: datetime = _UNTIL,
        issuer_url: str = f"http://{_ISSUER_HOST}/r2m01.cer",
    ) -> x509.Certificate:
        """Return a server's certificate for these names."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = _builder(subject, self.issuer.subject, key, start, end)
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS,
            x509.UniformResourceIdentifier(issuer_url),
        )
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
                False,
            ),
            (x509.BasicConstraints(False, None), True),
            (_usage(signs_certificates=False), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.AuthorityInformationAccess([access]), False),
        ]
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, is_critical)
        return _signed(builder, self.key, self.key.public_key())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Any, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
    )


def _signed(
    builder: x509.CertificateBuilder, key: Key, issuer_key: Any = None
) -> x509.Certificate:
    public = issuer_key or key.public_key()
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
    return builder.add_extension(identifier, False).sign(key, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    """Return certificates as a file."""
    return b"".join(
        certificate.public_bytes(serialization.Encoding.PEM)
        for certificate in certificates
    )


def canonical(message: dict[str, Any]) -> bytes:
    """Return what is signed of a message: names and values, a line each, in order."""
    if message["Type"] == "Notification":
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    else:
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token"]
        names += ["TopicArn", "Type"]
    return "".join(
        f"{name}\n{message[name]}\n" for name in names if name in message
    ).encode()


def sign(message: dict[str, Any], key: rsa.RSAPrivateKey) -> str:
    """Return the signature that a message's version asks for."""
    is_old = message["SignatureVersion"] == "1"
    hashed = hashes.SHA1() if is_old else hashes.SHA256()  # version 1
    signature = key.sign(canonical(message), padding.PKCS1v15(), hashed)
    return b64encode(signature).decode()


class Issuers(Service):
    """Where the certificates of those that issue certificates are, in plain http."""

    name = "issuers"

    def __init__(self, clock: Clock, authority: Authority) -> None:
        """Offer an authority's certificate."""
        super().__init__(clock)
        self.authority = authority

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the only route."""
        return [web.get("/r2m01.cer", self._issuer)]

    async def _issuer(self, _: web.Request) -> web.Response:
        body = self.authority.issuer.public_bytes(serialization.Encoding.DER)
        return web.Response(body=body, content_type="application/pkix-cert")


class Sns(Service):
    """The service in one region, with Lightbug's topic."""

    name = "sns"
    secret: ClassVar[frozenset[str]] = frozenset({"Token"})

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        account: str = LIGHTBUG_ACCOUNT,
        region: str = "eu-west-1",
        version: Literal["1", "2"] = "1",
    ) -> None:
        """Make a topic without subscribers."""
        super().__init__(clock)
        self.region = region
        self.version = version
        self.topic = f"arn:aws:sns:{region}:{account}:lightbug-push-4321"
        self.authority = Authority()
        self.issuers = Issuers(self.clock, self.authority)
        self.file = f"SimpleNotificationService-{uuid4().hex}.pem"
        self.key = rsa_key()
        self.files: dict[str, bytes] = {}
        self.certify()
        self.tokens: dict[str, str] = {}
        self.subscribers: list[str] = []

    def certify(self, *names: str, **settings: Any) -> None:
        """Sign the messages with a certificate for these names."""
        leaf = self.authority.issue(
            *(names or (SIGNER,)), key=self.key.public_key(), **settings
        )
        self.files[self.file] = pem(leaf)

    @property
    def domain(self) -> str:
        """Return the service's host."""
        return f"sns.{self.region}.amazonaws.com"

    @override
    def routes(self) -> Iterable[web.RouteDef]:
        """Return the certificate's route, and the one that confirms."""
        return [web.get("/", self._confirm), web.get("/{file}", self._certificate)]

    @override
    def tls(self) -> ssl.SSLContext:
        """Return the context of a host that the authority vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self.authority.issue(self.domain, key=key.public_key())
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with TemporaryDirectory() as folder:
            chain = Path(folder) / "sns.pem"
            chain.touch(mode=0o600)
            chain.write_bytes(pem(leaf, self.authority.issuer) + private)
            context.load_cert_chain(chain)
        return context

    @override
    async def start(self, port: int = 0) -> None:
        """Listen, and let the issuers listen."""
        await super().start(port)
        await self.issuers.start()

    @override
    async def stop(self) -> None:
        """Stop both."""
        await self.issuers.stop()
        await super().stop()

    async def _certificate(self, request: web.Request) -> web.Response:
        body = self.files.get(request.match_info["file"])
        if body is None:
            return web.Response(status=404)
        return web.Response(body=body, content_type="application/x-pem-file")

    async def _confirm(self, request: web.Request) -> web.Response:
        query = request.query
        url = self.tokens.get(query.get("Token", ""))
        is_confirmation = (
            query.get("Action") == "ConfirmSubscription" and url is not None
        )
        if not is_confirmation or query.get("TopicArn") != self.topic:
            self.violation("confirmed what was not offered")
            return web.Response(status=400)
        assert url is not None
        if url not in self.subscribers:
            self.subscribers.append(url)
        return web.Response(text=_CONFIRMED, content_type="text/xml")

    def message(self, kind: Kind = "Notification", **fields: Any) -> dict[str, Any]:
        """Return a signed message with any fields; None leaves one out."""
        message: dict[str, Any] = {
            "Type": kind,
            "MessageId": str(uuid4()),
            "TopicArn": self.topic,
            "Message": "{}",
            "Timestamp": moments.text(self.clock.now()),
            "SignatureVersion": self.version,
            "SigningCertURL": f"https://{self.domain}/{self.file}",
        }
        if kind != "Notification":
            message["Token"] = uuid4().hex * 4
            query = {"Action": "ConfirmSubscription", "TopicArn": self.topic}
            query["Token"] = message["Token"]
            message["SubscribeURL"] = (
                f"https://{self.domain}/?{urlencode(query, safe=':')}"
            )
        message |= fields
        message = {name: value for name, value in message.items() if value is not None}
        if "Signature" not in message:
            message["Signature"] = sign(message, self.key)
        return message

    async def deliver(self, url: str, message: dict[str, Any] | bytes) -> int:
        """Send a message to an address as SNS does; return the answer's status."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "User-Agent": "Amazon Simple Notification Service Agent",
        }
        if isinstance(message, dict):
            headers["x-amz-sns-message-type"] = str(message.get("Type"))
        async with (
            ClientSession() as session,
            session.post(url, data=BytesIO(body), headers=headers) as answer,
        ):
            return answer.status

    @control
    async def subscribe(self, url: str) -> int:
        """Offer a subscription to an address, which is to confirm it."""
        message = self.message("SubscriptionConfirmation")
        self.tokens[message["Token"]] = url
        return await self.deliver(url, message)

    @control
    async def publish(self, content: Any = None) -> list[int]:
        """Send a notification to all who confirmed; return what they answered."""
        text = json.dumps(content if content is not None else {})
        message = self.message(Message=text)
        return [await self.deliver(url, message) for url in self.subscribers]
