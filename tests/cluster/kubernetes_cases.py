"""The Job that `hyperdc sweep --engine kubernetes --dry-run` prints: it is what the schema of
Kubernetes allows, and its command, run here for each index as Kubernetes would, does the study.

Usage: kubernetes_cases.py HYPERDC JOB_SCHEMA
"""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema

from common import Study

TASKS = 3
OPTIONS = ["--engine", "kubernetes", "--tasks", str(TASKS), "--image", "lab/hyperdc:1",
           "--claim", "studies"]


def expanded(text, variables):
    """What the kubelet makes of an argument: $(NAME) is the variable, $$ is $."""
    def value(found):
        if found[0] == "$$":
            return "$"
        return variables.get(found[1], found[0])
    return re.sub(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_]*)\)", value, text)


def main():
    hyperdc, schema = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text())
    study = Study(hyperdc, home="a 'b' $(JOB_COMPLETION_INDEX) $$c")
    description = "--set=description=\"$(JOB_COMPLETION_INDEX) $$ $(HOME)\""
    study.options = [description]
    done = study.sweep("out.sqlite", *OPTIONS, "--dry-run", "--jobs", "2")
    job = json.loads(done.stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(job)
    for path, wrong in ((("spec", "completionMode"), "indexed"), (("spec", "completion"), 3)):
        broken = json.loads(done.stdout)
        broken[path[0]][path[1]] = wrong
        assert not jsonschema.Draft7Validator(schema).is_valid(broken), "a schema that takes all"

    spec = job["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == (
        "Indexed", TASKS, TASKS), spec
    pod = spec["template"]["spec"]
    # backoffLimitPerIndex is only allowed with it.
    assert pod["restartPolicy"] == "Never" and spec["backoffLimitPerIndex"] == 2
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?", job["metadata"]["name"])
    container = pod["containers"][0]
    assert container["image"] == "lab/hyperdc:1"
    assert container["resources"] == {"requests": {"cpu": "2"}}
    assert pod["volumes"] == [{"name": "study", "persistentVolumeClaim": {"claimName": "studies"}}]
    assert container["volumeMounts"] == [{"name": "study", "mountPath": str(study.home)}]
    assert not list(study.home.glob("*.sqlite")), "a dry run wrote something"

    for index in range(TASKS):
        words = [expanded(word, {"JOB_COMPLETION_INDEX": str(index)})
                 for word in container["command"] + container["args"]]
        assert words[0] == "hyperdc"
        for _ in range(2):  # a pod may be started again
            subprocess.run([study.hyperdc, *words[1:]], cwd="/", check=True, capture_output=True)
    assert len(list(study.home.glob("out.shard-?.sqlite"))) == TASKS
    study.options = [description]
    done = study.sweep("out.sqlite", "--collect", "out.shard-*.sqlite")
    assert done.stderr.count(f"{study.runs // TASKS} runs taken over") == TASKS, done.stderr
    assert ", 0 done now" in done.stdout, done.stdout
    assert study.export("out.sqlite") == study.local()
    print(f"{TASKS} indices, {study.runs} runs, the same bytes as threads")

    done = study.sweep("no.sqlite", *OPTIONS, code=2)
    assert "kubectl apply -f -" in done.stderr and "--collect" in done.stderr, done.stderr
    done = study.sweep("no.sqlite", "--engine", "kubernetes", "--dry-run", code=2)
    assert "--image" in done.stderr and "--claim" in done.stderr, done.stderr
    done = study.sweep("/elsewhere/no.sqlite", *OPTIONS, "--dry-run", code=2)
    assert "/elsewhere/no.sqlite does not lie under" in done.stderr, done.stderr


main()
