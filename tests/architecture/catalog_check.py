"""scenarios/catalog: every fact has a unit, a source and a date, and the facts fit together.

An entry has its facts and `sources`: one entry a fact, named by its key ("memory") or, where the
parts of a fact come from different places, by "key.part" ("power.idle"). A source is an address,
a name that can be looked up, or one of two words: "arithmetic" (it follows from other facts) and
"memory" (nobody could cite it: it is printed as an assumption wherever it is used). A fact that
has a document and yet rests on an assumption has `"assumed": true`, and is printed too; a note that
says "assumed" without it is a problem.
"""

import json
import pathlib
import re

import common

NUMBER = r"\d+(?:\.\d+)?"
POWER = re.compile(rf"^{NUMBER} (mW|W|kW)$")
BYTES = re.compile(rf"^{NUMBER} (GB|TB|GiB|TiB)$")
RATE = re.compile(rf"^{NUMBER} (GB/s|TB/s|Gbit/s|Tbit/s)$")
COMPUTE = re.compile(rf"^{NUMBER} (TFLOP/s|PFLOP/s|TOP/s|POP/s)$")
PRICE = re.compile(rf"^{NUMBER} USD/h$")
COUNT = int
TEXT = str
DATE = re.compile(r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*$")
PRECISIONS = ("fp64", "fp32", "fp16", "bf16", "fp8", "fp4", "int8")

RANGE = {"idle": POWER, "full": POWER}
ACCELERATOR = {
    "year": COUNT, "power": RANGE, "memory": BYTES, "memory_bandwidth": RATE,
    "compute": {name: COMPUTE for name in PRECISIONS},
    "scale_up": {"domain": COUNT, "rate": RATE},
}
SERVER = {
    "cores": COUNT, "memory": BYTES, "accelerators": COUNT, "host_power": RANGE,
    "drives": {"count": COUNT, "power_each": POWER, "size": BYTES},
    "nics": {"count": COUNT, "rate": RATE, "power_each": POWER},
    "servers_per_domain": COUNT, "price": PRICE,
}
PLAIN = {"accelerators": ("name", "vendor", "model", "aliases"), "servers": ("name", "accelerator")}
FACTS = {"accelerators": ACCELERATOR, "servers": SERVER}
SOURCED = {"collectives": ("name", "sources"),
           "fabrics": ("name", "description", "family", "sources"),
           "models": ("name", "description", "kind", "sources")}
POWER_KEY = {"accelerators": "power", "servers": "host_power"}
REQUIRED = {"accelerators": ("name", "vendor", "power"),
            "servers": ("name", "cores", "memory", "accelerator", "host_power",
                        "servers_per_domain")}


def value_problems(path, value, kind):
    """Problems of one fact against its pattern, its parts included."""
    if isinstance(kind, dict):
        if not isinstance(value, dict) or not value:
            return [f"{path} must be an object"]
        problems = [f"{path}.{key} is not known" for key in value if key not in kind]
        for key in sorted(value.keys() & kind.keys()):
            problems += value_problems(f"{path}.{key}", value[key], kind[key])
        if kind is RANGE and set(value) != set(RANGE):
            problems.append(f"{path} needs idle and full")
        return problems
    if kind is COUNT:
        good = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return [] if good else [f"{path} must be a count"]
    if not isinstance(value, str) or not kind.match(value):
        return [f"{path} is {value!r}; write a number, a space and a unit"]
    return []


def source_problems(key, value, sources):
    """A fact is covered by its own entry or by one for each of its parts."""
    parts = [key]
    if key not in sources:
        parts = [f"{key}.{part}" for part in value] if isinstance(value, dict) else [key]
    return [f"{part} has no source" for part in parts if part not in sources]


def citation_problems(name, citation):
    if not isinstance(citation, dict) or not set(citation) <= {"source", "date", "note",
                                                                  "assumed"}:
        return [f"sources.{name} must hold source, date and perhaps a note or \"assumed\""]
    problems = []
    if len(str(citation.get("source", ""))) < 6:
        problems.append(f"sources.{name} has no source")
    if not DATE.match(str(citation.get("date", ""))):
        problems.append(f"sources.{name} has no date of the form 2026-01-31")
    if citation.get("source") == "memory" and not citation.get("note"):
        problems.append(f"sources.{name} is from memory: a note must say what is assumed")
    note, assumed = str(citation.get("note", "")), citation.get("assumed", False)
    if assumed not in (False, True):
        problems.append(f"sources.{name}.assumed must be true or absent")
    if assumed and "assumed" not in note.lower():
        problems.append(f"sources.{name} is assumed: a note must say what")
    if "assumed" in note.lower() and not assumed and citation.get("source") != "memory":
        problems.append(f"sources.{name}: the note says \"assumed\"; mark it \"assumed\": true")
    return problems


def table_problems(entry, stem, plain=("name", "sources")):
    """A fabric, a model or a table of a communication library: every key has a source.

    "shape" is the source of all keys that have none of their own: a config.json holds them all.
    """
    sources = entry.get("sources", {})
    whole = "shape" in sources and "kind" in plain
    problems = []
    if entry.get("name") != stem or not NAME.match(stem):
        problems.append("name must be that of the file, in a-z, 0-9, - and _")
    for key in sorted(entry.keys() - set(plain)):
        problems += [] if whole else source_problems(key, entry[key], sources)
    for name, citation in sources.items():
        problems += citation_problems(name, citation)
        if name.split(".")[0] not in entry and not (whole and name == "shape"):
            problems.append(f"sources.{name} is of nothing")
    return problems


def watts(text):
    number, unit = text.split(" ")
    return float(number) * {"mW": 1e-3, "W": 1, "kW": 1e3}[unit]


def entry_problems(kind, entry, stem):
    facts, power_key = FACTS[kind], POWER_KEY[kind]
    known = set(facts) | set(PLAIN[kind]) | {"power_reason", "sources"}
    problems = [f"{key} is missing" for key in REQUIRED[kind] if key not in entry]
    problems += [f"{key} is not known" for key in entry if key not in known]
    if entry.get("name") != stem or not NAME.match(stem):
        problems.append("name must be that of the file, in a-z, 0-9, - and _")
    sources = entry.get("sources", {})
    power = entry.get(power_key)
    if (power is None) == (len(entry.get("power_reason", "")) < 10):
        problems.append("power_reason must be there when the power is null, and only then")
    for key in sorted(facts.keys() & entry.keys()):
        if key == power_key and power is None:
            continue
        found = value_problems(key, entry[key], facts[key])
        problems += found or source_problems(key, entry[key], sources)
    for name, citation in sources.items():
        problems += citation_problems(name, citation)
        if name.split(".")[0] not in entry:
            problems.append(f"sources.{name} is of nothing")
    if not sources:
        problems.append("sources is missing")
    if isinstance(power, dict) and not value_problems(power_key, power, RANGE):
        if watts(power["idle"]) > watts(power["full"]):
            problems.append("idle power is above full power")
    return problems


def fit_problems(server, accelerators):
    """A server's accelerators exist, and whole servers fill the scale-up domain."""
    name, count = server.get("accelerator"), server.get("accelerators", 0)
    if (name is None) != ("accelerators" not in server) or (name and count == 0):
        return ["accelerators is there when accelerator is not null, and only then"]
    if name is None:
        return []
    if name not in accelerators:
        return [f"accelerator {name} is not in the catalog"]
    if count > 32:
        return ["more than 32 accelerators"]
    domain = accelerators[name].get("scale_up", {}).get("domain", 1)
    together = count * server.get("servers_per_domain", 1)
    if domain > 1 and together != domain:
        return [f"{together} accelerators a domain; {name} has domains of {domain}"]
    return []


def check(root):
    folder = pathlib.Path(root) / "scenarios/catalog"
    problems, entries = [], {"accelerators": {}, "servers": {}}
    for kind, found in entries.items():
        for path in sorted((folder / kind).glob("*")):
            where = path.relative_to(root).as_posix()
            try:
                entry = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                problems.append(f"{where}:1: {error}")
                continue
            found[path.stem] = entry
            problems += [f"{where}:1: {p}" for p in entry_problems(kind, entry, path.stem)]
        if not found:
            problems.append(f"scenarios/catalog/{kind}:1: is empty")
    for kind, plain in SOURCED.items():
        for path in sorted((folder / kind).glob("*")):
            where = path.relative_to(root).as_posix()
            try:
                found = table_problems(json.loads(path.read_text(encoding="utf-8")), path.stem,
                                       plain)
            except ValueError as error:
                found = [str(error)]
            problems += [f"{where}:1: {p}" for p in found]
    names = {}
    for stem, entry in entries["accelerators"].items():
        for name in {stem, entry.get("model", stem), *entry.get("aliases", [])}:
            if name in names:
                problems.append(f"scenarios/catalog/accelerators/{stem}.json:1: {name} also means "
                                f"{names[name]}")
            names[name] = stem
    for stem, entry in entries["servers"].items():
        problems += [f"scenarios/catalog/servers/{stem}.json:1: {p}"
                     for p in fit_problems(entry, entries["accelerators"])]
    return problems


if __name__ == "__main__":
    import catalog_cases
    common.main(check, catalog_cases.CASES)
