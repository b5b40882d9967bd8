"""A laboratory's key and certificate, made for a test run, and a time-stamping authority of its own."""

import datetime
import subprocess
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from desktop.report import Signer

DAY = datetime.timedelta(days=1)


def make(
    name: str,
    issuer: tuple[x509.Certificate, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] | None = None,
    *,
    authority: bool = False,
    stamping: bool = False,
) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """A certificate and its key."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Telltale test")])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + 30 * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=not authority,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority,
                crl_sign=authority,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    signing = issuer[1] if issuer else key
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
    if stamping:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(signing, hashes.SHA256()), key


def pem(certificate: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, secret: bytes | None = None) -> bytes:
    """A key as PEM."""
    protection = serialization.BestAvailableEncryption(secret) if secret else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)


def laboratory() -> tuple[Signer, bytes]:
    """A signer whose certificate comes from an authority, and the authority's certificate as PEM."""
    root, root_key = make("Test authority", authority=True)
    certificate, key = make("Test laboratory", (root, root_key))
    return Signer(key, certificate), pem(root)


def time_authority(folder: Path) -> tuple[Callable[[bytes], bytes], bytes]:
    """A local time-stamping authority (openssl ts), and its root as PEM."""
    root, root_key = make("Time root", authority=True)
    certificate, key = make("Time stamps", (root, root_key), stamping=True)
    (folder / "tsa.pem").write_bytes(pem(certificate))
    (folder / "tsa.key").write_bytes(key_pem(key))
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4.1\ndigests = sha256, sha512\nordering = yes\ness_cert_id_alg = sha256\n"
    )

    def answer(request: bytes) -> bytes:
        (folder / "request.tsq").write_bytes(request)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "answer.tsr"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return (folder / "answer.tsr").read_bytes()

    return answer, pem(root)
