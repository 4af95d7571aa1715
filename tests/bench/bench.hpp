// What the benchmarks share. CPU time of the process, because the machine may be shared; contenders
// take turns in one process and are compared by the medians of their turns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <malloc.h>
#include <vector>

namespace hyperdc::bench {

inline double cpu_ns() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

/// Bytes that malloc has handed out and not got back.
inline double allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/// SplitMix64: random numbers that cost next to nothing and are the same for every contender.
class QuickRandom {
 public:
  explicit QuickRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  double uniform() { return (static_cast<double>(next() >> 11) + 0.5) * 0x1p-53; }
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
  }

 private:
  std::uint64_t state_;
};

/// Prints whether a target is met and counts those that are missed.
class Targets {
 public:
  void check(const char* what, double value, const char* relation, double limit) {
    const bool met = relation[0] == '<' ? value <= limit : value >= limit;
    std::printf("%-4s  %-72s %9.2f  (target %s %g)\n", met ? "PASS" : "miss", what, value, relation,
                limit);
    if (!met) ++missed_;
  }
  int missed() const { return missed_; }

 private:
  int missed_ = 0;
};

}  // namespace hyperdc::bench
