#!/usr/bin/env python3
"""Runs clang-tidy 19 over the sources that changed; every finding is an error.

check_tidy.py [--all] [--root DIR] [--build DIR] [--files N] [--seconds S] [FILE...]

Changed means: named on the command line; else different from origin/main, or, where that is the
same commit (a fresh clone), touched by the last 20 commits; with --all every file. A changed
header stands for the .cc beside it. At most N files (25) are begun and none after S seconds
(420): what is left over is counted as skipped and named. A file whose preprocessed text, checks
and command passed before is not analysed again (build/tidy-cache). Tests are left to the
compiler's warnings and the sanitizers: GoogleTest's macros trip half of the checks.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

TIDY = "clang-tidy-19"
COMMITS = 20


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--build", help="folder of compile_commands.json (ROOT/build/release)")
    parser.add_argument("--files", type=int, default=25)
    parser.add_argument("--seconds", type=int, default=420)
    parser.add_argument("paths", nargs="*")
    return parser.parse_args()


def git_lines(root, *words):
    done = subprocess.run(["git", "-C", root, *words], capture_output=True, text=True, check=False)
    return done.stdout.split("\n") if done.returncode == 0 else []


def changed_paths(root):
    """Newest first, without repetition."""
    head = git_lines(root, "rev-parse", "HEAD")
    base = git_lines(root, "merge-base", "origin/main", "HEAD")
    span = f"{base[0]}..HEAD" if base and base != head else f"-{COMMITS}"
    names = git_lines(root, "status", "--porcelain=v1", "--untracked-files=all", "--no-renames")
    paths = [line[3:] for line in names if line]
    paths += [p for p in git_lines(root, "log", span, "--name-only", "--format=") if p]
    return list(dict.fromkeys(paths))


def select(options, root, commands):
    """The commands of the files to look at, in the order of interest."""
    if options.all:
        wanted = sorted(commands)
    else:
        names = options.paths or changed_paths(root)
        wanted = [str(root / name) for name in names]
        wanted = [w.removesuffix(".h") + ".cc" if w.endswith(".h") else w for w in wanted]
    wanted = [w for w in dict.fromkeys(wanted) if w in commands and not w.endswith("_test.cc")]
    return [commands[w] for w in wanted]


def cache_key(root, command):
    """A digest of all that the verdict depends on, or None when the file does not preprocess."""
    words = [w for w in command["command"].split() if w not in ("-c", "ccache")]
    cut = words.index("-o") if "-o" in words else len(words)
    words = words[:cut] + words[cut + 2:] + ["-E", "-C", "-o", "-"]
    done = subprocess.run(words, cwd=command["directory"], capture_output=True, check=False)
    if done.returncode != 0:
        return None
    config = (root / ".clang-tidy").read_bytes()
    return hashlib.sha256(config + command["command"].encode() + done.stdout).hexdigest()


def analyse(root, build, command):
    """Returns (file, None) when clean, else (file, findings)."""
    key = cache_key(root, command)
    stamp = root / "build" / "tidy-cache" / key if key else None
    if stamp and stamp.exists():
        return command["file"], None
    done = subprocess.run([TIDY, "-p", str(build), "--quiet", command["file"]],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return command["file"], done.stdout + done.stderr
    if stamp:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    return command["file"], None


def run_all(root, build, chosen, options):
    """Analyses until the limits are reached; returns (clean, [(file, findings)], [left over])."""
    deadline = time.monotonic() + options.seconds
    limit = len(chosen) if options.all else options.files
    clean, findings, left = 0, [], [c["file"] for c in chosen[limit:]]

    def one(command):
        if not options.all and time.monotonic() > deadline:
            return command["file"], "later"
        return analyse(root, build, command)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, result in pool.map(one, chosen[:limit]):
            if result is None:
                clean += 1
            elif result == "later":
                left.append(file)
            else:
                findings.append((file, result))
    return clean, findings, left


def main():
    options = arguments()
    root = pathlib.Path(options.root).resolve()
    build = pathlib.Path(options.build).resolve() if options.build else root / "build" / "release"
    database = build / "compile_commands.json"
    if not database.is_file():
        print(f"{database} is missing: build the release preset first")
        return 1
    commands = {c["file"]: c for c in json.loads(database.read_text())}
    chosen = select(options, root, commands)
    clean, findings, left = run_all(root, build, chosen, options)
    for file, text in findings:
        print(f"--- {file}\n{text}")
    for file in left:
        print(f"left for a later run: {file}")
    print(f"{clean} passed, {len(findings)} failed, {len(left)} skipped")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
