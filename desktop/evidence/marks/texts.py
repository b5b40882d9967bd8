"""Readers of the marks that are text: rule patterns, IPTC source type, ComfyUI graphs and China's AIGC label."""

import html
import json
import re
from typing import Any

from desktop.document import Mark
from desktop.evidence.marks.fields import Fields
from desktop.evidence.marks.pieces import Pieces
from desktop.evidence.marks.rules import Match, Rule, Rules, Says, make_mark

_SEARCHED = 1 << 16
_JSON_LIMIT = 1 << 21
_GRAPH_PLACES = ("exif:Make", "exif:Model", "exif:ImageDescription", "exif:UserComment", "text:Comment")
_AIGC_FIELDS = {"ContentProducer": "producer", "ProduceID": "produce_id", "ContentPropagator": "propagator", "PropagateID": "propagate_id"}


def read_patterns(rule: Rule, fields: Fields) -> Mark:
    """A mark that its rule's patterns show."""
    for match in rule.matches:
        facts = _match(match, fields)
        if facts is not None:
            return make_mark(rule, "found", facts)
    return make_mark(rule, "absent")


def _match(match: Match, fields: Fields) -> dict[str, Any] | None:
    declared: list[str] = []
    facts: dict[str, Any] = {}
    for place in fields.at(*match.where):
        text = place.value[:_SEARCHED]
        hit = match.pattern.search(text)
        if hit is None:
            continue
        groups = {key: value.strip() for key, value in hit.groupdict().items() if value}
        if match.every:
            declared.append(f"{place.where.rpartition(':')[2]} = {text.strip()[:200]}")
            continue
        facts = {"where": place.where, **(match.facts or {}), **groups}
        for detail in match.details:
            if more := detail.search(text):
                facts.update({key: value.strip() for key, value in more.groupdict().items() if value})
        for where, pattern in match.also:
            if more := pattern.search(fields.first(where)[:_SEARCHED]):
                facts.update({key: value.strip() for key, value in more.groupdict().items() if value})
        return facts
    return {"declares": declared} if declared else None


def read_source_type(rule: Rule, table: Rules, fields: Fields) -> Mark:
    """IPTC DigitalSourceType, in attribute or element form, as a web address or a bare code."""
    values = [f.value for f in fields.at("xmp:iptcExt:DigitalSourceType", "xmp:iptcExt:DigitalSourcefileType")]
    if not values:
        return make_mark(rule, "failed", {"why": fields.xmp_problem}) if fields.xmp_problem else make_mark(rule, "absent")
    codes = [value.strip().rstrip("/").rpartition("/")[2] or value for value in values]
    # With several values the one that speaks of AI is told first: it must not hide behind another.
    codes.sort(key=lambda code: table.source_types.get(code, {}).get("says") != "ai")
    known = table.source_types.get(codes[0])
    facts: dict[str, Any] = {"value": codes[0], "all": codes[:8]}
    if known is None:
        return make_mark(rule, "found", {**facts, "meaning": "a value that this program does not know"}, "other")
    says: Says = known["says"]  # type: ignore[assignment]  # the rules file is checked by a test
    return make_mark(rule, "found", {**facts, "meaning": known["meaning"], "vocabulary": known["vocabulary"]}, says)


def read_comfyui(rule: Rule, fields: Fields) -> Mark:
    """A ComfyUI graph: the prompt (API form, what ran) or the workflow (editor form), and whether its links lead anywhere."""
    for place in fields.at("png:prompt", "png:workflow", *_GRAPH_PLACES):
        text = re.sub(r"^(?:prompt|workflow)\s*:\s*", "", place.value.lstrip()[:_JSON_LIMIT], flags=re.IGNORECASE)
        graph = parse_json(text)
        if not isinstance(graph, dict):
            continue
        nodes = {key: node for key, node in graph.items() if isinstance(node, dict) and "class_type" in node}
        if nodes:
            return make_mark(rule, "found", {"where": place.where, **_graph_facts(nodes)})
        listed = graph.get("nodes")
        if isinstance(listed, list) and "links" in graph and any(isinstance(node, dict) and "type" in node for node in listed):
            kinds = sorted({str(node.get("type")) for node in listed if isinstance(node, dict)})
            facts = {"where": place.where, "nodes": len(listed), "kinds": kinds[:12], "consistent": None}
            return make_mark(rule, "found", {**facts, "consistency": "only the editor's form is there, which does not show what ran"})
    return make_mark(rule, "absent")


def _graph_facts(nodes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    dangling, links, sampled, saved = 0, 0, False, False
    for node in nodes.values():
        kind = str(node.get("class_type", ""))
        sampled = sampled or "sampler" in kind.lower()
        saved = saved or "save" in kind.lower() or "preview" in kind.lower()
        given = node.get("inputs")
        for value in given.values() if isinstance(given, dict) else ():
            if isinstance(value, list) and len(value) == 2 and isinstance(value[1], int):
                links += 1
                dangling += str(value[0]) not in nodes
    consistent = not dangling and links > 0 and sampled
    if dangling:
        why = f"{dangling} of its {links} links lead nowhere"
    else:
        why = "its links are consistent" if consistent else "it does not form a complete graph"
    kinds = sorted({str(node["class_type"]) for node in nodes.values()})
    inputs = [node["inputs"] for node in nodes.values() if isinstance(node.get("inputs"), dict)]
    models = [values[key] for values in inputs for key in ("ckpt_name", "unet_name") if key in values]
    return {"nodes": len(nodes), "links": links, "consistent": consistent, "saves": saved, "consistency": why, "kinds": kinds[:12],
            "models": [str(model) for model in models[:4]]}


def read_aigc(rule: Rule, table: Rules, fields: Fields, pieces: Pieces) -> Mark:
    """China's label in its XMP, PNG, EXIF and bare JPEG-segment forms."""
    texts = fields.at("xmp:TC260:AIGC", "png:AIGC", "exif:UserComment", "exif:ImageDescription", "text:Comment")
    places = [(f.where, f.value) for f in texts]
    places += [(f"segment:{name}", body[:4096].decode("utf-8", "replace")) for name, body in pieces.segments if b"AIGC" in body[:64]]
    for where, text in places:
        named = where.startswith(("xmp:", "png:"))
        label = _aigc_object(text, named=named)
        if label is None:
            if named:
                return make_mark(rule, "found", {"where": where, "meaning": "its content cannot be read", "text": text[:200]})
            continue
        number = str(label.get("Label", "")).strip()
        meaning = table.aigc_labels.get(number, "with a value that this program does not know")
        facts: dict[str, Any] = {"where": where, "label": number, "meaning": meaning}
        facts.update({ours: str(label[theirs]) for theirs, ours in _AIGC_FIELDS.items() if label.get(theirs)})
        facts["signed"] = bool(label.get("ReservedCode1") or label.get("ReservedCode2"))
        return make_mark(rule, "found", facts, "ai" if number in table.aigc_labels else "other")
    return make_mark(rule, "absent")


def _aigc_object(text: str, *, named: bool) -> dict[str, Any] | None:
    text = html.unescape(text[:_SEARCHED]).strip()
    start = text.find("{")
    if start < 0 or (not named and "AIGC" not in text):
        return None
    parsed = parse_json(text[start : text.rfind("}") + 1])
    inner = parsed.get("AIGC", parsed) if isinstance(parsed, dict) else None
    if isinstance(inner, str):
        inner = parse_json(inner)
    return inner if isinstance(inner, dict) and (named or "Label" in inner or "ContentProducer" in inner) else None


def parse_json(text: str) -> Any:
    """The JSON value of ``text``, or None for anything else: wrong, too deep, with absurd numbers."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
