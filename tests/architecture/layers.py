"""docs/layers.txt against the #include lines and the link lines of the libraries.

Also: public headers include public headers only, a library that belongs to one folder stays
there (JSON parsing, Boost.Graph, the command line), and the layers have no cycle.
"""

import pathlib
import re

import common

# Where an outside library may be included: what keeps its types out of every other interface.
OUTSIDE = {
    "nlohmann/": ("scenario", "results"),
    "boost/graph/": ("network",),
    "CLI/": ("cli",),
    "spdlog/": ("cli",),
    "sqlite3.h": ("results",),
}
FACADE = "experiment"  # implements hyperdc.hpp, so it alone may include it
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
_LIBRARY = re.compile(r"hyperdc_library\(\s*(\w+)(.*?)\)", re.DOTALL)


def read_layers(root):
    """{folder: set of folders it may include}, and the problems of the file itself."""
    allowed, problems = {}, []
    text = (pathlib.Path(root) / "docs/layers.txt").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        folder, _, names = line.partition(":")
        for name in names.split():
            if name not in allowed:  # a line may name only folders above it: so no cycle
                problems.append(f"docs/layers.txt:{number}: {name} has no line above this one")
        allowed[folder.strip()] = set(names.split())
    return allowed, problems


def folder_of(file):
    """(folder, is public) of a source file; folder is None for include/hyperdc/hyperdc.hpp."""
    if file.parts[0] == "src":
        return (file.parts[1] if len(file.parts) > 2 else None), False
    return (file.parts[2] if len(file.parts) > 3 else None), True


def check_include(file, bracket, target, allowed):
    folder, public = folder_of(file)
    if target.startswith("hyperdc/"):
        other = target.split("/")[1] if target.count("/") > 1 else None
        if other is None and not public and folder != FACADE:
            return "includes the whole of hyperdc.hpp; name the header"
    elif bracket == '"':
        other = target.split("/")[0] if "/" in target else None
        if other is None:
            return f'"{target}" has no folder; write "folder/{target}"'
        if public:
            return f'a public header includes the private "{target}"'
    else:
        for prefix, folders in OUTSIDE.items():
            if target.startswith(prefix) and folder not in folders:
                return f"<{target}> belongs to {' and '.join(folders)} only"
        return None
    if other is None or folder is None or other == folder:
        return None
    if other not in allowed:
        return f"{target} is in a folder that docs/layers.txt does not have"
    if other not in allowed.get(folder, set()):
        return f"{folder} may not include {other} ({target})"
    return None


def check(root):
    allowed, problems = read_layers(root)
    for file in common.code_files(root):
        if file.parts[0] not in ("src", "include"):
            continue
        folder, _ = folder_of(file)
        if folder is not None and folder not in allowed:
            problems.append(f"{file}:1: folder {folder} has no line in docs/layers.txt")
            continue
        text = common.text_of(root, file)
        if text is None:
            problems.append(f"{file}:1: is not UTF-8 text")
            continue
        for match in _INCLUDE.finditer(text):
            problem = check_include(file, match.group(1), match.group(2), allowed)
            if problem:
                problems.append(f"{file}:{common.line_of(text, match.start())}: {problem}")
    return problems + check_links(root, allowed)


def check_links(root, allowed):
    """Of all libraries: some have their sources listed beside them (src/FOLDER/library.cmake)."""
    root, problems = pathlib.Path(root), []
    for path in [root / "src/CMakeLists.txt", *sorted(root.glob("src/*/library.cmake"))]:
        if not path.exists():
            continue
        text = path.read_text(encoding="utf-8")
        for match in _LIBRARY.finditer(text):
            folder = match.group(1)
            linked = set(re.findall(r"\bhyperdc_(\w+)", match.group(2))) - {"options"}
            for other in sorted(linked - allowed.get(folder, set())):
                problems.append(f"{path.relative_to(root)}:{common.line_of(text, match.start())}: "
                                f"hyperdc_{folder} may not link hyperdc_{other}")
    return problems


_LAYERS = "core:\nengine: core\nscenario: core\nworld: core engine\n"
CASES = {
    "allowed": ({"docs/layers.txt": _LAYERS,
                 "src/world/a.cpp": '#include "world/b.hpp"\n#include "engine/e.hpp"\n'
                                    "#include <hyperdc/core/id.hpp>\n#include <vector>\n"}, None),
    "upward": ({"docs/layers.txt": _LAYERS,
                "src/engine/a.cpp": '#include "world/b.hpp"\n'}, "engine may not include world"),
    "upward, public": ({"docs/layers.txt": _LAYERS,
                        "include/hyperdc/core/a.hpp": "#include <hyperdc/world/b.hpp>\n"},
                       "core may not include world"),
    "private in public": ({"docs/layers.txt": _LAYERS,
                           "include/hyperdc/world/a.hpp": '#  include "world/b.hpp"\n'},
                          "a public header includes the private"),
    "unknown folder": ({"docs/layers.txt": _LAYERS, "src/magic/a.cpp": "\n"},
                       "folder magic has no line"),
    "unknown target": ({"docs/layers.txt": _LAYERS,
                        "src/world/a.cpp": '#include "magic/b.hpp"\n'}, "does not have"),
    "no folder": ({"docs/layers.txt": _LAYERS, "src/world/a.cpp": '#include "b.hpp"\n'},
                  "has no folder"),
    "facade": ({"docs/layers.txt": _LAYERS,
                "src/world/a.cpp": "#include <hyperdc/hyperdc.hpp>\n"}, "name the header"),
    "cycle": ({"docs/layers.txt": "core: world\nworld: core\n"}, "no line above"),
    "json in world": ({"docs/layers.txt": _LAYERS,
                       "src/world/a.cpp": "#include <nlohmann/json.hpp>\n"},
                      "belongs to scenario and results"),
    "json in scenario": ({"docs/layers.txt": _LAYERS,
                          "src/scenario/a.cpp": "#include <nlohmann/json.hpp>\n"}, None),
    "link": ({"docs/layers.txt": _LAYERS,
              "src/CMakeLists.txt": "hyperdc_library(engine\n  LINK hyperdc_world fmt::fmt\n)\n"},
             "hyperdc_engine may not link hyperdc_world"),
    "link of a folder's own list": (
        {"docs/layers.txt": _LAYERS,
         "src/engine/library.cmake": "hyperdc_library(engine JOIN 2\n  LINK hyperdc_world\n)\n"},
        "src/engine/library.cmake:1: hyperdc_engine may not link hyperdc_world"),
}

if __name__ == "__main__":
    common.main(check, CASES)
