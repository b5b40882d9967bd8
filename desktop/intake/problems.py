"""Every way in which intake can refuse a picture: a stable code and a text that people can act on.

The worker sends codes only; the texts live here, on the client's side, so that nothing of a hostile file is ever shown.
"""

from models.errors import InputError

READS = "Telltale reads JPEG, PNG, WebP, TIFF, GIF, BMP, MPO and AVIF."

TEXTS: dict[str, str] = {
    "picture-not-found": "There is no file at this place. Was it moved, renamed or on a drive that is no longer connected?",
    "picture-not-a-file": "This is not a regular file (but a folder, device, pipe or socket). Choose a picture file.",
    "picture-no-permission": "You are not allowed to read this file. Copy it to a place of your own or ask for access.",
    "picture-link-loop": "This link leads to itself in a circle and never to a file.",
    "picture-not-readable": "The file cannot be read; the drive or network may have failed. Copy it to a local drive and try again.",
    "picture-changed": "The file changed while it was read. Wait until it is completely written and try again.",
    "picture-empty": "The file is empty: it has zero bytes. Fetch it again from where it came from.",
    "picture-too-large-file": "The file is larger than the limit for one picture.",
    "picture-too-many-pixels": "The picture has more pixels than the limit. It was not unpacked.",
    "picture-not-a-picture": f"This is no picture in a format that Telltale knows. {READS}",
    "picture-format-refused": f"Files of this format are not examined. {READS}",
    "picture-truncated": "The picture ends too early: a part of the file is missing. Fetch it again from where it came from.",
    "picture-damaged": "The picture's data break the rules of its format, so that programs may show different things.",
    "picture-unpacks-too-large": "A part of the file unpacks to far more data than a picture needs, as an attack would do.",
    "picture-depth-refused": "The pixels are 32-bit numbers without a defined white, as in science. Export it with 8 or 16 bits.",
    "intake-memory": "Reading the picture needs more memory than is allowed for one picture or than this machine has free.",
    "intake-timeout": "Reading the picture took longer than is allowed for one picture and was stopped.",
    "intake-crashed": "The process that reads pictures crashed on this file. Nothing else is affected; treat the file as suspicious.",
    "intake-killed": "The process that reads pictures was ended from outside, or the machine ran out of memory. Try again.",
    "intake-broken-answer": "The process that reads pictures gave an answer that cannot be right. Nothing of it was used; treat the file "
                            "as suspicious.",
}

REFUSED: dict[str, str] = {
    "svg": "This is an SVG drawing, which is a program for making a picture. Examine a bitmap instead.",
    "pdf": "This is a PDF document. Extract the picture from it without converting it (for example with pdfimages -all).",
    "postscript": "This is a PostScript or EPS document, which is a program. Examine a bitmap instead.",
    "heic": "This is a HEIC/HEIF picture, which Telltale cannot read. Ask for the original export as JPEG; converting loses traces.",
    "raw": "This is a camera's raw file. Examine the JPEG that the camera made, or a developed TIFF; developing changes traces.",
    "jpeg-xl": "This is a JPEG XL picture, which Telltale cannot read yet.",
    "jpeg-2000": "This is a JPEG 2000 picture, which Telltale does not read.",
    "psd": "This is a Photoshop document. Export it as TIFF or PNG.",
    "icon": "This is an icon file. It holds several small pictures and is not examined.",
    "video": "This is a video. Export single frames as PNG and say so in your notes.",
    "audio": "This is a sound file.",
    "archive": "This is an archive. Unpack it first.",
    "program": "This is a program, not a picture. Do not open it.",
    "html": "This is a web page, not the picture on it. Save the picture itself.",
    "text": "This is a text file, not a picture.",
}


def problem(code: str, detail: str | None = None) -> InputError:
    """The error for ``code``; ``detail`` names the refused format. An unknown code or detail is a broken answer of the worker."""
    if code == "picture-format-refused" and detail in REFUSED:
        return InputError(code, f"{REFUSED[detail]} {READS}")
    if code not in TEXTS or detail is not None:
        code = "intake-broken-answer"
    return InputError(code, TEXTS[code])


DEVIATIONS: dict[str, str] = {
    "orientation": "The EXIF orientation was applied; the reference's loader leaves the pixels as they are stored.",
    "alpha": "Transparent places lie on white here; the reference's loader drops transparency and shows what is hidden beneath it.",
    "icc": "Colours were converted from the embedded profile to sRGB; the reference's loader ignores profiles.",
    "lab": "Colours were converted from CIE Lab to sRGB; the reference's loader cannot.",
    "cmyk-plain": "Ink values were read as stored, because the file has no Adobe marker; the reference's loader takes them as inverted.",
    "sixteen-bit": "Of 16-bit grey values the high byte was taken; the reference's loader makes all but the darkest white.",
}
"""Where the RGB of an exhibit differs from Pillow's ``Image.open(file).convert("RGB")``, by the code that the worker sends."""
