#!/usr/bin/env bash
# scripts/build.sh PRESET [TARGET...]: configures build/PRESET and builds the targets.
# Without targets: what a test run needs (test programs, fuzz replayers or fuzzers, coffer).
# Output is short: the whole of it goes to build/logs/build-PRESET.log, its end is shown on failure.
# On a terminal a count shows how far it is.
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

# Standard input to the log, and on a terminal ninja's count to it.
follow() {
  local line
  if [[ ! -t 1 ]]; then
    cat >>"$log"
    return
  fi
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    if [[ "$line" =~ ^\[[0-9]+/[0-9]+\] ]]; then printf '\r%s' "${BASH_REMATCH[0]}"; fi
  done
  printf '\r\033[K'
}

echo "Configuring and building $preset (log: $log)"
cmake --preset "$preset" >"$log" 2>&1 || fail configuration
targets=("$@")
if ((${#targets[@]} == 0)); then
  targets=(tested)
fi
ninja -C "build/$preset" -j"$(nproc)" "${targets[@]}" 2>&1 | follow || fail "the build"
