"""Writes the files that the browser gets as one C++ source file.

Usage: embed.py OUTPUT.cpp FILE...
"""

import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.svg': 'image/svg+xml',
}
CHUNK = 96  # bytes in a line


def literal(data: bytes) -> str:
    """The bytes as string literals; octal escapes have three digits, so none runs on."""
    lines = []
    for begin in range(0, len(data), CHUNK):
        text = ''
        for byte in data[begin:begin + CHUNK]:
            plain = 32 <= byte < 127 and byte not in b'"\\?'
            text += chr(byte) if plain else f'\\{byte:03o}'
        lines.append(f'    "{text}"')
    return '\n'.join(lines) or '    ""'


def content(path: Path) -> bytes:
    data = path.read_bytes()
    # A map is for those who debug the library itself; it is not served.
    lines = [line for line in data.split(b'\n') if b'sourceMappingURL=' not in line]
    return b'\n'.join(lines)


def main() -> int:
    target, files = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    out = ['// Made by embed.py.', '#include "widgets/web/assets.hpp"', '',
           'namespace memoscape::inline v0::web {', 'namespace {', '']
    rows = []
    for number, file in enumerate(files):
        body = content(file)
        packed = gzip.compress(body, mtime=0)
        etag = hashlib.sha256(body).hexdigest()[:16]
        out += [f'constexpr char kBody{number}[] =', literal(body) + ';',
                f'constexpr char kGzip{number}[] =', literal(packed) + ';']
        rows.append(f'    {{"/{file.name}", "{TYPES[file.suffix]}", "\\"{etag}\\"",\n'
                    f'     {{kBody{number}, sizeof kBody{number} - 1}},\n'
                    f'     {{kGzip{number}, sizeof kGzip{number} - 1}}}},')
    out += ['', 'constexpr Asset kAssets[] = {', *rows, '};', '', '}  // namespace', '',
            'std::span<const Asset> assets() noexcept { return kAssets; }', '',
            '}  // namespace memoscape::inline v0::web']
    target.write_text('\n'.join(out) + '\n', encoding='ascii')
    return 0


if __name__ == '__main__':
    sys.exit(main())
