#!/usr/bin/env python3
"""Mutants: does a test notice when one condition of the engine is turned round, or one line left out?

All mutants are compiled once, into a copy of the tree: each changed place asks whether its number is
that of the environment variable MUTANT. Then the tests run once per mutant, until the first failure.
"""
import argparse
import concurrent.futures
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HELP = """usage: ./dev mutants [--count N] [--seed N] [--jobs N] [--only K]

Turns round one condition, or leaves out one line, of engine/*.cpp at a time, and
counts the mutants that the tests notice. Survivors are printed. The first time
it builds the tests, and all of it takes about an hour on two cores.

  --count N  how many mutants, drawn over all files (200)
  --seed N   of the draw (1)
  --jobs N   tests that run at the same time (2)
  --only K   just mutant K of the draw

exit status: 0 at least 90 % were noticed, 1 fewer, 2 wrong use
"""

HEADER = """#pragma once
namespace mutants {
extern const int active;
inline bool is(int number) { return number == active; }
}  // namespace mutants
"""
SOURCE = """#include "engine/mutants.hpp"
#include <cstdlib>
namespace mutants {
const int active = [] {
  const char* text = std::getenv("MUTANT");
  return text == nullptr ? -1 : std::atoi(text);
}();
}  // namespace mutants
"""

CONDITION = re.compile(r'^(\s*(?:\} else )?if \()(.+)(\)(?: \{| [^{;]+;)?)$')
STATEMENT = re.compile(r'^(\s+)([A-Za-z_:*+(-][^"]*;)$')
NO_STATEMENT = re.compile(
    r'^\s*(return|throw|using|typedef|break|continue|case|default|delete|goto|assert|static_assert|'
    r'public|private|protected|friend|template|if|else|for|while|do|switch|struct|class|enum|'
    r'namespace|extern|co_)\b')
DECLARATION = re.compile(r'^\s*(?:[\w:]+(?:<.*>)?(?:::\w+)*)[*&]*\s+[*&]*\w+\s*[;={(\[]|^\s*(const|constexpr|auto|static)\b')
OPENS_SCOPE = re.compile(r'(\)|\bconst|\bnoexcept|\boverride|\belse|\bdo|\btry|mutable|->.*) \{$|^\s*\{$')


def balanced(text):
    depth = 0
    for c in text:
        depth += (c in '([{') - (c in ')]}')
        if depth < 0:
            return False
    return depth == 0


class Place:
    def __init__(self, path, line, text, kind):
        self.path, self.line, self.text, self.kind = path, line, text, kind

    def __str__(self):
        what = 'turned round' if self.kind == 'condition' else 'left out'
        return f'{self.path}:{self.line + 1}: {what}: {self.text.strip()}'


def places(path, lines):
    inside = False  # a function: never what stands in a class or a namespace
    for i, line in enumerate(lines):
        if re.match(r'^[^\s#/}].*\{$', line) or (line.endswith('{') and i and
                                                   re.match(r'^[^\s#/}]', lines[i - 1])):
            inside = not re.match(r'^(namespace|struct|class|enum|constexpr|const )', line)
        elif re.match(r'^\}', line):
            inside = False
        if re.match(r'^    ? ?[^\s#/}].*\)(?: \w+)* \{$', line) and not inside:
            continue
        before = lines[i - 1].strip() if i else ''
        before = re.sub(r'\s*//.*$', '', before)
        if not inside:
            continue
        found = CONDITION.match(line)
        if found and balanced(found[2]) and ';' not in found[2] and 'constexpr' not in found[1] \
                and not DECLARATION.match(found[2]):
            yield Place(path, i, line, 'condition')
            continue
        starts = before.endswith((';', '}')) or OPENS_SCOPE.search(before)
        if starts and STATEMENT.match(line) and balanced(line) and not NO_STATEMENT.match(line) \
                and not DECLARATION.match(line) and '  //' not in line:
            yield Place(path, i, line, 'statement')


def mutated(place, number):
    if place.kind == 'condition':
        found = CONDITION.match(place.text)
        return f'{found[1]}static_cast<bool>({found[2]}) != mutants::is({number}){found[3]}'
    found = STATEMENT.match(place.text)
    return f'{found[1]}if (!mutants::is({number})) {{ {found[2]} }}'


def draw(root, count, seed):
    found = []
    for path in sorted((root / 'engine').glob('*.cpp')):
        name = str(path.relative_to(root))
        found += places(name, path.read_text().split('\n'))
    chosen = random.Random(seed).sample(found, min(count, len(found)))
    return sorted(chosen, key=lambda place: (place.path, place.line)), len(found)


def copy_tree(root, copy, chosen):
    """Writes only what changed, so that a second run compiles little."""
    listed = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                            cwd=root, check=True, capture_output=True).stdout.decode().split('\0')
    texts = {}
    for name in filter(None, listed):
        source = root / name
        if source.is_file():
            texts[name] = source.read_bytes()
    for number, place in enumerate(chosen):
        lines = texts[place.path].decode().split('\n')
        lines[place.line] = mutated(place, number)
        texts[place.path] = '\n'.join(lines).encode()
    for name in {place.path for place in chosen}:
        texts[name] = b'#include "engine/mutants.hpp"\n' + texts[name]
    texts['engine/mutants.hpp'] = HEADER.encode()
    texts['engine/mutants.cpp'] = SOURCE.encode()
    build = texts['engine/meson.build'].decode()
    texts['engine/meson.build'] = build.replace("  'advise.cpp',", "  'advise.cpp',\n  'mutants.cpp',", 1).encode()
    for name, text in texts.items():
        target = copy / name
        if target.is_file() and target.read_bytes() == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
        shutil.copymode(root / name, target) if (root / name).is_file() else None


class Runner:
    def __init__(self, build):
        tests, prove = build / 'tests/memoscape_tests', build / 'tests/prove/memoscape-prove'
        cases = build.parent / 'tests/prove/cases.txt'
        self.commands = [
            [tests, '--gtest_fail_fast', '--gtest_brief=1'],
            [prove, '--cases', cases],
            [build / 'tests/accounting_test', '--gtest_fail_fast', '--gtest_brief=1'],
            [build / 'tests/policy_test', '--gtest_fail_fast', '--gtest_brief=1'],
            [build / 'tests/advisor_test', '--gtest_fail_fast', '--gtest_brief=1'],
            [prove, '--seed', '1', '--steps', '20000'],
        ]
        self.limits = [60.0] * len(self.commands)

    def run(self, number):
        """Gives what noticed the mutant; empty: nothing."""
        for command, limit in zip(self.commands, self.limits):
            environment = dict(os.environ, MUTANT=str(number))
            process = subprocess.Popen(list(map(str, command)), env=environment, start_new_session=True,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                if process.wait(limit) != 0:
                    return command[0].name
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return command[0].name + ' hangs'
        return ''

    def measure(self):
        """Without a mutant everything passes; how long that takes says what hangs."""
        for i, command in enumerate(self.commands):
            began = time.monotonic()
            result = subprocess.run(list(map(str, command)), capture_output=True)
            if result.returncode != 0:
                sys.exit(f'mutants: {command[0].name} fails without a mutant:\n'
                         + result.stdout.decode(errors='replace')[-2000:])
            self.limits[i] = 20 + 4 * (time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument('--help', action='store_true')
    parser.add_argument('--count', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--only', type=int)
    parser.add_argument('--list', action='store_true')
    parser.add_argument('root', type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.help:
        print(HELP, end='')
        return 0
    root = options.root.resolve()
    chosen, all_places = draw(root, options.count, options.seed)
    if options.list:
        print('\n'.join(f'{number}: {place}' for number, place in enumerate(chosen)))
        return 0
    copy = root / 'build/mutants'
    build = copy / 'build'
    copy_tree(root, copy, chosen)
    if not (build / 'build.ninja').is_file():
        subprocess.run(['meson', 'setup', '-Ddefault_library=static', '-Dtests=enabled', '-Dbench=disabled',
                        '-Dweb=disabled', '-Dreport=disabled', '-Doptimization=1', '-Ddebug=false',
                        '-Dcpp_args=-D_GLIBCXX_ASSERTIONS', str(build), str(copy)],
                       check=True, stdout=subprocess.DEVNULL)
    runner = Runner(build)
    targets = sorted({str(command[0].relative_to(build)) for command in runner.commands})
    subprocess.run(['ninja', '-C', str(build), *targets], check=True)
    runner.measure()

    numbers = range(len(chosen)) if options.only is None else [options.only]
    print(f'{len(numbers)} mutants of {all_places} possible, seed {options.seed}', flush=True)
    survivors, done = [], 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(runner.run, number): number for number in numbers}
        try:
            for future in concurrent.futures.as_completed(futures):
                number, noticed, done = futures[future], future.result(), done + 1
                if not noticed:
                    survivors.append(number)
                    print(f'survives: {number}: {chosen[number]}', flush=True)
                elif options.only is not None:
                    print(f'noticed by {noticed}: {chosen[number]}')
                if sys.stderr.isatty():
                    print(f'\r{done}/{len(numbers)}, {len(survivors)} survive ', end='', file=sys.stderr)
                elif done % 20 == 0:
                    print(f'{done}/{len(numbers)}, {len(survivors)} survive', file=sys.stderr)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            print(f'\ninterrupted after {done} mutants, {len(survivors)} survive')
            return 130
    share = 100 * (1 - len(survivors) / len(numbers))
    print(f'{len(numbers) - len(survivors)} of {len(numbers)} mutants noticed ({share:.1f} %)')
    return 0 if share >= 90 else 1


if __name__ == '__main__':
    sys.exit(main())
