"""Writes ``docs/evidence.md`` from the rules and the views, so that the words in the window, the report and the docs are the same.

``python -m desktop.evidence.docs`` writes the file; a test holds that it is current.
"""

import sys
import tomllib
from pathlib import Path
from string import Template
from typing import Any

from desktop.evidence.marks.rules import Rule, rules
from desktop.evidence.marks.trust import bundled_trust
from desktop.evidence.views.catalogue import Spec, catalogue

TARGET = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"

_TEMPLATE = Path(__file__).with_name("docs.template.md")


def render() -> str:
    """The whole page as Markdown."""
    table, trust = rules(), bundled_trust()
    types = [f"| `{code}` | {known['meaning']} | {known['says']} | `{known['vocabulary']}` |" for code, known in table.source_types.items()]
    parts = {
        "rules_version": table.version, "rules_date": table.date, "views_version": views_version(), "types": "\n".join(types),
        "lists": "\n".join(f"| {entry['name']} | {entry['date']} | `{entry['sha256']}` |" for entry in trust["lists"]),
        "cautions": "\n".join(f"- {entry['note']} ({entry['date']})." for entry in trust["cautions"]),
        "marks": "".join(_mark(rule) for rule in table.marks), "views": "".join(_view(spec) for spec in catalogue()),
    }
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(parts).rstrip("\n") + "\n"


def views_version() -> str:
    """The version of the views file."""
    return str(tomllib.loads((Path(__file__).parent / "views" / "views.toml").read_text(encoding="utf-8"))["version"])


def _mark(rule: Rule) -> str:
    lines = [
        f"### {rule.title}",
        "",
        f"`{rule.id}` · speaks for: {rule.says if rule.says != 'other' else 'depends on what it says, or nothing'}",
        "",
    ]
    lines += [f"- Found: {rule.found}", f"- Absent: {rule.absent}", f"- Weight: {rule.strength}", f"- Source: {rule.source}."]
    places = sorted({place for match in rule.matches for place in match.where})
    if places:
        lines.append(f"- Places: {', '.join(f'`{place}`' for place in places)}")
    return "\n".join(lines) + "\n\n"


def _view(spec: Spec) -> str:
    parameters = ", ".join(f"{name} {_plain(value)}" for name, value in spec.parameters.items())
    lines = [f"### {spec.title}", "", f"`{spec.id}`", "", spec.shows, "", f"- Applies to: {spec.gate}", f"- **Means:** {spec.means}"]
    lines += [f"- **Does not mean:** {spec.not_means}", f"- Source: {spec.source}.", f"- Parameters: {parameters}."]
    return "\n".join(lines) + "\n\n"


def _plain(value: Any) -> str:
    return "/".join(str(item) for item in value) if isinstance(value, list) else f"{value:g}" if isinstance(value, float) else str(value)


def main() -> int:
    """Write the page."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
