"""Writes what the page of a report is made of as a C++ source file, with hashes for its policy.

Usage: embed_page.py CSS HTML JS OUTPUT.cpp [--treemap=JS] [--chart=JS]
"""

import base64
import hashlib
import sys
from pathlib import Path

CHUNK = 8000  # compilers limit the length of a literal


def literal(text: bytes) -> str:
    pieces = []
    for start in range(0, len(text), CHUNK):
        out = []
        for byte in text[start:start + CHUNK]:
            char = chr(byte)
            if char in '"\\?':
                out.append('\\' + char)
            elif 32 <= byte < 127:
                out.append(char)
            else:
                out.append(f'\\{byte:03o}')
        pieces.append('    "' + ''.join(out) + '"')
    return '\n'.join(pieces) or '    ""'


def without_source_map(text: bytes) -> bytes:
    """Without a link to a source map, which nobody could fetch."""
    lines = text.replace(b'\r\n', b'\n').split(b'\n')
    return b'\n'.join(line for line in lines if not line.startswith(b'//# sourceMappingURL='))


def read(path: str) -> bytes:
    text = without_source_map(Path(path).read_bytes())
    if b'</script' in text.lower() and not path.endswith('.html.in'):
        sys.exit(f'{path}: holds "</script", which would end the script it is put into')
    return text


def main() -> int:
    names = [arg for arg in sys.argv[1:] if not arg.startswith('--')]
    libraries = dict(arg[2:].split('=', 1) for arg in sys.argv[1:] if arg.startswith('--'))
    css, html, js, target = names
    assets = [('report.css', 'text/css', read(css))]
    for name in ('treemap', 'chart'):
        if name in libraries:
            assets.append((f'{name}.js', 'text/javascript', read(libraries[name])))
    assets.append(('report.js', 'text/javascript', read(js)))

    out = ['// Made by embed_page.py.', '#include "engine/report/page_assets.hpp"', '',
           'namespace memoscape::inline v0::detail {', '',
           'std::string_view page_skeleton() noexcept {', '  static constexpr char kText[] =',
           literal(read(html)) + ';', '  return {kText, sizeof(kText) - 1};', '}', '',
           'std::span<const ReportAsset> page_assets() noexcept {']
    rows = []
    for index, (name, kind, text) in enumerate(assets):
        digest = base64.b64encode(hashlib.sha256(text).digest()).decode('ascii')
        out += [f'  static constexpr char kText{index}[] =', literal(text) + ';']
        rows.append(f'      {{"{name}", "{kind}", {{kText{index}, sizeof(kText{index}) - 1}},\n'
                    f'       "\'sha256-{digest}\'"}},')
    out += ['  static constexpr ReportAsset kAssets[] = {', *rows, '  };', '  return kAssets;', '}',
            '', '}  // namespace memoscape::inline v0::detail', '']
    Path(target).write_text('\n'.join(out), encoding='ascii')
    return 0


if __name__ == '__main__':
    sys.exit(main())
