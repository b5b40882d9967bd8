"""Which expert a command uses: by id, by folder, or the default."""

from pathlib import Path
from typing import Literal

from desktop.analysis import SMALL_EXPERT, Analyst
from desktop.engine import EngineSettings, plan_slots
from models.cards import CARD_NAME, card_digest, load_card
from models.evaluation.kept import load_calibration


def find(wanted: str | None) -> Path:
    """The folder of expert ``wanted`` (an id, a digest or a folder; None: the default). Raises ExpertError ``expert-unknown``."""
    if wanted is not None and (Path(wanted) / CARD_NAME).is_file():
        return Path(wanted)
    from models import store

    return store.default_expert() if wanted is None else store.resolve(wanted)


def open_analyst(
    wanted: str | None, *, pictures: int = 1, jobs: int | None = None, explain: bool = True, gpu: Literal["auto", "off"] = "auto",
    threads: int | None = None,
) -> Analyst:
    """An analyst with expert ``wanted``, calibrated on the laboratory's own pictures where it was.

    For ``pictures`` it writes several texts together: ``jobs``, or as many as the free memory holds; a large expert that is to explain
    nothing takes no memory for texts. Raises ExpertError or UsageError.
    """
    folder = find(wanted)
    card = load_card(folder)  # a missing or broken card is said before anything else
    own = load_calibration(card_digest((folder / CARD_NAME).read_bytes()))
    texts = pictures if explain or card.language.bytes <= SMALL_EXPERT else 1
    slots = plan_slots(folder, texts) if jobs is None else max(1, min(jobs, pictures))
    return Analyst(folder, settings=EngineSettings(gpu=gpu, threads=threads, slots=slots), calibration=own.calibration if own else None)
