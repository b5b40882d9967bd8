"""What a package carries and under which licence: licence texts, and a software bill of materials (CycloneDX 1.6).

usage: inventory.py FOLDER --when SECONDS [--libraries JSON]     (FOLDER: the frozen folder; JSON: the libraries that were bundled)
Reads the environment that the package is built from, so that the versions are those that are shipped: this Python's own, or that of a
``site`` folder, which may be another system's.
"""

import argparse
import json
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import uuid
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

from content import NOT_SHIPPED, ROOT
from content import version as version_of

_TEXT = re.compile(r"(licen[cs]e|copying|notice|authors|copyright)", re.IGNORECASE)
# Distributions that come without a licence text, and which of the common texts is theirs.
_COMMON = {"pyside6-essentials": ("LGPL-3", "GPL-2", "GPL-3"), "shiboken6": ("LGPL-3", "GPL-2", "GPL-3"), "c2pa-python": ("Apache-2.0",)}
# llama-cpp-python -> the llama.cpp in its archive, as the archive's CHANGELOG.md says.
_LLAMA_CPP = {"0.3.36": "0c1e57098"}
_TEXTS = Path(__file__).resolve().parent / "licenses"
# Libraries compiled from this repository; the program's own licence is theirs.
_OWN = ("libggml-int8.so",)


def distributions(site: Path | None = None) -> list[metadata.Distribution]:
    """The shipped Python distributions, by name."""
    found = {_name(item): item for item in (metadata.distributions(path=[str(site)]) if site else metadata.distributions())}
    return [found[name] for name in sorted(found) if name not in NOT_SHIPPED]


def system_packages(libraries: list[str]) -> dict[str, str]:
    """Debian packages, with version, of the bundled libraries that came from the system that built the bundle."""
    prefixes = (str(ROOT), sysconfig.get_paths()["platlib"])
    owners: dict[str, str] = {}
    for file in libraries:
        if file.startswith(prefixes):
            continue
        for candidate in dict.fromkeys((file, str(Path(file).resolve()), str(Path(file).resolve()).removeprefix("/usr"))):
            answer = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True, check=False)
            if answer.returncode == 0:
                package = answer.stdout.split(":")[0]
                shown = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=True)
                owners[package] = shown.stdout
                break
    return dict(sorted(owners.items()))


def put(folder: Path, version: str, when: int, packages: dict[str, str], *, python: str, site: Path | None = None,
        licence: Path | None = None, documents: Path = Path("/usr/share/doc")) -> None:
    """Put licences and bill into a frozen folder; refuses when something is carried whose licence text is missing.

    ``packages``: Debian packages and their versions, whose licence texts are in ``documents``; ``python``: the version of CPython;
    ``licence``: CPython's, by default that of this one.
    """
    missing = write_licences(folder / "licenses", packages, site, licence, documents)
    if missing:
        raise SystemExit("no licence text for: " + ", ".join(missing))
    own = [name for name in _OWN if any(folder.rglob(name))]
    text = json.dumps(bill(version, when, packages, python, site, own), indent=1)
    (folder / "sbom.cdx.json").write_text(text + "\n", "utf-8")


def write_licences(target: Path, packages: dict[str, str], site: Path | None, licence: Path | None, documents: Path) -> list[str]:
    """Copy every licence text to ``target``; the names of what has none. For the arguments see ``put``."""
    missing = []
    shutil.rmtree(target, ignore_errors=True)
    for item in distributions(site):
        name, copied = _name(item), 0
        folder = target / name
        for file in item.files or ():
            inside = any(part.endswith(".dist-info") for part in file.parts)
            if inside and file.name != "METADATA" and (_TEXT.search(file.name) or "licenses" in file.parts):
                source = Path(str(item.locate_file(file)))
                goal = folder / "/".join(part for part in file.parts[1:] if part != "licenses")
                goal.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, goal)
                copied += 1
        for text in _COMMON.get(name, ()):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_TEXTS / f"{text}.txt", folder / f"{text}.txt")
            copied += 1
        if not copied:
            missing.append(name)
    for package in packages:
        source = documents / package / "copyright"
        if source.is_file():
            (target / "system" / package).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / "system" / package / "copyright")
        else:
            missing.append(package)
    (target / "python").mkdir(parents=True, exist_ok=True)
    own = [Path(folder, "LICENSE.txt") for folder in (sysconfig.get_paths()["stdlib"], sys.base_prefix)]
    shutil.copyfile(licence or next(file for file in own if file.is_file()), target / "python" / "LICENSE.txt")
    (target / "llama.cpp").mkdir()
    shutil.copyfile(_TEXTS / "llama.cpp.txt", target / "llama.cpp" / "LICENSE")
    shutil.copyfile(ROOT / "LICENSE", target / "LICENSE")
    shutil.copyfile(ROOT / "desktop/report/fonts/OFL.txt", target / "fonts-OFL.txt")
    return missing


def bill(version: str, when: int, packages: dict[str, str], python: str, site: Path | None, own: list[str]) -> dict[str, object]:
    """The bill of materials; the same sources give the same bytes. ``own``: native libraries of ours. For the others see ``put``."""
    components = [_component(name, version, f"pkg:generic/{name}@{version}", "Apache-2.0") for name in own]
    for item in distributions(site):
        components.append(_component(_name(item), item.version, f"pkg:pypi/{_name(item)}@{item.version}", _expression(item)))
        if _name(item) == "llama-cpp-python":
            commit = _LLAMA_CPP[item.version]
            components.append(_component("llama.cpp", commit, f"pkg:github/ggml-org/llama.cpp@{commit}", "MIT"))
    components += [_component(name, number, f"pkg:deb/debian/{name}@{quote(number)}?arch=amd64", "") for name, number in packages.items()]
    components.append(_component("cpython", python, f"pkg:generic/cpython@{python}", "PSF-2.0"))
    stamp = datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([version, when, components], sort_keys=True))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}", "version": 1,
        "metadata": {"timestamp": stamp, "component": {"type": "application", "name": "telltale", "version": version, "bom-ref": "telltale",
                                                        "licenses": [{"expression": "Apache-2.0"}]}},
        "components": components,
    }


def _component(name: str, version: str, purl: str, licence: str) -> dict[str, object]:
    component: dict[str, object] = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def _expression(item: metadata.Distribution) -> str:
    about = item.metadata
    declared = about.get("License-Expression") or about.get("License") or ""
    if declared and "\n" not in declared and len(declared) < 80:
        return declared
    classes = [line.rsplit("::", 1)[1].strip() for line in about.get_all("Classifier") or () if line.startswith("License ::")]
    return " / ".join(classes)


def _name(item: metadata.Distribution) -> str:
    return re.sub(r"[-_.]+", "-", item.metadata["Name"]).lower()


def main() -> int:
    """Put licences and bill into a frozen folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--when", type=int, required=True)
    parser.add_argument("--libraries", type=Path)
    arguments = parser.parse_args()
    found = system_packages(json.loads(arguments.libraries.read_text("utf-8"))) if arguments.libraries else {}
    put(arguments.folder, version_of(), arguments.when, found, python=platform.python_version())
    return 0


if __name__ == "__main__":
    sys.exit(main())
