"""The views of the JPEG's own structure: its tables and markers, and its embedded thumbnail against the picture."""

import io
import warnings

import numpy as np
from PIL import Image

from desktop.evidence.marks.exif import read_exif
from desktop.evidence.marks.jpeg import ijg_quality, quality_of
from desktop.evidence.views.common import Floats, Outcome, Picture, Source, heat, luminance, magnified, not_applicable, rounded

_THUMBNAIL_PIXELS = 1 << 20


def jpeg_structure(source: Source) -> Outcome:
    """Markers, quantisation tables and settings; the picture shows up to two tables side by side."""
    structure = source.structure
    if structure is None or not structure.tables:
        return not_applicable("not a JPEG file")
    cell = source.parameters["cell"]
    tables = [np.array(table, np.float32).reshape(8, 8) for _, table in sorted(structure.tables.items())][:2]
    high = max(float(table.max()) for table in tables)
    squares = [magnified(heat(np.log1p(table), 0.0, float(np.log1p(high))), cell) for table in tables]
    gap = np.full((squares[0].shape[0], cell, 3), 255, np.uint8)
    picture = squares[0] if len(squares) == 1 else np.concatenate([squares[0], gap, squares[1]], axis=1)
    exact, estimate = quality_of(structure)
    facts = {
        "markers": [f"{segment.name}@{segment.offset}" for segment in structure.segments[:128]],
        "tables": {str(number): list(table) for number, table in sorted(structure.tables.items())},
        "ijg_quality": {str(number): ijg_quality(table, chrominance=number > 0) for number, table in sorted(structure.tables.items())},
        "quality": exact, "estimated_quality": estimate, "subsampling": structure.subsampling, "process": structure.process,
        "huffman": structure.huffman, "restart_interval": structure.restart_interval, "scans": structure.scans,
        "bytes_after_end": None if structure.end is None or source.jpeg is None else len(source.jpeg) - structure.end,
        "width": structure.width, "height": structure.height, "tables_sha256": structure.tables_sha256,
    }
    return Outcome(np.ascontiguousarray(picture), facts)


def thumbnail(source: Source) -> Outcome:
    """The difference between the embedded thumbnail and the picture brought to its size, and their correlation."""
    small = _thumbnail(source)
    if small is None:
        return not_applicable("no readable embedded thumbnail")
    height, width = source.rgb.shape[:2]
    box = _content_box(small.shape[1], small.shape[0], width, height)
    left, top, inner_width, inner_height = box
    part = small[top : top + inner_height, left : left + inner_width]
    reduced = np.asarray(Image.fromarray(source.rgb).resize((inner_width, inner_height), Image.Resampling.BOX))
    first, second = luminance(part), luminance(reduced)
    bars = _bars(small, box)
    tolerance = source.parameters["shape_tolerance"] * width / height + 1 / inner_height
    shape_fits = abs(inner_width / inner_height - width / height) <= tolerance
    correlation = _correlation(first, second)
    difference = np.abs(part.astype(np.int16) - reduced.astype(np.int16)) * source.parameters["gain"]
    changed = correlation < source.parameters["least_correlation"] or not shape_fits or bars > 24
    facts = {
        "correlation": rounded(correlation), "thumbnail_size": [small.shape[1], small.shape[0]], "compared": list(box),
        "bars_brightness": rounded(bars, 1), "shape_fits": shape_fits, "changed": changed,
    }
    return Outcome(np.clip(difference, 0, 255).astype(np.uint8), facts, covers=(0, 0, width, height))


def _thumbnail(source: Source) -> Picture | None:
    if source.structure is None:
        return None
    block = next((s.body[6:] for s in source.structure.segments if s.name == "APP1" and s.body[:6] == b"Exif\x00\x00"), b"")
    raw = read_exif(block).thumbnail
    if raw[:2] != b"\xff\xd8":
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(raw), formats=("JPEG",)) as image:
                if not 64 <= image.width * image.height <= _THUMBNAIL_PIXELS or min(image.size) < 8:
                    return None
                return np.asarray(image.convert("RGB"))
    except Exception:  # a damaged thumbnail is a fact for the marks; here there is nothing to compare
        return None


def _content_box(small_width: int, small_height: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Where the picture lies in a thumbnail that may have bars above and below, or at the sides."""
    scale = min(small_width / width, small_height / height)
    inner_width, inner_height = max(1, round(width * scale)), max(1, round(height * scale))
    return (small_width - inner_width) // 2, (small_height - inner_height) // 2, inner_width, inner_height


def _bars(small: Picture, box: tuple[int, int, int, int]) -> float:
    """Mean brightness outside the content box: bars are black, so anything else means that the shape is another one."""
    left, top, width, height = box
    outside = np.ones(small.shape[:2], bool)
    margin = 1  # scaling blurs one row into the bars
    outside[max(0, top - margin) : top + height + margin, max(0, left - margin) : left + width + margin] = False
    return float(luminance(small)[outside].mean()) if outside.any() else 0.0


def _correlation(first: Floats, second: Floats) -> float:
    a, b = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 0 else float(np.array_equal(first, second))
