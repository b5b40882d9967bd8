#!/usr/bin/env bash
# Cross-builds llama.cpp's libraries for Windows with mingw-w64: one CPU library for each kind of processor, chosen when the program starts.
# usage: cross_llama.sh FOLDER     (FOLDER: what llama_sources.sh wrote; the libraries go to FOLDER/out. Runs in the Debian of root.sh.)
set -euo pipefail
folder=$(cd "$1" && pwd)
# Windows aligns the stack to 16 bytes and GCC does not know how to align it further there, so 32-byte moves to the stack crash; the
# assembler is told to write moves that need no alignment. The C++ runtime goes into each library, which keeps it to itself.
flags="-ffile-prefix-map=$folder=. -Wa,-muse-unaligned-vector-move"
link="-static -static-libgcc -static-libstdc++ -Wl,--exclude-libs,ALL -Wl,--no-insert-timestamp"
cmake -S "$folder/source" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_SYSTEM_PROCESSOR=x86_64 \
    -DCMAKE_C_COMPILER=x86_64-w64-mingw32-gcc-posix -DCMAKE_CXX_COMPILER=x86_64-w64-mingw32-g++-posix -DCMAKE_RC_COMPILER=x86_64-w64-mingw32-windres \
    -DCMAKE_FIND_ROOT_PATH=/usr/x86_64-w64-mingw32 -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
    -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" \
    -DCMAKE_SHARED_LINKER_FLAGS="$link" -DCMAKE_MODULE_LINKER_FLAGS="$link" \
    -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON -DGGML_OPENMP=OFF -DMTMD_VIDEO=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_SERVER=OFF \
    -DSKBUILD_PLATLIB_DIR="$folder/out"
# What is wanted by name: the archive also has programs, which nobody needs.
ninja -C "$folder/build" llama mtmd ggml $(ninja -C "$folder/build" -t targets all | grep -oE '^ggml-cpu-[a-z0-9]+' | sort -u)
mkdir -p "$folder/out"
find "$folder/build" -name '*.dll' -exec cp {} "$folder/out/" \;
x86_64-w64-mingw32-strip --strip-unneeded "$folder"/out/*.dll
ls -l "$folder/out"
