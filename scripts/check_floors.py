#!/usr/bin/env python3
"""Holds src/ to the order of the floors and to the rules that keep each library behind one wall.

check_floors.py [ROOT]

A floor may include only itself and floors named before it; siblings (the dialects) never include
each other. CMakeLists.txt must declare the floors in the same order. Prints one line per breach
and exits 1, or one line with what it looked at.
"""

import pathlib
import re
import sys

from source_text import code_only, cpp_files, line_of

# Lowest first. ARCHITECTURE.md says what each is for.
FLOORS = """
base secure crypto formats policy items proof net store keys rows work
domain/realms domain/kms domain/identity domain/auth domain/secrets domain/parameters domain/leases
domain/engines domain/pki domain/certauth domain/audit domain/rotation domain/records domain/platform domain/migration
gate dialects/vault dialects/aws dialects/confidant dialects/native
apps/client apps/agent apps/server apps/cli
""".split()
SIBLINGS = {"dialects", "apps/agent"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(<[^>]+>|"[^"]+")', re.MULTILINE)

# (what it is, pattern over include targets, folders that may)
INCLUDE_RULES = [
    ("OpenSSL", re.compile(r"<openssl/"), ("src/crypto/", "src/net/")),
    ("Beast or Asio", re.compile(r"<boost/(beast|asio)"), ("src/net/",)),
    ("sqlite3.h", re.compile(r"[<\"]sqlite3\.h"), ("src/store/sqlite/",)),
    ("nlohmann", re.compile(r"<nlohmann"), ()),
    ("fmt", re.compile(r"<fmt/"), ("src/apps/", "bench/")),
    ("spdlog", re.compile(r"<spdlog/"), ("src/apps/",)),
]

# (what it is, pattern over code without comments and literals, folders or files that may)
CODE_RULES = [
    (
        "the system's clock outside base/clock.cc",
        re.compile(
            r"\bsystem_clock\s*::\s*now\b|\bclock_gettime\s*\(|\bgettimeofday\s*\("
            r"|\bstd::time\s*\(|(?<![\w.>:])time\s*\(\s*(?:nullptr|NULL|0|&\s*\w+)\s*\)"
        ),
        ("src/base/clock.cc", "bench/"),
    ),
    (
        "printing outside the programs",
        re.compile(r"\bstd::(?:cout|cerr|clog)\b|(?<!\w)(?:std::)?(?:f?printf|puts|fputs)\s*\("),
        ("src/apps/", "fuzz/", "bench/"),
    ),
    (
        "a coroutine outside net/ and gate/",
        re.compile(r"\bco_(?:await|return|yield)\b"),
        ("src/net/", "src/gate/"),
    ),
]

CO_AWAIT = re.compile(r"\bco_await\b")
BRACE_TEMPORARY = re.compile(r"(?:[(,]\s*|\bco_await\s+)(?:[A-Z]\w*|\w+(?:::\w+)+)?\s*\{")
# [captures] (parameters) specifiers {
LAMBDA = re.compile(r"(?<![\w\])])\[([^\[\]]*)\]\s*(?:\([^()]*\))?[^;{}()]*\{")
# By value: anything but this and references, whose temporaries need no destruction.
VALUE_CAPTURE = re.compile(r"(?:^|,)\s*(?!this\b|&)\S")


def floor_of(path):
    """The floor that a path below src/ lies on, or None."""
    parts = path.split("/")
    for length in (2, 1):
        name = "/".join(parts[:length])
        if name in FLOORS:
            return name
    return None


def may_include(floor, other):
    if floor == other:
        return True
    for group in SIBLINGS:
        if other == group or (floor.split("/")[0] == other.split("/")[0] == group):
            return False
    return FLOORS.index(other) < FLOORS.index(floor)


def check_include(root, name, target, report):
    for what, pattern, allowed in INCLUDE_RULES:
        if pattern.search(target) and not name.startswith(allowed):
            report(f"{what} is included outside {', '.join(allowed) or 'nowhere allowed'}")
    if not target.startswith('"'):
        return
    path = target.strip('"')
    if not (root / "src" / path).is_file():
        report(f"{target} is no path below src/")
        return
    floor, other = floor_of(name.removeprefix("src/")), floor_of(path)
    if name.startswith("src/") and floor and other and not may_include(floor, other):
        report(f"floor {floor} may not include {target} of floor {other}")


def awaited_expression(code, start):
    """From the last ; { or } before the co_await to the ; or closing bracket that ends it."""
    begin = max(code.rfind(c, 0, start) for c in ";{}") + 1
    depth = 0
    for end in range(start, len(code)):
        c = code[end]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        if depth < 0 or (c == ";" and depth == 0):
            return code[begin:end]
    return code[begin:]


def without_lambdas(expression):
    """The expression with lambda bodies cut out, and whether one of its lambdas captures by value."""
    captures = False
    while match := LAMBDA.search(expression):
        captures = captures or bool(VALUE_CAPTURE.search(match.group(1)))
        depth, end = 1, match.end()
        while end < len(expression) and depth > 0:
            depth += {"{": 1, "}": -1}.get(expression[end], 0)
            end += 1
        expression = expression[:match.start()] + "lambda" + expression[end:]
    return expression, captures


def check_file(root, path, breaches):
    name = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")

    def report(line, message):
        breaches.append(f"{name}:{line}: {message}")

    if name.startswith("src/") and floor_of(name.removeprefix("src/")) is None:
        report(1, "lies on no floor")
    for match in INCLUDE.finditer(text):
        line = line_of(text, match.start(1))
        check_include(root, name, match.group(1), lambda message, at=line: report(at, message))
    code = code_only(text)
    for what, pattern, allowed in CODE_RULES:
        if name.startswith(allowed):
            continue
        for match in pattern.finditer(code):
            report(line_of(code, match.start()), f"{what}: {match.group(0).strip()}")
    for match in CO_AWAIT.finditer(code):
        expression, captures = without_lambdas(awaited_expression(code, match.start()))
        if captures or BRACE_TEMPORARY.search(expression):
            line = line_of(code, match.start())
            report(line, "a brace temporary or by-value capture in a co_await expression: name it first")


def check_cmake(root, breaches):
    cmake = root / "CMakeLists.txt"
    if not cmake.is_file():
        return
    declared = re.findall(r"^coffer_floor\(([\w/]+)", cmake.read_text(), re.MULTILINE)
    known = [d for d in declared if d in FLOORS]
    for unknown in sorted(set(declared) - set(known)):
        breaches.append(f"CMakeLists.txt: floor {unknown} is not in the order of check_floors.py")
    if known != sorted(known, key=FLOORS.index):
        breaches.append("CMakeLists.txt: the floors are not declared in the order of check_floors.py")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    root = root.resolve()
    breaches = []
    files = cpp_files(root)
    for path in files:
        check_file(root, path, breaches)
    check_cmake(root, breaches)
    print("\n".join(breaches) or f"{len(files)} files keep to the order of the floors")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
