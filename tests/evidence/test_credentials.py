"""Golden tests of Content Credentials: manifests signed here with keys made here give exactly the documented facts."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desktop.document import Mark
from desktop.evidence.marks import read_marks
from desktop.evidence.marks.trust import bundled_trust, load_trust
from models.errors import InputError
from samples.files import IPTC, Signer, camera_jpeg, jpeg, manifest, png, saved, scene, signed, signer, xmp

FOUR = ("pixels_bound", "signature_valid", "signer_trusted", "time")
MIME = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "TIFF": "image/tiff", "GIF": "image/gif", "AVIF": "image/avif"}


@pytest.fixture(scope="module")
def who() -> Signer:
    return signer()


def mark(data: bytes, who: Signer | None = None, **options: Any) -> Mark:
    trust = None if who is None else who.trust
    return next(entry for entry in read_marks(data, "", {}, trust=trust, **options) if entry.id == "c2pa")


def four(entry: Mark) -> list[Any]:
    return [entry.facts[name] for name in FOUR]


@pytest.mark.parametrize("kind", list(MIME))
def test_a_trusted_declaration_in_every_container(kind: str, who: Signer) -> None:
    plain = {"JPEG": jpeg, "PNG": png}.get(kind, lambda: saved(kind))()
    data, _ = signed(plain, MIME[kind], who)
    entry = mark(data, who)
    assert (entry.state, entry.says) == ("found", "ai")
    assert four(entry) == [True, True, True, "within-validity"]
    assert entry.facts["trust_list"] == "Test list of 2026-01-01" and entry.facts["revocation"] == "not checked (offline)"
    assert (entry.facts["source"], entry.facts["signer"], entry.facts["generator"]) == (
        "embedded",
        "Telltale tests / Test signer",
        "Test generator 1",
    )
    assert (entry.facts["vocabulary"], entry.facts["source_types"], entry.facts["agents"]) == (
        "fullyGenAIMedia",
        ["trainedAlgorithmicMedia"],
        ["Test model"],
    )
    assert "signer trusted: yes, by the Test list of 2026-01-01" in entry.sentence and "revocation: not checked (offline)" in entry.sentence


def test_an_unlisted_signer_is_told_apart_from_a_broken_signature(who: Signer) -> None:
    data, _ = signed(jpeg(), "image/jpeg", who)
    entry = mark(data)
    assert four(entry) == [True, True, False, "within-validity"] and entry.says == "ai"
    assert "C2PA Trust List of 2026-09-24" in entry.facts["trust_lists_asked"] and "trust_list" not in entry.facts
    assert entry.facts["failures"] == ["signingCredential.untrusted"]


def test_the_list_that_trusts_is_named_among_several(who: Signer) -> None:
    data, _ = signed(jpeg(), "image/jpeg", who)
    lists = [*bundled_trust()["lists"], *who.trust["lists"]]
    entry = mark(data, Signer(b"", b"", {"lists": lists, "cautions": []}))
    assert entry.facts["trust_list"] == "Test list of 2026-01-01" and entry.facts["trust_list_sha256"] == "0" * 64


def test_an_expired_certificate_is_not_a_tampered_picture() -> None:
    ends = time.time() + 8  # time enough to sign on a busy machine
    brief = signer(valid_for=timedelta(seconds=8))
    data, _ = signed(jpeg(), "image/jpeg", brief)
    time.sleep(max(0.0, ends - time.time()) + 1.6)  # a certificate lives to the end of its last whole second
    entry = mark(data, brief)
    assert four(entry) == [True, True, False, "expired"] and entry.says == "ai"
    assert "signer trusted: not established, because of the expired certificate" in entry.sentence


@pytest.mark.parametrize("change", ["tampered", "appended", "truncated"])
def test_changed_pixels_make_the_claim_speak_of_nothing(change: str, who: Signer) -> None:
    data, _ = signed(jpeg(), "image/jpeg", who)
    changed = {"tampered": data[:-400] + bytes([data[-400] ^ 1]) + data[-399:], "appended": data + b"x", "truncated": data[:-1000]}[change]
    entry = mark(changed, who)
    assert (entry.state, entry.says) == ("found", "other")
    assert four(entry) == [False, True, True, "within-validity"]
    assert entry.facts["failures"] == ["assertion.dataHash.mismatch"] and entry.facts["source_types"] == ["trainedAlgorithmicMedia"]
    assert "pixels bound: NO, so what it claims does not belong to these pixels" in entry.sentence


def test_a_broken_signature(who: Signer) -> None:
    data, _ = signed(jpeg(), "image/jpeg", who)
    place = data.find(b"Test generator")
    entry = mark(data[:place] + b"Fest" + data[place + 4 :], who)
    assert entry.facts["signature_valid"] is False and entry.says == "other"


def test_a_manifest_cut_in_half_is_a_failure_not_an_absence(who: Signer) -> None:
    data, _ = signed(jpeg(), "image/jpeg", who)
    place = data.find(b"c2pa.actions")
    entry = mark(data[:place], who)
    assert entry.state == "failed" and entry.says == "other" and "damaged or cut short" in entry.sentence


def test_a_sidecar_and_the_sidecar_of_another_picture(who: Signer) -> None:
    plain = jpeg()
    unchanged, store = signed(plain, "image/jpeg", who, embed=False)
    assert unchanged == plain and mark(plain, who).state == "absent"
    entry = mark(plain, who, sidecar=store)
    assert entry.facts["source"] == "sidecar" and len(entry.facts["sidecar_sha256"]) == 64
    assert four(entry) == [True, True, True, "within-validity"] and entry.says == "ai"
    other = mark(jpeg(scene(seed=9)), who, sidecar=store)
    assert four(other) == [False, True, True, "within-validity"] and other.says == "other"
    assert mark(plain, who, sidecar=b"not a manifest").state == "failed"


def test_a_sidecar_does_not_hide_the_embedded_manifest(who: Signer) -> None:
    data, _ = signed(jpeg(), "image/jpeg", who)
    _, store = signed(jpeg(scene(seed=9)), "image/jpeg", who, manifest("digitalCapture"), embed=False)
    assert mark(data, who, sidecar=store).facts["source"] == "embedded"


def test_credentials_elsewhere_are_told_as_text_and_not_fetched(who: Signer) -> None:
    address = "http://tracker.example/manifest.c2pa"
    for data in (
        signed(jpeg(), "image/jpeg", who, remote=address, embed=False)[0],
        jpeg(xmp=xmp(attributes=f'dcterms:provenance="{address}"')),
    ):
        marks = {entry.id: entry for entry in read_marks(data, "", {})}
        assert marks["c2pa"].state == "absent"
        remote = marks["c2pa-remote"]
        assert remote.state == "found" and remote.facts == {"address": address} and remote.says == "other"
        assert f"lie at {address}; they were not retrieved" in remote.sentence


@pytest.mark.parametrize(
    ("code", "action", "says", "word"),
    [
        ("digitalCapture", "c2pa.created", "camera", "capturedMedia"),
        ("computationalCapture", "c2pa.created", "camera", "capturedMedia"),
        ("compositeWithTrainedAlgorithmicMedia", "c2pa.created", "ai", "partlyGenAICreation"),
        ("composite", "c2pa.created", "edited", "compositionMayContainGenAI"),
        ("screenCapture", "c2pa.created", "other", "screenCaptureMayContainGenAI"),
        ("trainedAlgorithmicMedia", "c2pa.placed", "ai", "perceptibleGenAI"),
    ],
)
def test_the_vocabulary_of_the_rubrics(code: str, action: str, says: str, word: str, who: Signer) -> None:
    entry = mark(signed(jpeg(), "image/jpeg", who, manifest(code, action))[0], who)
    assert (entry.says, entry.facts["vocabulary"]) == (says, word)


def test_every_manifest_of_the_chain_is_read(who: Signer) -> None:
    """As with Gemini: the active manifest says composite, an ingredient says generated."""
    inner, _ = signed(jpeg(scene(seed=2)), "image/jpeg", who)
    outer, _ = signed(jpeg(), "image/jpeg", who, manifest("composite"), parent=inner)
    entry = mark(outer, who)
    assert entry.says == "ai" and entry.facts["manifests"] == 2
    assert set(entry.facts["source_types"]) == {"composite", "trainedAlgorithmicMedia"}


def test_an_ai_claim_on_a_camera_picture_is_a_declaration_with_the_conflict_shown(who: Signer) -> None:
    data, _ = signed(camera_jpeg(), "image/jpeg", who)
    marks = {entry.id: entry for entry in read_marks(data, "", {}, trust=who.trust)}
    assert (marks["conflict"].facts["ai"], marks["conflict"].facts["camera"]) == (["c2pa"], ["camera-exif"])
    capture, _ = signed(jpeg(xmp=xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{IPTC}trainedAlgorithmicMedia"')), "image/jpeg", who,
                        manifest("digitalCapture"))
    marks = {entry.id: entry for entry in read_marks(capture, "", {}, trust=who.trust)}
    assert (marks["conflict"].facts["ai"], marks["conflict"].facts["camera"]) == (["iptc-source-type"], ["c2pa"])


def test_a_declared_watermark_and_a_caution_about_the_signer() -> None:
    nikon = signer(organisation="NIKON CORPORATION")
    what = manifest("digitalCapture")
    what["assertions"][0]["data"]["actions"].append(
        {"action": "c2pa.watermarked.unbound", "description": "imperceptible SynthID watermark"}
    )
    entry = mark(signed(jpeg(), "image/jpeg", nikon, what)[0], Signer(b"", b"", {**nikon.trust, "cautions": bundled_trust()["cautions"]}))
    assert entry.facts["watermarks_declared"] == ["c2pa.watermarked.unbound imperceptible SynthID watermark"]
    assert "Z6III" in entry.facts["caution"] and "caution: Nikon revoked" in entry.sentence


def test_the_bundled_lists_have_their_hashes_and_a_laboratory_replaces_them(tmp_path: Path, who: Signer) -> None:
    names = [entry["name"] for entry in bundled_trust()["lists"]]
    assert names == ["C2PA Trust List", "C2PA Time-Stamping Authority Trust List"]
    assert [entry["text"].count("BEGIN CERTIFICATE") for entry in bundled_trust()["lists"]] == [30, 22]
    own = tmp_path / "laboratory.pem"
    own.write_text(who.trust["lists"][0]["text"])
    trust = load_trust(own)
    assert json.loads(json.dumps(trust)) == trust
    data, _ = signed(jpeg(), "image/jpeg", who)
    entry = mark(data, Signer(b"", b"", trust))
    assert (
        entry.facts["signer_trusted"]
        and entry.facts["trust_list"].startswith("laboratory of ")
        and len(entry.facts["trust_list_sha256"]) == 64
    )
    table = tmp_path / "lists.toml"
    table.write_text('[[list]]\nname = "Lab"\ndate = "2026-11-01"\nrole = "anchors"\nfile = "laboratory.pem"\n')
    assert load_trust(table)["lists"][0]["name"] == "Lab"
    table.write_text(table.read_text() + 'sha256 = "00"\n')
    with pytest.raises(InputError, match="trust-list-damaged"):
        load_trust(table)
    for text in ("", "no certificate", "[[list"):
        own.write_text(text)
        with pytest.raises(InputError, match="trust-list-unreadable"):
            load_trust(own)
    table.write_text('[[list]]\nname = "Lab"\ndate = "2026-11-01"\nrole = "anchors"\nfile = "../laboratory.pem"\n')
    with pytest.raises(InputError, match="trust-list-unreadable"):
        load_trust(table)
