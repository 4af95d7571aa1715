"""How well sweeps use two cores, what a run costs beside its simulation, and how long it takes to
go on with 10,000 runs that are done. Not part of the CI.

Usage: studies.py HYPERDC [TURNS]
"""

import json
import os
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from queue_scenario import SCENARIO  # noqa: E402


def write_study(home, name, duration, replications):
    (home / f"{name}-base.json").write_text(json.dumps({**SCENARIO, "duration": duration}))
    study = {"name": name, "base": f"{name}-base.json", "seed": 1, "replications": replications,
             "vary": {"cores": {"at": "server_types.s.cores", "range": [7, 11, 1]}}}
    (home / f"{name}.json").write_text(json.dumps(study))
    return 5 * replications


def timed(command, home):
    """Wall and CPU seconds."""
    before, begin = os.times(), time.perf_counter()
    subprocess.run(command, cwd=home, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - begin, os.times()
    return wall, (after.children_user - before.children_user
                  + after.children_system - before.children_system)


def main():
    hyperdc = str(pathlib.Path(sys.argv[1]).resolve())
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)

        def sweep(study, jobs, *options):
            out = home / f"{study}.sqlite"
            if not options:
                out.unlink(missing_ok=True)
            return timed([hyperdc, "sweep", f"{study}.json", "--jobs", str(jobs), *options], home)

        runs = write_study(home, "work", "100000 s", 4)
        efficiencies, inflations = [], []
        for _ in range(turns):  # in turns: both see the same neighbours
            (wall1, cpu1), (wall2, cpu2) = sweep("work", 1), sweep("work", 2)
            efficiencies.append(wall1 / wall2 / 2)
            inflations.append(cpu2 / cpu1)
        print(f"{runs} runs of {1e3 * cpu1 / runs:.0f} ms, two workers against one, {turns} turns")
        print(f"  parallel efficiency, wall     median {statistics.median(efficiencies):.2f}, "
              f"best {max(efficiencies):.2f}   target 0.9")
        print(f"  CPU time of both to one       median {statistics.median(inflations):.2f}")

        runs = write_study(home, "tiny", "1 s", 400)
        overheads = []
        for _ in range(turns):
            _, cpu = sweep("tiny", 2)
            with sqlite3.connect(home / "tiny.sqlite") as store:
                (inside,) = store.execute("SELECT sum(cpu_s) FROM run").fetchone()
            overheads.append(1e3 * (cpu - inside) / runs)
        print(f"{runs} runs of {1e3 * inside / runs:.3f} ms, ms of CPU a run beside them: "
              f"median {statistics.median(overheads):.3f}, {turns} turns   target 1")

        runs = write_study(home, "tiny", "1 s", 2000)
        sweep("tiny", 2, "--resume")
        resumed = [sweep("tiny", 2, "--resume") for _ in range(turns)]
        print(f"{runs} runs that are done, s to go on with them: median "
              f"{statistics.median(wall for wall, _ in resumed):.2f} wall, "
              f"{statistics.median(cpu for _, cpu in resumed):.2f} CPU   target 1")


main()
