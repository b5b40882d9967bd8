"""The bundle: a valid bag that strangers can check, in which no byte can be changed unseen."""

import hashlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from desktop import document
from desktop.cases import custody
from desktop.report import CaseContext, Signer, attach_timestamp, report_file, standalone, verify_bundle, write_bundle
from models.errors import UsageError, VerificationError
from samples import documents
from tests.report import keys

PICTURE = documents.picture(96, 64)


def small() -> document.Analysis:
    """The rich analysis of a small picture, so that bundles are small."""
    value = documents.analysis()
    opinion = value.opinions[0]
    claims = tuple(
        msgspec.structs.replace(c, regions=tuple(document.Region((3, 5, 20, 20), r.weight) for r in c.regions)) for c in opinion.claims
    )
    opinion = msgspec.structs.replace(opinion, claims=claims, frame=msgspec.structs.replace(opinion.frame, box=(16, 0, 64, 64)))
    info = msgspec.structs.replace(value.exhibit, width=96, height=64)
    return msgspec.structs.replace(value, exhibit=info, opinions=(opinion,))


def chain(events: int = 4) -> tuple[str, ...]:
    lines: list[str] = []
    for seq in range(1, events + 1):
        prev = json.loads(lines[-1])["hash"] if lines else custody.GENESIS
        lines.append(
            custody.seal(
                {"seq": seq, "prev": prev, "at": "2026-11-21T03:00:00Z", "who": "Ines", "event": "note", "details": {"text": f"第{seq}"}}
            )
        )
    lines[1] = custody.stub(lines[1])
    return tuple(lines)


def case() -> CaseContext:
    plain = documents.case()
    return CaseContext(
        plain.case_id, plain.item, plain.title, plain.examiner, plain.reviewer, plain.request, plain.propositions, plain.dispositions,
        plain.conclusion, plain.notes, plain.tags, chain(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, Path]:
    signer, root = keys.laboratory()
    trust = tmp_path_factory.mktemp("trust") / "root.pem"
    trust.write_bytes(root)
    return signer, trust


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, laboratory: tuple[Signer, Path]) -> Path:
    """A signed court bundle with everything in it."""
    folder = tmp_path_factory.mktemp("signed")
    authority, _ = keys.time_authority(folder)
    return write_bundle(
        small(),
        PICTURE,
        folder / "out",
        original=b"\xff\xd8 original",
        case=case(),
        views={"ela": PICTURE},
        signer=laboratory[0],
        authority=authority,
    )


@pytest.fixture
def unsigned(tmp_path: Path) -> Path:
    return write_bundle(small(), PICTURE, tmp_path / "out")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)


def test_everything_is_in_its_place(signed: Path) -> None:
    found = {path.relative_to(signed).as_posix() for path in signed.rglob("*") if path.is_file()}
    assert found == {
        "README.txt", "bag-info.txt", "bagit.txt", "verify.py", "manifest-sha256.txt", "manifest-sha512.txt", "tagmanifest-sha256.txt",
        "tagmanifest-sha512.txt", "data/report/analysis.json", "data/report/report.html", "data/report/report.pdf",
        "data/report/case-uco.jsonld",
        "data/repro/run.json", "data/derived/analysed_rgb.png", "data/evidence/original.bin", "data/evidence/original.name.txt",
        "data/custody/log.jsonl", "signatures/certificate.pem", "signatures/seal-sha256.txt", "signatures/seal-sha512.txt",
        "signatures/tagmanifest-sha256.txt.p7s", "signatures/tagmanifest-sha256.txt.tsq", "signatures/tagmanifest-sha256.txt.tsr",
    }  # fmt: skip
    assert report_file(signed, "analysis.json").read_bytes() == document.encode(small())


def test_it_is_a_bag_to_the_reference_implementation(signed: Path) -> None:
    program = "import sys, bagit; bagit.Bag(sys.argv[1]).validate(); print('valid')"
    assert run(sys.executable, "-W", "ignore", "-c", program, signed, cwd=signed.parent).stdout == "valid\n"


def test_telltale_and_the_bundled_program_agree_that_it_holds(signed: Path, laboratory: tuple[Signer, Path]) -> None:
    result = verify_bundle(signed)
    assert (result.ok, result.signature, result.problems) == (True, "good", ())
    assert result.certificate == laboratory[0].fingerprint and "authority not checked" in result.timestamp
    assert verify_bundle(signed, trust=laboratory[1]).signature == "trusted"
    done = run(sys.executable, "-I", "-S", signed / "verify.py", cwd=signed.parent)
    assert done.returncode == 0 and "signature: good" in done.stdout and "the bundle holds" in done.stdout
    done = run(sys.executable, "-I", signed / "verify.py", "--trust", laboratory[1], cwd=signed.parent)
    assert "good, by a trusted certificate" in done.stdout
    assert not list(signed.rglob("__pycache__"))


def test_the_wrong_authority_is_not_trusted(signed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(keys.laboratory()[1])
    result = verify_bundle(signed, trust=other)
    assert not result.ok and result.problems[0].code == "untrusted"
    assert run(sys.executable, signed / "verify.py", "--trust", other, cwd=signed.parent).returncode == 5
    other.write_text("no certificate")
    with pytest.raises(UsageError, match="trust-unreadable"):
        verify_bundle(signed, trust=other)


def test_readme_commands_work_with_sha256sum_and_openssl_alone(signed: Path) -> None:
    readme = (signed / "README.txt").read_text("utf-8")
    for line in ("sha256sum --check --strict tagmanifest-sha256.txt", "sha256sum --check --strict manifest-sha256.txt"):
        assert line in readme
        assert run(*line.split(), cwd=signed).returncode == 0
    openssl = (
        readme.split("     openssl cms")[1]
        .split("\n     openssl x509")[0]
        .replace("\\\n", " ")
        .replace("signer.pem", "/tmp/telltale-signer.pem")
    )
    done = run("openssl", "cms", *openssl.split(), cwd=signed)
    assert done.returncode == 0 and "successful" in done.stderr


def test_without_openssl_the_signature_is_said_not_to_be_checked(signed: Path) -> None:
    done = subprocess.run([sys.executable, str(signed / "verify.py")], env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "signature not checked" in done.stdout


def test_without_a_key_it_says_that_it_is_unsigned(unsigned: Path) -> None:
    result = verify_bundle(unsigned)
    assert result.ok and result.signature == "unsigned" and "anybody could have made it" in "".join(result.lines)
    assert "not signed" in report_file(unsigned).read_text("utf-8") and "not signed" in (unsigned / "README.txt").read_text("utf-8")
    done = run(sys.executable, unsigned / "verify.py", cwd=unsigned)
    assert done.returncode == 0 and "not signed" in done.stdout


def flipped(bundle: Path, positions: int, seed: int) -> Iterator[tuple[str, int]]:
    """Change one byte of one file after another, yielding between the change and its undoing."""
    dice = random.Random(seed)
    for path in sorted(bundle.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        for _ in range(positions):
            place = dice.randrange(len(data))
            path.write_bytes(data[:place] + bytes([data[place] ^ (1 << dice.randrange(8))]) + data[place + 1 :])
            yield path.relative_to(bundle).as_posix(), place
        path.write_bytes(data)


def names_it(bundle: Path, path: str) -> bool:
    """Whether the check of every byte, without any signature, names the changed file."""
    return path in {problem.path for problem in standalone.verify(bundle, with_openssl=False).problems}


@pytest.mark.parametrize("kind", ["signed", "unsigned"])
def test_any_flipped_byte_is_found_and_named(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    bundle = shutil.copytree(request.getfixturevalue(kind), tmp_path / "copy")
    assert [found for found in flipped(bundle, 12, seed=3) if not names_it(bundle, found[0])] == []
    assert verify_bundle(bundle).ok


def test_flipped_bytes_fail_both_programs_whole(signed: Path, tmp_path: Path) -> None:
    bundle = shutil.copytree(signed, tmp_path / "copy")
    for path, _ in flipped(bundle, 1, seed=4):
        result = verify_bundle(bundle)
        assert path in {problem.path for problem in result.problems}
        done = run(sys.executable, signed / "verify.py", bundle, cwd=tmp_path)
        assert done.returncode == 5 and f"FAILED {path}:" in done.stdout


def test_a_signature_whose_certificate_has_an_unknown_kind_of_key_does_not_hold(signed: Path, tmp_path: Path) -> None:
    bundle = shutil.copytree(signed, tmp_path / "copy")
    file = bundle / standalone.CMS
    data, rsa_encryption = bytearray(file.read_bytes()), bytes.fromhex("2a864886f70d010101")
    data[data.index(rsa_encryption) + len(rsa_encryption) - 1] = 5  # sha1WithRSAEncryption, which is no kind of key
    file.write_bytes(bytes(data))
    result = verify_bundle(bundle)
    assert not result.ok and standalone.CMS in {problem.path for problem in result.problems}


@pytest.mark.long
def test_500_flips_of_every_file(signed: Path, tmp_path: Path) -> None:
    bundle = shutil.copytree(signed, tmp_path / "copy")
    for number, (path, place) in enumerate(flipped(bundle, 500, seed=5)):
        assert names_it(bundle, path), (path, place)
        if number % 25 == 0:
            assert path in {problem.path for problem in verify_bundle(bundle).problems}
            done = run(sys.executable, signed / "verify.py", bundle, cwd=tmp_path)
            assert done.returncode == 5 and f"FAILED {path}:" in done.stdout


def test_missing_and_additional_files_are_found(signed: Path, tmp_path: Path) -> None:
    every = [path.relative_to(signed) for path in signed.rglob("*") if path.is_file()]
    for path in every:
        bundle = shutil.copytree(signed, tmp_path / "copy")
        (bundle / path).unlink()
        assert path.as_posix() in {p.path for p in verify_bundle(bundle).problems} or path.name in ("bagit.txt", "bag-info.txt")
        assert not verify_bundle(bundle).ok
        shutil.rmtree(bundle)
    for extra in ("data/extra.txt", "extra.txt", "signatures/extra.txt", "data/report/sub/extra.txt"):
        bundle = shutil.copytree(signed, tmp_path / "copy")
        (bundle / extra).parent.mkdir(exist_ok=True)
        (bundle / extra).write_text("x")
        assert extra in {p.path for p in verify_bundle(bundle).problems}
        shutil.rmtree(bundle)
    bundle = shutil.copytree(signed, tmp_path / "copy")
    (bundle / "data" / "link").symlink_to("/etc/passwd")
    assert "data/link" in {p.path for p in verify_bundle(bundle).problems}
    assert not verify_bundle(tmp_path).ok


def test_a_consistent_forgery_is_caught_by_the_signature(signed: Path, tmp_path: Path) -> None:
    """Whoever changes a file and makes all lists anew cannot make the signature anew."""
    from desktop.report import bag

    bundle = shutil.copytree(signed, tmp_path / "copy")
    files = {path.relative_to(bundle).as_posix(): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}
    payload = {path: data for path, data in files.items() if path.startswith("data/")}
    payload["data/report/analysis.json"] = payload["data/report/analysis.json"].replace(b"supports-ai", b"inconclusive")
    about = dict(line.split(": ", 1) for line in files["bag-info.txt"].decode().splitlines() if not line.startswith("Payload"))
    forged = bag.wrap(payload, {name: files[name] for name in ("README.txt", "verify.py")}, about)
    for path, data in forged.items():
        (bundle / path).write_bytes(data)
    assert not standalone.verify(bundle, with_openssl=False).problems
    assert {p.code for p in verify_bundle(bundle).problems} >= {"signature"}
    assert run(sys.executable, signed / "verify.py", bundle, cwd=tmp_path).returncode == 5


def test_a_changed_custody_log_breaks_its_chain(signed: Path) -> None:
    problems: list[standalone.Problem] = []
    log = signed / "data" / "custody" / "log.jsonl"
    assert custody.problems(log.read_text("utf-8").splitlines()) == []
    standalone._check_chain(signed, problems, [])
    assert problems == []


def test_a_time_stamp_can_be_carried_in_later(tmp_path: Path, unsigned: Path) -> None:
    authority, root = keys.time_authority(tmp_path)
    request = (unsigned / "signatures" / "tagmanifest-sha256.txt.tsq").read_bytes()
    moment = attach_timestamp(unsigned, authority(request))
    (tmp_path / "root.pem").write_bytes(root)
    result = verify_bundle(unsigned, trust=tmp_path / "root.pem")
    assert result.ok and result.timestamp == f"{moment} (authority trusted)"
    other = write_bundle(small(), None, tmp_path / "other")
    with pytest.raises(VerificationError, match="timestamp-mismatch"):
        attach_timestamp(other, authority(request))
    with pytest.raises(VerificationError, match="timestamp-unreadable"):
        attach_timestamp(other, b"no answer")
    done = run("openssl", "ts", "-verify", "-data", "tagmanifest-sha256.txt", "-in", "signatures/tagmanifest-sha256.txt.tsr", "-CAfile",
               tmp_path / "root.pem", "-untrusted", tmp_path / "tsa.pem", cwd=unsigned)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_keys_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    one, key = keys.make("One")
    two, _ = keys.make("Two")
    (tmp_path / "one.pem").write_bytes(keys.pem(one))
    (tmp_path / "two.pem").write_bytes(keys.pem(two))
    (tmp_path / "key.pem").write_bytes(keys.key_pem(key, b"secret"))
    assert Signer.load(tmp_path / "key.pem", tmp_path / "one.pem", "secret").name.startswith("O=Telltale test,CN=One")
    for code, arguments in {
        "key-mismatch": ("key.pem", "two.pem", "secret"),
        "key-invalid": ("key.pem", "one.pem", "wrong"),
        "key-unreadable": ("none.pem", "one.pem", "secret"),
    }.items():
        with pytest.raises(UsageError, match=code):
            Signer.load(tmp_path / arguments[0], tmp_path / arguments[1], arguments[2])


def test_case_validate_accepts_the_graph(signed: Path) -> None:
    program = Path(sys.executable).with_name("case_validate")
    done = run(program, report_file(signed, "case-uco.jsonld"), cwd=signed)
    assert done.returncode == 0 and "Conforms: True" in done.stdout


def test_hashes_printed_in_the_report_are_those_of_the_files(signed: Path) -> None:
    digest = hashlib.sha256(report_file(signed, "analysis.json").read_bytes()).hexdigest()
    assert digest in report_file(signed).read_text("utf-8")
