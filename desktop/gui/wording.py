"""What the window says: fixed sentences for states, outcomes, errors and numbers. Never a probability that a picture is AI-made.

Of Qt only ``QCoreApplication.translate`` is used, so that every sentence can be tested without a window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from desktop.gui import failures, languages
from desktop.gui.state import State

if TYPE_CHECKING:
    from desktop.document import Claim, Finding, Mark
    from desktop.gui.item import Conclusion, Disposition, Item

SYMBOLS = {"supports-ai": "▲", "supports-camera": "●", "inconclusive": "◆", "out-of-domain": "■"}
STATE_SYMBOLS = {State.WAITING: "…", State.RUNNING: "▸", State.DONE: "✓", State.FAILED: "✕", State.CANCELLED: "–"}


def purpose(good_for: str, not_for: str) -> list[str]:
    """What an expert is and is not for, each said to be so: a bare list of misuses would read as advice."""
    translate = QCoreApplication.translate
    said = []
    if good_for:
        said.append(translate("Wording", "Good for: {text}").format(text=of_catalogue(good_for)))
    if not_for:
        said.append(translate("Wording", "Not for: {text}").format(text=of_catalogue(not_for)))
    return said


def of_catalogue(text: str) -> str:
    """Words of the catalogue and of the expert that ship, in the window's language; those of any other card stay as they are."""
    return QCoreApplication.translate("Catalogue", text) if text else ""


def licence_line(licence: str) -> str:
    """Under which licence the weights are."""
    return QCoreApplication.translate("Wording", "Licence: {text}").format(text=licence) if licence else ""


def digest_line(digest: str) -> str:
    """By what an expert is known: the digest of its card, which holds those of its files."""
    return QCoreApplication.translate("Wording", "SHA-256 of the card: {text}").format(text=digest)


def kind(code: str) -> str:
    """What sort of answers an expert gives."""
    translate = QCoreApplication.translate
    return {
        "detector": translate("Wording", "detector"),
        "general": translate("Wording", "general model"),
        "aesthetics": translate("Wording", "aesthetics"),
    }.get(code, code)


def network_block(how: str) -> str:
    """What kept the processes that met the picture from the network."""
    translate = QCoreApplication.translate
    return {
        "kernel": translate("Wording", "the operating system's kernel"),
        "best-effort": translate("Wording", "the programs themselves, as far as that goes"),
        "none": translate("Wording", "nothing"),
    }.get(how, how)


def deviation(text: str) -> str:
    """Where the pixels differ from what the model's own loader would have made of the file."""
    return QCoreApplication.translate("Failure", text)


def headline(outcome: str) -> str:
    """The outcome as an evidence statement."""
    translate = QCoreApplication.translate
    return {
        "supports-ai": translate("Wording", "The evidence supports AI generation"),
        "supports-camera": translate("Wording", "The evidence supports a camera picture"),
        "inconclusive": translate("Wording", "Inconclusive"),
        "out-of-domain": translate("Wording", "Unlike anything calibrated"),
    }.get(outcome, translate("Wording", "No finding"))


def outcome_short(outcome: str) -> str:
    """The outcome in the exhibits list."""
    translate = QCoreApplication.translate
    return {
        "supports-ai": translate("Wording", "Supports AI"),
        "supports-camera": translate("Wording", "Supports camera"),
        "inconclusive": translate("Wording", "Inconclusive"),
        "out-of-domain": translate("Wording", "Unlike calibrated"),
    }.get(outcome, translate("Wording", "No finding"))


def uncertainty(outcome: str) -> str:
    """What an outcome does not mean; always shown beneath it."""
    translate = QCoreApplication.translate
    return {
        "supports-ai": translate("Wording", "This does not prove that the picture is AI-made: some real pictures are judged so too."),
        "supports-camera": translate(
            "Wording", "This does not prove that the picture is genuine: new generators and small edits are missed."
        ),
        "inconclusive": translate("Wording", "Nothing follows from this, either way. Treat the question as open."),
        "out-of-domain": translate("Wording", "The expert was not tested on pictures like this one; its reading carries no weight here."),
    }.get(outcome, translate("Wording", "No detector was asked, so nothing is said about how the picture was made."))


def not_calibrated() -> str:
    """Of an expert whose errors nobody counted."""
    return QCoreApplication.translate("Wording", "Not calibrated: how often this expert is wrong has not been measured.")


def finding_sentence(finding: Finding) -> str:
    """The finding's own sentence; in other languages one made of the same counts."""
    translate = QCoreApplication.translate
    if languages.current() == "en":
        return finding.sentence
    rates = finding.error_rates
    parts = []
    if finding.outcome in ("supports-ai", "inconclusive"):
        text = translate(
            "Wording",
            "Of {of} camera pictures in the calibration set, {count} scored at least this high ({rate} %; 95 %: {low} to {high} %).",
        )
        parts.append(_counts(text, rates.get("reals_scoring_as_high")))
    if finding.outcome in ("supports-camera", "inconclusive"):
        text = translate(
            "Wording",
            "Of {of} AI-made pictures in the calibration set, {count} scored this low or lower ({rate} %; 95 %: {low} to {high} %).",
        )
        parts.append(_counts(text, rates.get("fakes_scoring_as_low")))
    if finding.outcome == "out-of-domain":
        parts.append(translate("Wording", "The score is unlike those of any calibrated picture; the error rates do not apply."))
    return " ".join(part for part in parts if part) or not_calibrated()


def _counts(text: str, rate: Any) -> str:
    if not isinstance(rate, dict) or rate.get("rate") is None:
        return ""
    shares = {name: f"{100 * float(rate[name]):.1f}" for name in ("rate", "low", "high")}
    return text.format(of=rate["of"], count=rate["count"], **shares)


def reasons(finding: Finding) -> list[str]:
    """The reasons that the sentence does not already give, translated where their code is known."""
    translate = QCoreApplication.translate
    known = {
        "no-answer": translate("Wording", "The expert did not answer the question: its two answer words hold too little probability."),
        "not-calibrated": translate("Wording", "This expert has no calibration; its error rates are not known."),
        "calibration-small": translate("Wording", "The calibration set has too few pictures of a class."),
        "contradiction": translate("Wording", "The explanation says the opposite of the score."),
        "unstable": translate("Wording", "The verdict changes when the picture is scaled, cropped or saved again."),
        "usual-for-both": translate("Wording", "Both camera pictures and AI-made ones of the calibration set score like this."),
        "tile-departs": translate("Wording", "A part outside the frame scores as camera pictures hardly ever do; look there."),
        "tiles": translate("Wording", "The parts outside the frame were looked at too; their error rates were not measured."),
        "unlike-anything": translate("Wording", "Neither camera pictures nor AI-made ones of the calibration set score like this."),
    }
    if languages.current() == "en":
        return [reason.text for reason in finding.further_reasons]
    return [known.get(reason.code, reason.text) for reason in finding.reasons if not reason.code.startswith("unusual-for")]


def next_step(outcome: str) -> str:
    """What would change the outcome."""
    translate = QCoreApplication.translate
    if outcome in {"supports-ai", "supports-camera", "inconclusive", "out-of-domain"}:
        return translate("Wording", "What would change this: the original file, a RAW file, other frames of the same scene.")
    return ""


def state_line(item: Item) -> str:
    """One line on where an exhibit stands."""
    translate = QCoreApplication.translate
    if item.state is State.WAITING:
        return translate("Wording", "Waiting")
    if item.state is State.RUNNING:
        return stage(item.stage)
    if item.state is State.FAILED:
        reason = failures.title(item.failure) if item.failure else "?"
        return translate("Wording", "Not analysed: {reason}").format(reason=reason)
    if item.state is State.CANCELLED:
        return translate("Wording", "Cancelled")
    return outcome_short(item.outcome)


def stage(code: str) -> str:
    """What the expert is doing."""
    translate = QCoreApplication.translate
    known = {
        "": translate("Wording", "Reading the picture"),
        "loading-expert": translate("Wording", "Loading the expert"),
        "looking": translate("Wording", "Looking at the picture"),
        "explain": translate("Wording", "Writing its reasons"),
        "checking-stability": translate("Wording", "Checking whether the verdict is stable"),
        "looking-at-tiles": translate("Wording", "Looking outside the frame"),
        "checking-claims": translate("Wording", "Hiding what the reasons point at"),
        "ask": translate("Wording", "Answering a question"),
        "storing": translate("Wording", "Storing the finding"),
    }
    return known.get(code, translate("Wording", "Working"))


def score_line(log_odds: float, answer: str = "") -> str:
    """The expert's raw number in words."""
    translate = QCoreApplication.translate
    if answer == "other":
        return translate("Wording", "Log-odds {value}: the expert answered with neither word").format(value=signed(log_odds))
    if log_odds >= 0.05:
        lean = translate("Wording", "leans towards “fake”")
    elif log_odds <= -0.05:
        lean = translate("Wording", "leans towards “real”")
    else:
        lean = translate("Wording", "leans neither way")
    return translate("Wording", "Log-odds {value}: the expert {lean}").format(value=signed(log_odds), lean=lean)


def score_note(threshold: float | None) -> str:
    """What the raw number is and is not."""
    translate = QCoreApplication.translate
    if threshold is None:
        return translate("Wording", "The model's own scale, not a probability. This expert has no calibration.")
    note = translate("Wording", "The model's own scale, not a probability. The line at {value} is the calibrated threshold.")
    return note.format(value=signed(threshold))


def signed(value: float) -> str:
    """A number with a real minus sign and always a sign."""
    return f"{value:+.2f}".replace("-", "−")


def effect_line(claim: Claim) -> str:
    """What hiding a claim's regions did to the verdict."""
    translate = QCoreApplication.translate
    effect = claim.effect
    if effect is None:
        if not claim.regions:
            return translate("Wording", "No region was found for this sentence.")
        return translate("Wording", "Effect on the verdict not measured.")
    controls = sum(effect.controls) / len(effect.controls) if effect.controls else None
    change = translate("Wording", "Hiding these regions changes the log-odds by {delta}").format(delta=signed(effect.delta_log_odds))
    if controls is not None:
        change += translate("Wording", "; hiding as much elsewhere changes it by {control} on average").format(control=signed(controls))
    if effect.supported:
        return translate("Wording", "{change}. The verdict rests on them.").format(change=change)
    return translate("Wording", "{change}. The verdict does not rest on them.").format(change=change)


def text_state(state: str) -> str:
    """Why an explanation ends where it ends."""
    translate = QCoreApplication.translate
    return {
        "cancelled": translate("Wording", "The text was cancelled here."),
        "cut-off": translate("Wording", "The text was cut off here: it reached the longest length."),
        "failed": translate("Wording", "The text ends here because the expert failed."),
        "not-asked": translate("Wording", "No explanation was asked for."),
    }.get(state, "")


def disposition(value: Disposition) -> str:
    """The examiner's own judgement of a claim."""
    translate = QCoreApplication.translate
    return {
        "open": translate("Wording", "Not examined"),
        "confirmed": translate("Wording", "✓ Confirmed"),
        "not-seen": translate("Wording", "✕ Not seen"),
        "unsure": translate("Wording", "? Unsure"),
    }[value]


def conclusion(value: Conclusion) -> str:
    """The examiner's conclusion about an exhibit."""
    translate = QCoreApplication.translate
    return {
        "none": translate("Wording", "None yet"),
        "supports-ai": translate("Wording", "▲ AI-made"),
        "supports-camera": translate("Wording", "● Taken with a camera"),
        "inconclusive": translate("Wording", "◆ Cannot be said"),
    }[value]


def mark_state(mark: Mark) -> str:
    """A mark's state as symbol and word."""
    translate = QCoreApplication.translate
    return {
        "found": translate("Wording", "✓ found"),
        "absent": translate("Wording", "– none"),
        "failed": translate("Wording", "✕ does not verify"),
        "not-applicable": translate("Wording", "∅ not applicable"),
    }[mark.state]


def calibration_line(reals: int, false_positives: int, fakes: int, true_positives: int) -> str:
    """What an expert's calibration counted."""
    text = QCoreApplication.translate(
        "Wording", "Calibration: of {reals} camera pictures it flagged {false}, of {fakes} AI-made ones it recognised {true}."
    )
    return text.format(reals=reals, false=false_positives, fakes=fakes, true=true_positives)


def moment(at: str) -> str:
    """A time of the case (ISO 8601, UTC) for people: in this computer's time zone, to the minute."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return at


def moment_of(seconds: float) -> str:
    """Seconds since 1970 for people."""
    from datetime import datetime

    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def short(text: str, most: int = 40) -> str:
    """A name that leaves room for others."""
    return text if len(text) <= most else text[: most - 1] + "…"


def measured_on(domain: str) -> str:
    """On which pictures the errors were counted, in the card's own words."""
    return QCoreApplication.translate("Wording", "Measured on: {text}").format(text=of_catalogue(domain)) if domain else ""


def self_test(state: str, code: str) -> str:
    """How an expert's self-test ended on this computer."""
    translate = QCoreApplication.translate
    if state == "passed":
        return translate("Wording", "✓ Self-test on this computer: passed. Its reference picture gives the stored numbers here.")
    if state:
        text = translate("Wording", "✕ Self-test on this computer: not passed ({code}). It gives no verdicts here.")
        return text.format(code=code or state)
    return translate("Wording", "Self-test: not run on this computer yet; it runs whenever the expert is loaded.")


def needs(download: int, memory: int) -> str:
    """What an expert of the catalogue takes."""
    text = QCoreApplication.translate("Wording", "{download} to download; {memory} of memory to run")
    return text.format(download=size(download), memory=size(memory))


def size(count: int) -> str:
    """A file size for people."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return ""
