#!/usr/bin/env bash
# Proves that every check can fail: gives each a small good tree that it must accept and bad ones
# that it must refuse. A check that cannot fail is worth nothing.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
tree="$(mktemp -d)"
trap 'rm -rf "$tree"' EXIT
passed=0 failed=0

# A tree that every check accepts.
fresh() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree"/src/{base,secure,crypto,net,store/sqlite} "$tree/docs" "$tree/build"
  cp "$here/../.clang-format" "$here/../.clang-tidy" "$tree/"
  put src/base/result.h '#pragma once' 'int ok();'
  put src/secure/bytes.h '#pragma once' '#include "base/result.h"'
  put src/base/base64.cc 'unsigned g(unsigned a, unsigned b) {' '  return a ^ b;' '}'
  put src/crypto/shamir.cc 'unsigned f(unsigned a, unsigned b) {' '  return a & (0U - b);' '}'
  put src/base/result.cc '#include "base/result.h"' '' 'int ok() {' '  return 0;' '}'
  put ARCHITECTURE.md '`base/` results, `secure/` memory, `crypto/` arithmetic, see [more](docs/more.md)' \
    '`src/`, `docs/`, `tests/`'
  put docs/more.md 'more'
}

put() {
  mkdir -p "$(dirname "$tree/$1")"
  printf '%s\n' "${@:2}" >"$tree/$1"
}

lines() {
  for ((i = 0; i < $2; i++)); do echo "$1"; done
}

# expect accepts|refuses WHAT COMMAND...
expect() {
  local want="$1" what="$2" code=0 output
  shift 2
  output="$("$@" 2>&1)" || code=$?
  if [[ "$want" == accepts && "$code" == 0 ]] || [[ "$want" == refuses && "$code" != 0 ]]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s should be %s (exit %d)\n%s\n' "$what" "${want%s}ed" "$code" "$output"
  fi
}

floors() { expect "$1" "$2" "$here/check_floors.py" "$tree"; }
sizes() { expect "$1" "$2" "$here/check_sizes.py" "$tree"; }
compare() { expect "$1" "$2" "$here/check_compare.py" "$tree"; }
constant_time() { expect "$1" "$2" "$here/check_constant_time.py" "$tree"; }
docs() { expect "$1" "$2" "$here/check_docs.py" "$tree"; }
format() { expect "$1" "$2" "$here/check_format.sh" "$tree"; }

# refuses_line CHECK FILE LINE...: a fresh tree with that file must be refused.
refuses_line() {
  fresh
  put "$2" "${@:3}"
  "$1" refuses "$3"
}

fresh
floors accepts "a good tree"
sizes accepts "a good tree"
compare accepts "a good tree"
constant_time accepts "a good tree"
docs accepts "a good tree"
format accepts "a good tree"

# Floors and walls.
refuses_line floors src/base/up.h '#include "secure/bytes.h"'
refuses_line floors src/base/lost.h '#include "base/absent.h"'
refuses_line floors src/misc/thing.h 'int thing();'
refuses_line floors src/base/hash.cc '#include <openssl/sha.h>'
refuses_line floors src/crypto/loop.cc '#include <boost/asio.hpp>'
refuses_line floors src/store/rows.cc '#include <sqlite3.h>'
refuses_line floors src/base/json.cc '#include <nlohmann/json.hpp>'
refuses_line floors src/base/now.cc 'auto t = std::chrono::system_clock::now();'
refuses_line floors src/base/now.cc 'auto t = time(nullptr);'
refuses_line floors src/base/say.cc 'void f() { std::cout << 1; }'
refuses_line floors src/base/say.cc 'void f() { printf("%d", 1); }'
refuses_line floors src/base/task.cc 'Task<int> f() { co_return 1; }'
refuses_line floors src/net/task.cc 'Task<int> f() { co_await g(Params{1}); }'
refuses_line floors src/net/task.cc 'Task<int> f() { co_await g({.a = 1}); }'
refuses_line floors src/net/task.cc 'Task<int> f() { co_await g([p] { return p; }); }'
refuses_line floors src/net/task.cc 'Task<int> f() { co_await g([&a, b](int) { return b; }); }'
refuses_line floors src/net/task.cc 'Task<int> f() { co_await g([&] { h(); }, Params{1}); }'
refuses_line floors CMakeLists.txt 'coffer_floor(secure)' 'coffer_floor(base)'
fresh
put src/net/task.cc '// co_await g(Params{1}) in a comment' 'Task<int> f() {' \
  '  const auto text = "std::cout co_await g({1})";' '  co_await g(std::move(named), table[i]);' \
  '  co_await g([this, &x](auto h) { f([h = std::move(h)] { h(Params{1}); }); });' '}'
put src/base/print.cc 'void f() { snprintf(b, 2, "x"); row.time(0); }'
floors accepts "comments, literals and named values"

# Sizes.
fresh
lines 'int a();' 601 >"$tree/src/base/long.h"
sizes refuses "a file of 601 lines"
fresh
{ echo 'namespace a { int f(int x) {'; lines '  if (x) { ++x; }' 79; echo '  return x; } }'; } >"$tree/src/base/f.cc"
sizes refuses "a function of 81 lines"
fresh
{ echo 'void f() { const char* t[] = {'; lines '  "row",' 100; echo '}; }'; } >"$tree/src/base/t.cc"
sizes accepts "a table of 100 rows"
fresh
{ echo 'class A {'; lines '  int f() { return 1; }' 100; echo '};'; } >"$tree/src/base/c.h"
sizes accepts "a class of 102 lines"

# Comparisons.
refuses_line compare src/net/a.cc 'bool f() { return std::memcmp(a, b, 2) == 0; }'
refuses_line compare src/keys/a.cc 'bool f(const crypto::Digest& want) { return want == g(); }'
refuses_line compare src/keys/a.cc 'bool f(const crypto::Digest& want) { return g() == want; }'
refuses_line compare src/gate/a.cc 'bool f(secure::SecureText given) { return given.text() != "a"; }'
refuses_line compare src/gate/a.cc 'bool f(const Row& r) { return *r.nonce == x; }'
refuses_line compare src/domain/auth/a.cc 'bool f() { return std::equal(mac.begin(), mac.end(), b); }'
refuses_line compare src/domain/auth/a.cc 'bool f() { return row->password_digest != given; }'
fresh
put src/keys/a.cc '// memcmp(digest == a)' 'bool f(const crypto::Digest& want, secure::SecureText s) {' \
  '  if (nonce == nullptr || s.size() == 0 || s.empty()) return false;' \
  '  if (nonce == shown) return true;  // not secret: anybody may read it' \
  '  return secure::equal(want, g());' '}'
compare accepts "sizes, null, what is said to be public, and secure::equal"

refuses_line constant_time src/crypto/shamir.cc 'int f(int a) { if (a & 1) return 2; return 1; }'
refuses_line constant_time src/crypto/shamir.cc 'int f(int a) { return a & 1 ? 2 : 1; }'
refuses_line constant_time src/crypto/shamir.cc 'bool f(int a, int b) { return a && b; }'
refuses_line constant_time src/crypto/shamir.cc 'int f(int a) { return kLog[a]; }'
refuses_line constant_time src/crypto/shamir.cc 'int f(int a) { return a % 255; }'
refuses_line constant_time src/base/base64.cc 'char f(int a) { return kAlphabet[a]; }'
fresh
rm "$tree/src/crypto/shamir.cc"
constant_time refuses "arithmetic that has moved"
fresh
put src/crypto/shamir.cc \
  'int f(int a) {' \
  '  for (int i = 0; i < 8; ++i) a ^= kRow[i];' \
  '  if (a == 0) return 1;  // public: what it is' \
  '  return a;' \
  '}'
constant_time accepts "loops over sizes, and what is said to be public"

# Documents.
refuses_line docs README.md 'see [this](docs/absent.md)'
refuses_line docs README.md 'run /wo''rk/tool'
refuses_line docs ARCHITECTURE.md '`base/` and `secure/` and `src/absent/`'
refuses_line docs src/net/new.h 'int x();'
refuses_line docs tool/README.md 'a folder that the map does not show'
fresh
put SECURITY.md '`base` Result.IsKept; `x/test_result.py` test_it_is_kept'
put src/base/result_test.cc 'TEST(Result, IsKept) {}'
put tests/x/test_result.py 'def test_it_is_kept():'
docs accepts "tests that exist"
refuses_line docs SECURITY.md '`base` Result.IsKept holds it'
refuses_line docs SECURITY.md 'held by `x/test_result.py` test_it_is_kept'
refuses_line docs docs/cryptography.md '| nonces | `Aead.DrawsNonces` |'
refuses_line docs tests/package-lock.json '{"resolved": "https://host/x.tgz"}'
refuses_line docs tests/requirements.txt 'requests==2.0'

# Format.
refuses_line format src/base/ugly.cc 'int  f( ){return 1;}'

# Tidy, with a compile database of one file.
tidy() {
  fresh
  put src/base/one.cc "${@:3}"
  put build/compile_commands.json "[{\"directory\": \"$tree\", \"file\": \"$tree/src/base/one.cc\",
    \"command\": \"clang++-19 -std=c++23 -c $tree/src/base/one.cc -o $tree/build/one.o\"}]"
  expect "$1" "$2" "$here/check_tidy.py" --root "$tree" --build "$tree/build" --all
}
tidy accepts "a clean file" 'int twice(int a) { return a + a; }'
tidy refuses "a use after move" '#include <string>' '#include <utility>' 'std::size_t f(std::string a) {' \
  '  const std::string b = std::move(a);' '  return a.size() + b.size();' '}'
expect refuses "a missing compile database" "$here/check_tidy.py" --root "$tree" --build "$tree/absent"

# The tally of unit tests.
tally() { expect "$1" "$2" "$here/tally.py" "$tree/ctest.xml" "$tree/results"; }
fresh
put ctest.xml '<testsuite><testcase name="base" status="run"/></testsuite>'
put results/test_base.xml '<testsuites><testsuite><testcase status="run" result="completed"/></testsuite></testsuites>'
tally accepts "a passed program"
put results/test_base.xml '<testsuites><testsuite><testcase status="run"><failure/></testcase></testsuite></testsuites>'
tally refuses "a failed case"
put results/test_base.xml '<testsuites><testsuite><testcase status="run"/></testsuite></testsuites>'
put ctest.xml '<testsuite><testcase name="base" status="fail"/></testsuite>'
tally refuses "a crash after the last case"
put ctest.xml '<testsuite></testsuite>'
tally refuses "a run of no test"

# The build: its end is ninja's, its count is for terminals.
fresh
mkdir -p "$tree/scripts" "$tree/bin"
cp "$here/build.sh" "$tree/scripts/"
put bin/cmake '#!/bin/sh'
put bin/ninja '#!/bin/sh' 'echo "[1/2] a"' 'echo "[2/2] b"' 'exit "${NINJA_CODE:-0}"'
chmod +x "$tree"/bin/*
building() { PATH="$tree/bin:$PATH" "$tree/scripts/build.sh" release; }
counting() { PATH="$tree/bin:$PATH" script -qec "$tree/scripts/build.sh release" /dev/null | grep -F '[2/2]'; }
counting_into_a_pipe() { building | grep -F '[2/2]'; }
expect accepts "a build" building
NINJA_CODE=1 expect refuses "a build that failed" building
expect accepts "a count on a terminal" counting
expect refuses "a count in a pipe" counting_into_a_pipe

echo "$passed passed, $failed failed"
((failed == 0))
