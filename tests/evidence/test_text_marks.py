"""Golden tests of the marks that are text: each file is made here, and gives exactly the documented facts."""

import json
from typing import Any

import pytest

from desktop.document import Mark
from desktop.evidence.marks import read_marks
from desktop.evidence.marks.rules import rules
from samples.files import IPTC, camera_jpeg, exif, iptc_segment, jpeg, png, saved, with_segment, xmp

UUID = "1b9a1a52-0a53-4b34-9b1c-0a1b2c3d4e5f"
A1111 = ("a castle, masterpiece\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 4242, Size: 512x512, "
         "Model hash: abcdef0123, Model: sd15, Version: v1.10.1")
GRAPH = {"3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0]}},
         "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x.safetensors"}},
         "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}}}
LABEL = {"Label": "1", "ContentProducer": "001191110000MA001XXXX00000", "ProduceID": "p-1", "ReservedCode1": "",
         "ContentPropagator": "prop", "PropagateID": "q"}


def marks_of(data: bytes, **facts: Any) -> dict[str, Mark]:
    return {mark.id: mark for mark in read_marks(data, "", facts)}


def found(data: bytes) -> dict[str, str]:
    """What speaks for AI or edits, by id; the construction of the file itself left out."""
    skip = ("jpeg-encoder", "exif-consistency", "trailing-bytes", "conflict")
    return {mark.id: mark.says for mark in read_marks(data, "", {}) if mark.state == "found" and mark.id not in skip}


def test_a_plain_picture_declares_nothing_and_absence_says_nothing() -> None:
    for data in (jpeg(), png(), saved("WEBP"), saved("GIF"), saved("TIFF"), saved("BMP"), saved("AVIF")):
        assert found(data) == {}
    marks = read_marks(jpeg(), "jpeg", {"extension": "jpg"})
    assert [mark.id for mark in marks] == [rule.id for rule in rules().marks]
    absent = next(mark for mark in marks if mark.id == "sd-webui")
    assert (absent.state, absent.says, absent.sentence) == ("absent", "other", "No declaration found. This says nothing about origin.")


@pytest.mark.parametrize("packet", [
    xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{IPTC}trainedAlgorithmicMedia"'),
    xmp(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>"),
    xmp(f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{IPTC}trainedAlgorithmicMedia"/>'),
], ids=["attribute", "element", "resource"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_iptc_source_type(packet: bytes, kind: str) -> None:
    options: dict[str, Any] = {"tiffinfo": {700: packet}} if kind == "TIFF" else {"xmp": packet}
    data = png({"XML:com.adobe.xmp": packet.decode()}) if kind == "PNG" else saved(kind, **options)
    mark = marks_of(data)["iptc-source-type"]
    assert (mark.state, mark.says) == ("found", "ai")
    assert mark.facts["value"] == "trainedAlgorithmicMedia" and mark.facts["vocabulary"] == "fullyGenAIMedia"
    assert mark.sentence.startswith(
        "The file declares the digital source type “trainedAlgorithmicMedia”: made by a trained generative model."
    )


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("digitalCapture", "camera"),
        ("compositeWithTrainedAlgorithmicMedia", "ai"),
        ("composite", "edited"),
        ("digitalArt", "other"),
        ("somethingNew", "other"),
    ],
)
def test_iptc_source_type_values(code: str, says: str) -> None:
    assert marks_of(jpeg(xmp=xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{IPTC}{code}"')))["iptc-source-type"].says == says


def test_an_ai_source_type_does_not_hide_behind_another() -> None:
    codes = ("digitalCapture", "trainedAlgorithmicMedia")
    body = "".join(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}{code}</Iptc4xmpExt:DigitalSourceType>" for code in codes)
    assert marks_of(jpeg(xmp=xmp(body)))["iptc-source-type"].says == "ai"


def test_iptc_ai_fields() -> None:
    packet = xmp("<Iptc4xmpExt:AIPromptInformation>a castle</Iptc4xmpExt:AIPromptInformation>", 'Iptc4xmpExt:AISystemUsed="Some model"')
    mark = marks_of(jpeg(xmp=packet))["iptc-ai-fields"]
    assert mark.says == "ai" and set(mark.facts["declares"]) == {"AISystemUsed = Some model", "AIPromptInformation = a castle"}


@pytest.mark.parametrize("data", [
    jpeg(xmp=xmp(attributes='photoshop:Credit="Made with Google AI"')),
    with_segment(jpeg(), iptc_segment(110, b"Made with Google AI")),
    jpeg(xmp=xmp("<dc:creator><rdf:Seq><rdf:li>DALL·E 3</rdf:li></rdf:Seq></dc:creator>")),
    png({"Software": "Adobe Firefly"}),
    jpeg(exif=exif(t0131="Ideogram 2.0")),
])
def test_vendor_credits(data: bytes) -> None:
    assert found(data) == {"vendor-credit": "ai"}


@pytest.mark.parametrize(
    "data",
    [
        jpeg(xmp=xmp("<dc:description><rdf:Alt><rdf:li>Not Made with AI</rdf:li></rdf:Alt></dc:description>")),
        jpeg(xmp=xmp(attributes='photoshop:Credit="Not Made with AI"')),
        with_segment(jpeg(), iptc_segment(80, b"Sora Tanaka")),
        jpeg(exif=exif(t013b="Imagen cedida por Ana Grok")),
        png({"Author": "Krea Lindholm", "Description": "a midjourney photograph by train"}),
    ],
)
def test_names_of_people_and_denials_are_no_credits(data: bytes) -> None:
    assert found(data) == {}


def test_midjourney() -> None:
    text = f"a castle --ar 16:9 --v 6.1 Job ID: {UUID}"
    for data in (png({"Description": text, "Author": "someone"}), jpeg(exif=exif(t010e=text))):
        mark = marks_of(data)["midjourney"]
        assert (mark.says, mark.facts["job_id"], mark.facts["version"], mark.facts["aspect"]) == ("ai", UUID, "6.1", "16:9")


def test_grok() -> None:
    signature = "Signature: " + "QUJD" * 24
    mark = marks_of(jpeg(exif=exif(t010e=signature, t013b=UUID)))["grok"]
    assert mark.says == "ai" and mark.facts["signature"] == "QUJD" * 24


@pytest.mark.parametrize(
    "data",
    [
        png({"parameters": A1111}),
        png({"parameters": A1111}, zipped=True),
        png({"parameters": A1111 + " 城"}, zipped=True),
        jpeg(exif=exif(comment=b"UNICODE\x00" + A1111.encode("utf-16-be"))),
        jpeg(exif=exif(comment=b"UNICODE\x00" + A1111.encode("utf-16-le"))),
        saved("WEBP", exif=exif(comment=b"ASCII\x00\x00\x00" + A1111.encode())),
        jpeg(comment=A1111.encode()),
    ],
    ids=["tEXt", "zTXt", "iTXt", "utf-16-be", "utf-16-le", "webp", "comment"],
)
def test_stable_diffusion_webui(data: bytes) -> None:
    mark = marks_of(data)["sd-webui"]
    assert mark.says == "ai"
    assert {key: mark.facts[key] for key in ("model", "sampler", "seed", "steps", "prompt")} == {
        "model": "sd15", "sampler": "Euler a", "seed": "4242", "steps": "20", "prompt": "a castle, masterpiece"}
    assert found(data) == {"sd-webui": "ai"}


def test_comfyui_graphs_consistent_broken_and_editor_only() -> None:
    mark = marks_of(png({"prompt": json.dumps(GRAPH), "workflow": "{}"}))["comfyui"]
    assert (mark.says, mark.facts["nodes"], mark.facts["links"], mark.facts["consistent"]) == ("ai", 3, 2, True)
    assert mark.facts["models"] == ["x.safetensors"]
    broken = {key: node for key, node in GRAPH.items() if key != "4"}
    mark = marks_of(png({"prompt": json.dumps(broken)}))["comfyui"]
    assert mark.facts["consistent"] is False and "lead nowhere" in mark.sentence
    editor = {"nodes": [{"type": "KSampler"}], "links": []}
    assert marks_of(png({"workflow": json.dumps(editor)}))["comfyui"].facts["consistent"] is None
    webp = saved("WEBP", exif=exif(make="workflow:{}", model="prompt:" + json.dumps(GRAPH)))
    assert found(webp) == {"comfyui": "ai"}
    assert marks_of(png({"prompt": "just a word"}))["comfyui"].state == "absent"


def test_invokeai() -> None:
    text = json.dumps({"app_version": "5.6.0", "positive_prompt": "a castle", "seed": 99})
    mark = marks_of(png({"invokeai_metadata": text}))["invokeai"]
    assert (mark.says, mark.facts["version"], mark.facts["seed"]) == ("ai", "5.6.0", "99")
    assert marks_of(png({"Dream": '"a castle" -s 50 -S 1234 -W 512'}))["invokeai"].facts["seed"] == "1234"


def test_fooocus() -> None:
    assert found(png({"parameters": '{"base_model": "x", "version": "Fooocus v2.5.5"}', "fooocus_scheme": "fooocus"})) == {"fooocus": "ai"}


def test_novelai() -> None:
    data = png({"Software": "NovelAI", "Source": "NovelAI Diffusion V4", "Description": "a castle", "Comment": '{"steps": 28, "seed": 7}'})
    mark = marks_of(data)["novelai"]
    assert (mark.says, mark.facts["source_model"], mark.facts["seed"], mark.facts["prompt"]) == (
        "ai",
        "NovelAI Diffusion V4",
        "7",
        "a castle",
    )


def test_other_generators() -> None:
    assert marks_of(png({"parameters": '{"sui_image_params": {}}'}))["generator-text"].facts["generator"] == "SwarmUI"
    assert marks_of(png({"hf-job-id": "abc-1"}))["generator-text"].facts["job"] == "abc-1"


@pytest.mark.parametrize("data", [
    jpeg(xmp=xmp(attributes="TC260:AIGC='" + json.dumps(LABEL).replace('"', "&quot;") + "'")),
    jpeg(xmp=xmp("<TC260:AIGC>" + json.dumps(LABEL).replace('"', "&quot;") + "</TC260:AIGC>")),
    png({"AIGC": json.dumps(LABEL)}),
    jpeg(exif=exif(comment=b"ASCII\x00\x00\x00" + json.dumps({"AIGC": LABEL}).encode())),
    jpeg(exif=exif(t010e=json.dumps({"AIGC": LABEL}))),
    with_segment(jpeg(), b"\xff\xec" + (2 + 4 + len(json.dumps(LABEL))).to_bytes(2, "big") + b"AIGC" + json.dumps(LABEL).encode()),
], ids=["xmp-attribute", "xmp-element", "png", "user-comment", "description", "segment"])
def test_chinas_label(data: bytes) -> None:
    mark = marks_of(data)["aigc-label"]
    assert (mark.says, mark.facts["label"], mark.facts["producer"]) == ("ai", "1", LABEL["ContentProducer"])
    assert (mark.facts["produce_id"], mark.facts["propagator"], mark.facts["propagate_id"]) == ("p-1", "prop", "q")
    assert "generated by AI" in mark.sentence


def test_editing_software() -> None:
    event = '<rdf:li stEvt:action="saved" stEvt:softwareAgent="Adobe Photoshop 26.1 (Windows)"/>'
    history = xmp(f"<xmpMM:History><rdf:Seq>{event}</rdf:Seq></xmpMM:History>")
    for data in (jpeg(xmp=history), jpeg(exif=exif(t0131="GIMP 2.10.38"))):
        assert found(data) == {"editing-software": "edited"}


def test_marks_forged_onto_a_camera_picture_are_declarations_with_the_conflict_shown() -> None:
    clean = marks_of(camera_jpeg())
    assert clean["camera-exif"].says == "camera" and clean["conflict"].state == "absent" and clean["exif-consistency"].state == "absent"
    camera: dict[str, Any] = {"make": "NIKON CORPORATION", "model": "NIKON D90", "size": (320, 240), "exposure": True, "note": True}
    forged = [
        camera_jpeg(comment=A1111.encode()),
        camera_jpeg(xmp=xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{IPTC}trainedAlgorithmicMedia"')),
        camera_jpeg(exif=exif(**camera, comment=b"ASCII\x00\x00\x00" + A1111.encode())),
        camera_jpeg(exif=exif(**camera, t0131="Adobe Firefly")),
        camera_jpeg(xmp=xmp(attributes='photoshop:Credit="Made with Google AI"')),
    ]
    for data in forged:
        marks = marks_of(data)
        conflict = marks["conflict"]
        assert conflict.state == "found" and conflict.says == "other"
        assert conflict.facts["camera"] == ["camera-exif"] and len(conflict.facts["ai"]) == 1
        assert "For a camera: Camera data (EXIF)." in conflict.sentence
        assert marks[conflict.facts["ai"][0]].sentence.startswith("The file ")
        assert marks["camera-exif"].state == "found"


def test_a_partly_generated_camera_picture_is_no_conflict() -> None:
    data = camera_jpeg(xmp=xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{IPTC}compositeWithTrainedAlgorithmicMedia"'))
    assert marks_of(data)["iptc-source-type"].says == "ai" and marks_of(data)["conflict"].state == "absent"


def test_hostile_text_is_made_fit_to_be_shown() -> None:
    text = "Steps: 20, Sampler: a\u202ebc\u200b\x07d, Seed: 1, Model: " + "x" * 5000
    mark = marks_of(png({"parameters": text}))["sd-webui"]
    assert mark.facts["sampler"] == "abcd"
    assert all(len(str(value)) <= 800 for value in mark.facts.values())
    braces = marks_of(png({"parameters": "Steps: 20, Sampler: {model.__class__} {0}, Seed: 1"}))["sd-webui"]
    assert "{model.__class__} {0}" in braces.sentence
