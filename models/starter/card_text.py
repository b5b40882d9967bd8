"""The measured document as the tables of the model card. A pure function, so that a test can hold the card against its numbers."""

from typing import Any

_NAMES = {
    "source": "source or generator", "category": "category (guessed from names)", "original": "shorter side of the original, pixels",
    "resized": "resized in the mill", "quality": "last JPEG quality in the mill",
}  # fmt: skip
_SETS = {"mill": "mill", "delivered": "as delivered", "1080q75": "shorter side at most 1080, JPEG 75"}
_THRESHOLDS = {"mill": "mill", "delivered": "as delivered", "delivered_more": "as delivered, second set"}
_CLASSES = {"real": "camera", "generated": "AI-made"}
_CONTROLS = {
    "size_shown": "size that the expert is shown", "format_shown": "format that the expert is shown",
    "size_of_original": "size of the original (never shown)", "format_of_original": "format of the original (never shown)",
    "drawn_factor": "how much it was reduced", "drawn_quality": "last JPEG quality",
}  # fmt: skip


def percent(found: dict[str, Any]) -> str:
    """``23 of 569 (4.0 %, 2.6–6.0)``."""
    low, high = (100 * bound for bound in found["interval"])
    return f"{found['count']} of {found['of']} ({100 * found['count'] / found['of']:.1f} %, {low:.1f}–{high:.1f})"


def area(found: dict[str, Any]) -> str:
    """``0.813 (0.788–0.838)``."""
    low, high = found["interval"]
    return f"{found['auc']:.3f} ({low:.3f}–{high:.3f})"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def render(found: dict[str, Any]) -> str:
    """All tables, in the order in which they stand in the card. Brackets hold 95 % intervals."""
    mill = found["sets"]["mill"]
    parts = [
        f"At the shipped threshold of log-odds {found['threshold']:+.2f}. Brackets: 95 % intervals (areas DeLong, rates Clopper–Pearson).",
        _deliveries(found["sets"]),
        "What the findings would be: a score that supports one side does so only where every re-delivered form (saved as JPEG 75, made "
        "smaller, cropped, mirrored) is unusual for the other class too. *Taken back*: inconclusive only because one is not.",
        _findings(found["sets"]),
        f"Found at a threshold that exactly 5 % of these camera pictures exceed (chosen with the truth, so it flatters): "
        f"{100 * mill['found_at_5_percent']:.1f} % through the mill.",
        "Thresholds that promise other rates of false positives (calibration split, 95 % confidence):",
        table(["pictures", "promise", "threshold", "camera pictures called fake", "AI-made ones found"],
              [[_THRESHOLDS[name], f"{100 * one['target']:.0f} %", f"{one['threshold']:+.2f}",
                percent(one["real"]), percent(one["generated"])]
               for name, some in found["thresholds"].items() for one in some]),
        _groups(found["groups"]),
        *_more(found),
        "### Regions made by AI in real pictures",
        table(["region", "AUC against unedited views", "called fake"],
              [[name, area(one), percent(one["rate"])] for name, one in found["local"].items()]),
        "### What the texts say",
        _texts(found["texts"]),
        *_hidden(found["texts"].get("generated", {})),
        *[f"- {name}: “{text}”" for name, some in found["examples"].items() for text in some[:1]],
        "### Size and format",
        "What each of these alone tells about the class of the mill's views (AUC; 0.5 is chance):",
        table(["control", "AUC"], [[_CONTROLS[name], area(one)] for name, one in found["controls"].items()]),
        "Rank correlation of the score with the original's shorter side and with its being PNG or WebP, within each class:",
        "Across sources it is also the sources' doing: whole sources are of one size and of one difficulty. Within: the mean over single "
        "sources of at least 20 pictures, weighted by their number; given the source: ranks less their source's mean rank, all sources.",
        _correlations(found["sets"]),
        f"With size within single sources whose pictures differ in it (number of pictures): {_within(found['within_sources'])}.",
        "Both held-out sets together. Brackets: 95 % intervals of a bootstrap over whole sources, because the pictures of one are alike:",
        _together(found["together"]),
        "### Failures",
        "The camera pictures with the highest scores and the AI-made ones with the lowest, through the mill:",
        *[f"- {kind}: `{one['path']}` {one['score']:+.2f}" for kind, some in found["worst"].items() for one in some],
    ]  # fmt: skip
    if "baseline" in found:
        parts += _baseline(found["baseline"], mill)
    lines: list[str] = []
    for part in parts:
        # Points of one list stand together; everything else is a paragraph.
        lines += [part] if part.startswith("- ") and lines and lines[-1].startswith("- ") else ["", part]
    return "\n".join(lines)


def _deliveries(sets: dict[str, Any]) -> str:
    rows = [[_SETS[name], area(one), percent(one["real"]), percent(one["generated"]), f"{one['size_alone']['auc']:.3f}",
             _matched(one["size_matched"])] for name, one in sets.items()]  # fmt: skip
    return table(["delivery", "AUC", "camera pictures called fake", "AI-made ones found", "AUC of size alone",
                  "AUC among originals within a tenth of each other's size (of size alone there)"], rows)  # fmt: skip


def _findings(sets: dict[str, Any]) -> str:
    rows = []
    for name, one in sets.items():
        for kind, some in one["findings"].items():
            inconclusive = f"{some['inconclusive']['count']} ({some['taken-back']['count']})"
            rows.append([_SETS[name], _CLASSES[kind], percent(some["supports-ai"]), percent(some["supports-camera"]), inconclusive,
                         str(some["out-of-domain"]["count"])])
    return table(["delivery", "class", "supports AI", "supports camera", "inconclusive (taken back)", "unlike anything calibrated"], rows)


def _matched(found: dict[str, Any] | None) -> str:
    return "–" if found is None else f"{area(found)} ({found['size_alone']:.3f})"


def _more(found: dict[str, Any]) -> list[str]:
    if "more" not in found:
        return []
    return [
        "### A second set of held-out sources",
        "Other repositories and generators, of other kinds than those of the first list, at the same threshold:",
        _deliveries(found["more"]),
        "What the findings would be:",
        _findings(found["more"]),
        _groups(found["more_groups"]),
        "Rank correlation of the score with the original's size and with a lossless format within each class, as under *Size and format*:",
        _correlations(found["more"]),
    ]


def _groups(groups: dict[str, list[dict[str, Any]]]) -> str:
    parts = []
    for name, rows in groups.items():
        cells = [[_CLASSES[row["class"]], row["group"].split(": ", 1)[-1], percent(row["rate"]),
                  f"{row['auc']:.3f}"] for row in rows]  # fmt: skip
        parts.append(table(["class", _NAMES[name], "called fake", "AUC against all of the other class"], cells))
    return "Through the mill, by group:\n\n" + "\n\n".join(parts)


def _texts(texts: dict[str, Any]) -> str:
    rows = []
    for kind, one in texts.items():
        right = f"{one['right']} ({one['by_chance']} by chance)" if "right" in one else "–"
        near = f"{one['right_or_adjoining']} ({one['adjoining_by_chance']} by chance)" if "right" in one else "–"
        rows.append([kind, str(one["texts"]), str(one["different"]), str(one["name_a_place"]), right, near, str(one["contradict_score"])])
    return table(["views", "texts", "different", "name a place", "the right one", "right or adjoining", "verdict unlike the score"], rows)


def _hidden(texts: dict[str, Any]) -> list[str]:
    if "hidden" not in texts:
        return []
    return [
        f"Of {texts['hidden']} generated views with a named place, hiding the named ninth lowers the score more than hiding any other in "
        f"{texts['hiding_named_lowers_most']} ({texts['hidden'] / 9:.1f} by chance); it changes the log-odds by "
        f"{texts['mean_change_named']:+.3f} on average, any ninth by {texts['mean_change_any']:+.3f}."
    ]


_CORRELATIONS = [
    "delivery", "class", "with size", "within sources (pictures of how many sources)", "given the source",
    "with a lossless format (number of such)", "within sources (pictures of how many sources)", "given the source",
]  # fmt: skip


def _correlations(sets: dict[str, Any]) -> str:
    def number(value: float | None) -> str:
        return "–" if value is None else f"{value:+.3f}"

    def within(found: dict[str, Any]) -> str:
        return number(found["mean"]) + (f" ({found['pictures']} of {found['sources']})" if found["sources"] else "")

    return table(_CORRELATIONS, [
        [_SETS[name], _CLASSES[kind],
         number(one["size"]), within(one["size_within"]), number(one["size_given_source"]),
         f"{number(one['format'])} ({one['lossless']})", within(one["format_within"]), number(one["format_given_source"])]
        for name, found in sets.items() for kind, one in found["correlation"].items()
    ])  # fmt: skip


def _together(found: dict[str, Any]) -> str:
    def cell(one: dict[str, Any]) -> str:
        if one["correlation"] is None or one["interval"] is None:
            return "–"
        low, high = one["interval"]
        return f"{one['correlation']:+.3f} ({low:+.2f} to {high:+.2f})"

    return table(["delivery", "class", "pictures of sources", "with size", "with a lossless format"], [
        [_SETS[name], _CLASSES[kind], f"{one['pictures']} of {one['sources']}", cell(one["size"]), cell(one["format"])]
        for name, some in found.items() for kind, one in some.items()
    ])  # fmt: skip


def _within(sources: dict[str, Any]) -> str:
    return "; ".join(f"{source} {one['size']:+.3f} ({one['pictures']})" for some in sources.values() for source, one in some.items())


def _baseline(found: dict[str, Any], mill: dict[str, Any]) -> list[str]:
    return [
        "### Against a baseline",
        f"Logistic regression on features of an ImageNet EfficientNet-Lite0, trained on {found['reals']} real and {found['fakes']} AI-made "
        "views of the training split and judged on the same views of the same held-out pictures:",
        table(["method", "AUC", "found at 5 % false positives (threshold chosen with the truth)"], [
            ["EfficientNet-Lite0 features (content included)", area(found), f"{100 * found['found_at_5_percent']:.1f} %"],
            ["this expert", area(mill), f"{100 * mill['found_at_5_percent']:.1f} %"],
        ]),
    ]  # fmt: skip
