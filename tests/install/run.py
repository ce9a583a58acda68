#!/usr/bin/env python3
"""Installs memoscape and builds small projects against it, as its users do; a line for each.

usage: run.py [--only TEXT] [--jobs N] [--verbose] SOURCE BUILD

SOURCE is the repository and BUILD a build folder of it, configured with -Ddefault_library=both and
a --prefix inside BUILD, and built. All that this writes is inside BUILD.

  --only TEXT  only the checks whose name has TEXT in it
  --jobs N     checks at a time; as many as there are processors
  --verbose    show the commands
  --help       this text

Exit status: 0 all is well, 1 something failed, 2 wrong use.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

PROJECTS = Path(__file__).resolve().parent
STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror']
# What memoscape-web uses of the core beside public headers; of no use, and no promise, to others.
SEAMS = {'parse_json', 'append_json', 'append_json_text', 'to_value', 'Recording::serial'}
SAYS = 'memoscape: linked, and right\n'
# The optional libraries, and the program of a consumer of each.
OPTIONAL = {'memoscape-report': 'report.cpp', 'memoscape-web': 'web.cpp'}
# The file names of shared libraries, on Linux and elsewhere.
SHARED = re.compile(r'\.(so|dylib)(\.|$)')


class Failed(Exception):
    """A check that did not hold; the text says what was seen."""


def require(holds: bool, text: str) -> None:
    if not holds:
        raise Failed(text)


class Tree:
    """The repository, its build folder, and what is installed from it."""

    def __init__(self, source: Path, build: Path, verbose: bool) -> None:
        self.source = source
        self.build = build
        self.verbose = verbose
        self.work = build / 'consumers'
        self.both = build / 'prefix'
        self.static = build / 'prefix-static'  # a copy without the shared library

    def run(self, *command, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
        """Runs a command and gives what it printed. Raises: Failed if it fails."""
        words = [str(word) for word in command]
        if self.verbose:
            print('   +', ' '.join(words), file=sys.stderr, flush=True)
        done = subprocess.run(words, cwd=cwd, env={**os.environ, **(env or {})}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors='replace', check=False)
        if done.returncode != 0:
            raise Failed(f'{" ".join(words)}\nexit status {done.returncode}\n{done.stdout}')
        return done.stdout

    def prefix(self, kind: str) -> Path:
        return self.static if kind == 'static' else self.both

    def libdir(self, kind: str) -> Path:
        return next(self.prefix(kind).rglob('memoscape.pc')).parent.parent

    def environment(self, kind: str) -> dict[str, str]:
        """Where consumers find memoscape, when they are built and when they run."""
        libdir = str(self.libdir(kind))
        return {
            'PKG_CONFIG_PATH': libdir + '/pkgconfig',
            'CMAKE_PREFIX_PATH': str(self.prefix(kind)),
            'LD_LIBRARY_PATH': libdir,
            'DYLD_LIBRARY_PATH': libdir,
        }

    def project(self, name: str, folder: str, program: str = 'consumer.cpp') -> Path:
        """A copy of a consumer's project, out of the repository."""
        copy = self.work / name
        shutil.rmtree(copy, ignore_errors=True)
        if (PROJECTS / folder).is_dir():
            shutil.copytree(PROJECTS / folder, copy)
        else:
            copy.mkdir(parents=True)
        shutil.copy(PROJECTS / program, copy / 'consumer.cpp')
        return copy

    def try_consumer(self, program: Path, kind: str, library: str = 'memoscape') -> None:
        env = self.environment(kind)
        said = self.run(program, env=env)
        require(said == SAYS, f'{program} printed:\n{said}')
        is_linked = f'[lib{library}.so' in self.run('readelf', '-d', program)
        require(is_linked == (kind == 'shared'), f'{program} is not linked with the {kind} library')

    # --- consumers

    def pkg_config(self, compiler: str, options: list[str], kind: str, library: str = 'memoscape') -> None:
        name = re.sub(r'\W+', '-', ' '.join(['pkg-config', library, compiler, *options, kind]))
        folder = self.project(name, 'pkg-config', OPTIONAL.get(library, 'consumer.cpp'))
        env = self.environment(kind)
        static = ['--static'] if kind == 'static' and library in OPTIONAL else []
        flags = self.run('pkg-config', f'--define-variable=prefix={self.prefix(kind)}', *static, '--cflags', '--libs',
                         library, env=env).split()
        # The linker finds the libraries beside each other by itself, in any prefix.
        self.run(compiler, *options, 'consumer.cpp', '-o', 'consumer', *flags, cwd=folder,
                 env={**env, 'LD_LIBRARY_PATH': ''})
        self.try_consumer(folder / 'consumer', kind, library)

    def cmake(self, kind: str, use_static: bool = False) -> None:
        folder = self.project(f'cmake-{kind}-{use_static}', 'cmake')
        env = self.environment('shared' if use_static else kind)
        self.run('cmake', '-S', '.', '-B', 'build', '-Wno-dev', '-DCMAKE_BUILD_TYPE=Debug',
                 f'-Dmemoscape_USE_STATIC_LIBS={"ON" if use_static else "OFF"}', cwd=folder, env=env)
        self.run('cmake', '--build', 'build', cwd=folder, env=env)
        self.try_consumer(folder / 'build' / 'consumer', kind)

    def cmake_version(self) -> None:
        """Another minor version is refused before 1.0, a patch is not."""
        version = (self.libdir('shared') / 'cmake/memoscape/memoscapeConfigVersion.cmake').as_posix()
        for wanted, fits in {'0.1.0': 'TRUE', '0.1': 'TRUE', '0': 'TRUE', '0.0.9': 'FALSE', '0.2': 'FALSE',
                             '1': 'FALSE'}.items():
            parts = wanted.split('.')
            script = [f'-DPACKAGE_FIND_VERSION={wanted}', f'-DPACKAGE_FIND_VERSION_COUNT={len(parts)}',
                      f'-DPACKAGE_FIND_VERSION_MAJOR={parts[0]}',
                      f'-DPACKAGE_FIND_VERSION_MINOR={(parts + ["0"])[1]}']
            test = self.work / f'version-{wanted}.cmake'
            test.write_text(f'include("{version}")\nmessage("fits ${{PACKAGE_VERSION_COMPATIBLE}}")\n')
            said = self.run('cmake', *script, '-P', test)
            require(f'fits {fits}' in said, f'version {wanted}: {said}')

    def meson(self, kind: str) -> None:
        folder = self.project(f'meson-{kind}', 'meson')
        env = self.environment('shared')  # both are there: meson chooses by what it is told
        self.run('meson', 'setup', 'build', f'-Dprefer_static={"true" if kind == "static" else "false"}',
                 cwd=folder, env=env)
        self.run('meson', 'compile', '-C', 'build', cwd=folder, env=env)
        self.try_consumer(folder / 'build' / 'consumer', kind)

    def subproject(self) -> None:
        folder = self.project('subproject', 'subproject')
        (folder / 'subprojects').mkdir()
        # A copy, as a checkout would be: without builds, and without what is not in the repository.
        shutil.copytree(self.source, folder / 'subprojects/memoscape',
                        ignore=shutil.ignore_patterns('build*', '.git', '__pycache__'))
        # Eight sources as one, which takes a third of the time; one by one they are built to be installed.
        self.run('meson', 'setup', 'build', '-Doptimization=0', '-Ddebug=false', '-Ddefault_library=static',
                 '--unity', 'subprojects', '--unity-size', '8', '-Dmemoscape:web=disabled',
                 '-Dmemoscape:report=disabled', '--wrap-mode=nodownload', cwd=folder)
        self.run('meson', 'compile', '-C', 'build', cwd=folder)
        self.try_consumer(folder / 'build' / 'consumer', 'static')
        made = self.run('ninja', '-C', 'build', '-t', 'targets', 'all', cwd=folder)
        require('memoscape_tests' not in made and 'memoscape-hello' not in made,
                'as a subproject memoscape builds its tests or its example app')

    # --- what is installed

    def headers(self) -> None:
        said = self.run(sys.executable, self.source / 'tests/check_includes.py', self.both / 'include')
        require(', 0 bad' in said, said)
        installed = {p.relative_to(self.both / 'include') for p in (self.both / 'include').rglob('*.hpp')}
        public = {p.relative_to(self.source / 'include') for p in (self.source / 'include').rglob('*.hpp')}
        require(installed == public, f'installed and public headers differ: {installed ^ public}')

    def symbols(self) -> None:
        """The library exports what public headers declare, what SEAMS says, and nothing else."""
        library = next(p for p in self.libdir('shared').glob('libmemoscape.*') if SHARED.search(p.name))
        words = set()
        for header in (self.both / 'include').rglob('*.hpp'):
            words.update(re.findall(r'\w+', header.read_text(encoding='utf-8')))
        strangers = []
        lines = self.run('nm', '-D', '-C', '--defined-only', library).splitlines()
        for line in lines:
            _, _, symbol = line.split(' ', 2)
            # Instances of templates are told with what they return.
            known = re.match(r'(?:(?:typeinfo|typeinfo name|vtable|VTT) for |(?:non-virtual|virtual) thunk to |void )?'
                             r'memoscape::v\d+::((?:~?\w+::)*~?\w+)', symbol)
            parts = known[1].replace('~', '').split('::') if known else ['']
            seam = '::'.join(part for part in parts if part != 'detail')
            if seam not in SEAMS and not set(parts) <= words:
                strangers.append(symbol)
        require(not strangers and lines, 'exported, but in no public header:\n' + '\n'.join(strangers))

    def soversion(self) -> None:
        version = self.run('pkg-config', '--modversion', 'memoscape', env=self.environment('shared')).strip()
        parts = version.split('.')
        abi = '.'.join(parts[:2]) if parts[0] == '0' else parts[0]
        libdir = self.libdir('shared')
        said = self.run('readelf', '-d', libdir / 'libmemoscape.so')
        require(f'soname: [libmemoscape.so.{abi}]' in said, f'expected libmemoscape.so.{abi}:\n{said}')
        for name in (f'libmemoscape.so.{version}', f'libmemoscape.so.{abi}', 'libmemoscape.a'):
            require((libdir / name).exists(), f'{libdir / name} is not there')
        needed = set(re.findall(r'NEEDED.*\[(lib[\w+-]+)', said))
        unknown = needed - {'libstdc++', 'libm', 'libgcc_s', 'libc', 'libpthread', 'ld-linux-x86-64'}
        require(not unknown, f'the core links {unknown}')

    def pkg_config_flags(self) -> None:
        """The build's own flags must not reach users."""
        flags = self.run('pkg-config', '--cflags', '--libs', 'memoscape', env=self.environment('shared'))
        allowed = {'-pthread', '-lmemoscape', f'-I{self.both}/include', f'-L{self.libdir("shared")}'}
        require(set(flags.split()) <= allowed, flags)

    def moved(self) -> None:
        """What is installed works elsewhere, too: no path of the build is in it."""
        for file in [p for p in self.both.rglob('*') if p.is_file() and p.suffix in ('.hpp', '.cmake')]:
            require(str(self.build) not in file.read_text(encoding='utf-8'), f'{file} names {self.build}')

    def command(self) -> None:
        """The command finds its libraries in any prefix, without help."""
        env = {'LD_LIBRARY_PATH': '', 'DYLD_LIBRARY_PATH': ''}
        said = self.run(self.both / 'bin/memoscape', '--version', env=env)
        require(re.search(r'\d+\.\d+\.\d+', said) is not None, f'memoscape --version printed:\n{said}')

    def uninstall(self) -> None:
        stage = self.build / 'stage'
        shutil.rmtree(stage, ignore_errors=True)
        env = {'DESTDIR': str(stage)}
        log = self.build / 'meson-logs' / 'install-log.txt'
        self.run('meson', 'install', '-C', self.build, '--no-rebuild', '--quiet', env=env)
        require(any(stage.rglob('libmemoscape.a')), 'nothing was installed below DESTDIR')
        self.run('ninja', '-C', self.build, 'uninstall')
        left = sorted(str(p) for p in stage.rglob('*') if not p.is_dir())
        dirs = [p for p in stage.rglob('*') if p.is_dir() and 'memoscape' in p.relative_to(stage).parts[-1:]]
        require(not left and not dirs, f'left behind, see {log}: {left + dirs}')
        shutil.rmtree(stage, ignore_errors=True)

    # --- all of it

    def install(self) -> None:
        for folder in (self.both, self.static):
            shutil.rmtree(folder, ignore_errors=True)
        self.run('meson', 'install', '-C', self.build, '--no-rebuild', '--quiet')
        shutil.copytree(self.both, self.static, symlinks=True)
        for path in [p for p in self.static.rglob('libmemoscape*') if SHARED.search(p.name)]:
            path.unlink()
        self.work.mkdir(exist_ok=True)

    def checks(self) -> list[tuple[str, object]]:
        gcc, clang = 'g++', 'clang++-14'
        found: list[tuple[str, object]] = [('meson subproject, static', self.subproject)]
        for compiler, options, kind in (
                (gcc, ['-std=c++20', *STRICT], 'shared'),
                (gcc, ['-std=c++20'], 'static'),
                (gcc, ['-std=c++23', *STRICT], 'static'),
                (gcc, ['-std=c++20', '-fno-rtti'], 'shared'),
                (gcc, ['-std=c++23', '-fno-rtti', '-O2'], 'static'),
                (clang, ['-std=c++20', *STRICT], 'static'),
                (clang, ['-std=c++20'], 'shared'),
                (clang, ['-std=c++2b', *STRICT], 'shared'),
                (clang, ['-std=c++20', '-fno-rtti'], 'shared')):
            shown = ' '.join(options).replace(' '.join(STRICT), 'strict').replace('2b', '23')
            found.append((f'pkg-config, {compiler} {shown}, {kind}',
                          lambda c=compiler, o=options, k=kind: self.pkg_config(c, o, k)))
        for library in OPTIONAL:
            if not (self.libdir('shared') / f'pkgconfig/{library}.pc').exists():
                print(f'skipped {library}: it was not built; meson-logs/meson-log.txt says why', flush=True)
                continue
            for compiler, options, kind in ((gcc, ['-std=c++20', *STRICT], 'shared'), (clang, ['-std=c++20'], 'shared'),
                                            (gcc, ['-std=c++20'], 'static')):
                shown = ' '.join(options).replace(' '.join(STRICT), 'strict')
                found.append((f'{library}, {compiler} {shown}, {kind}',
                              lambda c=compiler, o=options, k=kind, l=library: self.pkg_config(c, o, k, l)))
        found += [
            ('CMake find_package, shared', lambda: self.cmake('shared')),
            ('CMake find_package, static', lambda: self.cmake('static')),
            ('CMake find_package, static of both', lambda: self.cmake('static', use_static=True)),
            ('CMake package version', self.cmake_version),
            ('meson dependency, shared', lambda: self.meson('shared')),
            ('meson dependency, static', lambda: self.meson('static')),
            ('installed headers', self.headers),
            ('exported symbols', self.symbols),
            ('SOVERSION and linked libraries', self.soversion),
            ('flags of pkg-config', self.pkg_config_flags),
            ('no path of the build', self.moved),
            ('the command memoscape', self.command),
            ('uninstall leaves nothing', self.uninstall),
        ]
        return found


def run_checks(tree: Tree, only: str, jobs: int) -> tuple[int, list[tuple[str, str]]]:
    """Runs them, prints a line each; gives how many passed, and names and texts of those that did not."""
    passed = 0
    failures = []
    lock = threading.Lock()

    def one(name: str, check) -> None:
        nonlocal passed
        start = time.monotonic()
        text = ''
        try:
            check()
        except (Failed, OSError, StopIteration) as error:
            text = str(error) or repr(error)
        with lock:
            verdict = 'FAILED' if text else 'ok'
            print(f'{verdict:6} {name:56} {time.monotonic() - start:6.1f} s', flush=True)
            if text:
                failures.append((name, text))
            else:
                passed += 1

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(one, name, check) for name, check in tree.checks() if only in name]:
            future.result()
    return passed, failures


def main() -> int:
    if '--help' in sys.argv or '-h' in sys.argv:
        print(__doc__.strip())
        return 0
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument('--only', default='')
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 1)
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('source', type=Path)
    parser.add_argument('build', type=Path)
    options = parser.parse_args()
    tree = Tree(options.source.resolve(), options.build.resolve(), options.verbose)
    tree.install()
    passed, failures = run_checks(tree, options.only, max(1, options.jobs))
    for name, text in failures:
        print(f'\nFAILED {name}\n' + '\n'.join('    ' + line for line in text.splitlines()[-60:]))
    print(f'\ntest-install: {passed} passed, {len(failures)} failed')
    (tree.build / 'counts').write_text(f'{passed} {len(failures)}\n')
    return 0 if passed and not failures else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print('\ntest-install: interrupted', file=sys.stderr)
        sys.exit(130)
    except Failed as error:
        print(f'test-install: {error}', file=sys.stderr)
        sys.exit(1)
