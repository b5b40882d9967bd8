"""Cases: exhibits, their analyses and people's words, kept so that nothing that was confirmed is ever lost or changed unseen."""

from desktop.cases.case import Case
from desktop.cases.values import CaseInfo, CheckResult, Entry, Exhibit, Pending, Problem, Remark

__all__ = ["Case", "CaseInfo", "CheckResult", "Entry", "Exhibit", "Pending", "Problem", "Remark"]
