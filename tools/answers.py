#!/usr/bin/env python3
"""Writes docs/answers: one page for each file of scenarios/studies/answers.

  tools/answers.py [--check] [--hyperdc build/release/hyperdc] [--stores DIR] [Q7 ...]

A page holds the question, the answer with numbers and intervals, the table behind it, the
assumptions and what it does not say. Runs that a store of DIR (default build/answers) has are not
done again. --check runs nothing: each file must name studies, variations and units that exist (the
studies are listed, not run), and have a page.

An answer file is JSON:
  question, asks       "Q7" and its words
  studies              name: path of a study, from the file
  answer               paragraphs. {STUDY:VARIATION|METRIC|UNIT} is the mean and the half width of
                       its 95 % interval over the seeds; VARIATION - OTHER the paired difference,
                       least HEAD* (in place of a number) what * stands for in the variation whose
                       mean is least, beside HEAD* how much more its neighbours' means are,
                       VARIATION / OTHER the mean of the paired ratios, and any of these * FACTOR
                       (120/180) times it. METRIC@p95 is the quantile over the seeds instead
                       (nearest rank; 95 % interval by order statistics), METRIC@q95 the same
                       without an interval (a range over draws that is itself the answer),
                       METRIC * FACTOR so many times it, in tables too. UNIT is of UNITS below.
                       METRIC may be METRIC - METRIC, of two plans of one run, too; "plan least
                       VARIATION" (in place of a number) is the row of the tables whose METRIC is
                       least, of rows VARIATION@PLAN, with PLAN in place of the metric's *; with
                       |UNIT it is the mean itself
                       {most STUDY:VARIATION|METRIC|N} is the bound that the share of misses is
                       below with 95 % confidence (Clopper and Pearson, one-sided; of n without a
                       miss about 3/n), METRIC the share met of N each seed; N/M where M - N more
                       are met for sure
  tables               list of {study, title, columns: [[METRIC, UNIT, HEAD], ...],
                       rows: {VARIATION: NAME}}; a row VARIATION@PLAN has PLAN in place of the * of
                       each METRIC
  fits                 name: {study, title, sizes: {VARIATION: x}, metrics: [[METRIC, HEAD], ...]}:
                       the exponent b of METRIC ~ x^b by least squares on logarithms of the means
                       of the sizes, its 95 % interval (Student's t of sizes - 2 degrees), and the
                       slope of each step alone over its seeds. Sizes of which the mean is 0 are
                       left out, and it is said which went in. {exponent NAME|METRIC} of answer is
                       b, {slopes NAME|METRIC} those of the steps
  assumptions, unsaid  lists of sentences
"""
import argparse
import csv
import fractions
import io
import json
import math
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "scenarios/studies/answers"
PAGES = ROOT / "docs/answers"
# name: (factor to the unit, text behind the number)
UNITS = {
    "": (1, ""), "x": (1, " times"), "%": (100, " %"), "k": (1e-3, " thousand"),
    "M": (1e-6, " million"), "s": (1, " s"), "ms": (1e3, " ms"), "min": (1 / 60, " min"),
    "h": (1 / 3600, " h"), "d": (1 / 86400, " d"), "y": (1 / 31536000, " y"),
    "USD": (1, " USD"), "kUSD": (1e-3, " kUSD"), "MUSD": (1e-6, " MUSD"),
    "GUSD": (1e-9, " GUSD"), "kW": (1e-3, " kW"), "MW": (1e-6, " MW"),
    "kWh": (1 / 3.6e6, " kWh"), "MWh": (1 / 3.6e9, " MWh"), "kg": (1, " kg"), "t": (1e-3, " t"),
    "B": (1, " B"), "TB": (1e-12, " TB"), "PB": (1e-15, " PB"), "Gbit/s": (8e-9, " Gbit/s"),
    "1e26": (1e-26, ""), "accelerator h": (1 / 3600, " accelerator-hours"),
}


def beyond(t, degrees):
    """P(|T| > t) of Student's T by the continued fraction of the incomplete beta function."""
    x, a, b = degrees / (degrees + t * t), degrees / 2, 0.5
    swap = x > (a + 1) / (a + b + 2)
    if swap:
        x, a, b = 1 - x, b, a
    front = 0.0
    if 0 < x < 1:
        logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        front = math.exp(logs + a * math.log(x) + b * math.log1p(-x)) / a
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    h = d
    for m in range(1, 500):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for top in (even, odd):
            d = 1 / (1 + top * d)
            c = 1 + top / c
            h *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return 1 - front * h if swap else front * h


def student_t(degrees):
    """The t that is exceeded on either side in 5 % of the cases."""
    low, high = 0.0, 1e3
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if beyond(middle, degrees) > 0.05 else (low, middle)
    return high


def half_width(values):
    n = len(values)
    mean = sum(values) / n
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1))
    return student_t(n - 1) * deviation / math.sqrt(n)


def at_most(k, n, p):
    """P(X <= k) of a binomial X of n trials of p, 0 < p < 1."""
    return sum(math.exp(math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
                        + i * math.log(p) + (n - i) * math.log1p(-p)) for i in range(k + 1))


class Quantile(list):
    """The quantile of sorted runs by nearest rank, and the runs that hold it between them with
    95 % confidence whatever they are distributed like; None where there are too few."""

    def __init__(self, runs, q):
        n = len(runs)
        super().__init__(runs[math.ceil(n * q) - 1:][:1])
        below = [i for i in range(n) if at_most(i, n, q) <= 0.025]
        above = [i for i in range(n) if 1 - at_most(i, n, q) <= 0.025]
        self.low = runs[below[-1]] if below else None
        self.high = runs[above[0]] if above else None

    def between(self, factor):
        low, high = (None if v is None else number(v * factor, 0.0) for v in (self.low, self.high))
        if low and high:
            return f" [{low} to {high}]"
        return f" [at least {low}]" if low else f" [at most {high}]" if high else " [no interval]"


def most(shares, seen, of):
    """The p at which so few misses as these or fewer have a probability of 5 %; per seed `seen`
    are watched and `of` - `seen` met for sure."""
    n = of * len(shares)
    misses = round(sum((1 - share) * seen for share in shares))
    if misses == n:
        return 1.0
    low, high = misses / n, 1.0
    for _ in range(60):
        p = (low + high) / 2
        low, high = (p, high) if at_most(misses, n, p) > 0.05 else (low, p)
    return high


def exponent(points):
    """Slope of log y on log x and half of its 95 % interval; of (x, y) above 0."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    n = len(logs)
    mean_x, mean_y = (sum(part) / n for part in zip(*logs))
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread
    rest = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in logs)
    return slope, student_t(n - 2) * math.sqrt(rest / (n - 2) / spread) if n > 2 else 0.0


def of_sizes(study, metric, sizes):
    means = {x: study.of(name, metric) for name, x in sizes.items()}
    points = [(x, sum(values) / len(values)) for x, values in means.items() if sum(values) > 0]
    if len(points) < 2:
        sys.exit(f"{study.path.name}: {metric} is above 0 at fewer than two sizes")
    slope, half = exponent(points)
    went_in = ", ".join(f"{x:,}" for x, _ in points)
    return (f"{slope:.3f}" + (f" ± {half:.3f}" if half >= 0.0005 else "")
            + ("" if len(points) == len(sizes) else f" (of {went_in})"))


def fit_table(fit, study):
    steps = list(zip(fit["sizes"].items(), list(fit["sizes"].items())[1:]))
    heads = " | ".join(f"{a:,} to {b:,}" for (_, a), (_, b) in steps)
    out = [fit["title"], "", f"| | exponent | {heads} |", "|---" * (len(steps) + 2) + "|"]
    for metric, head in fit["metrics"]:
        ends = " | ".join(slope(study, metric, *step) for step in steps)
        out.append(f"| {head} | {of_sizes(study, metric, fit['sizes'])} | {ends} |")
    return out + [""]


def slope(study, metric, small, large):
    """Of log METRIC on log size from one (variation, size) to the next, over the seeds of both."""
    pairs = zip(study.of(small[0], metric), study.of(large[0], metric))
    span = math.log(large[1] / small[1])
    pairs = list(pairs)
    if not all(x > 0 and y > 0 for x, y in pairs):
        return "a seed has none"
    return text([math.log(y / x) / span for x, y in pairs], "")


def decimals(value, digits):
    """`value` to so many decimals, or to tens, hundreds ... where `digits` is negative."""
    return f"{round(value, digits) + 0.0:,.{max(0, digits)}f}"


def number(mean, half, behind=""):
    """`mean ± half`: two digits of the half width, six of the mean at most; half 0: no interval."""
    size = max(abs(mean), half)
    if size == 0:
        return f"0{behind}"
    power = math.floor(math.log10(size))
    if power >= 8 or power < -3:  # beyond what is read at a glance
        scaled = number(mean / 10 ** power, half / 10 ** power)
        return (f"({scaled})" if half else scaled) + f"e{power}{behind}"
    if half == 0:
        if mean == round(mean):
            return f"{mean:,.0f}{behind}"
        return decimals(mean, max(0, 3 - math.floor(math.log10(abs(mean))))) + behind
    digits = 1 - math.floor(math.log10(half))
    if mean != 0:
        digits = min(digits, 5 - math.floor(math.log10(abs(mean))))
    if half < 0.5 * 10.0 ** -digits:
        return f"{decimals(mean, digits)} ± <{decimals(10.0 ** -digits, digits)}{behind}"
    return f"{decimals(mean, digits)} ± {decimals(half, digits)}{behind}"


def either(value, size, apart):
    """One of two values of at most `size`, in the digits that tell them apart, six at most."""
    if not 1e-3 <= size < 1e8:
        return number(value, 0.0)
    return decimals(value, min(-math.floor(math.log10(apart)), 5 - math.floor(math.log10(size))))


def text(values, unit):
    """The mean with its interval; milliseconds that have grown long in s, min or h.

    Two values span an interval of one degree of freedom, 12.7 deviations wide: they are shown
    instead. Values that are all alike tell none (FOOT says so)."""
    if not values:
        return "no value"
    if unit == "ms":
        mean = abs(sum(values) / len(values))
        unit = next(of for of, least in (("h", 10800), ("min", 120), ("s", 10), ("ms", 0))
                    if mean >= least)
    factor, behind = UNITS[unit]
    if isinstance(values, Quantile):
        return number(values[0] * factor, 0.0) + values.between(factor) + behind
    values = [v * factor for v in values]
    mean = sum(values) / len(values)
    half = half_width(values) if len(values) > 1 else 0.0
    if half < 1e-9 * abs(mean):
        return number(mean, 0.0, behind)
    if len(values) == 2:
        low, high = (either(v, max(map(abs, values)), abs(values[0] - values[1]) / 2)
                     for v in sorted(values))
        return (low if low == high else f"{low} or {high}") + behind
    return number(mean, half, behind)


FOOT = ("Means over seeds with 95 % intervals by Student's t, `±` is half of one; `[a to b]` is "
        "that of a quantile over seeds, by order statistics; `a or b` are the values of two seeds, "
        "which tell no interval; a number alone is the same with every seed, which tells none "
        "either.")


class Study:
    def __init__(self, path, program, stores):
        self.path, self.program = path, program
        self.store = stores / (path.stem + ".sqlite")
        self.values = {}
        self.known = None

    def call(self, *words):
        done = subprocess.run([self.program, *words], capture_output=True, text=True, cwd=ROOT)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(words)}: {done.stderr}")
        return done.stdout

    def variations(self):
        if self.known is None:
            plan = json.loads(self.call("sweep", str(self.path), "--list", "--format", "json"))
            self.known = sorted({run["variation"] for run in plan["runs"]})
        return self.known

    def run(self):
        self.store.parent.mkdir(parents=True, exist_ok=True)
        self.call("sweep", str(self.path), "--resume", "--out", str(self.store))
        table = self.call("export", str(self.store), "--format", "csv")
        for row in csv.DictReader(io.StringIO(table)):
            if row["value"] != "":
                runs = self.values.setdefault((row["variation"], row["metric"]), {})
                runs[row["seed"]] = float(row["value"])

    def least(self, head, metric):
        """What follows `head` in the variation of the least mean, of those that begin so."""
        means = {name[len(head):]: sum(runs.values()) / len(runs)
                 for (name, of), runs in self.values.items()
                 if of == metric and name.startswith(head)}
        return min(means, key=means.get)

    def beside(self, head, metric, unit):
        """What the next lower and the next higher number in place of * cost more than the least."""
        found = self.least(head, metric)
        numbers = sorted(int(name[len(head):]) for name, of in self.values
                         if of == metric and name.startswith(head))
        at = numbers.index(int(found))
        return " and ".join(
            f"{text(self.of(f'{head}{n} - {head}{found}', metric), unit)} at {n} %"
            for n in numbers[max(0, at - 1):at + 2] if n != int(found))

    def of(self, what, metric):
        if "@" in what:
            what, plan = what.split("@")
            metric = re.sub(r"(?<! )\*|\*(?! )", plan, metric)

        def one(name):
            if " - " in metric:
                a, b = (self.values.get((name, of), {}) for of in metric.split(" - "))
                return {seed: a[seed] - b[seed] for seed in a if seed in b}
            return self.values.get((name, metric), {})
        if "@q" in metric:  # a range over draws that is itself the answer: no interval of it
            metric, part = metric.split("@q")
            return Quantile(sorted(self.of(what, metric)), int(part) / 100)[:1]
        if "@p" in metric:
            metric, part = metric.split("@p")
            return Quantile(sorted(self.of(what, metric)), int(part) / 100)
        if " * " in what:
            what, factor = what.split(" * ")
            return [float(fractions.Fraction(factor)) * x for x in self.of(what, metric)]
        if " * " in metric:
            metric, factor = metric.split(" * ")
            return [float(fractions.Fraction(factor)) * x for x in self.of(what, metric)]
        for sign in (" - ", " / "):
            if sign in what:
                a, b = (one(name.strip()) for name in what.split(sign))
                pairs = [(a[seed], b[seed]) for seed in a if seed in b]
                if sign == " / " and any(y == 0 for _, y in pairs):
                    return []
                return [x - y if sign == " - " else x / y for x, y in pairs]
        return list(one(what.strip()).values())


EXPONENT = re.compile(r"\{(exponent|slopes) ([^{}|]+)\|([^{}|]+)\}")
MOST = re.compile(r"\{most ([^{}|:]+):([^{}|]+)\|([^{}|]+)\|(\d+)(?:/(\d+))?\}")
PLACE = re.compile(r"\{([^{}|:]+):([^{}|]+)\|([^{}|]+)(?:\|([^{}|]*))?\}")


def page(spec, studies, name):
    def filled(match):
        if match[2].startswith("plan least "):
            study, head = studies[match[1]], match[2][len("plan least "):]
            labels = {}  # by plan, of rows of any variation of the study; those of `head` hold
            for table in spec["tables"]:
                if table["study"] != match[1]:
                    continue
                for row, label in table["rows"].items():
                    of, plan = row.split("@") if "@" in row else (row, None)
                    if plan and (of == head or plan not in labels):
                        labels[plan] = label
            runs = {label: study.of(f"{head}@{plan}", match[3]) for plan, label in labels.items()}
            runs = {label: values for label, values in runs.items() if values}
            if not runs:
                sys.exit(f"{name}: {match[0]} has no value in any row")
            best = min(runs, key=lambda label: sum(runs[label]) / len(runs[label]))
            return text(runs[best], match[4]) if match[4] else best
        if match[2].startswith("least "):
            return studies[match[1]].least(match[2][6:].rstrip("*"), match[3])
        if match[2].startswith("beside "):
            return studies[match[1]].beside(match[2][7:].rstrip("*"), match[3], match[4])
        values = studies[match[1]].of(match[2], match[3])
        if not values:
            sys.exit(f"{name}: {match[0]} has no value in any run")
        return text(values, match[4] or "")
    def bound(match):
        shares = studies[match[1]].of(match[2], match[3])
        return f"{100 * most(shares, int(match[4]), int(match[5] or match[4])):.2g} %"
    fits = spec.get("fits", {})

    def fitted(match):
        fit = fits[match[2]]
        study, sizes = studies[fit["study"]], fit["sizes"]
        if match[1] == "exponent":
            return of_sizes(study, match[3], sizes)
        return ", ".join(f"{slope(study, match[3], a, b)} from {a[1]:,} to {b[1]:,}"
                         for a, b in zip(sizes.items(), list(sizes.items())[1:]))
    out = [f"# {spec['question']}: {spec['asks']}", ""]
    for paragraph in spec["answer"]:
        out += [PLACE.sub(filled, MOST.sub(bound, EXPONENT.sub(fitted, paragraph))), ""]
    for table in spec.get("tables", []):
        if table.get("title"):
            out += [table["title"], ""]
        columns = table["columns"]
        out.append("| | " + " | ".join(head for _, _, head in columns) + " |")
        out.append("|---" * (len(columns) + 1) + "|")
        for variation, label in table["rows"].items():
            study = studies[table["study"]]
            cells = [text(study.of(variation, metric), unit) for metric, unit, _ in columns]
            out.append(f"| {label} | " + " | ".join(cells) + " |")
        out.append("")
    for fit in fits.values():
        out += fit_table(fit, studies[fit["study"]])
    for head, key in (("Assumptions", "assumptions"), ("What this does not say", "unsaid")):
        if spec.get(key):
            out += [f"## {head}", ""] + [f"- {line}" for line in spec[key]] + [""]
    paths = ", ".join(f"`{study.path.relative_to(ROOT)}`" for study in studies.values())
    out.append(f"{FOOT} From {paths} by `tools/answers.py {spec['question']}`.")
    (PAGES / f"{name}.md").write_text("\n".join(out) + "\n")


def check(spec, studies, name):
    words = " ".join(spec["answer"])
    words = MOST.sub(lambda place: f"{{{place[1]}:{place[2]}|{place[3]}|%}}", words)
    places = PLACE.findall(words)
    if not places:
        sys.exit(f"{name}: the answer has no number of a study")
    fits = spec.get("fits", {})
    for _, fit, metric in EXPONENT.findall(words):
        if metric not in [known for known, _ in fits.get(fit, {"metrics": []})["metrics"]]:
            sys.exit(f"{name}: there is no fit {fit!r} of {metric!r}")
    if "{" in PLACE.sub("", EXPONENT.sub("", words)):
        sys.exit(f"{name}: a place in braces is not STUDY:VARIATION|METRIC|UNIT")
    units = [unit for _, _, _, unit in places]
    units += [unit for table in spec.get("tables", []) for _, unit, _ in table["columns"]]
    for unit in units:
        if unit not in UNITS:
            sys.exit(f"{name}: no unit {unit!r}; known are {', '.join(UNITS)}")
    asked = [(study, what) for study, what, _, _ in places]
    asked += [(table["study"], row) for table in spec.get("tables", []) for row in table["rows"]]
    asked += [(fit["study"], size) for fit in fits.values() for size in fit["sizes"]]
    for study, what in asked:
        known = studies[study].variations()
        what = what.removeprefix("plan least ").split("@")[0]
        if what.startswith(("least ", "beside ")):
            head = what.split(" ", 1)[1]
            if not any(one.startswith(head.rstrip("*")) for one in known):
                sys.exit(f"{name}: {studies[study].path.name} has no variation {head!r}")
            continue
        for one in re.split(r" [-/] ", what.split(" * ")[0]):
            if one.strip() not in known:
                sys.exit(f"{name}: {studies[study].path.name} has no variation {one!r}; "
                         f"it has {', '.join(known)}")
    if not (PAGES / f"{name}.md").exists():
        sys.exit(f"{name}: there is no docs/answers/{name}.md")


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("questions", nargs="*")
    options.add_argument("--check", action="store_true")
    options.add_argument("--hyperdc", default=str(ROOT / "build/release/hyperdc"))
    options.add_argument("--stores", type=pathlib.Path, default=ROOT / "build/answers")
    asked = options.parse_args()
    asked.stores = asked.stores.resolve()
    for file in sorted(FOLDER.glob("*.json")):
        spec = json.loads(file.read_text())
        if asked.questions and spec["question"] not in asked.questions:
            continue
        studies = {key: Study((file.parent / path).resolve(), asked.hyperdc, asked.stores)
                   for key, path in spec["studies"].items()}
        if asked.check:
            check(spec, studies, file.stem)
            continue
        for study in studies.values():
            study.run()
        page(spec, studies, file.stem)
        print(f"docs/answers/{file.stem}.md")


if __name__ == "__main__":
    main()
