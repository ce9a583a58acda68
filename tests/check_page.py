#!/usr/bin/env python3
"""Fails unless a page is what the tool prints that makes it.

usage: check_page.py TOOL PAGE
"""
import os
import subprocess
import sys


def main() -> int:
    tool, path = sys.argv[1:]
    made = subprocess.run([tool], check=True, capture_output=True).stdout
    with open(path, "rb") as page:
        if page.read() == made:
            return 0
    print(f"{path} is out of date. Make it anew: {os.path.basename(tool)} > {path}")
    return 1


sys.exit(main())
