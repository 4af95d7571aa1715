#include "workload/client_windows.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include <hyperdc/core/assert.hpp>

#include "core/distribution.hpp"
#include "core/text.hpp"
#include "workload/csv_rows.hpp"

namespace hyperdc {
namespace {

constexpr Duration kWindow{600 * kNsPerSecond};
constexpr double kMostCv = 100, kLeastCv = 0.001;
constexpr double kMostRate = 1e9;
constexpr double kMostStart_s = 3e9;  // 95 years

enum Columns : std::size_t { kStart, kRate, kCv, kLaw, kShape, kScale, kColumns };

/// The law of the gaps; nothing, with a problem, where it is none of them.
std::optional<bool> read_weibull(Fields& fields, double rate_per_s) {
  const std::string_view law = fields[kLaw];
  if (law == "Weibull") return true;
  if (law == "Gamma" || law == "Exponential" || (law.empty() && rate_per_s == 0)) return false;
  fields.problem(kLaw, input_code::kValue,
                 fmt::format("law: {} is none that gaps have", quoted(law, 40)),
                 "Gamma, Weibull or Exponential; nothing where the rate is 0");
  return std::nullopt;
}

/// A window, and whether its cv was too large.
std::optional<ClientWindow> read_window(Fields& fields, std::uint64_t& capped) {
  ClientWindow window;
  window.from =
      SimTime{} +
      seconds(static_cast<double>(fields.whole(kStart, "start of the window", {0, kMostStart_s})));
  window.rate_per_s = fields.number(kRate, "rate", {0, kMostRate});
  const double cv = fields.number(kCv, "cv", {0, 1e9});
  const auto weibull = read_weibull(fields, window.rate_per_s);
  for (const std::size_t unused : {kShape, kScale}) {
    fields.number(unused, "parameter of the law", {0, 1e300});
  }
  if (!fields.clean()) return std::nullopt;
  if (cv > kMostCv) ++capped;
  window.cv = cv < kLeastCv ? 0 : std::min(cv, kMostCv);
  if (fields[kLaw] == "Exponential") window.cv = 1;
  window.weibull = *weibull;
  return window;
}

/// Puts it behind the windows of its client.
void keep(const ClientWindow& window, Fields& fields,
          std::vector<std::vector<ClientWindow>>& clients) {
  if (clients.empty() || window.from <= clients.back().back().from) clients.emplace_back();
  std::vector<ClientWindow>& own = clients.back();
  if (!own.empty() && window.from != own.back().from + kWindow) {
    fields.problem(kStart, input_code::kRange,
                   fmt::format("start of the window: {} s after the one before",
                               to_seconds(window.from - own.back().from)),
                   "600: the next window; or earlier than it: of another client");
  }
  own.push_back(window);
}

}  // namespace

SimTime ClientWindows::end() const {
  SimTime end;
  for (const auto& client : clients) end = std::max(end, client.back().from + kWindow);
  return end;
}

Result<ClientWindows> read_client_windows(const std::string& file) {
  ClientWindows out;
  RowProblems problems(file);
  Fields fields(problems);
  Result<std::string> read =
      read_rows(file, "windows", problems, [&](std::string_view line, LineReader& lines) {
        if (!fields.split_commas(line, lines.line_number())) return LineWas::other;
        if (fields.size() != kColumns) {
          fields.row_problem(input_code::kRow,
                             fmt::format("{} fields where a window has 6", fields.size()),
                             lines.ended() ? "" : "the file ends in this row: it was cut off");
          return LineWas::other;
        }
        const auto window = read_window(fields, out.capped);
        if (window) keep(*window, fields, out.clients);
        return LineWas::row;
      });
  if (auto* issues = std::get_if<Issues>(&read)) return std::move(*issues);
  out.sha256 = std::get<std::string>(read);
  return out;
}

/// Arrivals of one client.
class ClientArrivals::Client {
 public:
  Client(const std::vector<ClientWindow>& windows, double scale, const RandomStream& stream,
         SimTime end)
      : windows_(&windows), scale_(scale), stream_(stream), end_(end) {
    const auto first = std::ranges::find_if(
        windows, [](const ClientWindow& window) { return window.rate_per_s > 0; });
    window_ = static_cast<std::size_t>(first - windows.begin());
  }

  std::optional<SimTime> next() {
    if (window_ == windows_->size()) return std::nullopt;
    double amount = gap() + carried_;
    for (; window_ < windows_->size(); ++window_) {
      const double rate = scale_ * (*windows_)[window_].rate_per_s;
      const SimTime ends = (*windows_)[window_].from + kWindow;
      at_ = std::max(at_, (*windows_)[window_].from);
      if (at_ >= end_) break;
      const double left = rate * to_seconds(ends - at_);
      if (amount >= left) {
        amount -= left;
        continue;
      }
      const Duration step{static_cast<std::int64_t>(amount / rate * kNsPerSecond)};
      at_ = std::min(at_ + step, ends - nanoseconds(1));
      if (at_ >= end_) break;
      carried_ = std::max(0.0, amount - rate * to_seconds(step));
      return at_;
    }
    window_ = windows_->size();  // none is left
    return std::nullopt;
  }

 private:
  double gap() {
    if (window_ != law_of_) {
      const ClientWindow& window = (*windows_)[window_];
      law_ = Distribution(window.weibull ? DistributionSpec{Weibull{1, window.cv}}
                                         : DistributionSpec{Gamma{1, window.cv}});
      law_of_ = window_;
    }
    return law_.draw(stream_, drawn_++);
  }

  const std::vector<ClientWindow>* windows_;
  double scale_;
  RandomStream stream_;
  SimTime end_, at_;  // at_: of the last request
  Distribution law_{Constant{1}};
  std::size_t window_ = 0, law_of_ = static_cast<std::size_t>(-1);
  std::uint64_t drawn_ = 0;
  double carried_ = 0;  // of a request that the rounding down to ns left
};

ClientArrivals::ClientArrivals(std::shared_ptr<const ClientWindows> windows, double scale,
                               std::string_view workload, std::uint64_t seed, SimTime end)
    : windows_(std::move(windows)) {
  HYPERDC_CHECK(windows_ != nullptr, "arrivals of clients without a file");
  for (std::uint32_t k = 0; k < windows_->clients.size(); ++k) {
    clients_.emplace_back(
        windows_->clients[k], scale,
        RandomStream(seed, fmt::format("workloads.{}.arrivals.client.{}", workload, k)), end);
    push(k);
  }
}

ClientArrivals::~ClientArrivals() = default;

void ClientArrivals::push(std::uint32_t client) {
  if (const auto at = clients_[client].next()) coming_.push({*at, client});
}

std::optional<SimTime> ClientArrivals::next() {
  if (coming_.empty()) return std::nullopt;
  const Coming first = coming_.top();
  coming_.pop();
  push(first.client);
  return first.at;
}

}  // namespace hyperdc
