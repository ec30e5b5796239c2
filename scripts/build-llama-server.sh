#!/usr/bin/env bash
# Builds llama-server from the llama.cpp source that the node-llama-cpp package carries, so that tests and benches compare with the very same
# version. Outside the tree, once: ${SEKTOR_CACHE:-$HOME/.cache/sektor}/llama.cpp-<tag>. SEKTOR_LLAMA_SERVER names a ready binary instead.
# The last line printed is the binary's path.
set -euo pipefail

if [[ -n "${SEKTOR_LLAMA_SERVER:-}" ]]; then
  [[ -x "$SEKTOR_LLAMA_SERVER" ]] || { echo "SEKTOR_LLAMA_SERVER is not an executable file: $SEKTOR_LLAMA_SERVER" >&2; exit 1; }
  echo "$SEKTOR_LLAMA_SERVER"
  exit 0
fi

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
package="$root/node_modules/node-llama-cpp/llama"
bundle="$package/gitRelease.bundle"
[[ -f "$bundle" ]] || { echo "node-llama-cpp is not installed: run npm ci first." >&2; exit 1; }

tag="$(node -p 'JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).tag' "$package/llama.cpp.info.json")"
folder="${SEKTOR_CACHE:-$HOME/.cache/sektor}/llama.cpp-$tag"
binary="$folder/build/bin/llama-server"

if [[ ! -x "$binary" ]]; then
  for tool in git cmake c++; do
    command -v "$tool" > /dev/null || { echo "$tool is needed to build llama-server." >&2; exit 1; }
  done
  if [[ ! -f "$folder/source/CMakeLists.txt" ]]; then
    rm -rf "$folder/source" "$folder/source.part"
    mkdir -p "$folder"
    git -c advice.detachedHead=false clone --quiet "$bundle" "$folder/source.part" >&2
    mv "$folder/source.part" "$folder/source"
  fi
  generator=()
  if command -v ninja > /dev/null; then generator=(-G Ninja); fi
  cmake -S "$folder/source" -B "$folder/build" "${generator[@]}" \
    -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON \
    -DLLAMA_OPENSSL=OFF -DLLAMA_CURL=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF \
    -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF >&2
  cmake --build "$folder/build" --target llama-server --parallel "${SEKTOR_BUILD_JOBS:-$(nproc)}" >&2
fi
echo "$binary"
