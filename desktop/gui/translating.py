"""Keeps the Qt Linguist files in step with the code: ``python -m desktop.gui.translating`` updates the ``.ts`` and builds the ``.qm``.

Texts are found in the syntax tree: ``self.tr("…")`` in a class, ``window.tr("…")`` (the main window's), ``translate("Context", "…")``;
then come the declared settings and the fixed texts of other rooms that the window shows. Translations that are there stay; texts that are
gone are dropped.
"""

import ast
import subprocess
import sys
import xml.etree.ElementTree as ET  # it reads and writes our own files only
from collections.abc import Iterator
from pathlib import Path

from desktop.gui.languages import FOLDER, KNOWN

ROOM = Path(__file__).parent
LANGUAGES = tuple(name for name in KNOWN if name != "en")
Text = tuple[str, str]
"""Context and English."""


def texts() -> list[Text]:
    """Every text that people read, in a stable order."""
    found: dict[Text, None] = {}
    for path in sorted(ROOM.glob("*.py")):
        found.update(dict.fromkeys(_in_file(path)))
    from desktop.gui.settings import declared

    for field in declared():
        found[("Settings", field.meta.title)] = None
        found[("Settings", field.meta.description)] = None
    found.update(dict.fromkeys(_of_other_rooms()))
    return sorted(found)


def _of_other_rooms() -> Iterator[Text]:
    """Fixed texts that the window shows and other rooms own."""
    from desktop.intake.problems import DEVIATIONS, READS, REFUSED, TEXTS
    from models.cards import load_card
    from models.catalogue import load_catalogue
    from models.store import bundled_folder

    for text in (*TEXTS.values(), *(f"{said} {READS}" for said in REFUSED.values()), *DEVIATIONS.values()):
        yield "Failure", text
    for entry in load_catalogue().entries.values():
        if not entry.source:
            continue  # it ships, and is shown with the words of its own card
        for text in (entry.good_for, entry.not_for, entry.hardware.note):
            yield "Catalogue", text
    starter = load_card(bundled_folder())
    for text in (starter.good_for, starter.not_for, starter.calibration.domain if starter.calibration is not None else ""):
        if text:
            yield "Catalogue", text


def _in_file(path: Path) -> Iterator[Text]:
    tree = ast.parse(path.read_text("utf-8"))
    owners = {child: node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for child in ast.walk(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        words = [argument.value for argument in node.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr == "tr" and words:
            owner = "MainWindow" if getattr(function.value, "id", "") == "window" else owners[node]
            owner = "MainWindow" if owner == "WindowFrame" else owner
            yield owner, words[0]
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name == "translate" and len(words) == 2:
            yield words[0], words[1]


def known(language: str) -> dict[tuple[str, str], str]:
    """The translations that a ``.ts`` file holds."""
    path = FOLDER / f"telltale_{language}.ts"
    if not path.is_file():
        return {}
    result = {}
    for context in ET.parse(path).getroot().iter("context"):  # noqa: S314
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is not None and translation.text:
                result[(context.findtext("name", ""), message.findtext("source", ""))] = translation.text
    return result


def write(language: str, translations: dict[tuple[str, str], str]) -> Path:
    """Write the ``.ts`` of a language; what has no translation is marked unfinished."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    contexts: dict[str, ET.Element] = {}
    for context, source in texts():
        if context not in contexts:
            contexts[context] = ET.SubElement(root, "context")
            ET.SubElement(contexts[context], "name").text = context
        message = ET.SubElement(contexts[context], "message")
        ET.SubElement(message, "source").text = source
        translation = ET.SubElement(message, "translation")
        text = translations.get((context, source), "")
        if not text:
            translation.set("type", "unfinished")
        translation.text = text
    ET.indent(root)
    path = FOLDER / f"telltale_{language}.ts"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n' + ET.tostring(root, "utf-8") + b"\n")
    return path


def release(source: Path, target: Path) -> None:
    """Build a ``.qm`` with the lrelease that comes with PySide6."""
    import PySide6

    folder = Path(PySide6.__file__).parent
    program = next(
        path for path in (folder / "lrelease", folder / "Qt" / "libexec" / "lrelease", folder / "lrelease.exe") if path.is_file()
    )
    subprocess.run([str(program), "-silent", str(source), "-qm", str(target)], check=True)


def main() -> int:
    """Update and build every language; 1 when something is not translated yet."""
    missing = 0
    for language in LANGUAGES:
        translations = known(language)
        source = write(language, translations)
        release(source, source.with_suffix(".qm"))
        gaps = [text for context, text in texts() if (context, text) not in translations]
        missing += len(gaps)
        sys.stdout.write(f"{language}: {len(gaps)} without translation\n" + "".join(f"  {text}\n" for text in gaps))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
