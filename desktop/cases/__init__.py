"""Cases: exhibits, their analyses and people's words, kept so that nothing that was confirmed is ever lost or changed unseen."""

from desktop.cases.case import Case
from desktop.cases.values import Answer, CaseInfo, CheckResult, Conclusion, Disposition, Entry, Exhibit, Note, Pending, Problem

__all__ = ["Answer", "Case", "CaseInfo", "CheckResult", "Conclusion", "Disposition", "Entry", "Exhibit", "Note", "Pending", "Problem"]
