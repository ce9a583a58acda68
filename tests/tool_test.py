"""Tests of the command `memoscape` as people run it: exit status, messages, output.

Usage: tool_test.py PATH_TO_MEMOSCAPE PATH_TO_MEMOSCAPE_HELLO
"""

import csv
import io
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = ''
HELLO = ''
COMMANDS = ('report', 'diff', 'tune', 'simulate')
HEADER = 'date,precipitation,temp_max,temp_min,wind,weather\n'


def run(*arguments, stdin=None):
    return subprocess.run([TOOL, *map(str, arguments)], input=stdin, capture_output=True, check=False)


class Case(unittest.TestCase):
    """With what an application has written."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        days = cls.folder / 'october.csv'
        days.write_text(HEADER + ''.join(
            f'{year}-10-{day:02},{day * year % 7},15,5,2,{"rain" if day * year % 7 else "sun"}\n'
            for year in (2020, 2021, 2022) for day in range(1, 32)), encoding='ascii')
        cls.trace = cls.folder / 'app.trace'
        for name, visitors in (('before', 4), ('after', 10)):
            subprocess.run([HELLO, '--data', days, '--visitors', str(visitors), '--report',
                            cls.folder / f'{name}.json', '--record', cls.trace],
                           check=True, capture_output=True)
        cls.before = cls.folder / 'before.json'
        cls.after = cls.folder / 'after.json'
        cls.report = json.loads(cls.after.read_text(encoding='utf-8'))['report']

    def good(self, *arguments, stdin=None):
        """What it prints, which has no colours, and fits 80 columns where it is text."""
        done = run(*arguments, stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (0, b''), arguments)
        self.assertNotIn(b'\033', done.stdout)
        return done.stdout.decode()

    def text(self, *arguments):
        text = self.good(*arguments)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)
        return text

    def refused(self, *arguments, stdin=None):
        """The one line that says why; the status is 2."""
        done = run(*arguments, stdin=stdin)
        error = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (2, b''), error)
        self.assertEqual(error.count('\n'), 1, error)
        self.assertTrue(error.startswith('memoscape: '), error)
        return error

    def written(self, name, content):
        file = self.folder / name
        file.write_bytes(content)
        return file


class Use(Case):
    def test_help_and_version_exit_with_0(self):
        for arguments in (['--help'], ['-h'], *([one, '--help'] for one in COMMANDS)):
            self.assertIn('Exit status: 0 done', self.text(*arguments))
        self.assertTrue(self.text('--version').startswith('memoscape '))

    def test_wrong_use_gives_one_line_and_exits_with_2(self):
        cases = [
            ([], 'a command is needed'),
            (['frobnicate'], 'frobnicate'),
            (['--frobnicate'], '--frobnicate'),
            (['report'], 'FILE is required'),
            (['report', self.after, '--csv', '--json'], 'excludes --'),
            (['report', self.after, '--top', 'many'], 'many'),
            (['report', self.after, '--by', 'a\nb'], 'a\\nb'),
            (['report', self.after, '--min-age', '2 weeks'], 'weeks'),
            (['report', self.after, '--html', self.folder / 'out.xls'], '.html'),
            (['diff', self.before], 'AFTER is required'),
            (['tune'], 'TRACE is required'),
            (['tune', self.trace, '--limit', '99999999999GiB'], '99999999999 '),
            (['tune', self.trace, '--limit', '0'], '--limit'),
            (['tune', self.trace, '--policy', 'best'], 'best'),
            (['simulate', self.trace, '--percent', '120'], '120'),
            (['simulate', self.trace, '--most', '-1'], '-1'),
        ]
        for arguments, message in cases:
            self.assertIn(message, self.refused(*arguments))

    def test_a_file_that_is_not_there_exits_with_2(self):
        for command in COMMANDS:
            both = ['/nowhere/x'] * (2 if command == 'diff' else 1)
            self.assertIn('/nowhere/x: No such file', self.refused(command, *both))

    def test_output_that_cannot_be_written_exits_with_1(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            done = subprocess.run([TOOL, 'report', self.after], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('memoscape: ', done.stderr)
        done = run('report', self.after, '--html', '/nowhere/out.html')
        self.assertEqual(done.returncode, 1)
        self.assertIn(b'/nowhere/out.html: No such file', done.stderr)

    def test_titles_are_bold_on_a_terminal_alone(self):
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f'no terminal to be had: {error}')
        environment = {**os.environ, 'TERM': 'xterm'}
        environment.pop('NO_COLOR', None)
        with subprocess.Popen([TOOL, 'diff', self.before, self.after, '--top', '1'], stdout=theirs,
                              env=environment) as process:
            os.close(theirs)
            seen = b''
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # how a terminal ends on Linux
                    break
                seen += piece
        os.close(ours)
        self.assertEqual(process.returncode, 0)
        self.assertIn(b'\033[1mFunctions', seen)


class Report(Case):
    def test_is_printed_as_text(self):
        text = self.text('report', self.after)
        self.assertIn('Seattle rain explorer', text)
        self.assertIn('Permutations, largest first', text)

    def test_is_read_from_the_standard_input(self):
        self.assertEqual(self.good('report', '-', stdin=self.after.read_bytes()),
                         self.good('report', self.after))

    def test_of_the_first_ones_says_what_else_there_is(self):
        hits = sorted((row['hits'] for row in self.report['permutations']), reverse=True)
        text = self.text('report', self.after, '--by', 'hits', '--top', 3)
        rows = re.findall(r'^  [0-9a-f]{16} .*?B +([\d,]+) ', text, re.MULTILINE)
        self.assertEqual([int(one.replace(',', '')) for one in rows], hits[:3])
        self.assertIn('Permutations, most used first', text)
        self.assertIn(f'  ... {len(hits) - 3} more: ', text)

    def test_as_csv_has_what_is_asked_for(self):
        def rows(*arguments):
            return list(csv.DictReader(io.StringIO(self.good('report', self.after, '--csv', *arguments))))
        self.assertEqual(len(rows()), len(self.report['permutations']))
        self.assertEqual(len(rows('--top', 3)), 3)
        self.assertEqual({row['function'] for row in rows('--function', 'weather')}, {'weather'})
        of_years = [row for row in self.report['permutations']
                    if {'variable': 'slider Years', 'value': '1000'} in row['reads']]
        self.assertEqual(len(rows('--read', 'Years=1000')), len(of_years))
        self.assertEqual(rows('--read', 'Years'), rows('--read', 'slider Years'))
        self.assertEqual(rows('--min-bytes', '1TiB'), [])
        self.assertEqual(rows('--min-age', '2h'), [])

    def test_as_other_formats(self):
        self.assertTrue(self.good('report', self.after, '--openmetrics').endswith('# EOF\n'))
        again = json.loads(self.good('report', self.after, '--json'))['report']
        self.assertEqual(again, self.report)
        page = self.folder / 'page.html'
        self.assertEqual(self.good('report', self.after, '--html', page), '')
        self.assertTrue(page.read_text(encoding='utf-8').startswith('<!doctype html>'))

    def test_of_another_age_has_an_unknown_time(self):
        later = re.sub(rb'"made_at":[0-9]+', b'"made_at":' + str(2 ** 62).encode(), self.after.read_bytes(), 1)
        self.assertIn('an unknown time', self.text('report', self.written('later.json', later)))

    def test_that_is_truncated_foreign_or_newer_is_refused(self):
        good = self.after.read_bytes()
        cases = [
            (b'', 'is empty'),
            (good[:-2], 'ends too early'),
            (good[:len(good) // 2], 'ends too early'),
            (b'\x00\xff\xfe', 'is no JSON'),
            (b'{}', 'is no memoscape report'),
            (b'[' * 100_000, 'nests too deep'),
            (self.trace.read_bytes(), 'is no JSON'),
            (good.replace(b'"version":1', b'"version":2', 1), 'version 2; this memoscape reads'),
            (good.replace(b'"hits":', b'"hits":-', 1), 'is negative'),
        ]
        for content, message in cases:
            error = self.refused('report', self.written('bad.json', content))
            self.assertIn('bad.json: ', error)
            self.assertIn(message, error)
        self.assertIn('is empty', self.refused('diff', self.after, '-', stdin=b''))


class Diff(Case):
    def test_says_what_grew(self):
        text = self.text('diff', self.before, self.after, '--top', 0)
        before = json.loads(self.before.read_text(encoding='utf-8'))['report']
        had = {row['id'] for row in before['permutations']}
        new = [row['id'] for row in self.report['permutations'] if row['id'] not in had]
        self.assertEqual(set(re.findall(r'^  new +([0-9a-f]{16})', text, re.MULTILINE)), set(new))
        self.assertNotIn('gone', text)
        grown = len(self.report['permutations']) - len(before['permutations'])
        self.assertRegex(text, rf'permutations +\d+ +\d+ +\+{grown}\n')
        backwards = self.text('diff', self.after, self.before, '--top', 0)
        self.assertEqual(set(re.findall(r'^  gone +([0-9a-f]{16})', backwards, re.MULTILINE)), set(new))
        self.assertIn('of another process, or the older one', backwards.replace('\n', ' '))

    def test_of_parts_of_reports_says_so(self):
        part = self.written('part.json', self.good('report', self.after, '--top', 1, '--json').encode())
        self.assertIn('Not all permutations are told', self.text('diff', part, self.after))

    def test_of_equal_reports_is_none(self):
        self.assertIn('No permutation changed.', self.text('diff', self.after, self.after))


class Hostile(Case):
    TEXT = '<script>alert(1)</script>"\'\r\n\x1b[31m\u202e,=cmd|' + 'x' * 100_000

    def test_labels_are_harmless_in_all_output(self):
        document = json.loads(self.after.read_text(encoding='utf-8'))
        report = document['report']
        names = {row['name'] for row in report['functions']}
        document['title'] = self.TEXT
        for row in report['permutations']:
            row['arguments'] = self.TEXT
            row['function'] += self.TEXT
            for read in row['reads']:
                read['variable'] += self.TEXT
                read['value'] = self.TEXT
        for row in report['functions']:
            row['name'] += self.TEXT
        self.assertTrue(names)
        file = self.written('hostile.json', json.dumps(document).encode())
        for arguments in (['report', file], ['diff', self.before, file], ['report', file, '--top', 2]):
            text = self.text(*arguments)
            self.assertNotRegex(text, '[\x00-\x09\x0b-\x1f\u202e]')
        page = self.folder / 'hostile.html'
        self.good('report', file, '--html', page)
        self.assertNotIn('<script>alert', page.read_text(encoding='utf-8'))

    def test_names_of_files_are_harmless_in_messages(self):
        for command in ('report', 'tune'):
            self.assertIn('\\x1b', self.refused(command, self.folder / 'a\x1b[31m\n'))


class Traces(Case):
    def test_tune_recommends_a_limit(self):
        text = self.text('tune', self.trace)
        calls = int(re.match(r'([\d,]+) calls of ', text).group(1).replace(',', ''))
        self.assertEqual(calls, self.report['totals']['counters']['lookups'])
        self.assertIn('With gdsf, what a limit would have brought', text)
        self.assertRegex(text, r'Recommended: max_bytes = [\d,]+ \(')
        self.assertRegex(text, r'recommended\n')
        self.assertIn('Functions, each as if it were alone', text)

    def test_tune_of_given_limits_and_policies(self):
        text = self.text('tune', self.trace, '--policy', 'gdsf,lru', '--limit', '1KiB,64KiB', '--limit', '1MB')
        for line in ('With gdsf', 'With lru'):
            self.assertIn(line, text)
        self.assertEqual(len(re.findall(r'^ +(?:1\.0|64\.0|976\.6) KiB ', text, re.MULTILINE)), 6)

    def test_tune_makes_a_page(self):
        page = self.folder / 'tune.html'
        self.good('tune', self.trace, '--html', page)
        self.assertIn('Replayed with gdsf', page.read_text(encoding='utf-8'))
        self.good('tune', self.trace, '--policy', 'gdsf,lru', '--html', page)
        self.assertIn('all, with lru', page.read_text(encoding='utf-8'))

    def test_simulate_has_policies_side_by_side(self):
        text = self.text('simulate', self.trace, '--percent', '50', '--limit', '1GiB')
        self.assertEqual(text.count('With a limit of '), 2)
        for policy in ('lru', 'gdsf', 's3fifo', 'offline'):
            self.assertEqual(len(re.findall(rf'^  {policy} ', text, re.MULTILINE)), 2)
        # With room for all, everybody misses each permutation once.
        all_of_it = text[text.index('With a limit of 1.0 GiB'):]
        self.assertEqual(len(set(re.findall(r'^  (?:lru|gdsf|s3fifo|offline) +([\d.]+) ', all_of_it,
                                            re.MULTILINE))), 1)

    def test_of_other_formats(self):
        file = self.written('t.csv', b'key,bytes,cost\na,10,5\nb,20,1.5\na,10,5\n')
        self.assertIn('3 calls of 2 permutations, 30 B if all were kept.', self.text('tune', file))
        self.assertIn('3 calls of 2', self.text('simulate', file))
        self.assertIn('1 call of 1', self.text('simulate', file, '--most', 1))

    def test_of_an_oracle_takes_a_model_of_costs(self):
        records = [(1, 7, 100, 3), (2, 8, 200, -1), (3, 7, 100, -1)]
        file = self.written('t.oracleGeneral', b''.join(struct.pack('<IQIq', *one) for one in records))
        for arguments in ([], ['--format', 'oracle'], ['--cost', 'bytes'], ['--cost', 'equal'], ['--cost', 'mixed']):
            self.assertIn('3 calls of 2 permutations', self.text('tune', file, *arguments))
        other = self.written('t.txt', b'a,10,5\n')
        self.assertIn('1 call of 1', self.text('tune', other, '--format', 'csv'))
        self.assertIn('is no memoscape trace', self.refused('tune', other, '--format', 'memoscape'))

    def test_of_several_files_is_one_trace(self):
        both = self.text('tune', Path(str(self.trace) + '.1'), self.trace)
        self.assertRegex(both, r'^[\d,]+ calls of ')
        file = self.written('u.csv', b'a,10,5\n')
        self.assertIn('u.csv: is no memoscape trace', self.refused('tune', self.trace, file))

    def test_that_is_truncated_foreign_or_newer_is_refused(self):
        good = self.trace.read_bytes()
        cases = [
            (b'', 'its name tells no other format'),
            (good[:-1], 'ends too early'),
            (good[:10], 'its name tells no other format'),
            (good.replace(b'trace 1\n', b'trace 9\n', 1), 'version 9; this memoscape reads'),
            (good[:40] + bytes([good[40] ^ 0xff]) + good[41:], 'is damaged'),
            (self.after.read_bytes(), 'its name tells no other format'),
        ]
        for content, message in cases:
            file = self.written('bad.trace', content)
            for command in ('tune', 'simulate'):
                self.assertIn(message, self.refused(command, file))

    def test_an_interrupt_leaves_nothing_and_exits_with_1(self):
        # Many times the second after which work is shown.
        rows = ''.join(f'{i * 7919 % 50000},{i % 999 + 1},{i % 77}\n' for i in range(1_000_000))
        file = self.written('long.csv', rows.encode())
        page = self.folder / 'never.html'
        command = [TOOL, 'tune', file, '--html', page, '--policy', 'lru,gdsf,s3fifo']
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            self.assertIn('replaying: ', process.stderr.readline())
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        self.assertEqual((process.returncode, stdout), (1, ''))
        self.assertEqual(stderr.splitlines()[-1], 'interrupted')
        self.assertFalse(page.exists())


if __name__ == '__main__':
    HELLO = sys.argv.pop()
    TOOL = sys.argv.pop()
    unittest.main()
