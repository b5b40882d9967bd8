"""The views of periodic traces: colour filter array, resampling and the spectrum. Sources are named in ``views.toml``."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from desktop.evidence.views.catalogue import spec
from desktop.evidence.views.common import Floats, Outcome, Source, heat, luminance, not_applicable, rounded


def cfa(source: Source) -> Outcome:
    """The peak at half the sampling frequency along the diagonals of the high-passed green channel, over the median of the spectrum."""
    p = source.parameters
    height, width = source.rgb.shape[:2]
    if height * width < p["least_pixels"]:
        return not_applicable("fewer than 1 megapixel")
    if source.quality is not None and source.quality < p["least_quality"]:
        return not_applicable("the JPEG quality is below 90, which removes these traces")
    if min(height, width) < 256:
        return not_applicable("the shorter side has fewer than 256 pixels")
    if _resampled_share(source) > 0.5:
        return not_applicable("the whole picture shows a resampling peak, so it is not at a sensor's resolution")
    green = source.rgb[:, :, 1].astype(np.float32)
    tile = p["tile"]
    high = np.zeros_like(green)
    high[1:-1, 1:-1] = np.abs(green[:-2, 1:-1] + green[2:, 1:-1] + green[1:-1, :-2] + green[1:-1, 2:] - 4 * green[1:-1, 1:-1])
    rows, columns = height // tile, width // tile
    tiles = high[: rows * tile, : columns * tile].reshape(rows, tile, columns, tile).swapaxes(1, 2)
    # Diagonals that wrap around inside a tile keep their parity, since the side is even.
    index = (np.arange(tile)[None, :] - np.arange(tile)[:, None]) % tile
    diagonals = np.take_along_axis(tiles, np.broadcast_to(index, tiles.shape), axis=3).mean(axis=2)
    ratios = _half_rate(diagonals)
    whole = float(_half_rate(diagonals.mean(axis=(0, 1))[None])[0])
    facts = {
        "peak_over_median": rounded(whole), "present": whole > p["present"],
        "tiles_with_peak": rounded(float((ratios > p["present"]).mean())), "median_of_tiles": rounded(float(np.median(ratios))),
    }
    return Outcome(heat(ratios.astype(np.float32), 0.0, 4 * p["present"]), facts, covers=(0, 0, columns * tile, rows * tile))


def _half_rate(signals: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Magnitude at half the sampling frequency over the median magnitude, for signals along the last axis."""
    spectrum = np.abs(np.fft.rfft(signals - signals.mean(axis=-1, keepdims=True), axis=-1))
    ratio: npt.NDArray[np.float64] = spectrum[..., -1] / np.maximum(np.median(spectrum[..., 1:-1], axis=-1), 1e-6)
    return ratio


def resampling(source: Source) -> Outcome:
    """The strongest line in the spectrum of the averaged second differences, per tile and direction."""
    p = source.parameters
    height, width = source.rgb.shape[:2]
    if source.quality is not None and source.quality < p["least_quality"]:
        return not_applicable("the JPEG quality is below 90, which removes these traces")
    if min(height, width) < p["tile"] + 2:
        return not_applicable("smaller than 256 x 256 pixels")
    strength, frequency = _tile_peaks(source, p)
    found = strength > p["present"]
    order = np.argsort(strength, axis=None)[::-1][:8]
    regions = []
    for place in order:
        row, column = divmod(int(place), strength.shape[1])
        if not found[row, column]:
            break
        f = float(frequency[row, column])
        box = [column * p["stride"], row * p["stride"], p["tile"], p["tile"]]
        power = rounded(float(strength[row, column]), 1)
        regions.append({"box": box, "strength": power, "frequency": rounded(f, 4), "factors": _factors(f)})
    facts = {"tiles_with_peak": rounded(float(found.mean())), "tiles": int(found.size), "strongest": rounded(float(strength.max()), 1),
             "regions": regions}
    rows, columns = strength.shape
    covers = ((p["tile"] - p["stride"]) // 2,) * 2 + (columns * p["stride"], rows * p["stride"])
    return Outcome(heat(np.log10(strength + 1).astype(np.float32), 0.5, 3.5), facts, covers=covers)


def _factors(frequency: float) -> list[float]:
    """Enlargement factors below 3 that give a line at this frequency: 1/f and 1/(1-f)."""
    return sorted(rounded(1 / f) for f in (frequency, 1 - frequency) if 1 / 3 < f < 1)


def _tile_peaks(source: Source, p: Mapping[str, Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(strength, frequency) of the strongest line per tile; strength is power over the median power of its neighbourhood."""
    plane = luminance(source.rgb)
    across = np.abs(plane[1:-1, 2:] - 2 * plane[1:-1, 1:-1] + plane[1:-1, :-2])
    down = np.abs(plane[2:, 1:-1] - 2 * plane[1:-1, 1:-1] + plane[:-2, 1:-1])
    source.check()
    one, one_at = _line_strength(across, p)
    source.check()
    two, two_at = _line_strength(down.T, p)
    two, two_at = two.T, two_at.T
    return np.maximum(one, two), np.where(one >= two, one_at, two_at)


def _line_strength(differences: Floats, p: Mapping[str, Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    size, stride, reach = int(p["tile"]), int(p["stride"]), int(p["neighbours"])
    tops = range(0, differences.shape[0] - size + 1, stride)
    bands = np.stack([differences[top : top + size].mean(axis=0, dtype=np.float64) for top in tops])
    signals = np.lib.stride_tricks.sliding_window_view(bands, size, axis=1)[:, ::stride]
    power = np.square(np.abs(np.fft.rfft((signals - signals.mean(axis=-1, keepdims=True)) * np.hanning(size), axis=-1)))
    near = np.lib.stride_tricks.sliding_window_view(np.pad(power, ((0, 0), (0, 0), (reach, reach)), mode="reflect"), 2 * reach + 1, axis=-1)
    ratio = power / np.maximum(np.median(near, axis=-1), 1e-9)
    frequencies = np.arange(power.shape[-1]) / size
    eighths = np.abs(frequencies * 8 - np.rint(frequencies * 8)) / 8
    ratio[..., (eighths <= p["mask"]) | (frequencies < p["lowest"])] = 0
    best = ratio.argmax(axis=-1)
    return np.take_along_axis(ratio, best[..., None], axis=-1)[..., 0], frequencies[best]


def _resampled_share(source: Source) -> float:
    parameters = spec("resampling").parameters
    strength, _ = _tile_peaks(source, parameters)
    return float((strength > parameters["present"]).mean())


def spectrum(source: Source) -> Outcome:
    """Log magnitude of the Fourier transform of the middle of the picture, after taking away its smooth part."""
    p = source.parameters
    height, width = source.rgb.shape[:2]
    side = min(height, width, p["size"])
    if side < 64:
        return not_applicable("smaller than 64 x 64 pixels")
    side -= side % 8
    top, left = (height - side) // 2, (width - side) // 2
    plane = luminance(source.rgb[top : top + side, left : left + side])
    residual = plane - smoothed(plane, p["sigma"])
    window = np.hanning(side)
    source.check()
    power = np.square(np.abs(np.fft.fftshift(np.fft.fft2(residual * window[:, None] * window[None, :]))))
    rows, columns = np.fft.fftshift(np.fft.fftfreq(side))[:, None], np.fft.fftshift(np.fft.fftfreq(side))[None, :]
    radius = np.minimum((np.hypot(rows, columns) * side).astype(np.int64), side - 1)
    profile = _radial_median(power, radius)
    ratio = power / np.maximum(profile[radius], 1e-9)
    magnitude = np.log10(power + 1e-6).astype(np.float32)
    picture = heat(magnitude, float(np.quantile(magnitude, 0.05)), float(np.quantile(magnitude, 0.999)))
    for k in range(8):  # ticks at the eighths of the sampling frequency, on both edges
        picture[: side // 64 + 1, k * side // 8] = 255
        picture[k * side // 8, : side // 64 + 1] = 255
    facts = {
        "box": [left, top, side, side], "peaks": _peaks(ratio, rows[:, 0], columns[0], p),
        "radial_profile_log10": [rounded(float(np.log10(value + 1e-6)), 2) for value in profile[1 : side // 2 : max(1, side // 64)]],
    }
    return Outcome(picture, facts)


def _radial_median(power: npt.NDArray[np.float64], radius: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Median power per ring."""
    order = np.argsort(radius, axis=None, kind="stable")
    rings = radius.reshape(-1)[order]
    starts = np.searchsorted(rings, np.arange(radius.max() + 2))
    values = power.reshape(-1)[order]
    medians = [float(np.median(values[a:b])) if b > a else 0.0 for a, b in pairwise(starts)]
    return np.array(medians)


def _peaks(ratio: npt.NDArray[np.float64], rows: npt.NDArray[np.float64], columns: npt.NDArray[np.float64],
           p: Mapping[str, Any]) -> list[dict[str, object]]:
    """The strongest points off the axes, one of each symmetric pair."""
    off_axis = (np.abs(rows)[:, None] > 0.01) & (columns[None, :] > 0.01)
    places = np.argwhere((ratio > p["peak"]) & off_axis)
    places = places[np.argsort(ratio[places[:, 0], places[:, 1]])[::-1]]
    found: list[dict[str, object]] = []
    for row, column in places:
        y, x = float(rows[row]), float(columns[column])
        if any(abs(y - float(str(o["fy"]))) + abs(x - float(str(o["fx"]))) < 0.01 for o in found):
            continue
        eighth = all(abs(f * 8 - round(f * 8)) / 8 <= p["mask"] for f in (x, y))
        strength = rounded(float(ratio[row, column]), 1)
        found.append({"fx": rounded(x, 4), "fy": rounded(y, 4), "strength": strength, "multiple_of_1_8": eighth})
        if len(found) >= p["listed"]:
            break
    return found


def smoothed(plane: Floats, sigma: float) -> Floats:
    """Gaussian blur with reflected edges."""
    reach = max(1, round(4 * sigma))
    kernel = np.exp(-np.square(np.arange(-reach, reach + 1)) / (2 * sigma * sigma)).astype(np.float32)
    kernel /= kernel.sum()
    padded = np.pad(plane, reach, mode="reflect")
    rows = sum((weight * padded[i : i + plane.shape[0]] for i, weight in enumerate(kernel)), np.zeros((), np.float32))
    result: Floats = sum((weight * rows[:, i : i + plane.shape[1]] for i, weight in enumerate(kernel)), np.zeros((), np.float32))
    return result
