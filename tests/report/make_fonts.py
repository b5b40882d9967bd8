"""Make the fonts of the PDF report from Debian's packages fonts-noto-core and fonts-noto-cjk (needs fontTools; seldom run).

    python -m tests.report.make_fonts

Keeps Latin, Greek and Cyrillic letters, punctuation and common symbols, and the Chinese characters of GB 2312 and of level 1 of Big5,
each with the glyph of Simplified Chinese. ``coverage.txt`` lists what can be printed; anything else is printed as its code.
"""

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont, newTable

HERE = Path(__file__).parents[2] / "desktop" / "report" / "fonts"
NOTO, CJK = Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
LATIN = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x250),
    *range(0x2B0, 0x530),
    *range(0x1E00, 0x2000),
    *range(0x2010, 0x2028),
    *range(0x2030, 0x2060),
]
LATIN += [*range(0x2070, 0x20C0), *range(0x2100, 0x2150), *range(0x2190, 0x2200), *range(0x2200, 0x2300), *range(0x25A0, 0x2600)]
JOBS = (
    ("TelltaleSans-Regular.ttf", NOTO / "NotoSans-Regular.ttf", "Telltale Sans", LATIN),
    ("TelltaleSans-Bold.ttf", NOTO / "NotoSans-Bold.ttf", "Telltale Sans", LATIN),
    ("TelltaleMono-Regular.ttf", NOTO / "NotoSansMono-Regular.ttf", "Telltale Mono", LATIN),
)


def chinese() -> list[int]:
    """GB 2312, and level 1 of Big5."""
    found = set()
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            found.update(_decoded(bytes((high, low)), "gb2312"))
    for high in range(0xA4, 0xC7):
        for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            found.update(_decoded(bytes((high, low)), "big5"))
    return sorted(
        {*found, *range(0x3000, 0x3100), *range(0xFF00, 0xFF66), *range(0x20, 0x7F), 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026}
    )


def _decoded(code: bytes, name: str) -> list[int]:
    try:
        return [ord(letter) for letter in code.decode(name)]
    except UnicodeDecodeError:
        return []


def write(font: TTFont, target: Path, family: str, letters: list[int]) -> set[int]:
    """One subset font under a name of its own. Returns what it covers."""
    options = subset.Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp", "locl"], notdef_outline=True, name_IDs=["*"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters)
    cutter.subset(font)
    style = "Bold" if "Bold" in target.name else "Regular"
    licence = [
        (record.nameID, record.toUnicode()) for record in font["name"].names if record.nameID in (0, 7, 13, 14) and record.langID == 0x409
    ]
    font["name"] = names = newTable("name")
    names.names = []
    wanted = {1: family, 2: style, 3: f"{family} {style} (subset of Noto)", 4: f"{family} {style}", 6: f"{family.replace(' ', '')}-{style}"}
    for number, text in [*dict(licence).items(), *wanted.items()]:
        names.setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [wanted[6]]
        cff.topDictIndex[0].FullName, cff.topDictIndex[0].FamilyName = wanted[4], family
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(target)
    return set(font.getBestCmap())


def main() -> None:
    """Write the fonts and what they cover."""
    covered: set[int] = set()
    for name, source, family, letters in JOBS[:2]:
        covered |= write(TTFont(source), HERE / name, family, letters)
    write(TTFont(JOBS[2][1]), HERE / JOBS[2][0], JOBS[2][2], JOBS[2][3])
    collection = [TTFont(CJK, fontNumber=number) for number in range(5)]
    simplified = next(font for font in collection if "SC" in str(font["name"].getDebugName(4)))
    covered |= write(simplified, HERE / "TelltaleHan-Regular.otf", "Telltale Han", chinese())
    ranges: list[list[int]] = []
    for code in sorted(covered):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    (HERE / "coverage.txt").write_text("\n".join(f"{first:X}-{last:X}" for first, last in ranges) + "\n", "ascii")


if __name__ == "__main__":
    main()
