#include "experiment/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "results/statistics.hpp"

namespace hyperdc {
namespace {

/// True when the half width of every metric of the study is small beside its mean, in every
/// variation. A metric that fewer than two seeds have is not known.
bool known_well(const StudyTable& table, const StopRule& rule) {
  for (const std::string& name : table.aims.metrics) {
    const auto metric = std::find_if(table.metrics.begin(), table.metrics.end(),
                                     [&](const StudyMetric& one) { return one.name == name; });
    if (metric == table.metrics.end()) return false;
    const auto column = static_cast<std::size_t>(metric - table.metrics.begin());
    for (std::size_t v = 0; v < table.variations.size(); ++v) {
      std::vector<double> values;
      for (std::size_t s = 0; s < table.seeds.size(); ++s) {
        if (const auto value = table.at(v, s, column)) values.push_back(*value);
      }
      if (values.size() < 2) return false;
      const Moments moments = moments_of(values);
      const double half = half_width_of(moments, rule.confidence);
      if (!(half <= rule.within * std::fabs(moments.mean))) return false;
    }
  }
  return true;
}

class Sweep {
 public:
  Sweep(const Study& study, const LoadOptions& load, StudyStore& store, StudyEngine& engine,
        const SweepOptions& options, std::atomic<bool>& stop)
      : study_(study), load_(load), store_(store), engine_(engine), options_(options), stop_(stop) {
    before_ = store.done();
    if (!options.retry_failed) failed_ = store.failed();
  }

  /// False: it was interrupted.
  bool round(const StudyPlan& plan) {
    store_.set_plan(plan);
    SweepWork work{study_, plan, load_, {}};
    std::set<std::string> asked;
    std::uint64_t place = 0;  // among the runs that a part is taken of
    for (std::size_t i = 0; i < plan.runs.size(); ++i) {
      const std::string& key = plan.runs[i].key;
      if (options_.part && !in_part(key, place)) continue;
      const bool ended = before_.count(key) + now_.count(key) + failed_.count(key) > 0;
      if (!ended && asked.insert(key).second) work.missing.push_back(i);
    }
    std::size_t ended = 0;
    engine_.run(work, stop_, [&](std::vector<EndedRun>& some) {
      std::vector<StoredRun> runs;
      for (EndedRun& one : some) {
        const std::string key = one.stored.key;
        if (one.stored.result) now_.insert(key);
        if (!one.stored.result) failed_[key] = one.stored.error;
        if (one.stored.result || one.lasting) runs.push_back(std::move(one.stored));
      }
      store_.add(runs);
      ended += some.size();
      if (options_.progress != nullptr) {
        options_.progress->progress(ended, failed_.size(), work.missing.size());
      }
    });
    return ended == work.missing.size();
  }

  void count(const StudyPlan& plan, SweepOutcome& out) const {
    out.runs = plan.runs.size();
    for (const StudyRun& run : plan.runs) {
      out.there += before_.count(run.key);
      out.done += now_.count(run.key);
      const auto failure = failed_.find(run.key);
      if (failure == failed_.end()) continue;
      out.failures.push_back({plan.variations[run.variation].name, run.seed, failure->second});
    }
  }

 private:
  bool in_part(const std::string& key, std::uint64_t& place) const {
    const SweepPart& part = *options_.part;
    if (part.keys && part.keys->count(key) == 0) return false;
    return place++ % part.of == part.index;
  }

  const Study& study_;
  const LoadOptions& load_;
  StudyStore& store_;
  StudyEngine& engine_;
  const SweepOptions& options_;
  std::atomic<bool>& stop_;
  std::set<std::string> before_, now_;  // keys of runs that are done
  std::map<std::string, std::string> failed_;
};

}  // namespace

SweepOutcome sweep(const Study& study, const StudyPlan& plan, const LoadOptions& load,
                   StudyStore& store, StudyEngine& engine, const SweepOptions& options,
                   std::atomic<bool>& stop) {
  Sweep all(study, load, store, engine, options, stop);
  SweepOutcome out;
  const std::uint64_t most = study.replications;
  const bool by_itself = study.stop && !options.part;
  std::uint64_t replications = by_itself ? std::min(study.stop->least, most) : most;
  StudyPlan now = first_replications(plan, replications);
  for (;;) {
    out.interrupted = !all.round(now);
    if (out.interrupted || replications == most) break;
    out.stopped = known_well(store.table(), *study.stop);
    if (out.stopped) break;
    replications = std::min(replications + study.stop->batch, most);
    now = first_replications(plan, replications);
  }
  out.replications = replications;
  all.count(now, out);
  return out;
}

}  // namespace hyperdc
