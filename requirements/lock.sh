#!/usr/bin/env bash
# Writes the hashed lock files anew. No address of any index gets into them.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header "$@"; }
compile --no-deps requirements/llama.in -o requirements/llama.txt
compile requirements/build.in -o requirements/build.txt
compile --no-emit-package llama-cpp-python pyproject.toml -o requirements/run.txt
compile --no-emit-package llama-cpp-python pyproject.toml requirements/test.in -c requirements/run.txt -o requirements/test.txt
