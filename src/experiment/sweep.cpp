#include "experiment/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "results/statistics.hpp"

namespace hyperdc {
namespace {

/// What is known of the metrics of a study with a stop rule: their values by metric and run key.
class KnownAims {
 public:
  KnownAims(const Study& study, const StudyStore& store) : study_(study) {
    for (const std::string& metric : study.metrics) values_.push_back(store.values_of(metric));
  }

  void add(const StoredRun& run) {
    for (std::size_t m = 0; m < values_.size(); ++m) {
      const ResultMetric* metric = find_metric(*run.result, study_.metrics[m]);
      if (metric != nullptr) values_[m].emplace(run.key, metric->value);
    }
  }

  /// True when the half width of every metric is small beside its mean, in every variation. A
  /// metric that fewer than two runs have is not known.
  bool suffice(std::span<const StudyRun> runs, std::size_t variations) const {
    for (const auto& of_metric : values_) {
      std::vector<std::vector<double>> values(variations);
      for (const StudyRun& run : runs) {
        const auto found = of_metric.find(run.key);
        if (found != of_metric.end() && found->second) {
          values[run.variation].push_back(*found->second);
        }
      }
      for (const std::vector<double>& of : values) {
        if (of.size() < 2) return false;
        const Moments moments = moments_of(of);
        const double half = half_width_of(moments, study_.stop->confidence);
        if (!(half <= study_.stop->within * std::fabs(moments.mean))) return false;
      }
    }
    return true;
  }

 private:
  const Study& study_;
  std::vector<std::map<std::string, std::optional<double>>> values_;
};

class Sweep {
 public:
  Sweep(const Study& study, const StudyPlan& plan, const LoadOptions& load, StudyStore& store,
        StudyEngine& engine, const SweepOptions& options, std::atomic<bool>& stop)
      : study_(study),
        plan_(plan),
        load_(load),
        store_(store),
        engine_(engine),
        options_(options),
        stop_(stop) {
    store.set_plan(plan, {});
    before_ = store.done();
    if (!options.retry_failed) failed_ = store.failed();
    if (study.stop && !options.part) aims_.emplace(study, store);
  }

  /// Replications `from` to `to` of each variation. False: it was interrupted.
  bool round(std::uint64_t from, std::uint64_t to) {
    SweepWork work{study_, plan_, load_, {}};
    std::set<std::string> asked;
    std::uint64_t place = 0;  // among the runs that a part is taken of
    const std::size_t begin = runs_.size();
    for (std::size_t i = 0; i < plan_.runs.size(); ++i) {
      const std::uint64_t replication = i % study_.replications;
      if (replication < from || replication >= to) continue;
      runs_.push_back(plan_.runs[i]);
      const std::string& key = plan_.runs[i].key;
      if (!asked.insert(key).second) continue;  // of a variation that is the same scenario
      if (options_.part && !in_part(key, place)) continue;
      const bool ended = before_.count(key) + now_.count(key) + failed_.count(key) > 0;
      if (!ended) work.missing.push_back(i);
    }
    store_.extend_plan(std::span<const StudyRun>(runs_).subspan(begin));
    std::size_t ended = 0;
    engine_.run(work, stop_, [&](std::vector<EndedRun>& some) {
      ended += some.size();
      keep(some);
      if (options_.progress != nullptr) {
        options_.progress->progress(ended, failed_.size(), work.missing.size());
      }
    });
    return ended == work.missing.size();
  }

  bool knows_enough() const { return aims_->suffice(runs_, plan_.variations.size()); }

  void count(SweepOutcome& out) const {
    out.runs = runs_.size();
    for (const StudyRun& run : runs_) {
      out.there += before_.count(run.key);
      out.done += now_.count(run.key);
      const auto failure = failed_.find(run.key);
      if (failure == failed_.end()) continue;
      out.failures.push_back({plan_.variations[run.variation].name, run.seed, failure->second});
    }
  }

 private:
  bool in_part(const std::string& key, std::uint64_t& place) const {
    const SweepPart& part = *options_.part;
    if (part.keys && part.keys->count(key) == 0) return false;
    return place++ % part.of == part.index;
  }

  void keep(std::vector<EndedRun>& some) {
    std::vector<StoredRun> runs;
    for (EndedRun& one : some) {
      const std::string key = one.stored.key;
      if (one.stored.result) {
        now_.insert(key);
        if (aims_) aims_->add(one.stored);
      } else {
        failed_[key] = one.stored.error;
      }
      if (one.stored.result || one.lasting) runs.push_back(std::move(one.stored));
    }
    store_.add(runs);
  }

  const Study& study_;
  const StudyPlan& plan_;
  const LoadOptions& load_;
  StudyStore& store_;
  StudyEngine& engine_;
  const SweepOptions& options_;
  std::atomic<bool>& stop_;
  std::vector<StudyRun> runs_;          // of the rounds so far
  std::set<std::string> before_, now_;  // keys of runs that are done
  std::map<std::string, std::string> failed_;
  std::optional<KnownAims> aims_;
};

}  // namespace

SweepOutcome sweep(const Study& study, const StudyPlan& plan, const LoadOptions& load,
                   StudyStore& store, StudyEngine& engine, const SweepOptions& options,
                   std::atomic<bool>& stop) {
  HYPERDC_CHECK(plan.runs.size() == plan.variations.size() * study.replications,
                "a plan has the same replications of all variations");
  Sweep all(study, plan, load, store, engine, options, stop);
  SweepOutcome out;
  const std::uint64_t most = study.replications;
  const bool by_itself = study.stop && !options.part;
  std::uint64_t done = 0;
  for (;;) {
    const std::uint64_t next =
        by_itself ? std::min(most, done == 0 ? study.stop->least : done + study.stop->batch) : most;
    out.interrupted = !all.round(done, next);
    done = next;
    if (out.interrupted || done == most) break;
    out.stopped = all.knows_enough();
    if (out.stopped) break;
  }
  out.replications = done;
  all.count(out);
  return out;
}

}  // namespace hyperdc
