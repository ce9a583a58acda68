"""clang-tidy over engine/, widgets/ and, through the one that includes them all, the public headers.

Most of the time goes into the headers that every source includes. So sources of one set of flags
are looked at several at a time, as one text. Where that text has a finding, or is no valid C++
because two sources use one name, its halves are looked at, down to each source as it is: what is
reported is always about one source. A source is skipped while it, all headers and the settings are
older than its last success.

Usage: tidy.py ROOT BUILD_FOLDER    exit status 1 if there are findings
"""

import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TIDY = 'clang-tidy-14'
AT_ONCE = 30  # sources in one text: it takes hardly longer than one of half as many, unless names clash
INCLUDE = re.compile(r'\s*#\s*include\s')
NOT_FLAGS = re.compile(r' warnings?( and \d+ errors?)? generated\.$')


class Source:
    def __init__(self, entry: dict, root: Path) -> None:
        self.path = (Path(entry['directory']) / entry['file']).resolve()
        self.name = os.path.relpath(self.path, root)
        words = iter(shlex.split(entry['command']))
        self.flags = []
        for word in words:
            if word in ('-o', '-MF', '-MQ', '-c', '-include'):
                next(words, None)
            elif word.startswith(('-I', '-isystem')):
                self.flags.append('-I' + str((Path(entry['directory']) / word[2:]).resolve()))
            elif word.startswith(('-D', '-std', '-W', '-pthread')):
                self.flags.append(word)


def sources_of(root: Path, build: Path) -> list[Source]:
    found = {}
    for entry in json.loads((build / 'compile_commands.json').read_text(encoding='utf-8')):
        source = Source(entry, root)
        if source.name.startswith(('engine/', 'widgets/')) or source.path.name == 'memoscape_memoscape_hpp.cpp':
            found[source.name] = source
    return [found[name] for name in sorted(found)]


def joined(sources: list[Source]) -> str:
    """The sources as one text, in which a later one does not repeat an earlier one's includes."""
    text, included = '', set()
    for source in sources:
        own = set()
        for line in source.path.read_text(encoding='utf-8').splitlines():
            if INCLUDE.match(line):
                own.add(line)
                if line in included:
                    line = ''
            text += line + '\n'
        included |= own
    return text


class Tidy:
    def __init__(self, build: Path) -> None:
        self.folder = build / 'tidy'
        self.folder.mkdir(exist_ok=True)
        self.findings = 0

    def stamp(self, source: Source) -> Path:
        return self.folder / (source.name.replace('/', '_') + '.ok')

    def run(self, file: Path, flags: list[str]) -> tuple[bool, str]:
        done = subprocess.run([TIDY, '--quiet', str(file), '--', *flags], capture_output=True, text=True,
                              errors='replace', check=False)
        lines = (done.stdout + done.stderr).splitlines()
        return done.returncode == 0, '\n'.join(line for line in lines if not NOT_FLAGS.search(line))

    def look_at(self, sources: list[Source]) -> None:
        if len(sources) == 1:
            good, said = self.run(sources[0].path, sources[0].flags)
        else:
            text = self.folder / f'{sources[0].name.replace("/", "_")}.{len(sources)}.cpp'
            text.write_text(joined(sources), encoding='utf-8')
            good, said = self.run(text, sources[0].flags)
        if good:
            for source in sources:
                self.stamp(source).touch()
                print(f'clang-tidy: ok      {source.name}', flush=True)
        elif len(sources) == 1:
            self.findings += 1
            print(f'clang-tidy: FAILED  {sources[0].name}\n{said}', flush=True)
        else:
            if os.environ.get('TIDY_DEBUG'):
                print(said)
            self.look_at(sources[: len(sources) // 2])
            self.look_at(sources[len(sources) // 2 :])


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__.strip())
        return 2
    root, build = (Path(argument).resolve() for argument in sys.argv[1:])
    tidy = Tidy(build)
    inputs = [root / '.clang-tidy', Path(__file__), build / 'compile_commands.json']
    for folder in ('include', 'engine', 'widgets'):
        inputs += (root / folder).rglob('*.hpp')
    newest = max(file.stat().st_mtime for file in inputs)

    def is_done(source: Source) -> bool:
        stamp = tidy.stamp(source)
        return stamp.exists() and stamp.stat().st_mtime > max(newest, source.path.stat().st_mtime)

    all_sources = sources_of(root, build)
    alike: dict[tuple[str, ...], list[Source]] = {}
    for source in all_sources:
        if not is_done(source):
            # What is in one folder includes the same, and shares the fewest names.
            alike.setdefault((os.path.dirname(source.name), *source.flags), []).append(source)
    groups = []
    for sources in alike.values():
        count = -(-len(sources) // AT_ONCE)
        # Every count-th, so that neighbours, which are alike and share names, come apart.
        groups += [sources[first::count] for first in range(count)]
    at_a_time = os.cpu_count() or 1
    print(f'\n== clang-tidy: {sum(map(len, groups))} of {len(all_sources)} files, {at_a_time} groups at a time',
          file=sys.stderr, flush=True)
    with ThreadPoolExecutor(at_a_time) as pool:
        list(pool.map(tidy.look_at, sorted(groups, key=len, reverse=True)))
    return 1 if tidy.findings else 0


if __name__ == '__main__':
    sys.exit(main())
