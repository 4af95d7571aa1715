#include "scenario/resolve_demand.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "core/math.hpp"
#include "scenario/resolve_jobs.hpp"
#include "workload/demand/demand_trace.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMaxTerms = 1000;

/// A term, and whether it is a rate (or a number of users) or a factor.
struct Term {
  DemandSpec spec;
  bool absolute = true;
};

DemandTable constant_table(double value) {
  auto points = std::make_shared<DemandPoints>();
  points->at.push_back({});
  points->value.push_back(value);
  return {std::move(points), false, std::nullopt};
}

class CurveReader {
 public:
  /// `noun`: the key of an absolute value, "rate" or "level".
  CurveReader(Resolution& r, std::string noun) : r_(r), noun_(std::move(noun)) {}

  DemandSpec whole(const View& at) {
    Term term = read(at);
    if (terms_ > kMaxTerms) {
      r_.error("E035", at, fmt::format("a curve of {} terms; it may have {}", terms_, kMaxTerms));
    }
    if (!term.absolute && !broken_) {
      r_.error("E034", at, fmt::format("factors without a {} to multiply", noun_),
               R"(write it beside them: {"product": ["100 /s", …]})");
    }
    return std::move(term.spec);
  }

 private:
  Term read(const View& at) {
    ++terms_;
    if (!at || !at.json()->is(Json::Kind::object)) {
      broken_ = broken_ || !at;
      return {{DemandConstant{at.number()}}};
    }
    Term out = variant(at);
    modify(at, out);
    return out;
  }

  Term variant(const View& at) {
    for (const auto& [kind, body, _] : at.each()) {
      if (kind == "constant") return {{DemandConstant{body.number()}}};
      if (kind == "piecewise") return table(body);
      if (kind == "diurnal") return diurnal(body);
      if (kind == "weekly") return week(body);
      if (kind == "growth") return growth(body);
      if (kind == "flash") return flash(body);
      if (kind == "event") return event(body);
      if (kind == "noise") return noise(body);
      if (kind == "trace") return trace(body);
      if (kind == "sum") return sum(body);
      if (kind == "product") return product(body);
    }
    broken_ = true;
    return {};
  }

  /// The keys beside the variant: clock first, then shift, scale, clip.
  void modify(const View& at, Term& out) {
    Duration later = at["shift"].duration();
    if (at["utc_offset"] && at["time_zone"]) {
      r_.error("E015", at["time_zone"], "keys that exclude each other",
               "write \"utc_offset\" or \"time_zone\"");
    }
    later = later - at["utc_offset"].duration() - zone(at["time_zone"]);
    out.spec = shifted(std::move(out.spec), later);
    if (const View scale = at["scale"]) out.spec = scaled(std::move(out.spec), scale.number());
    const View clip = at["clip"];
    if (!clip) return;
    DemandClip cut;
    if (const View v = clip["at_least"]) cut.at_least = v.number();
    if (const View v = clip["at_most"]) cut.at_most = v.number();
    if (cut.at_least && cut.at_most && *cut.at_least > *cut.at_most) {
      r_.error("E034", clip["at_most"], "at_most is below at_least");
      return;
    }
    if (!out.absolute && !broken_) {
      r_.error("E034", clip, fmt::format("a factor has no {} to cut off", noun_),
               "clip the product or sum that it is part of");
    }
    cut.of = std::make_shared<const DemandSpec>(std::move(out.spec));
    out.spec = {std::move(cut)};
  }

  Duration zone(const View& name) {
    if (!name) return {};
    std::vector<std::string> known;
    for (const auto& region : r_.spec["regions"].each()) known.push_back(region.key);
    if (std::find(known.begin(), known.end(), name.text()) == known.end()) {
      r_.unknown(name, "region", known);
      return {};
    }
    return r_.spec["regions"][name.text()]["utc_offset"].duration();
  }

  Term table(const View& body) {
    auto points = std::make_shared<DemandPoints>();
    bool some_factor = false;
    bool some_value = false;
    for (const auto& [_, point, span] : body["points"].each()) {
      if (!point || !point["at"]) {
        broken_ = true;
        continue;
      }
      const SimTime at = SimTime{} + point["at"].duration();
      if (!points->at.empty() && at <= points->at.back()) {
        r_.error("E034", point["at"], "not later than the point before");
        continue;
      }
      const View factor = point["factor"];
      some_factor = some_factor || factor;
      some_value = some_value || point[noun_];
      points->at.push_back(at);
      points->value.push_back(factor ? factor.number() : point[noun_].number());
    }
    if (some_factor && some_value) {
      r_.error("E034", body["points"], fmt::format("some points have a {}, some a factor", noun_));
    }
    if (points->at.empty()) return {{constant_table(0)}};
    const Duration length = points->at.back() - points->at.front();
    DemandTable out{std::move(points), body["interpolation"].text() == "linear", std::nullopt};
    if (const View repeat = body["repeat"]) {
      if (repeat.duration() <= length) {
        r_.error("E034", repeat, "the points do not fit into the time after which they repeat");
      } else {
        out.period = repeat.duration();
      }
    }
    return {{std::move(out)}, !some_factor};
  }

  Term diurnal(const View& body) {
    const View mean = body["mean"];
    DemandDiurnal out;
    if (mean) out.mean = mean.number();
    out.peak_to_mean = std::max(1.0, body["peak_to_mean"].number());
    out.peak = body["peak"].duration();
    return {{out}, mean || (mean.json() != nullptr)};
  }

  Term week(const View& body) {
    constexpr std::array<std::string_view, 7> kDays = {
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    const std::vector<double> given = body["factors"].numbers();
    std::array<double, 7> factors{};
    if (body["factors"] && given.size() != factors.size()) {
      r_.error("E022", body["factors"], fmt::format("{} factors; a week has 7 days", given.size()));
    }
    std::copy_n(given.begin(), std::min(given.size(), factors.size()), factors.begin());
    const auto* first = std::find(kDays.begin(), kDays.end(), body["first_day"].text());
    const int day = first == kDays.end() ? 0 : static_cast<int>(first - kDays.begin());
    return {weekly(factors, day, body["interpolation"].text() == "linear"), false};
  }

  Term growth(const View& body) {
    using Form = DemandGrowth::Form;
    DemandGrowth out;
    const std::string form = body["form"].text();
    const View every = form == "logistic" ? body["width"] : body["every"];
    if (!every) {
      broken_ = true;
      return {{DemandConstant{1}}, false};
    }
    out.every = every.duration();
    out.form = form == "linear"        ? Form::linear
               : form == "exponential" ? Form::exponential
                                       : Form::logistic;
    out.by = form == "linear" ? body["by"].number() : body["factor"].number();
    out.midpoint = body["midpoint"].duration();
    if (out.form == Form::exponential && out.by <= 0) return {{DemandConstant{1}}, false};
    const View duration = r_.spec["duration"];
    if (out.form == Form::exponential && duration &&
        math::log(out.by) * duration.number() / every.number() > math::log(1e9)) {
      r_.error("E021", body, "by the end of the run the demand has grown more than 1e9 times");
    }
    return {{out}, false};
  }

  /// A factor rests at 1, a rate of its own at 0.
  void set_levels(const View& body, double& rest, double& top, bool& absolute) const {
    const View factor = body["factor"];
    absolute = !factor;
    rest = absolute ? 0 : 1;
    top = absolute ? body[noun_].number() : factor.number();
  }

  Term flash(const View& body) {
    Term out;
    DemandFlash flash;
    set_levels(body, flash.rest, flash.top, out.absolute);
    flash.at = SimTime{} + body["at"].duration();
    flash.rise = body["rise"].duration();
    flash.hold = body["hold"].duration();
    flash.decay = body["decay"].duration();
    if (flash.rise.ns + flash.hold.ns + flash.decay.ns == 0 && body["rise"]) {
      r_.error("E034", body, "a flash crowd without rise, hold and decay is over at once",
               R"(add "hold": "20 min" or "decay": "40 min")");
    }
    out.spec = {flash};
    return out;
  }

  Term event(const View& body) {
    Term out;
    DemandEvent event;
    set_levels(body, event.rest, event.on, out.absolute);
    event.at = SimTime{} + body["at"].duration();
    if (const View lasts = body["for"]) event.lasts = lasts.duration();
    if (const View every = body["every"]) {
      if (every.duration() >= event.lasts) {
        event.every = every.duration();
      } else {
        r_.error("E034", every, "it begins again before it is over");
      }
    }
    out.spec = {event};
    return out;
  }

  Term noise(const View& body) {
    DemandNoise out;
    out.cv = body["cv"].number();
    if (const View time = body["correlation_time"]) out.correlation_time = time.duration();
    out.stream = body.path();
    return {{std::move(out)}, false};
  }

  Term trace(const View& body) {
    using Value = DemandTraceSpec::Value;
    const bool shape = body["value"].text() == "shape";
    DemandTraceSpec spec;
    const auto opened = r_.opened.find(body["file"].path());
    if (opened == r_.opened.end() || !r_.options.check_traces) {
      broken_ = broken_ || opened == r_.opened.end();
      return {{constant_table(0)}, !shape};
    }
    spec.file = opened->second;
    spec.header = body["header"].flag();
    spec.time_column = body["time_column"].text();
    spec.value_column = body["value_column"].text();
    spec.time_unit_s = body["time_unit"].number();
    spec.value = shape                             ? Value::shape
                 : body["value"].text() == "count" ? Value::count
                                                   : Value::rate;
    if (const View unit = body["unit"]) spec.unit = unit.number();
    if (const View interval = body["interval"]) spec.interval = interval.duration();
    spec.linear = body["interpolation"].text() == "linear";
    spec.repeat = body["end"].text() == "repeat";
    if (spec.interval && spec.value != Value::count) {
      r_.error("E016", body["interval"], R"(applies only beside "value": "count")");
    }
    const auto loaded = load_demand_trace(spec);
    if (const auto* issues = std::get_if<Issues>(&loaded)) {
      r_.report(body, *issues);
      return {{constant_table(0)}, !shape};
    }
    const auto& good = std::get<LoadedDemandTrace>(loaded);
    r_.note_file(body["file"], good.sha256);
    return {{good.table}, !shape};
  }

  Term sum(const View& body) {
    std::vector<DemandSpec> rates;
    std::vector<DemandSpec> factors;
    for (const auto& [_, each, span] : body.each()) {
      Term term = read(each);
      (term.absolute ? rates : factors).push_back(std::move(term.spec));
    }
    const bool absolute = !rates.empty();
    if (rates.empty() && factors.empty()) return {};
    return {modulated_sum(std::move(rates), std::move(factors)), absolute};
  }

  Term product(const View& body) {
    DemandProduct out;
    int absolutes = 0;
    for (const auto& [_, each, span] : body.each()) {
      Term term = read(each);
      if (term.absolute && ++absolutes == 2 && !broken_) {
        r_.error("E034", each, fmt::format("the product of two {}s is none", noun_),
                 "leave out the mean of one, or use a shape, so that it is a factor");
      }
      out.factors.push_back(std::move(term.spec));
    }
    if (out.factors.empty()) return {};
    return {{std::move(out)}, absolutes > 0};
  }

  Resolution& r_;
  std::string noun_;
  std::size_t terms_ = 0;
  bool broken_ = false;  // a part is missing and was reported
};

ReplayRequests replayed_requests(Resolution& r, const View& body) {
  ReplayRequests out;
  const auto opened = r.opened.find(body["file"].path());
  if (opened == r.opened.end()) return out;
  out.file = opened->second;
  out.header = body["header"].flag();
  out.column = body["time_column"].text();
  out.unit_s = body["time_unit"].number();
  out.from_first = body["from_first"].flag();
  if (out.unit_s == 0 && body["from_first"] && !out.from_first) {
    r.error("E034", body["from_first"], "dates are no times of the run",
            "leave it out, or give numbers and their \"time_unit\"");
  }
  if (!r.options.check_traces) return out;
  const auto facts = check_replay(out);
  if (const auto* issues = std::get_if<Issues>(&facts)) {
    r.report(body, *issues);
  } else {
    r.note_file(body["file"], std::get<ReplayFacts>(facts).sha256);
  }
  return out;
}

ClosedRequests closed_of(Resolution& r, const View& body) {
  ClosedRequests out;
  out.users = CurveReader(r, "level").whole(body["users"]);
  out.think_s = distribution_of(r, body["think"]);
  if (const View session = body["session"]) {
    out.session_requests = distribution_of(r, session["requests"]);
    out.pause_s = distribution_of(r, session["pause"]);
  }
  return out;
}

}  // namespace

DemandSpec demand_of(Resolution& r, const View& demand) {
  return CurveReader(r, "rate").whole(demand);
}

RequestArrivalSpec request_arrivals_of(Resolution& r, const View& arrivals) {
  if (!arrivals) return PoissonRequests{};
  const auto [kind, body, _] = arrivals.each().front();
  const double cv = body["cv"] ? body["cv"].number() : 1;
  if (kind == "gamma") return GammaRequests{cv};
  if (kind == "weibull") return WeibullRequests{cv};
  if (kind == "replay") return replayed_requests(r, body);
  if (kind == "closed") return closed_of(r, body);
  if (kind == "hawkes") {
    const View decay = body["decay"];
    return HawkesRequests{body["branching"].number(), decay ? decay.number() : 1};
  }
  if (kind != "markov") return PoissonRequests{};
  MarkovRequests out;
  bool some = false;
  for (const auto& [index, state, span] : body["states"].each()) {
    out.states.push_back({state["factor"].number(), std::max(1e-6, state["mean"].number())});
    some = some || out.states.back().factor > 0;
  }
  if (!some && body["states"]) {
    r.error("E034", body["states"], "no state has a factor above 0");
  }
  return out;
}

}  // namespace hyperdc
