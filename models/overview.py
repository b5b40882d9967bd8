"""What a person wants to see of all experts at once: those on this machine and those that the catalogue knows, in one list."""

from dataclasses import dataclass
from typing import Literal

from models.catalogue import Catalogue
from models.places import readable_size
from models.store import Store


@dataclass(frozen=True)
class Row:
    """One line. ``state``: ships with the application, stored here, could be pulled, or damaged."""

    id: str
    name: str
    kind: str
    state: Literal["bundled", "stored", "available", "damaged"]
    default: bool
    type: str
    bytes: int
    """On this disk, or to be downloaded."""
    licence: str
    calibrated: bool
    digest: str
    good_for: str
    not_for: str
    memory_bytes: int = 0
    """What running it takes, where the catalogue knows."""
    needs: str = ""
    problem: str = ""


def overview(store: Store, catalogue: Catalogue) -> tuple[Row, ...]:
    """Experts on this machine first, then what the catalogue offers beside them. Nothing is hashed, nothing goes online."""
    chosen = store.default_name()
    rows = []
    needs = {entry.id: (entry.hardware.memory_bytes, entry.hardware.note) for entry in catalogue.entries.values()}
    for item in store.experts():
        card = item.card
        if card is None:
            rows.append(Row("", "", "", "damaged", False, "", 0, "", False, item.digest, "", "", problem=item.problem))
            continue
        default = item.digest == chosen if chosen else item.bundled
        rows.append(Row(card.id, card.name, card.kind, "bundled" if item.bundled else "stored", default, card.language.type,
                        card.language.bytes + card.projector.bytes, card.licence.id, card.calibration is not None, item.digest,
                        card.good_for, card.not_for, *needs.get(card.id, ())))
    here = {row.id for row in rows}
    for entry in catalogue.entries.values():
        if entry.id not in here and entry.source is not None:
            rows.append(Row(entry.id, entry.name, entry.kind, "available", False, entry.type, entry.source.bytes, entry.licence.id,
                            False, "", entry.good_for, entry.not_for, *needs[entry.id]))
    return tuple(rows)


def as_text(rows: tuple[Row, ...]) -> str:
    """The list as a table for a terminal."""
    words = {"bundled": "ships with Telltale", "stored": "stored", "available": "can be pulled", "damaged": "DAMAGED"}
    cells = [("id", "kind", "type", "size", "state", "digest")]
    for row in rows:
        state = words[row.state] + (", default" if row.default else "")
        cells.append((row.id or "?", row.kind, row.type, readable_size(row.bytes), state, row.digest[:12]))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells)
