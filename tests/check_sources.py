"""Fails if a C++ file of the tree is named in no meson.build, so that none is forgotten.

A .cpp, and a .hpp below include/, must be named, with quotes, by the nearest meson.build above it:
by its path from there, or by its file name.

Usage: check_sources.py SOURCE_ROOT
"""

import sys
from pathlib import Path

FOLDERS = ('include', 'engine', 'widgets', 'tests', 'bench')


def nearest_meson_build(file: Path) -> Path:
    return next(f / 'meson.build' for f in file.parents if (f / 'meson.build').is_file())


def main() -> int:
    root = Path(sys.argv[1]).resolve()
    files = [f for folder in FOLDERS for f in sorted((root / folder).rglob('*.cpp'))]
    files += sorted((root / 'include').rglob('*.hpp'))
    bad = 0
    for file in files:
        build = nearest_meson_build(file)
        text = build.read_text(encoding='utf-8')
        name = file.relative_to(build.parent).as_posix()
        if f"'{name}'" not in text and f"'{file.name}'" not in text:
            print(f"{build.relative_to(root)}: add the line  '{name}',")
            bad += 1
    print(f'{len(files)} files, {bad} not listed')
    return 1 if bad or not files else 0


if __name__ == '__main__':
    sys.exit(main())
