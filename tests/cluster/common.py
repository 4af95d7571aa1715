"""What the tests of sweeps on clusters share: a small study, and how a sweep is called."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from queue_scenario import SCENARIO  # noqa: E402


class Study:
    """A study in a directory of its own, with the bytes that threads make of it."""

    def __init__(self, hyperdc, replications=4, duration="300 s", home=None):
        self.hyperdc = os.path.abspath(hyperdc)
        self.temporary = tempfile.TemporaryDirectory(prefix="hyperdc-")
        self.home = pathlib.Path(self.temporary.name) / (home or "study")
        self.home.mkdir()
        self.runs = 3 * replications
        self.options = []
        (self.home / "queue.json").write_text(json.dumps({**SCENARIO, "duration": duration}))
        study = {"name": "queues", "base": "queue.json", "seed": 1, "replications": replications,
                 "vary": {"cores": {"at": "server_types.s.cores", "range": [7, 9, 1]}}}
        (self.home / "study.json").write_text(json.dumps(study))

    def command(self, out, *options):
        return [self.hyperdc, "sweep", "study.json", "--out", out, *self.options, *options]

    def sweep(self, out, *options, code=0, environment=None):
        """The process after it ended with this exit code."""
        done = subprocess.run(self.command(out, *options), cwd=self.home, capture_output=True,
                              text=True, timeout=110, env={**os.environ, **(environment or {})})
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done

    def export(self, out):
        bytes_ = subprocess.run([self.hyperdc, "export", out], cwd=self.home, check=True,
                                capture_output=True).stdout
        assert bytes_.count(b'"seed":') == self.runs, "the sweep is not whole"
        return bytes_

    def local(self):
        self.sweep("local.sqlite", "--jobs", "2")
        return self.export("local.sqlite")
