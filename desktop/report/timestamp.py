"""RFC 3161 time-stamps without a network: the request is part of every bundle; the answer is added later, or asked of a local authority."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from asn1crypto import algos, tsp  # type: ignore[import-untyped]

from desktop.report import bag
from models.errors import OutputError, VerificationError

REQUEST = f"signatures/{bag.SIGNED}.tsq"
ANSWER = f"signatures/{bag.SIGNED}.tsr"

Authority = Callable[[bytes], bytes]
"""A local time-stamping authority: a request (DER) in, its answer (DER) out."""


def request(data: bytes) -> bytes:
    """A time-stamp request for ``data`` (DER), without a nonce: the same data gives the same request, to be carried to an authority."""
    imprint = tsp.MessageImprint(
        {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": hashlib.sha256(data).digest()}
    )
    return bytes(tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True}).dump())


def time_of(answer: bytes, data: bytes) -> str:
    """The time that an answer states for ``data``. Raises VerificationError when it is no answer, or one about something else."""
    try:
        token = tsp.TimeStampResp.load(answer)
        granted = token["status"]["status"].native in ("granted", "granted_with_mods")
        info = token["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        digest = hashlib.new(imprint["hash_algorithm"]["algorithm"].native, data).digest()
        same = imprint["hashed_message"].native == digest
        moment = info["gen_time"].native
    except (ValueError, TypeError, KeyError, AttributeError):
        raise VerificationError("timestamp-unreadable", "This is not an answer of a time-stamping authority.") from None
    if not granted or not same:
        raise VerificationError("timestamp-mismatch", "The time-stamp is not about this bundle.")
    return str(moment.isoformat())


def attach(bundle: Path, answer: bytes) -> str:
    """Add an authority's answer to a bundle that was written earlier. Returns the stated time. Raises VerificationError."""
    try:
        signed = (bundle / bag.SIGNED).read_bytes()
        files = {
            f"signatures/{path.name}": path.read_bytes()
            for path in (bundle / "signatures").iterdir()
            if not path.name.startswith("seal-")
        }
    except OSError:
        raise VerificationError("bundle-incomplete", "This folder is not a whole Telltale report bundle.") from None
    moment = time_of(answer, signed)
    files[ANSWER] = answer
    try:
        for path, data in bag.seal(files).items():
            (bundle / path).write_bytes(data)
    except OSError as error:
        raise OutputError("report-unwritable", f"The bundle cannot be written to: {error.strerror or 'the system refused'}.") from None
    return moment


def check(answer: bytes, data: bytes, roots: list[bytes]) -> bool:
    """Whether ``answer`` is signed by an authority under ``roots`` (DER certificates), without asking anybody."""
    import rfc3161_client
    from cryptography import x509

    builder = rfc3161_client.VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(x509.load_der_x509_certificate(root))
    try:
        response = rfc3161_client.decode_timestamp_response(answer)
        return bool(builder.build().verify_message(response, data))
    except (rfc3161_client.VerificationError, ValueError):
        return False
