#!/usr/bin/env python3
"""sbatch, squeue and scancel of a cluster that does what a test wants, by the name that it is
called by. $FAKE_SLURM is a directory:

  jobs/ID/       name, tasks, states (task: state and pid)
  refuse         squeue and sbatch fail, and count down what it holds
  lose           lines "TASK TIMES": the task is lost so often, without having run
  hold           tasks wait until this file is gone
"""

import fcntl
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

HOME = pathlib.Path(os.environ["FAKE_SLURM"])
LIVE = ("PENDING", "RUNNING")


def locked():
    lock = open(HOME / "lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def read(path, otherwise=None):
    return json.loads(path.read_text()) if path.exists() else otherwise


def write(path, value):
    """All or nothing, for those who read without the lock."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(value))
    new.replace(path)


def set_state(job, task, state, pid=0):
    with locked():
        path = HOME / "jobs" / job / "states"
        states = read(path)
        if states[task][0] == "CANCELLED":
            return False
        states[task] = [state, pid]
        write(path, states)
    return True


def refused():
    with locked():
        left = read(HOME / "refuse", 0)
        if left > 0:
            write(HOME / "refuse", left - 1)
    if left > 0:
        print("slurm_load_jobs error: Unable to contact slurm controller", file=sys.stderr)
    return left > 0


def is_lost(task):
    with locked():
        lost = read(HOME / "lose", {})
        if lost.get(task, 0) == 0:
            return False
        lost[task] -= 1
        write(HOME / "lose", lost)
    return True


def run_tasks(job, tasks, script, log):
    for task in tasks:
        while (HOME / "hold").exists():
            time.sleep(0.02)
        if is_lost(task):
            set_state(job, task, "NODE_FAIL")
            continue
        path = re.sub("%(.)", lambda found: {"a": task, "%": "%"}[found[1]], log, flags=re.S)
        with open(path, "w") as out:
            process = subprocess.Popen(
                ["/bin/sh", script], env={**os.environ, "SLURM_ARRAY_TASK_ID": task},
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        if not set_state(job, task, "RUNNING", process.pid):
            process.terminate()
        set_state(job, task, "COMPLETED" if process.wait() == 0 else "FAILED")


def sbatch(arguments):
    if refused():
        return 1
    words = (re.match(r"--([^=]+)=?(.*)", one, re.S) for one in arguments[:-1])
    options = dict(word.groups() for word in words if word)
    tasks = [str(i) for i in range(int(options["array"].split("-")[1]) + 1)]
    with locked():
        job = str(100 + len(list((HOME / "jobs").iterdir())))
        home = HOME / "new"
        home.mkdir()
        (home / "name").write_text(options["job-name"])
        write(home / "options", arguments)
        write(home / "states", {task: ["PENDING", 0] for task in tasks})
        home.rename(HOME / "jobs" / job)
    print(job, flush=True)
    if os.fork() == 0:
        os.setsid()
        nothing = os.open("/dev/null", os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        run_tasks(job, tasks, arguments[-1], options["output"])
    return 0


def jobs_of(arguments):
    name = next(one.split("=", 1)[1] for one in arguments if one.startswith("--name="))
    return [job for job in (HOME / "jobs").iterdir() if (job / "name").read_text() == name]


def squeue(arguments):
    assert "--format=%F|%K|%T" in arguments
    if refused():
        return 1
    with locked():
        for job in jobs_of(arguments):
            for task, state in read(job / "states").items():
                print(f"{job.name}|{task}|{state[0]}")
    return 0


def scancel(arguments):
    with locked():
        for job in jobs_of(arguments):
            states = read(job / "states")
            for task, (state, pid) in states.items():
                if state in LIVE:
                    states[task] = ["CANCELLED", 0]
                if pid > 0 and state == "RUNNING":
                    os.kill(pid, signal.SIGTERM)
            write(job / "states", states)
    return 0


if __name__ == "__main__":
    programs = {"sbatch": sbatch, "squeue": squeue, "scancel": scancel}
    sys.exit(programs[pathlib.Path(sys.argv[0]).name](sys.argv[1:]))
