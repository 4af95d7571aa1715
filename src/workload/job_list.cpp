#include "workload/job_list.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include <hyperdc/core/assert.hpp>

#include "core/shuffle.hpp"

namespace hyperdc {

void JobList::add(const JobRecord& job) {
  HYPERDC_CHECK(rows_.size() < kMaxRowsInMemory, "too many jobs to hold in memory");
  Row row;
  row.submit = job.submit;
  row.leaves = job.run.has_value();
  row.run = job.run.value_or(Duration{});
  row.estimate = job.estimate;
  row.each = job.each;
  row.members = job.members;
  row.tenant = job.tenant;
  row.profile = job.profile;
  row.priority = job.priority;
  row.name_begin = names_.size();
  row.name_length = static_cast<std::uint32_t>(job.name.size());
  names_ += job.name;
  order_.push_back({static_cast<std::uint32_t>(rows_.size()), 0});
  rows_.push_back(row);
}

void JobList::sort_by_submit() {
  std::stable_sort(order_.begin(), order_.end(), [&](const Place& a, const Place& b) {
    return rows_[a.row].submit < rows_[b.row].submit;
  });
}

void JobList::sort_by_name() {
  std::stable_sort(order_.begin(), order_.end(), [&](const Place& a, const Place& b) {
    return name(rows_[a.row]) < name(rows_[b.row]);
  });
}

void JobList::shuffle(std::uint64_t seed, std::string_view workload) {
  submits_.clear();
  for (const Row& row : rows_) submits_.push_back(row.submit);
  std::sort(submits_.begin(), submits_.end());
  const RandomStream stream(seed, fmt::format("workloads.{}.shuffle", workload));
  hyperdc::shuffle(order_, stream);
}

std::int64_t JobList::demand(std::uint32_t row) const {
  return rows_[row].each.total_accelerator_milli() * rows_[row].members;
}

void JobList::inflate(double target, std::uint64_t seed, std::string_view workload) {
  std::int64_t sum = 0;
  for (const Place& place : order_) sum += demand(place.row);
  if (static_cast<double>(sum) < target) {
    append_until(target, sum, seed, workload);
  } else {
    delete_until(target, sum, seed, workload);
  }
}

void JobList::append_until(double target, std::int64_t sum, std::uint64_t seed,
                           std::string_view workload) {
  HYPERDC_CHECK(sum > 0, "no job asks for accelerators: nothing to inflate with");
  const RandomStream stream(seed, fmt::format("workloads.{}.inflate", workload));
  SimTime last;
  for (const Row& row : rows_) last = std::max(last, row.submit);
  if (submits_.empty()) {
    for (const Place& place : order_) submits_.push_back(rows_[place.row].submit);
  }
  for (std::uint32_t k = 0;; ++k) {
    const auto row = static_cast<std::uint32_t>(stream.below(rows_.size(), k));
    if (static_cast<double>(sum + rows_[row].each.accelerator_milli) > target) return;
    HYPERDC_CHECK(order_.size() < kMaxRowsInMemory, "inflate_to needs too many jobs");
    sum += demand(row);
    order_.push_back({row, k + 1});
    submits_.push_back(last);
  }
}

void JobList::delete_until(double target, std::int64_t sum, std::uint64_t seed,
                           std::string_view workload) {
  const RandomStream stream(seed, fmt::format("workloads.{}.inflate", workload));
  // Positions chosen uniformly without replacement: the first steps of a shuffle of them.
  std::vector<std::uint32_t> positions(order_.size());
  for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = static_cast<std::uint32_t>(i);
  std::vector<bool> deleted(order_.size(), false);
  for (std::size_t k = 0; k < positions.size() && static_cast<double>(sum) > target; ++k) {
    std::swap(positions[k], positions[k + stream.below(positions.size() - k, k)]);
    deleted[positions[k]] = true;
    sum -= demand(order_[positions[k]].row);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (deleted[i]) continue;
    if (!submits_.empty()) submits_[kept] = submits_[i];
    order_[kept++] = order_[i];
  }
  order_.resize(kept);
  if (!submits_.empty()) submits_.resize(kept);
}

void JobList::get(std::size_t i, JobRecord& job) const {
  const Place place = order_[i];
  const Row& row = rows_[place.row];
  job.submit = submits_.empty() ? row.submit : submits_[i];
  job.run.reset();
  if (row.leaves) job.run = row.run;
  job.estimate = row.estimate;
  job.each = row.each;
  job.members = row.members;
  job.tenant = row.tenant;
  job.profile = row.profile;
  job.priority = row.priority;
  job.name.assign(name(row));
  if (place.copy > 0) fmt::format_to(std::back_inserter(job.name), "+{}", place.copy);
}

}  // namespace hyperdc
