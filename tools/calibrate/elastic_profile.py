#!/usr/bin/env python3
"""Joins measured profiles of elastic training into the two tables that hyperdc reads.

The artefact of Pollux (OSDI'21) has a folder for each application with placements.csv,
scalability.csv and validation-BATCH.csv. This writes steps.csv.gz and progress.csv.gz: the same
rows behind the name of their application, numbers to seven digits, the metric left out. That of
Sia (SOSP'23) has placements-KIND.csv and scalability-KIND.csv too, of other accelerators: with KIND
the steps of those.

    elastic_profile.py TRACES OUTPUT [KIND]
"""
import csv
import gzip
import io
import pathlib
import sys


def short(text):
    return format(float(text), ".7g")


def steps(folder, suffix):
    for row in csv.DictReader(open(folder / f"placements{suffix}.csv")):
        yield [folder.name, row["placement"], "", "", short(row["local_bsz"]),
               short(row["step_time"]), short(row["sync_time"])]
    for row in csv.DictReader(open(folder / f"scalability{suffix}.csv")):
        yield [folder.name, "", row["num_nodes"], row["num_replicas"], short(row["local_bsz"]),
               short(row["step_time"]), short(row["sync_time"])]


def progress(folder):
    batches = sorted(int(path.stem.split("-")[1]) for path in folder.glob("validation-*.csv"))
    for batch in batches:
        for row in csv.DictReader(open(folder / f"validation-{batch}.csv")):
            yield [folder.name, batch, short(row["progress"]), short(row["iteration"]),
                   short(row["grad_sqr"]), short(row["grad_var"])]


def write(path, header, rows):
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    with open(path, "wb") as out:
        with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
            packed.write(text.getvalue().encode())


def main():
    traces, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    suffix = f"-{sys.argv[3]}" if len(sys.argv) > 3 else ""
    folders = sorted(path.parent for path in traces.glob(f"*/placements{suffix}.csv"))
    write(output / "steps.csv.gz",
          ["application", "placement", "num_nodes", "num_replicas", "local_bsz", "step_time",
           "sync_time"], (row for folder in folders for row in steps(folder, suffix)))
    write(output / "progress.csv.gz",
          ["application", "batch_size", "progress", "iteration", "grad_sqr", "grad_var"],
          (row for folder in folders for row in progress(folder)))


main()
