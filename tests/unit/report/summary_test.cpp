// Screens, approved by eye: a change of a screen is a change of a text here.
#include <catch2/catch.hpp>
#include <sstream>

#include "report/summary_many.hpp"
#include "report/summary_one.hpp"
#include "unit/report/sample_results.hpp"

using namespace hyperdc;

namespace {

ScreenOptions options(std::vector<std::string> files, Detail detail = Detail::compact) {
  return {TextStyle{false, true}, detail, 0, std::move(files)};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_layout(const std::string& screen) {
  std::istringstream lines(screen);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(display_width(line) <= 100);
    CHECK((line.empty() || line.back() != ' '));
  }
}

std::vector<RunResult> waits(const std::string& scenario, double base, double step) {
  std::vector<RunResult> results;
  for (int i = 0; i < 5; ++i) {
    const auto seed = static_cast<std::uint64_t>(i) + 1;
    results.push_back(
        sample::with_objectives(sample::cluster(scenario, seed, base + step * i * i)));
  }
  return results;
}

std::vector<RunResult> joined(std::vector<RunResult> a, const std::vector<RunResult>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("the screen of one run") {
  const RunResult run = sample::with_objectives(sample::cluster("launch-week", 1, 3114));
  CHECK(summary_one(run, options({"launch.json"})) ==
        R"( launch-week · 7 d, first 2 h excluded · seed 1

 OBJECTIVES  1 of 2 missed
 ✗ workloads.batch.wait.mean               51 min 54 s   at most 50 min   3.8 % over
 ✓ pools.gpu.allocation.accelerators.mean       81.2 %   at least 80 %    1.2 pp above

 JOBS   finished  rejected  makespan
 batch     8 152        50       7 d

 TIMES                     mean          p50         p95     highest
 batch  wait        51 min 54 s  12 min 59 s  2 h 36 min  4 h 20 min
        completion   1 h 52 min   1 h 13 min  4 h 36 min  8 h 20 min
        slowdown         1.86 ×

 POOLS  allocated       mean    peak  fragmented  waiting, peak   over 7 d
 gpu    accelerators  81.2 %  95.1 %      12.1 %          1 204   ▅▆▇▆▅▆▇▆▅▆▇▆▅▆▇▆▅▆▇▆
        cores           45 %  50.2 %

 PLANT     energy  power, mean     peak  of limit   over 7 d
 east   914.7 MWh      19.6 MW  22.9 MW    95.4 %   ▂▅▇▅▂▅▇▅▂▅▇▅▂▅▇▅▂▅▇▅

 1 assumption (chosen, or without a citable source).  see: hyperdc run launch.json --summary full
 One seed: no uncertainty shown.  next: hyperdc run launch.json --seeds 5
)");
}

TEST_CASE("what is not known is a dash with its reason, never 0") {
  CHECK(summary_one(sample::packing("openb-fgd", 1, .951), options({"launch.json"})) ==
        R"( openb-fgd · 1 h 59 min, to the last event · seed 1

 JOBS  finished  rejected  unfinished  makespan
 pods         0                 7 001

 POOLS  allocated       mean    peak  fragmented  waiting, peak   over 1 h 59 min
 gpu    accelerators  75.1 %  97.1 %

 DEMAND OFFERED  share of accelerators    80 %   100 %
 gpu             allocated              80.0 %  95.1 %
                 fragmented             5.00 %  2.90 %

 PLANT  energy  power, mean  peak   over 1 h 59 min
 lab         –

 – regions.lab.energy has no value: power of G2 is not published

 One seed: no uncertainty shown.  next: hyperdc run launch.json --seeds 5
)");
}

TEST_CASE("two scenarios side by side") {
  CHECK(summary_many(sample::packing_study({"fgd", "best-fit"}), options({"a.json", "b.json"})) ==
        R"( best-fit against fgd · seeds 1 to 5 · mean ± 95 % interval
 best-fit is worse than fgd: gpu allocated at 100 % of demand 1.00 points lower; worse in 2 of 6
   rows, the same in 4.

                                         fgd         best-fit          difference
 JOBS  pods
  finished                                 0                0                         same
  unfinished                         7 003.0 ±2.0     7 003.0 ±2.0                    same
 POOL  gpu
  allocated at 80 % of demand    %     79.99            79.99                         same
  allocated at 100 % of demand   %     95.09 ±0.25      94.09 ±0.25   -1.00 ±0.43 pp  worse
  fragmented at 80 % of demand   %      5.00             5.00                         same
  fragmented at 100 % of demand  %      2.91 ±0.25       3.91 ±0.25   +1.00 ±0.43 pp  worse
 PLANT  lab
  energy                                   –                –

 – regions.lab.energy has no value: power of G2 is not published

 Seeds are paired; each row stands alone (no correction for the number of rows).
)");
}

TEST_CASE("many scenarios stand one below the other") {
  const auto results =
      sample::packing_study({"fgd", "best-fit", "random", "packing", "clustering", "worst-fit"});
  CHECK(summary_many(results, options({"a.json", "b.json"})) ==
        R"( 6 scenarios · seeds 1 to 5 · mean ± 95 % interval
 fgd is best in 2 of 5 rows; all the same in 3.

                                              gpu
              gpu allocated         fragmented at
                at 100 % of              100 % of
                     demand                demand
                        [%]                   [%]
 fgd                  95.09 ±0.25            2.91 ±0.25
 best-fit             94.09 ±0.25            3.91 ±0.25
 random               93.09 ±0.25            4.91 ±0.25
 packing              92.09 ±0.25            5.91 ±0.25
 clustering           91.09 ±0.25            6.91 ±0.25
 worst-fit            90.09 ±0.25            7.91 ±0.25
 best                   fgd                   fgd

 the same for all: pods finished 0 · pods unfinished 7 003 · gpu allocated at 80 % of demand 80.0 %
   · gpu fragmented at 80 % of demand 5.00 %

 – regions.lab.energy has no value: power of G2 is not published

 Seeds are paired; each row stands alone (no correction for the number of rows).
)");
}

TEST_CASE("one scenario over seeds") {
  CHECK(summary_many(waits("fifo", 7000, 100), options({"a.json", "b.json"})) ==
        R"( fifo · seeds 1 to 5 · mean ± 95 % interval

 OBJECTIVES met                                               fifo
 workloads.batch.wait.mean               at most 50 min   ✗ 0 of 5
 pools.gpu.allocation.accelerators.mean  at least 80 %    ✓ 5 of 5

                                       mean         lowest to  highest
 JOBS  batch
  finished                            8 152
  rejected                               50
  wait, mean                    min     127 ±14           117  143
  wait, p95                     h      6.33 ±0.68        5.83  7.17
  completion, mean              h      3.11 ±0.23        2.94  3.39
  completion, p95               h      8.33 ±0.68        7.83  9.17
  slowdown, mean                ×      3.11 ±0.23        2.94  3.39
  makespan                      d      7.00
 POOL  gpu
  accelerators allocated, mean  %     81.20
  fragmented, mean              %     12.10
  waiting, highest                    1 204
 PLANT  east
  energy                        MWh     915
  power, highest                MW     22.9
  peak of limit                 %     95.42
)");
}

TEST_CASE("a large change is told as one value instead of another") {
  const auto results = joined(waits("fifo", 7000, 100), waits("las", 120, 15));
  CHECK(summary_many(results, options({"a.json", "b.json"})) ==
        R"( las against fifo · seeds 1 to 5 · mean ± 95 % interval
 las is better than fifo: batch wait, mean 3 min 30 s instead of 2 h 7 min; better in 5 of 14 rows,
   the same in 9.

 OBJECTIVES met                                               fifo        las
 workloads.batch.wait.mean               at most 50 min   ✗ 0 of 5   ✗ 0 of 5
 pools.gpu.allocation.accelerators.mean  at least 80 %    ✓ 5 of 5   ✓ 5 of 5

                                       fifo            las          difference
 JOBS  batch
  finished                            8 152          8 152                        same
  rejected                               50             50                        same
  wait, mean                    min   126.7 ±13.6      3.5 ±2.0     -97.2 ±9.2 %  better
  wait, p95                     h      6.33 ±0.68     0.17 ±0.10    -97.2 ±9.2 %  better
  completion, mean              h     3.111 ±0.227   1.058 ±0.034   -66.0 ±6.2 %  better
  completion, p95               h      8.33 ±0.68     2.17 ±0.10    -73.9 ±7.0 %  better
  slowdown, mean                ×     3.111 ±0.227   1.058 ±0.034   -66.0 ±6.2 %  better
  makespan                      d      7.00           7.00                        same
 POOL  gpu
  accelerators allocated, mean  %     81.20          81.20                        same
  fragmented, mean              %     12.10          12.10                        same
  waiting, highest                    1 204          1 204                        same
 PLANT  east
  energy                        MWh     915            915                        same
  power, highest                MW     22.9           22.9                        same
  peak of limit                 %     95.42          95.42                        same

 Seeds are paired; each row stands alone (no correction for the number of rows).
)");
}

TEST_CASE("where jobs are stopped, the headline is completion and the wait says what it is") {
  // las starts everybody at once and then stops them: the first start says little.
  std::vector<RunResult> fifo = waits("fifo", 7000, 100), las = waits("las", 120, 15);
  for (RunResult& run : las) {
    for (ResultMetric& metric : run.metrics) {
      if (metric.name == "workloads.batch.preempted") metric.value = 81000;
    }
  }
  const std::string both = summary_many(joined(fifo, las), options({"a.json", "b.json"}));
  CHECK(contains(both, "las is better than fifo: batch completion, mean"));
  CHECK(contains(both, " wait to first start, mean "));
  CHECK(contains(both, " completion, p95 "));
  check_layout(both);
  const std::string one = summary_one(las.front(), options({"b.json"}));
  CHECK(contains(one, "  wait to first start  "));
  CHECK(contains(one, "  completion  "));
  CHECK(contains(summary_one(fifo.front(), options({"a.json"})), "  wait  "));
  check_layout(one);
}

TEST_CASE("the full screen holds every metric, check, assumption and file") {
  const RunResult run = sample::with_objectives(sample::cluster("launch-week", 1, 3114));
  const std::string screen = summary_one(run, options({"launch.json"}, Detail::full));
  for (const ResultMetric& metric : run.metrics) CHECK(contains(screen, " " + metric.name + " "));
  CHECK(contains(screen, "L = 12.31 jobs, lambda W = 12.31 jobs"));
  CHECK(contains(screen, "regions.east.facility.pue: no source: 1.09 is assumed"));
  CHECK(contains(screen, std::string(64, 'b')));
  CHECK(contains(screen, "00000000000000ff"));
  check_layout(screen);
  const auto full = options({"a.json"}, Detail::full);
  const std::string many = summary_many(sample::packing_study({"fgd", "best-fit"}), full);
  CHECK(contains(many, "accelerators allocated, highest"));
  check_layout(many);
}

TEST_CASE("a service's availability and rollouts have tables of their own") {
  RunResult run = sample::cluster("shop-day", 1, 10);
  const std::string of = "workloads.shop.";
  sample::put(run, of + "offered", "requests", 1e6);
  sample::put(run, of + "availability", "1", 1);
  sample::put(run, of + "answered_share", "1", .9912);
  sample::put(run, of + "regions.east.availability", "1", 1);
  sample::put(run, of + "regions.east.answered_share", "1", .9912);
  sample::put(run, of + "zones.east.a.availability", "1", .75);
  for (const char* quantity : {"finished", "rolled_back", "bad", "errors"}) {
    sample::put(run, of + "rollouts." + quantity, "times", 2);
  }
  sample::put(run, of + "rollouts.time", "s", 90);
  sample::put(run, of + "rollouts.exposure", "1", .02);
  const std::string screen = summary_one(run, options({"shop.json"}));
  INFO(screen);
  CHECK(contains(screen, R"(
 AVAILABILITY  of           of the time  of the requests
 shop          the service        100 %           99.1 %
               east               100 %           99.1 %
               east.a              75 %
)"));
  CHECK(contains(screen, R"(
 ROLLOUTS  finished  rolled back  bad   under way  served by bad ones  errors
 shop             2            2    2  1 min 30 s              2.00 %       2
)"));
  check_layout(screen);
  for (int zone = 0; zone < 20; ++zone) {
    sample::put(run, of + "zones.west." + std::to_string(zone) + ".availability", "1", 1);
  }
  CHECK(contains(summary_one(run, options({"shop.json"})), "               and 6 more\n"));
}

TEST_CASE("jobs on platforms have a table of their own") {
  RunResult run = sample::cluster("nightly", 1, 10);
  run.resolved_json = R"({"workloads": {"fit": {"platform": {"type": "sagemaker"}}, "other": {}}})";
  const std::string of = "workloads.fit.platform.";
  for (const char* phase : {"provision.mean", "pull.mean", "stage.mean"}) {
    sample::put(run, of + phase, "s", 120);
  }
  sample::put(run, of + "cold_starts", "times", 3);
  sample::put(run, of + "warm_starts", "times", 1);
  sample::put(run, of + "run.mean", "s", 3600);
  sample::put(run, of + "billed.mean", "s", 3840);
  sample::put(run, of + "cost", "USD", 12.5);
  sample::put(run, of + "quota_wait.mean", "s", 90);
  sample::put(run, of + "pipeline.count", "", 4);
  sample::put(run, of + "pipeline.mean", "s", 7200);
  sample::put(run, of + "pipeline.max", "s", 10800);
  const std::string screen = summary_one(run, options({"nightly.json"}));
  INFO(screen);
  CHECK(contains(screen, R"(
 PLATFORM  of         cold starts  warm starts  set-up  run     billed      cost
 fit       sagemaker            3            1   6 min  1 h  1 h 4 min  12.5 USD
)"));
  CHECK(
      contains(screen, "fit: 4 pipelines in 2 h, the longest 3 h; waits 1 min 30 s for its quota"));
  check_layout(screen);
}

TEST_CASE("power devices are listed by their highest load, and what their racks felt") {
  RunResult run = sample::cluster("hall", 1, 10);
  for (int i = 0; i < 10; ++i) {
    const std::string of = "regions.east.devices.row-" + std::to_string(i) + ".";
    sample::put(run, of + "load.mean", "1", .5);
    sample::put(run, of + "load.max", "1", .6 + .05 * i);
    sample::put(run, of + "trips", "times", i == 9 ? 1 : 0);
  }
  for (const char* quantity : {"slowed.mean", "slowed.max", "dark.mean", "dark.max"}) {
    sample::put(run, std::string("regions.east.racks.") + quantity, "racks", 3);
  }
  const std::string screen = summary_one(run, options({"hall.json"}));
  INFO(screen);
  CHECK(contains(screen, R"(
 DEVICES  highest load first  load, mean   peak  trips
 east     row-9                     50 %  105 %      1
          row-8                     50 %  100 %      0
)"));
  CHECK(contains(screen, "          and 2 more\n"));
  CHECK(contains(screen, R"(
 RACKS  slowed, mean  peak  dark, mean  peak
 east              3     3           3     3
)"));
  check_layout(screen);
}

TEST_CASE("an interrupted run says so and shows what it measured") {
  RunResult run = sample::cluster("launch-week", 1, 3114);
  run.complete = false;
  run.simulated_s = 2 * 86400;
  const std::string screen = summary_one(run, options({"launch.json"}));
  CHECK(contains(screen, "INTERRUPTED after 2 d of simulated time"));
  CHECK(contains(screen, "51 min 54 s"));
}

TEST_CASE("interrupted runs are not compared") {
  std::vector<RunResult> results = sample::packing_study({"fgd", "best-fit"});
  results[7].complete = false;  // one seed of best-fit
  ScreenOptions ten = options({"a.json", "b.json"});
  ten.runs = 10;
  std::string screen = summary_many(results, ten);
  CHECK_FALSE(contains(screen, "worse"));
  CHECK(contains(screen, "INTERRUPTED: 9 of 10 runs finished\n"));
  for (std::size_t i = 5; i < 10; ++i) results[i].complete = false;
  screen = summary_many(results, ten);
  CHECK(contains(screen, "INTERRUPTED: 5 of 10 runs finished; scenarios without"));
  CHECK_FALSE(contains(screen, "±"));
  CHECK_FALSE(contains(screen, "worse"));
}

TEST_CASE("one seed each is compared with a warning, differing seeds are not") {
  std::vector<RunResult> results = {sample::cluster("fifo", 1, 7000),
                                    sample::cluster("sjf", 1, 3000)};
  std::string screen = summary_many(results, options({"a.json", "b.json"}));
  CHECK(contains(screen, "sjf against fifo: batch wait, mean 57.1 % lower; lower in "));
  CHECK_FALSE(contains(screen, "better"));
  CHECK_FALSE(contains(screen, "worse"));
  CHECK(contains(screen,
                 "One seed each: a difference may be chance.  next: hyperdc run a.json "
                 "b.json --seeds 5"));
  results[1].seed = 2;
  screen = summary_many(results, options({"a.json", "b.json"}));
  CHECK_FALSE(contains(screen, "better"));
  CHECK(contains(screen, "The scenarios ran with different seeds"));
}

TEST_CASE("the verdict on a difference") {
  CHECK(judge({-5, 2}, 100, Show::time, Better::lower) == Verdict::better);
  CHECK(judge({5, 2}, 100, Show::time, Better::lower) == Verdict::worse);
  CHECK(judge({5, 2}, 100, Show::count, Better::higher) == Verdict::better);
  CHECK(judge({5, 6}, 100, Show::time, Better::lower) == Verdict::undecided);
  CHECK(judge({5, 2}, 100, Show::power, Better::neither) == Verdict::higher);
  CHECK(judge({0.05, 0.04}, 100, Show::time, Better::lower) == Verdict::same);  // 0.1 % is 0.1
  CHECK(judge({0.05, 0.06}, 100, Show::time, Better::lower) == Verdict::undecided);
  CHECK(judge({0.0009, {}}, 0.001, Show::share, Better::lower) == Verdict::same);  // of the whole
  CHECK(judge({0, 0}, 0, Show::count, Better::lower) == Verdict::same);
  CHECK(judge({1, {}}, 0, Show::count, Better::lower) == Verdict::worse);
}

TEST_CASE("every row that has a direction is counted in the sentence") {
  std::vector<RunResult> results = {sample::cluster("a", 1, 7000), sample::cluster("b", 1, 7000)};
  CHECK(verdict_sentence(compare_results(results, Detail::compact)) ==
        "a and b come out the same.");
  results[1].metrics[0].value = 6000;  // wait.mean
  results[1].metrics[11].value = 60;   // rejected
  // With one seed each a difference may be chance: nothing is said to be better.
  CHECK(contains(verdict_sentence(compare_results(results, Detail::compact)),
                 "b against a: batch wait, mean 14.3 % lower; higher in 1 of "));
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    results.push_back(results[i]);
    results.back().seed = 2;
  }
  CHECK(contains(
      verdict_sentence(compare_results(results, Detail::compact)),
      "Mixed, b against a: batch wait, mean 14.3 % lower, but worse elsewhere; better in 1 of "));
}

TEST_CASE("screens stay within 100 columns, whatever the names") {
  const std::string name(80, 'x');
  std::vector<RunResult> results;
  for (const char* suffix : {"a", "b", "c", "d", "e"}) {
    results.push_back(sample::with_objectives(sample::cluster(name + suffix, 1, 1e6)));
  }
  check_layout(summary_many(results, options({"a.json"})));
  results.resize(3);
  check_layout(summary_many(results, options({"a.json"})));
  // One run, compact and full: long names of everything, and every column that may be there.
  RunResult run = sample::with_objectives(sample::cluster(name, 1, 1e6));
  const std::string owner(64, 'y');
  for (ResultMetric& metric : run.metrics) {
    const std::size_t from = metric.name.find('.') + 1;
    const std::size_t to = metric.name.find('.', from);
    if (to != std::string::npos) metric.name.replace(from, to - from, owner);
  }
  for (const char* quantity : {"unfinished", "preempted"}) {
    run.metrics.push_back({"workloads." + owner + "." + quantity, "jobs", 123456.0, {}});
  }
  for (int point = 10; point <= 130; point += 10) {
    const std::string at = "pools." + owner + ".allocation_at." + std::to_string(point);
    run.metrics.push_back({at, "1", 0.123, {}});
  }
  run.metrics.push_back({"workloads." + owner + ".slow", "s", {}, std::string(300, 'r')});
  for (ResultObjective& objective : run.objectives) {
    objective.metric = "workloads." + owner + ".completion.mean";
  }
  run.checks.push_back({"a-check", std::string(150, 'c') + " = " + std::string(40, 'd'), 0});
  run.files.push_back({std::string(150, 'f') + "/g.json", std::string(64, 'b')});
  for (const bool unicode : {true, false}) {
    for (const Detail detail : {Detail::compact, Detail::full}) {
      check_layout(summary_one(run, {TextStyle{false, unicode}, detail, 0, {name + ".json"}}));
      check_layout(summary_many({&run, 1}, {TextStyle{false, unicode}, detail, 2, {}}));
    }
  }
  const std::string screen = summary_one(run, options({}, Detail::full));
  CHECK(contains(screen, "\n workloads." + owner + ".wait.mean\n"));
  CHECK(contains(screen, std::string(64, 'b')));
  CHECK(contains(summary_one(run, options({})), "unfinished"));
  const std::string ascii =
      summary_many(results, {TextStyle{false, false}, Detail::compact, 0, {}});
  for (const char c : ascii) CHECK(static_cast<unsigned char>(c) < 0x80);
}
