#!/usr/bin/env python3
"""Refuses comparisons that end at the first difference where a secret may be compared: there
secure::equal is the way.

check_compare.py [ROOT]

Refused in src: memcmp and its kin. Refused in the folders below: ==, != and std::equal on digests, on
views of secure types, and on names that say that they hold a code, a nonce or a password. (The hash chain
of proof is public.) A line that
compares something else under such a name says so with the comment `not secret: why`.
"""

import re
import sys

from source_text import code_only, cpp_files, line_of

FOLDERS = ("secure", "crypto", "keys", "rows", "domain", "gate", "dialects")
ENDS_EARLY = re.compile(r"(?<!\w)(?:std::)?(?:memcmp|bcmp|strn?(?:case)?cmp|wmemcmp)\s*\(")
DECLARED = {
    "digest": re.compile(r"\bDigest\s*[&>]?\s+(\w+)\s*(?=[;={(,)]|:)"),
    "secure": re.compile(r"\b(?:SecureBytes|SecureText|LockedKey)\s*[&>]?\s+(\w+)\s*(?=[;={(,)]|:)"),
}
TELLING = r"(?:\w+_)?(?:digest|mac|nonce|otp|password|tag)_?"
ALLOWED = "not secret:"


def operands(code):
    """A pattern of what must not stand beside == in this text."""
    digests = set(DECLARED["digest"].findall(code))
    secrets = set(DECLARED["secure"].findall(code))
    plain = "|".join([TELLING, *map(re.escape, sorted(digests))])
    viewed = "|".join(map(re.escape, sorted(secrets))) or r"(?!)"
    return rf"(?:\w+(?:\(\))?(?:\.|->))*(?:(?:{viewed})(?:\.|->)(?:view|text)\(\)|(?:{plain})(?:(?:\.|->)(?:view|text)\(\))?)"


def faults(path, text):
    code = code_only(text)
    lines = text.split("\n")
    patterns = [(ENDS_EARLY, "memcmp and its kin end at the first difference")]
    if path.parts[1] in FOLDERS and not path.stem.endswith("_test"):
        secret = operands(code)
        why = "compares what may be secret: use secure::equal"
        other = r"(?!\s*(?:nullptr|0\b|\w+::npos))"
        patterns += [
            (re.compile(rf"(?<![\w.>]){secret}\s*[!=]={other}"), why),
            (re.compile(rf"[!=]=\s*\*?{secret}(?![\w.(]|->)"), why),
            (re.compile(rf"\b(?:std|ranges)::equal\(\s*{secret}\b"), why),
        ]
    for pattern, why in patterns:
        for match in pattern.finditer(code):
            line = line_of(code, match.start())
            if ALLOWED not in lines[line - 1]:
                yield line, why


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    count = 0
    for path in cpp_files(root):
        short = path.relative_to(root)
        if short.parts[0] != "src":
            continue
        for line, why in sorted(set(faults(short, path.read_text()))):
            print(f"{short}:{line}: {why}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
