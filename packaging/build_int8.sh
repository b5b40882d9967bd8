#!/usr/bin/env bash
# Compiles desktop/engine/int8 (8-bit products with AVX-512 VNNI) and puts it beside the llama.cpp of a Python.
# usage: build_int8.sh PYTHON     (llama-cpp-python must be installed there)
# Its headers are those inside the pinned, hashed llama-cpp-python archive, so that it fits the very ggml that it is loaded into. It is for
# x86-64 under Linux; elsewhere nothing is built and the engine goes without. Kept in the user's cache.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
[[ $(uname -sm) == "Linux x86_64" ]] || exit 0
name=libggml-int8.so
libraries=$("$python" -c 'import importlib.util; print(importlib.util.find_spec("llama_cpp").submodule_search_locations[0])')/lib
key=$({
    cat requirements/llama.txt requirements/build.txt packaging/build_int8.sh packaging/llama_sources.sh desktop/engine/int8/*
    "$python" -c 'import sysconfig, platform; print(sysconfig.get_platform(), platform.libc_ver())'
} | sha256sum | cut -c1-16)
store="${XDG_CACHE_HOME:-$HOME/.cache}/telltale/int8/$key"
if [[ ! -e $store/$name ]]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    packaging/llama_sources.sh "$python" "$work" >/dev/null
    ggml=$work/source/vendor/llama.cpp/ggml
    mkdir -p "$store"
    cc -std=c11 -D_GNU_SOURCE -O3 -fPIC -shared -fvisibility=hidden -fopenmp -Wall -Wextra -Werror \
        -mtune=generic -mfma -mf16c -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni \
        -isystem "$ggml/include" -isystem "$ggml/src" -ffile-prefix-map="$PWD=." desktop/engine/int8/backend.c -o "$store/$name.new" \
        -L "$libraries" -l:libggml-base.so.0 -l:libggml.so.0 -Wl,-rpath,'$ORIGIN' -s
    mv "$store/$name.new" "$store/$name"
fi
# Never written into while an engine runs from it.
cp "$store/$name" "$libraries/$name.new"
mv "$libraries/$name.new" "$libraries/$name"
