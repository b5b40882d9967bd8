"""All texts of a file under one kind of name, ``source:key``, so that the rules can point at them.

Sources: ``png`` (text chunks), ``text`` (comments of JPEG, GIF), ``exif``, ``xmp`` and ``iptc``.
"""

from dataclasses import dataclass

from desktop.evidence.marks.exif import Exif
from desktop.evidence.marks.pieces import Pieces
from desktop.evidence.marks.text import decoded
from desktop.evidence.marks.xmp import BadPacket, Property, read_packet

_IPTC_NAMES = {5: "Title", 15: "Category", 25: "Keywords", 40: "Special instructions", 65: "Originating program", 80: "By-line", 90: "City",
               105: "Headline", 110: "Credit", 115: "Source", 116: "Copyright", 120: "Caption", 122: "Caption writer"}


@dataclass(frozen=True)
class Field:
    """One text and where it stands."""

    where: str
    value: str


@dataclass(frozen=True)
class Fields:
    """Every text of a file, and why XMP could not be read, if so (``too-large``, ``not-well-formed``)."""

    all: tuple[Field, ...]
    xmp_problem: str = ""

    def at(self, *names: str) -> list[Field]:
        """Fields whose place is one of ``names``; a name may end in ``*``."""
        exact = {name for name in names if not name.endswith("*")}
        heads = tuple(name[:-1] for name in names if name.endswith("*"))
        return [f for f in self.all if f.where in exact or (heads and f.where.startswith(heads))]

    def first(self, *names: str) -> str:
        """The first text at one of ``names``, or an empty string."""
        return next((f.value for f in self.at(*names)), "")


def gather(pieces: Pieces) -> Fields:
    """Collect the texts of a file that was cut into pieces. Never raises."""
    source = "png" if pieces.kind == "png" else "text"
    found = [Field(f"{source}:{key}", value) for key, value in pieces.texts]
    found += _exif_fields(pieces.exif)
    problem = ""
    for packet in pieces.xmp:
        try:
            found += [Field(f"xmp:{p.name}", p.value) for p in _unique(read_packet(packet))]
        except BadPacket as error:
            problem = error.reason
    found += _iptc_fields(pieces.iptc)
    return Fields(tuple(found), problem)


def _unique(properties: list[Property]) -> list[Property]:
    return list(dict.fromkeys(properties))


def _exif_fields(exif: Exif) -> list[Field]:
    skip = ("XMP", "IPTC", "C2PA")
    found = []
    for name, value in exif.tags.items():
        if name == "MakerNote" and isinstance(value, bytes):
            found.append(Field("exif:MakerNote", value[:256].decode("latin-1")))
        elif name not in skip and isinstance(value, str) and value:
            found.append(Field(f"exif:{name}", value))
    return found


def _iptc_fields(record: bytes) -> list[Field]:
    """Application record datasets with text. Source: IPTC-NAA Information Interchange Model 4.2, record 2."""
    found: list[Field] = []
    position = 0
    while position + 5 <= len(record) and record[position] == 0x1C and len(found) < 256:
        number, dataset = record[position + 1], record[position + 2]
        length = int.from_bytes(record[position + 3 : position + 5], "big")
        if length & 0x8000:
            break
        if number == 2 and dataset in _IPTC_NAMES:
            found.append(Field(f"iptc:{_IPTC_NAMES[dataset]}", decoded(record[position + 5 : position + 5 + length])))
        position += 5 + length
    return found
