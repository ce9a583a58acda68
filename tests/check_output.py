"""Fails unless a program prints what the comment at the top of its source says it prints.

The comment is the lines after `// prints:`, each `//   ` and a line of output.

Usage: check_output.py PROGRAM SOURCE
"""

import difflib
import subprocess
import sys
from pathlib import Path

MARK = '// prints:'
INDENT = '//   '


def promised(source: Path) -> list[str]:
    lines = source.read_text(encoding='utf-8').splitlines()
    if MARK not in lines:
        return []
    output = []
    for line in lines[lines.index(MARK) + 1:]:
        if not line.startswith('//'):
            break
        output.append(line.removeprefix(INDENT).removeprefix('//'))
    return output


def main() -> int:
    program, source = sys.argv[1], Path(sys.argv[2])
    wanted = promised(source)
    if not wanted:
        print(f'{source} has no lines after `{MARK}`')
        return 1
    done = subprocess.run([program], stdout=subprocess.PIPE, text=True, errors='replace', check=False)
    printed = done.stdout.splitlines()
    if done.returncode != 0:
        print(f'{program}: exit status {done.returncode}')
    for line in difflib.unified_diff(wanted, printed, str(source), program, lineterm=''):
        print(line)
    return 1 if done.returncode != 0 or printed != wanted else 0


if __name__ == '__main__':
    sys.exit(main())
