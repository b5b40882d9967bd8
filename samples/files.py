"""Makes every file that these tests read: pictures, containers with texts, EXIF and XMP, hidden bits, watermarks and signed manifests."""

import gzip
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

Picture = npt.NDArray[np.uint8]
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def scene(height: int = 240, width: int = 320, seed: int = 0, noise: float = 3.0) -> Picture:
    """A picture with smooth shapes at several scales, some colour and sensor-like noise."""
    rng = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    for step, strength in ((4, 6), (16, 14), (64, 30), (256, 35)):
        small = rng.normal(size=(height // step + 2, width // step + 2, 3)).astype(np.float32)
        layers = [np.asarray(Image.fromarray(small[:, :, c]).resize((width, height), Image.Resampling.BICUBIC)) for c in range(3)]
        total += strength * np.stack(layers, axis=2)
    total = total * 0.5 + total.mean(axis=2, keepdims=True) * 0.7 + 125 + rng.normal(size=total.shape) * noise
    return np.clip(np.rint(total), 0, 255).astype(np.uint8)


def jpeg(picture: Picture | None = None, quality: int = 90, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(scene() if picture is None else picture).save(buffer, "JPEG", quality=quality, **options)
    return buffer.getvalue()


def png(texts: dict[str, str] | None = None, picture: Picture | None = None, *, zipped: bool = False, **options: Any) -> bytes:
    info, buffer = PngInfo(), io.BytesIO()
    for key, value in (texts or {}).items():
        if value.isascii():
            info.add_text(key, value, zip=zipped)
        else:
            info.add_itxt(key, value, zip=zipped)
    Image.fromarray(scene(64, 80) if picture is None else picture).save(buffer, "PNG", pnginfo=info, **options)
    return buffer.getvalue()


def saved(kind: str, picture: Picture | None = None, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(scene(64, 80) if picture is None else picture).save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def exif(*, make: str = "", model: str = "", size: tuple[int, int] | None = None, exposure: bool = False, note: bool = False,
         comment: bytes = b"", **tags: Any) -> Image.Exif:
    """EXIF with the named parts; further tags by number as ``t0131="…"``."""
    block = Image.Exif()
    inner = block.get_ifd(0x8769)
    if make:
        block[0x010F] = make
    if model:
        block[0x0110] = model
    if size:
        inner[0xA002], inner[0xA003] = size
    if exposure:
        inner[0x829A], inner[0x829D], inner[0x8827] = TiffImagePlugin.IFDRational(1, 125), TiffImagePlugin.IFDRational(28, 10), 200
        inner[0x9003] = "2026:05:01 12:00:00"
    if note:
        inner[0x927C] = b"Nikon\x00\x02\x10\x00\x00" + bytes(range(64))
    if comment:
        inner[0x9286] = comment
    for name, value in tags.items():
        block[int(name[1:], 16)] = value
    return block


def camera_jpeg(seed: int = 0, quality: int = 92, **options: Any) -> bytes:
    """A JPEG with consistent camera data: what a forger would start from."""
    block = options.pop("exif", None) or exif(make="NIKON CORPORATION", model="NIKON D90", size=(320, 240), exposure=True, note=True)
    return jpeg(scene(seed=seed), quality, exif=block, **options)


def xmp(body: str = "", attributes: str = "") -> bytes:
    names = {
        "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "xmp": "http://ns.adobe.com/xap/1.0/", "dcterms": "http://purl.org/dc/terms/", "dc": "http://purl.org/dc/elements/1.1/",
        "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/", "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
        "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    }
    declared = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    return (f'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
            f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" {declared} {attributes}>{body}'
            f'</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>').encode()


def iptc_segment(dataset: int, text: bytes) -> bytes:
    """A JPEG APP13 segment with one IPTC application record."""
    record = b"\x1c\x02" + bytes([dataset]) + len(text).to_bytes(2, "big") + text
    body = b"Photoshop 3.0\x00" + b"8BIM\x04\x04\x00\x00" + len(record).to_bytes(4, "big") + record + b"\x00" * (len(record) & 1)
    return b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body


def with_segment(data: bytes, segment: bytes) -> bytes:
    return data[:2] + segment + data[2:]


def stealth(picture: Picture, text: bytes, signature: bytes = b"stealth_pngcomp", channels: int = 1) -> Picture:
    """RGBA (or RGB for three channels) with a hidden text in the lowest bits, column by column."""
    packed = gzip.compress(text, mtime=0) if signature.endswith(b"comp") else text
    message = np.unpackbits(np.frombuffer(signature + (len(packed) * 8).to_bytes(4, "big") + packed, np.uint8))
    out = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]) if channels == 1 else picture.copy()
    part = out[:, :, 3:] if channels == 1 else out[:, :, :3]
    flat = part.transpose(1, 0, 2).reshape(-1).copy()
    flat[: len(message)] = (flat[: len(message)] & 254) | message
    part[...] = flat.reshape(part.shape[1], part.shape[0], part.shape[2]).transpose(1, 0, 2)
    return out


def watermarked(picture: Picture, bits: list[int], zero: float = 0.5) -> Picture:
    """The open DWT-DCT watermark, written from the description of its scheme: one bit per 4 x 4 block of the Haar approximation of U."""
    rgb = picture.astype(np.float64)
    u = 0.492 * (rgb[:, :, 2] - rgb @ np.array([0.299, 0.587, 0.114])) + zero
    half = (u[0::2, 0::2] + u[0::2, 1::2] + u[1::2, 0::2] + u[1::2, 1::2]) / 2
    rows, columns = half.shape[0] // 4, half.shape[1] // 4
    blocks = half[: rows * 4, : columns * 4].reshape(rows, 4, columns, 4).swapaxes(1, 2).reshape(-1, 16)
    old = blocks.copy()
    place = np.abs(blocks[:, 1:]).argmax(axis=1) + 1
    index = np.arange(len(blocks))
    value = blocks[index, place]
    wanted = np.resize(np.array(bits), len(blocks))
    blocks[index, place] = np.where(value >= 0, 1, -1) * (np.abs(value) // 36 + 0.25 + 0.5 * wanted) * 36
    change = (blocks - old).reshape(rows, columns, 4, 4).swapaxes(1, 2).reshape(rows * 4, columns * 4) / 2
    change = np.repeat(np.repeat(change, 2, axis=0), 2, axis=1)
    spot = np.s_[: change.shape[0], : change.shape[1]]
    rgb[:, :, 2][spot] += 2.032 * change
    rgb[:, :, 1][spot] -= 0.395 * change
    return np.clip(np.rint(rgb), 0, 255).astype(np.uint8)


# Content Credentials, signed with keys that exist only in the test.

OFFLINE = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "core": {"allowed_network_hosts": []},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True)
class Signer:
    """A signing certificate with its chain, key and the trust that would accept it."""

    chain: bytes
    key: bytes
    trust: dict[str, Any]


def signer(name: str = "Test signer", valid_for: timedelta = timedelta(days=300), organisation: str = "Telltale tests") -> Signer:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID, ObjectIdentifier

    def subject(common: str) -> x509.Name:
        parts = ((NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
        return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts])

    now = datetime.now(UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def certificate(common: str, own: ec.EllipticCurvePrivateKey, authority: bool, until: datetime) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(subject(common)).issuer_name(subject("Test root")).public_key(own.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=30)).not_valid_after(until)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        usage = x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        if not authority:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ObjectIdentifier("1.3.6.1.5.5.7.3.4")]), critical=False)
        return builder.sign(root_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    root = certificate("Test root", root_key, True, now + timedelta(days=900)).public_bytes(pem)
    leaf = certificate(name, key, False, now + valid_for).public_bytes(pem)
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    entry = {"name": "Test list", "date": "2026-01-01", "sha256": "0" * 64, "role": "anchors", "text": root.decode()}
    return Signer(leaf + root, secret, {"lists": [entry], "cautions": []})


def manifest(source_type: str = "trainedAlgorithmicMedia", action: str = "c2pa.created") -> dict[str, Any]:
    entry = {
        "action": action,
        "softwareAgent": {"name": "Test model"},
        "digitalSourceType": IPTC + source_type,
        "description": "made in a test",
    }
    actions = [entry] if action == "c2pa.created" else [{"action": "c2pa.created", "digitalSourceType": IPTC + "digitalCapture"}, entry]
    return {"claim_generator_info": [{"name": "Test generator", "version": "1"}], "title": "test",
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}]}


def signed(data: bytes, kind: str, who: Signer, what: dict[str, Any] | None = None, *, parent: bytes | None = None, remote: str = "",
           embed: bool = True) -> tuple[bytes, bytes]:
    """(the signed file, the manifest store). Not embedded: the file is unchanged but for a pointer to ``remote``."""
    import c2pa

    context = c2pa.Context.from_dict(OFFLINE)
    builder = c2pa.Builder(json.dumps(what or manifest()), context=context)
    if parent is not None:
        builder.add_ingredient_from_stream(json.dumps({"title": "parent", "relationship": "componentOf"}), kind, io.BytesIO(parent))
    if not embed:
        builder.set_no_embed()
    if remote:
        builder.set_remote_url(remote)
    out = io.BytesIO()
    store = builder.sign(c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", who.chain, who.key, None)), kind, io.BytesIO(data), out)
    return out.getvalue(), bytes(store)
