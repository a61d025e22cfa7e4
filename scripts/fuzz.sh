#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS] [TARGET...]: builds the fuzz targets with libFuzzer under ASan+UBSan and
# runs each for SECONDS (60) from its committed corpus. New inputs go to build/fuzz-corpus/TARGET,
# crashes to build/fuzz-crashes/: a crash becomes a committed corpus file together with its fix.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds="${1:-60}"
targets=("${@:2}")
if ((${#targets[@]} == 0)); then
  for source in fuzz/*_fuzz.cc; do
    if [[ -e "$source" ]]; then targets+=("$(basename "$source" .cc)"); fi
  done
fi
if ((${#targets[@]} == 0)); then
  echo "no fuzz targets yet"
  exit 0
fi

scripts/build.sh fuzz "${targets[@]}"
mkdir -p build/fuzz-crashes build/fuzz-failed
rm -f build/fuzz-failed/*

# fuzz_one TARGET: leaves a file in build/fuzz-failed when it found something.
fuzz_one() {
  local target="$1" log="build/logs/$1.log" program
  mkdir -p "build/fuzz-corpus/$target"
  program="$(find build/fuzz -type f -name "$target" -perm -u+x | head -n 1)"
  "$program" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="build/fuzz-crashes/$target-" \
    "build/fuzz-corpus/$target" "fuzz/corpus/$target" >"$log" 2>&1 || touch "build/fuzz-failed/$target"
}

# One for each core; a target's log is told whole, when all have ended.
for target in "${targets[@]}"; do
  while (($(jobs -pr | wc -l) >= $(nproc))); do wait -n || true; done
  fuzz_one "$target" &
done
wait
passed=0 failed=0
for target in "${targets[@]}"; do
  echo "--- $target"
  if [[ -e "build/fuzz-failed/$target" ]]; then
    failed=$((failed + 1))
    tail -n 40 "build/logs/$target.log"
  else
    passed=$((passed + 1))
    tail -n 8 "build/logs/$target.log"
  fi
done
echo "$passed passed, $failed failed"
((failed == 0))
