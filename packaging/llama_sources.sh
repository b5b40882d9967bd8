#!/usr/bin/env bash
# Unpacks the pinned, hashed llama-cpp-python archive, for building parts of llama.cpp that fit the very libraries that are shipped.
# usage: llama_sources.sh PYTHON FOLDER     (FOLDER gets env/ with cmake and ninja, and source/)
# TELLTALE_CPU_VARIANTS: the kinds of processor (names of ggml) that source/ will build for.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
folder=$2
# sse42: any x86-64 of the last ten years; sandybridge: AVX; haswell: AVX2; alderlake: AVX-VNNI; skylakex: AVX-512; sapphirerapids: AMX
variants=${TELLTALE_CPU_VARIANTS:-sse42 sandybridge haswell alderlake skylakex sapphirerapids}
mkdir -p "$folder/source"
"$python" -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt >&2
PATH="$folder/env/bin:$PATH" "$folder/env/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --no-binary llama-cpp-python --require-hashes -r requirements/llama.txt -d "$folder" >&2
tar -xf "$folder"/llama_cpp_python-*.tar.gz -C "$folder/source" --strip-components=1
ggml=$folder/source/vendor/llama.cpp/ggml
# ggml can build all fourteen processors or one; keep the lines of those that we want.
keep=${variants// /|}
sed -i -E "/^ +ggml_add_cpu_backend_variant\((x64|[a-z0-9]+)[ )]/{/\(($keep)[ )]/!d}" "$ggml/src/CMakeLists.txt"
touch "$ggml/ggml.pc.in" # only a build of ggml alone asks for it, and the archive leaves it out
echo "$variants"
