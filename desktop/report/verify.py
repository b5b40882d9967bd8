"""Checking a bundle from inside Telltale: the same checks as the bundle's own program, and the signatures without openssl."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from desktop.report import sign, standalone, timestamp
from models.errors import UsageError, VerificationError

Signature = Literal["good", "trusted", "bad", "unsigned"]


@dataclass(frozen=True)
class BundleProblem:
    """One thing that does not hold, and the file it is about."""

    path: str
    code: str
    message: str


@dataclass(frozen=True)
class BundleResult:
    """The outcome of ``verify_bundle``. ``trusted`` needs a certificate that was received by another way."""

    problems: tuple[BundleProblem, ...]
    signature: Signature
    certificate: str
    timestamp: str
    lines: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything holds. An unsigned bundle can hold; it says so in ``signature``."""
        return not self.problems


def verify_bundle(path: Path, *, trust: Path | None = None) -> BundleResult:
    """Check every byte, the custody chain, both signatures and the time-stamp of the bundle in ``path``. Nothing is fetched.

    ``trust`` is a PEM file with the certificates of laboratories (or authorities) that the reader trusts. Raises UsageError for a bad one.
    """
    roots = _roots(trust)
    base = standalone.verify(path, with_openssl=False)
    problems = [BundleProblem(*problem) for problem in base.problems]
    lines = list(base.lines)
    signature: Signature = "unsigned"
    if base.signature != "unsigned":
        signature = _signatures(path, base.certificate, roots, problems) if base.signature != "bad" else "bad"
        lines.append(f"signature: {'BAD' if signature == 'bad' else 'good' if signature == 'good' else 'good, and trusted'}")
    stamped = _timestamp(path, roots, problems)
    if stamped:
        lines.append(f"time-stamp: {stamped}")
    return BundleResult(tuple(dict.fromkeys(problems)), signature, base.certificate, stamped, tuple(lines))


def _signatures(path: Path, certificate: str, roots: list[bytes], problems: list[BundleProblem]) -> Signature:
    try:
        valid, signer = sign.check_cms((path / standalone.CMS).read_bytes(), (path / standalone.SIGNED).read_bytes())
    except OSError:
        return "bad"
    if not valid or signer != certificate:
        problems.append(BundleProblem(standalone.CMS, "signature", f"does not sign {standalone.SIGNED} with the stated certificate"))
        return "bad"
    paper = "data/report/report.pdf"
    try:
        intact, trusted, pdf_signer = sign.check_pdf((path / paper).read_bytes(), roots)
    except Exception:  # a damaged PDF can fail in many ways inside its reader; every one of them means that it does not hold
        intact, trusted, pdf_signer = False, False, ""
    if not intact or pdf_signer != certificate:
        problems.append(BundleProblem(paper, "signature", "is not signed with the stated certificate"))
        return "bad"
    if roots and not trusted:
        problems.append(BundleProblem(standalone.CERTIFICATE, "untrusted", "is not among the trusted certificates"))
    return "trusted" if trusted else "good"


def _timestamp(path: Path, roots: list[bytes], problems: list[BundleProblem]) -> str:
    try:
        answer, data = (path / timestamp.ANSWER).read_bytes(), (path / standalone.SIGNED).read_bytes()
    except OSError:
        return ""
    try:
        moment = timestamp.time_of(answer, data)
    except VerificationError as error:
        problems.append(BundleProblem(timestamp.ANSWER, error.code, "is not a time-stamp of this bundle"))
        return ""
    return f"{moment} ({'authority trusted' if timestamp.check(answer, data, roots) else 'authority not checked'})"


def _roots(trust: Path | None) -> list[bytes]:
    if trust is None:
        return []
    try:
        return [certificate.public_bytes(Encoding.DER) for certificate in x509.load_pem_x509_certificates(trust.read_bytes())]
    except (OSError, ValueError):
        raise UsageError("trust-unreadable", "The trusted certificates cannot be read; a PEM file is needed.") from None
