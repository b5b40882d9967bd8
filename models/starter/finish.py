"""From the trained checkpoint to the expert that ships: ``python -m models.starter.finish WORK PICTURES``.

Converts the checkpoint like any other, then scores the calibration split with the finished pair in the engine (another quantisation is
another instrument, so the training program's scores would not do), fits the calibration and writes it into the card. Needs no torch.
``--pair`` leaves the pair in ``--out`` as it is and calibrates it anew.
"""

import argparse
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from convert import Options, convert
from desktop.engine import Engine
from models.cards import CARD_NAME, Calibration, Preparation, dump_card, load_card
from models.evaluation.calibration import choose_threshold, fit_calibration
from models.preparation import Picture, prepare
from models.starter.listing import Entry, read_list
from models.starter.prepare_data import load_rgb, picture_rng
from models.starter.views import make_view, redelivered, smaller

DOMAIN = (
    "public pictures of sources and generators that were never trained on; each in one of four deliveries by chance: as it is; shorter "
    "side at most 1080 and JPEG 75; resized and saved as JPEG 60-97 by chance; a crop of 288 pixels of such"
)


def delivered(entry: Entry, rgb: Picture) -> Picture:
    """The one form, of four, in which a picture calibrates: which one depends on its hash alone, so both classes are delivered alike."""
    rng = picture_rng(entry, 0)
    way = zlib.crc32(entry.sha256.encode(), 1) % 4
    if way == 0:
        return rgb
    if way == 1:
        return smaller(rgb)
    return redelivered(rgb, rng) if way == 2 else make_view(rgb, rng)[0]


def calibration_pictures(root: Path, preparation: Preparation, *, fake: bool) -> Iterator[Picture]:
    """The calibration split's pictures of one class, each delivered in one way and prepared as the card says."""
    for entry in read_list():
        if entry.split == "calibration" and entry.fake == fake:
            yield prepare(delivered(entry, load_rgb(entry.file(root))), preparation)[0]


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


def calibrate(folder: Path, pictures: Path) -> None:
    """Score the calibration split with the pair in ``folder`` and write the calibration into its card."""
    card = load_card(folder)
    with Engine.open(folder) as engine:
        reals, fakes = (
            sorted(engine.score(picture).log_odds for picture in calibration_pictures(pictures, card.preparation, fake=fake))
            for fake in (False, True)
        )
    calibration = calibration_of(reals, fakes)
    (folder / CARD_NAME).write_bytes(dump_card(msgspec.structs.replace(card, calibration=calibration)))
    print(
        f"{len(reals)} real and {len(fakes)} AI-made pictures; threshold {calibration.threshold:.3f}: "
        f"{calibration.false_positives} false positives, {calibration.true_positives} found"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path, help="the folder of models.starter.train, with starter/")
    parser.add_argument("pictures", type=Path, help="folder made by models.starter.collect")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "expert", help="folder to replace (default: the bundled one)")
    parser.add_argument("--pair", action="store_true", help="calibrate the pair that is in the folder already")
    options = parser.parse_args()
    if options.pair:
        calibrate(options.out, options.pictures)
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "expert"
        convert(options.work / "starter", made, Options(language_type="Q8_0", projector_type="F16", recipe="starter"))
        calibrate(made, options.pictures)
        shutil.rmtree(options.out, ignore_errors=True)
        shutil.copytree(made, options.out)


if __name__ == "__main__":
    main()
