#!/usr/bin/env python3
"""Refuses, in arithmetic on secrets, what may make time or memory accesses depend on them.

check_constant_time.py [ROOT]

In the files below: branches (if, while, switch, goto, ?:, &&, ||), division and remainder, and subscripts
other than a counter of a loop or a number, so table look-ups. The counters are i, j, k and d; a `for` runs
over sizes. A line that has one of these on what is no secret says so with the comment `public: what`. A file
that is gone is refused too.
"""

import pathlib
import re
import sys

from source_text import code_only, line_of

FILES = ("src/base/base64.cc", "src/crypto/shamir.cc")
BRANCH = re.compile(r"\b(?:if|while|switch|goto)\b|\?|&&|\|\|")
DIVISION = re.compile(r"(?<!/)/(?!/)|%")
SUBSCRIPT = re.compile(r"\[(?!\s*(?:[ijkd]|\d+)?\s*\])")
ALLOWED = "public:"


def faults(text):
    # An include's path is no division.
    code = re.sub(r"^#.*$", "", code_only(text), flags=re.MULTILINE)
    lines = text.split("\n")
    for pattern, why in (
        (BRANCH, "a branch on what may be secret"),
        (DIVISION, "division takes longer for some values"),
        (SUBSCRIPT, "a look-up at what may be secret"),
    ):
        for match in pattern.finditer(code):
            line = line_of(code, match.start())
            if ALLOWED not in lines[line - 1]:
                yield line, why


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    count = 0
    for name in FILES:
        path = root / name
        if not path.is_file():
            print(f"{name}: is gone: name the file that has this arithmetic now")
            count += 1
            continue
        for line, why in sorted(set(faults(path.read_text()))):
            print(f"{name}:{line}: {why}: do without, or say `public: what`")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
