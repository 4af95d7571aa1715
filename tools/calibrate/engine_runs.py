"""Measured engines as scenarios: what the calibration runs, and how far off it is.

An experiment of tests/data/vllm-h100 becomes one replica with the limits and blocks of its server,
fed by a trace of its requests: evenly spaced where there are two stages (its load generator sent
them so), Poisson with a fixed seed where there is one. Users take turns; prefix caching finds their
system prompts. Latencies are compared per stage, in ms.
"""

import csv
import json
import math
import os
import random
import subprocess
import tempfile
from pathlib import Path

# Names in the data -> entries of scenarios/catalog/models.
CARDS = {
    "RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic": "llama-4-scout-fp8",
    "meta-llama/Llama-2-7b-hf": "llama-2-7b",
    "meta-llama/Llama-3.1-70B-Instruct": "llama-3-1-70b",
    "mistralai/Mistral-Nemo-Instruct-2407": "mistral-nemo",
    "Qwen/Qwen2.5-7B-Instruct": "qwen2-5-7b",
    "01-ai/Yi-34B": "yi-34b",
}
SERVERS = {"H100": "hgx-h100"}

# A time to the first token that no variant of the model explains (the README of the data).
UNEXPLAINED_TTFT = {"48"}


def load(directory):
    return [json.loads(file.read_text()) for file in sorted(Path(directory).glob("*.json"))]


def arrivals_ns(experiment):
    """(arrival, stage) of each request."""
    stages = experiment["workload"]["stages"]
    draw = random.Random(7)
    out, begin = [], 0.0
    for stage, one in enumerate(stages):
        at = 0.0
        for i in range(round(one["rate"] * one["duration"])):
            if len(stages) > 1:
                at = i / one["rate"]
            else:
                at += draw.expovariate(one["rate"])
            out.append((round((begin + at) * 1e9), stage))
        begin += one["duration"]
    return out


def scenario(experiment, trace, software):
    """One replica that serves the trace."""
    server, tensor = experiment["server"], experiment["tensor_parallel"]
    return {
        "name": "calibration",
        "duration": "2 h",
        "regions": {"lab": {"racks": {"gpu": {
            "server": SERVERS[experiment["gpu"]], "count": 1, "servers_per_rack": 1}}}},
        "pools": {"gpu": {}},
        "workloads": {"llm": {
            "kind": "llm-inference",
            "requests": {"trace": {"file": str(trace),
                                   "prefix_block": server["kv_block_tokens"]}},
            "engine": {
                "model": CARDS[experiment["model"]], "tensor_parallel": tensor,
                "asynchronous": True, "prefix_caching": True,
                "max_sequences": server["max_num_seqs"],
                "max_tokens": server["max_num_batched_tokens"],
                "block": server["kv_block_tokens"], "blocks": server["kv_blocks"],
                "iteration": {"roofline": {"software": software}},
            },
            "instance": {"accelerators": tensor, "start": "0 s"},
            "replicas": {"min": 1, "max": 1},
        }},
    }


class Engine:
    """Runs experiments with efficiencies that are not in the catalog yet."""

    def __init__(self, hyperdc, experiments, entry):
        self.hyperdc = os.path.abspath(hyperdc)
        self.experiments = experiments
        self.entry = entry  # of scenarios/catalog/serving, as the template of what is tried
        self.home = tempfile.TemporaryDirectory()
        self.requests = {}
        base = Path(self.home.name)
        (base / "catalog" / "serving").mkdir(parents=True)
        for experiment in experiments:
            name = experiment["id"]
            shared = experiment["workload"]["shared_prefix"]
            block = experiment["server"]["kv_block_tokens"]
            system = shared["system_prompt_len"]
            self.requests[name] = arrivals_ns(experiment)
            with open(base / f"{name}.csv", "w", encoding="utf-8") as out:
                out.write("arrival_ns,prompt,output,prefix\n")
                for number, (at, _) in enumerate(self.requests[name]):
                    group = number % shared["num_unique_system_prompts"]
                    blocks = ";".join(str(1000 * group + i) for i in range(system // block))
                    out.write(f"{at},{system + shared['question_len']},{shared['output_len']},"
                              f"{blocks}\n")
            text = json.dumps(scenario(experiment, f"{name}.csv", "tried"))
            (base / f"{name}.json").write_text(text)

    def run(self, values, experiment):
        """Per stage, then over all: means of latency and of the first token, its p99, all in ms."""
        base = Path(self.home.name)
        entry = json.loads(json.dumps(self.entry))
        entry["name"] = "tried"
        for key, value in values.items():
            part, name = key.split(".")
            entry[part][name] = value if part == "efficiency" else f"{value * 1e6:.6f} us"
        (base / "catalog" / "serving" / "tried.json").write_text(json.dumps(entry))
        out = base / "out"
        subprocess.run(
            [self.hyperdc, "run", str(base / f"{experiment['id']}.json"), "--catalog",
             str(base / "catalog"), "--out", str(out)],
            check=True, stdout=subprocess.DEVNULL)
        front_ms = values["times.request"] * 1e3
        stages = [([], []) for _ in experiment["workload"]["stages"]]
        with open(out / "requests.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                stage = self.requests[experiment["id"]][int(row["number"])][1]
                first, done, at = (int(row[k]) for k in ("first_token_ns", "done_ns", "arrival_ns"))
                stages[stage][0].append((done - at) * 1e-6 + front_ms)
                stages[stage][1].append((first - at) * 1e-6 + front_ms)
        every = tuple(sum((stage[k] for stage in stages), []) for k in (0, 1))
        return [summary(*one) for one in [*stages, every]]


def summary(latency, first):
    ordered = sorted(first)
    return {"e2e": sum(latency) / len(latency), "ttft": sum(first) / len(first),
            "ttft_p99": ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]}


def measured(experiment):
    """As Engine.run: per stage, then over all."""
    keys = [f"stage_{i}" for i in range(len(experiment["workload"]["stages"]))] + ["overall"]
    return [{"e2e": experiment["measured"][key]["e2e_mean_ms"],
             "ttft": experiment["measured"][key]["ttft_mean_ms"],
             "ttft_p99": experiment["measured"][key]["ttft_p99_ms"]} for key in keys]


def log_errors(experiment, predicted):
    """ln(predicted / measured) of e2e, tpot, ttft and ttft_p99; per stage, then over all."""
    tokens = experiment["workload"]["shared_prefix"]["output_len"] - 1
    rows = []
    for ours, theirs in zip(predicted, measured(experiment)):
        row = {key: math.log(ours[key] / theirs[key]) for key in ("e2e", "ttft", "ttft_p99")}
        row["tpot"] = math.log(((ours["e2e"] - ours["ttft"]) / tokens)
                               / ((theirs["e2e"] - theirs["ttft"]) / tokens))
        if experiment["id"] in UNEXPLAINED_TTFT:
            del row["ttft"], row["ttft_p99"]
        rows.append(row)
    return rows
