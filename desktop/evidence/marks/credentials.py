"""Content Credentials (C2PA) as four separate facts, read without any network.

The four facts: are these the pixels that were signed; is the signature good; is the signer on a trust list; was the certificate good at
the time. The library's own summary state is kept as a fact but never stands for the result: "invalid" may mean tampered, expired or merely
unlisted. Network access is shut three ways here (no remote manifests, no OCSP, no allowed hosts), and by the kernel in the worker.
Sources: C2PA Technical Specification 2.x, validation status codes; C2PA conformance rubrics for the vocabulary.
"""

import io
import json
import logging
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from desktop.document import Mark
from desktop.evidence.marks.fields import Fields
from desktop.evidence.marks.pieces import Pieces
from desktop.evidence.marks.rules import Rule, Rules, Says, make_mark
from desktop.evidence.marks.text import shown

OFFLINE = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}, "core": {"allowed_network_hosts": []}}
"""Settings of the C2PA library under which it opens no connection."""

_FORMATS = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "tiff": "image/tiff", "gif": "image/gif", "heif": "image/heic",
            "avif": "image/avif"}
_REPORT_LIMIT = 32 << 20
_BINDING = ("assertion.dataHash", "assertion.bmffHash", "assertion.boxesHash", "assertion.collectionHash")
_AI = ("fullyGenAIMedia", "partlyGenAICreation", "perceptibleGenAI")
_STRONGEST_FIRST = (*_AI, "compositionMayContainGenAI", "capturedMediaStitched", "capturedMedia")
_TIME_WORDS = {
    "timestamped": "a trusted time stamp lies within the certificate's validity",
    "within-validity": "the certificate is valid now; no trusted time stamp",
    "expired": "the certificate has expired and no trusted time stamp proves that the signature is older",
    "unknown": "not established",
}


def read_remote(rule: Rule, fields: Fields) -> Mark:
    """A pointer to Content Credentials elsewhere: told as text, never followed."""
    address = next((f.value for f in fields.at("xmp:dcterms:provenance") if re.match(r"(?i)\s*[a-z][a-z0-9+.\-]*:", f.value)), "")
    if not address:
        return make_mark(rule, "absent")
    return make_mark(rule, "found", {"address": address})


def read_credentials(rule: Rule, table: Rules, data: bytes, pieces: Pieces, *, sidecar: bytes | None, trust: Mapping[str, Any]) -> Mark:
    """Every manifest of the file's chain, or of a sidecar that lay beside it."""
    if not pieces.jumbf and sidecar is None:
        return make_mark(rule, "absent")
    if pieces.kind not in _FORMATS:
        return make_mark(rule, "not-applicable")
    # The file's own manifest wins: a sidecar that was put beside it must not hide it.
    used = None if pieces.jumbf else sidecar
    facts: dict[str, Any] = {"source": "embedded" if used is None else "sidecar"}
    if used is not None:
        facts["sidecar_sha256"] = sha256(used).hexdigest()
    lists = [entry for entry in trust.get("lists", []) if isinstance(entry, dict)]
    store, problem = _read_store(data, _FORMATS[pieces.kind], used, lists)
    if store is None:
        return make_mark(rule, "failed", {**facts, "why": problem, "summary": _problem_words(problem)})
    four = _four_facts(store)
    declared = _declared(store, table)
    signer = _signer(store)
    facts.update(four)
    facts.update(_trust_facts(four, lists, data, _FORMATS[pieces.kind], used))
    facts["revocation"] = "not checked (offline)"
    facts.update(signer)
    facts.update(declared)
    if caution := _caution(signer, trust):
        facts["caution"] = caution
    facts["summary"] = _summary(facts)
    return make_mark(rule, "found", facts, _says(facts))


def _read_store(data: bytes, kind: str, sidecar: bytes | None, lists: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, str]:
    """The library's report, or None and a code."""
    try:
        import c2pa
    except (ImportError, OSError, RuntimeError):
        return None, "library-missing"
    logging.getLogger("c2pa").setLevel(logging.CRITICAL)
    settings: dict[str, Any] = dict(OFFLINE)
    if lists:
        settings["trust"] = _trust_settings(lists)
    try:
        with c2pa.Context.from_dict(settings) as context:
            extra = {} if sidecar is None else {"manifest_data": sidecar}
            with c2pa.Reader(kind, io.BytesIO(data), context=context, **extra) as reader:
                text = reader.json()
    except c2pa.C2paError as error:
        return None, _problem_code(str(error))
    if len(text) > _REPORT_LIMIT:
        return None, "too-large"
    store = json.loads(text)
    return (store, "") if isinstance(store, dict) and isinstance(store.get("manifests"), dict) else (None, "damaged")


def _trust_settings(lists: list[dict[str, Any]]) -> dict[str, str]:
    names = {"anchors": "trust_anchors", "allowed": "allowed_list", "config": "trust_config"}
    joined = {name: "\n".join(str(entry["text"]) for entry in lists if entry.get("role") == role) for role, name in names.items()}
    return {name: text for name, text in joined.items() if text}


def _problem_code(text: str) -> str:
    if text.startswith("Remote"):
        return "remote"
    if "ManifestNotFound" in text or "no JUMBF data found" in text:
        return "no-manifest"
    return "damaged"


def _problem_words(code: str) -> str:
    return {
        "remote": "they lie elsewhere and were not retrieved, because nothing here uses a network",
        "no-manifest": "the place for them is there, but it holds no manifest",
        "library-missing": "the C2PA library is missing from this installation",
        "too-large": "they are larger than this program reads",
    }.get(code, "they are damaged or cut short")


def _results(store: Mapping[str, Any]) -> tuple[set[str], set[str], set[str]]:
    """Codes of success and failure of the active manifest, and codes of failure of its ingredients."""
    results = _dict(store.get("validation_results"))
    active = _dict(results.get("activeManifest"))
    deltas = [_dict(_dict(delta).get("validationDeltas")) for delta in _list(results.get("ingredientDeltas"))]
    return _codes(active, "success"), _codes(active, "failure"), {code for delta in deltas for code in _codes(delta, "failure")}


def _four_facts(store: Mapping[str, Any]) -> dict[str, Any]:
    good, bad, ingredients = _results(store)
    bound = None
    if any(code.startswith(_BINDING) for code in bad) or "claim.hardBindings.missing" in bad:
        bound = False
    elif any(code.startswith(_BINDING) and code.endswith(".match") for code in good):
        bound = True
    altered = {"claimSignature.mismatch", "claimSignature.missing", "assertion.hashedURI.mismatch", "assertion.missing"} & bad
    signature = "claimSignature.validated" in good and not altered
    if "timeStamp.trusted" in good and "signingCredential.expired" not in bad:
        time = "timestamped"
    elif {"signingCredential.expired", "claimSignature.outsideValidity"} & bad:
        time = "expired"
    else:
        time = "within-validity" if "claimSignature.insideValidity" in good else "unknown"
    return {
        "pixels_bound": bound, "signature_valid": signature, "signer_trusted": "signingCredential.trusted" in good, "time": time,
        "failures": sorted(bad), "ingredient_failures": sorted(ingredients), "library_state": str(store.get("validation_state", "")),
    }


def _trust_facts(four: Mapping[str, Any], lists: list[dict[str, Any]], data: bytes, kind: str, sidecar: bytes | None) -> dict[str, Any]:
    """Which list trusts the signer. The library does not tell, so a trusted signer is asked for again with each list alone."""
    asked = [entry for entry in lists if entry.get("role") != "config"]
    names = "; ".join(_list_words(entry) for entry in asked) or "none"
    if not four["signer_trusted"]:
        return {"trust_lists_asked": names}
    config = [entry for entry in lists if entry.get("role") == "config"]
    for entry in asked if len(asked) > 1 else []:
        store, _ = _read_store(data, kind, sidecar, [entry, *config])
        if store is not None and "signingCredential.trusted" in _results(store)[0]:
            return {"trust_list": _list_words(entry), "trust_list_sha256": entry.get("sha256"), "trust_lists_asked": names}
    first = asked[0] if len(asked) == 1 else {}
    return {"trust_list": names, "trust_list_sha256": first.get("sha256"), "trust_lists_asked": names}


def _list_words(entry: Mapping[str, Any]) -> str:
    return f"{entry.get('name')} of {entry.get('date')}"


def _signer(store: Mapping[str, Any]) -> dict[str, Any]:
    manifest = _active(store)
    signature = _dict(manifest.get("signature_info"))
    names = [str(signature[key]) for key in ("issuer", "common_name") if signature.get(key)]
    generators = [_generator(info) for info in _list(manifest.get("claim_generator_info"))] or [str(manifest.get("claim_generator") or "")]
    return {
        "signer": " / ".join(names) or "unnamed", "signed_at": signature.get("time"),
        "generator": "; ".join(filter(None, generators))[:200], "title": manifest.get("title"),
        "manifests": len(_dict(store.get("manifests"))),
    }


def _generator(info: Any) -> str:
    entry = _dict(info)
    return " ".join(str(entry[key]) for key in ("name", "version") if entry.get(key))


def _declared(store: Mapping[str, Any], table: Rules) -> dict[str, Any]:
    """What the actions of every manifest in the chain say, in the vocabulary of the conformance rubrics."""
    vocabulary: list[str] = []
    types: list[str] = []
    agents: list[str] = []
    notes: list[str] = []
    watermarks: list[str] = []
    for action in _actions(store):
        name, code = str(action.get("action", "")), str(action.get("digitalSourceType") or "").rstrip("/").rpartition("/")[2]
        if code:
            types.append(code)
            known = table.source_types.get(code)
            if known is not None:
                created = name == "c2pa.created"
                vocabulary.append(known["vocabulary"] if created or known["says"] != "ai" else "perceptibleGenAI")
        agent = action.get("softwareAgent")
        agents.append(_generator(agent) if isinstance(agent, dict) else str(agent or ""))
        notes.append(str(action.get("description") or ""))
        if name.startswith("c2pa.watermarked") or "watermark" in notes[-1].lower():
            watermarks.append(shown(f"{name} {notes[-1]}".strip(), 120))
    best = next((word for word in _STRONGEST_FIRST if word in vocabulary), None)
    return {
        "vocabulary": best or (vocabulary[0] if vocabulary else "none"), "all_vocabulary": _unique(vocabulary),
        "source_types": _unique(types), "agents": _unique(agents), "notes": _unique(notes), "watermarks_declared": _unique(watermarks),
        "soft_bindings": _unique([str(_dict(a.get("data")).get("alg", "")) for a in _assertions(store, "c2pa.soft-binding")]),
    }


def _says(facts: Mapping[str, Any]) -> Says:
    """A claim that does not belong to these pixels, or whose signature is broken, says nothing about this picture."""
    if facts["pixels_bound"] is not True or not facts["signature_valid"]:
        return "other"
    word = facts["vocabulary"]
    if word in _AI:
        return "ai"
    if word.startswith("capturedMedia"):
        return "camera"
    return "edited" if word == "compositionMayContainGenAI" else "other"


def _summary(facts: Mapping[str, Any]) -> str:
    bound = {True: "yes", False: "NO, so what it claims does not belong to these pixels", None: "not established"}[facts["pixels_bound"]]
    trusted = f"yes, by the {facts['trust_list']}" if facts["signer_trusted"] else f"no (asked: {facts['trust_lists_asked']})"
    if facts["time"] == "expired" and not facts["signer_trusted"]:
        trusted = f"not established, because of the expired certificate (asked: {facts['trust_lists_asked']})"
    kinds = ", ".join(facts["source_types"]) or "no source type"
    parts = [
        f"{facts['source']} manifest by {shown(facts['signer'], 100)}, declaring {shown(kinds, 120)}", f"pixels bound: {bound}",
        f"signature valid: {'yes' if facts['signature_valid'] else 'NO'}", f"signer trusted: {trusted}",
        f"time: {_TIME_WORDS[facts['time']]}", "revocation: not checked (offline)",
    ]
    return "; ".join([*parts, f"caution: {facts['caution']}"] if facts.get("caution") else parts)


def _caution(signer: Mapping[str, Any], trust: Mapping[str, Any]) -> str:
    for entry in _list(trust.get("cautions")):
        if re.search(str(_dict(entry).get("signer") or r"(?!)"), str(signer["signer"])):
            return f"{entry['note']} ({entry['date']})"
    return ""


def _active(store: Mapping[str, Any]) -> dict[str, Any]:
    return _dict(_dict(store.get("manifests")).get(str(store.get("active_manifest"))))


def _assertions(store: Mapping[str, Any], label: str) -> Iterator[dict[str, Any]]:
    for manifest in list(_dict(store.get("manifests")).values())[:64]:
        for assertion in _list(_dict(manifest).get("assertions"))[:256]:
            if isinstance(assertion, dict) and str(assertion.get("label", "")).startswith(label):
                yield assertion


def _actions(store: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for assertion in _assertions(store, "c2pa.actions"):
        yield from (action for action in _list(_dict(assertion.get("data")).get("actions"))[:256] if isinstance(action, dict))


def _codes(part: Mapping[str, Any], key: str) -> set[str]:
    return {str(_dict(entry).get("code", "")) for entry in _list(part.get(key))}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _unique(values: list[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))[:16]
