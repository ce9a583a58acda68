"""Writes a CSV as a C++ source file, so that the app finds its data wherever it is started from.

Usage: embed.py INPUT.csv OUTPUT.cpp
"""

import sys
from pathlib import Path


def main() -> int:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    # Carriage returns would come from a checkout that translates line ends.
    lines = source.read_bytes().replace(b'\r\n', b'\n').decode('ascii').split('\n')
    literals = []
    for number, line in enumerate(lines):
        end = '\\n' if number + 1 < len(lines) else ''
        escaped = line.replace('\\', '\\\\').replace('"', '\\"')
        literals.append(f'    "{escaped}{end}"')
    target.write_text(
        f'// Made by embed.py from {source.name}.\n'
        '#include "weather.hpp"\n\n'
        'namespace hello {\n\n'
        'std::string_view built_in_csv() noexcept {\n'
        '  static constexpr char kText[] =\n' + '\n'.join(literals) + ';\n'
        '  return {kText, sizeof(kText) - 1};\n'
        '}\n\n'
        '}  // namespace hello\n',
        encoding='ascii')
    return 0


if __name__ == '__main__':
    sys.exit(main())
