"""Kills a plan at random moments and goes on with it, until it is done; what it answers and exports
then must be what a plan does that nobody stopped, and no run may be done twice. For 1 and 2
workers, by SIGKILL and by Ctrl-C, and after "most" was changed.

Usage: plan_killed.py HYPERDC KILLS
"""

import json
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
from queue_scenario import SCENARIO  # noqa: E402


def study(most):
    return {
        "name": "killed",
        "base": "queue.json",
        "seed": 1,
        "plan": {
            "knobs": {"cores": {"at": "server_types.s.cores", "range": [5, 20, 1]}},
            "objectives": [{"metric": "workloads.w.wait.mean", "at_most": "120 ms"}],
            "replications": {"first": 4, "most": most},
        },
    }


class Plans:
    def __init__(self, hyperdc, home):
        self.hyperdc, self.home = hyperdc, home

    def command(self, out, jobs):
        return [self.hyperdc, "plan", self.home / "study.json", "--out", self.home / out,
                "--resume", "--jobs", str(jobs), "--format", "json"]

    def kept(self, out):
        """Keys of the runs that are done; none while there is no table yet."""
        try:
            with sqlite3.connect(self.home / out, timeout=60) as db:
                return {key for (key,) in db.execute("SELECT key FROM run WHERE state = 'done'")}
        except sqlite3.OperationalError:
            return set()

    def finish(self, out, jobs):
        """The answer, after a check that only what was missing is done."""
        before = self.kept(out) if (self.home / out).exists() else set()
        run = subprocess.run(self.command(out, jobs), capture_output=True, check=True)
        text = run.stderr.decode()
        now = int(re.search(r"(\d+) done now", text).group(1))
        there = re.search(r"(\d+) done before", text)
        after = self.kept(out)
        assert before <= after, "a run was lost"
        assert now == len(after) - len(before), f"{now} runs for {len(after) - len(before)}: {text}"
        assert not before or int(there.group(1)) <= len(before)
        return run.stdout, now

    def stop(self, out, jobs, after_s, how):
        """True: it was under way."""
        run = subprocess.Popen(self.command(out, jobs), stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
        time.sleep(after_s)
        run.send_signal(how)
        said = run.communicate()[1].decode()
        if how == signal.SIGINT and run.returncode == 130:
            assert "go on: hyperdc plan" in said, said
        return run.returncode in (-signal.SIGKILL, 130)

    def export(self, out):
        return subprocess.run([self.hyperdc, "export", self.home / out], check=True,
                              capture_output=True).stdout


def main():
    hyperdc, kills = sys.argv[1], int(sys.argv[2])
    chance = random.Random(int(time.time()))
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        (home / "queue.json").write_text(json.dumps({**SCENARIO, "duration": "2000 s"}))
        (home / "study.json").write_text(json.dumps(study(16)))
        plans = Plans(hyperdc, home)
        begin = time.time()
        whole, runs = plans.finish("whole", 1)
        took = time.time() - begin
        assert json.loads(whole)["runs"] == runs
        assert plans.finish("whole", 2) == (whole, 0), "a plan that is done does nothing again"
        exported = plans.export("whole")
        assert exported.count(b'"seed":') == runs, "not all runs are exported"

        for jobs in (1, 2):
            stopped = 0
            for i in range(kills):
                how = signal.SIGINT if i % 3 == 2 else signal.SIGKILL
                after_s = chance.uniform(0.05, 0.25) * took
                stopped += plans.stop(f"killed-{jobs}", jobs, after_s, how)
            answer, now = plans.finish(f"killed-{jobs}", jobs)
            assert stopped > 0, "every plan was over before it could be stopped"
            assert answer == whole, f"{jobs} workers: another answer"
            assert plans.export(f"killed-{jobs}") == exported, f"{jobs} workers: other bytes"
            print(f"{jobs} workers: stopped {stopped} times, {runs - now} of {runs} runs kept")

        (home / "study.json").write_text(json.dumps(study(32)))
        longer, now = plans.finish("killed-2", 2)
        assert (longer, json.loads(longer)["runs"]) == plans.finish("longer", 2)
        assert plans.export("killed-2") == plans.export("longer")
        print(f"twice as many seeds: {now} of {json.loads(longer)['runs']} runs done")


main()
