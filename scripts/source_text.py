"""What the checks share: walking the source tree, and C++ text with its comments and literals blanked."""

import os
import pathlib
import re

CPP_FOLDERS = ("src", "fuzz", "bench", "tests")
SKIPPED = {"build", ".git", ".dev", "node_modules", "__pycache__", "corpus", ".venv"}

_TOKEN = re.compile(
    r"//[^\n]*"
    r"|/\*.*?\*/"
    r'|R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def walk(root, folders, suffixes):
    """Paths below root/folder with one of the suffixes, sorted; absent folders are skipped."""
    found = []
    for folder in folders:
        for where, dirs, files in os.walk(pathlib.Path(root) / folder):
            dirs[:] = sorted(d for d in dirs if d not in SKIPPED)
            found += [pathlib.Path(where) / f for f in files if f.endswith(suffixes)]
    return sorted(found)


def cpp_files(root):
    return walk(root, CPP_FOLDERS, (".cc", ".h"))


def code_only(text):
    """The text with comments gone and literals emptied; every character keeps its line."""

    def blank(match):
        token = match.group(0)
        newlines = "\n" * token.count("\n")
        return newlines if token[0] == "/" else '""' + newlines

    return _TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
