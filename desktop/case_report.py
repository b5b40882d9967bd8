"""What a report prints of a case. Cases and reports do not know each other; whoever exports from a case puts them together here."""

from desktop.cases.case import Case
from desktop.cases.values import Entry
from desktop.report import CaseContext, Disposition, ExaminerConclusion


def context_of(case: Case, entry: Entry, *, reviewer: str = "") -> CaseContext:
    """The case's part of a report about one recorded analysis. Custody entries about other exhibits go as hashes only."""
    info, conclusion = case.info, case.conclusion(entry.exhibit)
    return CaseContext(
        case_id=info.number or info.id,
        item=str(entry.exhibit),
        title=info.title,
        examiner=case.who,
        reviewer=reviewer,
        request=info.request,
        propositions=info.propositions,
        dispositions={claim: Disposition(said.value, said.who, said.at, said.text) for claim, said in case.dispositions(entry.id).items()},
        conclusion=ExaminerConclusion(conclusion.value, conclusion.text, conclusion.who, conclusion.at) if conclusion else None,
        notes=tuple((note.at, note.who, note.text) for note in case.notes(entry.exhibit)),
        tags=case.tags(entry.exhibit),
        custody=tuple(case.custody_for(entry.exhibit)),
    )
