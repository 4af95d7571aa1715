#include "experiment/baseline_file.hpp"

#include <cmath>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "results/statistics.hpp"
#include "scenario/decode.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"

namespace hyperdc {
namespace {

constexpr double kMeanSlack = 1e-9;  // relative, of a mean that was written down

bool is_hex(const std::string& text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string plural_words(std::uint64_t count, const char* word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

class BaselineReader {
 public:
  BaselineReader(const Sources& sources, Problems& problems, const View& file, BaselineUse use)
      : sources_(sources), problems_(problems), file_(file), use_(use) {}

  Baseline read() {
    Baseline out;
    out.description = file_["description"].text();
    out.seed = static_cast<std::uint64_t>(file_["seed"].number());
    out.replications = static_cast<std::uint64_t>(file_["replications"].number());
    out.scenario_sha256 = file_["scenario_sha256"].text();
    check_hex(file_["scenario_sha256"], 64);
    out.fingerprints = fingerprints(file_["fingerprints"]);
    if (file_["fingerprints"] && file_["replications"] &&
        out.fingerprints.size() != out.replications) {
      stale(file_["fingerprints"], fmt::format("{} fingerprints, and {} seeds",
                                               out.fingerprints.size(), out.replications));
    }
    out.hourly_fingerprints = fingerprints(file_["hourly_fingerprints"]);
    for (const View::Entry& entry : file_["metrics"].each()) {
      out.metrics.push_back(metric(entry, out.replications));
    }
    if (file_["metrics"] && out.metrics.empty()) {
      error(file_["metrics"], "E022", "a baseline without a metric checks nothing",
            "add one, or remove the file and run hyperdc check --update");
    }
    for (const View::Entry& entry : file_["objectives"].each()) {
      out.objectives.push_back(objective(entry.value));
    }
    return out;
  }

 private:
  /// Of what an update writes anew.
  void stale(const View& at, std::string message) {
    if (use_ == BaselineUse::update) return;
    error(at, "E034", std::move(message), "hyperdc check --update writes it anew");
  }

  void error(const View& at, std::string_view code, std::string message, std::string hint) {
    problems_.error(code, at.path(), std::move(message), std::move(hint), at.span());
  }

  void check_hex(const View& at, std::size_t digits) {
    if (at && !is_hex(at.text(), digits))
      stale(at, fmt::format("not {} hexadecimal digits", digits));
  }

  std::vector<std::string> fingerprints(const View& list) {
    for (const View::Entry& entry : list.each()) check_hex(entry.value, 16);
    return list.texts();
  }

  Tolerance tolerance(const View& at, std::uint64_t seeds) {
    Tolerance out;
    if (!at) return out;
    out.exact = at["exact"].flag();
    if (at["absolute"]) out.absolute = at["absolute"].number();
    if (at["relative"]) out.relative = at["relative"].number();
    if (const View test = at["statistical"]) {
      out.statistical = {test["confidence"].number(), test["margin"].number()};
      if (seeds < 2 && use_ == BaselineUse::compare) {
        error(test, "E034", "one seed says nothing about chance",
              "run hyperdc check --update --seeds 5, or write {\"relative\": 0.02}");
      }
    }
    if (at["exact"] && !out.exact) {
      error(at["exact"], "E021", "false says nothing", "write {\"relative\": 0.02}");
    }
    const auto count = at.each().size();
    const bool alone = out.exact || out.statistical.has_value();
    if (alone && count > 1) {
      error(at, "E015", fmt::format("\"{}\" stands alone", out.exact ? "exact" : "statistical"),
            "write one of them");
    }
    return out;
  }

  BaselineMetric metric(const View::Entry& entry, std::uint64_t seeds) {
    BaselineMetric out;
    const View& at = entry.value;
    out.name = entry.key;
    out.place = sources_.place(entry.key_span);
    out.unit = at["unit"].text();
    out.tolerance = tolerance(at["tolerance"], seeds);
    const View value = at["value"], values = at["values"];
    for (const View::Entry& one : values.each()) {
      if (!one.value) return out;  // reported
    }
    if (!file_["replications"]) return out;
    if (values) {
      out.values = values.numbers();
    } else if (value) {
      out.values = {value.number()};
    }
    if (!value && values) {
      stale(values, "values without their mean, \"value\"");
    } else if (value && out.values.size() != seeds) {
      stale(values ? values : value,
            fmt::format("{} for {}", plural_words(out.values.size(), "value"),
                        plural_words(seeds, "seed")));
    } else if (value && values) {
      const double mean = moments_of(out.values).mean;
      if (std::fabs(mean - value.number()) > kMeanSlack * std::fabs(mean)) {
        stale(value, fmt::format("not the mean of the values, which is {}", mean));
      }
    }
    return out;
  }

  BaselineObjective objective(const View& at) {
    BaselineObjective out;
    out.metric = at["metric"].text();
    if (at["at_most"]) out.at_most = at["at_most"].number();
    if (at["at_least"]) out.at_least = at["at_least"].number();
    out.met = at["met"].flag();
    out.place = sources_.place(at.span());
    return out;
  }

  const Sources& sources_;
  Problems& problems_;
  View file_;
  BaselineUse use_;
};

}  // namespace

Result<Baseline> read_baseline(const std::string& file, BaselineUse use) {
  Sources sources;
  Problems problems(sources);
  const std::optional<Json> raw = read_json(file, sources, problems);
  if (!raw) return problems.take();
  const Json decoded = decode(*raw, *baseline_type(), {}, problems);
  Baseline baseline = BaselineReader(sources, problems, View(&decoded, ""), use).read();
  if (problems.failed()) return problems.take();
  return baseline;
}

}  // namespace hyperdc
