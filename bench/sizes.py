#!/usr/bin/env python3
"""Reads of many secrets against reads of few: two servers in turns, in one run.

    bench/sizes.py [--few 1000] [--many 1000000] [--pairs 10] [--seconds 2] [--store FOLDER]

Each server has its own store; both are filled, started anew and warmed for some seconds before the first pair.
A pair is one run of each, and the figure is the median of the pairs' ratios with its range, because what the
machine gives changes from minute to minute. --store keeps the large store, or takes it up, as in bench/run.py.
Needs wrk and a release build.
"""

import argparse
import json
import shutil
import statistics
import sys

import run

WARM_RUNS = 5


def options_of(arguments, secrets):
    return argparse.Namespace(tls=False, threads=1, seconds=arguments.seconds, secrets=secrets,
                              store=arguments.store if secrets == arguments.many else None)


def read(bench):
    return bench.wrk(bench.coffer, bench.port, "kv_read.lua", [str(bench.options.secrets), bench.token])


def start(bench):
    bench.start_coffer()
    bench.take_up_or_fill(bench.options.secrets)
    bench.restart()


def measure(few, many, pairs):
    for bench in (few, many):
        start(bench)
    for _ in range(WARM_RUNS):
        for bench in (few, many):
            read(bench)
    rounds = [(read(few), read(many)) for _ in range(pairs)]
    ratios = [large["rate"] / small["rate"] for small, large in rounds]

    def middle(side, what, digits=1):
        return round(statistics.median(pair[side][what] for pair in rounds), digits)

    return {
        "ratio": round(statistics.median(ratios), 3),
        "range": [round(min(ratios), 3), round(max(ratios), 3)],
        "few/s": middle(0, "rate", 0), "many/s": middle(1, "rate", 0),
        "few cpu us": middle(0, "cpu"), "many cpu us": middle(1, "cpu"),
        "few p99 ms": middle(0, "p99", 2), "many p99 ms": middle(1, "p99", 2),
        "RssAnon MiB of many": round(run.anonymous_mib(many.coffer.pid)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--store", metavar="FOLDER", help="keep the large store there, or take it up")
    arguments = parser.parse_args()
    if not (run.BUILD / "coffer").exists() or shutil.which("wrk") is None:
        sys.exit("needs wrk and build/release/coffer")
    few, many = (run.Bench(options_of(arguments, count)) for count in (arguments.few, arguments.many))
    try:
        print(json.dumps(measure(few, many, arguments.pairs), indent=2))
    finally:
        few.close()
        many.close()


if __name__ == "__main__":
    main()
