#!/usr/bin/env bash
# bench/figures.sh: every run that docs/performance.md takes its figures from, one after the other
# (about 12 minutes on an idle machine). Needs wrk and a release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

figures() {
  echo "== $1: bench/run.py ${*:2}"
  bench/run.py "${@:2}"
}

figures a --secrets 1000 --pairs 5 --seconds 3
figures b --secrets 1000 --pairs 4 --seconds 3 --tls --no-writes
figures c --secrets 1000000 --pairs 2 --seconds 3
figures d --import 100000 --pairs 2
figures e --transit --pairs 2 --seconds 2 --tls
