#!/usr/bin/env python3
"""Prints line and branch coverage per file, of gcovr's summary in JSON, and holds it to bars.

usage: coverage.py SUMMARY.json

Exit status: 0 above the bars, 1 below one, 2 wrong use.
"""
import json
import sys

# Of the files in a directory, in percent: lines and branches.
BARS = {"engine": (95.0, 85.0), "widgets": (0.0, 0.0)}  # of widgets: none


def percent(covered, total):
    return 100.0 * covered / total if total else 100.0


def row(name, lines, branches):
    return "{:<40} {:>6.1f} % {:>6} {:>7.1f} % {:>6}".format(
        name[-40:], percent(*lines), lines[1], percent(*branches), branches[1])


def main(arguments):
    if "--help" in arguments:
        print(__doc__.strip())
        return 0
    if len(arguments) != 1:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as file:
        files = json.load(file)["files"]
    print("{:<40} {:>15} {:>16}".format("file", "lines", "branches"))
    below = []
    for directory, bars in BARS.items():
        sums = [[0, 0], [0, 0]]
        for one in sorted(files, key=lambda one: one["filename"]):
            if not one["filename"].startswith(directory + "/"):
                continue
            lines = (one["line_covered"], one["line_total"])
            branches = (one["branch_covered"], one["branch_total"])
            print(row(one["filename"], lines, branches))
            for total, part in zip(sums, (lines, branches)):
                total[0] += part[0]
                total[1] += part[1]
        print(row(directory + "/ in all", *sums))
        print()
        for what, total, bar in zip(("lines", "branches"), sums, bars):
            if percent(*total) < bar:
                below.append("{} of {}/: {:.1f} % is below {:.0f} %".format(
                    what, directory, percent(*total), bar))
    for one in below:
        print("coverage: FAILED: " + one)
    if not below:
        print("coverage: above the bars")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
