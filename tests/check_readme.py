#!/usr/bin/env python3
"""Fails unless the README's example is the compiled one, word for word.

usage: check_readme.py README.md readme_example.cpp
"""
import sys


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as readme, open(sys.argv[2], encoding="utf-8") as source:
        text = readme.read()
        example = source.read().split("// " + "-" * 92 + "\n")[1]
    if "```cpp\n" + example + "```" in text:
        return 0
    print(f"the example in {sys.argv[1]} is not the one between the dashes in {sys.argv[2]}")
    return 1


sys.exit(main())
