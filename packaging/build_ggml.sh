#!/usr/bin/env bash
# Builds ggml for packages: one CPU library for each kind of x86-64 processor, chosen when the program starts. Prints the folder.
# usage: build_ggml.sh PYTHON
# The sources are those inside the pinned, hashed llama-cpp-python archive, so that they fit its libllama and libmtmd, which are built
# for no processor in particular anyway. Kept in the user's cache. TELLTALE_CPU_VARIANTS chooses the processors (names of ggml).
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
key=$({
    cat requirements/llama.txt requirements/build.txt packaging/build_ggml.sh packaging/llama_sources.sh
    echo "${TELLTALE_CPU_VARIANTS:-}"
    "$python" -c 'import sysconfig, platform; print(sysconfig.get_platform(), platform.libc_ver())'
} | sha256sum | cut -c1-16)
store="${XDG_CACHE_HOME:-$HOME/.cache}/telltale/ggml/$key"
if [[ ! -e $store/done ]]; then
    echo "building ggml for every kind of processor (minutes, once)" >&2
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    variants=$(packaging/llama_sources.sh "$python" "$work")
    ggml=$work/source/vendor/llama.cpp/ggml
    # No path of this machine may end up in what is shipped.
    map="-ffile-prefix-map=$work=."
    PATH="$work/env/bin:$PATH" cmake -S "$ggml" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON \
        -DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON -DGGML_BUILD_TESTS=OFF -DGGML_BUILD_EXAMPLES=OFF \
        -DCMAKE_C_FLAGS="$map" -DCMAKE_CXX_FLAGS="$map" -DCMAKE_INSTALL_RPATH='$ORIGIN' -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON >&2
    PATH="$work/env/bin:$PATH" cmake --build "$work/build" --parallel "$(nproc)" >&2
    PATH="$work/env/bin:$PATH" cmake --install "$work/build" --prefix "$work/out" --strip >&2
    rm -rf "$store"
    mkdir -p "$store"
    find "$work/out" -name 'libggml*' -exec cp -P {} "$store/" \;
    for variant in $variants; do
        test -e "$store/libggml-cpu-$variant.so" || { echo "ggml was not built for $variant" >&2; exit 1; }
    done
    touch "$store/done"
fi
echo "$store"
