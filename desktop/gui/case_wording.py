"""What the window says of a case: what troubles it, what is not stored yet, what its custody log tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.gui import failures
from desktop.gui.wording import conclusion, disposition, moment, short

if TYPE_CHECKING:
    from desktop.gui.outbox import Said
    from desktop.gui.seam import Failed


def case_trouble(failure: Failed) -> tuple[str, str]:
    """Why a case cannot be written or opened, as a headline, and what to do about it."""
    translate = QCoreApplication.translate
    waits = translate("Wording", "Nothing is lost: what is not stored waits here and is stored as soon as it can be.")
    known = {
        "disk-full": (
            translate("Wording", "The disk of the case is full"),
            translate("Wording", "Free some space on it.") + " " + waits,
        ),
        "case-gone": (
            translate("Wording", "The case folder is not there any more"),
            translate("Wording", "Connect its drive again, or put the folder back under its old name.") + " " + waits,
        ),
        "case-other": (
            translate("Wording", "Another case lies where this one was"),
            translate("Wording", "It is not the one that was open, or an older copy of it. Put the right folder back.") + " " + waits,
        ),
        "case-read-only": (
            translate("Wording", "The case folder cannot be written"),
            translate("Wording", "Make it writable, or connect the drive so that it is.") + " " + waits,
        ),
        "case-io": (
            translate("Wording", "Writing the case failed"),
            translate("Wording", "Check the drive or the network share.") + " " + waits,
        ),
        "case-busy": (
            translate("Wording", "Another program is writing the case"),
            translate("Wording", "It should be done in a moment.") + " " + waits,
        ),
        "case-in-use": (
            translate("Wording", "The case is open elsewhere"),
            translate("Wording", "Another window or program has it open for writing. Close it there, then try again."),
        ),
        "case-exists": (
            translate("Wording", "The folder is not empty"),
            translate("Wording", "A case needs a folder of its own. Choose another name."),
        ),
        "case-unreadable": (
            translate("Wording", "There is no case here"),
            translate("Wording", "This folder holds no case that can be read. Was it moved, or is its drive not connected?"),
        ),
        "case-damaged": (
            translate("Wording", "The case is damaged"),
            translate("Wording", "The case file is damaged. Restore it from a copy; the exhibits beside it may still be good."),
        ),
    }
    return known.get(failure.code, (translate("Wording", "The case cannot be used"), failures.sentence(failure)))


def not_stored(waiting: int, trouble: Failed | None, *, safe: bool) -> tuple[str, str]:
    """What waits when somebody wants to go, and what becomes of it; ``safe``: what cannot be made again is kept outside of the case."""
    translate = QCoreApplication.translate
    text = translate("Wording", "Not stored yet: {count} findings, notes or files.").format(count=waiting)
    if safe:
        kept = translate(
            "Wording",
            "What you said is kept on this computer and offered when this case is open again; the rest is done again.",
        )
        return text, kept if trouble is None else f"{case_trouble(trouble)[0]}. {kept}"
    if trouble is None:
        return text, translate("Wording", "They are being stored now; that takes a moment.")
    return text, case_trouble(trouble)[1]


def not_offered(failure: Failed) -> tuple[str, str]:
    """Why something that is kept for a case cannot be stored in it, and what to do."""
    translate = QCoreApplication.translate
    known = {
        "outbox-older-case": (
            translate("Wording", "This is an older copy of the case: it lacks what was recorded last."),
            translate("Wording", "Open the case itself; what waits for it is offered there."),
        ),
        "outbox-unreadable": (
            translate("Wording", "What was kept for this case cannot be read."),
            translate("Wording", "It was put aside, not deleted, in the folder “outbox” of Telltale's own data."),
        ),
    }
    return known.get(failure.code, (failures.sentence(failure), translate("Wording", "It is kept; open the case again later.")))


def said(one: Said) -> str:
    """One thing that a person said, in a line."""
    from desktop.gui import words

    translate, word = QCoreApplication.translate, one.word
    if isinstance(word, words.Pasted):
        line = translate("Wording", "Picture: {name}").format(name=word.name)
    elif isinstance(word, words.Noted):
        text = short(" ".join(word.text.split()))
        line = translate("Wording", "Note on exhibit {number}: “{text}”").format(number=word.exhibit, text=text)
    elif isinstance(word, words.Judged):
        line = translate("Wording", "Judgement of a stated reason of exhibit {number}: {value}").format(
            number=word.exhibit, value=disposition(word.value)
        )
    elif isinstance(word, words.Concluded):
        line = translate("Wording", "Conclusion about exhibit {number}: {value}").format(number=word.exhibit, value=conclusion(word.value))
    elif isinstance(word, words.Tagged):
        signs = [f"+{tag}" for tag in word.add] + [f"−{tag}" for tag in word.remove]
        line = translate("Wording", "Tags of {count} exhibits: {tags}").format(count=len(word.exhibits), tags=short(", ".join(signs)))
    elif isinstance(word, words.Answered):
        line = translate("Wording", "Answer about exhibit {number}: “{text}”").format(number=word.exhibit, text=short(word.question))
    else:
        line = translate("Wording", "That a report of exhibit {number} was written").format(number=word.exhibit)
    return f"• {moment(one.at)}  {line}"


def event(code: str) -> str:
    """What happened, of a line of the custody log; a later version's event is shown by its code."""
    translate = QCoreApplication.translate
    return {
        "case-created": translate("Wording", "Case made"),
        "case-described": translate("Wording", "Case named or described anew"),
        "received": translate("Wording", "Exhibit received"),
        "received-again": translate("Wording", "The same exhibit received again"),
        "requested": translate("Wording", "Analysis asked for"),
        "analysed": translate("Wording", "Analysis recorded"),
        "analysis-failed": translate("Wording", "Failed analysis recorded"),
        "note": translate("Wording", "Note"),
        "tag-added": translate("Wording", "Tag put on"),
        "tag-removed": translate("Wording", "Tag taken off"),
        "disposition": translate("Wording", "Stated reason judged"),
        "conclusion": translate("Wording", "Conclusion"),
        "asked": translate("Wording", "Question answered"),
        "exported": translate("Wording", "Report exported"),
        "backed-up": translate("Wording", "Copy of the case made"),
        "migrated": translate("Wording", "Brought to a newer version"),
    }.get(code, code)
