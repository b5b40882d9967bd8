#!/usr/bin/env bash
# Builds a GPU pack: one of llama.cpp's GPU backends, from the sources that the packages are built from. See desktop/engine/packs.py.
# usage: build_pack.sh PYTHON vulkan|cuda OUT     (OUT/NAME is the pack: to be put into packs/ beside the installed program)
# Needs the backend's compiler: for vulkan Debian's libvulkan-dev, glslc and spirv-headers; for cuda NVIDIA's nvcc.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
name=$2
out=$3
case $name in
    vulkan) option=-DGGML_VULKAN=ON ;;
    cuda) option=-DGGML_CUDA=ON ;;
    *) echo "no such pack: $name" >&2 && exit 2 ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packaging/llama_sources.sh "$python" "$work" >/dev/null
map="-ffile-prefix-map=$work=."
export PATH="$work/env/bin:$PATH"
cmake -S "$work/source/vendor/llama.cpp/ggml" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=OFF \
    -DGGML_BACKEND_DL=ON "$option" -DGGML_BUILD_TESTS=OFF -DGGML_BUILD_EXAMPLES=OFF -DCMAKE_C_FLAGS="$map" -DCMAKE_CXX_FLAGS="$map" \
    -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON
cmake --build "$work/build" --parallel "$(nproc)" --target "ggml-$name"
pack=$out/$name
rm -rf "$pack"
mkdir -p "$pack"
find "$work/build" -name "*ggml-$name.so" -exec cp {} "$pack/" \;
strip --strip-unneeded "$pack"/*ggml-"$name".so
cp packaging/licenses/llama.cpp.txt "$pack/LICENSE"
version=$(sed -nE 's/^llama-cpp-python==([^ ]+).*/\1/p' requirements/llama.txt)
printf '{"backend": "%s", "llama_cpp_python": "%s", "platform": "linux"}\n' "$name" "$version" >"$pack/pack.json"
echo "$pack"
