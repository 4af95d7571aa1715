#include "workload/row_problems.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace hyperdc {

void RowProblems::add(std::uint64_t line, int column, int length, const char* code,
                      std::string message, std::string hint) {
  ++count_;
  if (issues_.size() >= kListed) return;
  Issue issue;
  issue.code = code;
  issue.message = std::move(message);
  issue.hint = std::move(hint);
  constexpr std::uint64_t kMaxLine = std::numeric_limits<int>::max();
  issue.place = {file_, static_cast<int>(std::min(line, kMaxLine)), column, length};
  issues_.push_back(std::move(issue));
}

Issues RowProblems::take() {
  if (count_ > issues_.size()) {
    Issue issue;
    issue.code = issues_.back().code;
    issue.message = fmt::format("{} more problems in this file", count_ - issues_.size());
    issue.place.file = file_;
    issues_.push_back(std::move(issue));
  }
  count_ = 0;
  return std::move(issues_);
}

std::string RowProblems::first() const {
  if (issues_.empty()) return {};
  const Issue& issue = issues_.front();
  return fmt::format("{}:{}:{}: {}", file_, issue.place.line, issue.place.column, issue.message);
}

}  // namespace hyperdc
