"""The certificates that SNS signs its messages with: read once, and their chain held.

AWS serves the signing certificate alone in its file. Its issuer's is read where the
certificate says that it is, if that is Amazon's own place for them; in plain http, as
everybody does: a certificate proves itself by the chain that it is in.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
import re
from time import monotonic

from aiohttp import ClientSession
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import verification
from cryptography.x509.oid import AuthorityInformationAccessOID

from ...transport.errors import TransportError
from ...transport.http import Http
from ...transport.rate_limit import RateLimit
from .sns import UntrustedMessage

type Roots = Callable[[], Iterable[bytes]]

_SIGNER = "sns.amazonaws.com"
_ISSUER_URL = re.compile(
    r"(http://crt\.[a-z0-9]{1,20}\.amazontrust\.com)(/[a-z0-9]{1,20}\.(?:cer|crt))"
)
_MAX_FILE = 64 * 1024
_MAX_CERTIFICATES = 5
_MAX_CACHED = 8
_PAUSE = 15.0
"""So many seconds after a failure, no other certificate is asked for."""


@dataclass(frozen=True, slots=True)
class _Signer:
    """A key, and from when until when all certificates of its chain are valid."""

    key: rsa.RSAPublicKey
    start: datetime
    end: datetime


class Certificates:
    """Reads and caches signing certificates; `roots` gives the trusted ones (DER)."""

    def __init__(self, session: ClientSession, roots: Roots) -> None:
        """Start with an empty cache."""
        self._session = session
        self._roots = roots
        self._signers: dict[tuple[str, str], _Signer] = {}
        self._lock = asyncio.Lock()
        self._pause_until = 0.0

    async def get_key(
        self, certificate: tuple[str, str], now: datetime
    ) -> rsa.RSAPublicKey:
        """Return the key of a certificate (host, path) whose chain is valid now.

        Raises UntrustedMessage.
        """
        async with self._lock:
            signer = self._signers.get(certificate)
            if signer is None or not signer.start <= now <= signer.end:
                signer = await self._read(certificate, now)
            return signer.key

    async def _read(self, certificate: tuple[str, str], now: datetime) -> _Signer:
        """Read a certificate, check its chain, and keep it."""
        if monotonic() < self._pause_until:
            raise UntrustedMessage("a certificate was wrong just now")
        try:
            host, path = certificate
            chain = _parse(await self._get("sns/certificate", f"https://{host}", path))
            if len(chain) == 1:
                chain += await self._read_issuer(chain[0])
            signer = _check_chain(chain, host, self._roots(), now)
        except (TransportError, UntrustedMessage) as err:
            self._pause_until = monotonic() + _PAUSE
            if isinstance(err, UntrustedMessage):
                raise
            raise UntrustedMessage("no certificate") from err
        if len(self._signers) >= _MAX_CACHED:
            self._signers.clear()
        self._signers[certificate] = signer
        return signer

    async def _get(self, endpoint: str, base_url: str, path: str) -> bytes:
        http = Http(
            self._session,
            base_url,
            rate_limit=RateLimit(),
            timeout=10.0,
            max_bytes=_MAX_FILE,
        )
        return (await http.request(endpoint, "GET", path)).body

    async def _read_issuer(self, leaf: x509.Certificate) -> list[x509.Certificate]:
        """Return the certificate of a certificate's issuer."""
        for url in _issuer_urls(leaf):
            if match := _ISSUER_URL.fullmatch(url):
                return _parse(await self._get("sns/issuer", match[1], match[2]))
        raise UntrustedMessage("a certificate of another issuer")


def _issuer_urls(certificate: x509.Certificate) -> list[str]:
    """Return where a certificate says that its issuer's is."""
    try:
        access = certificate.extensions.get_extension_for_class(
            x509.AuthorityInformationAccess
        ).value
    except ValueError, x509.ExtensionNotFound:
        return []
    return [
        description.access_location.value
        for description in access
        if description.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(description.access_location, x509.UniformResourceIdentifier)
    ]


def _parse(body: bytes) -> list[x509.Certificate]:
    """Return the certificates of a file: PEM, or a single one in DER."""
    try:
        if b"-----BEGIN CERTIFICATE-----" in body:
            certificates = x509.load_pem_x509_certificates(body)
        else:
            certificates = [x509.load_der_x509_certificate(body)]
    except ValueError:
        raise UntrustedMessage("no certificate") from None
    if len(certificates) > _MAX_CERTIFICATES:
        raise UntrustedMessage("no certificate")
    return certificates


def _trusted_issuers(
    chain: list[x509.Certificate], roots: Iterable[bytes]
) -> list[x509.Certificate]:
    """Return those roots that can have issued a certificate of a chain."""
    issuers = {certificate.issuer.public_bytes() for certificate in chain}
    return [
        x509.load_der_x509_certificate(root)
        for root in roots
        if any(name in root for name in issuers)
    ]


def _check_chain(
    chain: list[x509.Certificate], host: str, roots: Iterable[bytes], now: datetime
) -> _Signer:
    """Return the signer; raise UntrustedMessage unless a root vouches for it."""
    leaf, *others = chain
    trusted = _trusted_issuers(chain, roots)
    key = leaf.public_key()
    if not trusted or not isinstance(key, rsa.RSAPublicKey):
        raise UntrustedMessage("a certificate that nobody vouches for")
    policy = verification.PolicyBuilder().store(verification.Store(trusted)).time(now)
    for name in (_SIGNER, host):
        verifier = policy.build_server_verifier(x509.DNSName(name))
        try:
            valid = verifier.verify(leaf, others)
        except verification.VerificationError:
            continue
        return _Signer(
            key,
            max(certificate.not_valid_before_utc for certificate in valid),
            min(certificate.not_valid_after_utc for certificate in valid),
        )
    raise UntrustedMessage("a certificate that nobody vouches for")
