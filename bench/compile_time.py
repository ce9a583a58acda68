#!/usr/bin/env python3
"""Measures what the public headers cost to compile, beside standard ones, in
seconds of processor time. (What registering functions costs: ./dev bench.)

usage: compile_time.py [--compiler CXX] [--runs N] [--include FOLDER]

  --compiler CXX    g++ if not given; may be given more than once
  --runs N          runs of each, of which the quickest counts; 3
  --include FOLDER  where memoscape/ is; include/ of this repository
  --help            this text

Exit status: 0 done, 1 something does not compile, 2 wrong use.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

STANDARD = ''.join(f'#include <{name}>\n' for name in
                   ('vector', 'string', 'functional', 'memory', 'chrono', 'variant'))
OPTIONS = ('-O0', '-O2')


# What is compiled.
CASES = (
    ('the six standard headers', STANDARD),
    ('memoscape/engine.hpp', '#include <memoscape/engine.hpp>\n'),
    ('memoscape/memoscape.hpp', '#include <memoscape/memoscape.hpp>\n'),
)


def seconds(compiler: str, option: str, include: Path, source: Path) -> float:
    """Processor time of one compilation."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [compiler, '-std=c++20', option, f'-I{include}', '-c', str(source), '-o', '/dev/null']
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> int:
    if '--help' in sys.argv or '-h' in sys.argv:
        print(__doc__.strip())
        return 0
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument('--compiler', action='append')
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--include', type=Path, default=Path(__file__).resolve().parents[1] / 'include')
    options = parser.parse_args()
    compilers = options.compiler or ['g++']
    columns = [f'{compiler} {option}' for compiler in compilers for option in OPTIONS]
    print(f'| {"seconds":26} |' + ''.join(f' {column:>14} |' for column in columns))
    print(f'|:{"-" * 26}-|' + '-' * 15 + ':|' + ('-' * 15 + ':|') * (len(columns) - 1), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / 'app.cpp'
        for name, text in CASES:
            source.write_text(text, encoding='utf-8')
            row = [min(seconds(compiler, option, options.include, source) for _ in range(max(1, options.runs)))
                   for compiler in compilers for option in OPTIONS]
            print(f'| {name:26} |' + ''.join(f' {figure:14.2f} |' for figure in row), flush=True)
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print('\ncompile_time: interrupted', file=sys.stderr)
        sys.exit(130)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f'compile_time: {error}', file=sys.stderr)
        sys.exit(1)
