"""A plain tar file with a few regular files, and nothing else: written and read here so that nothing else can be in it.

Python's tarfile accepts links, devices, sparse files and unbounded extension headers; an archive from a stranger's stick should not get the
chance. Sizes of 8 GiB and more use the base-256 form of GNU tar, so that any tar program can unpack what is written here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from models.errors import ExpertError

BLOCK = 512
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
_OCTAL_LIMIT = 8**11


@dataclass(frozen=True)
class Member:
    """One regular file; its data follows the header."""

    name: str
    size: int


def header(member: Member) -> bytes:
    """The 512 bytes before a member's data; owner, time and mode are the same for all."""
    size = b"%011o\0" % member.size if member.size < _OCTAL_LIMIT else b"\x80" + member.size.to_bytes(11, "big")
    name, nobody, linked = member.name.encode("ascii").ljust(100, b"\0"), b"0000000\0", bytes(100)
    fields = (name, b"0000644\0", nobody, nobody, size, b"00000000000\0", b" " * 8, b"0", linked, b"ustar\0", b"00")
    block = b"".join(fields).ljust(BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def padding(size: int) -> bytes:
    """Zeroes after a member's data."""
    return bytes(-size % BLOCK)


END = bytes(2 * BLOCK)
"""The end of an archive."""


def members(stream: IO[bytes], total: int) -> Iterator[Member]:
    """Walk the members of a tar file of ``total`` bytes. Between two steps the caller reads exactly the member's data from ``stream``.

    Raises ExpertError ``archive-invalid`` for anything but regular files with plain names, for sizes that lie, and for data after the end.
    """
    at = 0
    while True:
        block = stream.read(BLOCK)
        if len(block) != BLOCK:
            raise _invalid("it ends early")
        if block == bytes(BLOCK):
            while rest := stream.read(1 << 16):
                if rest.strip(b"\0"):
                    raise _invalid("there is data after its end")
            return
        member = _parse(block)
        end = at + BLOCK + member.size + len(padding(member.size))
        if end > total:
            raise _invalid("a file in it is said to be larger than the archive")
        yield member
        if stream.read(len(padding(member.size))).strip(b"\0") or stream.tell() != end:
            raise _invalid("a file in it has another size than its header says")
        at = end


def _parse(block: bytes) -> Member:
    name = block[:100].rstrip(b"\0").decode("ascii", "replace")
    if not _NAME.match(name) or block[345:500].strip(b"\0"):
        raise _invalid("it contains a file with a path or a strange name")
    if block[156:157] not in (b"0", b"\0"):
        raise _invalid("it contains something else than plain files")
    try:
        checksum = int(block[148:156].strip(b" \0") or b"x", 8)
        field = block[124:136]
        size = int.from_bytes(field[1:], "big") if field[0] == 0x80 else int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        raise _invalid("a header in it is damaged") from None
    if checksum != sum(block[:148]) + sum(block[156:]) + 8 * 32 or size < 0:
        raise _invalid("a header in it is damaged")
    return Member(name, size)


def _invalid(why: str) -> ExpertError:
    return ExpertError("archive-invalid", f"this is not an archive that Telltale wrote, or it is damaged: {why}")
