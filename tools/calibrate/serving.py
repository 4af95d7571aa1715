#!/usr/bin/python3
"""Fits what an inference engine makes of a chip to measured runs, and tells how well.

    tools/calibrate/serving.py build/release/hyperdc                    errors of the entry as it is
    tools/calibrate/serving.py build/release/hyperdc --fit              fits, and prints the entry
    tools/calibrate/serving.py build/release/hyperdc --leave-one-out    the error of each model when
                                                                        it took no part in the fit

Fitted: eight or nine numbers of scenarios/catalog/serving/vllm-0-15.json, the same for all models.
Loss: mean of |ln(predicted / measured)|, with a small round bottom, over latency, time an output
token and time to the first token of each stage, and 0.3 of it over the p99 of the latter (its first
stage holds a cold start that is not modelled). Method: Nelder-Mead on logarithms (scipy).
Needs python3-scipy (sh tools/setup.sh calibrate).
"""

import argparse
import json
import math
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import engine_runs  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
ENTRY = ROOT / "scenarios/catalog/serving/vllm-0-15.json"
DATA = ROOT / "tests/data/vllm-h100"
P99_WEIGHT = 0.3
ROUND = 0.01  # below it errors count less than their size


def loss(engine, values, experiments):
    total = 0.0
    for experiment in experiments:
        rows = engine_runs.log_errors(experiment, engine.run(values, experiment))
        for row in rows[:-1]:
            total += sum(math.hypot(row[k], ROUND) for k in ("e2e", "tpot", "ttft") if k in row)
        if "ttft_p99" in rows[-1]:
            total += P99_WEIGHT * math.hypot(rows[-1]["ttft_p99"], ROUND)
    return total


def fit(engine, start, experiments, evaluations):
    return engine_runs.fit(lambda values: loss(engine, values, experiments), start, evaluations)


def report(engine, values, experiments):
    """Errors over all stages, by experiment; returns those of each kind."""
    errors = {"e2e": [], "tpot": [], "ttft": [], "ttft_p99": []}
    for experiment in experiments:
        row = engine_runs.log_errors(experiment, engine.run(values, experiment))[-1]
        shown = []
        for key, all_errors in errors.items():
            if key in row:
                all_errors.append(abs(math.expm1(row[key])))
            shown.append(f"{key} {100 * math.expm1(row[key]):+6.1f} %" if key in row
                         else f"{key}       –")
        print(f"{experiment['id']:16} {experiment['model'].split('/')[1]:46.46} "
              + "  ".join(shown))
    return errors


def print_medians(errors):
    print("median |error|: " + ", ".join(
        f"{key} {100 * statistics.median(values):.1f} %" for key, values in errors.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("hyperdc")
    parser.add_argument("--data", default=DATA)
    parser.add_argument("--entry", default=ENTRY)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--leave-one-out", metavar="MODEL", nargs="*",
                        help="of all models, or of those that are named")
    parser.add_argument("--evaluations", type=int, default=400)
    options = parser.parse_args()

    entry = json.loads(Path(options.entry).read_text())
    experiments = engine_runs.load(options.data)
    engine = engine_runs.H100(options.hyperdc, experiments, entry)
    values = engine_runs.values_of(entry)
    if options.fit:
        values, least = fit(engine, values, experiments, options.evaluations)
        print(f"loss {least:.4f}")
        for key, value in values.items():
            print(f"  {key:24} {value:.4g}")
    print_medians(report(engine, values, experiments))
    if options.leave_one_out is None:
        return
    errors = {"e2e": [], "tpot": [], "ttft": [], "ttft_p99": []}
    models = {experiment["model"] for experiment in experiments}
    for model in sorted(set(options.leave_one_out) & models or models):
        others = [e for e in experiments if e["model"] != model]
        left_out = [e for e in experiments if e["model"] == model]
        without, _ = fit(engine, values, others, options.evaluations)
        if not any(e["model_shape"]["num_local_experts"] for e in others):
            # Nothing measured tells what a layer of experts takes: what any other layer does.
            without["times.expert_layer"] = without["times.layer"]
        print(f"fitted without {model}:")
        for key, found in report(engine, without, left_out).items():
            errors[key] += found
    print("leave one model out, ", end="")
    print_medians(errors)


if __name__ == "__main__":
    main()
