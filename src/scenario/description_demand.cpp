// Demand curves and arrivals of requests.
#include <hyperdc/core/units.hpp>

#include "scenario/description.hpp"

namespace hyperdc {
namespace {

constexpr double kMostRate = 1e9;    // of one curve, in 1/s
constexpr double kMostUsers = 1e10;  // of one curve
constexpr double kMostFactor = 1e4;
constexpr double kDay = 86'400;

TypeRef instant_type(std::string_view example) {
  return quantity_type(Dimension::time, example, {-kMaxSeconds, kMaxSeconds});
}
TypeRef factor_type(std::string_view example) {
  return number_type({0, kMostFactor}, std::string(example));
}

/// What a curve measures: requests a second, or users.
struct Measure {
  std::string name;     // of the type
  std::string noun;     // of the key for an absolute value: "rate"
  Dimension dimension;  // of that value
  std::string example;
  double most;

  TypeRef value() const { return quantity_type(dimension, example, {0, most}); }
};

const KeyRule& factor_or(const std::string& noun, KeyRule& rule) {
  rule = {{"factor", noun}, true};
  return rule;
}

TypeRef table_type(const Measure& measure) {
  KeyRule rule;
  const TypeRef point =
      object_type(measure.name + " point", "A value from this time on.",
                  {required("at", instant_type("8 h"), "Time of the run."),
                   optional(measure.noun, measure.value(), "The value there."),
                   optional("factor", factor_type("1.5"), "A factor instead; all points alike.")},
                  {factor_or(measure.noun, rule)});
  return object_type(measure.name + " pieces", "Values at given times, in order.",
                     {required("points", list_type(point, 1), "The points, in order of time."),
                      defaulted("interpolation", choice_type({"step", "linear"}), "\"step\"",
                                "Between points the value holds, or runs straight."),
                      optional("repeat", time_type("1 d", 1e-3),
                               "Everything repeats so often; without it the ends hold.")});
}

TypeRef diurnal_type(const Measure& measure) {
  return object_type(
      measure.name + " day", "One wave a day: mean * (1 + (peak_to_mean - 1) cos(time from peak)).",
      {optional("mean", measure.value(),
                "Mean over a day; without it the curve is a factor of mean 1."),
       defaulted("peak_to_mean", number_type({1, 2}, "1.8"), "1",
                 "Largest over mean; above 2 a cosine would be negative, write a table."),
       defaulted("peak", time_type("20 h", 0), "\"14 h\"", "Time of the day of the peak.")});
}

TypeRef weekly_type(const Measure& measure) {
  return object_type(
      measure.name + " week", "A factor for each day of the week.",
      {required("factors", list_type(factor_type("1"), 7), "Seven, Monday to Sunday."),
       defaulted("first_day",
                 choice_type({"monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
                              "sunday"}),
                 "\"monday\"", "The day on which the run starts, at 00:00."),
       defaulted("interpolation", choice_type({"step", "linear"}), "\"step\"",
                 "Steps at midnight, or straight lines from noon to noon.")});
}

TypeRef growth_type(const Measure& measure) {
  const Field every = required("every", time_type("1 y", 1), "The time that it takes.");
  return tagged_type(
      measure.name + " growth", "A factor that changes over the run.", "form",
      {{"linear",
        "1 + by * t / every, not below 0.",
        {required("by", number_type({-kMostFactor, kMostFactor}, "0.3"),
                  "What is added in the time \"every\"; negative: it shrinks."),
         every},
        {}},
       {"exponential",
        "factor ^ (t / every).",
        {required("factor", number_type({1e-4, kMostFactor}, "2"), "Times this each \"every\"."),
         every},
        {}},
       {"logistic",
        "From 1 to factor along an S: 1 + (factor - 1) / (1 + exp(-(t - midpoint) / width)).",
        {required("factor", factor_type("10"), "Where it ends."),
         required("midpoint", instant_type("180 d"), "When half of the way is done."),
         required("width", time_type("30 d", 1),
                  "Time constant: from 12 to 88 % of the way in four of it.")},
        {}}});
}

TypeRef flash_type(const Measure& measure) {
  KeyRule rule;
  return object_type(
      measure.name + " flash", "A flash crowd: a straight rise, a plateau, an exponential fall.",
      {required("at", instant_type("2 d 9 h"), "When it begins."),
       optional("factor", factor_type("5"), "At the top, times what it is added to."),
       optional(measure.noun, measure.value(), "At the top, on its own, instead of a factor."),
       defaulted("rise", time_type("5 min", 0), "\"0 s\"", "Time from the beginning to the top."),
       defaulted("hold", time_type("20 min", 0), "\"0 s\"", "Time at the top."),
       defaulted("decay", time_type("40 min", 0), "\"0 s\"",
                 "Time constant of the fall; 0: at once.")},
      {factor_or(measure.noun, rule)});
}

TypeRef event_type(const Measure& measure) {
  KeyRule rule;
  return object_type(
      measure.name + " event", "A scheduled event: another level for a while.",
      {required("at", instant_type("18 h"), "When it begins."),
       required("for", time_type("2 h", 1e-3), "How long it lasts."),
       optional("factor", factor_type("3"), "Times what it is added to."),
       optional(measure.noun, measure.value(), "On its own, instead of a factor."),
       optional("every", time_type("1 d", 1e-3), "It repeats so often; without it once.")},
      {factor_or(measure.noun, rule)});
}

TypeRef noise_type(const Measure& measure) {
  return object_type(
      measure.name + " noise", "A random factor of mean 1, log-normal, that drifts.",
      {required("cv", number_type({1e-4, 10}, "0.2"), "Standard deviation over mean."),
       required("correlation_time", time_type("10 min", 1e-3),
                "Time after which a deviation has shrunk to 1/e on average.")});
}

std::vector<Field> column_fields() {
  return {defaulted("header", boolean_type(), "true", "The first line names the columns."),
          defaulted("time_column", text_type("timestamp"), "\"1\"",
                    "Name of the column of times, or its number from 1."),
          optional("time_unit", time_type("1 s", 1e-9),
                   "Of numbers; without it times are dates like 2014-07-01 00:30:00.")};
}

TypeRef demand_trace_type(const Measure& measure) {
  std::vector<Field> fields{required("file", file_type("taxi.csv"), "A CSV file, plain or gz.")};
  for (Field& field : column_fields()) fields.push_back(std::move(field));
  fields.push_back(defaulted("value_column", text_type("value"), "\"2\"",
                             "Name of the column of values, or its number from 1."));
  if (measure.dimension == Dimension::frequency) {
    fields.push_back(required("value", choice_type({"rate", "count", "shape"}),
                              "A rate, a count from this row to the next, or a shape (divided by "
                              "its mean it is a factor)."));
    fields.push_back(defaulted("unit", quantity_type(measure.dimension, "1 /min", {1e-12, 1e12}),
                               "\"1 /s\"", "What a rate of 1 means."));
    fields.push_back(optional("interval", time_type("30 min", 1e-3),
                              "What a count is over, where it is not the time to the next row."));
  } else {
    fields.push_back(required("value", choice_type({"level", "shape"}),
                              "Users, or a shape (divided by its mean it is a factor)."));
  }
  fields.push_back(defaulted("interpolation", choice_type({"step", "linear"}), "\"step\"",
                             "Between rows the value holds, or runs straight."));
  fields.push_back(defaulted("end", choice_type({"hold", "repeat"}), "\"hold\"",
                             "After the last row its value holds, or the trace repeats."));
  return object_type(measure.name + " trace",
                     "Measured demand; the first row is at the start of the run.",
                     std::move(fields));
}

TypeRef curve_type(const Measure& measure) {
  return recursive_type("\"" + measure.example + "\"", [&](const TypeRef& self) {
    const TypeRef whole = one_key_type(
        measure.name,
        "A number over time: a constant, or exactly one term. Terms without " + measure.noun +
            " are factors: in a sum they multiply the rest, 1 + sum of (factor - 1).",
        measure.value(),
        {optional("constant", measure.value(), "Always the same."),
         optional("piecewise", table_type(measure), "Values at given times."),
         optional("diurnal", diurnal_type(measure), "One wave a day."),
         optional("weekly", weekly_type(measure), "A factor for each day of the week."),
         optional("growth", growth_type(measure), "Change over the whole run."),
         optional("flash", flash_type(measure), "A flash crowd."),
         optional("event", event_type(measure), "A scheduled event."),
         optional("noise", noise_type(measure), "Random drift."),
         optional("trace", demand_trace_type(measure), "A file."),
         optional("sum", list_type(self, 1), "The sum of these."),
         optional("product", list_type(self, 1), "The product; at most one is not a factor.")});
    const TypeRef clip = object_type(measure.name + " clip", "Cuts the curve off.",
                                     {optional("at_least", measure.value(), "Not below this."),
                                      optional("at_most", measure.value(), "Not above this.")},
                                     {{{"at_least", "at_most"}, false}});
    return modified_type(
        whole, "constant",
        {optional("utc_offset", utc_offset_type(),
                  "The curve is in local time, so far ahead of the clock of the run (UTC)."),
         optional("time_zone", text_type("us-east"),
                  "The region whose utc_offset it is, instead of the offset itself."),
         optional("shift", instant_type("2 h"), "Later by this."),
         optional("scale", number_type({0, 1e9}, "2"), "Times this."),
         optional("clip", clip, "Cut off, last of all.")});
  });
}

Measure requests() {
  return {"demand curve", "rate", Dimension::frequency, "100 /s", kMostRate};
}
Measure users() {
  return {"users curve", "level", Dimension::none, "500", kMostUsers};
}

TypeRef markov_type() {
  const TypeRef state = object_type(
      "arrival state", "A state of a Markov-modulated process.",
      {required("factor", factor_type("0.5"), "Times the demand while in it."),
       required("mean", time_type("10 min", 1e-6), "Mean stay; stays are exponential.")});
  return object_type("markov arrivals", "States that come and go at random.",
                     {required("states", list_type(state, 2),
                               "At least two; the next is any other with equal probability.")});
}

TypeRef replay_type() {
  std::vector<Field> fields{
      required("file", file_type("requests.csv"), "A CSV file, plain or gz.")};
  for (Field& field : column_fields()) fields.push_back(std::move(field));
  fields.push_back(defaulted("from_first", boolean_type(), "true",
                             "The first row is at the start of the run; false: numbers are times "
                             "of the run."));
  return object_type("replay", "A request at each row, in order of time.", std::move(fields));
}

TypeRef closed_type() {
  const auto time = [](std::string_view example) {
    return distribution_type(Dimension::time, example, {0, kMaxSeconds});
  };
  const TypeRef session =
      object_type("session", "Users come and go.",
                  {required("requests", distribution_type(Dimension::none, "12", {0, 1e9}),
                            "Requests of a session; rounded, at least one."),
                   required("pause", time("1 h"), "Time between two sessions of a user.")});
  return object_type("closed arrivals",
                     "Each user thinks, issues a request, waits for its end, and again.",
                     {required("users", curve_type(users()), "How many there are."),
                      required("think", time("7 s"), "From the end of a request to the next."),
                      optional("session", session, "Without it users never pause.")});
}

}  // namespace

TypeRef utc_offset_type() {
  return quantity_type(Dimension::time, "-5 h", {-kDay, kDay});
}

TypeRef demand_type() {
  return curve_type(requests());
}

TypeRef request_arrivals_type() {
  const auto with_cv = [](const std::string& name, const std::string& doc) {
    return object_type(name, doc,
                       {required("cv", number_type({1e-3, 100}, "2"),
                                 "Standard deviation of the gaps over their mean, in units of "
                                 "expected requests.")});
  };
  return one_key_type(
      "request arrivals", "How requests come over the demand curve: exactly one key.", nullptr,
      {optional("poisson", object_type("poisson requests", "Independent users.", {}),
                "A Poisson process with the rate of the curve."),
       optional("gamma", with_cv("gamma requests", "Gamma gaps."),
                "Gamma gaps along the curve: cv above 1 makes bursts."),
       optional("weibull", with_cv("weibull requests", "Weibull gaps."),
                "Weibull gaps along the curve."),
       optional("markov", markov_type(), "A Markov-modulated Poisson process."),
       optional("hawkes",
                object_type("hawkes arrivals", "Requests that draw further requests.",
                            {required("branching", number_type({0, 0.99}, "0.5"),
                                      "Mean number that one draws directly; the mean rate is the "
                                      "curve / (1 - branching)."),
                             required("decay", time_type("10 s", 1e-6),
                                      "Time constant of the excitation.")}),
                "A Hawkes process: the curve is its baseline."),
       optional("replay", replay_type(), "The times of a file; there is no demand curve."),
       optional("closed", closed_type(), "N users who wait; there is no demand curve.")});
}

}  // namespace hyperdc
