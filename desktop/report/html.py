"""The report as one HTML file: no script, nothing remote, a strict content policy, pictures inlined; it works from a folder and on paper.

Sentences and regions point at each other by anchors; ``:has()`` lights up the counterpart where the browser knows it.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from desktop import document
from desktop.report import pictures
from desktop.report.values import Content, OpinionContent
from desktop.report.words import Words


def layout(content: Content, words: Words, shown: pictures.Shown) -> str:
    """``content`` laid out as HTML."""
    style = _style(content)
    policy = "default-src 'none'; img-src data:; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
    side = max(content.width, content.height)
    heats = {}
    for claim in (claim for opinion in content.opinions for claim in opinion.claims if claim.heat and claim.boxes):
        if claim.heat and (data := pictures.heat(claim.heat)):
            heats[claim.anchor] = pictures.data_uri(data)
    geometry = {"radius": round(side / 46, 2), "badge": round(side / 42, 2), "label": round(side / 42, 2)}
    return _template().render(
        c=content,
        w=words,
        g=geometry,
        style=Markup(style),  # noqa: S704  our own style sheet and anchors made by us
        csp=policy.format(base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()),
        picture=pictures.data_uri(shown.exhibit) if shown.exhibit else "",
        heats=heats,
        maps={name: pictures.data_uri(data) for name, data in shown.maps.items()},
        outside_labels=lambda frame: _outside_labels(frame, content, side),
        place_badge=_Badges(content.width, content.height, geometry["radius"]).place,
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=False)
    return environment.from_string((files("desktop.report") / "template.html").read_text("utf-8"))


def _style(content: Content) -> str:
    """The style sheet with one rule a claim that lights its regions while its sentence is pointed at or chosen, and the reverse."""
    rules = [(files("desktop.report") / "style.css").read_text("utf-8")]
    for opinion in content.opinions:
        if any(claim.boxes for claim in opinion.claims):
            rules.append(_lights(opinion))
    return "".join(rules)


def _lights(opinion: OpinionContent) -> str:
    """Dim every region of this opinion while one of its sentences is pointed at; light the counterpart."""
    rules = []
    for claim in opinion.claims:
        if claim.boxes:
            sentence, region = f"#c-{claim.anchor}", f"#g-{claim.anchor}"
            others = ",".join(f"#g-{other.anchor}" for other in opinion.claims if other.boxes and other is not claim)
            active = f":is({sentence}:hover,{sentence}:target,{region}:target)"
            if others:
                rules.append(f"body:has({active}) :is({others}){{opacity:.15}}")
            rules.append(f"body:has({active}) {region}{{opacity:1}}body:has({active}) {region} .heat{{opacity:1}}")
            rules.append(f"body:has(:is({region}:target,{region}:hover)) {sentence}{{background:var(--plain)}}")
    return "\n".join(rules)


def _outside_labels(frame: document.Box, content: Content, side: int) -> list[tuple[float, float, bool]]:
    """Where "not analysed" fits: the middle of every dimmed strip that is wide enough; upright strips carry it turned."""
    x, y, w, h = frame
    least = side / 24
    found: list[tuple[float, float, bool]] = []
    for left, right in ((0, x), (x + w, content.width)):
        if right - left >= least:
            found.append(((left + right) / 2, y + h / 2, right - left < side / 5))
    for top, bottom in ((0, y), (y + h, content.height)):
        if bottom - top >= least:
            found.append((x + w / 2, (top + bottom) / 2, False))
    return found


class _Badges:
    """Places number badges at the top left corner of their boxes, inside the picture, aside where one lies there already."""

    def __init__(self, width: int, height: int, radius: float) -> None:
        self._width, self._height, self._radius = width, height, radius
        self._taken: dict[str, list[tuple[float, float]]] = {}

    def place(self, anchor: str, box: document.Box) -> tuple[float, float]:
        """The centre of the next badge of this opinion."""
        taken, r = self._taken.setdefault(anchor, []), self._radius
        y = min(max(box[1], r), max(self._height - r, r))
        for step in range(24):
            x = min(max(box[0] + step * 2.1 * r, r), max(self._width - r, r))
            if all(abs(x - tx) + abs(y - ty) >= 1.8 * r for tx, ty in taken):
                break
        taken.append((round(x, 1), round(y, 1)))
        return taken[-1]
