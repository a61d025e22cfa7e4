#!/usr/bin/env bash
# scripts/build.sh PRESET [TARGET...]: configures build/PRESET and builds the targets.
# Without targets: what a test run needs (test programs, fuzz replayers or fuzzers, coffer).
# Output is short: the whole of it goes to build/logs/build-PRESET.log, its end is shown on failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset="${1:?usage: scripts/build.sh PRESET [TARGET...]}"
shift
mkdir -p build/logs
log="build/logs/build-$preset.log"
# Room for release, asan and tsan objects together; the default of 5 GB is enough for two.
export CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-10G}"
# Without it ccache does not trust precompiled headers.
export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS:-pch_defines,time_macros}"

fail() {
  tail -n 60 "$log" >&2
  echo "build.sh: $1 of preset '$preset' failed; all of it is in $log" >&2
  exit 1
}

echo "Configuring and building $preset (log: $log)"
cmake --preset "$preset" >"$log" 2>&1 || fail configuration
targets=("$@")
if ((${#targets[@]} == 0)); then
  targets=(tested)
fi
ninja -C "build/$preset" -j"$(nproc)" "${targets[@]}" >>"$log" 2>&1 || fail "the build"
