// Whose datacenter a scenario stands for: the grades of its inputs.
//
// Inputs are the facts of the servers and accelerators that stand in it, of its fabrics and of its
// facilities. Each has the worst grade of its sources: what they say, or else "memory" is guessed,
// what is assumed in part is estimated, a document is published. Without a source it is guessed.
#include <array>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "scenario/provider_spec.hpp"
#include "scenario/resolve.hpp"

namespace hyperdc {

namespace {

// Keys that have a default say nothing where they are left out, so they are no inputs.
constexpr std::array kServerInputs{"cores",  "memory", "accelerators", "host_power",
                                   "drives", "nics",   "price",        "embodied"};
constexpr std::array kAcceleratorInputs{"memory", "memory_bandwidth", "compute", "power",
                                        "scale_up"};
constexpr std::array kFacilityInputs{"pue",           "power",       "electricity",
                                     "carbon",        "water",       "costs.building",
                                     "costs.network", "costs.staff", "costs.demand_charge"};

Grade grade_of(const View& source) {
  if (source["source"].text() == "memory") return Grade::guessed;  // whatever it says
  const std::string grade = source["grade"].text();
  if (grade == "measured") return Grade::measured;
  if (grade == "published") return Grade::published;
  if (grade == "estimated") return Grade::estimated;
  if (grade == "guessed") return Grade::guessed;
  return source["assumed"].flag() ? Grade::estimated : Grade::published;
}

class InputCounter {
 public:
  InputCounter(Resolution& r, ProviderSpec& out) : r_(r), out_(out) {}

  void entry(std::string_view kind, const std::string& name, std::span<const char* const> inputs) {
    if (!seen_.insert(fmt::format("{}.{}", kind, name)).second) return;
    const Hardware found = find_entry(r_, kind, name);
    if (found.value) facts(found.value, inputs);
  }

  /// Of a fabric: what its file gives a source for.
  void fabric(const std::string& name) {
    if (!seen_.insert("fabric." + name).second) return;
    const Hardware found = find_entry(r_, kFabrics, name);
    if (!found.value) return;
    for (const auto& source : found.value["sources"].each()) {
      count(found.value["sources"], source.key);
    }
  }

  void facts(const View& of, std::span<const char* const> inputs) {
    for (const std::string fact : inputs) {
      const std::size_t dot = fact.find('.');
      const View value =
          dot == std::string::npos ? of[fact] : of[fact.substr(0, dot)][fact.substr(dot + 1)];
      const bool none = value.json() == nullptr || (fact == "accelerators" && value.number() == 0);
      if (!none) count(of["sources"], fact);
    }
  }

 private:
  void count(const View& sources, const std::string& fact) {
    std::optional<Grade> worst;
    for (const auto& [key, source, _] : sources.each()) {
      if (key != fact && !key.starts_with(fact + ".")) continue;
      const Grade grade = grade_of(source);
      if (!worst || grade > *worst) worst = grade;
    }
    ++out_.inputs[static_cast<std::size_t>(worst.value_or(Grade::guessed))];
  }

  Resolution& r_;
  ProviderSpec& out_;
  std::set<std::string> seen_;
};

}  // namespace

void resolve_provider(Resolution& r) {
  const View provider = r.spec["provider"];
  if (!provider) return;
  ProviderSpec out;
  out.name = provider["name"].text();
  out.as_of = provider["as_of"].text();
  InputCounter counter(r, out);
  for (std::size_t i = 0; i < r.scenario.server_types.size(); ++i) {
    counter.entry(kServers, r.scenario.server_types[i].name, kServerInputs);
  }
  for (std::size_t i = 0; i < r.scenario.accelerators.size(); ++i) {
    counter.entry(kAccelerators, r.scenario.accelerators[i].name, kAcceleratorInputs);
  }
  for (const auto& region : r.spec["regions"].each()) {
    counter.facts(region.value["facility"], kFacilityInputs);
    if (const View fabric = region.value["fabric"]) counter.fabric(fabric.text());
  }
  r.scenario.provider = std::move(out);
}

}  // namespace hyperdc
