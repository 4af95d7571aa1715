#include "workload/elastic_profile.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <limits>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

/// Straight from `a` to `b` and beyond.
double line(double at, double from, double a, double to, double b) {
  return from == to ? a : a + (b - a) * ((at - from) / (to - from));
}

StepTime line(double at, double from, const StepTime& a, double to, const StepTime& b) {
  StepTime out{line(at, from, a.step_s, to, b.step_s), line(at, from, a.sync_s, to, b.sync_s)};
  if (at < from) out.step_s = std::max(out.step_s, a.step_s / 2);
  if (at > to) out.step_s = std::max(out.step_s, b.step_s / 2);
  out.sync_s = std::clamp(out.sync_s, 0.0, out.step_s);
  return out;
}

/// The two neighbours of a key in a sorted range, by `key_of`; the outermost two beyond it.
template <class It, class Key>
std::pair<It, It> neighbours(It begin, It end, double at, Key key_of) {
  It upper = begin;
  while (upper != end && key_of(*upper) < at) ++upper;
  if (upper == end) --upper;
  if (upper == begin && std::next(begin) != end && key_of(*begin) != at) ++upper;
  const It lower = upper == begin ? begin : std::prev(upper);
  return {key_of(*upper) == at ? upper : lower, upper};
}

StepTime at_batch(const std::vector<ElasticProfile::Sample>& samples, double batch) {
  const auto [a, b] = neighbours(samples.begin(), samples.end(), batch,
                                 [](const auto& sample) { return sample.batch; });
  return line(batch, a->batch, a->time, b->batch, b->time);
}

/// Sorted by batch; of those with the same batch the mean.
void join(std::vector<ElasticProfile::Sample>& samples) {
  std::stable_sort(samples.begin(), samples.end(),
                   [](const auto& a, const auto& b) { return a.batch < b.batch; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < samples.size();) {
    ElasticProfile::Sample mean{samples[i].batch, {}};
    double n = 0;
    for (; i < samples.size() && samples[i].batch == mean.batch; ++i, ++n) {
      mean.time.step_s += samples[i].time.step_s;
      mean.time.sync_s += samples[i].time.sync_s;
    }
    mean.time.step_s /= n;
    mean.time.sync_s /= n;
    samples[kept++] = mean;
  }
  samples.resize(kept);
}

std::string smallest_rotation(std::string digits) {
  std::string best = digits;
  for (std::size_t i = 1; i < digits.size(); ++i) {
    std::rotate(digits.begin(), digits.begin() + 1, digits.end());
    best = std::min(best, digits);
  }
  return best;
}

}  // namespace

void ElasticProfile::add_placement(const std::string& digits, const Sample& sample) {
  std::uint32_t accelerators = 0;
  for (const char c : digits) {
    const auto here = static_cast<std::uint32_t>(c - '0');
    accelerators += here;
    most_per_server_ = std::max(most_per_server_, here);
  }
  placements_[smallest_rotation(digits)].push_back(sample);
  most_measured_servers_ = std::max(most_measured_servers_, digits.size());
  add_size(static_cast<std::uint32_t>(digits.size()), accelerators, sample);
  const auto local = static_cast<std::uint64_t>(sample.batch);
  least_local_ = least_local_ == 0 ? local : std::min(least_local_, local);
  most_local_ = std::max(most_local_, local);
}

void ElasticProfile::add_size(std::uint32_t servers, std::uint32_t accelerators,
                              const Sample& sample) {
  sizes_[servers][accelerators].push_back(sample);
}

void ElasticProfile::add_epoch(std::uint64_t batch, const Epoch& epoch) {
  batches_[batch].push_back(epoch);
}

std::string ElasticProfile::close_steps() {
  if (placements_.empty()) return "has no steps of a placement";
  if (sizes_.begin()->first != 1 || sizes_.begin()->second.begin()->first != 1) {
    return "has no steps of one accelerator";
  }
  for (auto& [_, samples] : placements_) join(samples);
  for (auto& [servers, by_accelerators] : sizes_) {
    for (auto& [_, samples] : by_accelerators) join(samples);
  }
  return {};
}

std::string ElasticProfile::close_progress() {
  if (batches_.empty()) return "has no progress";
  epochs_ = std::numeric_limits<std::uint32_t>::max();
  for (const auto& [batch, epochs] : batches_) {
    epochs_ = std::min(epochs_, static_cast<std::uint32_t>(epochs.size()));
    Epoch before;
    for (const Epoch& epoch : epochs) {
      if (epoch.progress <= before.progress) {
        return fmt::format("does not progress from epoch to epoch at batch {}", batch);
      }
      if (epoch.iteration <= before.iteration) {
        return fmt::format("takes no iterations from epoch to epoch at batch {}", batch);
      }
      before = epoch;
    }
  }
  return {};
}

StepTime ElasticProfile::on_servers(std::uint32_t servers, double accelerators,
                                    double local_batch) const {
  const auto& columns = sizes_.at(servers);
  const auto [a, b] =
      neighbours(columns.begin(), columns.end(), accelerators,
                 [](const auto& column) { return static_cast<double>(column.first); });
  return line(accelerators, a->first, at_batch(a->second, local_batch), b->first,
              at_batch(b->second, local_batch));
}

StepTime ElasticProfile::step(std::span<const std::uint32_t> placement, double local_batch) const {
  std::string digits;
  std::uint32_t accelerators = 0;
  bool written = true;
  for (const std::uint32_t here : placement) {
    if (here == 0) continue;
    accelerators += here;
    written = written && here <= 9;
    digits += static_cast<char>('0' + std::min(here, 9U));
  }
  HYPERDC_CHECK(!digits.empty(), "a step on no accelerator");
  if (written && digits.size() <= most_measured_servers_) {
    const auto measured = placements_.find(smallest_rotation(digits));
    if (measured != placements_.end()) return at_batch(measured->second, local_batch);
  }
  const double servers =
      std::min(static_cast<double>(digits.size()), static_cast<double>(sizes_.rbegin()->first));
  const auto [a, b] = neighbours(sizes_.begin(), sizes_.end(), servers,
                                 [](const auto& size) { return static_cast<double>(size.first); });
  const double each = accelerators / servers;
  return line(servers, a->first, on_servers(a->first, each * a->first, local_batch), b->first,
              on_servers(b->first, each * b->first, local_batch));
}

ElasticProfile ElasticProfile::faster(double times) const {
  ElasticProfile out = *this;
  const auto scale = [&](Samples& samples) {
    for (Sample& sample : samples) {
      sample.time.step_s = (sample.time.step_s - sample.time.sync_s) / times + sample.time.sync_s;
    }
  };
  for (auto& [_, samples] : out.placements_) scale(samples);
  for (auto& [servers, by_accelerators] : out.sizes_) {
    for (auto& [_, samples] : by_accelerators) scale(samples);
  }
  return out;
}

double ElasticProfile::one_rate() const {
  const Sample& largest = sizes_.at(1).at(1).back();
  return largest.batch / largest.time.step_s;
}

double ElasticProfile::progress(std::uint32_t epochs) const {
  if (epochs == 0) return 0;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [_, rows] : batches_) least = std::min(least, rows[epochs - 1].progress);
  return least;
}

template <class Read>
double ElasticProfile::between(double batch, Read read) const {
  const double inside =
      std::clamp(batch, static_cast<double>(first_batch()), static_cast<double>(last_batch()));
  const auto [a, b] = neighbours(batches_.begin(), batches_.end(), inside, [](const auto& entry) {
    return static_cast<double>(entry.first);
  });
  return line(inside, static_cast<double>(a->first), read(a->second), static_cast<double>(b->first),
              read(b->second));
}

GradientNoise ElasticProfile::noise(double batch, std::uint32_t epoch) const {
  return {between(batch, [&](const auto& rows) { return rows[epoch].noise.sqr; }),
          between(batch, [&](const auto& rows) { return rows[epoch].noise.var; })};
}

double ElasticProfile::iterations(double batch, std::uint32_t epoch) const {
  return between(batch, [&](const auto& rows) { return rows[epoch].iteration; });
}

}  // namespace hyperdc
