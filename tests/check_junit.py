"""Reads the JUnit XML of a checked suite with a parser of XML: names that XML has to escape come
back as they were, and each kind of outcome is where CI services look for it.

Usage: check_junit.py HYPERDC SUITE
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ODD = "a & b <c> \"d\" 'e' \t\n]]> é"


def check(hyperdc, *arguments):
    return subprocess.run(
        [hyperdc, "check", *arguments], capture_output=True, text=True, timeout=120
    ).returncode


def cases_of(path):
    suites = ElementTree.parse(path).getroot()
    assert suites.tag == "testsuites", suites.tag
    (suite,) = suites
    cases = suite.findall("testcase")
    for level in (suites, suite):
        assert int(level.get("tests")) == len(cases)
        for kind, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(level.get(kind)) == sum(c.find(tag) is not None for c in cases), kind
    for case in cases:
        assert float(case.get("time")) >= 0 and int(case.get("line")) >= 1
        assert pathlib.Path(case.get("file")).stem == case.get("name")
        assert str(pathlib.Path(case.get("file")).parent) == case.get("classname")
    return {case.get("name"): case for case in cases}


def properties(case):
    return {p.get("name"): p.get("value") for p in case.iter("property")}


def main(hyperdc, suite):
    with tempfile.TemporaryDirectory() as home:
        folder = pathlib.Path(home, ODD)
        folder.mkdir()
        for name in ("queue", "storefront-day"):
            shutil.copy(pathlib.Path(suite, name + ".json"), folder)
            shutil.copy(pathlib.Path(suite, name + ".baseline.json"), folder)
        shutil.copy(pathlib.Path(suite, "queue.json"), folder / (ODD + ".json"))
        report = pathlib.Path(home, "junit.xml")

        assert check(hyperdc, str(folder), "--junit", str(report)) == 1
        cases = cases_of(report)
        assert set(cases) == {ODD, "queue", "storefront-day"}, list(cases)
        assert cases["queue"].find("failure") is None
        assert len(properties(cases["storefront-day"])["fingerprint"]) == 16
        failure = cases[ODD].find("failure")
        assert failure.get("type") == "baseline" and failure.get("message") == "no baseline"

        shop = folder / "storefront-day.json"
        text = shop.read_text()
        shop.write_text(text.replace('"at_least": 0.9', '"at_least": 0.9999'))
        (folder / (ODD + ".json")).unlink()
        assert check(hyperdc, str(folder), "--junit", str(report)) == 1
        case = cases_of(report)["storefront-day"]
        failure = case.find("failure")
        assert failure.get("type") == "objective"
        line = shop.read_text().splitlines()[int(case.get("line")) - 1]
        assert "0.9999" in line, line
        assert "workloads.shop.attainment" in failure.text

        shop.write_text(text.replace('"autoscaler"', '"autoscaller"'))
        assert check(hyperdc, str(folder), "--junit", str(report)) == 2
        cases = cases_of(report)
        assert cases["storefront-day"].find("error").get("type") == "invalid"
        assert "autoscaller" in cases["storefront-day"].find("error").text
        assert "not run" in cases["queue"].find("skipped").get("message")

        shop.unlink()
        (folder / "storefront-day.baseline.json").unlink()
        (folder / "study.json").write_text('{"name": "s", "base": "queue.json"}')
        assert check(hyperdc, str(folder), "--junit", str(report)) == 0
        assert "a study" in cases_of(report)["study"].find("skipped").get("message")
        assert not [p for p in pathlib.Path(home).iterdir() if p.name.startswith(".")]


if __name__ == "__main__":
    main(*sys.argv[1:])
