"""Reports that stand up to questions: analysis.json is the truth; HTML, PDF and CASE/UCO are made from it."""

from desktop.report.bundle import render_html, write_bundle
from desktop.report.context import CaseContext, Disposition, ExaminerConclusion

__all__ = ["CaseContext", "Disposition", "ExaminerConclusion", "render_html", "write_bundle"]
