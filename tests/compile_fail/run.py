"""Expects that a C++ file does not compile, and that the compiler says why.

Each line `// expect: REGEX` at the top of FILE must match the compiler's output.

Usage: run.py COMPILER [OPTION...] FILE
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPECT = re.compile(r'// expect: (.+)')


def expectations(file: Path) -> list[str]:
    patterns = []
    for line in file.read_text(encoding='utf-8').splitlines():
        match = EXPECT.fullmatch(line)
        if not match:
            break
        patterns.append(match[1])
    return patterns


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__.strip())
        return 2
    compiler, file = sys.argv[1:-1], Path(sys.argv[-1])
    patterns = expectations(file)
    if not patterns:
        print(f'{file}: begins with no line `// expect: REGEX`')
        return 1
    command = [*compiler, '-std=c++20', f'-I{ROOT / "include"}', '-fsyntax-only', str(file)]
    result = subprocess.run(command, capture_output=True, text=True, errors='replace', check=False)
    output = result.stdout + result.stderr
    if result.returncode == 0:
        print(f'{file.name}: compiles, and must not')
        return 1
    missing = [p for p in patterns if not re.search(p, output)]
    for pattern in missing:
        print(f'{file.name}: the compiler does not say: {pattern}')
    if missing:
        print('It says:', output, sep='\n')
        return 1
    print(f'{file.name}: {len(patterns)} of {len(patterns)} messages as expected')
    return 0


if __name__ == '__main__':
    sys.exit(main())
