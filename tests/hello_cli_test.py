"""Tests of the hello app as people run it: its exit status, its messages, its output.

Usage: hello_cli_test.py PATH_TO_BINARY
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BINARY = ''
HEADER = 'date,precipitation,temp_max,temp_min,wind,weather\n'


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, check=False)


def last_page(output):
    return output.split('=== What the cache holds ')[0]


def figure(output, name):
    """The number in the line of the summary with that name."""
    found = re.search(rf'^  {re.escape(name)} +([\d,]+)', output, re.MULTILINE)
    assert found, f'no line "{name}" in:\n{output}'
    return int(found.group(1).replace(',', ''))


def answer(output, name):
    """The text in the line of the summary with that name."""
    found = re.search(rf'^  {re.escape(name)} +(.+)$', output, re.MULTILINE)
    assert found, f'no line "{name}" in:\n{output}'
    return found.group(1)


class Options(unittest.TestCase):
    def test_help_and_version_exit_with_0(self):
        for flags in (['--help'], ['-h'], ['--version'], ['-V']):
            done = run(*flags)
            self.assertEqual((done.returncode, done.stderr), (0, ''), flags)
            self.assertIn('memoscape-hello', done.stdout)
        self.assertTrue(all(len(line) <= 80 for line in run('--help').stdout.splitlines()))

    def test_bad_flags_give_one_line_and_exit_with_2(self):
        cases = [
            (['--frobnicate'], "unknown option '--frobnicate'"),
            (['-x'], "unknown option '-x'"),
            (['file.csv'], "unexpected argument 'file.csv'"),
            (['--visitors'], "option '--visitors' needs a value"),
            (['--help=please'], "option '--help' takes no value"),
            (['--visitors', '0'], '--visitors needs a whole number from 1'),
            (['--visitors', '-3'], '--visitors needs a whole number from 1'),
            (['--visitors', '3x'], "not '3x'"),
            (['--visitors', '1e3'], "not '1e3'"),
            (['--visitors', '99999999999999999999'], '--visitors needs'),
            (['--seed', ''], "--seed needs a whole number from 0"),
            (['--seed', 'a\nb'], "not 'a?b'"),
            (['--max-bytes', '64 MiB'], "--max-bytes needs a size"),
            (['--max-bytes', '99999999999GiB'], "--max-bytes needs a size"),
            (['--max-entries', 'many'], '--max-entries needs'),
            (['--rows', '1.5'], '--rows needs'),
            (['--data', ''], '--data needs'),
        ]
        for flags, message in cases:
            done = run(*flags)
            self.assertEqual((done.returncode, done.stdout), (2, ''), flags)
            self.assertEqual(done.stderr.count('\n'), 1, done.stderr)
            self.assertTrue(done.stderr.startswith('memoscape-hello: '), done.stderr)
            self.assertIn(message, done.stderr)


class Report(unittest.TestCase):
    """With memoscape-report; without it the flag is refused."""

    def test_is_written_in_the_format_of_the_extension(self):
        with tempfile.TemporaryDirectory() as folder:
            begins = {'.html': '<!doctype html>', '.json': '{"schema":"memoscape.report"',
                      '.csv': 'id,function,', '.prom': '# TYPE memoscape_cache_gets counter',
                      '.txt': ''}
            for extension, begin in begins.items():
                file = Path(folder) / ('report' + extension)
                done = run('--visitors', '1', '--report', str(file))
                if 'without memoscape-report' in done.stderr:
                    self.skipTest('built without memoscape-report')
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(file.read_text(encoding='utf-8').startswith(begin))

    def test_of_an_unknown_extension_exits_with_2(self):
        done = run('--report', 'out.xls')
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertEqual(done.stderr.count('\n'), 1)


class Data(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / 'days.csv'

    def test_a_malformed_file_gives_one_line_and_exits_with_2(self):
        cases = [
            (b'', 'days.csv: is empty'),
            (b'day,rain\n', 'days.csv:1: the header must be'),
            (HEADER.encode(), 'days.csv: has no rows'),
            (HEADER.encode() + b'2012-01-01,1,2,3,4\n', 'days.csv:2: 5 columns'),
            (HEADER.encode() + b'2012-13-01,1,2,3,4,rain\n', "days.csv:2: '2012-13-01'"),
            (HEADER.encode() + b'2012-01-01,inf,2,3,4,rain\n', 'days.csv:2: precipitation'),
            (bytes(range(256)), 'days.csv:1: the header must be'),
        ]
        for content, message in cases:
            self.file.write_bytes(content)
            done = subprocess.run([BINARY, '--data', self.file], capture_output=True, check=False)
            stderr = done.stderr.decode(errors='replace')
            self.assertEqual((done.returncode, done.stdout), (2, b''), content)
            self.assertEqual(stderr.count('\n'), 1, stderr)
            self.assertIn(message, stderr)

    def test_a_missing_file_gives_one_line_and_exits_with_2(self):
        done = run('--data', str(self.file))
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, f'memoscape-hello: {self.file}: cannot be opened\n')

    def test_takes_other_data_with_the_same_columns(self):
        rows = [f'{year}-{month:02}-{day:02},{day % 4},12.5,-3,2,{"wet" if day % 4 else "dry"}'
                for year in (2020, 2021) for month in range(1, 13) for day in range(1, 29)]
        self.file.write_bytes((HEADER + '\n'.join(rows)).replace('\n', '\r\n').encode())
        done = run('--data', str(self.file), '--visitors', '2')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('672', last_page(done.stdout))


class Defaults(unittest.TestCase):
    """Without a flag, as `./dev hello` runs it."""

    @classmethod
    def setUpClass(cls):
        cls.done = run()

    def assert_parts_sum_to_the_total(self, output):
        parts = ('values', 'recordings', 'keys', 'nodes', 'shared')
        charged = figure(output, '= charged')
        self.assertEqual(sum(figure(output, part) for part in parts), charged)
        self.assertEqual(charged, figure(output, 'charged now'))
        self.assertEqual(answer(output, 'rows sum to the total'), 'yes')

    def test_shows_over_100_permutations_and_all_checks_hold(self):
        output = self.done.stdout
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        executions = figure(output, 'executions of resample')
        self.assertGreater(executions, 100)
        self.assertGreater(int(re.search(r'charged .*for (\d+) permutations', output).group(1)), 100)
        self.assertEqual(executions, figure(output, 'distinct paths asked for'))
        self.assertEqual(figure(output, 'executions saved'),
                         figure(output, 'interactions') - executions)
        for check in ('executions == distinct paths', 'charged bytes never above max_bytes'):
            self.assertEqual(answer(output, check), 'yes')
        self.assert_parts_sum_to_the_total(output)
        self.assertTrue(all(len(line) <= 80 for line in output.splitlines()))
        # It is no terminal: a line each 10 %.
        self.assertGreaterEqual(self.done.stderr.count('%'), 10)

    @unittest.skipUnless(os.environ.get('HELLO_WHOLE'), 'only in a build without sanitizers')
    def test_at_a_tenth_of_its_bytes_stays_below_and_shows_the_same_page(self):
        tenth = figure(self.done.stdout, 'charged now') // 10
        done = run('--max-bytes', str(tenth))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(last_page(done.stdout), last_page(self.done.stdout))
        self.assertLessEqual(figure(done.stdout, 'charged at the peak'), tenth)
        self.assertLessEqual(figure(done.stdout, 'charged now'), tenth)
        self.assertGreater(figure(done.stdout, 'evicted or too large for the limits'), 0)
        self.assertEqual(answer(done.stdout, 'charged bytes never above max_bytes'), 'yes')
        self.assert_parts_sum_to_the_total(done.stdout)


class Visits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        # Days of one month only: an execution is quick, and most pages have something on them.
        days = Path(cls.folder.name) / 'october.csv'
        days.write_text(HEADER + ''.join(
            f'{year}-10-{day:02},{day * year % 7},15,5,2,{"rain" if day * year % 7 else "sun"}\n'
            for year in (2020, 2021, 2022) for day in range(1, 32)), encoding='ascii')
        cls.visit = ('--data', str(days), '--visitors', '8')
        cls.few = run(*cls.visit)

    def test_limits_hold_and_do_not_change_the_last_page(self):
        self.assertEqual(self.few.returncode, 0, self.few.stderr)
        tenth = figure(self.few.stdout, 'charged now') // 10
        for flags in (['--max-bytes', str(tenth)], ['--max-bytes', '1'], ['--max-entries', '3'],
                      ['--no-cache'], ['--rows', '0']):
            done = run(*self.visit, *flags)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(last_page(done.stdout), last_page(self.few.stdout), flags)
            self.assertEqual(answer(done.stdout, 'charged bytes never above max_bytes'), 'yes')
            self.assertEqual(answer(done.stdout, 'rows sum to the total'), 'yes')
            if '--max-bytes' in flags:
                self.assertLessEqual(figure(done.stdout, 'charged at the peak'), int(flags[1]))
                self.assertGreater(figure(done.stdout, 'evicted or too large for the limits'), 0)

    def test_equal_seeds_give_equal_visits(self):
        again = run(*self.visit)
        other = run(*self.visit, '--seed', '2')
        self.assertEqual(last_page(again.stdout), last_page(self.few.stdout))
        self.assertNotEqual(last_page(other.stdout), last_page(self.few.stdout))

    def test_an_interrupt_prints_what_there_is_and_exits_with_1(self):
        with subprocess.Popen([BINARY, '--visitors', '2000'], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            first = process.stderr.readline()
            self.assertIn('0 %', first)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1, stderr)
        self.assertEqual(stderr.splitlines()[-1], 'interrupted')
        self.assertIn('Summary', stdout)
        self.assertEqual(answer(stdout, 'rows sum to the total'), 'yes')

    def test_output_that_cannot_be_written_exits_with_1(self):
        with open('/dev/full', 'w', encoding='utf-8') as full:
            done = subprocess.run([BINARY, *self.visit], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('cannot write to standard output', done.stderr)


if __name__ == '__main__':
    BINARY = sys.argv.pop(1)
    unittest.main()
