"""`hyperdc sweep --engine slurm` through a real Slurm, which is started here in a temporary
directory, on ports of its own, and stopped at the end whatever happens. Tasks and the sweep itself
are killed; what is exported is always what threads make.

Usage: slurm_test.py HYPERDC
"""

import contextlib
import ctypes
import getpass
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "cluster"))

from common import Study  # noqa: E402

REPLICATIONS = 12
DURATION = "30000 s"


def end_with_parent():
    """In a child: SIGTERM when this process is gone, even if that was by SIGKILL (ctest does)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def wait_for(what, seconds, name):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{name}: not within {seconds} s")


def free_ports(number):
    with contextlib.ExitStack() as all_:
        sockets = [all_.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Slurm:
    """munged, slurmctld and slurmd as children of this process."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="hyperdc-slurm-")
        self.home = pathlib.Path(self.temporary.name)
        self.home.chmod(0o755)  # munge wants its socket within reach of all
        self.processes = []
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        for name in ("munge", "state", "spool"):
            (self.home / name).mkdir(mode=0o755)
        munge = self.home / "munge"
        (munge / "key").write_bytes(secrets.token_bytes(128))
        (munge / "key").chmod(0o400)
        ports = free_ports(2)
        words = {"HOST": socket.gethostname().split(".")[0], "USER": getpass.getuser(),
                 "HOME": str(self.home), "PORT1": str(ports[0]), "PORT2": str(ports[1])}
        text = (HERE / "slurm.conf.in").read_text()
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        conf = self.home / "slurm.conf"
        conf.write_text(text)
        self.environment = {**os.environ, "SLURM_CONF": str(conf)}
        self.daemon("munged", "--foreground", f"--socket={munge}/socket",
                    f"--key-file={munge}/key", f"--pid-file={munge}/pid",
                    f"--seed-file={munge}/seed")
        wait_for((munge / "socket").exists, 60, "munged")
        self.daemon("slurmctld", "-D", "-f", str(conf))
        wait_for(lambda: "UP" in self.ask("scontrol", "ping"), 60, "slurmctld")
        self.daemon("slurmd", "-D", "-f", str(conf))
        wait_for(lambda: self.ask("sinfo", "-h", "-o", "%T") == "idle", 60, "slurmd")

    def daemon(self, *command):
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        with open(self.home / f"{command[0]}.out", "w") as out:
            self.processes.append(subprocess.Popen(
                command, env={**getattr(self, "environment", os.environ), "PATH": path},
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                preexec_fn=end_with_parent))

    def ask(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True,
                              timeout=60).stdout.strip()

    def tasks(self):
        """(job_task, state) of all that is in the queue."""
        lines = self.ask("squeue", "-h", "-r", "-o", "%F_%K %T").split("\n")
        return [tuple(line.split()) for line in lines if line]

    def running(self):
        return sorted(task for task, state in self.tasks() if state == "RUNNING")

    def stop(self):
        if len(self.processes) == 3:
            with contextlib.suppress(Exception):
                self.ask("scancel", "-u", getpass.getuser())
                wait_for(lambda: not self.tasks(), 15, "an empty queue")
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        # Steps of jobs outlive their daemon for a moment: they are our children then.
        with contextlib.suppress(ChildProcessError):
            wait_for(self.reap, 20, "the end of all steps")
        self.temporary.cleanup()

    @staticmethod
    def reap():
        os.waitpid(-1, os.WNOHANG)  # ChildProcessError when there is none any more

    def logs(self):
        for name in ("munged.out", "slurmctld.log", "slurmd.log"):
            file = self.home / name
            if file.exists():
                print(f"---- {name}\n{file.read_text()[-3000:]}", file=sys.stderr)


def process_of(home, task):
    """The process of a task, by the shard that it writes."""
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if entry.name.isdigit() and any(
                    word.startswith(str(home)) and word.endswith(f"/shard-{task}.sqlite")
                    for word in words) and words[0].endswith("hyperdc"):
                return int(entry.name)
    return None


class Sweeps(Study):
    def __init__(self, hyperdc, slurm):
        super().__init__(hyperdc, replications=REPLICATIONS, duration=DURATION)
        self.slurm = slurm
        begin = time.monotonic()
        self.whole = self.local()
        print(f"{self.runs} runs by threads: {time.monotonic() - begin:.1f} s")
        self.options = ["--engine", "slurm", "--tasks", "2"]

    def start(self, out, *options):
        return subprocess.Popen(self.command(out, *options), cwd=self.home, text=True,
                                env=self.slurm.environment, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def end(self, process, out, code=0):
        text, said = process.communicate(timeout=100)
        assert process.returncode == code, (process.returncode, text, said)
        if code == 0:
            assert self.export(out) == self.whole, "other bytes than threads"
            print(f"{out}: the same {len(self.whole)} bytes")
        return said

    def leftovers(self, out):
        return sorted(one.name for one in self.home.glob(f"{out}.slurm/*"))


def tasks_are_killed(sweeps, slurm):
    sweep = sweeps.start("lost.sqlite")
    wait_for(lambda: len(slurm.running()) == 2, 60, "two running tasks")
    victim = wait_for(lambda: process_of(sweeps.home, 1), 60, "the process of a task")
    os.kill(victim, signal.SIGKILL)
    slurm.ask("scancel", slurm.running()[0])
    said = sweeps.end(sweep, "lost.sqlite")
    assert "lost with task 0" in said and "lost with task 1" in said, said
    assert "CANCELLED" in said and "again" in said, said
    assert sweeps.leftovers("lost.sqlite") == ["001"], "only the logs of what was lost are kept"


def sweep_is_killed(sweeps, slurm):
    sweep = sweeps.start("killed.sqlite")
    job = wait_for(slurm.running, 60, "a running task")[0].split("_")[0]
    sweep.kill()
    sweep.communicate()
    said = sweeps.end(sweeps.start("killed.sqlite", "--resume"), "killed.sqlite")
    assert f"job {job} of an earlier sweep is still in the queue" in said, said
    assert " tasks for " not in said, "it was submitted again: " + said
    assert sweeps.leftovers("killed.sqlite") == []


def sweep_is_interrupted(sweeps, slurm):
    sweep = sweeps.start("stopped.sqlite")
    wait_for(slurm.running, 60, "a running task")
    wait_for(lambda: process_of(sweeps.home, 0), 60, "the process of a task")
    sweep.send_signal(signal.SIGINT)
    said = sweeps.end(sweep, "stopped.sqlite", code=130)
    assert "cancelling job" in said, said
    assert slurm.tasks() == [], "its tasks are still there"
    sweeps.end(sweeps.start("stopped.sqlite", "--resume"), "stopped.sqlite")


def options_are_refused(sweeps, slurm):
    sweep = sweeps.start("none.sqlite", "--sbatch-option=--partition=none")
    said = sweeps.end(sweep, "none.sqlite", code=3)
    assert "Slurm did not take the job" in said and "partition" in said, said
    assert slurm.tasks() == []


def main():
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans of Slurm become our children
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that Slurm is stopped
    begin = time.monotonic()
    with Slurm() as slurm:
        try:
            print(f"Slurm is up after {time.monotonic() - begin:.1f} s")
            sweeps = Sweeps(sys.argv[1], slurm)
            for case in (tasks_are_killed, sweep_is_killed, sweep_is_interrupted,
                         options_are_refused):
                case(sweeps, slurm)
                print(f"{case.__name__}: passed, {time.monotonic() - begin:.1f} s in all")
        except BaseException:
            slurm.logs()
            raise


main()
