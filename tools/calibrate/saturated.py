#!/usr/bin/python3
"""Fits what vLLM makes of an RTX PRO 6000 to two runs far beyond saturation, and tells how well.

    tools/calibrate/saturated.py build/release/hyperdc          errors of the entry as it is
    tools/calibrate/saturated.py build/release/hyperdc --fit    fits, and prints the entry

A chip from its data sheet and one calibration run for each kind of model: the run of Llama 3.1 8B
gives the share of its operations, that of Qwen3 30B-A3B, of which two groups share the experts,
what experts and sums take. All else is that of catalog/serving/vllm-0-15.json. Loss: mean of
|ln(predicted / measured)| over the means of time to the first token, time a token and latency.
Needs python3-scipy (sh tools/setup.sh calibrate).
"""

import argparse
import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import engine_runs  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
ENTRY = ROOT / "scenarios/catalog/serving/vllm-0-19-rtx-pro-6000.json"
DATA = ROOT / "tests/data/vllm-saturated"
# Directory of a run: card, groups that share the experts, what is fitted to it.
RUNS = {
    "RTXPRO6000-Llama-3.1-8B": ("llama-3-1-8b", 1, ["efficiency.compute"]),
    "RTXPRO6000-Qwen3-30B-A3B-Instruct-2507":
        ("qwen3-30b-a3b", 2, ["times.expert_layer", "times.sum"]),
}


def load(name):
    rows = [json.loads(line) for line in (DATA / name / "requests.jsonl").read_text().splitlines()]
    rows.sort(key=lambda row: row["queued_ts"])
    return rows


def latencies(pairs, outputs):
    """Times to the first token, a token, and to the last, of (latency, first) in ms."""
    return {"ttft": [first for _, first in pairs],
            "tpot": [(all_of - first) / (n - 1) for (all_of, first), n in zip(pairs, outputs)
                     if n > 1],
            "e2e": [all_of for all_of, _ in pairs]}


def errors(runs, name, rows, values):
    """ln(predicted / measured) of means and p99."""
    outputs = [row["output_toks"] for row in rows]
    found = runs.run(name, values)
    ours = latencies([found[i] for i in range(len(rows))], outputs)
    theirs = latencies([((row["last_token_ts"] - row["queued_ts"]) * 1e3,
                         (row["first_token_ts"] - row["queued_ts"]) * 1e3) for row in rows],
                       outputs)
    out = {}
    for key, values_of_run in ours.items():
        out[key] = math.log((sum(values_of_run) / len(values_of_run))
                            / (sum(theirs[key]) / len(theirs[key])))
        out[key + "_p99"] = math.log(engine_runs.quantile(values_of_run, 0.99)
                                     / engine_runs.quantile(theirs[key], 0.99))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("hyperdc")
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    entry = json.loads(ENTRY.read_text())
    values = engine_runs.values_of(entry)
    values["times.request"] = 0.0  # the data begin and end in the engine
    runs = engine_runs.Runs(options.hyperdc, entry)
    for name, (card, groups, fitted) in RUNS.items():
        rows = load(name)
        begin = rows[0]["queued_ts"]
        runs.add(name, "rtx-pro-6000-8", {
            "model": card, "data_parallel": groups, "prefix_caching": False,
            "max_sequences": 128 * groups, "max_tokens": 2048 * groups,
        }, [(round((row["queued_ts"] - begin) * 1e9), row["input_toks"], row["output_toks"], "")
            for row in rows])
        if options.fit:
            def loss(tried, name=name, rows=rows):
                all_of = errors(runs, name, rows, {**values, **tried})
                return sum(abs(all_of[key]) for key in ("ttft", "tpot", "e2e"))
            best, _ = engine_runs.fit(loss, {key: values[key] for key in fitted}, 120)
            values.update(best)
            for key, value in best.items():
                print(f"  {key:24} {value:.4g}")
        shown = errors(runs, name, rows, values)
        print(f"{name:40} " + "  ".join(f"{key} {100 * math.expm1(error):+.1f} %"
                                        for key, error in shown.items()))


if __name__ == "__main__":
    main()
