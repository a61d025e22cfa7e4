#!/usr/bin/env python3
"""Counts the instructions of a request: a measure that other work on the machine does not change.

    bench/instructions.py [--call read] [--secrets 300] [--seconds 8] [--top 60] [--keep FILE]

Calls: read and write of KV v2; encrypt, decrypt, "data key" and "sign P-256" of transit; GetSecretValue,
GetParameter, Decrypt and GenerateDataKey of the AWS APIs.

Runs coffer under valgrind's callgrind beside wrk, as bench/run.py does, and prints instructions for each
request, those of the kernel left out: first in all, then by function with all that it calls. Threads run
one after the other there, so groups of the committer are smaller than in earnest. --keep: callgrind's own
file, for callgrind_annotate. Needs wrk and valgrind
and a release build (COFFER_BUILD: another folder than build/release).
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys

import aws
import run

TOTAL = re.compile(r"([\d,]+) \(100\.0%\)\s+PROGRAM TOTALS")
FUNCTION = re.compile(r"^\s*([\d,]+) \([ \d.]+%\)\s+\S+?:(.*?)(?: \[[^\]]*\])?$")


class Counted(aws.AwsBench):
    def start_coffer(self):
        program = self.folder / "coffer"
        # valgrind does not read the newest debug information; names it takes from the symbols.
        subprocess.run(["strip", "-g", "-o", program, run.BUILD / "coffer"], check=True)
        self.out = self.folder / "callgrind.out"
        plain = run.Process

        def under_valgrind(name, command, log):
            options = ["--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={self.out}"]
            return plain(name, ["valgrind", *options, str(program), *command[1:]], log)

        run.Process = under_valgrind
        try:
            super().start_coffer()
        finally:
            run.Process = plain

    def furnish_calls(self):
        """Makes what all calls work on; returns what gives each one's script and arguments."""
        self.fill(self.options.secrets)
        calls = {name: lambda script=script: (script, [str(self.options.secrets), self.token])
                 for name, script in (("read", "kv_read.lua"), ("write", "kv_write.lua"))}
        for name, (path, body) in self.furnish_transit().items():
            calls[name] = lambda path=path, body=body: ("post.lua", [self.token, path, body])
        for name, (service, request) in self.furnish_aws().items():
            # Signed anew each time: a signature is good for five minutes.
            calls[name] = lambda name=name, service=service, request=request: (
                "signed.lua", self.signed(service, name, request))
        return calls

    def load(self, call):
        script, arguments = call()
        command = ["wrk", "-t1", f"-c{run.CONNECTIONS}", f"-d{self.options.seconds}s", "-s",
                   str(run.ROOT / "bench" / script), f"http://127.0.0.1:{self.port}", "--", *arguments]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in text:
            raise RuntimeError(text)
        return int(re.search(r"(\d+) requests in", text).group(1))

    def instrument(self, state):
        subprocess.run(["callgrind_control", "-i", state, str(self.coffer.pid)], check=True, capture_output=True)

    def count(self):
        self.start_coffer()
        self.furnish()
        call = self.furnish_calls()[self.options.call]
        self.load(call)  # warm
        self.instrument("on")
        requests = self.load(call)
        self.instrument("off")
        self.coffer.stop()
        if self.options.keep:
            shutil.copy(self.out, self.options.keep)
        text = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", self.out],
                              check=True, capture_output=True, text=True).stdout
        number = lambda digits: int(digits.replace(",", "")) / requests
        print(f"{requests} requests, {number(TOTAL.search(text).group(1)):,.0f} instructions each")
        found = [m for m in map(FUNCTION.match, text.splitlines()) if m and "coffer::" in m.group(2)]
        for match in found[:self.options.top]:
            print(f"{number(match.group(1)):8,.0f}  {match.group(2)[:150]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--call", default="read")
    parser.add_argument("--secrets", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--top", type=int, default=60)
    parser.add_argument("--keep", metavar="FILE")
    options = parser.parse_args()
    options.tls, options.threads = False, 1
    if not pathlib.Path(run.BUILD / "coffer").exists():
        sys.exit("needs build/release/coffer")
    bench = Counted(options)
    try:
        bench.count()
    finally:
        bench.close()


if __name__ == "__main__":
    main()
