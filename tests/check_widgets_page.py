#!/usr/bin/env python3
"""Fails unless WIDGETS.md is what the tool prints.

usage: check_widgets_page.py WIDGETS_PAGE_TOOL WIDGETS.md
"""
import subprocess
import sys


def main() -> int:
    made = subprocess.run([sys.argv[1]], check=True, capture_output=True).stdout
    with open(sys.argv[2], "rb") as page:
        if page.read() == made:
            return 0
    print(f"{sys.argv[2]} is out of date. Make it anew: widgets_page > widgets/WIDGETS.md")
    return 1


sys.exit(main())
