#!/usr/bin/env python3
"""Holds the documents to the tree: check_docs.py [ROOT]

- ARCHITECTURE.md names, in backticks or at the start of a line, each folder below src/ that holds
  sources (`domain/auth` or `src/domain/auth`) and each folder of the repository, and every path that
  it names below one of those exists.
- Every relative link of every Markdown file leads to a file.
- Every test that SECURITY.md and docs/cryptography.md name as what holds a claim exists.
- No text file holds a path that exists on one developer's machine only.
- Lock files pin by hash and name no download host.
A file that does not exist yet is not asked for.
"""

import pathlib
import re
import sys

from source_text import SKIPPED, walk

TEXT_SUFFIXES = (".md", ".cc", ".h", ".py", ".sh", ".mjs", ".js", ".cmake", ".txt", ".toml", ".yml",
                 ".yaml", ".hcl", ".json", ".service", "run", "test")
CLAIMS = ("SECURITY.md", "docs/cryptography.md")
TOP_FOLDERS = ("src", "tests", "fuzz", "bench", "deploy", "docs", "scripts", "examples", "cmake", "web")

LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`[^`\n]*`")
NAMED_PATH = re.compile(r"(?<![\w./-])((?:%s)/[\w./-]*\w/?)" % "|".join(TOP_FOLDERS))
UNIT_TEST = re.compile(r"\b([A-Z][A-Za-z0-9]+)\.([A-Z][A-Za-z0-9]+)\b")
DEFINED_UNIT_TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)")
PYTHON_TEST = re.compile(r"(?<![\w/`])(test_\w+)\b(?!\.py)")
DEFINED_PYTHON_TEST = re.compile(r"^def (test_\w+)", re.MULTILINE)
MACHINE_PATH = re.compile(r"(?<![\w.}*<>)-])/(?:work|root|home)/[\w.]")


def source_folders(root):
    return sorted({p.parent.relative_to(root / "src").as_posix()
                   for p in walk(root, ("src",), (".cc", ".h"))})


def check_architecture(root, report):
    path = root / "ARCHITECTURE.md"
    if not path.is_file():
        return
    text = path.read_text(encoding="utf-8")
    for folder in source_folders(root):
        if not re.search(r"(?m)(?:`|^[\s|*-]*)(?:src/)?%s/?(?![\w/])" % re.escape(folder), text):
            report(path, 1, f"the folder src/{folder} is not named")
    for folder in sorted(p.name for p in root.iterdir() if p.is_dir()):
        if folder[0] != "." and folder not in SKIPPED and not re.search(r"`%s[/`]" % re.escape(folder), text):
            report(path, 1, f"the folder {folder} is not named")
    for match in NAMED_PATH.finditer(text):
        if not (root / match.group(1)).exists():
            report(path, text.count("\n", 0, match.start()) + 1, f"{match.group(1)} does not exist")


def check_links(root, path, text, report):
    text = CODE_BLOCK.sub(lambda m: "\n" * m.group(0).count("\n"), text)
    text = CODE_SPAN.sub("", text)
    for match in LINK.finditer(text):
        target = match.group(1).split("#")[0]
        if not target or re.match(r"[a-z+]+:", target):
            continue
        if not ((root / target[1:]) if target[0] == "/" else (path.parent / target)).exists():
            report(path, text.count("\n", 0, match.start()) + 1, f"the link {target} leads nowhere")


def defined(root, top, suffix, pattern):
    return {found for path in walk(root, (top,), (suffix,))
            for found in pattern.findall(path.read_text(encoding="utf-8"))}


def check_named_tests(root, report):
    unit = defined(root, "src", ".cc", DEFINED_UNIT_TEST)
    python = defined(root, "tests", ".py", DEFINED_PYTHON_TEST)
    for name in CLAIMS:
        path = root / name
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n") if path.is_file() else (), 1):
            for found in UNIT_TEST.findall(line):
                if found not in unit:
                    report(path, number, f"there is no test {found[0]}.{found[1]}")
            for found in PYTHON_TEST.findall(line):
                if found not in python:
                    report(path, number, f"there is no test {found}")


def check_lock_files(root, report):
    for path in walk(root, ("tests", "web"), ("package-lock.json", "requirements.txt")):
        text = path.read_text(encoding="utf-8")
        if path.name == "package-lock.json" and '"resolved"' in text:
            report(path, 1, "names download hosts: npm install --omit-lockfile-registry-resolved")
        if path.name == "requirements.txt":
            entries = re.sub(r"\\\n", " ", text)
            for number, line in enumerate(entries.split("\n"), 1):
                if line.strip() and not line.lstrip().startswith("#") and "--hash=sha256:" not in line:
                    report(path, number, f"entry without a hash: {line.strip()[:60]}")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    root = root.resolve()
    breaches = []

    def report(path, line, message):
        breaches.append(f"{path.relative_to(root)}:{line}: {message}")

    check_architecture(root, report)
    check_named_tests(root, report)
    files = walk(root, (".",), TEXT_SUFFIXES)
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".md":
            check_links(root, path, text, report)
        for match in MACHINE_PATH.finditer(text):
            report(path, text.count("\n", 0, match.start()) + 1, "a path of one machine only")
    check_lock_files(root, report)
    print("\n".join(breaches) or f"{len(files)} text files agree with the tree")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
