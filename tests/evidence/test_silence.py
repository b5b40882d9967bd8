"""No mark opens a connection: proved by a process that the kernel kills at the first internet socket, and inside the real confinement."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from samples.files import jpeg, saved, signed, signer, xmp

ROOT = Path(__file__).resolve().parents[2]

# A filter that kills the whole process at socket(AF_INET or AF_INET6, …): name look-ups and connections alike need one.
TRAP = """
import ctypes, struct, sys
def trap():
    libc = ctypes.CDLL(None, use_errno=True)
    rules = [(0x20, 0, 0, 0), (0x15, 0, 4, 41), (0x20, 0, 0, 16), (0x15, 1, 0, 2), (0x15, 0, 1, 10), (0x06, 0, 0, 0x80000000),
             (0x06, 0, 0, 0x7FFF0000)]
    program = b"".join(struct.pack("<HBBI", *rule) for rule in rules)
    buffer = ctypes.create_string_buffer(program, len(program))
    class Fprog(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
    fprog = Fprog(len(rules), ctypes.cast(buffer, ctypes.c_void_p))
    assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.byref(fprog), 0, 0) == 0
trap()
data = open(sys.argv[1], "rb").read()
"""
READ = TRAP + """
from desktop.evidence.marks import read_marks
print({mark.id: mark.state for mark in read_marks(data, "jpeg", {})}["c2pa-remote"])
"""
DIRECT = TRAP + """
import io, c2pa
from desktop.evidence.marks.credentials import OFFLINE
settings = {0} if len(sys.argv) > 2 else OFFLINE
try:
    c2pa.Reader("image/jpeg", io.BytesIO(data), context=c2pa.Context.from_dict(settings))
except Exception as error:
    print(type(error).__name__)
""".replace("{0}", "{'verify': {'remote_manifest_fetch': True}}")

needs_the_filter = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="the trap is written for x86-64 Linux"
)


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def beacons(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Pictures that ask to be fetched about: by XMP alone, by a signed pointer, and by both an embedded manifest and a pointer."""
    folder = tmp_path_factory.mktemp("beacons")
    address, who = "http://192.0.2.1/manifest.c2pa", signer()
    files = {
        "xmp": jpeg(xmp=xmp(attributes=f'dcterms:provenance="{address}"')),
        "signed": signed(jpeg(), "image/jpeg", who, remote=address, embed=False)[0],
        "both": signed(jpeg(), "image/jpeg", who, remote=address)[0],
        "avif": signed(saved("AVIF"), "image/avif", who)[0], "tiff": signed(saved("TIFF", xmp=xmp()), "image/tiff", who)[0],
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


@needs_the_filter
def test_reading_marks_makes_no_internet_socket(beacons: list[Path]) -> None:
    for path in beacons[:3]:
        result = run(READ, str(path))
        assert (result.returncode, result.stdout.strip()) == (0, "found"), result.stderr


@needs_the_filter
def test_the_library_itself_is_silent_under_these_settings_and_the_trap_works(beacons: list[Path]) -> None:
    for path in beacons[:3]:
        assert run(DIRECT, str(path)).returncode == 0
    assert run(DIRECT, str(beacons[0]), "unsafe").returncode == -31, "the control must be killed by SIGSYS"


def test_marks_are_the_same_in_a_confined_and_sealed_process(beacons: list[Path]) -> None:
    script = """
import sys
from desktop.workers.confine import confine, program_paths, seal
data = [open(name, "rb").read() for name in sys.argv[2:]]
if sys.argv[1] == "sealed":
    confine(readable=program_paths(), memory_limit=4 << 30, cpu_seconds=60)
from desktop.evidence.marks import prepare, read_marks
import hashlib, msgspec
prepare()
if sys.argv[1] == "sealed":
    seal()
for part in data:
    marks = read_marks(part, "", {})
    print({m.id: m.state for m in marks}["c2pa"], hashlib.sha256(msgspec.json.encode(marks)).hexdigest())
"""
    names = [str(path) for path in beacons]
    inside, outside = run(script, "sealed", *names), run(script, "open", *names)
    assert inside.stdout == outside.stdout, inside.stderr
    assert [line.split()[0] for line in inside.stdout.splitlines()] == ["absent", "absent", "found", "found", "found"]


def test_the_c2pa_library_is_loaded_only_for_files_that_need_it(beacons: list[Path], tmp_path: Path) -> None:
    plain = tmp_path / "plain.jpg"
    plain.write_bytes(jpeg())
    script = """
import sys
from desktop.evidence.marks import read_marks
for name in sys.argv[1:]:
    read_marks(open(name, "rb").read(), "", {})
    print("c2pa" in sys.modules)
"""
    assert run(script, str(plain), str(beacons[0]), str(beacons[2])).stdout.split() == ["False", "False", "True"]
