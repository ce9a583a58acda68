#!/usr/bin/env python3
"""Prints what the tests reach, file by file, of what gcovr wrote as JSON, and holds it to bars.

usage: coverage.py COVERAGE.json COVERAGE.md

Below the table are the lines that were not reached. COVERAGE.md says why, file by file: a file
that it does not name must be reached whole.

Exit status: 0 all is as it should be, 1 it is not, 2 wrong use.
"""
import json
import re
import sys
import textwrap
from pathlib import Path

# Of the files in a directory, in percent: lines and branches.
BARS = {"engine": (95.0, 85.0), "widgets": (90.0, 75.0)}


class Reach:
    def __init__(self):
        self.lines, self.branches = [0, 0], [0, 0]  # reached, all

    def add(self, other):
        for mine, its in ((self.lines, other.lines), (self.branches, other.branches)):
            mine[0] += its[0]
            mine[1] += its[1]


def percent(covered, total):
    return 100.0 * covered / total if total else 100.0


def row(name, reach):
    return "{:<40} {:>6.1f} % {:>6} {:>7.1f} % {:>6}".format(
        name[-40:], percent(*reach.lines), reach.lines[1], percent(*reach.branches), reach.branches[1])


def reach_of(file):
    """What of a file was reached, and the lines that were not."""
    reach, missed = Reach(), []
    # A line of a template is listed once for each instance.
    counts, branches = {}, {}
    for line in file["lines"]:
        number = line["line_number"]
        if line.get("gcovr/noncode"):
            continue
        counts[number] = counts.get(number, 0) + line["count"]
        for i, branch in enumerate(line["branches"]):
            at = (number, i)
            branches[at] = branches.get(at, 0) + branch["count"]
    reach.lines = [sum(count > 0 for count in counts.values()), len(counts)]
    reach.branches = [sum(count > 0 for count in branches.values()), len(branches)]
    missed = sorted(number for number, count in counts.items() if count == 0)
    return reach, missed


def ranges(numbers):
    """12, 14-17: lines that follow one another, or are parted by one without code."""
    runs = []
    for number in numbers:
        if runs and number <= runs[-1][1] + 2:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def main(arguments):
    if "--help" in arguments:
        print(__doc__.strip())
        return 0
    if len(arguments) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    files = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["files"]
    reasons = set(re.findall(r"`((?:engine|widgets)/[^`]+)`", Path(arguments[1]).read_text(encoding="utf-8")))
    print("{:<40} {:>15} {:>16}".format("file", "lines", "branches"))
    failures, all_missed = [], {}
    for directory, bars in BARS.items():
        whole = Reach()
        for one in sorted(files, key=lambda one: one["file"]):
            if not one["file"].startswith(directory + "/"):
                continue
            reach, missed = reach_of(one)
            print(row(one["file"], reach))
            whole.add(reach)
            if missed:
                all_missed[one["file"]] = missed
        print(row(directory + "/ in all", whole))
        print()
        for what, total, bar in zip(("lines", "branches"), (whole.lines, whole.branches), bars):
            if percent(*total) < bar:
                failures.append("{} of {}/: {:.1f} % is below {:.0f} %".format(what, directory, percent(*total), bar))
    print("Lines that were not reached; tests/COVERAGE.md says why:")
    for file, missed in all_missed.items():
        print(textwrap.fill(f"{file}: {ranges(missed)}", 80, subsequent_indent="    "))
        if file not in reasons:
            failures.append(f"{file}: no reason in tests/COVERAGE.md for what is not reached")
    print()
    for one in failures:
        print("coverage: FAILED: " + one)
    if not failures:
        print("coverage: above the bars")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
