"""What tiles add to a finding. They can weaken it and they are named in it; they never strengthen it.

The calibration is one of whole frames, one score a picture. The highest of many tiles is high by chance, so a tile is taken for a departure
from the calibration's camera pictures only when it is so after Bonferroni's correction for the number of frames, which holds however much
tiles overlap; and even then it only takes back a finding, because error rates of tiles have not been measured.
"""

from collections.abc import Sequence

import msgspec

from desktop.document import Finding, Opinion, Reason, TileSummary
from desktop.judgement.statistics import conformal_p_values
from desktop.tiles import shares
from models.cards import Calibration

DEPARTURE = 0.05
"""Level at which a tile departs from the camera pictures. Taking a finding back harms less than making one, so it is not the stricter
level at which a score may support AI."""


def summarise(opinions: Sequence[Opinion], width: int, height: int, calibration: Calibration | None) -> TileSummary:
    """The whole-frame opinion and its tiles, summed up over the pixels that they show; a pixel counts once."""
    weights, seen = shares([opinion.frame.box for opinion in opinions], width, height)
    strongest = max(opinions, key=lambda opinion: opinion.log_odds)
    corrected = None
    if calibration is not None and calibration.real_scores and calibration.fake_scores:
        p_real, _ = conformal_p_values(strongest.log_odds, calibration.real_scores, calibration.fake_scores)
        corrected = min(1.0, p_real * len(opinions))
    return TileSummary(
        frames=len(opinions), seen=seen, weights=dict(zip((opinion.id for opinion in opinions), weights, strict=True)),
        mean_log_odds=sum(weight * opinion.log_odds for weight, opinion in zip(weights, opinions, strict=True)),
        share_leaning_fake=sum(weight for weight, opinion in zip(weights, opinions, strict=True) if opinion.answer == "fake"),
        strongest=strongest.id, corrected_p_real=corrected,
    )


def with_tiles(finding: Finding, summary: TileSummary, opinions: Sequence[Opinion]) -> Finding:
    """``finding`` with what the tiles say among its reasons; "inconclusive" when a tile departs from what it says."""
    strongest = next(opinion for opinion in opinions if opinion.id == summary.strongest)
    x, y, w, h = strongest.frame.box
    place = "the main frame" if strongest.id == finding.opinion else f"the tile {w} x {h} at ({x}, {y})"
    reasons = [Reason("tiles", f"Of {summary.frames} frames, {place} ({strongest.id}) leans most to fake: "
                               f"log-odds {strongest.log_odds:+.2f}. The error rates are those of the main frame; "
                               "for tiles none were measured.")]
    outcome, sentence = finding.outcome, finding.sentence
    departs = summary.corrected_p_real is not None and summary.corrected_p_real < DEPARTURE and strongest.id != finding.opinion
    if departs:
        said = ("A tile outside the main frame scores higher than the calibration's camera pictures do, also when the number of frames is "
                "allowed for.")
        reasons.insert(0, Reason("tile-departs", said))
        if outcome == "supports-camera":
            outcome, sentence = "inconclusive", f"Inconclusive. {said}"
    return msgspec.structs.replace(finding, outcome=outcome, sentence=sentence, reasons=(*finding.reasons, *reasons), tiles=summary)
