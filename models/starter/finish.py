"""From the trained checkpoint to the expert that ships: ``python -m models.starter.finish WORK``.

Converts the checkpoint like any other, then scores the calibration split with the finished pair in the engine (another quantisation is
another instrument, so the training program's scores would not do), fits the calibration and writes it into the card. Needs no torch.
"""

import argparse
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from convert import Options, convert
from desktop.engine import Engine
from models.cards import CARD_NAME, Calibration, dump_card, load_card
from models.evaluation.calibration import choose_threshold, fit_calibration

DOMAIN = "public pictures of sources and generators that were never trained on; 288-pixel views, resized and saved as JPEG 60-97 by chance"


def scores(engine: Engine, cache: Path, kind: str) -> list[float]:
    """Log-odds of every prepared calibration view of ``kind`` (real or fake), ascending."""
    found: list[float] = []
    for path in sorted(cache.glob(f"calibration_{kind}_*.maps.npy")):
        views = np.load(path, mmap_mode="r", allow_pickle=False)
        found.extend(engine.score(np.ascontiguousarray(view)).log_odds for view in views)
    return sorted(found)


def calibration_of(reals: list[float], fakes: list[float]) -> Calibration:
    """The calibration that these scores, each ascending, give."""
    scale, offset = fit_calibration(reals, fakes)
    threshold = choose_threshold(reals)
    return Calibration(
        scale=scale,
        offset=offset,
        threshold=threshold,
        set_id="starter-calibration-1",
        date=datetime.now(UTC).date().isoformat(),
        domain=DOMAIN,
        reals=len(reals),
        fakes=len(fakes),
        false_positives=sum(score >= threshold for score in reals),
        true_positives=sum(score >= threshold for score in fakes),
        real_scores=tuple(reals),
        fake_scores=tuple(fakes),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="the folder of models.starter.train, with cache/ and starter/")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "expert", help="folder to replace (default: the bundled one)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "expert"
        convert(options.work / "starter", made, Options(language_type="Q8_0", projector_type="F16", recipe="starter"))
        with Engine.open(made) as engine:
            reals, fakes = (scores(engine, options.work / "cache", kind) for kind in ("real", "fake"))
        calibration = calibration_of(reals, fakes)
        card = msgspec.structs.replace(load_card(made), calibration=calibration)
        (made / CARD_NAME).write_bytes(dump_card(card))
        shutil.rmtree(options.out, ignore_errors=True)
        shutil.copytree(made, options.out)
    print(
        f"{len(reals)} real and {len(fakes)} AI-made views; threshold {calibration.threshold:.3f}: "
        f"{calibration.false_positives} false positives, {calibration.true_positives} found"
    )


if __name__ == "__main__":
    main()
