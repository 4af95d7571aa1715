// The format bamboo of outage_trace.hpp: who has which place of a group.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "workload/format_reader.hpp"
#include "workload/line_reader.hpp"
#include "workload/outage_trace.hpp"
#include "workload/row_problems.hpp"

namespace hyperdc {
namespace {

constexpr std::size_t kMostLines = 4'000'000;
constexpr Duration kForGood{100LL * 365 * 86'400 * 1'000'000'000};

/// Who has which place, and the times in which places had nobody.
class Members {
 public:
  explicit Members(RowProblems& problems) : problems_(problems) {}

  void line(std::string_view text, std::uint64_t number);
  std::size_t lines() const { return lines_; }
  OutageList outages() const;

 private:
  struct Gap {
    SimTime from;
    std::optional<SimTime> to;  // nothing: for good
    std::uint32_t place = 0;
  };
  void add(std::string_view node, std::uint64_t number);
  void remove(std::string_view node, std::uint64_t number);
  void problem(std::uint64_t number, const char* code, std::string message) {
    problems_.add(number, 1, 1, code, std::move(message));
  }

  RowProblems& problems_;
  SimTime now_;
  std::size_t lines_ = 0;
  std::map<std::string, std::uint32_t, std::less<>> place_of_;
  std::set<std::uint32_t> free_;                   // places that had a node and have none
  std::map<std::uint32_t, std::size_t> open_gap_;  // of those, index into gaps_
  std::uint32_t places_ = 0;
  std::vector<Gap> gaps_;
};

void Members::line(std::string_view text, std::uint64_t number) {
  ++lines_;
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  const std::size_t first = text.find(',');
  const std::size_t second = first == std::string_view::npos ? first : text.find(',', first + 1);
  if (second == std::string_view::npos || text.find(',', second + 1) != std::string_view::npos) {
    return problem(number, input_code::kValue, "not a time, \"add\" or \"remove\", and a node");
  }
  double ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + first, ms);
  if (error != std::errc() || end != text.data() + first || !(ms >= 0 && ms <= kMaxSeconds * 1e3)) {
    return problem(number, input_code::kValue, "the first field is no time in ms");
  }
  const SimTime at = SimTime{} + seconds(ms / 1e3);
  if (at < now_) return problem(number, input_code::kValue, "the time falls");
  now_ = at;
  const std::string_view what = text.substr(first + 1, second - first - 1);
  const std::string_view node = text.substr(second + 1);
  if (what == "add") return add(node, number);
  if (what == "remove") return remove(node, number);
  problem(number, input_code::kValue, "the second field is neither \"add\" nor \"remove\"");
}

void Members::add(std::string_view node, std::uint64_t number) {
  if (place_of_.find(node) != place_of_.end()) {
    return problem(number, input_code::kValue, "the node is there already");
  }
  if (free_.empty()) {
    if (now_ > SimTime{}) gaps_.push_back({SimTime{}, now_, places_});
    place_of_.emplace(node, places_++);
    return;
  }
  const std::uint32_t place = *free_.begin();
  free_.erase(free_.begin());
  gaps_[open_gap_.at(place)].to = now_;
  open_gap_.erase(place);
  place_of_.emplace(node, place);
}

void Members::remove(std::string_view node, std::uint64_t number) {
  const auto there = place_of_.find(node);
  if (there == place_of_.end()) return problem(number, input_code::kValue, "the node is not there");
  const std::uint32_t place = there->second;
  place_of_.erase(there);
  free_.insert(place);
  open_gap_[place] = gaps_.size();
  gaps_.push_back({now_, std::nullopt, place});
}

OutageList Members::outages() const {
  std::vector<Gap> gaps = gaps_;
  std::stable_sort(gaps.begin(), gaps.end(),
                   [](const Gap& a, const Gap& b) { return a.from < b.from; });
  OutageList list;
  list.places = places_;
  SimTime before;
  for (const Gap& gap : gaps) {
    OutageRow row;
    row.interval = gap.from - before;
    row.lasts = gap.to ? *gap.to - gap.from : kForGood;
    row.item = gap.place;
    list.rows.push_back(row);
    before = gap.from;
  }
  return list;
}

}  // namespace

Result<OutageList> read_members(const std::string& file) {
  RowProblems problems(file);
  LineReader lines(file);
  Members members(problems);
  std::string_view line;
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (members.lines() == kMostLines) {
      problems.add(lines.line_number(), 1, 1, input_code::kTooMuch, "more than 4000000 lines");
      break;
    }
    members.line(line, lines.line_number());
  }
  if (const auto& failure = lines.failure()) {
    problems.add(failure->line, failure->column, failure->column > 0 ? 1 : 0, failure->code,
                 failure->message);
  }
  if (members.lines() == 0 && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are no nodes in this file");
  }
  if (problems.count() > 0) return problems.take();
  OutageList list = members.outages();
  list.sha256 = lines.sha256();
  return list;
}

}  // namespace hyperdc
