"""What went wrong: in a few words, as a sentence, and what to do about it.

In English the sentence is the error's own text; in other languages one that belongs to its code.

The codes of intake have one fixed text each, which is translated as it stands (``desktop.gui.translating`` finds it). Other texts name
files and numbers: for these a sentence about the code says the same without them. An unknown code keeps the error's own text.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.gui import languages
from desktop.gui.seam import Failed


def sentence(failure: Failed) -> str:
    """One failure as a whole sentence."""
    own = " ".join(failure.message.split())
    if languages.current() != "en":
        translate = QCoreApplication.translate
        known = translate("Failure", failure.message)
        own = known if known != failure.message else _by_code().get(failure.code, own)
    own = own[:1].upper() + own[1:]
    return own if own.endswith((".", "!", "?", "。", "…")) else own + "."


def clause(failure: Failed) -> str:
    """The same without its full stop, to end a sentence with."""
    return sentence(failure).rstrip(".。")


def _by_code() -> dict[str, str]:
    translate = QCoreApplication.translate
    return {
        # processes
        "worker-crashed": translate("Failure", "The process that did this work crashed."),
        "worker-killed": translate("Failure", "The process that did this work was ended from outside, or memory ran out."),
        "worker-exited": translate("Failure", "The process that did this work ended before it answered."),
        "worker-start": translate("Failure", "The process for this work cannot be started."),
        "worker-timeout": translate("Failure", "The process that did this work took too long and was stopped."),
        "worker-protocol": translate("Failure", "The process for this work gave an answer that cannot be right; nothing of it was used."),
        "internal": translate("Failure", "Something went wrong that should not; the log says what."),
        "disk-failed": translate("Failure", "The disk did not take it."),
        "disk-full": translate("Failure", "The disk is full; free some room and try again."),
        # experts
        "expert-none": translate("Failure", "No expert is there or chosen. File › Experts shows them and imports one."),
        "expert-unknown": translate("Failure", "No expert has this name."),
        "expert-damaged": translate("Failure", "A file of the expert is not the one that its card describes; import the expert again."),
        "expert-incomplete": translate("Failure", "A file of the expert is missing or has another size than its card says."),
        "expert-load-failed": translate("Failure", "llama.cpp could not load the expert."),
        "expert-shape-differs": translate("Failure", "The expert's files have another shape than its card says."),
        "expert-in-use": translate("Failure", "The expert is in use or protected; close other windows and try again."),
        "expert-bundled": translate("Failure", "This expert is not in the store; it ships with the application or is a folder of yours."),
        "self-test-failed": translate("Failure", "This expert does not give its stored reference numbers here; it gives no verdicts."),
        "engine-failed": translate("Failure", "llama.cpp could not compute this."),
        "engine-out-of-memory": translate("Failure", "There is not enough memory for this expert."),
        "context-too-small": translate("Failure", "The picture and the question do not fit into the expert's context."),
        "class-order-not-corrected": translate("Failure", "llama.cpp ran the vision part in an unexpected way; there is no verdict."),
        "attention-unreadable": translate("Failure", "Where this expert looks cannot be read in this configuration."),
        "prompt-ids-differ": translate("Failure", "llama.cpp reads the expert's question as other tokens than it was trained with."),
        "card-missing": translate("Failure", "There is no card in this folder; it is not an expert."),
        "card-unreadable": translate("Failure", "The expert's card cannot be read."),
        "card-invalid": translate("Failure", "The expert's card is not valid."),
        "answer-words": translate("Failure", "The two answer words begin with the same tokens in this vocabulary; choose others."),
        "gguf-invalid": translate("Failure", "A model file is damaged, or no GGUF file that Telltale can read."),
        "gguf-unreadable": translate("Failure", "A model file cannot be read."),
        "tokenizer-unsupported": translate("Failure", "Telltale cannot tokenise for it; import it with a card that states the ids."),
        "import-not-a-pair": translate("Failure", "This is no folder with exactly one language model and one vision part."),
        "import-incomplete": translate("Failure", "The language model or the vision part (often called mmproj) is missing in this folder."),
        "archive-missing": translate("Failure", "There is no such file."),
        "archive-unreadable": translate("Failure", "The archive cannot be read."),
        "archive-invalid": translate("Failure", "This is not an archive that Telltale wrote, or it is damaged."),
        "archive-signature": translate("Failure", "The archive's signature does not fit; it was changed after it was signed."),
        "store-busy": translate("Failure", "Another Telltale is writing to the store; try again when it has finished."),
        "store-failed": translate("Failure", "Writing into the store failed."),
        "store-unwritable": translate("Failure", "The folder of the store cannot be written to."),
        # fetching
        "pull-gated": translate("Failure", "The repository wants you to agree to its terms on its page first."),
        "pull-not-found": translate("Failure", "The hub has no such repository or file; it may have been withdrawn."),
        "pull-forbidden": translate("Failure", "The hub refuses this request; the repository may be private."),
        "pull-offline": translate("Failure", "The connection to the hub failed; try again later, what was fetched is kept."),
        "pull-offline-mode": translate("Failure", "HF_HUB_OFFLINE forbids going online."),
        "pull-damaged": translate("Failure", "A file arrived damaged and was thrown away; try again."),
        "pull-protocol": translate("Failure", "The hub's answers cannot be right; nothing more was fetched."),
        "pull-no-safetensors": translate("Failure", "This repository has no safetensors files; Telltale reads no pickle checkpoints."),
        "pull-not-installed": translate("Failure", "This installation cannot download models; get the model elsewhere and import it."),
        "pull-revision-missing": translate("Failure", "The hub has no such revision of this repository; nothing was fetched."),
        # cases and reports
        "case-closed": translate("Failure", "The case was closed before this was done."),
        "case-none": translate("Failure", "No case is open."),
        "case-read-only": translate("Failure", "The case can only be looked at; nothing can be added."),
        "exhibit-missing": translate("Failure", "An exhibit is gone from the case folder."),
        "exhibit-changed": translate("Failure", "An exhibit was changed inside the case folder."),
        "exhibit-empty": translate("Failure", "The file is empty; there is nothing to examine."),
        "document-changed": translate("Failure", "A recorded analysis was changed inside the case file."),
        "copy-differs": translate("Failure", "The copy on the disk differs from what was read. Check the disk and try again."),
        "source-unreadable": translate("Failure", "The file cannot be read; nothing was added."),
        "text-too-long": translate("Failure", "The text is too long."),
        "report-unwritable": translate("Failure", "The report cannot be written there."),
        "key-unreadable": translate("Failure", "The key or certificate file cannot be read."),
        "key-invalid": translate("Failure", "The key cannot be opened: wrong passphrase, or not a PEM or PKCS #12 file."),
        "key-mismatch": translate("Failure", "The certificate does not belong to the key."),
        "key-unsupported": translate("Failure", "Reports are signed with an RSA or elliptic-curve key and its certificate."),
        "view-input": translate("Failure", "This picture cannot be viewed this way."),
    }


def title(failure: Failed) -> str:
    """A failure in a few words, for the exhibits list."""
    translate = QCoreApplication.translate
    family = _family(failure.code)
    return {
        "picture": translate("Wording", "the picture cannot be read"),
        "worker": translate("Wording", "a helper process ended"),
        "expert": translate("Wording", "the expert cannot be used"),
        "cancelled": translate("Wording", "cancelled"),
        "memory": translate("Wording", "not enough memory"),
        "disk": translate("Wording", "the disk is full or was removed"),
    }.get(family, translate("Wording", "something went wrong"))


def advice(failure: Failed) -> str:
    """What to do about a failure."""
    translate = QCoreApplication.translate
    family = _family(failure.code)
    return {
        "picture": translate(
            "Wording", "The other exhibits are not affected. Ask for another copy of this one, as close to the original as there is."
        ),
        "worker": translate(
            "Wording", "Nothing else was lost; the other exhibits go on. Try again. If it happens again, suspect this picture."
        ),
        "expert": translate("Wording", "Choose another expert, or import this one again, then retry."),
        "memory": translate("Wording", "Close other programs or choose a smaller expert, then retry."),
        "disk": translate("Wording", "Make room or connect the drive again, then retry. What was finished before is kept."),
        "cancelled": translate("Wording", "You stopped this one. Retry it when you like."),
    }.get(family, translate("Wording", "Try again. If it happens again, Help › Show log holds what a developer needs."))


_EXPERT = (
    "expert-",
    "card-",
    "engine-",
    "self-test",
    "class-order",
    "context-",
    "gguf-",
    "store-",
    "import-",
    "pull-",
    "archive-",
    "answer-",
    "prompt-",
    "tokenizer-",
)


def _family(code: str) -> str:
    """Codes grouped by what a person can do about them."""
    if code == "cancelled":
        return "cancelled"
    if code.startswith("intake-") and "memory" not in code:
        return "picture"
    if "memory" in code:
        return "memory"
    if "disk" in code or "space" in code or code.startswith("case-"):
        return "disk"
    if code.startswith("worker-"):
        return "worker"
    if code.startswith(_EXPERT):
        return "expert"
    if code.startswith(("picture-", "folder-")):
        return "picture"
    return "other"
