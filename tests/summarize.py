"""Tells what a `meson test` run in a build folder did, test case by test case.

Usage: summarize.py BUILD_FOLDER            each failure with its message, then a line with the totals
       summarize.py --counts BUILD_FOLDER   only two numbers: passed failed

A GoogleTest binary counts by its cases, any other test counts once. A binary that crashed, timed
out or failed outside its cases counts as one more failure. Always exits 0: it reports, others judge.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

GOOD = ('OK', 'EXPECTEDFAIL')
TAIL = 40  # lines of output shown for a test without cases


class Totals:
    def __init__(self) -> None:
        self.passed = 0
        self.skipped = 0
        self.failures: list[tuple[str, str]] = []


def read_cases(xml: Path, totals: Totals) -> int:
    """Adds the cases of a GoogleTest result; returns how many of them failed."""
    failed = 0
    for case in ElementTree.parse(xml).iter('testcase'):
        messages = [f.text or f.get('message', '') for f in case.findall('failure')]
        if messages:
            name = f'{case.get("classname")}.{case.get("name")}'
            totals.failures.append((name, '\n'.join(messages)))
            failed += 1
        elif case.get('status') == 'notrun' or case.find('skipped') is not None:
            totals.skipped += 1
        else:
            totals.passed += 1
    return failed


def add_test(build: Path, test: dict, totals: Totals) -> None:
    name = test['name'].split(' / ')[-1]
    good = test['result'] in GOOD
    xml = build / f'{name}.xml'
    if xml.is_file():
        try:
            if read_cases(xml, totals) or good:
                return
        except ElementTree.ParseError:
            pass  # cut off by a crash: counted below
    if test['result'] == 'SKIP':
        totals.skipped += 1
    elif good:
        totals.passed += 1
    else:
        output = (test.get('stdout', '') + '\n' + test.get('stderr', '')).strip().splitlines()
        text = '\n'.join([f'{test["result"]}, exit status {test.get("returncode")}', *output[-TAIL:]])
        totals.failures.append((name, text))


def main() -> int:
    counts_only = sys.argv[1] == '--counts'
    build = Path(sys.argv[-1])
    totals = Totals()
    log = build / 'meson-logs' / 'testlog.json'
    if log.is_file():
        for line in log.read_text(encoding='utf-8', errors='replace').splitlines():
            add_test(build, json.loads(line), totals)
    if counts_only:
        print(totals.passed, len(totals.failures))
        return 0
    for name, text in totals.failures:
        print(f'\nFAILED {name}')
        print('\n'.join('    ' + line for line in text.splitlines()))
    skipped = f', {totals.skipped} skipped' if totals.skipped else ''
    print(f'\n{build.name}: {totals.passed} tests passed, {len(totals.failures)} failed{skipped}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
