#!/usr/bin/env python3
"""Mutants: does a test notice when one condition of the engine is turned round, or one line left out?

All mutants are compiled once, into a copy of the tree: each changed place asks whether its number is
that of the environment variable MUTANT. Each test runs once without a mutant, which says how long it
takes and which changed places it reaches. Then a mutant meets those tests that reach it, the quick ones
first, until one fails.
"""
import argparse
import concurrent.futures
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HELP = """usage: ./dev mutants [--count N] [--seed N] [--jobs N] [--only K]

Turns round one condition, or leaves out one line, of engine/*.cpp at a time, and
counts the mutants that the tests notice. Survivors are printed. The first time
it builds the tests; then 200 mutants take about half an hour. Tests that take
longer than a minute are left out. Not drawn are lines that only make it faster
(prefetch, reserve), and points at which tests change threads (Schedule::point).
tests/MUTANTS.md says why some survive.

  --count N  how many mutants, drawn over all files (200)
  --seed N   of the draw (1)
  --jobs N   tests that run at the same time (2)
  --only K   just mutant K of the draw; may be given several times

exit status: 0 at least 90 % were noticed, 1 fewer, 2 wrong use
"""

HEADER = """#pragma once
namespace mutants {
constexpr int kMost = 4096;
extern int active;
extern char* reached;  // kMost flags
inline bool is(int number) {
  if (reached[number] == 0) reached[number] = 1;
  return number == active;
}
}  // namespace mutants
"""
SOURCE = """#include "engine/mutants.hpp"
#include <fcntl.h>
#include <sys/mman.h>
#include <cstdlib>
namespace mutants {
namespace {
char unused[kMost];
}
int active = -1;
char* reached = unused;
namespace {
// A file that is mapped, so that what crashes or is a child of a test tells, too.
const bool begun = [] {
  if (const char* text = std::getenv("MUTANT")) active = std::atoi(text);
  if (const char* file = std::getenv("MUTANTS_REACHED")) {
    void* map = mmap(nullptr, kMost, PROT_READ | PROT_WRITE, MAP_SHARED, open(file, O_RDWR), 0);
    if (map == MAP_FAILED) std::abort();
    reached = static_cast<char*>(map);
  }
  return true;
}();
}  // namespace
}  // namespace mutants
"""
MOST = 4096
TOO_SLOW = 60.0  # seconds
QUICK = 0.25     # tests that take less run together, a second of them: one that hangs is noticed soon

CONDITION = re.compile(r'^(\s*(?:\} else )?if \()(.+)(\)(?: \{| [^{;]+;)?)$')
STATEMENT = re.compile(r'^(\s+)([A-Za-z_:*+(-][^"]*;)$')
NO_STATEMENT = re.compile(
    r'^\s*(return|throw|using|typedef|break|continue|case|default|delete|goto|assert|static_assert|'
    r'public|private|protected|friend|template|if|else|for|while|do|switch|struct|class|enum|'
    r'namespace|extern|co_)\b')
DECLARATION = re.compile(r'^\s*(?:[\w:]+(?:<.*>)?(?:::\w+)*)[*&]*\s+(?:const\s+)?[*&]*\w+\s*[;={(\[]|^\s*(const|constexpr|auto|static|thread_local|unsigned|struct)\b')
ONLY_FASTER = re.compile(r'\b(prefetch|reserve|shrink_to_fit)\(|static_cast<void>')
FOR_TESTS = re.compile(r'^\s*(?:detail::)?Schedule::point\(\);$')
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
                and not DECLARATION.match(line) and not ONLY_FASTER.search(line) \
                and not FOR_TESTS.match(line) and '  //' not in line:
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


class Unit:
    """One test case, or one run of memoscape-prove."""

    def __init__(self, binary, arguments, case=None):
        self.binary, self.arguments, self.case = binary, arguments, case
        self.seconds, self.reaches = 0.0, frozenset()

    def __str__(self):
        return self.case or ' '.join([self.binary.name, *map(str, self.arguments)])


def cases(binary):
    listed = subprocess.run([str(binary), '--gtest_list_tests'], check=True, capture_output=True, text=True).stdout
    suite = ''
    for line in listed.splitlines():
        name = line.split('#')[0].rstrip()
        if not line.startswith(' '):
            suite = name if name.endswith('.') else ''
        elif suite:
            yield suite + name.strip()


class Runner:
    BINARIES = ('memoscape_tests', 'accounting_test', 'heap_bytes_test', 'faults_test', 'policy_test', 'trace_test',
                'advisor_test', 'report_formats_test')

    def __init__(self, build):
        self.build, self.units = build, []
        self.prove = build / 'tests/prove/memoscape-prove'
        self.targets = [*(f'tests/{name}' for name in self.BINARIES), 'tests/prove/memoscape-prove']

    def measure(self):
        """Without a mutant everything passes; how long that takes, and what it reaches."""
        for name in self.BINARIES:
            binary = self.build / 'tests' / name
            self.units += [Unit(binary, [f'--gtest_filter={case}'], case) for case in cases(binary)]
        self.units += [Unit(self.prove, ['--cases', self.build.parent / 'tests/prove/cases.txt']),
                       Unit(self.prove, ['--seed', '1', '--steps', '5000']),
                       Unit(self.prove, ['--seed', '1000', '--steps', '20000'])]
        flags = self.build / 'reached'
        for done, unit in enumerate(self.units):
            flags.write_bytes(bytes(MOST))
            began = time.monotonic()
            result = subprocess.run([str(unit.binary), *map(str, unit.arguments)], capture_output=True,
                                    env=dict(os.environ, MUTANTS_REACHED=str(flags)))
            unit.seconds = time.monotonic() - began
            if result.returncode != 0:
                sys.exit(f'mutants: {unit} fails without a mutant:\n' + result.stdout.decode(errors='replace')[-2000:])
            unit.reaches = frozenset(i for i, flag in enumerate(flags.read_bytes()) if flag)
            if sys.stderr.isatty():
                print(f'\r{done + 1}/{len(self.units)} tests measured ', end='', file=sys.stderr)
        self.units = sorted((unit for unit in self.units if unit.seconds <= TOO_SLOW or unit.case is None),
                            key=lambda unit: unit.seconds)

    def batches(self, number):
        """Commands, and how long they take. Quick tests of one binary run in one process."""
        quick, slow = {}, []
        for unit in self.units:
            if number not in unit.reaches:
                continue
            if not unit.case or unit.seconds >= QUICK:
                slow.append(([unit.binary, *unit.arguments], unit.seconds))
                continue
            batches = quick.setdefault(unit.binary, [[]])
            if sum(one.seconds for one in batches[-1]) > 1:
                batches.append([])
            batches[-1].append(unit)
        together = [([binary, '--gtest_filter=' + ':'.join(one.case for one in batch), '--gtest_fail_fast'],
                     sum(one.seconds for one in batch))
                    for binary, batches in quick.items() for batch in batches]
        return [*together, *slow]

    def run(self, number):
        """Gives what noticed the mutant, or an empty text."""
        for command, seconds in self.batches(number):
            what = self.noticed(command, number, 5 + 10 * seconds)
            if what:
                return what
        return ''

    def reached(self, number):
        return any(number in unit.reaches for unit in self.units)

    @staticmethod
    def noticed(command, number, limit):
        until = time.monotonic() + limit
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(list(map(str, command)), env=dict(os.environ, MUTANT=str(number)),
                                       start_new_session=True, stdout=output, stderr=subprocess.STDOUT)
            while process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
                if command[0].name == 'memoscape-prove' and b'cutting it down' in text_of(output):
                    break
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return command[0].name + (' hangs' if time.monotonic() >= until else '')
            if process.returncode == 0:
                return ''
            failed = re.search(rb'\[  FAILED  \] (\S+)', text_of(output))
            return failed[1].decode() if failed else f'{command[0].name}, status {process.returncode}'


def text_of(file):
    return os.pread(file.fileno(), 1 << 20, 0)


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument('--help', action='store_true')
    parser.add_argument('--count', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--only', type=int, action='append')
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
                        '-Dweb=disabled', '-Dtool=disabled', '-Doptimization=1', '-Ddebug=false',
                        '-Dcpp_args=-D_GLIBCXX_ASSERTIONS', str(build), str(copy)],
                       check=True, stdout=subprocess.DEVNULL)
    runner = Runner(build)
    subprocess.run(['ninja', '-C', str(build), *runner.targets], check=True)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))  # what allocates without end fails soon
    runner.measure()

    numbers = options.only or range(len(chosen))
    print(f'{len(numbers)} mutants of {all_places} possible, seed {options.seed}', flush=True)
    survivors, done = [], 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(runner.run, number): number for number in numbers}
        try:
            for future in concurrent.futures.as_completed(futures):
                number, noticed, done = futures[future], future.result(), done + 1
                if not noticed:
                    survivors.append(number)
                    why = '' if runner.reached(number) else ' (no test reaches it)'
                    print(f'survives: {number}: {chosen[number]}{why}', flush=True)
                elif options.only:
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
