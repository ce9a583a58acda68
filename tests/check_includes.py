"""Fails if a public header includes anything but the standard library and memoscape itself.

Usage: check_includes.py INCLUDE_FOLDER
"""

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\b\s*(.*?)\s*(?://.*)?$')
STANDARD = re.compile(r'<[a-z_0-9]+>')  # the standard library's headers have no suffix and no folder
OWN = re.compile(r'<(memoscape/[\w/]+\.hpp)>|"(memoscape/[\w/]+\.hpp)"')


def complaint(root: Path, target: str) -> str | None:
    """What is wrong with `#include target`, or None."""
    if STANDARD.fullmatch(target):
        return None
    own = OWN.fullmatch(target)
    if not own:
        return 'is neither <standard> nor "memoscape/..."'
    if not (root / (own[1] or own[2])).is_file():
        return 'does not exist below include/'
    return None


def main() -> int:
    root = Path(sys.argv[1])
    headers = sorted(root.rglob('*.hpp'))
    bad = 0
    for header in headers:
        for number, line in enumerate(header.read_text(encoding='utf-8').splitlines(), 1):
            match = INCLUDE.match(line)
            problem = match and complaint(root, match[1])
            if problem:
                print(f'{header.relative_to(root.parent)}:{number}: {match[1]} {problem}')
                bad += 1
    print(f'{len(headers)} headers, {bad} bad includes')
    return 1 if bad or not headers else 0


if __name__ == '__main__':
    sys.exit(main())
