// A deployment for tests of autoscalers: readings are set by hand, wishes are carried out at once.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <hyperdc/policy/autoscaler.hpp>

namespace hyperdc::testing {

inline constexpr double kMinute = 60, kHour = 3600;  // s

inline double number_of(const nlohmann::json& value, Dimension dimension) {
  if (value.is_number()) return value.get<double>();
  const auto parsed = parse_quantity(value.get<std::string>(), dimension);
  REQUIRE(std::holds_alternative<double>(parsed));
  return std::get<double>(parsed);
}

inline Params::Value fallback_of(const ParamSpec& spec) {
  const auto value = nlohmann::json::parse(spec.fallback);
  switch (spec.kind) {
    case ParamKind::boolean:
      return value.get<bool>();
    case ParamKind::choice:
    case ParamKind::text:
      return value.get<std::string>();
    case ParamKind::text_list:
      return value.get<std::vector<std::string>>();
    case ParamKind::quantity_list: {
      std::vector<double> list;
      for (const auto& each : value) list.push_back(number_of(each, spec.dimension));
      return list;
    }
    default:
      return number_of(value, spec.dimension);
  }
}

using Settings = std::vector<std::pair<std::string, Params::Value>>;

/// The defaults of the entry, but for `set`.
inline Params params_for(const AutoscalerEntry& entry, const Settings& set = {}) {
  Params params;
  for (const ParamSpec& spec : entry.params) params.set(spec.name, fallback_of(spec));
  const std::size_t known = params.all().size();
  for (const auto& [name, value] : set) params.set(name, value);
  REQUIRE(params.all().size() == known);  // else a name is misspelt
  return params;
}

inline const AutoscalerEntry& autoscaler(std::string_view name) {
  for (const AutoscalerEntry& entry : autoscalers()) {
    if (entry.name == name) return entry;
  }
  FAIL("no autoscaler is called " << name);
  return autoscalers().front();
}

inline std::string problem_of(std::string_view name, const Settings& set) {
  const AutoscalerEntry& entry = autoscaler(name);
  return entry.check(params_for(entry, set));
}

/// One deployment under one policy. `view` is what the policy will see; replicas that are wanted
/// are ready at once and old, unless the test lists them itself.
class ScaledDeployment {
 public:
  ScaledDeployment(std::string_view name, const Settings& set = {},
                   const AutoscalerContext& context = {}) {
    const AutoscalerEntry& entry = autoscaler(name);
    const Params params = params_for(entry, set);
    if (entry.check != nullptr) REQUIRE(entry.check(params).empty());
    policy_ = entry.make(params, context);
    view.wanted = 1;
    view.min_replicas = 1;
    view.max_replicas = 1000;
  }

  /// Asks at `t_s`; what is wanted afterwards.
  std::uint32_t at(double t_s) {
    view.now = SimTime{} + seconds(t_s);
    if (instant) {
      view.ready = view.wanted;
      view.starting = 0;
    }
    view.replicas = list;
    const auto answer = policy_->decide(view);
    why = answer ? std::string(answer->because) : std::string();
    cores = answer ? answer->cores : std::nullopt;
    if (answer) {
      REQUIRE_FALSE(answer->because.empty());
      view.wanted = std::clamp(answer->replicas, view.min_replicas, view.max_replicas);
    }
    return view.wanted;
  }
  /// The same with this mean utilization.
  std::uint32_t at(double t_s, std::optional<double> utilization) {
    view.utilization = utilization;
    return at(t_s);
  }

  ScaleView view;
  std::vector<ReplicaReading> list;
  bool instant = true;  // all that are wanted are ready
  std::string why;      // of the last answer; empty: none
  std::optional<double> cores;

 private:
  std::unique_ptr<Autoscaler> policy_;
};

/// `count` replicas of this utilization that have been ready since long ago.
inline std::vector<ReplicaReading> old_replicas(std::size_t count,
                                                std::optional<double> utilization) {
  return std::vector<ReplicaReading>(
      count,
      {SimTime{-whole_seconds(86400).ns}, SimTime{-whole_seconds(86000).ns}, utilization, {}});
}

inline std::vector<ReplicaReading> operator+(std::vector<ReplicaReading> a,
                                             const std::vector<ReplicaReading>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Asked for and not ready, without a sample.
inline std::vector<ReplicaReading> starting_replicas(std::size_t count) {
  return std::vector<ReplicaReading>(count, ReplicaReading{});
}

/// 1 ms a token of a prompt; 10 ms, and 1 ms a sequence, an iteration; 40 sequences at a time.
class HandEngine final : public EngineCapacity {
 public:
  double first_token_s(double prompt) const override { return 0.001 * prompt; }
  double next_token_s(std::uint32_t sequences, double context) const override {
    return 0.010 + 0.001 * sequences + 1e-9 * context;  // contexts hardly matter
  }
  std::uint32_t most_sequences(double context) const override {
    return static_cast<std::uint32_t>(40'000 / std::max(1000.0, context));
  }
};

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

}  // namespace hyperdc::testing
