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

from scipy.optimize import minimize

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


def scenario(server, engine, name):
    """One replica with this engine that serves the trace of that name."""
    accelerators = engine.get("tensor_parallel", 1) * engine.get("data_parallel", 1)
    return {
        "name": "calibration",
        "duration": "2 h",
        "regions": {"lab": {"racks": {"gpu": {
            "server": server, "count": 1, "servers_per_rack": 1}}}},
        "pools": {"gpu": {}},
        "workloads": {"llm": {
            "kind": "llm-inference",
            "requests": {"trace": {"file": f"{name}.csv", "prefix_block": 16}},
            "engine": {**engine, "asynchronous": True,
                       "iteration": {"roofline": {"software": "tried"}}},
            "instance": {"accelerators": accelerators, "start": "0 s"},
            "replicas": {"min": 1, "max": 1},
        }},
    }


class Runs:
    """Runs engines with efficiencies that are not in the catalog yet."""

    def __init__(self, hyperdc, entry):
        self.hyperdc = os.path.abspath(hyperdc)
        self.entry = entry  # of scenarios/catalog/serving, as the template of what is tried
        self.home = tempfile.TemporaryDirectory()
        self.base = Path(self.home.name)
        (self.base / "catalog" / "serving").mkdir(parents=True)

    def add(self, name, server, engine, requests):
        """`requests`: (arrival in ns, prompt, output, blocks of 16 tokens shared with others)."""
        text = json.dumps(scenario(server, engine, name))
        (self.base / f"{name}.json").write_text(text)
        with open(self.base / f"{name}.csv", "w", encoding="utf-8") as out:
            out.write("arrival_ns,prompt,output,prefix\n")
            for at, prompt, output, blocks in requests:
                out.write(f"{at},{prompt},{output},{blocks}\n")

    def run(self, name, values):
        """By number of the request: latency and time to the first token, in ms."""
        entry = json.loads(json.dumps(self.entry))
        entry["name"] = "tried"
        for key, value in values.items():
            part, fact = key.split(".")
            entry[part][fact] = value if part == "efficiency" else f"{value * 1e6:.6f} us"
        (self.base / "catalog" / "serving" / "tried.json").write_text(json.dumps(entry))
        out = self.base / "out"
        subprocess.run([self.hyperdc, "run", str(self.base / f"{name}.json"), "--catalog",
                        str(self.base / "catalog"), "--out", str(out)],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        front_ms = values["times.request"] * 1e3
        found = {}
        with open(out / "requests.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                first, done, at = (int(row[k]) for k in ("first_token_ns", "done_ns", "arrival_ns"))
                found[int(row["number"])] = ((done - at) * 1e-6 + front_ms,
                                             (first - at) * 1e-6 + front_ms)
        return found


class H100:
    """The experiments of vllm-h100."""

    def __init__(self, hyperdc, experiments, entry):
        self.runs = Runs(hyperdc, entry)
        self.arrivals = {}
        for experiment in experiments:
            shared, server = experiment["workload"]["shared_prefix"], experiment["server"]
            self.arrivals[experiment["id"]] = arrivals_ns(experiment)
            system = shared["system_prompt_len"]
            requests = []
            for number, (at, _) in enumerate(self.arrivals[experiment["id"]]):
                group = number % shared["num_unique_system_prompts"]
                blocks = ";".join(str(1000 * group + i) for i in range(system // 16))
                requests.append((at, system + shared["question_len"], shared["output_len"], blocks))
            self.runs.add(experiment["id"], SERVERS[experiment["gpu"]], {
                "model": CARDS[experiment["model"]],
                "tensor_parallel": experiment["tensor_parallel"],
                "prefix_caching": True,
                "max_sequences": server["max_num_seqs"],
                "max_tokens": server["max_num_batched_tokens"],
                "block": server["kv_block_tokens"], "blocks": server["kv_blocks"],
            }, requests)

    def run(self, values, experiment):
        """Per stage, then over all: means of latency and of the first token, its p99, all in ms."""
        stages = [([], []) for _ in experiment["workload"]["stages"]]
        for number, times in self.runs.run(experiment["id"], values).items():
            stage = self.arrivals[experiment["id"]][number][1]
            for k in (0, 1):
                stages[stage][k].append(times[k])
        every = tuple(sum((stage[k] for stage in stages), []) for k in (0, 1))
        return [summary(*one) for one in [*stages, every]]


def quantile(values, q):
    return sorted(values)[min(len(values) - 1, int(q * len(values)))]


def summary(latency, first):
    return {"e2e": sum(latency) / len(latency), "ttft": sum(first) / len(first),
            "ttft_p99": quantile(first, 0.99)}


def seconds(text):
    number, unit = text.split()
    return float(number) * {"s": 1, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}[unit]


def values_of(entry):
    """The numbers of an entry of catalog/serving, in SI units."""
    out = {f"efficiency.{key}": value for key, value in entry["efficiency"].items()}
    out.update({f"times.{key}": seconds(value) for key, value in entry["times"].items()})
    return out


def fit(loss, start, evaluations):
    """Nelder-Mead on the logarithms of positive numbers."""
    keys = list(start)
    begin = [math.log(start[key]) for key in keys]
    found = minimize(lambda point: loss({k: math.exp(x) for k, x in zip(keys, point)}), begin,
                     method="Nelder-Mead",
                     options={"maxfev": evaluations, "xatol": 1e-3, "fatol": 1e-4,
                              "initial_simplex": [begin] + [
                                  [x + (0.15 if i == j else 0) for j, x in enumerate(begin)]
                                  for i in range(len(begin))]})
    return {k: math.exp(x) for k, x in zip(keys, found.x)}, found.fun


def measured(experiment):
    """As H100.run: per stage, then over all."""
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
