"""The run record: bit for bit, and plain words where something was not the same."""

import math

import msgspec
import pytest

from desktop.report import compare
from desktop.report.record import run_record
from models.errors import VerificationError
from samples import documents


def changed(**opinion: object) -> object:
    return documents.analysis(opinions=(msgspec.structs.replace(documents.analysis().opinions[0], **opinion),))


def test_the_same_run_is_identical_whatever_its_times() -> None:
    run = msgspec.structs.replace(documents.analysis().run, started_at="later", finished_at="later")
    result = compare(run_record(documents.analysis()), documents.analysis(run=run))
    assert result.identical and result.differences == () and "bit for bit" in result.results[0]


def test_the_last_bit_of_the_log_odds_counts() -> None:
    again = changed(log_odds=math.nextafter(2.125, 3))
    result = compare(run_record(documents.analysis()), again)
    assert not result.identical and "NOT the same" in result.results[0] and result.differences == ()


def test_what_differs_is_said_plainly() -> None:
    value = documents.analysis()
    expert = msgspec.structs.replace(value.opinions[0].expert, language_sha256="0" * 64)
    run = msgspec.structs.replace(value.run, telltale="9.9", engine={**value.run.engine, "threads": 16})
    again = msgspec.structs.replace(changed(expert=expert), run=run)
    text = "\n".join(compare(run_record(value), again).differences)
    assert "Telltale's version differs: 0.1.0 then, 9.9 now" in text and "the machine" in text and "the expert differs" in text


def test_records_of_other_pictures_and_no_records_are_refused() -> None:
    info = msgspec.structs.replace(documents.analysis().exhibit, sha256="1" * 64)
    with pytest.raises(VerificationError, match="record-of-another-picture"):
        compare(run_record(documents.analysis(exhibit=info)), documents.analysis())
    for nonsense in (b"", b"[]", b"{}", b'{"schema":"other"}'):
        with pytest.raises(VerificationError, match="record-unreadable"):
            compare(nonsense, documents.analysis())
