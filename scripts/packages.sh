#!/usr/bin/env bash
# Installs the Debian packages that a purpose needs and that are missing; quiet when nothing is.
#   scripts/packages.sh build    what ./run needs: compiler, libraries
#   scripts/packages.sh test     what ./test needs on top: client languages, load and debug tools
#   scripts/packages.sh list build|test    prints the names only
# Works as root or through sudo. Exit 1 with one clear line when it cannot go on.
set -euo pipefail

build_packages=(
  clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19
  cmake ninja-build ccache mold pkg-config ca-certificates git
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsqlite3-dev sqlite3
  libfmt-dev libspdlog-dev libcli11-dev libtomlplusplus-dev libyaml-cpp-dev libmimalloc-dev libxxhash-dev
  libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev
)
test_packages=(python3 python3-venv awscli curl jq openssl nginx-light wrk gdb faketime)

die() {
  echo "packages.sh: $*" >&2
  exit 1
}

names_for() {
  case "$1" in
    build) printf '%s\n' "${build_packages[@]}" ;;
    test)
      printf '%s\n' "${build_packages[@]}" "${test_packages[@]}"
      # A Node.js from elsewhere serves as well; Debian's npm would conflict with it.
      if ! command -v node >/dev/null; then printf 'nodejs\n'; fi
      if ! command -v npm >/dev/null; then printf 'npm\n'; fi
      ;;
    *) die "usage: scripts/packages.sh [list] build|test" ;;
  esac
}

is_installed() {
  [[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" == installed ]]
}

as_root() {
  if [[ "$(id -u)" == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root: run this as root, or install sudo"
  fi
}

if [[ "${1:-}" == list ]]; then
  names_for "${2:-}"
  exit 0
fi

purpose="${1:-}"
wanted="$(names_for "$purpose")"
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  die "this is no Debian (no apt-get). Install these by hand, or use Debian 12:" $wanted

missing=()
for name in $wanted; do
  is_installed "$name" || missing+=("$name")
done
if ((${#missing[@]} == 0)); then exit 0; fi

echo "Installing ${#missing[@]} packages: ${missing[*]}"
as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q ||
  die "apt-get update failed: is there a network and a Debian mirror in /etc/apt?"
for name in "${missing[@]}"; do
  [[ -n "$(apt-cache policy "$name" 2>/dev/null | grep 'Candidate: [^(]' || true)" ]] ||
    die "this system's apt sources do not offer '$name' (Debian 12 with its updates does)"
done
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" ||
  die "apt-get install failed; its message above says why"
