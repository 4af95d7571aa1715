#!/usr/bin/python3
"""Fits training software to one published row each, and tells how far the others are.

    tools/calibrate/training.py build/release/hyperdc          errors of the entries as they are
    tools/calibrate/training.py build/release/hyperdc --fit    the `compute` of each entry with
                                                               which its row comes out

Fitted: `efficiency.compute` of scenarios/catalog/training/NAME.json, one number, on the row that
FITTED names. Where a row does not say its micro-batch or interleaving, the fastest that fits into
memory is taken. Rows: tests/data/training/published.csv.
"""

import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENTRIES = ROOT / "scenarios/catalog/training"
FITTED = {"megatron-lm-2021": "145.6B", "megatron-lm-2022": "175B full",
          "megatron-lm-2023": "3072", "meta-2024": "8192 of 8k", "palm-2022": "1 pod",
          "megascale-2024": "3072", "zero-bubble-2023": "6.2B 1f1b 64"}
MEMORY = 80e9


def scenario(row, micro_batch, interleave):
    model = {"kind": "transformer"}
    for key in ("layers", "hidden", "heads", "kv_heads", "intermediate", "vocabulary"):
        model[key] = int(row[key])
    model["head_size"] = int(row["head_size"] or model["hidden"] // model["heads"])
    model["gated"] = row["gated"] == "true"
    model["tied_embeddings"] = row["tied"] == "true"
    accelerators = int(row["accelerators"])
    ranks = {key: int(row[key]) for key in ("tensor", "context", "pipeline")}
    training = {"kind": "training", "model": "published", "software": row["software"], "steps": 1,
                "sequence": int(row["sequence"]), "batch": int(row["batch"]),
                "micro_batch": micro_batch, "interleave": interleave, "zero": int(row["zero"]),
                "recompute": row["recompute"], "schedule": row["schedule"],
                "sequence_parallel": row["sequence_parallel"] == "true",
                "data_parallel": accelerators // (ranks["tensor"] * ranks["context"]
                                                  * ranks["pipeline"])}
    training.update({f"{key}_parallel": value for key, value in ranks.items()})
    server = {"cores": 96, "memory": "2 TiB", "accelerator": row["accelerator"], "accelerators": 8,
              "host_power": {"idle": "1 kW", "full": "2 kW"},
              "nics": {"count": 8, "rate": row["nics"]}}
    per_server = 4 if row["server"] else 8
    return {"name": "published", "model_types": {"published": model}, "pools": {"p": {}},
            "server_types": {} if row["server"] else {"node": server},
            "regions": {"r": {"racks": {"k": {
                "server": row["server"] or "node",
                "count": (accelerators + per_server - 1) // per_server}}}},
            "workloads": {"train": training}}


def run(hyperdc, catalog, row, micro_batch, interleave):
    """Metrics of the training run; nothing where it does not go."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "s.json"
        path.write_text(json.dumps(scenario(row, micro_batch, interleave)))
        out = subprocess.run([hyperdc, "run", path, "--format", "json", "--catalog", catalog],
                             capture_output=True, text=True, check=False)
        if out.returncode != 0:
            return None
        metrics = json.loads(out.stdout)["metrics"]
        return {key.removeprefix("workloads.train."): value["value"]
                for key, value in metrics.items() if key.startswith("workloads.train.")}


def predicted(row, metrics):
    layers, hidden, sequence, batch = (int(row[k]) for k in
                                       ("layers", "hidden", "sequence", "batch"))
    vocabulary, accelerators = int(row["vocabulary"]), int(row["accelerators"])
    step = metrics["step_time"]
    if row["quantity"] == "step s":
        return step
    if row["quantity"] == "samples/s":
        return batch / step / accelerators
    if row["quantity"] == "hardware TFLOP/s":
        flops = 96 * batch * sequence * layers * hidden ** 2 * (
            1 + sequence / (6 * hidden) + vocabulary / (16 * layers * hidden))
    else:
        heads = hidden + 2 * hidden // int(row["heads"]) * int(row["kv_heads"])
        layer = hidden * heads + hidden ** 2 + 3 * hidden * int(row["intermediate"])
        flops = batch * sequence * (6 * (layers * layer + vocabulary * hidden)
                                    + 6 * layers * hidden * sequence)
    return flops / step / accelerators / 1e12


def value_of(hyperdc, catalog, row):
    micro_batches = [int(row["micro_batch"])] if row["micro_batch"] else [1, 2, 4, 8, 16]
    interleaves = [int(row["interleave"])] if row["interleave"] else range(1, 9)
    found = [run(hyperdc, catalog, row, b, v) for b in micro_batches for v in interleaves]
    found = [m for m in found if m is not None and (row["micro_batch"] or m["memory"] <= MEMORY)]
    return predicted(row, min(found, key=lambda m: m["step_time"]))


def fitted(hyperdc, name, row):
    entry = json.loads((ENTRIES / f"{name}.json").read_text())
    low, high = 0.2, 1.2
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "training" / f"{name}.json"
        path.parent.mkdir()
        for _ in range(12):
            entry["efficiency"]["compute"] = (low + high) / 2
            path.write_text(json.dumps(entry))
            faster = value_of(hyperdc, home, row) > float(row["value"])
            if row["quantity"] == "step s":
                faster = not faster
            low, high = (low, (low + high) / 2) if faster else ((low + high) / 2, high)
    return (low + high) / 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("hyperdc")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    rows = list(csv.DictReader((ROOT / "tests/data/training/published.csv").open()))
    if options.fit:
        for name, which in FITTED.items():
            row = next(r for r in rows if r["software"] == name and r["row"] == which)
            print(f"{name:20} compute {fitted(options.hyperdc, name, row):.3f}")
        return
    for row in rows:
        value = value_of(options.hyperdc, ROOT / "scenarios/catalog", row)
        off = 100 * (value / float(row["value"]) - 1)
        kept = "fitted" if FITTED[row["software"]] == row["row"] else f"{off:+.1f} %"
        print(f"{row['paper']:18} {row['row']:16} {row['quantity']:18} {float(row['value']):8.2f} "
              f"{value:8.2f}  {kept}")


if __name__ == "__main__":
    main()
