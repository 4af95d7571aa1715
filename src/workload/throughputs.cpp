#include "workload/throughputs.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "workload/csv_rows.hpp"

namespace hyperdc {
namespace {

enum RateColumns : std::size_t { kRateOf, kAccelerators, kServerModel, kThroughput };
constexpr std::array<Column, 4> kRateColumns{
    {{"application", true}, {"accelerators", true}, {"model", true}, {"steps_per_s", true}}};
constexpr std::size_t kMostProfiles = 65'535;

bool read_rate(CsvTable& table, ModelNames& models, Throughputs& out) {
  if (table.text(kRateOf).empty()) {
    table.problem(kRateOf, input_code::kValue, "application is empty");
  }
  if (table.text(kServerModel).empty())
    table.problem(kServerModel, input_code::kValue, "model is empty");
  const auto accelerators = static_cast<std::uint32_t>(table.whole(kAccelerators, {1, 1e6}));
  const double rate = table.number(kThroughput, {1e-9, 1e12});
  if (!table.fields().clean()) return false;
  std::uint16_t profile = out.find(table.text(kRateOf), accelerators);
  if (profile == 0) {
    if (out.profiles.size() == kMostProfiles) {
      table.problem(kRateOf, input_code::kTooMuch, "more than 65535 applications and sizes");
      return false;
    }
    out.profiles.push_back({std::string(table.text(kRateOf)), accelerators, {}});
    profile = static_cast<std::uint16_t>(out.profiles.size());
  }
  const auto bit = models.intern(table.text(kServerModel));
  if (!bit) {
    table.problem(kServerModel, input_code::kTooMuch,
                  "more than 64 accelerator models in one scenario");
    return false;
  }
  auto& rates = out.profiles[profile - 1u].rates;
  if (std::any_of(rates.begin(), rates.end(), [&](const auto& r) { return r.model == *bit; })) {
    table.problem(kServerModel, input_code::kValue,
                  "this application, size and model was given before");
    return false;
  }
  rates.push_back({*bit, rate});
  return true;
}

}  // namespace

double Throughputs::Profile::fastest() const {
  double best = 0;
  for (const Rate& rate : rates) best = std::max(best, rate.steps_per_s);
  return best;
}

std::uint16_t Throughputs::find(std::string_view application, std::uint32_t accelerators) const {
  const auto known = std::find_if(profiles.begin(), profiles.end(), [&](const Profile& profile) {
    return profile.accelerators == accelerators && profile.application == application;
  });
  return known == profiles.end() ? std::uint16_t{0}
                                 : static_cast<std::uint16_t>(known - profiles.begin() + 1);
}

Result<Throughputs> read_throughputs(const std::string& file, ModelNames& models) {
  Throughputs out;
  const auto read = read_csv_rows(file, kRateColumns, "throughputs",
                                  [&](CsvTable& table) { return read_rate(table, models, out); });
  if (const auto* issues = std::get_if<Issues>(&read)) return *issues;
  out.sha256 = std::get<std::string>(read);
  return out;
}

}  // namespace hyperdc
