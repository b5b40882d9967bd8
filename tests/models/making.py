"""Small experts for tests: real cards around files that are nothing but bytes."""

from pathlib import Path

import msgspec

from models import cards


def make_expert(folder: Path, ident: str = "tiny", kind: str = "F32", size: int = 1000, **changes: object) -> cards.Card:
    """Write an expert folder whose two files hold ``size`` bytes each; returns its card."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for name, fill in (("language.gguf", b"L"), ("mmproj.gguf", b"P")):
        (folder / name).write_bytes(fill * size)
        parts.append(cards.Part(name, cards.file_sha256(folder / name), size, kind))
    card = cards.Card(
        schema=cards.SCHEMA, id=ident, name=ident.title(), kind="detector", language=parts[0], projector=parts[1],
        prompt=cards.Prompt("Does the image looks real/fake?", (5, 6), "\nThis is a", (3, 4), "fake", "real", (7,), (8,), 1, 2),
        preparation=cards.Preparation("crop", 112, (0.48, 0.45, 0.4), (0.27, 0.26, 0.28)), vision=cards.Vision(14, 128, 256),
        generation=cards.Generation(), licence=cards.Licence("CC0-1.0", "Do as you please."), source=cards.Source(),
    )
    card = msgspec.structs.replace(card, **changes)
    (folder / cards.CARD_NAME).write_bytes(cards.dump_card(card))
    return card
