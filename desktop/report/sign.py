"""Signing with the laboratory's own key: the PDF as PAdES, the bundle as a detached CMS signature. Nothing here goes to the network."""

import asyncio
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from models.errors import UsageError

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Signer:
    """A key with its certificate; ``chain`` holds the certificates between it and its authority."""

    key: Key
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, key: Path, certificate: Path | None = None, passphrase: str | None = None) -> "Signer":
        """Read a PKCS #12 file, or a PEM key with a PEM file of certificates (its own first). Raises UsageError when they do not fit."""
        secret = passphrase.encode() if passphrase else None
        try:
            if certificate is None:
                loaded = pkcs12.load_pkcs12(key.read_bytes(), secret)
                private = loaded.key
                certificates = [entry.certificate for entry in (loaded.cert, *loaded.additional_certs) if entry is not None]
            else:
                private = serialization.load_pem_private_key(key.read_bytes(), secret)
                certificates = x509.load_pem_x509_certificates(certificate.read_bytes())
        except OSError:
            raise UsageError("key-unreadable", "The key or certificate file cannot be read.") from None
        except (ValueError, TypeError):
            raise UsageError("key-invalid", "The key cannot be opened: wrong passphrase, or not a PEM or PKCS #12 file.") from None
        if not isinstance(private, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)) or not certificates:
            raise UsageError("key-unsupported", "Reports are signed with an RSA or elliptic-curve key and its certificate.")
        if _public(private.public_key()) != _public(certificates[0].public_key()):
            raise UsageError("key-mismatch", "The certificate does not belong to the key.")
        return cls(private, certificates[0], tuple(certificates[1:]))

    @property
    def name(self) -> str:
        """Whose certificate it is, as the report prints it."""
        return self.certificate.subject.rfc4514_string()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate."""
        return hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()

    def certificates(self) -> bytes:
        """Certificate and chain as PEM."""
        return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (self.certificate, *self.chain))

    def cms(self, data: bytes) -> bytes:
        """A detached CMS signature of ``data`` (DER)."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(self.certificate, self.key, hashes.SHA256())
        for certificate in self.chain:
            builder = builder.add_certificate(certificate)
        return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])

    def pdf(self, data: bytes) -> bytes:
        """``data`` with an invisible PAdES baseline signature."""
        from asn1crypto import keys  # type: ignore[import-untyped]
        from asn1crypto import x509 as asn1_x509
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        private = self.key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([asn1_x509.Certificate.load(c.public_bytes(serialization.Encoding.DER)) for c in self.chain])
        signer = signers.SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER)),
            signing_key=keys.PrivateKeyInfo.load(private),
            cert_registry=store,
        )
        meta = signers.PdfSignatureMetadata(field_name="Telltale", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES)
        out = io.BytesIO()
        signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), meta, signer=signer, output=out)
        return out.getvalue()


def check_pdf(data: bytes, roots: list[bytes]) -> tuple[bool, bool, str]:
    """The signature of a signed PDF: (intact and covering all of it, trusted under ``roots`` (DER), SHA-256 of its certificate)."""
    from asn1crypto import x509 as asn1_x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    reader = PdfFileReader(io.BytesIO(data))
    if not reader.embedded_signatures:
        return False, False, ""
    context = ValidationContext(trust_roots=[asn1_x509.Certificate.load(root) for root in roots], allow_fetching=False)
    embedded = reader.embedded_signatures[0]
    status = validate_pdf_signature(embedded, signer_validation_context=context)
    whole = status.coverage is not None and status.coverage.name == "ENTIRE_FILE"
    return bool(status.intact and status.valid and whole), bool(status.trusted), status.signing_cert.sha256.hex()


def check_cms(signature: bytes, data: bytes) -> tuple[bool, str]:
    """A detached CMS signature: (intact and valid, SHA-256 of its certificate). Trust is the caller's to judge."""
    from asn1crypto import cms
    from pyhanko.sign.validation import async_validate_detached_cms
    from pyhanko_certvalidator import ValidationContext

    try:
        signed = cms.ContentInfo.load(signature)["content"]
        context = ValidationContext(trust_roots=[], allow_fetching=False)
        status = asyncio.run(async_validate_detached_cms(data, signed, signer_validation_context=context))
    except Exception:  # a damaged signature can fail in many ways inside its reader; every one of them means that it does not hold
        return False, ""
    return bool(status.intact and status.valid), status.signing_cert.sha256.hex()


def _public(key: object) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]
