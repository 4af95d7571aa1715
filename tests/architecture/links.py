"""Links resolve: Markdown links to files and headings, and pages that comments name.

Web addresses are not followed: a check must not need a network.
"""

import pathlib
import re

import common

_LINK = re.compile(r"(?<!\!)\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_NAMED = re.compile(
    r"(?<![\w/.-])((?:docs|tools|scenarios|tests)/[\w./-]+\.(?:md|txt|sh|json|py))\b")
_NAMING = (".cpp", ".hpp", ".h", ".md", ".txt", ".sh", ".py", ".json")


def blank(pattern, text):
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def anchors(text):
    """The anchors that a page's headings get, as GitHub makes them."""
    found, counts = set(), {}
    for heading in _HEADING.findall(blank(_FENCE, text)):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.lower().replace("`", "")).replace(" ", "-")
        number = counts.get(slug, 0)
        counts[slug] = number + 1
        found.add(slug if number == 0 else f"{slug}-{number}")
    return found


def check_link(root, file, target):
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None
    path, _, anchor = target.partition("#")
    if path.startswith("/"):
        return "an absolute link; write it relative to the page"
    other = (pathlib.Path(root) / file.parent / path).resolve() if path else (
        pathlib.Path(root) / file).resolve()
    if not other.is_relative_to(pathlib.Path(root).resolve()):
        return "leads out of the project"
    if not other.exists():
        return "leads to no file"
    if anchor and other.suffix == ".md" and anchor not in anchors(other.read_text("utf-8")):
        return "leads to no heading of that page"
    return None


def check_page(root, file, text):
    prose = blank(_CODE, blank(_FENCE, text))
    for match in _LINK.finditer(prose):
        target = match.group(1) or match.group(2)
        problem = check_link(root, file, target)
        if problem:
            yield f"{file}:{common.line_of(prose, match.start())}: ({target}) {problem}"


def check(root):
    problems = []
    for file in common.files(root):
        if file.suffix not in _NAMING or file.parts[:2] == ("tests", "architecture"):
            continue
        text = common.text_of(root, file)
        if text is None:
            continue
        if file.suffix == ".md":
            problems += check_page(root, file, text)
        for match in _NAMED.finditer(text):
            if re.search(r"\b(NAME|X)\b", match.group(1)):  # a pattern, not a file
                continue
            if not (pathlib.Path(root) / match.group(1)).exists():
                problems.append(f"{file}:{common.line_of(text, match.start())}: names "
                                f"{match.group(1)}, which does not exist")
    return problems


_PAGE = "# A page\n\n## The second part\n"
CASES = {
    "good": ({"docs/a.md": _PAGE + "[b](b.md#the-second-part) [c](../README.md) [d](#a-page)\n"
                                   "[web](https://example.org/x) `[x](y)`\n```\n[z](z.md)\n```\n",
              "docs/b.md": _PAGE, "README.md": _PAGE,
              "src/a.cpp": "// see docs/a.md and https://x.org/docs/z.md\n"}, None),
    "no file": ({"docs/a.md": _PAGE + "[b](c.md)\n"}, "leads to no file"),
    "no image": ({"docs/a.md": _PAGE + "![b](c.png)\n"}, "leads to no file"),
    "no heading": ({"docs/a.md": _PAGE + "[b](#third)\n"}, "leads to no heading"),
    "outside": ({"docs/a.md": _PAGE + "[b](../../c.md)\n"}, "leads out of the project"),
    "absolute": ({"docs/a.md": _PAGE + "[b](/docs/a.md)\n"}, "an absolute link"),
    "comment": ({"src/a.cpp": "// see docs/none.md\n"}, "names docs/none.md"),
}

if __name__ == "__main__":
    common.main(check, CASES)
