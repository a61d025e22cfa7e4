#!/usr/bin/env bash
# scripts/unit_tests.sh PRESET: runs the test programs and corpus replays of build/PRESET with
# ctest and prints, last, how many single cases passed, failed and were skipped.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset="${1:?usage: scripts/unit_tests.sh PRESET}"
dir="$PWD/build/$preset"
results="$dir/gtest-results"
rm -rf "$results" "$dir/ctest.xml"
mkdir -p "$results"

export GTEST_OUTPUT="xml:$results/" GTEST_BRIEF=1
export ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1"
export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1"
symbolizer="$(command -v llvm-symbolizer-19 || true)"
if [[ -n "$symbolizer" ]]; then
  ASAN_OPTIONS+=":external_symbolizer_path=$symbolizer"
  TSAN_OPTIONS+=":external_symbolizer_path=$symbolizer"
fi

code=0
ctest --test-dir "$dir" --parallel 2 --output-on-failure --no-tests=error \
  --output-junit "$dir/ctest.xml" || code=$?
scripts/tally.py "$dir/ctest.xml" "$results" || code=1
exit "$code"
