"""Expects `./dev COMMAND --help` to tell of the command, and to do nothing else.

Usage: dev_help_test.py DEV
"""

import subprocess
import sys

COMMANDS = ('asan', 'coverage', 'docs', 'fuzz', 'lint', 'test', 'test-browser', 'tsan')


def main() -> int:
    bad = 0
    for command in COMMANDS:
        done = subprocess.run(['bash', sys.argv[1], command, '--help'], capture_output=True, text=True,
                              env={'PATH': '/usr/bin:/bin'}, check=False)
        # Whatever is begun is told on the standard error.
        if done.returncode != 0 or command not in done.stdout or done.stderr:
            print(f'./dev {command} --help: exit status {done.returncode}\n{done.stdout}{done.stderr}')
            bad += 1
    print(f'{len(COMMANDS)} commands, {bad} without help')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
