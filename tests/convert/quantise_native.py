"""Run as a program: llama.cpp's own quantiser on a file of ours (`python -m tests.convert.quantise_native IN OUT FTYPE`)."""

import sys

import llama_cpp


def main() -> int:
    """Returns the exit status."""
    source, target, file_type = sys.argv[1:]
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = int(file_type)
    params.nthread = 2
    return int(llama_cpp.llama_model_quantize(source.encode(), target.encode(), params))


if __name__ == "__main__":
    sys.exit(main())
