"""Reports that stand up to questions: analysis.json is the truth; HTML, PDF and CASE/UCO are made from it."""

from desktop.report.bundle import render_html, render_pages, render_pdf, report_file, write_bundle
from desktop.report.context import CaseContext, Disposition, ExaminerConclusion
from desktop.report.record import Repetition, compare
from desktop.report.sign import Signer
from desktop.report.timestamp import attach as attach_timestamp
from desktop.report.verify import BundleProblem, BundleResult, verify_bundle

__all__ = [
    "BundleProblem",
    "BundleResult",
    "CaseContext",
    "Disposition",
    "ExaminerConclusion",
    "Repetition",
    "Signer",
    "attach_timestamp",
    "compare",
    "render_html",
    "render_pages",
    "render_pdf",
    "report_file",
    "verify_bundle",
    "write_bundle",
]
