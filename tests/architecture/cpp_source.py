"""A small reader of C++: blanks comments and literals, finds functions and variables.

It knows braces, parentheses and the words before a brace, not the grammar. That is enough for
code in this style; what it cannot tell apart it takes for the harmless case.
"""

import dataclasses
import re

_LITERAL = re.compile(
    r'R"(?P<raw>[^()\\\s]{0,16})\(.*?\)(?P=raw)"'   # raw string
    r'|"(?:\\.|[^"\\\n])*"'                         # string
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'"        # character; 1'000 is a number
    r"|//[^\n]*|/\*.*?\*/", re.DOTALL)
_PREPROCESSOR = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
_NOT_A_VARIABLE = re.compile(
    r"(__extension__ )?(extern template|using|typedef|namespace|template|class|struct|enum|union|"
    r"friend|static_assert)\b")
_OWNS_MEMORY = re.compile(
    r"\bstd::(string|vector|map|set|unordered_map|unordered_set|deque|list|function)\b")


def _blank(match):
    text = match.group(0)
    kept = text[0] if text[0] in "\"'" else ("\"" if text[0] == "R" else " ")
    body = "".join(c if c == "\n" else " " for c in text[1:-1])
    return kept + body + (kept if len(text) > 1 else "")


def strip(text):
    """The text with comments, literals and preprocessor lines blanked; lines stay in place."""
    text = _LITERAL.sub(_blank, text)
    return _PREPROCESSOR.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


@dataclasses.dataclass
class Span:
    first_line: int
    last_line: int
    header: str


@dataclasses.dataclass
class Outline:
    functions: list     # Span of each function, member function and test case
    variables: list     # (line, text, why) of variables that may not be


def _closing(code, opening):
    depth = 0
    for i in range(opening, len(code)):
        if code[i] == "{":
            depth += 1
        elif code[i] == "}":
            depth -= 1
            if depth == 0:
                return i
    return len(code) - 1


def _without_templates(header):
    """Drops `template <...>` prefixes, whose default arguments hold `=` and `class`."""
    match = re.match(r"\s*template\s*<", header)
    while match:
        depth, i = 1, match.end()
        while i < len(header) and depth:
            depth += {"<": 1, ">": -1}.get(header[i], 0)
            i += 1
        header = header[i:]
        match = re.match(r"\s*template\s*<", header)
    return header


def _top_level(text):
    """The text outside all parentheses."""
    kept, depth = [], 0
    for c in text:
        depth += {"(": 1, ")": -1}.get(c, 0)
        if depth == 0 and c != ")":
            kept.append(c)
    return "".join(kept)


def _kind_of_brace(header):
    header = _without_templates(header)
    if re.match(r"\s*(inline\s+)?namespace\b", header) or re.match(r'\s*extern\s*"', header):
        return "namespace"
    bare = re.sub(r"\[\[.*?\]\]|\balignas\s*\([^)]*\)", " ", header)
    outside = _top_level(bare)
    if re.match(r"\s*enum\b", bare):
        return "skip"
    if re.search(r"\boperator\b", bare) is None and "=" in outside:
        return "initializer"
    if re.match(r"\s*(typedef\s+)?(class|struct|union)\b", bare) and "(" not in bare:
        return "type"
    if "(" not in bare:
        return "initializer"
    in_init_list = re.search(r"(?<!:):(?!:)", outside)
    if in_init_list and re.search(r"[\w>]\s*$", bare):
        return "initializer"
    return "function"


def _check_variable(statement, outline, line):
    """A statement at namespace scope: a mutable variable, or one with a constructor to run?"""
    text = " ".join(statement.split())
    if not text or _NOT_A_VARIABLE.match(text):
        return
    declarator = re.split(r"[={]", text, maxsplit=1)[0]
    if "(" in declarator or "operator" in declarator or "constexpr" in declarator or (
            not re.search(r"\w\W+\w", declarator)):
        return
    constant = re.search(r"\bconst\b", declarator)
    if "*" in declarator:
        constant = re.search(r"\*\s*const\b[^*]*$", declarator)
    if not constant:
        outline.variables.append((line, text, "mutable global"))
    elif _OWNS_MEMORY.search(declarator):
        outline.variables.append((line, text, "global with a static constructor"))


def _walk(code, begin, end, scope, outline):
    start, depth, i = begin, 0, begin
    while i < end:
        c = code[i]
        if c in "()":
            depth += 1 if c == "(" else -1
        elif c == ";" and depth == 0:
            if scope == "namespace":
                _check_variable(code[start:i], outline, _first_line(code, start, i))
            start = i + 1
        elif c == ":" and code[start:i].strip() in ("public", "private", "protected"):
            start = i + 1
        elif c == "{":
            closing = _closing(code, i)
            kind = "initializer" if depth > 0 else _kind_of_brace(code[start:i])
            if kind in ("namespace", "type"):
                _walk(code, i + 1, closing, kind, outline)
            elif kind == "function":
                outline.functions.append(Span(_first_line(code, start, i),
                                              code.count("\n", 0, closing) + 1,
                                              " ".join(code[start:i].split())))
            if kind != "initializer":
                start = closing + 1
            i = closing
        i += 1


def _first_line(code, start, end):
    while start < end and code[start].isspace():
        start += 1
    return code.count("\n", 0, start) + 1


_STATIC = re.compile(r"\bstatic\b([^;={}()]*)[;={]")


def outline_of(code):
    """Functions and forbidden variables of stripped code."""
    outline = Outline([], [])
    _walk(code, 0, len(code), "namespace", outline)
    known = {line for line, _, _ in outline.variables}
    for match in _STATIC.finditer(code):
        declarator = match.group(1)
        line = code.count("\n", 0, match.start()) + 1
        constant = re.search(r"\b(const|constexpr)\b", declarator)
        if "*" in declarator and "constexpr" not in declarator:
            constant = re.search(r"\*\s*const\b", declarator)
        if not constant and line not in known:
            text = " ".join(match.group(0).split())
            outline.variables.append((line, text, "mutable static"))
    return outline
