"""The catalogue: four models, and the user's own."""

from pathlib import Path

import pytest

from models.catalogue import load_catalogue, parse_entry
from models.errors import ExpertError

OWN = """
schema = "telltale.catalogue/1"
id = "mine"
name = "Mine"
kind = "detector"
good_for = "x"
not_for = "y"
[source]
repository = "me/mine"
recipe = "fakevlm"
[licence]
id = "CC0-1.0"
text = "free"
[hardware]
memory_bytes = 1
disk_bytes = 1
"""


def test_what_ships() -> None:
    catalogue = load_catalogue()
    assert set(catalogue.entries) == {"starter", "fakevlm", "aesexpert", "llava-1.5-7b"}
    assert not catalogue.problems
    assert catalogue.get("starter").source is None
    for entry in catalogue.entries.values():
        assert entry.good_for
        assert entry.not_for
        assert entry.licence.text
    assert catalogue.get("aesexpert").kind == "aesthetics"
    assert catalogue.get("aesexpert").questions


def test_recipes_exist() -> None:
    recipes = {path.stem for path in (Path(__file__).parents[2] / "convert" / "recipes").glob("*.toml")}
    assert {entry.source.recipe for entry in load_catalogue().entries.values() if entry.source} <= recipes


def test_a_users_file_adds(own_data_folder: Path) -> None:
    folder = own_data_folder / "catalogue"
    folder.mkdir()
    (folder / "mine.toml").write_text(OWN)
    (folder / "clash.toml").write_text(OWN.replace('"mine"', '"fakevlm"'))
    (folder / "broken.toml").write_text("schema = ")
    (folder / "wrong.toml").write_text(OWN.replace("me/mine", "../../etc"))
    catalogue = load_catalogue()
    assert catalogue.get("mine").name == "Mine"
    assert catalogue.get("fakevlm").name == "FakeVLM"
    assert [problem.file for problem in catalogue.problems] == ["broken.toml", "clash.toml", "wrong.toml"]
    assert "source.repository" in catalogue.problems[2].message


def test_unknown() -> None:
    with pytest.raises(ExpertError, match="catalogue-unknown"):
        load_catalogue().get("gpt")
    with pytest.raises(ExpertError, match="catalogue-invalid"):
        parse_entry(b"\xff")
