"""Analyses to report on, made by hand: one that is rich, one that is hostile."""

import base64
from typing import Any

import msgspec
import numpy as np

from desktop import document as d
from desktop.report import CaseContext, Disposition, ExaminerConclusion

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def picture(width: int = 960, height: int = 640) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A calm landscape-like picture, the same every time."""
    y, x = np.mgrid[0:height, 0:width]
    sky, hill = y / height, 0.55 + 0.08 * np.sin(x / 90) + 0.05 * np.sin(x / 31)
    rgb = np.stack([120 + 90 * sky, 150 + 60 * sky, 200 + 20 * sky], -1)
    ground = sky > hill
    rgb[ground] = np.stack([60 + 50 * np.sin(x / 7), 95 + 40 * np.cos(y / 9), 60 + 20 * np.sin((x + y) / 11)], -1)[ground]
    sun = (x - width * 0.7) ** 2 + (y - height * 0.25) ** 2 < (height * 0.09) ** 2
    rgb[sun] = (250, 236, 190)
    return rgb.clip(0, 255).astype(np.uint8)


def attention(row: int, column: int) -> d.ClaimMap:
    """A blob of attention on a 24 x 24 grid."""
    y, x = np.mgrid[0:24, 0:24]
    values = np.exp(-((y - row) ** 2 + (x - column) ** 2) / 9).astype("<f2")
    return d.ClaimMap((24, 24), base64.b64encode(values.tobytes()).decode())


def analysis(**changes: Any) -> d.Analysis:
    """A rich analysis of ``picture()``; ``changes`` replace its top-level fields."""
    expert = d.ExpertInfo("telltale-starter-1", "Telltale starter", "detector", HASH, HASH[::-1], HASH[:32] * 2, "Q8_0", "Apache-2.0")
    claims = (
        d.Claim(
            "o1c1",
            "The edge of the sun is perfectly circular and has no glow, which a lens would give it.",
            (0, 83),
            (d.Region((618, 100, 110, 118), 0.61),),
            attention(5, 18),
            d.Effect(-1.31, (-0.12, 0.05, -0.2), "mean fill, same area", True),
        ),
        d.Claim(
            "o1c2",
            "The texture of the hill repeats in a regular wave pattern.",
            (84, 142),
            (d.Region((220, 420, 190, 130), 0.4), d.Region((500, 470, 160, 110), 0.33)),
            attention(17, 6),
            d.Effect(-0.08, (-0.1, 0.02, -0.05), "mean fill, same area", False),
        ),
        d.Claim("o1c3", "The light has no common direction.", (143, 178)),
    )
    opinion = d.Opinion(
        "o1",
        expert,
        d.Frame((160, 0, 640, 640), "whole", "centre crop, bicubic", 336, HASH),
        2.125,
        0.893309,
        0.9971,
        "fake",
        "The edge of the sun is perfectly circular and has no glow, which a lens would give it. The texture of the hill repeats in a "
        "regular wave pattern. The light has no common direction.",
        "complete",
        claims,
        d.Timing(0.41, 0.12, 3.9),
        "attention rollout, layers 12-20",
    )
    value = d.Analysis(
        schema="telltale.analysis/1",
        id="7d0c1f0e-0001",
        exhibit=d.ExhibitInfo(
            "harbour evening.jpg",
            184_223,
            HASH,
            HASH + HASH[::-1],
            HASH[::-1],
            "jpeg",
            960,
            640,
            {"exif": {"orientation_applied": True, "make": "NIKON CORPORATION", "model": "NIKON D90"}, "quality": 91, "icc": None},
        ),
        opinions=(opinion,),
        marks=(
            d.Mark("c2pa", "absent", "other", {}, "No declaration found. This says nothing about origin."),
            d.Mark(
                "iptc",
                "found",
                "ai",
                {"DigitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"},
                "The file declares in IPTC metadata that it was made by a trained algorithm.",
            ),
            d.Mark("exif", "found", "camera", {"Make": "NIKON CORPORATION"}, "The file declares a camera: NIKON CORPORATION NIKON D90."),
        ),
        views=(
            d.View("ela", True, "The file is a JPEG.", {"quality": 90, "scale": 18.0}),
            d.View("cfa", False, "The picture is smaller than one megapixel.", {}),
        ),
        run=d.Run(
            "0.1.0",
            "2026-11-21T02:10:00Z",
            "2026-11-21T02:10:05Z",
            {"backend": "cpu", "threads": 2, "configuration": "safe", "selftest": {"log_odds_difference": 0.0}},
            "kernel",
            "Is this picture real or fake?\nGive your reasons.",
            {"fake": [9714], "real": [1855]},
            ("The picture is decoded by libjpeg-turbo 3.1; the reference used 2.1.",),
            {"numpy": "2.4.6", "pillow": "13.0.0"},
        ),
        finding=d.Finding(
            "supports-ai",
            "o1",
            "The result gives moderate support to the proposition that a generator made or changed this picture.",
            (d.Reason("unusual-for-camera", "About 0.8 % of the calibration's camera pictures score as high as this one."),),
            41.0,
            {
                "calibration": {
                    "set": "starter-2026-11",
                    "date": "2026-11-01",
                    "domain": "press and phone pictures",
                    "reals": 1200,
                    "fakes": 1100,
                },
                "at_threshold": {
                    "threshold": 0.4,
                    "false_positives": {"count": 9, "of": 1200, "rate": 0.0075, "low": 0.0034, "high": 0.0142, "confidence": 0.95},
                    "true_positives": {"count": 1003, "of": 1100, "rate": 0.9118, "low": 0.8934, "high": 0.9279, "confidence": 0.95},
                },
                "p_real": 0.0083,
                "p_fake": 0.61,
            },
            {"rule": "same side of the threshold", "stable": True, "variants": [{"id": "jpeg-75", "log_odds": 1.9}]},
        ),
    )
    return msgspec.structs.replace(value, **changes)


def case() -> CaseContext:
    """A case with people in it."""
    return CaseContext(
        case_id="TT-2026-014",
        item="3",
        title="Harbour pictures",
        examiner="Ines Okafor",
        reviewer="Jon Vale",
        request="Is it a photograph?",
        propositions=("A generator made the picture.", "A camera took the picture."),
        dispositions={
            "o1c1": Disposition("confirmed", "Ines Okafor", "2026-11-21T03:00:00Z"),
            "o1c2": Disposition("not-seen", "Ines Okafor", "2026-11-21T03:01:00Z"),
        },
        conclusion=ExaminerConclusion("inconclusive", "The original should be asked for.", "Ines Okafor", "2026-11-21T03:05:00Z"),
        notes=(("2026-11-21T03:02:00Z", "Ines Okafor", "Received by messenger, see mail of Monday."),),
        tags=("harbour", "urgent"),
    )
