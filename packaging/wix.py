"""Writes the description of the Windows package (.msi, for managed machines) from the frozen folder, for msitools' wixl."""

import hashlib
import re
import uuid
from pathlib import Path
from xml.etree import ElementTree as Tree

NAME = "Telltale"
UPGRADE_CODE = "B3A6B6C1-5C1E-4F0B-9A54-7B0C3E7D2F19"  # what makes a newer package replace an older one; never changes
_FROM_1601 = 11_644_473_600  # seconds from the beginning of Windows' time to that of Unix


def write(folder: Path, target: Path, version: str) -> None:
    """One component for each file, with an identity that depends on its place alone, so that it stays the same between versions.

    The product's own identity comes from what is in it: the same files give the same package.
    """
    wix = Tree.Element("Wix", xmlns="http://schemas.microsoft.com/wix/2006/wi")
    product = _part(wix, "Product", Id=_identity("product", version, _digest(folder)), Name=NAME, UpgradeCode=UPGRADE_CODE, Language="1033",
                    Codepage="1252", Version=version, Manufacturer="Telltale project")
    _part(product, "Package", InstallerVersion="200", Compressed="yes", InstallScope="perMachine")
    # An older version goes first, so that none of its files stays behind; a newer one is not replaced.
    _part(product, "MajorUpgrade", DowngradeErrorMessage="A newer version of Telltale is installed already.")
    _part(product, "Media", Id="1", Cabinet="telltale.cab", EmbedCab="yes")
    top = _part(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    place = _part(_part(top, "Directory", Id="ProgramFiles64Folder"), "Directory", Id="INSTALLDIR", Name=NAME)
    _part(top, "Directory", Id="ProgramMenuFolder")
    names: list[str] = []
    _add(place, folder, folder, names)
    feature = _part(product, "Feature", Id="Main", Level="1")
    for name in names:
        _part(feature, "ComponentRef", Id=name)
    Tree.ElementTree(wix).write(target, encoding="utf-8", xml_declaration=True)


def settle(package: Path, when: int) -> None:
    """Replace the random code and the two times that wixl gives a package: the code comes from the rest, the times are ``when``.

    They stand one after the other in the package's summary information, each in a field of fixed length.
    """
    data = package.read_bytes()
    found = list(re.finditer(rb"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}\0\0@\0\0\0.{8}@\0\0\0.{8}", data, re.DOTALL))
    if len(found) != 1:
        raise SystemExit(f"{package.name}: no summary information as wixl writes it")
    head, tail = data[:found[0].start()], data[found[0].end():]
    code = _identity("package", hashlib.sha256(head + tail).hexdigest())
    time = ((when + _FROM_1601) * 10_000_000).to_bytes(8, "little")
    package.write_bytes(head + f"{{{code}}}\0\0".encode("ascii") + 2 * (b"@\0\0\0" + time) + tail)


def _add(parent: Tree.Element, folder: Path, root: Path, names: list[str]) -> None:
    for path in sorted(folder.iterdir()):
        relative = path.relative_to(root).as_posix()
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"{NAME}/{relative}")
        if path.is_dir():
            _add(_part(parent, "Directory", Id=f"d{key.hex}", Name=path.name), path, root, names)
            continue
        component = _part(parent, "Component", Id=f"c{key.hex}", Guid=str(key))
        _part(component, "File", Id=f"f{key.hex}", Source=path.as_posix(), KeyPath="yes")
        names.append(f"c{key.hex}")
        if relative == "telltale-window.exe":
            # With a target of its own, because Wine does not remove one that waits for its first use to be installed.
            _part(component, "Shortcut", Id="StartMenu", Directory="ProgramMenuFolder", Name=NAME, WorkingDirectory="INSTALLDIR",
                  Target="[INSTALLDIR]telltale-window.exe")


def _digest(folder: Path) -> str:
    """Of the names and the bytes of all files."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(folder).as_posix()}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _identity(*names: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((NAME, *names)))).upper()


def _part(parent: Tree.Element, name: str, **attributes: str) -> Tree.Element:
    return Tree.SubElement(parent, name, attributes)
