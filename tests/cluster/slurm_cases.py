"""`hyperdc sweep --engine slurm` against a Slurm that is made up (fake_slurm.py): what is lost,
refused, killed and interrupted, at the moments that a real one does not show on demand.

Usage: slurm_cases.py HYPERDC [CASE]
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from common import Study

HERE = pathlib.Path(__file__).parent


class Cluster(Study):
    def __init__(self, hyperdc, **options):
        super().__init__(hyperdc, **options)
        self.state = pathlib.Path(self.temporary.name) / "slurm"
        (self.state / "jobs").mkdir(parents=True)
        programs = self.state / "bin"
        programs.mkdir()
        for name in ("sbatch", "squeue", "scancel"):
            shutil.copy(HERE / "fake_slurm.py", programs / name)
            (programs / name).chmod(0o755)
        self.environment = {"PATH": f"{programs}:{os.environ['PATH']}",
                            "FAKE_SLURM": str(self.state)}
        self.options = ["--engine", "slurm", "--tasks", "3"]

    def set(self, name, value):
        new = self.state / f"{name}.set"
        new.write_text(json.dumps(value))
        new.replace(self.state / name)

    def slurm(self, *options, code=0):
        return self.sweep("slurm.sqlite", *options, code=code, environment=self.environment)

    def start(self, *options):
        return subprocess.Popen(self.command("slurm.sqlite", *options), cwd=self.home,
                                env={**os.environ, **self.environment}, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def jobs(self):
        return sorted((self.state / "jobs").iterdir())

    def states(self, job):
        return {task: state[0] for task, state in json.loads((job / "states").read_text()).items()}

    def wait(self, what):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if what():
                return
            time.sleep(0.02)
        raise AssertionError("it did not come to that")

    def check_whole(self):
        self.options = []
        assert self.export("slurm.sqlite") == self.local(), "other bytes than threads"
        assert not (self.home / "slurm.sqlite.slurm").exists(), "submissions were left behind"


def plain(hyperdc):
    """All paths and values reach the tasks as they are; the result is that of threads."""
    cluster = Cluster(hyperdc, home="a 'b' \"c\" $(touch made) %a;\n#SBATCH --bad")
    done = cluster.slurm("--set=description=\"it's $(touch made) `touch made`\"", "--seed=7",
                         "--sbatch-option=--time=5", "--sbatch-option=-plong", "--jobs=2")
    assert "job 100: 3 tasks for 12 runs" in done.stderr, done.stderr
    assert not list(cluster.home.parent.rglob("made")), "a shell read the words"
    said = json.loads((cluster.jobs()[0] / "options").read_text())
    assert {"--time=5", "-plong", "--cpus-per-task=2", "--array=0-2"} <= set(said), said
    cluster.options = ["--set=description=\"it's $(touch made) `touch made`\"", "--seed=7"]
    assert cluster.export("slurm.sqlite") == cluster.local()


def lost(hyperdc):
    """A task that is lost twice is submitted again; one lost three times is reported."""
    cluster = Cluster(hyperdc)
    cluster.set("lose", {"1": 2})
    done = cluster.slurm()
    assert done.stderr.count("4 runs were lost with task 1 of job 100 (NODE_FAIL)") == 1
    assert "submitting 4 runs again" in done.stderr, done.stderr
    # The second time the lost runs are spread over three tasks: 2 of 4, 1, 1.
    assert "1 run was lost with task 1 of job 101" in done.stderr, done.stderr
    assert len(cluster.jobs()) == 3
    cluster.options = []
    assert cluster.export("slurm.sqlite") == cluster.local()


def always_lost(hyperdc):
    """What stays lost is reported with its seed; the next sweep does it."""
    cluster = Cluster(hyperdc)
    cluster.options = ["--engine", "slurm", "--tasks", "12"]
    cluster.set("lose", {"0": 3})
    done = cluster.slurm(code=3)
    assert "7 (seed 1): lost 3 times, the last time with task 0" in done.stderr, done.stderr
    assert "log-0.txt" in done.stderr and "1 failed" in done.stdout, done.stdout
    cluster.slurm("--resume")
    cluster.options = []
    assert cluster.export("slurm.sqlite") == cluster.local()


def refused(hyperdc):
    """squeue may fail for a while; sbatch that fails at once ends it."""
    cluster = Cluster(hyperdc)
    cluster.set("refuse", 9)
    done = cluster.slurm(code=3)
    assert "Slurm did not take the job" in done.stderr, done.stderr
    assert "Unable to contact slurm controller" in done.stderr and "--resume" in done.stderr
    cluster.set("refuse", 0)
    cluster.set("hold", True)
    sweep = cluster.start("--resume")
    cluster.wait(cluster.jobs)
    cluster.set("refuse", 2)
    cluster.wait(lambda: json.loads((cluster.state / "refuse").read_text()) == 0)
    (cluster.state / "hold").unlink()
    out, err = sweep.communicate(timeout=60)
    assert sweep.returncode == 0, err
    assert "Slurm does not answer" in err and "Slurm answers again" in err, err
    cluster.check_whole()


def missing(hyperdc):
    """Without Slurm's programs, and with wrong options, nothing is written."""
    cluster = Cluster(hyperdc)
    cluster.environment["PATH"] = str(cluster.home)
    done = cluster.slurm(code=2)
    assert "there is no sbatch in PATH" in done.stderr, done.stderr
    for options, message in (
        (["--sbatch-option=long"], "is no option of sbatch"),
        (["--sbatch-option=--array=1"], "is what the sweep says itself"),
        (["--part", "0/2"], "where it is started"),
        (["--dry-run"], "only --engine kubernetes has it"),
    ):
        done = cluster.slurm(*options, code=2)
        assert message in done.stderr, done.stderr
    assert not list(cluster.home.glob("slurm.sqlite*"))


def killed(hyperdc):
    """A sweep that was killed: the next waits for what is in the queue, and submits nothing."""
    cluster = Cluster(hyperdc)
    cluster.set("hold", True)
    sweep = cluster.start()
    cluster.wait(cluster.jobs)
    sweep.kill()
    sweep.communicate()
    second = cluster.start("--resume")
    time.sleep(1)
    assert second.poll() is None
    (cluster.state / "hold").unlink()
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert "job 100 of an earlier sweep is still in the queue" in err, err
    assert len(cluster.jobs()) == 1
    cluster.check_whole()


def ended_meanwhile(hyperdc):
    """What tasks did after the sweep was killed is taken over; the rest is submitted."""
    cluster = Cluster(hyperdc)
    cluster.set("lose", {"2": 1})
    cluster.set("hold", True)
    sweep = cluster.start()
    cluster.wait(cluster.jobs)
    sweep.kill()
    sweep.communicate()
    (cluster.state / "hold").unlink()
    cluster.wait(lambda: set(cluster.states(cluster.jobs()[0]).values())
                 == {"COMPLETED", "NODE_FAIL"})
    done = cluster.slurm("--resume")
    assert "job 101: 3 tasks for 4 runs" in done.stderr, done.stderr
    cluster.check_whole()


def interrupted(hyperdc):
    """Ctrl-C cancels the job, keeps what is done, and exits with 130."""
    # Long enough that the second task runs when the first is seen to have ended.
    cluster = Cluster(hyperdc, replications=20, duration="20000 s")
    cluster.options = ["--engine", "slurm", "--tasks", "2"]
    sweep = cluster.start()
    cluster.wait(lambda: cluster.jobs() and "COMPLETED" in cluster.states(cluster.jobs()[0])
                 .values())
    sweep.send_signal(signal.SIGINT)
    out, err = sweep.communicate(timeout=60)
    assert sweep.returncode == 130, err
    assert "cancelling job 100" in err and "done now" in out and "--resume" in out, (out, err)
    assert "CANCELLED" in cluster.states(cluster.jobs()[0]).values()
    cluster.slurm("--resume")
    cluster.check_whole()


def changed(hyperdc):
    """A task whose study is not the one that was listed says so."""
    study = Study(hyperdc)
    (study.home / "keys.txt").write_text("0123\n")
    done = study.sweep("part.sqlite", "--runs", "keys.txt", code=2)
    assert "1 of 1 keys are of no run of this study" in done.stderr, done.stderr
    assert not (study.home / "part.sqlite").exists()


CASES = [plain, lost, always_lost, refused, missing, killed, ended_meanwhile, interrupted, changed]

for case in CASES:
    if len(sys.argv) < 3 or case.__name__ == sys.argv[2]:
        case(sys.argv[1])
        print(f"{case.__name__}: {case.__doc__}")
