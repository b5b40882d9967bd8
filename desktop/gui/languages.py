"""The languages of the window: English in the code, others in Qt Linguist files beside this module."""

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

FOLDER = Path(__file__).with_name("translations")
KNOWN = {"en": "English", "zh_CN": "简体中文"}
_installed: list[QTranslator] = []
_current = ["en"]


def choose(wish: str) -> str:
    """A known language for a setting; ``system`` takes the desktop's when it is known, else English."""
    if wish in KNOWN:
        return wish
    name = QLocale.system().name()
    return "zh_CN" if name.startswith("zh") else "en"


def use(wish: str) -> str:
    """Install the translators of a language in place of the last ones; returns the language."""
    while _installed:
        QCoreApplication.removeTranslator(_installed.pop())
    language = choose(wish)
    if language != "en":
        from PySide6.QtCore import QLibraryInfo

        for name, folder in (("qtbase", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)), ("telltale", str(FOLDER))):
            translator = QTranslator()
            if translator.load(f"{name}_{language}", folder) and QCoreApplication.installTranslator(translator):
                _installed.append(translator)
    _current[0] = language
    return language


def current() -> str:
    """The language in use."""
    return _current[0]


def short() -> Literal["en", "zh"]:
    """The language as reports and evidence know it: ``en`` or ``zh``."""
    return "zh" if current().startswith("zh") else "en"


def families(language: str) -> list[str]:
    """Fonts to prefer for a language, beside the desktop's own; what is not installed is passed over."""
    if language != "zh_CN":
        return []
    return ["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei UI", "PingFang SC", "WenQuanYi Micro Hei"]
