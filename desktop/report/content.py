"""The content of a report, put together once from the analysis document; HTML and PDF only lay it out.

Every string in these values is washed (``words.clean``): the layouts may print them as they are, escaped.
"""

import hashlib
import json
from typing import Any

from desktop import document
from desktop.report.context import CaseContext
from desktop.report.redact import WITHHELD
from desktop.report.values import (
    COLOURS,
    ClaimContent,
    Content,
    CustodyContent,
    MarkContent,
    OpinionContent,
    Profile,
    Rows,
    Table,
    ViewContent,
)
from desktop.report.words import Words, capped, clean, paragraphs, rows, shown
from desktop.view_facts import fact_rows, why_not

_BOOKKEEPING = ("table", "row", "digest")
"""Details of a custody entry that only a check of the case needs."""
_VIEW_WORDS = ("title", "shows", "means", "does_not_mean")
"""Facts of a view that are its fixed words."""


def build(
    analysis: document.Analysis, words: Words, *, profile: Profile = "court", case: CaseContext | None = None, signer: str | None = None
) -> Content:
    """The content of a report about ``analysis``. For the newsroom profile, pass an analysis that ``redact.redacted`` made, and no case."""
    finding = analysis.finding if isinstance(analysis.finding, document.Finding) else None
    outcome = finding.outcome if finding else "none"
    opinions = _ordered(analysis, finding)
    told_of = [opinion for opinion in opinions if opinion.frame.role == "whole" or opinion.text]  # the other tiles stand in a table
    info, run = analysis.exhibit, analysis.run
    signature = words("report.signed", who=clean(signer, 200)) if signer else words("report.unsigned")
    told, rest = _marks(analysis.marks, words)
    return Content(
        language=words.tag,
        profile=profile,
        name=clean(info.name, 200),
        outcome=outcome,
        headline=words(f"outcome.{outcome}"),
        sentence=_sentence(finding, words),
        error_sentence=_error_sentence(finding, words),
        ratio=words("head.ratio", value=f"{finding.likelihood_ratio:.3g}") if finding and finding.likelihood_ratio is not None else "",
        reasons=_reasons(finding, words) if finding else [],
        made=words("report.made", when=clean(run.finished_at, 40)),
        product=words("report.product", version=clean(run.telltale, 60)),
        signature=signature,
        glance=[
            (words("method.name"), clean(info.name, 200)),
            (words("method.sha256"), clean(info.sha256)),
            (words("opinion.expert"), clean(opinions[0].expert.name, 200) if opinions else words("report.none")),
        ],
        conclusion=_conclusion(case, words),
        conclusion_by=f"{clean(case.conclusion.who, 200)}, {clean(case.conclusion.at, 40)}" if case and case.conclusion else "",
        width=info.width,
        height=info.height,
        opinions=[_opinion(index, opinion, analysis, words, case) for index, opinion in enumerate(told_of, 1)],
        marks=told,
        marks_rest=rest,
        views=[_view(view, words) for view in analysis.views],
        tables=_tables(analysis, finding, opinions, words),
        prompt=paragraphs(run.prompt),
        deviations=[clean(line) for line in run.deviations],
        limits=[words(f"limits.l{n}") for n in range(1, 7)],
        case_rows=_case_rows(case, words),
        custody=_custody(case.custody, words) if case else [],
        custody_head=_head(case),
    )


def _ordered(analysis: document.Analysis, finding: document.Finding | None) -> list[document.Opinion]:
    """The opinion of the finding first."""
    return sorted(analysis.opinions, key=lambda opinion: finding is None or opinion.id != finding.opinion)


def _sentence(finding: document.Finding | None, words: Words) -> str:
    if finding is None:
        return words("outcome.none_sentence")
    if words.language == "en" and finding.sentence:
        return clean(finding.sentence.removeprefix(f"{words('outcome.inconclusive')}. "))  # the headline says it already
    return words(f"outcome.{finding.outcome}_sentence")


def _error_sentence(finding: document.Finding | None, words: Words) -> str:
    """The sentence that says how often this is wrong; a result never stands without it."""
    if finding is None:
        return ""
    if not finding.error_rates:
        return words("head.no_rate")
    try:
        at, calibration = finding.error_rates["at_threshold"], finding.error_rates["calibration"]
        false, true = (_rate(at[name]) for name in ("false_positives", "true_positives"))
        return words("head.rates", domain=clean(calibration["domain"], 300), **{f"f_{k}": v for k, v in false.items()}, **true)
    except (KeyError, TypeError, ValueError):  # rates of another version of the judgement: as they are
        return "; ".join(f"{name}: {value}" for name, value in rows(finding.error_rates, words, limit=8))


def _rate(rate: dict[str, Any]) -> dict[str, str]:
    """A counted rate with its interval, for people."""
    found = {"count": f"{int(rate['count']):,}", "of": f"{int(rate['of']):,}"}
    return found | {name: _percent(rate[name]) for name in ("rate", "low", "high")}


def _percent(value: float) -> str:
    return f"{100 * float(value):.1f}"


def _reasons(finding: document.Finding, words: Words) -> list[str]:
    """The reasons that the headline's sentence does not already give; in other languages that sentence is a general one."""
    told = finding.further_reasons if words.language == "en" else finding.reasons
    return [_reason(reason, finding.error_rates, words) for reason in told]


def _reason(reason: document.Reason, rates: dict[str, Any], words: Words) -> str:
    """The sentence of a reason; in other languages than English from its code, where that is known."""
    if words.language == "en":
        return clean(reason.text)
    found = words.get(f"reason.{reason.code}", "")
    places = {name: _percent(rates[name]) for name in ("p_real", "p_fake") if isinstance(rates.get(name), float)}
    try:
        return found.format(**places) if found else clean(reason.text)
    except KeyError:
        return clean(reason.text)


def _opinion(index: int, opinion: document.Opinion, analysis: document.Analysis, words: Words, case: CaseContext | None) -> OpinionContent:
    info, tiles = analysis.exhibit, analysis.finding.tiles if isinstance(analysis.finding, document.Finding) else None
    x, y, w, h = opinion.frame.box
    whole = (x, y, w, h) == (0, 0, info.width, info.height)
    sizes = {"w": w, "h": h, "width": info.width, "height": info.height, "size": opinion.frame.size}
    expert, timing = opinion.expert, opinion.timing
    return OpinionContent(
        anchor=f"o{index}",
        title=clean(expert.name or expert.id, 200),
        frame=opinion.frame.box,
        whole=whole,
        caption=words("picture.all_seen" if whole else "picture.seen", **sizes),
        outside=words("picture.outside_tiles" if tiles else "picture.outside"),
        outside_note=words("picture.outside_note_tiles", count=tiles.frames - 1, seen=_percent(tiles.seen))
        if tiles
        else words("picture.outside_note"),
        regions_note=words("picture.regions_contrast" if opinion.grounding.startswith("patch-contrast") else "picture.regions"),
        state=words(f"claims.state_{opinion.text_state}"),
        claims=[_claim(index, number, claim, words, case) for number, claim in enumerate(opinion.claims, 1)],
        text=paragraphs(opinion.text),
        numbers=[
            (words("opinion.expert"), clean(f"{expert.name} ({expert.id})")),
            (words("opinion.kind"), words(f"opinion.kind_{expert.kind}")),
            (words("opinion.answer"), words(f"opinion.answer_{opinion.answer}")),
            (words("opinion.log_odds"), f"{opinion.log_odds:+.6f}"),
            (words("opinion.p_fake"), f"{opinion.p_fake:.6f}"),
            (words("opinion.mass"), f"{opinion.mass:.6f}"),
            (words("opinion.frame"), f"{x}, {y}, {w}, {h}"),
            (words("opinion.role"), words(f"opinion.role_{opinion.frame.role}")),
            (words("opinion.preparation"), clean(opinion.frame.preparation)),
            (words("opinion.frame_hash"), clean(opinion.frame.rgb_sha256)),
            (words("opinion.grounding"), clean(opinion.grounding) or words("report.unknown")),
            (words("opinion.timing"), f"{timing.encode_s:.2f}, {timing.score_s:.2f}, {timing.explain_s:.2f}"),
        ],
    )


def _claim(index: int, number: int, claim: document.Claim, words: Words, case: CaseContext | None) -> ClaimContent:
    effect, supported = words("claims.effect_none"), None
    if claim.effect:
        supported = claim.effect.supported
        controls = ", ".join(f"{value:+.3f}" for value in claim.effect.controls) or words("report.unknown")
        effect = words(
            "claims.effect_yes" if supported else "claims.effect_no", delta=f"{claim.effect.delta_log_odds:+.3f}", controls=controls
        )
    disposition = case.dispositions.get(claim.id) if case else None
    return ClaimContent(
        anchor=f"o{index}c{number}",
        number=number,
        colour=(number - 1) % COLOURS + 1,
        text=clean(claim.text),
        boxes=[region.box for region in claim.regions],
        heat=claim.map,
        effect=effect if claim.regions else "",
        supported=supported,
        disposition=words(f"claims.{disposition.value}" if disposition else "claims.not_reviewed"),
        disposition_code=disposition.value if disposition else "",
        disposition_by=clean(" · ".join(part for part in (disposition.who, disposition.at, disposition.note) if part))
        if disposition
        else "",
    )


def _mark(mark: document.Mark, words: Words) -> MarkContent:
    generic = words(f"marks.generic_{mark.says if mark.state == 'found' else mark.state}")
    if mark.state == "absent":
        generic = words.get(f"mark_absent.{mark.id}", generic)
    return MarkContent(
        title=words.get(f"mark.{mark.id}", clean(mark.id, 80)),
        state=words(f"marks.state_{mark.state}"),
        state_code=mark.state,
        says=words(f"marks.says_{mark.says}") if mark.state == "found" and mark.says != "other" else "",
        sentence=clean(mark.sentence) if mark.sentence and words.language == "en" else generic,
        facts=rows(mark.facts, words) if mark.facts else [],
    )


def _marks(marks: tuple[document.Mark, ...], words: Words) -> tuple[list[MarkContent], Rows]:
    """What was found or failed, contradictions first; and the rest, which is only listed."""
    told = [mark for mark in marks if mark.state in ("found", "failed")]
    told.sort(key=lambda mark: (mark.id != "conflict", mark.state != "found"))
    listed = [_mark(mark, words) for mark in marks if mark.state not in ("found", "failed")]
    return [_mark(mark, words) for mark in told], [(mark.title, mark.sentence) for mark in listed]


def _view(view: document.View, words: Words) -> ViewContent:
    """A view; the fixed words that it carries itself go before ours."""
    facts = [(clean(name, 200), clean(value)) for name, value in fact_rows(view.id, view.facts, words.language)]
    own = {name: view.facts.get(name) for name in _VIEW_WORDS} if words.language == "en" else {}

    def said(name: str, key: str, other: str) -> str:
        text = own.get(name)
        known = isinstance(text, str) and text and text != WITHHELD
        return clean(text) if known else words.get(f"{key}.{view.id}", other)

    return ViewContent(
        id=view.id,
        title=said("title", "view", clean(view.id, 80)),
        applicable=view.applicable,
        state=words("views.applicable" if view.applicable else "views.not_applicable"),
        why="" if view.applicable else clean(why_not(view.why, words.language)),
        shows=said("shows", "view_shows", ""),
        means=said("means", "view_means", words("view_means.other")),
        means_not=said("does_not_mean", "view_means_not", words("view_means_not.other")),
        facts=capped(facts, words, 40),
    )


def _tables(analysis: document.Analysis, finding: document.Finding | None, opinions: list[document.Opinion], words: Words) -> list[Table]:
    info, run = analysis.exhibit, analysis.run
    tables = [
        Table(
            words("method.file"),
            [
                (words("method.name"), clean(info.name, 200)),
                (words("method.size"), words("method.bytes", count=f"{info.bytes:,}")),
                (words("method.container"), clean(info.container)),
                (words("method.dimensions"), f"{info.width} × {info.height}"),
                (words("method.sha256"), clean(info.sha256)),
                (words("method.sha512"), clean(info.sha512)),
                (words("method.rgb_sha256"), clean(info.rgb_sha256)),
            ],
        )
    ]
    if info.facts:
        tables.append(Table(words("method.facts"), rows(info.facts, words)))
    for expert in dict.fromkeys(opinion.expert for opinion in opinions):
        tables.append(
            Table(
                words("method.models"),
                [
                    (words("method.name"), clean(expert.name, 200)),
                    (words("method.id"), clean(expert.id, 200)),
                    (words("method.quantisation"), clean(expert.type)),
                    (words("method.licence"), clean(expert.licence)),
                    (words("method.card"), clean(expert.card_sha256)),
                    (words("method.language"), clean(expert.language_sha256)),
                    (words("method.projector"), clean(expert.projector_sha256)),
                ],
            )
        )
    tables.append(
        Table(
            words("method.run"),
            [
                (words("method.analysis_id"), clean(analysis.id)),
                (words("method.version"), clean(run.telltale)),
                (words("method.started"), clean(run.started_at)),
                (words("method.finished"), clean(run.finished_at)),
                (words("method.network"), words(f"method.network_{run.network_block}")),
                (words("method.tokens"), "; ".join(f"{clean(k, 60)}: {', '.join(map(str, v))}" for k, v in run.answer_token_ids.items())),
                (words("method.json_sha256"), hashlib.sha256(document.encode(analysis)).hexdigest()),
                (words("method.repeat"), words("method.repeat_how", expert=clean(opinions[0].expert.id, 200) if opinions else "…")),
            ],
        )
    )
    if run.engine:
        tables.append(Table(words("method.engine"), rows(run.engine, words)))
    if run.libraries:
        tables.append(Table(words("method.libraries"), rows(run.libraries, words)))
    if finding and finding.error_rates:
        tables.append(Table(words("method.rates"), rows(finding.error_rates, words)))
    if finding and finding.tiles:
        tables.append(_tiles(analysis.opinions, finding.tiles, words))
    if finding and finding.stability:
        tables.append(Table(words("method.stability"), rows(finding.stability, words)))
    return tables


def _tiles(opinions: tuple[document.Opinion, ...], tiles: document.TileSummary, words: Words) -> Table:
    """Every frame with its score and the share of the seen pixels that it speaks for; then what they are together."""
    corrected = words("report.unknown") if tiles.corrected_p_real is None else f"{tiles.corrected_p_real:.4f}"
    listed = [
        (
            f"{clean(opinion.id, 20)}: {', '.join(map(str, opinion.frame.box))}",
            words("tiles.row", log_odds=f"{opinion.log_odds:+.3f}", answer=words(f"opinion.answer_{opinion.answer}"),
                  share=_percent(tiles.weights.get(opinion.id, 0.0))),
        )
        for opinion in opinions
    ]  # fmt: skip
    return Table(
        words("tiles.title"),
        [
            *listed,
            (words("tiles.seen"), f"{_percent(tiles.seen)} %"),
            (words("tiles.mean"), f"{tiles.mean_log_odds:+.3f}"),
            (words("tiles.leaning"), f"{_percent(tiles.share_leaning_fake)} %"),
            (words("tiles.strongest"), clean(tiles.strongest, 20)),
            (words("tiles.corrected"), corrected),
            (words("tiles.note_title"), words("tiles.note")),
        ],
    )


def _conclusion(case: CaseContext | None, words: Words) -> str:
    if case is None or case.conclusion is None:
        return words("head.no_conclusion")
    said = words(f"case.conclusion_{case.conclusion.value}")
    said = said[:1].upper() + said[1:]
    return f"{said}. {clean(case.conclusion.text)}" if case.conclusion.text else f"{said}."


def _case_rows(case: CaseContext | None, words: Words) -> Rows:
    if case is None:
        return []
    found: Rows = [
        (words("case.case_id"), clean(f"{case.case_id} {case.title}".strip())),
        (words("case.item"), clean(case.item)),
        (words("case.examiner"), clean(case.examiner)),
        (words("case.reviewer"), clean(case.reviewer)),
        (words("case.request"), clean(case.request)),
        (words("case.propositions"), " / ".join(clean(text) for text in case.propositions)),
        (words("case.tags"), clean(", ".join(case.tags))),
    ]
    found += [(words("case.notes"), clean(f"{text} ({who}, {at})")) for at, who, text in case.notes]
    return [(name, value) for name, value in found if value]


def _custody(lines: tuple[str, ...], words: Words) -> list[CustodyContent]:
    """The log; entries about other exhibits, of which only hashes are here, are told as one row a run."""
    found: list[CustodyContent] = []
    withheld: list[str] = []

    def tell_withheld() -> None:
        if withheld:
            seq = withheld[0] if len(withheld) == 1 else f"{withheld[0]}–{withheld[-1]}"
            found.append(CustodyContent(seq, "", "", words("case.withheld_event"), ""))
            withheld.clear()

    for line in lines:
        event = json.loads(line)
        seq = clean(event.get("seq", ""), 20)
        if "event" not in event:
            withheld.append(seq)
            continue
        tell_withheld()
        details = event.get("details")
        said = {name: value for name, value in details.items() if name not in _BOOKKEEPING} if isinstance(details, dict) else {}
        text = clean("; ".join(f"{name}: {shown(value, words)}" for name, value in said.items()), 600)
        found.append(CustodyContent(seq, clean(event.get("at", ""), 40), clean(event.get("who", ""), 120), clean(event["event"], 80), text))
    tell_withheld()
    return found


def _head(case: CaseContext | None) -> str:
    return clean(json.loads(case.custody[-1]).get("hash", ""), 64) if case and case.custody else ""
