"""What the architecture checks share: which files there are, and how a check is run and tested.

A check is a function `check(root) -> list of problems`. A problem reads `file:line: text`. Each
check brings cases for itself: small trees in which it must find one stated problem, or none, so
that a check that has stopped checking fails its own test.
"""

import os
import pathlib
import sys
import tempfile

CODE_FOLDERS = ("src", "include", "tests")
CODE_SUFFIXES = (".cpp", ".hpp", ".h")
SKIPPED_AT_ROOT = (".git", "build", "out", ".cache")
LARGEST_TEXT_BYTES = 4 * 1024 * 1024


def files(root):
    """Every file that belongs to the project, as paths relative to root, sorted."""
    found = []
    for folder, folders, names in os.walk(root):
        relative = pathlib.Path(folder).relative_to(root)
        if relative == pathlib.Path("."):
            folders[:] = [f for f in folders
                          if f not in SKIPPED_AT_ROOT and not f.startswith("build-")]
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        found += [relative / name for name in sorted(names)]
    return found


def code_files(root):
    return [f for f in files(root) if f.parts[0] in CODE_FOLDERS and f.suffix in CODE_SUFFIXES]


def text_of(root, file):
    """The text of a file, or None when it is binary, not UTF-8 or too large to be prose."""
    path = pathlib.Path(root) / file
    if path.is_symlink() and not path.exists():
        return None
    if path.stat().st_size > LARGEST_TEXT_BYTES:
        return None
    data = path.read_bytes()
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def self_test(check, cases):
    """cases: name -> (tree as {path: text}, text that one problem must hold, or None for clean)."""
    failures = []
    for name, (tree, expected) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            for path, text in tree.items():
                file = pathlib.Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            problems = check(folder)
        if expected is None and problems:
            failures.append(f"{name}: clean, but found {problems}")
        if expected is not None and not any(expected in p for p in problems):
            failures.append(f"{name}: expected {expected!r}, found {problems}")
    return failures, len(cases)


def main(check, cases):
    """`X.py ROOT` checks the tree; `X.py --self-test` checks the check. Exit code 1 on problems."""
    if sys.argv[1:] == ["--self-test"]:
        problems, count = self_test(check, cases)
        done = f"{count} cases"
    elif len(sys.argv) == 2:
        problems = check(sys.argv[1])
        done = f"{len(files(sys.argv[1]))} files"
    else:
        sys.exit(f"usage: {sys.argv[0]} ROOT | --self-test")
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems in {done}")
    sys.exit(1 if problems else 0)
