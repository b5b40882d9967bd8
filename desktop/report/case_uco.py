"""The analysis as CASE/UCO JSON-LD, for laboratories that collect results of many tools in one graph.

Identifiers are name-based UUIDs of the analysis, so that the same analysis gives the same file.
"""

import json
import uuid
from typing import Any

from desktop import __version__, document

_SPACE = uuid.UUID("5b1f7f1c-8f2a-5d0e-9b63-2b4d7c1e9a10")
_CONTEXT = {
    "kb": "http://example.org/kb/",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def case_uco(analysis: document.Analysis) -> bytes:
    """``analysis`` as JSON-LD: the file with its hashes, the tool, the action that used it, and the finding as its result."""
    info, run = analysis.exhibit, analysis.run
    key = "\n".join((analysis.id, info.sha256, run.finished_at))
    exhibit, tool, action, result = (_name(kind, key) for kind in ("file", "tool", "action", "result"))
    said = [_opinion(opinion) for opinion in analysis.opinions]
    if isinstance(analysis.finding, document.Finding):
        said.insert(0, f"{analysis.finding.outcome}: {analysis.finding.sentence}")
    graph: list[dict[str, Any]] = [
        {
            "@id": exhibit,
            "@type": "uco-observable:File",
            "uco-core:hasFacet": [
                {
                    "@id": _name("file-facet", key),
                    "@type": "uco-observable:FileFacet",
                    "uco-observable:fileName": info.name,
                    "uco-observable:sizeInBytes": _typed("xsd:integer", info.bytes),
                },
                {
                    "@id": _name("content-facet", key),
                    "@type": "uco-observable:ContentDataFacet",
                    "uco-observable:hash": [_hash("SHA256", info.sha256, key), _hash("SHA512", info.sha512, key)],
                    "uco-observable:sizeInBytes": _typed("xsd:integer", info.bytes),
                },
            ],
        },
        {"@id": tool, "@type": "uco-tool:AnalyticTool", "uco-core:name": "Telltale", "uco-tool:version": run.telltale or __version__},
        {
            "@id": action,
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": "Examination of a picture for traces of AI generation",
            **_moments(run),
            "uco-action:instrument": {"@id": tool},
            "uco-action:object": {"@id": exhibit},
            "uco-action:result": {"@id": result},
        },
        {
            "@id": result,
            "@type": "case-investigation:ProvenanceRecord",
            "uco-core:description": said or ["no opinion was given"],
            "uco-core:object": {"@id": exhibit},
        },
    ]
    value = {"@context": _CONTEXT, "@graph": graph}
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _name(kind: str, key: str) -> str:
    return f"kb:{kind}-{uuid.uuid5(_SPACE, f'{kind}:{key}')}"


def _typed(kind: str, value: object) -> dict[str, str]:
    return {"@type": kind, "@value": str(value)}


def _hash(method: str, value: str, key: str) -> dict[str, Any]:
    return {
        "@id": _name(f"hash-{method.lower()}", key),
        "@type": "uco-types:Hash",
        "uco-types:hashMethod": method,
        "uco-types:hashValue": _typed("xsd:hexBinary", value),
    }


def _moments(run: document.Run) -> dict[str, Any]:
    """Start and end, where they are whole moments (a newsroom copy keeps only the day)."""
    found = {"uco-action:startTime": run.started_at, "uco-action:endTime": run.finished_at}
    return {name: _typed("xsd:dateTime", moment) for name, moment in found.items() if "T" in moment}


def _opinion(opinion: document.Opinion) -> str:
    return f"{opinion.expert.name} ({opinion.expert.type}): log-odds {opinion.log_odds!r} of fake against real. {opinion.text}".strip()
