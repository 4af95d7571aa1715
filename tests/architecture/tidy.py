"""The measurable rules of docs/style.md.

Size: 500 lines a file, 70 lines a function (C++ and Python), 300 lines a process of src/world.
Form: 100 columns, no tabs, no trailing space, one newline at the end, a comment at the top of
each header and each source file without one, a title on each Markdown page, no marks of
unfinished work.
Reproducibility: no std:: randomness, no libm function whose bits depend on the C library outside
core/math, no mutable globals, no thread-locals, no iteration over unordered containers.
Portability: no absolute path of one computer and no package-registry address in any text.
"""

import ast
import pathlib
import re

import common
import cpp_source

FILE_LINES = 500
FUNCTION_LINES = 70
PROCESS_LINES = 300
COLUMNS = 100
SCRIPTS = (".py", ".sh", ".cmake")
DATA = (".csv", ".tsv", ".swf", ".jsonl")

# In pieces, so that this file does not hold what it forbids.
_UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
_MACHINE_PATH = re.compile(r"(?<![\w.$})])/(wo" r"rk|ho" r"me|ro" r"ot|Us" r"ers)(?=/|\b)(?![\w-])")
_REGISTRY = re.compile(r"\b(regi" r"stry\.npmjs\.org|pypi\.(?:org|io)|files\.pyth" r"onhosted\.org|"
                       r"cra" r"tes\.io|proxy\.gol" r"ang\.org|deb\.deb" r"ian\.org)\b")
_BANNED = (
    (re.compile(r"\bstd::s?rand\b|(?<![\w:.>])s?rand\s*\("), "std::rand: use core/rng"),
    (re.compile(r"\brandom_device\b"), "random_device: use core/rng"),
    (re.compile(r"\bstd::\w+_distribution\b"), "a std:: distribution: use core/distribution"),
    (re.compile(r"\bthread_local\b"), "thread_local"),
)
# The output of these is specified, so a test may use one as an independent reference.
_ENGINE = re.compile(r"\bstd::(?:mt19937|minstd_rand|ranlux|default_random_engine)\w*"
                     r"|^[ \t]*#[ \t]*include[ \t]*<random>", re.MULTILINE)
_LIBM = re.compile(
    r"(?:\bstd::|(?<![\w:.>]))(exp|exp2|expm1|log|log2|log10|log1p|pow|sin|cos|tan|asin|acos|atan|"
    r"atan2|sinh|cosh|tanh|asinh|acosh|atanh|cbrt|hypot|tgamma|lgamma|erf|erfc)[fl]?\s*\(")
_UNORDERED = re.compile(r"\bunordered_(?:multi)?(?:map|set)\s*<[^;{}()]*>\s*&?\s*(\w+)\s*[;={,)]")
_RANGE_FOR = re.compile(r"\bfor\s*\([^;()]*:\s*(\w+)\s*\)")
_PROCESS = re.compile(r"\bclass\s+\w+[^;{]*:\s*public\s+Process\b")


def check_form(file, text):
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > COLUMNS:
            problems.append(f"{file}:{number}: {len(line)} columns, at most {COLUMNS}")
        if "\t" in line:
            problems.append(f"{file}:{number}: a tab")
        if line.endswith((" ", "\r")):
            problems.append(f"{file}:{number}: trailing space")
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        problems.append(f"{file}:{text.count(chr(10)) + 1}: must end with exactly one newline")
    if text.count("\n") > FILE_LINES:
        problems.append(f"{file}:1: {text.count(chr(10))} lines, at most {FILE_LINES}")
    return problems


def check_functions(file, spans):
    return [f"{file}:{span.first_line}: function of {span.last_line - span.first_line + 1} lines, "
            f"at most {FUNCTION_LINES}: {span.header[:60]}"
            for span in spans if span.last_line - span.first_line + 1 > FUNCTION_LINES]


def check_reproducible(file, text, code):
    problems = []
    for pattern, what in _BANNED:
        for match in pattern.finditer(code):
            problems.append(f"{file}:{common.line_of(code, match.start())}: {what}")
    if file.parts[0] == "tests":
        return problems
    for match in _ENGINE.finditer(text):
        problems.append(f"{file}:{common.line_of(text, match.start())}: {match.group(0).strip()}: "
                        "use core/rng")
    if not file.as_posix().startswith("src/core/math"):
        for match in _LIBM.finditer(code):
            problems.append(f"{file}:{common.line_of(code, match.start())}: {match.group(1)} of "
                            "libm: its bits differ between machines; use core/math")
    return problems


def check_unordered(file, code, header_code):
    names = set(_UNORDERED.findall(code)) | set(_UNORDERED.findall(header_code))
    return [f"{file}:{common.line_of(code, match.start())}: iterates over the unordered "
            f"{match.group(1)}: its order is not defined"
            for match in _RANGE_FOR.finditer(code) if match.group(1) in names]


def header_of(root, file):
    """The text of the header that a .cpp file implements, or None."""
    if file.suffix != ".cpp":
        return None
    beside = file.with_suffix(".hpp")
    public = pathlib.Path("include/hyperdc", *beside.parts[1:])
    for header in (beside, public):
        if (pathlib.Path(root) / header).exists():
            return common.text_of(root, header)
    return None


def check_cpp(root, file, text):
    code = cpp_source.strip(text)
    outline = cpp_source.outline_of(code)
    problems = check_functions(file, outline.functions) + check_reproducible(file, text, code)
    if file.parts[0] == "tests":
        return problems
    header = header_of(root, file)
    if header is None and not text.startswith("//"):
        problems.append(f"{file}:1: must open with a comment that says what the file is for")
    for line, variable, why in outline.variables:
        problems.append(f"{file}:{line}: {why}: {variable[:60]}")
    problems += check_unordered(file, code, cpp_source.strip(header or ""))
    lines = text.count("\n")
    if file.parts[:2] == ("src", "world") and _PROCESS.search(code) and lines > PROCESS_LINES:
        problems.append(f"{file}:1: a process of {lines} lines, at most {PROCESS_LINES}")
    return problems


def check_python(file, text):
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        return [f"{file}:{error.lineno}: {error.msg}"]
    spans = [cpp_source.Span(node.lineno, node.end_lineno, f"def {node.name}")
             for node in ast.walk(tree)
             if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return check_functions(file, spans)


def check_text(file, text):
    """What holds for every text, data included."""
    problems = []
    for pattern, what in ((_MACHINE_PATH, "a path of one computer"),
                          (_REGISTRY, "a package-registry address")):
        for match in pattern.finditer(text):
            problems.append(f"{file}:{common.line_of(text, match.start())}: {what}: "
                            f"{match.group(0)}")
    if file.suffix in DATA:
        return problems
    for match in _UNFINISHED.finditer(text):
        problems.append(f"{file}:{common.line_of(text, match.start())}: unfinished: "
                        f"{match.group(0)}")
    if file.suffix == ".md" and not text.lstrip("\n").startswith("# "):
        problems.append(f"{file}:1: has no title: the first line must start with '# '")
    return problems


def check(root):
    problems = []
    for file in common.files(root):
        text = common.text_of(root, file)
        if text is None:
            continue
        problems += check_text(file, text)
        is_code = file.parts[0] in common.CODE_FOLDERS and file.suffix in common.CODE_SUFFIXES
        if is_code or file.suffix in SCRIPTS or file.name == "CMakeLists.txt":
            problems += check_form(file, text)
        if is_code:
            problems += check_cpp(root, file, text)
        if file.suffix == ".py":
            problems += check_python(file, text)
    return problems


if __name__ == "__main__":
    import tidy_cases
    common.main(check, tidy_cases.CASES)
