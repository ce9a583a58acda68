"""Shows a public header to Doxygen: its plain comments as documentation, examples as code.

The headers are written to be read as they are; this keeps Doxygen's marks out of them.

Usage: doxygen_filter.py HEADER
"""

import re
import sys
from pathlib import Path

COMMENT = re.compile(r'^(\s*)//(?: (.*)|)$')
TRAILING = re.compile(r'^(.*\S)\s+// (.*)$')
MEMBER = re.compile(r'\s+\w.*[;,}]$|\s+\w+$')  # a member or an enumerator, and a comment after it


def escaped(text: str) -> str:
    """Text without what Doxygen would take for a command or a tag; `code` is left alone."""
    parts = text.split('`')
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(r'([<>@#\\%])', r'\\\1', parts[index])
        parts[index] = parts[index].replace('::', '\\::')
    return '`'.join(parts)


def block(lines: list[str], indent: str, is_file: bool) -> list[str]:
    """A comment of whole lines. What is indented after an empty line is an example."""
    out = ['@file'] if is_file else []
    in_code = False
    after_empty = False
    for line in lines:
        is_code = line.startswith('  ') and (in_code or after_empty)
        if in_code and not is_code and line:
            out.append('@endcode')
            in_code = False
        if is_code and not in_code:
            out.append('@code{.cpp}')
            in_code = True
        out.append(line if in_code else escaped(line))
        after_empty = not line
    if in_code:
        out.append('@endcode')
    return [f'{indent}/// {line}'.rstrip() for line in out]


def main() -> int:
    source = Path(sys.argv[1]).read_text(encoding='utf-8').splitlines()
    out: list[str] = []
    comment: list[str] = []
    indent = ''
    is_first = True
    for line in [*source, '']:
        match = COMMENT.match(line)
        if match and (not comment or match[1] == indent):
            indent = match[1]
            comment.append(match[2] or '')
            continue
        if comment:
            # A comment that nothing follows is about the lines around it, not about a declaration.
            is_floating = not line.strip() and not is_first
            is_pragma = comment[0].startswith(('IWYU', '---'))
            if not is_floating and not is_pragma:
                out += block(comment, indent, is_first)
            else:
                out += [''] * len(comment)
            is_first = False
            comment = []
            if match:
                indent = match[1]
                comment.append(match[2] or '')
                continue
        # Doxygen would take the inline namespace for one of its own.
        line = line.replace('namespace memoscape::inline v0', 'namespace memoscape')
        trailing = TRAILING.match(line)
        if trailing and MEMBER.match(trailing[1]):
            line = f'{trailing[1]}  ///< {escaped(trailing[2])}'
        out.append(line)
    sys.stdout.write('\n'.join(out) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
