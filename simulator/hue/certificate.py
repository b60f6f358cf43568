"""The bridge's own certificate: self-signed, EC, CN = the bridge id."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
import ssl
from tempfile import TemporaryDirectory
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, as PEM text, and the SHA-256 of its DER form."""

    pem: str
    key: str
    sha256: str

    @classmethod
    def make(cls, common_name: str) -> Self:
        """Make a new self-signed certificate, valid as long as a real bridge's."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime(2017, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2038, 1, 19, tzinfo=UTC))
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return cls(
            pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
            key=private.decode(),
            sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        )

    def load(self, context: ssl.SSLContext) -> None:
        """Let the context's next connections show this certificate.

        ssl takes files only, and files have no business in an event loop.
        """
        with ThreadPoolExecutor(1) as worker:
            worker.submit(self._load, context).result()

    def _load(self, context: ssl.SSLContext) -> None:
        with TemporaryDirectory() as folder:
            chain = Path(folder) / "bridge.pem"
            chain.touch(mode=0o600)
            chain.write_text(self.pem + self.key, encoding="ascii")
            context.load_cert_chain(chain)
