"""Catalogs in which catalog_check.py must find one stated problem, or none."""

import copy
import json

_CITED = {"source": "https://example.org/sheet", "date": "2026-01-31"}
_CHIP = {
    "name": "chip", "vendor": "V", "model": "C1", "aliases": ["C-1"],
    "power": {"idle": "10 W", "full": "100 W"}, "memory": "80 GB",
    "scale_up": {"domain": 16, "rate": "450 GB/s"},
    "sources": {"power.idle": {"source": "memory", "date": "2026-01-31", "note": "a tenth"},
                "power.full": _CITED, "memory": _CITED, "scale_up": _CITED},
}
_SERVER = {
    "name": "box", "cores": 96, "memory": "512 GiB", "accelerator": "chip", "accelerators": 8,
    "host_power": {"idle": "100 W", "full": "300 W"}, "servers_per_domain": 2,
    "sources": {"cores": _CITED, "memory": _CITED, "accelerators": _CITED, "host_power": _CITED,
                "servers_per_domain": _CITED},
}


def _tree(chip=None, server=None):
    """A good catalog with some keys of either entry replaced; None removes the key."""
    files = {}
    for kind, entry, changes in (("accelerators", _CHIP, chip), ("servers", _SERVER, server)):
        entry = copy.deepcopy(entry)
        for key, value in (changes or {}).items():
            entry[key] = value
            if value == "REMOVE":
                del entry[key]
        files[f"scenarios/catalog/{kind}/{_CHIP['name'] if entry['name'] == 'chip' else 'box'}"
              ".json"] = json.dumps(entry)
    return files


def _table(**changes):
    """A good catalog with a table of collectives, some of its keys replaced."""
    entry = {"name": "lib", "latency_us": {"ring": 1, "tree": 2}, "channels": 4,
             "sources": {"latency_us.ring": _CITED, "latency_us.tree": _CITED,
                         "channels": _CITED}, **changes}
    return {**_tree(), "scenarios/catalog/collectives/lib.json": json.dumps(entry)}


def _fabric(**changes):
    """A good catalog with a fabric, some of its keys replaced."""
    entry = {"name": "net", "description": "Two tiers.", "family": "leaf-spine", "leaves": 4,
             "spines": 2, "sources": {"leaves": _CITED, "spines": _CITED}, **changes}
    return {**_tree(), "scenarios/catalog/fabrics/net.json": json.dumps(entry)}


def _model(**changes):
    """A good catalog with a model, some of its keys replaced."""
    entry = {"name": "llm", "description": "A model.", "kind": "transformer", "layers": 4,
             "formats": {"weights": "bf16"}, "sources": {"shape": _CITED}, **changes}
    return {**_tree(), "scenarios/catalog/models/llm.json": json.dumps(entry)}


def _sources(**changes):
    return {**_CHIP["sources"], **changes}


_UNKNOWN_POWER = {"power": None, "power_reason": "not published by its maker",
                  "sources": {"memory": _CITED, "scale_up": _CITED}}

CASES = {
    "good": (_tree(), None),
    "good fabric": (_fabric(), None),
    "fabric with a bare fact": (_fabric(hosts=8), "hosts has no source"),
    "fabric of another name": (_fabric(name="other"), "name must be that of the file"),
    "good model": (_model(), None),
    "model with a source for each key": (_model(sources={"layers": _CITED,
                                                         "formats.weights": _CITED}), None),
    "model with a bare fact": (_model(sources={"layers": _CITED}), "formats.weights has no source"),
    "model with a source of nothing": (_model(sources={"shape": _CITED, "heads": _CITED}),
                                       "sources.heads is of nothing"),
    "good table": (_table(), None),
    "table with a bare fact": (_table(rails=8), "rails has no source"),
    "table with half a source": (_table(latency_us={"ring": 1, "chain": 2}),
                                 "latency_us.chain has no source"),
    "table of another name": (_table(name="other"), "name must be that of the file"),
    "table with a source of nothing": (_table(sources={
        "latency_us": _CITED, "channels": _CITED, "gone": _CITED}), "sources.gone is of nothing"),
    "table that is no JSON": ({**_tree(), "scenarios/catalog/collectives/lib.json": "{"},
                              "Expecting"),
    "unknown power": (_tree(_UNKNOWN_POWER), None),
    "no reason": (_tree({"power": None, "sources": _UNKNOWN_POWER["sources"]}), "power_reason"),
    "bare number": (_tree({"memory": "80"}), "write a number"),
    "number": (_tree({"memory": 80}), "write a number"),
    "two spaces": (_tree({"memory": "80  GB"}), "write a number"),
    "wrong unit": (_tree({"memory": "80 W"}), "write a number"),
    "unknown key": (_tree({"tdp": "100 W"}), "tdp is not known"),
    "unknown part": (_tree({"scale_up": {"width": 8}}), "scale_up.width is not known"),
    "no source": (_tree({"memory_bandwidth": "3 TB/s"}), "memory_bandwidth has no source"),
    "half a source": (_tree({"compute": {"bf16": "1 TFLOP/s"},
                             "sources": _sources(**{"compute.fp8": _CITED})}),
                      "compute.bf16 has no source"),
    "no date": (_tree({"sources": _sources(memory={"source": "https://example.org"})}), "no date"),
    "bare memory": (_tree({"sources": _sources(memory={"source": "memory",
                                                       "date": "2026-01-31"})}), "a note must say"),
    "unmarked assumption": (_tree({"sources": _sources(memory={
        **_CITED, "note": "A half is assumed."})}), "mark it"),
    "marked assumption": (_tree({"sources": _sources(memory={
        **_CITED, "assumed": True, "note": "A half is assumed."})}), None),
    "silent assumption": (_tree({"sources": _sources(memory={**_CITED, "assumed": True})}),
                          "a note must say what"),
    "source of nothing": (_tree({"sources": _sources(mass=_CITED)}), "is of nothing"),
    "idle above full": (_tree({"power": {"idle": "200 W", "full": "100 W"}}), "above full"),
    "other name": (_tree(server={"cores": "REMOVE"}), "cores is missing"),
    "no such chip": (_tree(server={"accelerator": "none"}), "not in the catalog"),
    "count without chip": (_tree(server={"accelerator": None}), "only then"),
    "half a domain": (_tree(server={"servers_per_domain": 1}), "domains of 16"),
    "same alias": ({**_tree(), "scenarios/catalog/accelerators/other.json":
                    json.dumps({**_CHIP, "name": "other", "model": "other"})}, "also means"),
    "empty": ({"scenarios/catalog/README.md": "# Catalog\n"}, "is empty"),
}
