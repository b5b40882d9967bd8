"""The options that say how a report is to be, the same wherever the command line writes one."""

import argparse
from pathlib import Path

from desktop.report import Signer
from desktop.reports import Wish, chosen_views
from models.errors import UsageError


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--profile``, ``--language``, ``--views``, ``--original`` and the signing options."""
    group = parser.add_argument_group("how a report is written")
    group.add_argument("--profile", choices=("court", "newsroom"), default="court", help="what it may contain (default: court)")
    group.add_argument("--language", choices=("en", "zh"), default="en", help="its language (default: en)")
    group.add_argument("--views", metavar="ID,…", default="", help="views to compute and print; 'all' for all of them")
    group.add_argument("--original", action="store_true", help="put the received file into a court report")
    group.add_argument("--sign-key", type=Path, metavar="FILE", help="the laboratory's key: PKCS #12, or PEM with --sign-certificate")
    group.add_argument("--sign-certificate", type=Path, metavar="PEM", help="the certificate of a PEM key")
    group.add_argument("--sign-passphrase-file", type=Path, metavar="FILE", help="a file with the key's passphrase")


def wish_of(arguments: argparse.Namespace) -> Wish:
    """What the options say. Raises UsageError."""
    return Wish(arguments.profile, arguments.language, chosen_views(arguments.views), arguments.original, _signer(arguments))


def _signer(arguments: argparse.Namespace) -> Signer | None:
    if arguments.sign_key is None:
        return None
    secret = arguments.sign_passphrase_file
    try:
        passphrase = secret.read_text("utf-8").strip() if secret else None
    except (OSError, UnicodeDecodeError):
        raise UsageError("passphrase-unreadable", "The file with the passphrase cannot be read.") from None
    return Signer.load(arguments.sign_key, arguments.sign_certificate, passphrase)
