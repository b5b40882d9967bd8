"""A scripted analyst and reader with the shape of the real ones: for screenshots and for tests of the window. It looks at no picture.

What it says is chosen by a word in the exhibit's name (``camera``, ``unclear``, ``unlike``, ``broken``, ``crash``, ``slow``);
anything else is said to support AI. Nothing but ``desktop.gui.shots`` and the tests makes one.
"""

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from desktop import __version__, document
from desktop.analysis import ExhibitReady, Progress, Scored, Started, TextPiece
from desktop.gui.seam import Source
from desktop.intake.problems import problem
from models.errors import Cancelled, WorkerError

Outcome = Literal["supports-ai", "supports-camera", "inconclusive", "out-of-domain"]
_WORDS: dict[str, Outcome] = {"camera": "supports-camera", "unclear": "inconclusive", "unlike": "out-of-domain"}
_LOG_ODDS: dict[Outcome, float] = {"supports-ai": 4.31, "supports-camera": -3.87, "inconclusive": 0.42, "out-of-domain": 9.6}
_SENTENCES: dict[Outcome, str] = {
    "supports-ai": "The score gives moderate support for AI-made over camera. Of 1200 camera pictures in the calibration set, "
    "14 scored at least this high (1.2 %; 95 % interval 0.6 % to 1.9 %).",
    "supports-camera": "The score gives moderate support for camera over AI-made. Of 1200 AI-made pictures in the calibration set, "
    "31 scored this low or lower (2.6 %; 95 % interval 1.8 % to 3.6 %).",
    "inconclusive": "Inconclusive. Of 1200 camera pictures in the calibration set, 203 scored at least this high "
    "(16.9 %; 95 % interval 14.8 % to 19.2 %); of 1200 AI-made ones, 251 scored this low or lower "
    "(20.9 %; 95 % interval 18.6 % to 23.3 %).",
    "out-of-domain": "Inconclusive. The score is unlike those of any calibrated picture; the error rates do not apply.",
}
_RATES: dict[Outcome, dict[str, float]] = {
    "supports-ai": {"count": 14, "of": 1200, "rate": 0.0117, "low": 0.0064, "high": 0.0195},
    "supports-camera": {"count": 31, "of": 1200, "rate": 0.0258, "low": 0.0176, "high": 0.0365},
    "inconclusive": {"count": 203, "of": 1200, "rate": 0.1692, "low": 0.1484, "high": 0.1916},
    "out-of-domain": {"count": 0, "of": 1200, "rate": 0.0, "low": 0.0, "high": 0.0031},
}
_CLAIMS = (
    "The texture of the surface repeats in small waves that no lens makes.",
    "Edges against the background are softer on one side than on the other.",
    "The highlights do not agree on where the light comes from.",
)


@dataclass(frozen=True)
class Exhibit:
    """What intake gives, as far as the window uses it."""

    info: document.ExhibitInfo
    rgb: NDArray[np.uint8]
    marks: tuple[document.Mark, ...]
    deviations: tuple[str, ...]
    network_block: str
    thumbnail: NDArray[np.uint8]


@dataclass(frozen=True)
class Answer:
    text: str


class RehearsalReader:
    """Makes a picture out of the hash of the bytes, or takes ``pixels``."""

    def __init__(self, size: tuple[int, int] = (960, 640)) -> None:
        self.size = size
        self.closed = False

    def read(self, source: Source, name: str | None = None, *, cancelled: Callable[[], bool] | None = None) -> Exhibit:
        """An exhibit whose pixels depend on its name and bytes only."""
        if cancelled is not None and cancelled():
            raise Cancelled()
        label = name or (source.name if isinstance(source, Path) else "picture")
        if isinstance(source, Path) and source.is_file() and source.stat().st_size > 256 << 20:
            raise problem("picture-too-large-file")
        try:
            data = source if isinstance(source, bytes) else source.read_bytes()
        except OSError:
            raise problem("picture-not-found") from None
        if "broken" in label:
            raise problem("picture-truncated")
        rgb = scene(hashlib.sha256(data + label.encode()).digest(), self.size)
        info = document.ExhibitInfo(
            name=label,
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            sha512=hashlib.sha512(data).hexdigest(),
            rgb_sha256=hashlib.sha256(rgb.tobytes()).hexdigest(),
            container="jpeg",
            width=rgb.shape[1],
            height=rgb.shape[0],
            facts={"orientation": 1, "icc": "sRGB IEC61966-2.1", "bytes_after_end": 0},
        )
        step = max(1, max(rgb.shape[:2]) // 256)
        return Exhibit(info, rgb, rehearsed_marks(label), (), "kernel", np.ascontiguousarray(rgb[::step, ::step]))

    def close(self) -> None:
        """Nothing to end."""
        self.closed = True


class Rehearsal:
    """The scripted analyst. ``pace`` is the time one word takes, in seconds."""

    def __init__(self, reader: Any = None, pace: float = 0.0, card: Any = None) -> None:
        self._reader = reader or RehearsalReader()
        self._pace = pace
        self._crashed: set[str] = set()
        self.card = card
        self.folder = Path("rehearsal")

    def close(self) -> None:
        """End the reader."""
        self._reader.close()

    def analyse(
        self,
        source: Source,
        *,
        name: str | None = None,
        options: Any = None,
        on_event: Callable[[Any], None] = lambda _event: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> document.Analysis:
        """Tell the events of an analysis in the real order, then give its document."""
        label = name or "picture"
        on_event(Started(label))
        exhibit: Any = self._reader.read(source, name, cancelled=cancelled)
        width, height = exhibit.info.width, exhibit.info.height
        side = min(width, height)
        box = ((width - side) // 2, (height - side) // 2, side, side)
        on_event(ExhibitReady(exhibit, exhibit.rgb[:1, :1], box))
        on_event(Progress("loading-expert"))
        on_event(Progress("looking", 0.3))
        self._wait(8, cancelled)
        if "crash" in label and label not in self._crashed:
            self._crashed.add(label)
            raise WorkerError("worker-crashed", "the engine process crashed (SIGSEGV)")
        outcome: Outcome = next((outcome for word, outcome in _WORDS.items() if word in label), "supports-ai")
        opinion = rehearsed_opinion(outcome, box, "")
        finding = rehearsed_finding(outcome)
        on_event(Scored(opinion, finding))
        if options is None or options.explain:
            on_event(Progress("explain"))
            opinion = rehearsed_opinion(outcome, box, explanation(outcome))
            for word in opinion.text.split(" "):
                self._wait(20 if "slow" in label else 1, cancelled)
                on_event(TextPiece(word + " "))
        return document.Analysis(
            schema="telltale.analysis/1",
            id=exhibit.info.sha256[:32],
            exhibit=exhibit.info,
            opinions=(opinion,),
            marks=exhibit.marks,
            views=(),
            finding=finding,
            run=document.Run(
                telltale=__version__,
                started_at="2026-11-21T09:00:00.000Z",
                finished_at="2026-11-21T09:00:20.000Z",
                engine={},
                network_block="kernel",
                prompt="<picture>",
                answer_token_ids={},
                deviations=(),
            ),
        )

    def ask(
        self, source: Source, question: str, *, on_text: Callable[[str], None] | None = None, cancelled: Callable[[], bool] = lambda: False
    ) -> Answer:
        """Answer anything with the same two sentences."""
        text = "Most of the picture is one surface under even light. Nothing in it has an unusual shape."
        for word in text.split(" "):
            self._wait(1, cancelled)
            if on_text is not None:
                on_text(word + " ")
        return Answer(text)

    def _wait(self, units: int, cancelled: Callable[[], bool]) -> None:
        for _ in range(units):
            if cancelled():
                raise Cancelled()
            if self._pace:
                time.sleep(self._pace)


def scene(seed: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Hills under a sky, in colours that depend on ``seed``."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    tint = np.frombuffer(seed[:6], np.uint8).astype(np.float32) / 255
    rgb = np.empty((height, width, 3), np.float32)
    for channel in range(3):
        rgb[..., channel] = 0.85 - 0.45 * y * (0.6 + 0.4 * tint[channel])
    for layer in range(4):
        phase = seed[6 + layer] / 40
        ridge = 0.45 + 0.13 * layer + 0.07 * np.sin(x * (5 + 2 * layer) + phase) + 0.02 * np.sin(x * 31 + phase * 3)
        shade = 0.62 - 0.14 * layer
        colour = np.array([shade * (0.5 + 0.5 * tint[0]), shade * (0.75 + 0.25 * tint[1]), shade * (0.55 + 0.45 * tint[2])], np.float32)
        below = (y > ridge)[..., None]
        rgb = np.where(below, colour * (1 - 0.25 * (y - ridge))[..., None], rgb)
    sun = np.exp(-(((x - 0.2 - 0.6 * tint[3]) * width / height) ** 2 + (y - 0.2) ** 2) * 180)
    rgb += sun[..., None] * np.array([0.5, 0.42, 0.25], np.float32)
    return np.ascontiguousarray((np.clip(rgb, 0, 1) * 255).astype(np.uint8))


def explanation(outcome: Outcome) -> str:
    """The whole text for an outcome."""
    word = "real" if outcome == "supports-camera" else "fake"
    return f"This is a {word} image. " + " ".join(_CLAIMS) + " Taken together these points guided the answer."


def rehearsed_opinion(outcome: Outcome, box: document.Box, text: str) -> document.Opinion:
    """An opinion with three claims, each with a region and a map."""
    log_odds = _LOG_ODDS[outcome]
    claims = []
    for number, sentence in enumerate(_CLAIMS if text else (), start=1):
        start = text.index(sentence)
        effect = document.Effect(
            delta_log_odds=-1.42 + 0.6 * number, controls=(-0.11, 0.07, -0.05), method="mean-fill", supported=number == 1
        )
        claims.append(
            document.Claim(
                id=f"o1c{number}",
                text=sentence,
                span=(start, start + len(sentence)),
                regions=_regions(number, box),
                map=_map(number),
                effect=effect if number < 3 else None,
            )
        )
    p_fake = 1 / (1 + float(np.exp(-log_odds)))
    return document.Opinion(
        id="o1",
        expert=document.ExpertInfo("rehearsal", "Rehearsal", "detector", "0" * 64, "1" * 64, "2" * 64, "Q8_0", "Apache-2.0"),
        frame=document.Frame(box, "whole", "crop", 336, "3" * 64),
        log_odds=log_odds,
        p_fake=p_fake,
        mass=0.998,
        answer="real" if log_odds < 0 else "fake",
        text=text,
        text_state="complete" if text else "not-asked",
        claims=tuple(claims),
        timing=document.Timing(1.2, 0.4, 6.0),
        grounding="relative-attention",
    )


def _regions(number: int, box: document.Box) -> tuple[document.Region, ...]:
    x, y, side, _ = box
    places = {1: ((0.12, 0.55, 0.3, 0.22), (0.6, 0.66, 0.24, 0.18)), 2: ((0.36, 0.36, 0.34, 0.16),), 3: ((0.55, 0.08, 0.28, 0.24),)}
    return tuple(
        document.Region((int(x + a * side), int(y + b * side), int(w * side), int(h * side)), round(0.5 / n, 3))
        for n, (a, b, w, h) in enumerate(places[number], start=1)
    )


def _map(number: int) -> document.ClaimMap:
    grid = np.zeros((24, 24), np.float32)
    rows, columns = np.mgrid[0:24, 0:24]
    for region in _regions(number, (0, 0, 24, 24)):
        x, y, w, h = region.box
        grid += np.exp(-(((columns - x - w / 2) / max(1, w / 2)) ** 2 + ((rows - y - h / 2) / max(1, h / 2)) ** 2))
    return document.ClaimMap((24, 24), base64.b64encode(grid.astype("<f2").tobytes()).decode("ascii"))


def rehearsed_finding(outcome: Outcome) -> document.Finding:
    """A finding with the sentences and rates of its outcome."""
    return document.Finding(
        outcome=outcome,
        opinion="o1",
        sentence=_SENTENCES[outcome],
        reasons=(),
        likelihood_ratio=18.0 if outcome == "supports-ai" else None,
        error_rates={
            "calibration": {"set": "rehearsal", "domain": "rehearsed pictures", "reals": 1200, "fakes": 1200},
            "at_threshold": {"threshold": 1.1, "false_positives": _RATES["supports-ai"], "true_positives": _RATES["supports-camera"]},
            "reals_scoring_as_high": _RATES[outcome],
            "fakes_scoring_as_low": _RATES[outcome],
        },
        stability={},
    )


def rehearsed_card() -> Any:
    """As much of a card as the window reads."""

    class Facts:
        name, id, kind = "FakeVLM (rehearsal)", "rehearsal", "detector"
        good_for = "Pictures from generators known in 2025, and photographs as cameras and phones save them."
        not_for = "Drawings, documents, screenshots or small edits."
        language = type("Part", (), {"type": "Q4_K_M"})
        licence = type("Licence", (), {"id": "Apache-2.0"})
        calibration = type("Calibration", (), {"threshold": 1.1})
        prompt = type(
            "Prompt",
            (),
            {
                "question": "Is this a real or a fake image?",
                "questions": ("Which parts look generated?", "What would a camera have shown?"),
            },
        )

    return Facts


def rehearsed_marks(label: str) -> tuple[document.Mark, ...]:
    """One mark of each state."""
    return (
        document.Mark("c2pa", "absent", "other", {}, "No Content Credentials. Most pictures have none; this says nothing."),
        document.Mark(
            "camera-exif",
            "found",
            "camera",
            {"make": "Example", "model": "Camera 1", "exposure": "1/250 s, f/4, ISO 100"},
            "The file declares that it was taken with Example Camera 1 (1/250 s, f/4, ISO 100).",
        ),
        document.Mark("sd-webui", "found" if "generated" in label else "absent", "ai", {}, "No parameters of a generator program."),
        document.Mark("iptc-source-type", "failed", "other", {}, "The IPTC record is damaged."),
    )
