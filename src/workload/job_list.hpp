// A whole trace in memory, for what cannot be streamed: sorting, shuffling, and scaling the demand
// up or down ("inflate") as the artefact of Weng et al. (USENIX ATC'23) does.
//
// shuffle: Fisher-Yates (Durstenfeld) over the jobs in order of submission (openb: of name), one
//   draw a step from the stream "workloads.NAME.shuffle". Jobs change places; the submit times, in
//   order, stay where they were.
// inflate: with S = sum of members * devices * milli and target T = inflate_to * pool:
//   S < T: draw uniformly with replacement from the original list and append, until the first draw
//     for which S + (milli of one device of that job) > T; that job is not appended. The rule
//     compares with one device but adds all of them, so jobs of several devices may overshoot by
//     up to their size; kept, because published results rest on it.
//   S > T: delete uniformly chosen jobs until S <= T.
//   Appended jobs come at the last submit time, after all others.
// Units: 1/1000 device. Range: at most kMaxRowsInMemory jobs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workload/trace.hpp"

namespace hyperdc {

class JobList {
 public:
  void add(const JobRecord& job);
  std::size_t size() const { return order_.size(); }

  void sort_by_submit();  // stable
  void sort_by_name();    // stable
  void shuffle(std::uint64_t seed, std::string_view workload);
  void inflate(double target_milli, std::uint64_t seed, std::string_view workload);

  /// Job at position `i` of the present order, with the submit time of that position.
  void get(std::size_t i, JobRecord& job) const;

 private:
  struct Row {
    SimTime submit;
    Duration run, estimate;
    Request each;
    std::uint64_t name_begin = 0;
    std::uint32_t name_length = 0;
    std::uint32_t members = 1, tenant = 0;
    std::uint16_t profile = 0;
    std::int32_t priority = 0;
    bool leaves = true;
  };
  struct Place {
    std::uint32_t row = 0;
    std::uint32_t copy = 0;  // k-th appended job, from 1; 0: an original
  };
  std::string_view name(const Row& row) const {
    return std::string_view(names_).substr(row.name_begin, row.name_length);
  }
  std::int64_t demand(std::uint32_t row) const;
  void append_until(double target, std::int64_t sum, std::uint64_t seed, std::string_view workload);
  void delete_until(double target, std::int64_t sum, std::uint64_t seed, std::string_view workload);

  std::vector<Row> rows_;
  std::string names_;  // of all rows, one after another
  std::vector<Place> order_;
  std::vector<SimTime> submits_;  // by position; empty: each job keeps its own
};

}  // namespace hyperdc
