"""What a pair of model files without a card does not say itself: a person states it, and the card that is made says which proofs apply."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.gui import languages
from desktop.gui.labels import heading, named, text_label

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_NEEDED = ("id", "name", "question", "fake_word", "real_word", "licence")
_TEMPLATE = ("before_picture", "question_form")
"""Every blank in these counts, and ``\\n`` is a line break."""


class CardDialog(QDialog):
    """A form over ``models.importing.CardRequest``; ``answers`` are what ``CardAnswers`` wants."""

    def __init__(self, parent: QWidget, request: Any) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("An expert without a card"))
        self.fields: dict[str, QLineEdit | QComboBox] = {}
        form = QFormLayout()
        form.setVerticalSpacing(6)
        for name, (title, hint) in rows().items():
            field = named(QLineEdit(), title)
            field.setPlaceholderText(hint)
            field.setMaxLength(2000)
            field.textChanged.connect(lambda _text: self._enable())
            self.fields[name] = field
            form.addRow(title, field)
        for name, title, choices in self._choices():
            box = named(QComboBox(), title)
            for text, value in choices:
                box.addItem(text, value)
            self.fields[name] = box
            form.addRow(title, box)
        files = self.tr("Language model {language} ({architecture}), vision part {projector} ({kind}, {size} pixels)").format(
            language=request.language.name,
            projector=request.projector.name,
            architecture=request.architecture,
            kind=request.projector_type or request.family,
            size=request.image_size,
        )
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.addWidget(text_label(files, muted=True))
        inner.addLayout(form)
        inner.addWidget(heading(self.tr("What can be proven of this pair")))
        checks = text_label("\n".join(f"• {check(name, said)}" for name, said in request.checks.items()), muted=True, selectable=True)
        inner.addWidget(checks)
        inner.addStretch(1)
        area = named(QScrollArea(), self.tr("An expert without a card"))
        area.setWidgetResizable(True)
        area.setWidget(body)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.missing = text_label(muted=True)
        layout = QVBoxLayout(self)
        why = self.tr("No card is in this folder. State what its maker says; a wrong word makes every answer worthless.")
        layout.addWidget(text_label(why))
        layout.addWidget(area, 1)
        layout.addWidget(self.missing)
        layout.addWidget(self.buttons)
        self._put("question_form", "{question}")
        self._put("name", request.name)
        self._put("id", re.sub(r"[^a-z0-9._-]+", "-", request.name.lower()).strip("-._")[:64])
        self.resize(680, 620)
        self._enable()

    def _choices(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        kinds = [(self.tr("Detector: gives findings"), "detector"), (self.tr("General: answers questions only"), "general")]
        preparations = [
            (self.tr("Crop the middle square"), "crop"),
            (self.tr("Pad to a square"), "pad"),
            (self.tr("Residual: the high-pass of the middle square"), "residual"),
            (self.tr("Residual of twice as much of the middle, as means"), "residual-mean"),
        ]
        return [("kind", self.tr("Kind"), kinds), ("preparation", self.tr("How the picture is prepared"), preparations)]

    def _put(self, name: str, text: str) -> None:
        field = self.fields[name]
        assert isinstance(field, QLineEdit)  # noqa: S101
        field.setText(text)

    def said(self, name: str) -> str:
        """What a field holds now."""
        field = self.fields[name]
        if isinstance(field, QComboBox):
            return str(field.currentData())
        return field.text().replace(r"\n", "\n") if name in _TEMPLATE else field.text().strip()

    def _enable(self) -> None:
        if len(self.fields) < len(rows()):
            return
        empty = [rows()[name][0] for name in _NEEDED if not self.said(name)]
        wrong = bool(self.said("id")) and not _ID.fullmatch(self.said("id"))
        if empty:
            self.missing.setText(self.tr("Still to be stated: {what}").format(what=", ".join(empty)))
        elif self.said("question_form").count("{question}") != 1:
            self.missing.setText(self.tr("The text after the picture has to contain {question} exactly once."))
        elif wrong:
            self.missing.setText(self.tr("The short name takes small letters, digits, dot, hyphen and underscore only."))
        else:
            self.missing.setText("")
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not self.missing.text())

    def answers(self) -> Any:
        """``CardAnswers`` as the form says."""
        from models.cards import Licence
        from models.importing import CardAnswers

        given = {name: self.said(name) for name in self.fields}
        return CardAnswers(**{**given, "licence": Licence(given["licence"])})  # type: ignore[arg-type]


def check(name: str, said: str) -> str:
    """A proof and whether it applies to this pair; in other languages than English in words of our own, where the proof is known."""
    translate = QCoreApplication.translate
    known = {
        ("hashes", "applies"): translate("CardDialog", "Hashes: both files are hashed before every load."),
        ("headers", "applies"): translate("CardDialog", "Headers: both are read in Python before native code sees the files."),
        ("question", "applies"): translate("CardDialog", "Question: llama.cpp must tokenise it as the card says."),
        ("repeatability", "applies"): translate("CardDialog", "Repeatability: the same picture must give the same score, bit for bit."),
        ("reference", "does not apply"): translate(
            "CardDialog", "Not proven: that the pair gives its checkpoint's answers, for it came without reference numbers."
        ),
        ("class-order", "applies"): translate("CardDialog", "Order: llama.cpp's order of class and patch tokens is corrected."),
        ("class-order", "does not apply"): translate("CardDialog", "Not proven: llama.cpp's own picture processing is trusted."),
        ("calibration", "does not apply until"): translate(
            "CardDialog", "Not proven: how often it is wrong, until “telltale calibrate” has measured it on pictures whose truth is known."
        ),
        ("layers", "applies"): translate("CardDialog", "Layer: the vision part states which layer of the tower is used."),
        ("layers", "fails"): translate(
            "CardDialog", "Fails: the vision part does not state which layer is used; files of older converters run one layer too few."
        ),
    }
    own = next((text for (proof, state), text in known.items() if proof == name and said.startswith(state)), "")
    return own if own and languages.current() != "en" else f"{name}: {said}"


def rows() -> dict[str, tuple[str, str]]:
    """Title and example of each line of the form, by the field of ``CardAnswers``."""
    translate = QCoreApplication.translate
    return {
        "id": (translate("CardDialog", "Short name"), "my-detector"),
        "name": (translate("CardDialog", "Name"), ""),
        "question": (translate("CardDialog", "The question that it was trained on"), "Does the image looks real/fake?"),
        "fake_word": (translate("CardDialog", "Its word for AI-made"), "fake"),
        "real_word": (translate("CardDialog", "Its word for camera pictures"), "real"),
        "answer_start": (translate("CardDialog", "How every answer begins, up to that word"), "This is a"),
        "before_picture": (translate("CardDialog", "Text before the picture (of its template)"), "USER: "),
        "question_form": (translate("CardDialog", "Text after the picture, with {question} in its place"), r"\n{question} ASSISTANT:"),
        "licence": (translate("CardDialog", "Licence of the weights"), "CC-BY-NC-4.0"),
    }
