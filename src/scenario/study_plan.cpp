#include "scenario/study_plan.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "scenario/decode.hpp"
#include "scenario/description.hpp"
#include "scenario/json_text.hpp"
#include "scenario/merge.hpp"
#include "scenario/study_knob.hpp"

namespace hyperdc {
namespace {

/// 0.1 + 0.2 as a person would write it.
double as_written(double value) {
  const std::string text = fmt::format("{:.12g}", value);
  double out = value;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size() ? out : value;
}

class PlanReader {
 public:
  PlanReader(const Sources& sources, Problems& problems, const View& spec)
      : sources_(sources), problems_(problems), spec_(spec) {}

  PlanSpec read() {
    PlanSpec out;
    out.place = sources_.place(spec_.span());
    out.confidence = spec_["confidence"].number();
    out.candidates = static_cast<std::size_t>(spec_["candidates"].number());
    read_replications(spec_["replications"], out);
    for (const auto& entry : spec_["knobs"].each()) out.knobs.push_back(read_knob(entry));
    check_paths();
    read_minimize(out);
    check_order(out);
    read_objectives(out);
    return out;
  }

 private:
  void error(const View& at, std::string_view code, std::string message, std::string hint) {
    problems_.error(code, at.path(), std::move(message), std::move(hint), at.span());
  }

  void read_replications(const View& at, PlanSpec& out) {
    out.first = static_cast<std::size_t>(at["first"].number());
    out.most = static_cast<std::size_t>(at["most"].number());
    if (at && out.most < out.first) {
      error(at, "E034",
            fmt::format("the last look is after {} seeds, the first after {}", out.most, out.first),
            "\"most\" is at least \"first\"");
    }
  }

  void read_values(const View& values, PlanKnob& knob) {
    bool numbers = true;
    std::set<std::string> seen;
    for (const auto& entry : values.each()) {
      const Json* json = entry.value.json();
      if (json == nullptr || json->is(Json::Kind::null)) {
        error(entry.value, "E010", "null is no value", "");
        continue;
      }
      if (!seen.insert(print_short(*json, kMaxTextBytes)).second) {
        error(entry.value, "E034", "the same value twice", "leave one out");
      }
      knob.values.push_back(print_json(*json));
      knob.labels.push_back(label_of(*json));
      numbers = numbers && json->is(Json::Kind::number);
      knob.numbers.push_back(json->number);
    }
    if (!numbers) knob.numbers.clear();
    tell_apart(knob.labels);
  }

  void add_steps(double from, double step, std::size_t count, PlanKnob& knob) {
    for (std::size_t i = 0; i < count; ++i) {
      const double exact = from + step * static_cast<double>(i);
      double number = as_written(exact);
      if (std::fabs(number - exact) > std::fabs(step) / 4) number = exact;  // steps below 12 digits
      knob.numbers.push_back(number);
      knob.labels.push_back(number_label(number, knob.unit));
      knob.values.push_back(number_json(knob.labels.back(), knob.unit));
    }
  }

  /// How many values from one number to another in steps; 0 and a problem where there are none.
  std::size_t steps_in(const View& at, double from, double to, double step) {
    const double steps = (to - from) / step;
    if (!(step != 0) || !(steps >= 0)) {
      error(at, "E034", "there is no value in this range",
            "from the least to the most in steps: [1, 64, 1]");
      return 0;
    }
    if (steps >= static_cast<double>(kMaxVariations)) {
      error(at, "E035", fmt::format("{:.0f} values; a knob may have {}", steps, kMaxVariations),
            "a longer step");
      return 0;
    }
    return values_in(steps);
  }

  void read_range(const View& range, PlanKnob& knob) {
    const std::vector<double> ends = range.numbers();
    if (ends.size() != 3) {
      error(range, "E034", "a range is from, to and step", "write [1, 64, 1]");
      return;
    }
    add_steps(ends[0], ends[2], steps_in(range, ends[0], ends[1], ends[2]), knob);
  }

  void read_between(const View& between, const View& resolution, PlanKnob& knob) {
    const std::vector<double> ends = between.numbers();
    if (!resolution) return;  // told already
    if (ends.size() != 2 || !(ends[0] < ends[1])) {
      error(between, "E034", "a stretch is between a least and a larger most", "write [0.4, 0.9]");
      return;
    }
    if (!(resolution.number() > 0)) {
      error(resolution, "E021", "a resolution is above 0", "write 0.05");
      return;
    }
    add_steps(ends[0], resolution.number(),
              steps_in(between, ends[0], ends[1], resolution.number()), knob);
  }

  PlanKnob read_knob(const View::Entry& entry) {
    PlanKnob knob;
    knob.name = entry.key;
    knob.at.push_back(entry.value["at"].text());
    knob.places.push_back(sources_.place(entry.value["at"].span()));
    for (const auto& also : entry.value["also"].each()) {
      knob.at.push_back(also.value.text());
      knob.places.push_back(sources_.place(also.value.span()));
    }
    knob.unit = entry.value["unit"].text();
    knob.monotone = entry.value["monotone"].flag();
    if (const View values = entry.value["values"]) {
      if (!knob.unit.empty()) {
        error(entry.value["unit"], "E034", "values state their own units", "leave it out");
      }
      read_values(values, knob);
    } else if (const View range = entry.value["range"]) {
      read_range(range, knob);
    } else if (const View between = entry.value["between"]) {
      read_between(between, entry.value["resolution"], knob);
    }
    return knob;
  }

  void check_paths() {
    std::vector<std::pair<std::string, std::string>> known;  // path and its knob
    for (const auto& entry : spec_["knobs"].each()) {
      std::vector<View> paths{entry.value["at"]};
      for (const auto& also : entry.value["also"].each()) paths.push_back(also.value);
      for (const View& path : paths) {
        if (!path) continue;
        for (const char* own : {"objectives", "seed"}) {
          if (!paths_overlap(path.text(), own)) continue;
          error(path, "E034", "a plan cannot choose its own objectives or seeds", "another path");
        }
        for (const auto& [other, knob] : known) {
          if (!paths_overlap(path.text(), other)) continue;
          error(path, "E034",
                fmt::format("{} or a part of it is set twice, here and by the knob {}",
                            hyperdc::quoted(path.text(), 200), hyperdc::quoted(knob)),
                "a path belongs to one knob");
          break;
        }
        known.emplace_back(path.text(), entry.key);
      }
    }
  }

  void add_term(const View& at, const std::string& name, double weight, PlanSpec& out) {
    PlanTerm term{name, weight, std::nullopt, sources_.place(at.span())};
    std::vector<std::string> names;
    for (std::size_t k = 0; k < out.knobs.size(); ++k) {
      names.push_back(out.knobs[k].name);
      if (names.back() == name) term.knob = k;
    }
    if (!term.knob && name.find('.') == std::string::npos) {
      const auto near = nearest(name, names);
      error(at, "E030", fmt::format("there is no knob {}", hyperdc::quoted(name)),
            near ? fmt::format("did you mean {}?", hyperdc::quoted(*near))
                 : "name a knob of this plan, or a metric such as cost.total");
      return;
    }
    if (term.knob && out.knobs[*term.knob].numbers.empty()) {
      error(at, "E034",
            fmt::format("the values of {} are no numbers, so they have no sum",
                        hyperdc::quoted(name)),
            "minimise a metric such as cost.total");
      return;
    }
    out.minimize.push_back(std::move(term));
  }

  void read_minimize(PlanSpec& out) {
    const View at = spec_["minimize"];
    if (!at) {
      if (out.knobs.size() == 1) {
        order_costs(out);
        return;
      }
      if (!out.knobs.empty()) {
        error(spec_, "E011", "of several knobs it must be said what is to be least",
              R"(write "minimize": "cost.total", or a knob)");
      }
      return;
    }
    if (at.json()->is(Json::Kind::text)) {
      add_term(at, at.text(), 1, out);
      return;
    }
    for (const auto& term : at["sum"].each()) {
      add_term(term.value, term.key, term.value.number(), out);
    }
    if (at["sum"] && at["sum"].each().empty()) {
      error(at["sum"], "E022", "nothing is summed", "name a knob or a metric and its weight");
    }
  }

  /// A single knob whose values are no numbers is least where it comes first.
  static void order_costs(PlanSpec& out) {
    PlanKnob& knob = out.knobs.front();
    if (knob.numbers.empty()) {
      for (std::size_t i = 0; i < knob.values.size(); ++i) {
        knob.numbers.push_back(static_cast<double>(i + 1));
      }
    }
    out.minimize.push_back({knob.name, 1, 0, out.place});
  }

  /// The search goes from less to more of a monotone knob: what it costs must not fall on the way.
  /// Where metrics count too, only what they say of candidates can tell.
  void check_order(const PlanSpec& plan) {
    for (const PlanTerm& term : plan.minimize) {
      if (!term.knob) return;
    }
    const auto entries = spec_["knobs"].each();
    for (const PlanTerm& term : plan.minimize) {
      const PlanKnob& knob = plan.knobs[*term.knob];
      bool falls = false;
      for (std::size_t i = 1; i < knob.numbers.size(); ++i) {
        falls = falls || term.weight * knob.numbers[i] < term.weight * knob.numbers[i - 1];
      }
      if (!knob.monotone || !falls) continue;
      for (const auto& entry : entries) {
        if (entry.key != knob.name) continue;
        error(
            entry.value, "E034",
            "more of a monotone knob may not cost less, and what this costs falls along its values",
            fmt::format("turn its values round, give it a {} weight in \"minimize\", or say "
                        "\"monotone\": false",
                        term.weight < 0 ? "positive" : "negative"));
      }
    }
  }

  void read_objectives(PlanSpec& out) {
    const View at = spec_["objectives"];
    if (!at) return;
    out.objectives = print_json(*at.json());
    for (const auto& entry : at.each()) {
      out.objective_places.push_back(sources_.place(entry.value["metric"].span()));
    }
  }

  const Sources& sources_;
  Problems& problems_;
  View spec_;
};

}  // namespace

Result<PlanStudy> load_plan_study(const std::string& file,
                                  std::optional<std::uint64_t> first_seed) {
  Sources sources;
  Problems problems(sources);
  const std::optional<Json> raw = read_json(file, sources, problems);
  if (!raw) return problems.take();
  const Json spec = decode(*raw, *study_type(), {}, problems);
  const View view(&spec, "");
  PlanStudy out;
  read_study_head(view, file, problems, out.study);
  if (first_seed) out.study.first_seed = first_seed;
  if (view["plan"]) {
    const View seeds = view["plan"]["replications"];
    out.study.replications_place = sources.place(seeds ? seeds.span() : view["plan"].span());
    out.plan = PlanReader(sources, problems, view["plan"]).read();
  } else if (!problems.failed()) {
    problems.error("E011", "plan", "this study has no plan",
                   "hyperdc sweep runs studies of what varies", view["name"].span());
  }
  if (problems.failed()) return problems.take();
  return out;
}

bool is_plan_study(const std::string& file) {
  Sources sources;
  Problems problems(sources);
  const std::optional<Json> raw = read_json(file, sources, problems);
  return raw && raw->is(Json::Kind::object) && raw->find("base") != nullptr &&
         raw->find("plan") != nullptr;
}

Variation plan_variation(const PlanSpec& plan, std::span<const std::size_t> point) {
  Variation out;
  for (std::size_t k = 0; k < plan.knobs.size(); ++k) {
    const PlanKnob& knob = plan.knobs[k];
    const std::string& label = knob.labels[point[k]];
    out.name += fmt::format("{}{}={}", k == 0 ? "" : ",", knob.name, label);
    out.parameters.push_back({knob.name, label, knob.values[point[k]]});
    for (std::size_t i = 0; i < knob.at.size(); ++i) {
      out.overrides.push_back({knob.at[i], knob.values[point[k]]});
      out.places.push_back(knob.places[i]);
    }
  }
  if (!plan.objectives.empty()) {
    out.overrides.push_back({"objectives", plan.objectives});
    out.places.push_back(plan.objective_places.front());
  }
  return out;
}

}  // namespace hyperdc
