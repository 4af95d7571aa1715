"""Holds how tools/answers.py writes numbers: what a reader of docs/answers sees.

  answers_cases.py ROOT"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(sys.argv[1]) / "tools"))
import answers  # noqa: E402  (needs the path above)

CASES = [
    # seeds, unit, what is written
    ([1.7e-16, 1.9e-16, 1.8e-16], "%", "(1.80 ± 0.25)e-14 %"),
    ([1.717e23, 1.719e23, 1.718e23], "y", "(5.4477 ± 0.0079)e15 y"),
    ([9.6e-7, 9.6e-7, 9.6e-7], "%", "9.600e-5 %"),
    ([0.99996615, 0.99996620, 0.99996610], "%", "99.9966 ± <0.0001 %"),
    ([0.99870, 0.99871, 0.99872], "%", "99.8710 ± 0.0025 %"),
    ([9184.0, 9190.0, 9179.0], "ms", "153.07 ± 0.23 min"),
    ([38000.0, 38001.0, 38002.0], "ms", "10.5558 ± 0.0007 h"),
    ([478.5, 478.5], "ms", "7.975 min"),
    ([0.341, 0.343, 0.342], "ms", "342.0 ± 2.5 ms"),
    ([12610, 12640, 12580], "B", "12,610 ± 75 B"),
    ([41459293, 41459967, 41458619], "", "41,459,300 ± 1,700"),
    ([300.0, 300.0], "min", "5 min"),
    ([240.0, 360.0], "min", "4 or 6 min"),
    ([0.5163, 0.5177], "%", "51.63 or 51.77 %"),
    ([0.99996614, 0.99996616], "%", "99.9966 %"),
    ([1e-9, 2e-9], "%", "1.000e-7 or 2.000e-7 %"),
    ([0.0, 0.0, 0.0], "%", "0 %"),
    ([-1.0, 1.0, 0.0], "", "0.0 ± 2.5"),
    ([-1000.0, 3000.0, 1000.0], "", "1,000 ± 5,000"),
    ([0.25], "%", "25 %"),
    ([], "%", "no value"),
]

wrong = [f"{values} {unit!r}: {answers.text(values, unit)!r}, not {expected!r}"
         for values, unit, expected in CASES if answers.text(values, unit) != expected]
half = answers.Quantile([float(i) for i in range(1, 21)], 0.5)  # printed tables: ranks 6 and 15
if (half[0], half.low, half.high) != (10, 6, 15):
    wrong.append(f"median of twenty: {half} between {half.low} and {half.high}")
tail = answers.text(answers.Quantile([86400.0 * i for i in range(1, 21)], 0.95), "d")
if tail != "19 [at least 17] d":
    wrong.append(f"95 % of twenty: {tail}")
for t, degrees in ((12.706, 1), (4.303, 2), (2.776, 4), (2.262, 9)):  # printed tables
    if abs(answers.student_t(degrees) - t) > 5e-4:
        wrong.append(f"Student's t of {degrees} degrees: {answers.student_t(degrees)}, not {t}")
for shares, seen, of, bound in (([1.0] * 10, 30, 30, 0.009936), ([1.0], 46, 288, 0.010348),
                                ([0.9, 1.0], 10, 10, 0.216106)):  # 1 - 0.05 ** (1 / n); 1 of 20
    if abs(answers.most(shares, seen, of) - bound) > 1e-5:
        wrong.append(f"bound of misses {shares}: {answers.most(shares, seen, of)}, not {bound}")
sys.exit("\n".join(wrong) or None)
