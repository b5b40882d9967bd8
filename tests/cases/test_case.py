"""A case keeps what it was given, once, and never forgets or overwrites."""

import contextlib
import os
import socket
import sqlite3
import sys
from pathlib import Path

import pytest

from desktop.cases import Case
from models.errors import CaseError, VerificationError
from samples.cases import analysed, failed, picture, work


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "case"


def test_what_is_recorded_is_there_after_reopening(folder: Path) -> None:
    with Case.create(
        folder, title="Harbour", number="TT-1", request="Is it a photograph?", propositions=("AI", "camera"), who="Ines"
    ) as case:
        exhibit = case.add(picture(1), name="a.jpg", settings={"expert": "starter"})
        assert exhibit.state == "pending"
        (pending,) = case.pending()
        data = analysed(pending, picture(1))
        entry = case.record(pending, data)
        case.note(exhibit.id, "Received by mail")
        case.note(None, "A note on the case")
        case.tag(exhibit.id, "urgent")
        case.dispose(entry.id, "o1c1", "unsure")
        case.dispose(entry.id, "o1c1", "confirmed", "seen at 200 %")
        case.conclude(exhibit.id, "inconclusive", "Ask for the original.", entry.id)
    with Case.open(folder, who="Jon") as case:
        info = case.info
        assert (info.title, info.number, info.exhibits, info.created_by, info.propositions) == (
            "Harbour",
            "TT-1",
            1,
            "Ines",
            ("AI", "camera"),
        )
        (row,) = case.exhibits()
        assert (row.state, row.outcome, row.expert, row.log_odds, row.tags) == (
            "done",
            "supports-ai",
            "telltale-starter-1",
            1.5,
            ("urgent",),
        )
        assert row.conclusion == "inconclusive"
        assert case.document(entry.id) == data
        assert case.read(row.id) == picture(1)
        assert [note.text for note in case.notes(row.id)] == ["Received by mail"]
        assert [note.text for note in case.notes(None)] == ["A note on the case"]
        assert case.dispositions(entry.id)["o1c1"].value == "confirmed"
        conclusion = case.conclusion(row.id)
        assert conclusion is not None and conclusion.who == "Ines"
        assert case.check().ok
        assert [line for line in case.custody_lines() if '"disposition"' in line].__len__() == 2


def test_the_same_file_twice_is_one_exhibit_and_asked_for_once(folder: Path) -> None:
    with Case.create(folder) as case:
        first = case.add(picture(1), name="a.jpg")
        work(case)
        second = case.add(picture(1), name="copy of a.jpg")
        assert first.id == second.id and case.count() == 1 and case.pending() == []
        assert second.name == "a.jpg"
        assert "copy of a.jpg" in "".join(case.custody_lines())


def test_a_new_analysis_is_a_new_entry(folder: Path) -> None:
    with Case.create(folder) as case:
        exhibit = case.add(picture(1), settings={"expert": "a"})
        work(case)
        pending = case.request(exhibit.id, {"expert": "a"})
        case.record(pending, analysed(pending, picture(1), log_odds=-3.0))
        assert [entry.log_odds for entry in case.analyses(exhibit.id)] == [1.5, -3.0]
        assert case.exhibits()[0].log_odds == -3.0
        with pytest.raises(CaseError, match="already-recorded"):
            case.record(pending, analysed(pending, picture(1)))


def test_a_failure_is_recorded_and_can_be_tried_again(folder: Path) -> None:
    with Case.create(folder) as case:
        exhibit = case.add(picture(1))
        (pending,) = case.pending()
        case.record(pending, failed(pending))
        assert (case.exhibits()[0].state, case.exhibits()[0].outcome) == ("failed", "picture-truncated")
        again = case.request(exhibit.id)
        case.record(again, analysed(again, picture(1)))
        assert case.exhibits()[0].state == "done" and case.exhibits()[0].analyses == 2


def test_documents_about_other_files_are_refused(folder: Path) -> None:
    with Case.create(folder) as case:
        case.add(picture(1))
        (pending,) = case.pending()
        with pytest.raises(CaseError, match="wrong-exhibit"):
            case.record(pending, analysed(pending, picture(2)))
        with pytest.raises(CaseError, match="document-invalid"):
            case.record(pending, b"{}")
        assert case.pending() == [pending]


def test_originals_are_only_read(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "original.jpg"
    source.write_bytes(picture(7))
    source.chmod(0o444)
    before = source.stat()
    with Case.create(folder) as case:
        exhibit = case.add(source)
        assert exhibit.name == "original.jpg" and case.read(exhibit.id) == picture(7)
    after = source.stat()
    assert (before.st_mtime_ns, before.st_mode, before.st_ino) == (after.st_mtime_ns, after.st_mode, after.st_ino)
    with Case.open(folder) as case, pytest.raises(CaseError, match="source-unreadable"):
        case.add(tmp_path / "not there.jpg")
    with Case.open(folder) as case, pytest.raises(CaseError, match="exhibit-empty"):
        case.add(b"")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices are no paths there")
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder"])
def test_what_is_no_file_is_refused_at_once(folder: Path, tmp_path: Path, kind: str) -> None:
    """A pipe without a writer would otherwise keep the case waiting for ever."""
    path = tmp_path / "source.jpg"
    with contextlib.ExitStack() as stack:
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(os.path.relpath(path))
        elif kind == "device":
            path.symlink_to(os.devnull)
        else:
            path.mkdir()
        with Case.create(folder) as case:
            with pytest.raises(CaseError, match="source-not-a-file"):
                case.add(path)
            assert case.exhibits() == []


def test_lists_filter_and_search(folder: Path) -> None:
    with Case.create(folder) as case:
        ids = [case.add(picture(n), name=f"Bild {n} Straße.jpg").id for n in range(6)]
        work(case, most=4)
        case.tag(ids[0], "hafen")
        case.tag(ids[1], "hafen 2")
        case.note(ids[2], "来自记者的邮件")
        case.untag(ids[1], "hafen 2")
        assert [e.id for e in case.exhibits(text="STRASSE")] == ids
        assert [e.id for e in case.exhibits(text="记者")] == [ids[2]]
        assert [e.id for e in case.exhibits(text="sun circular", state="done")] == ids[:4]
        assert [e.id for e in case.exhibits(state="pending")] == ids[4:]
        assert [e.id for e in case.exhibits(tag="hafen")] == [ids[0]]
        assert case.count(outcome="supports-ai") == 4
        assert [e.id for e in case.exhibits(limit=2, offset=3)] == ids[3:5]
        assert case.counts() == {"done": 4, "pending": 2, "supports-ai": 4}
        assert case.find(case.exhibits()[3].sha256) == case.exhibits()[3]


def test_evidence_cannot_be_overwritten_even_with_sql(folder: Path) -> None:
    with Case.create(folder) as case:
        case.add(picture(1))
        work(case)
    raw = sqlite3.connect(folder / "case.sqlite")
    for table in ("custody", "exhibit", "request", "analysis", "document", "note", "tag_event", "disposition", "conclusion"):
        if raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:  # noqa: S608
            column = raw.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchone()[0]  # noqa: S608
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):  # noqa: S608
                with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                    raw.execute(statement)
    raw.close()


TAMPERING = {
    "UPDATE analysis SET outcome = 'supports-camera'": "row-changed",
    "DELETE FROM note": "row-changed",
    "INSERT INTO note VALUES (99, 1, 'smuggled', 'then', 'nobody')": "row-unknown",
    "UPDATE custody SET line = replace(line, 'Ines', 'Jon ') WHERE seq = 2": "custody-broken",
    "DELETE FROM custody WHERE seq = 2": "custody-broken",
    "DELETE FROM custody WHERE seq = (SELECT max(seq) FROM custody)": "custody-cut",
    "UPDATE document SET packed = x'00'": "document-changed",
}


@pytest.mark.parametrize("statement", TAMPERING)
def test_check_finds_tampering(folder: Path, statement: str) -> None:
    with Case.create(folder, who="Ines") as case:
        exhibit = case.add(picture(1))
        work(case)
        case.note(exhibit.id, "x")
    raw = sqlite3.connect(folder / "case.sqlite")
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(statement)
    raw.commit()
    raw.close()
    code = TAMPERING[statement]
    if code.startswith("custody"):
        with pytest.raises(CaseError, match=code):
            Case.open(folder)
    else:
        with Case.open(folder) as case:
            assert code in {problem.code for problem in case.check().problems}


def test_a_changed_or_missing_exhibit_is_found_and_never_handed_out(folder: Path) -> None:
    with Case.create(folder) as case:
        one, two = case.add(picture(1)), case.add(picture(2))
        path = case.exhibit_files.path(one.sha256)
        path.chmod(0o600)
        path.write_bytes(picture(1)[:-1] + b"?")
        case.exhibit_files.path(two.sha256).unlink()
        with pytest.raises(VerificationError, match="exhibit-changed"):
            case.read(one.id)
        with pytest.raises(VerificationError, match="exhibit-missing"):
            case.read(two.id)
        assert {p.code for p in case.check().problems} == {"exhibit-changed", "exhibit-missing"}
        with pytest.raises(VerificationError, match="exhibit-changed"):
            case.add(picture(1))


def test_one_writer_but_readers_beside_it(folder: Path) -> None:
    with Case.create(folder) as case:
        with pytest.raises(CaseError, match=f"case-in-use.*{os.getpid()}"):
            Case.open(folder)
        with Case.open(folder, read_only=True) as reader:
            case.add(picture(1))
            assert reader.count() == 1
            with pytest.raises(CaseError, match="case-read-only"):
                reader.add(picture(2))
            with pytest.raises(CaseError, match="case-read-only"):
                reader.note(None, "x")
    Case.open(folder).close()


def test_custody_for_one_exhibit_hides_the_others_and_still_holds(folder: Path) -> None:
    from desktop.cases import custody

    with Case.create(folder) as case:
        one = case.add(picture(1), name="first secret.jpg")
        case.add(picture(2), name="second secret.jpg")
        work(case)
        lines = case.custody_for(one.id)
        assert custody.problems(lines) == []
        assert "first secret" in "".join(lines) and "second secret" not in "".join(lines)
        assert custody.problems(lines[:2] + lines[3:]) != []


@pytest.mark.parametrize("wrong", ["missing", "garbage", "truncated"])
def test_clear_words_for_what_is_no_case(folder: Path, wrong: str) -> None:
    if wrong == "missing":
        folder.mkdir()
        with pytest.raises(CaseError, match="case-unreadable"):
            Case.open(folder)
        return
    with Case.create(folder) as case:
        for number in range(30):
            case.add(picture(number))
    file = folder / "case.sqlite"
    file.write_bytes(b"no database at all" * 100 if wrong == "garbage" else file.read_bytes()[: 3 * 4096])
    with pytest.raises(CaseError, match="case-damaged"):
        Case.open(folder)
    with pytest.raises(CaseError, match="case-damaged"):
        Case.open(folder, read_only=True)


def test_create_never_takes_a_folder_that_is_in_use(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.doc").write_bytes(b"x")
    with pytest.raises(CaseError, match="case-exists"):
        Case.create(folder)


def test_a_disposition_is_taken_back_and_the_log_keeps_it(folder: Path) -> None:
    with Case.create(folder) as case:
        case.add(picture(1))
        work(case)
        (entry,) = case.analyses(1)
        case.dispose(entry.id, "o1c1", "confirmed")
        case.dispose(entry.id, "o1c2", "unsure")
        case.withdraw(entry.id, "o1c1")
        assert list(case.dispositions(entry.id)) == ["o1c2"]
        assert case.check().ok and sum('"withdrawn"' in line for line in case.custody_lines()) == 1
        case.dispose(entry.id, "o1c1", "not-seen")
        assert case.dispositions(entry.id)["o1c1"].value == "not-seen"


def test_questions_with_their_answers_are_kept(folder: Path) -> None:
    with Case.create(folder, who="Ines") as case:
        case.add(picture(1))
        case.answered(1, "What lies in front?", "A harbour.", "starter")
        with pytest.raises(CaseError, match="text-empty"):
            case.answered(1, " ", "A harbour.", "starter")
    with Case.open(folder) as case:
        ((question, text, expert, who),) = [(said.question, said.text, said.expert, said.who) for said in case.answers(1)]
        assert (question, text, expert, who) == ("What lies in front?", "A harbour.", "starter", "Ines")
        assert case.check().ok
        with pytest.raises(sqlite3.IntegrityError):
            case._connection.execute("DELETE FROM answer")


def test_a_case_is_described_anew(folder: Path) -> None:
    with Case.create(folder, title="Unnamed") as case:
        case.describe(title="Harbour", number="TT-2", propositions=("AI", "camera"))
        assert (case.info.title, case.info.number, case.info.propositions) == ("Harbour", "TT-2", ("AI", "camera"))
        assert '"case-described"' in case.custody_lines()[-1] and case.check().ok
