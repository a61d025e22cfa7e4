#!/usr/bin/env python3
"""Holds files to 600 lines and C++ functions to 80, and prints the median and the 90th percentile.

check_sizes.py [ROOT]

Functions are found by a brace heuristic: a block whose head holds a parameter list and that lies
in namespaces and classes only. Lambdas count as part of the function around them; lines that hold
nothing but literals (the rows of a test's table) do not count.
"""

import pathlib
import re
import sys

from source_text import code_only, cpp_files, line_of, walk

MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 80
SCRIPT_SUFFIXES = (".py", ".sh", ".mjs", ".js", ".cmake")

SCOPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b",
                   re.DOTALL)
TABLE_ROW = re.compile(r'^[ \t]*(?:""[ \t,]*)+$', re.MULTILINE)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)


def blank_preprocessor(code):
    return PREPROCESSOR.sub(lambda m: "\n" * m.group(0).count("\n"), code)


def functions(code):
    """Yields (first line, lines, name) of each function body."""
    code = blank_preprocessor(code)
    stack = []  # (kind, offset where the head begins, head)
    head_start = 0
    for match in re.finditer(r"[{};]", code):
        at, c = match.start(), match.group(0)
        if c == "{":
            head = code[head_start:at].strip()
            head = re.sub(r"^(?:public|private|protected)\s*:\s*", "", head)
            inside = bool(stack) and stack[-1][0] != "scope"
            if inside:
                kind = "block"
            elif SCOPE.match(head) and not (head.startswith("extern") and "(" in head):
                kind = "scope"
            else:
                kind = "function" if "(" in head and not head.endswith("=") else "block"
            stack.append((kind, at - len(head) if head else at, head))
        elif c == "}" and stack:
            kind, begin, head = stack.pop()
            if kind == "function":
                first = line_of(code, code.find(head.split("\n")[0], max(0, begin - 200)))
                name = re.search(r"([\w:~]+)\s*\(", head)
                rows = len(TABLE_ROW.findall(code, begin, at))
                yield first, line_of(code, at) - first + 1 - rows, name.group(1) if name else "?"
        head_start = at + 1


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0


def describe(what, sizes):
    if not sizes:
        return f"{what}: none"
    return (f"{what}: {len(sizes)}, median {percentile(sizes, 0.5)}, "
            f"90 % under {percentile(sizes, 0.9) + 1}, longest {max(sizes)}")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    root = root.resolve()
    breaches = []
    sizes = {"sources": [], "headers": [], "tests": [], "scripts": [], "functions": []}
    cpp = cpp_files(root)
    for path in cpp + walk(root, ("scripts", "tests", "cmake", "bench"), SCRIPT_SUFFIXES):
        text = path.read_text(encoding="utf-8")
        name, lines = path.relative_to(root).as_posix(), text.count("\n")
        group = ("scripts" if path not in cpp else "headers" if name.endswith(".h")
                 else "tests" if name.endswith("_test.cc") else "sources")
        sizes[group].append(lines)
        if lines > MAX_FILE_LINES:
            breaches.append(f"{name}: {lines} lines, more than {MAX_FILE_LINES}")
        if path not in cpp:
            continue
        for first, length, function in functions(code_only(text)):
            sizes["functions"].append(length)
            if length > MAX_FUNCTION_LINES:
                breaches.append(f"{name}:{first}: {function} has {length} lines, more than "
                                f"{MAX_FUNCTION_LINES}")
    print("\n".join(breaches + [describe(what, found) for what, found in sizes.items()]))
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
