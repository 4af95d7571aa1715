"""Each header compiles alone: `headers.py ROOT WORK COMPILER...`.

A header that a source reads before all others compiles alone if that source does; clang-tidy reads
each source by itself, so only its guard is looked at here. The others are compiled here. WORK is a
folder for what is compiled; it stays, and COMPILER may begin with a compiler cache, so that a
second run compiles only what changed. `headers.py --self-test COMPILER...` checks that a header
that leans on another's includes is found, and one without a guard.
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

import common

FLAGS = ["-std=c++20", "-O0", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
JOBS = 2


def header_names(root):
    """What a user writes after #include, for each header of include/ and src/."""
    return [f.relative_to(f.parts[0]).as_posix() for f in common.code_files(root)
            if f.parts[0] in ("include", "src") and f.suffix in (".hpp", ".h")]


def read_first(root):
    """The headers that some source includes before all others."""
    found = set()
    for file in common.code_files(root):
        if file.parts[0] != "src" or file.suffix != ".cpp":
            continue
        first = re.search(r'^#include [<"]([^">]+)[">]', common.text_of(root, file) or "", re.M)
        if first:
            found.add(first.group(1))
    return found


def guard_problem(root, name):
    """None, or that a header can be read twice."""
    for folder in ("include", "src"):
        file = pathlib.Path(root) / folder / name
        if file.exists() and "\n#pragma once\n" not in "\n" + file.read_text(encoding="utf-8"):
            return f"{name}: no #pragma once"
    return None


def compile_alone(root, work, compiler, name):
    """None, or the first lines of what the compiler says."""
    source = pathlib.Path(work) / (name.replace("/", "_") + ".cpp")
    text = f"#include <{name}>\n#include <{name}>\n"  # twice: the guard is there too
    if not source.exists() or source.read_text(encoding="utf-8") != text:
        source.write_text(text, encoding="utf-8")
    command = [*compiler, *FLAGS, f"-I{root}/include", f"-I{root}/src", "-c", str(source),
               "-o", str(source.with_suffix(".o"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    return f"{name}: does not compile alone\n" + "\n".join(done.stderr.splitlines()[:8])


def check(root, work, compiler):
    pathlib.Path(work).mkdir(parents=True, exist_ok=True)
    first = read_first(root)
    names = header_names(root)
    problems = [guard_problem(root, name) for name in names if name in first]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        problems += pool.map(lambda name: compile_alone(root, work, compiler, name),
                             [name for name in names if name not in first])
    return [problem for problem in problems if problem]


def self_test(compiler):
    tree = {"include/hyperdc/core/good.hpp": "#pragma once\n#include <vector>\n"
                                             "inline std::vector<int> f() { return {}; }\n",
            "src/core/leans.hpp": "#pragma once\ninline std::vector<int> g() { return {}; }\n",
            "src/core/twice.hpp": "inline int h() { return 1; }\n",
            "src/core/first.hpp": "#pragma once\ninline std::vector<int> i() { return {}; }\n",
            "src/core/first.cpp": "#include \"core/first.hpp\"\n#include <vector>\n",
            "src/core/open.hpp": "inline int j() { return 1; }\n",
            "src/core/open.cpp": "#include \"core/open.hpp\"\n"}
    with tempfile.TemporaryDirectory() as folder:
        for path, text in tree.items():
            file = pathlib.Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        problems = check(folder, f"{folder}/work", compiler)
    found = sorted(problem.split(":")[0] for problem in problems)
    expected = ["core/leans.hpp", "core/open.hpp", "core/twice.hpp"]
    return [] if found == expected else [f"expected {expected}, found {problems}"]


def main():
    if len(sys.argv) >= 3 and sys.argv[1] == "--self-test":
        problems, count = self_test(sys.argv[2:]), 5
    elif len(sys.argv) >= 4:
        problems = check(sys.argv[1], sys.argv[2], sys.argv[3:])
        count = len(header_names(sys.argv[1]))
    else:
        sys.exit(__doc__)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems in {count} headers")
    sys.exit(1 if problems or count == 0 else 0)


if __name__ == "__main__":
    main()
