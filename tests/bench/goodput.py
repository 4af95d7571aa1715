#!/usr/bin/env python3
"""Goodput of measured deployments from a tenth of saturation to 1.3 times of it.

    tests/bench/goodput.py build/release/hyperdc

Each deployment of tests/data/vllm-h100 and tests/data/vllm-saturated serves requests of
ShareGPT's lengths (860 tokens in, 650 out on average) for 20 minutes. Saturation: what it answers
of four times what it can take, after five minutes. Goodput: requests a second with the first token
within 1 s and 50 ms a token. Prints a row a deployment: saturation, the share of requests in time
at each load, and the most goodput with the load at which it is reached.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

H100 = ("hgx-h100", "vllm-0-15")
RTX = ("rtx-pro-6000-8", "vllm-0-19-rtx-pro-6000")
# Name: machine, model, accelerators of a matrix, groups, sequences, tokens, blocks (None: memory).
DEPLOYMENTS = {
    "Llama 2 7B, H100": (H100, "llama-2-7b", 1, 1, 128, 2048, 7463),
    "Qwen 2.5 7B, H100": (H100, "qwen2-5-7b", 1, 1, 128, 2048, 65352),
    "Mistral Nemo, 2 H100": (H100, "mistral-nemo", 2, 1, 128, 1024, 48009),
    "Yi 34B, 2 H100": (H100, "yi-34b", 2, 1, 128, 2048, 20793),
    "Llama 3.1 70B, 4 H100": (H100, "llama-3-1-70b", 4, 1, 128, 8192, 30251),
    "Llama 4 Scout FP8, 2 H100": (H100, "llama-4-scout-fp8", 2, 1, 128, 2048, 8253),
    "Llama 3.1 8B, RTX PRO 6000": (RTX, "llama-3-1-8b", 1, 1, 128, 2048, None),
    "Qwen3 30B-A3B, 2 RTX PRO 6000": (RTX, "qwen3-30b-a3b", 1, 2, 256, 4096, None),
}
LOADS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3]


def scenario(deployment, rate):
    (server, software), model, tensor, groups, sequences, tokens, blocks = deployment
    engine = {"model": model, "tensor_parallel": tensor, "data_parallel": groups,
              "asynchronous": True, "max_sequences": sequences, "max_tokens": tokens,
              "iteration": {"roofline": {"software": software}}}
    if blocks:
        engine["blocks"] = blocks
    return {
        "name": "goodput", "duration": "20 min", "warmup": "5 min",
        "regions": {"lab": {"racks": {"gpu": {"server": server, "count": 1}}}},
        "pools": {"gpu": {}},
        "workloads": {"llm": {
            "kind": "llm-inference", "demand": f"{rate} /s",
            "requests": {"generate": {"prompt": {"lognormal": {"mean": 860, "cv": 1}},
                                      "output": {"lognormal": {"mean": 650, "cv": 0.6}}}},
            "slo": {"ttft": "1 s", "tpot": "50 ms"},
            "engine": engine,
            "instance": {"accelerators": tensor * groups, "start": "0 s"},
            "replicas": {"min": 1, "max": 1}}}}


def run(hyperdc, home, deployment, rate):
    file = Path(home) / "goodput.json"
    file.write_text(json.dumps(scenario(deployment, rate)))
    out = subprocess.run([hyperdc, "run", str(file), "--format", "json"], check=True,
                         capture_output=True, text=True).stdout
    metrics = json.loads(out)["metrics"]
    return {key.removeprefix("workloads.llm."): value["value"] for key, value in metrics.items()}


def main():
    hyperdc = sys.argv[1]
    print("| deployment | saturation | " + " | ".join(f"{load:g}" for load in LOADS)
          + " | most goodput |\n|---|---|" + "---|" * (len(LOADS) + 1))
    with tempfile.TemporaryDirectory() as home:
        for name, deployment in DEPLOYMENTS.items():
            saturated = run(hyperdc, home, deployment, 40)["completed"] / 900
            row, best = [], (0, 0)
            for load in LOADS:
                share = run(hyperdc, home, deployment, load * saturated)["attainment"]
                row.append(f"{100 * share:.0f} %")
                best = max(best, (share * load * saturated, load))
            print(f"| {name} | {saturated:.2f}/s | " + " | ".join(row)
                  + f" | {best[0]:.2f}/s at {best[1]:g} |")


if __name__ == "__main__":
    main()
