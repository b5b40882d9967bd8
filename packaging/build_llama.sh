#!/usr/bin/env bash
# Builds llama-cpp-python from its pinned, hashed source archive, once per machine type, and prints the wheel's path.
# usage: build_llama.sh PYTHON
# The wheel is kept in the user's cache: the build takes minutes. TELLTALE_CMAKE_ARGS adds options (e.g. -DGGML_CUDA=ON).
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
# MTMD_VIDEO off: llama.cpp must never start ffmpeg on bytes that it cannot read.
options="-DMTMD_VIDEO=OFF ${TELLTALE_CMAKE_ARGS:-}"
# The build uses what this very processor can do, so the cache is keyed by it too.
key=$({
    cat requirements/llama.txt requirements/build.txt
    echo "$options"
    "$python" -c 'import sysconfig, platform; print(sysconfig.get_platform(), platform.libc_ver())'
    grep -m1 -E '^(flags|Features)' /proc/cpuinfo 2>/dev/null || uname -m
} | sha256sum | cut -c1-16)
store="${XDG_CACHE_HOME:-$HOME/.cache}/telltale/wheels/$key"
wheel=$(ls "$store"/llama_cpp_python-*.whl 2>/dev/null | head -1 || true)
if [[ -z $wheel ]]; then
    echo "building llama-cpp-python (about five minutes, once)" >&2
    work=$(mktemp -d)
    export TMPDIR="$work/tmp"
    # Five minutes without a word look like a program that hangs.
    while sleep 20 >/dev/null 2>&1; do
        echo "  $((SECONDS / 60)) min $((SECONDS % 60)) s, $(find "$TMPDIR" -name '*.o' 2>/dev/null | wc -l) files compiled"
    done >&2 &
    telling=$!
    trap 'kill "$telling" 2>/dev/null || true; rm -rf "$work"' EXIT
    mkdir "$TMPDIR"
    "$python" -m venv "$work/env"
    "$work/env/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt >&2
    PATH="$work/env/bin:$PATH" CMAKE_ARGS="$options" CMAKE_BUILD_PARALLEL_LEVEL="$(nproc)" \
        "$work/env/bin/python" -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation \
        --no-binary llama-cpp-python --require-hashes -r requirements/llama.txt -w "$work/out" >&2
    mkdir -p "$store"
    mv "$work"/out/llama_cpp_python-*.whl "$store/"
    wheel=$(ls "$store"/llama_cpp_python-*.whl)
fi
echo "$wheel"
