"""The newsroom-safe form of an analysis: what may be published. Everything that is not known to be harmless is withheld.

Kept: hashes, sizes, the model's score and words, the finding, regions, which kinds of marks were found, versions. Withheld: names, paths,
places, times inside the file, every metadata value (names of fields stay), free texts that quote the file, and facts about the machine.
"""

import re
from typing import Any

import msgspec

from desktop import document

WITHHELD = "[withheld]"
_HARMLESS_ENGINE = {
    "backend",
    "build",
    "configuration",
    "id",
    "version",
    "llama_cpp_python",
    "type",
    "quantisation",
    "device",
    "method",
    "level",
    "files",
    "network_block",
    "architecture",
    "class_order",
}
"""Names of engine facts whose texts come from our own fixed lists."""
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_:.-]{0,47}\Z")
_VERSION = re.compile(r"[0-9A-Za-z.+_-]{1,40}\Z")


def redacted(analysis: document.Analysis) -> document.Analysis:
    """``analysis`` as it may leave to the public; a document of the same schema."""
    replace = msgspec.structs.replace
    run, finding = analysis.run, analysis.finding
    if isinstance(finding, document.Finding):  # a calibration of one's own is named by its maker
        finding = replace(finding, error_rates=_hollow_texts(finding.error_rates))
    return replace(
        analysis,
        finding=finding,
        id=WITHHELD,
        exhibit=replace(analysis.exhibit, name=f"picture.{_extension(analysis.exhibit.container)}", facts=_hollow(analysis.exhibit.facts)),
        marks=tuple(replace(mark, facts=_hollow(mark.facts), sentence="") for mark in analysis.marks),
        views=tuple(replace(view, why="", facts=_numbers(view.facts)) for view in analysis.views),
        run=replace(
            run,
            started_at=_day(run.started_at),
            finished_at=_day(run.finished_at),
            engine=_engine(run.engine),
            deviations=tuple(WITHHELD for _ in run.deviations),
            libraries={name: version for name, version in run.libraries.items() if _VERSION.match(version)},
        ),
    )


def _extension(container: str) -> str:
    return container if re.fullmatch(r"[a-z0-9]{2,5}", container) else "bin"


def _day(moment: str) -> str:
    """The day alone: with the moment somebody could find the colleague who was on duty."""
    return moment[:10] if re.match(r"\d{4}-\d{2}-\d{2}", moment) else WITHHELD


def _hollow(facts: dict[str, Any]) -> dict[str, Any]:
    """The names of the fields without their values. What lies deeper goes whole, names and all: names there may come from the file."""
    return {name: WITHHELD for name in facts if _FIELD.match(name)}


def _hollow_texts(facts: Any) -> Any:
    """The same structure with every text withheld and every number kept."""
    if isinstance(facts, dict):
        return {name: _hollow_texts(value) for name, value in facts.items() if _FIELD.match(name)}
    if isinstance(facts, (list, tuple)):
        return [_hollow_texts(value) for value in facts]
    return WITHHELD if isinstance(facts, str) else facts


def _numbers(facts: dict[str, Any]) -> dict[str, Any]:
    """Numbers and yes/no of a view's own parameters; texts are withheld."""
    return {
        name: value if isinstance(value, (bool, int, float)) or value is None else WITHHELD
        for name, value in facts.items()
        if _FIELD.match(name)
    }


def _engine(facts: Any, name: str = "") -> Any:
    if isinstance(facts, dict):
        return {inner: _engine(value, inner) for inner, value in facts.items() if _FIELD.match(inner)}
    if isinstance(facts, (bool, int, float)) or facts is None:
        return facts
    if isinstance(facts, str) and name in _HARMLESS_ENGINE and _VERSION.match(facts):
        return facts
    return WITHHELD
