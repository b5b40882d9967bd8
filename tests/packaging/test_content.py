"""What the packages carry, and that every file that installers need is there and well formed."""

import configparser
import importlib.util
import json
import plistlib
import re
import subprocess
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from defusedxml import ElementTree

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def load(name: str) -> ModuleType:
    """A module of packaging/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", PACKAGING / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


content = load("content")


def test_no_network_client_and_no_training_library_is_shipped() -> None:
    assert {"huggingface_hub", "hf_xet", "aiohttp", "httpx", "requests", "urllib3", "torch", "tkinter"} <= set(content.EXCLUDED_MODULES)


def test_every_kind_of_data_that_the_application_reads_is_collected(tmp_path: Path) -> None:
    for file in ("models/starter/expert/language.gguf", "desktop/report/standalone.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    for package in ("desktop", "convert", "models"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                copy = tmp_path / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.touch()
    found = {path.relative_to(tmp_path).as_posix() for path, _folder in content.data_files(tmp_path)}
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".py"} - found
    # The translations' sources, the list of training pictures, notes for people, what the starter was measured with, what is compiled.
    assert {Path(name).suffix for name in left} <= {".ts", ".gz", ".md", ".csv", ".png", ".jpg", ".c", ".h"}
    assert "desktop/report/standalone.py" in found
    assert all(folder == Path(path).parent.relative_to(tmp_path).as_posix() for path, folder in content.data_files(tmp_path))


def test_a_package_without_an_expert_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="expert"):
        content.data_files(tmp_path)


@pytest.mark.parametrize(("name", "wanted"), [
    ("PySide6/Qt/lib/libQt6Core.so.6", True),
    ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
    ("PySide6/Qt/plugins/platforms/libqoffscreen.so", True),
    ("PySide6/Qt/lib/libQt6Quick.so.6", False),
    ("PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so", False),
    ("PySide6/plugins/imageformats/qpdf.dll", False),
    ("PySide6\\plugins\\tls\\qschannelbackend.dll", False),
    ("PySide6/Qt/translations/qtbase_zh_CN.qm", True),
    ("PySide6/Qt/translations/qtbase_fr.qm", False),
    ("desktop/gui/translations/telltale_zh_CN.qm", True),
    ("llama_cpp/lib/libllama.so", True),
    ("ucrtbase.dll", False),
    ("api-ms-win-crt-math-l1-1-0.dll", False),
    ("vcruntime140.dll", True),
    ("numpy-2.4.6.dist-info/RECORD", False),
    ("numpy-2.4.6.dist-info\\RECORD", False),
    ("llama_cpp_python-0.3.36.dist-info/direct_url.json", False),
    ("numpy-2.4.6.dist-info/METADATA", True),
    ("numpy-2.4.6.dist-info/licenses/LICENSE.txt", True),
])
def test_unused_parts_of_qt_and_of_windows_and_pips_notes_stay_out(name: str, wanted: bool) -> None:
    assert content.wanted(name) is wanted


def test_a_library_goes_when_nothing_needs_it_any_more() -> None:
    entries = [("a/module.so", "/1", "EXTENSION"), ("libx.so", "/x", "BINARY"), ("liby.so", "/y", "BINARY"), ("libz.so", "/z", "BINARY"),
               ("libl.so", "a/l.so", "SYMLINK"), ("libp.so", "/p", "BINARY")]
    imports = {"/1": {"libx.so"}, "/x": {"liby.so"}, "/z": {"libz.so"}, content.ALWAYS: {"libp.so"}}
    assert [entry[0] for entry in content.needed(entries, imports)] == ["a/module.so", "libx.so", "liby.so", "libl.so", "libp.so"]


def test_training_and_rehearsal_code_stays_out() -> None:
    assert content.OWN_LEFT_OUT.match("models.starter.train_tower")
    assert not content.OWN_LEFT_OUT.match("models.store")


def test_the_spec_refuses_a_bundle_without_llama() -> None:
    text = (PACKAGING / "telltale.spec").read_text("utf-8")
    compile(text, "telltale.spec", "exec")
    assert "refusing to build a bundle that cannot run" in text
    assert 'name="telltale", console=True' in text
    assert 'name="telltale-window", console=False' in text


def test_the_desktop_entry_opens_pictures_in_the_window() -> None:
    entry = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(PACKAGING / "linux/telltale.desktop", "utf-8")
    values = entry["Desktop Entry"]
    assert values["Exec"] == "telltale-window %F"
    assert values["Terminal"] == "false"
    assert "image/jpeg;" in values["MimeType"]
    assert all(values[key].endswith(";") for key in ("MimeType", "Categories", "Keywords"))


def test_the_man_page_knows_every_command() -> None:
    from desktop.cli import build_parser

    page = (PACKAGING / "linux/telltale.1").read_text("utf-8")
    listed = set(re.findall(r"^\.B ([a-z]+)$", page, re.MULTILINE)) - {"telltale"}
    (commands,) = [action.choices for action in build_parser()._actions if action.dest == "command"]
    assert commands is not None
    assert listed == set(commands)


def test_icons_have_their_sizes() -> None:
    from PIL import Image

    sizes = load("make_packages").ICON_SIZES
    for size in sizes:
        with Image.open(PACKAGING / f"linux/icons/{size}.png") as icon:
            assert icon.size == (size, size)
    assert ElementTree.parse(PACKAGING / "linux/telltale.svg").getroot().get("viewBox") == "0 0 128 128"


def test_the_archive_is_the_same_twice(tmp_path: Path) -> None:
    pack = load("archive").pack
    made = []
    for number, order in enumerate(("ab", "ba")):
        folder = tmp_path / str(number) / "telltale"
        folder.mkdir(parents=True)
        for name in order:
            (folder / name).write_text(name, "ascii")
        (folder / "link").symlink_to("a")
        target = tmp_path / f"{number}.tar.xz"
        pack(folder, target, 1_700_000_000)
        made.append(target.read_bytes())
    assert made[0] == made[1]


def test_two_freezes_are_compared_file_by_file(tmp_path: Path) -> None:
    compare = load("compare")
    for name in ("one", "other"):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub/same").write_text("x", "ascii")
        (tmp_path / name / "link").symlink_to("sub/same")
    one, other = tmp_path / "one", tmp_path / "other"
    assert compare.differences(one, other) == []
    (one / "sub/more").touch()
    (other / "sub/same").chmod(0o755)
    (other / "link").unlink()
    (other / "link").symlink_to("sub")
    assert compare.differences(one, other) == ["differs: link", f"only in {one}: sub/more", "differs: sub/same"]


def frozen(folder: Path) -> Path:
    """The least that may be packed."""
    for name in ("telltale", "_internal/numpy/core.so", "_internal/llama_cpp/lib/libggml-cpu-haswell.so"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_a_frozen_folder_is_packed_only_with_what_may_be_shipped(tmp_path: Path) -> None:
    check = load("making").check
    check(frozen(tmp_path))
    for name, words in (("requests-2.32.dist-info", "must not be shipped"), ("hf_xet.pyd", "must not be shipped"),
                        ("llama_cpp/lib/ggml-cpu.dll", "this processor alone")):
        (tmp_path / "_internal" / name).touch()
        with pytest.raises(SystemExit, match=words):
            check(tmp_path)
        (tmp_path / "_internal" / name).unlink()
    (tmp_path / "_internal/libz.so").symlink_to("libz.so.1")
    with pytest.raises(SystemExit, match="without its file"):
        check(tmp_path)


def test_a_folder_of_which_no_processor_variant_was_frozen_is_refused(tmp_path: Path) -> None:
    frozen(tmp_path)
    (tmp_path / "_internal/llama_cpp/lib/libggml-cpu-haswell.so").unlink()
    with pytest.raises(SystemExit, match="this processor alone"):
        load("making").check(tmp_path)


def test_checksums_are_those_of_the_packages(tmp_path: Path) -> None:
    for name in ("telltale-1-windows.msi", "telltale-1-windows.cdx.json", "test.json"):
        (tmp_path / name).write_text(name, "ascii")
    (tmp_path / "scratch").mkdir()
    checksums = load("making").checksums
    assert [path.name for path in checksums(tmp_path)] == ["telltale-1-windows.cdx.json", "telltale-1-windows.msi"]
    checksums(tmp_path)  # a second time does not count the first
    told = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert told.stdout.splitlines() == ["telltale-1-windows.cdx.json: OK", "telltale-1-windows.msi: OK"]


def site_packages(folder: Path) -> Path:
    """Two libraries that are shipped, and one that is not."""
    for name, number in (("llama_cpp_python", "0.3.36"), ("numpy", "2.4.6"), ("pip", "26.1")):
        about = folder / f"{name}-{number}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\nLicense-Expression: MIT\n", "ascii")
        (about / "LICENSE").write_text(name, "ascii")
        (about / "RECORD").write_text(f"{about.name}/METADATA,,\n{about.name}/LICENSE,,\n", "ascii")
    return folder


def test_the_bill_of_materials_names_what_is_shipped_and_is_the_same_twice(tmp_path: Path) -> None:
    inventory, site = load("inventory"), site_packages(tmp_path / "site")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        inventory.put(tmp_path / name, "1.2.3", 1_700_000_000, {}, python="3.11.9", site=site)
    text = (tmp_path / "one/sbom.cdx.json").read_text("utf-8")
    assert text == (tmp_path / "other/sbom.cdx.json").read_text("utf-8")
    named = {part["name"]: part["version"] for part in json.loads(text)["components"]}
    assert named == {"cpython": "3.11.9", "llama-cpp-python": "0.3.36", "llama.cpp": "0c1e57098", "numpy": "2.4.6"}
    assert (tmp_path / "one/licenses/numpy/LICENSE").read_text("ascii") == "numpy"
    assert (tmp_path / "one/licenses/LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_a_library_of_our_own_is_listed_where_it_is_carried(tmp_path: Path) -> None:
    carried = tmp_path / "_internal/llama_cpp/lib/libggml-int8.so"
    carried.parent.mkdir(parents=True)
    carried.touch()
    load("inventory").put(tmp_path, "1.2.3", 1_700_000_000, {}, python="3.11.9", site=site_packages(tmp_path / "site"))
    (listed,) = [part for part in json.loads((tmp_path / "sbom.cdx.json").read_text("utf-8"))["components"] if part["name"] == carried.name]
    assert (listed["version"], listed["licenses"]) == ("1.2.3", [{"license": {"name": "Apache-2.0"}}])


def test_nothing_is_shipped_without_its_licence(tmp_path: Path) -> None:
    site = site_packages(tmp_path / "site")
    with pytest.raises(SystemExit, match="no licence text for: libnobody"):
        load("inventory").put(tmp_path, "1.2.3", 1_700_000_000, {"libnobody": "1"}, python="3.11.9", site=site, documents=tmp_path)
    (site / "numpy-2.4.6.dist-info/LICENSE").rename(tmp_path / "elsewhere")
    (site / "numpy-2.4.6.dist-info/RECORD").write_text("", "ascii")
    with pytest.raises(SystemExit, match="no licence text for: numpy"):
        load("inventory").put(tmp_path, "1.2.3", 1_700_000_000, {}, python="3.11.9", site=site)
    assert not (tmp_path / "sbom.cdx.json").exists()


def test_the_windows_package_lists_every_file_once(tmp_path: Path) -> None:
    for name in ("telltale.exe", "telltale-window.exe", "_internal/a.dll", "_internal/deep/a.dll"):
        (tmp_path / "telltale" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "telltale" / name).touch()
    write = load("wix").write
    for target in ("1.wxs", "2.wxs"):
        write(tmp_path / "telltale", tmp_path / target, "1.2.3")
    assert (tmp_path / "1.wxs").read_bytes() == (tmp_path / "2.wxs").read_bytes()
    tree = ElementTree.parse(tmp_path / "1.wxs")
    space = "{http://schemas.microsoft.com/wix/2006/wi}"
    components, wanted = tree.findall(f".//{space}Component"), tree.findall(f".//{space}ComponentRef")
    assert len({item.get("Guid") for item in components}) == 4
    assert sorted(str(item.get("Id")) for item in components) == sorted(str(item.get("Id")) for item in wanted)
    (product,) = tree.findall(f"{space}Product")
    (tmp_path / "telltale/telltale.exe").write_text("changed", "ascii")
    write(tmp_path / "telltale", tmp_path / "3.wxs", "1.2.3")
    (other,) = ElementTree.parse(tmp_path / "3.wxs").findall(f"{space}Product")
    assert (product.get("UpgradeCode"), product.get("Version")) == (other.get("UpgradeCode"), other.get("Version"))
    assert product.get("Id") != other.get("Id")  # another build of one version is another product, which Windows does not take for this one
    assert [item.get("Target") for item in tree.findall(f".//{space}Shortcut")] == ["[INSTALLDIR]telltale-window.exe"]


def test_what_is_random_in_a_windows_package_is_settled(tmp_path: Path) -> None:
    settle, made = load("wix").settle, []
    for number, code in enumerate(("B9DC3BA1-C94F-478B-B8ED-9FEB5678326A", "574A6D7D-26CD-4279-9878-CD184A78D164")):
        package = tmp_path / f"{number}.msi"
        time = b"@\0\0\0" + bytes([number] * 8)
        package.write_bytes(b"before{" + code.encode("ascii") + b"}\0\0" + time + time + b"after")
        settle(package, 1_700_000_000)
        made.append(package.read_bytes())
    assert made[0] == made[1]
    assert made[0].startswith(b"before{")
    assert made[0].endswith(b"}\0\0" + 2 * (b"@\0\0\0" + bytes.fromhex("00006dc64717da01")) + b"after")
    (tmp_path / "other.msi").write_bytes(b"no package")
    with pytest.raises(SystemExit, match="summary information"):
        settle(tmp_path / "other.msi", 1_700_000_000)


def test_a_windows_wheel_of_llama_is_complete(tmp_path: Path) -> None:
    for name in ("source/llama_cpp/__init__.py", "source/LICENSE.md", "lib/llama.dll"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, "ascii")
    (tmp_path / "source/PKG-INFO").write_text("Metadata-Version: 2.1\nName: llama_cpp_python\nVersion: 1.2.3\n", "ascii")
    (tmp_path / "site").mkdir()
    load("windows_python").put_llama(tmp_path / "site", tmp_path / "source", tmp_path / "lib")
    (item,) = metadata.distributions(path=[str(tmp_path / "site")])
    assert item.version == "1.2.3"
    assert {str(file) for file in item.files or ()} >= {"llama_cpp/lib/llama.dll", "llama_cpp_python-1.2.3.dist-info/licenses/LICENSE.md"}
    assert all(file.locate().is_file() for file in item.files or ())


@pytest.mark.parametrize("script", sorted(path.relative_to(PACKAGING).as_posix() for path in PACKAGING.rglob("*.sh")))
def test_shell_scripts_parse(script: str) -> None:
    assert (PACKAGING / script).stat().st_mode & 0o100
    subprocess.run(["bash", "-n", str(PACKAGING / script)], check=True)


def test_the_mac_bundle_is_described() -> None:
    entitlements = plistlib.loads((PACKAGING / "macos/entitlements.plist").read_bytes())
    assert entitlements == {"com.apple.security.cs.allow-unsigned-executable-memory": True}
    info = content.info_plist()
    plistlib.dumps(info)
    assert info["CFBundleExecutable"] == "telltale-window"  # a double click opens the window, not the command
    assert info["CFBundleDocumentTypes"][0]["LSItemContentTypes"][0] == "public.image"
