#!/usr/bin/env python3
"""Adds up a ctest run by single cases: tally.py CTEST_JUNIT_XML GTEST_RESULTS_DIR

ctest knows programs only; the XML that each GoogleTest program leaves tells its cases. A program
that failed without a failed case (a crash, a leak found at exit, a time-out) counts as one
failure. Prints each failure with the head of its message (ctest printed it too, but a hundred
programs further up, where a log's end does not reach), then "N passed, N failed, N skipped"; exit 1
when something failed or nothing ran.
"""

import pathlib
import sys
import xml.etree.ElementTree as ET


MESSAGE_LINES = 12  # of a failure


def tell(name, message):
    print(f"FAILED {name}")
    for line in (message or "").strip().splitlines()[:MESSAGE_LINES]:
        print(f"    {line}")


def gtest_counts(path):
    passed = failed = skipped = 0
    for case in ET.parse(path).getroot().iter("testcase"):
        failure = case.find("failure")
        if failure is not None:
            failed += 1
            tell(f"{case.get('classname')}.{case.get('name')}", failure.get("message"))
        elif case.get("result") == "skipped" or case.find("skipped") is not None:
            skipped += 1
        elif case.get("status") != "notrun":
            passed += 1
    return passed, failed, skipped


def program_counts(case, results):
    status = case.get("status")
    xml = results / f"test_{case.get('name')}.xml"
    if not xml.exists():
        if status == "disabled":
            return 0, 0, 1
        if status == "run":
            return 1, 0, 0
        tell(f"program {case.get('name')}", "it left no results")
        return 0, 1, 0
    passed, failed, skipped = gtest_counts(xml)
    if status != "run" and failed == 0:
        failed = 1
        tell(f"program {case.get('name')}", "no case failed: a crash, a leak, a time-out")
    return passed, failed, skipped


def main():
    junit, results = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    counts = [program_counts(c, results) for c in ET.parse(junit).getroot().iter("testcase")]
    passed, failed, skipped = (sum(column) for column in zip(*counts)) if counts else (0, 0, 0)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
