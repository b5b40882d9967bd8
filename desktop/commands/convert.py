"""``telltale convert``: a fine-tuned LLaVA-style checkpoint becomes an expert."""

import argparse
from pathlib import Path

LANGUAGE_TYPES = ("Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16", "BF16", "F32")
PROJECTOR_TYPES = ("F16", "Q8_0", "F32")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``convert`` to the command line."""
    parser = commands.add_parser("convert", help="convert a LLaVA-style safetensors checkpoint into an expert")
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=Path, help="folder of the checkpoint")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder to create; it must not exist")
    parser.add_argument("--type", choices=LANGUAGE_TYPES, default="Q4_K_M", help="quantisation of the language model (default: Q4_K_M)")
    parser.add_argument("--mmproj-type", choices=PROJECTOR_TYPES, default="F16", help="type of the vision part (default: F16)")
    parser.add_argument("--recipe", default="fakevlm", metavar="NAME|FILE.toml", help="prompt, answer words, kind (default: fakevlm)")
    parser.set_defaults(run=run)
