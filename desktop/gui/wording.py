"""What the window says: fixed sentences for states, outcomes, errors and numbers. Never a probability that a picture is AI-made.

Of Qt only ``QCoreApplication.translate`` is used, so that every sentence can be tested without a window.
"""

from PySide6.QtCore import QCoreApplication

from desktop.document import Claim, Mark
from desktop.gui.item import Disposition, Item, State
from desktop.gui.seam import Failed

SYMBOLS = {"supports-ai": "▲", "supports-camera": "●", "inconclusive": "◆", "out-of-domain": "■"}
STATE_SYMBOLS = {State.WAITING: "…", State.RUNNING: "▸", State.DONE: "✓", State.FAILED: "✕", State.CANCELLED: "–"}


def headline(outcome: str) -> str:
    """The outcome as an evidence statement."""
    tr = QCoreApplication.translate
    return {
        "supports-ai": tr("Wording", "The evidence supports AI generation"),
        "supports-camera": tr("Wording", "The evidence supports a camera picture"),
        "inconclusive": tr("Wording", "Inconclusive"),
        "out-of-domain": tr("Wording", "Unlike anything calibrated"),
    }.get(outcome, tr("Wording", "No finding"))


def outcome_short(outcome: str) -> str:
    """The outcome in the exhibits list."""
    tr = QCoreApplication.translate
    return {
        "supports-ai": tr("Wording", "Supports AI"),
        "supports-camera": tr("Wording", "Supports camera"),
        "inconclusive": tr("Wording", "Inconclusive"),
        "out-of-domain": tr("Wording", "Unlike calibrated"),
    }.get(outcome, tr("Wording", "No finding"))


def uncertainty(outcome: str) -> str:
    """What an outcome does not mean; always shown beneath it."""
    tr = QCoreApplication.translate
    return {
        "supports-ai": tr("Wording", "This does not prove that the picture is AI-made: some real pictures are judged so too."),
        "supports-camera": tr("Wording", "This does not prove that the picture is genuine: new generators and small edits are missed."),
        "inconclusive": tr("Wording", "The expert's reading does not separate the two; treat the question as open."),
        "out-of-domain": tr("Wording", "The expert was not tested on pictures like this one; its reading carries no weight here."),
    }.get(outcome, tr("Wording", "No detector was asked, so nothing is said about how the picture was made."))


def next_step(outcome: str) -> str:
    """What would change the outcome."""
    tr = QCoreApplication.translate
    if outcome in {"supports-ai", "supports-camera", "inconclusive", "out-of-domain"}:
        return tr("Wording", "What would change this: the original file, a RAW file, other frames of the same scene.")
    return ""


def state_line(item: Item) -> str:
    """One line on where an exhibit stands."""
    tr = QCoreApplication.translate
    if item.state is State.WAITING:
        return tr("Wording", "Waiting")
    if item.state is State.RUNNING:
        return stage(item.stage)
    if item.state is State.FAILED:
        reason = failure_title(item.failure) if item.failure else "?"
        return tr("Wording", "Not analysed: {reason}").format(reason=reason)
    if item.state is State.CANCELLED:
        return tr("Wording", "Cancelled")
    return outcome_short(item.outcome)


def stage(code: str) -> str:
    """What the expert is doing."""
    tr = QCoreApplication.translate
    known = {
        "": tr("Wording", "Starting"),
        "read": tr("Wording", "Reading the picture"),
        "intake": tr("Wording", "Reading the picture"),
        "open": tr("Wording", "Loading the expert"),
        "load": tr("Wording", "Loading the expert"),
        "check": tr("Wording", "Checking the expert's files"),
        "hash": tr("Wording", "Checking the expert's files"),
        "self-test": tr("Wording", "Testing the expert"),
        "encode": tr("Wording", "Looking at the picture"),
        "score": tr("Wording", "Weighing the verdict"),
        "explain": tr("Wording", "Writing its reasons"),
        "ground": tr("Wording", "Locating its reasons"),
        "judge": tr("Wording", "Weighing the evidence"),
        "ask": tr("Wording", "Answering a question"),
    }
    return known.get(code, tr("Wording", "Working"))


def score_line(log_odds: float) -> str:
    """The expert's raw number in words."""
    tr = QCoreApplication.translate
    if log_odds >= 0.05:
        lean = tr("Wording", "leans towards “fake”")
    elif log_odds <= -0.05:
        lean = tr("Wording", "leans towards “real”")
    else:
        lean = tr("Wording", "leans neither way")
    return tr("Wording", "Log-odds {value}: the expert {lean}").format(value=signed(log_odds), lean=lean)


def score_note(threshold: float | None) -> str:
    """What the raw number is and is not."""
    tr = QCoreApplication.translate
    if threshold is None:
        return tr("Wording", "The model's own scale, not a probability. This expert has no calibration.")
    note = tr("Wording", "The model's own scale, not a probability. The line at {value} is the calibrated threshold.")
    return note.format(value=signed(threshold))


def signed(value: float) -> str:
    """A number with a real minus sign and always a sign."""
    return f"{value:+.2f}".replace("-", "−")


def effect_line(claim: Claim) -> str:
    """What hiding a claim's regions did to the verdict."""
    tr = QCoreApplication.translate
    effect = claim.effect
    if effect is None:
        if not claim.regions:
            return tr("Wording", "No region was found for this sentence.")
        return tr("Wording", "Effect on the verdict not measured.")
    controls = sum(effect.controls) / len(effect.controls) if effect.controls else None
    change = tr("Wording", "Hiding these regions changes the log-odds by {delta}").format(delta=signed(effect.delta_log_odds))
    if controls is not None:
        change += tr("Wording", "; hiding as much elsewhere changes it by {control} on average").format(control=signed(controls))
    if effect.supported:
        return tr("Wording", "{change}. The verdict rests on them.").format(change=change)
    return tr("Wording", "{change}. The verdict does not rest on them.").format(change=change)


def disposition(value: Disposition) -> str:
    """The examiner's own judgement of a claim."""
    tr = QCoreApplication.translate
    return {
        "open": tr("Wording", "Not examined"),
        "confirmed": tr("Wording", "✓ Confirmed"),
        "not-seen": tr("Wording", "✕ Not seen"),
        "unsure": tr("Wording", "? Unsure"),
    }[value]


def mark_state(mark: Mark) -> str:
    """A mark's state as symbol and word."""
    tr = QCoreApplication.translate
    return {
        "found": tr("Wording", "✓ found"),
        "absent": tr("Wording", "– none"),
        "failed": tr("Wording", "✕ does not verify"),
        "not-applicable": tr("Wording", "∅ not applicable"),
    }[mark.state]


def failure_title(failure: Failed) -> str:
    """A failure in a few words, for the exhibits list."""
    tr = QCoreApplication.translate
    family = _family(failure.code)
    return {
        "picture": tr("Wording", "the picture cannot be read"),
        "worker": tr("Wording", "a helper process ended"),
        "expert": tr("Wording", "the expert cannot be used"),
        "cancelled": tr("Wording", "cancelled"),
        "memory": tr("Wording", "not enough memory"),
        "disk": tr("Wording", "the disk is full or was removed"),
    }.get(family, tr("Wording", "something went wrong"))


def advice(failure: Failed) -> str:
    """What to do about a failure."""
    tr = QCoreApplication.translate
    family = _family(failure.code)
    return {
        "picture": tr("Wording", "The file may be damaged, or no picture. Ask for another copy; the other exhibits are not affected."),
        "worker": tr("Wording", "Nothing else was lost; the other exhibits go on. Try again. If it happens again, suspect this picture."),
        "expert": tr("Wording", "Choose another expert, or import this one again, then retry."),
        "memory": tr("Wording", "Close other programs or choose a smaller expert, then retry."),
        "disk": tr("Wording", "Make room or connect the drive again, then retry. What was finished before is kept."),
        "cancelled": tr("Wording", "You stopped this one. Retry it when you like."),
    }.get(family, tr("Wording", "Try again. If it happens again, Help › Show log holds what a developer needs."))


def _family(code: str) -> str:
    """Codes grouped by what a person can do about them."""
    if code == "cancelled":
        return "cancelled"
    if "memory" in code:
        return "memory"
    if "disk" in code or "space" in code or code.startswith("case-"):
        return "disk"
    if code.startswith("worker-"):
        return "worker"
    if code.startswith(("expert-", "card-", "engine-", "self-test", "model-", "backend-")):
        return "expert"
    if code.startswith(("picture-", "input-", "file-", "path-")):
        return "picture"
    return "other"


def size(count: int) -> str:
    """A file size for people."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return ""
