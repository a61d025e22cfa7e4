#!/usr/bin/env bash
# scripts/check_format.sh [ROOT]: every C++ file must be as clang-format 19 leaves it.
# To repair: clang-format-19 -i FILE
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

folders=()
for folder in src fuzz bench tests; do
  if [[ -d "$folder" ]]; then folders+=("$folder"); fi
done
if ((${#folders[@]} == 0)); then
  echo "no C++ folders below $PWD"
  exit 0
fi
mapfile -d '' files < <(find "${folders[@]}" -name node_modules -prune -o \
  \( -name '*.cc' -o -name '*.h' \) -type f -print0)
if ((${#files[@]} == 0)); then
  echo "no C++ files below $PWD"
  exit 0
fi
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 20 clang-format-19 --dry-run -Werror --ferror-limit=1
echo "${#files[@]} files are formatted"
