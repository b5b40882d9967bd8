"""docs/analysis.schema.json is the document's own schema, and real documents keep to it."""

import json
from pathlib import Path

import jsonschema

from desktop import document
from samples import documents

SCHEMA = Path(__file__).parents[2] / "docs" / "analysis.schema.json"


def test_schema_file_is_current() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == json.loads(json.dumps(document.json_schema()))


def test_samples_keep_to_the_schema() -> None:
    jsonschema.Draft202012Validator(document.json_schema()).validate(json.loads(document.encode(documents.analysis())))
