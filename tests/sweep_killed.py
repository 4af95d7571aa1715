"""Kills a sweep at random moments and goes on with it, until it is done; what it exports then must
be what a sweep exports that nobody killed, for 1, 2 and 7 workers.

Usage: sweep_killed.py HYPERDC RUNS KILLS
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
from queue_scenario import SCENARIO  # noqa: E402


def study(runs):
    return {
        "name": "killed",
        "base": "queue.json",
        "seed": 1,
        "replications": runs // 5,
        "vary": {"cores": {"at": "server_types.s.cores", "range": [7, 11, 1]}},
    }


def main():
    hyperdc, runs, kills = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(int(time.time()))
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        (home / "queue.json").write_text(json.dumps({**SCENARIO, "duration": "3000 s"}))
        (home / "study.json").write_text(json.dumps(study(runs)))

        def sweep(out, jobs):
            return [hyperdc, "sweep", home / "study.json", "--out", home / out, "--resume",
                    "--jobs", str(jobs)]

        def export(out):
            return subprocess.run([hyperdc, "export", home / out], check=True,
                                  capture_output=True).stdout

        begin = time.time()
        subprocess.run(sweep("whole", 2), check=True, capture_output=True)
        took = time.time() - begin
        whole = export("whole")
        assert whole.count(b'"seed":') == runs, "the sweep is not whole"

        for jobs in (1, 2, 7):
            killed = 0
            for _ in range(kills if jobs == 2 else 2):
                run = subprocess.Popen(sweep(f"killed-{jobs}", jobs), stdout=subprocess.DEVNULL)
                time.sleep(chance.uniform(0.3, 1.0) * took / kills)
                killed += run.poll() is None
                run.kill()
                run.wait()
            subprocess.run(sweep(f"killed-{jobs}", jobs), check=True, capture_output=True)
            assert killed > 0, "every sweep was over before it could be killed"
            assert export(f"killed-{jobs}") == whole, f"{jobs} workers: other bytes"
            print(f"{jobs} workers: killed {killed} times, the same {len(whole)} bytes")


main()
