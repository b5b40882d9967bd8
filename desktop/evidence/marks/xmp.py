"""XMP packets as a flat list of properties, attribute and element form alike. Sources: XMP specification parts 1-3, RDF/XML.

Read through defusedxml (no DTD, no entities, nothing external) and only up to ``PACKET_CAP`` bytes.
"""

from dataclasses import dataclass

PACKET_CAP = 1 << 20
_NODE_LIMIT = 20000
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_PREFIXES = {
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "iptcExt", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "iptcCore",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop", "http://purl.org/dc/elements/1.1/": "dc", "http://purl.org/dc/terms/": "dcterms",
    "http://ns.adobe.com/xap/1.0/": "xmp", "http://ns.adobe.com/xap/1.0/mm/": "xmpMM", "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#": "stEvt", "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/exif/1.0/": "exif", "http://www.tc260.org.cn/ns/AIGC/1.0/": "TC260",
    "http://ns.adobe.com/camera-raw-settings/1.0/": "crs",
    "http://ns.google.com/photos/1.0/creations/": "GCreations", "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://ns.adobe.com/xmp/note/": "xmpNote",
}


@dataclass(frozen=True)
class Property:
    """One value: ``name`` is ``prefix:Local`` with a fixed prefix for well-known namespaces, whatever prefix the file uses."""

    name: str
    value: str


class BadPacket(Exception):
    """The packet is too large or not well-formed; ``reason`` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_packet(packet: bytes) -> list[Property]:
    """All non-empty properties of one packet, in document order. Raises BadPacket (``too-large``, ``not-well-formed``)."""
    if len(packet) > PACKET_CAP:
        raise BadPacket("too-large")
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root = ElementTree.fromstring(packet.strip(b"\x00 \r\n\t"), forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        raise BadPacket("not-well-formed") from None
    found: list[Property] = []
    stack = [(root, "")]
    visited = 0
    while stack and visited < _NODE_LIMIT:
        element, owner = stack.pop()
        visited += 1
        name = _name(str(element.tag))
        # A value inside rdf:Bag/Seq/Alt/li belongs to the property around it.
        owner = owner if name.startswith("rdf:") or name.startswith("x:") else name
        for key, value in element.attrib.items():
            attribute = _name(key)
            if attribute == "rdf:resource" and owner:
                found.append(Property(owner, value))
            elif not attribute.startswith(("rdf:", "xml:", "x:")) and value.strip():
                found.append(Property(attribute, value.strip()))
        text = (element.text or "").strip()
        if text and owner:
            found.append(Property(owner, text))
        stack.extend((child, owner) for child in reversed(element))
    return found


def _name(tag: str) -> str:
    if not tag.startswith("{"):
        return tag
    namespace, _, local = tag[1:].partition("}")
    if namespace == _RDF:
        return f"rdf:{local}"
    if namespace == "adobe:ns:meta/":
        return f"x:{local}"
    if namespace == "http://www.w3.org/XML/1998/namespace":
        return f"xml:{local}"
    return f"{_PREFIXES.get(namespace, namespace)}:{local}"
