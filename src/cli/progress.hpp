// ProgressLine: one line on the error stream, redrawn ten times a second at most, gone when the
// runs are over. Only on a terminal; elsewhere nothing is written.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <hyperdc/core/time.hpp>

#include "experiment/run.hpp"
#include "report/terminal.hpp"

namespace hyperdc {

/// What is redrawn on the error stream, ten times a second at most, and gone at the end.
class TerminalLine {
 public:
  TerminalLine(std::ostream& err, TextStyle style) : err_(err), style_(style) {}
  ~TerminalLine() { clear(); }
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;

  /// True when it is time to draw: then draw() is to follow.
  bool due(std::chrono::steady_clock::time_point now);
  void draw(const std::string& text);
  void clear();

 private:
  std::ostream& err_;
  TextStyle style_;
  std::optional<std::chrono::steady_clock::time_point> drawn_;
};

/// Where one run is.
struct RunProgress {
  SimTime now;
  std::optional<SimTime> end;
  std::uint64_t events = 0;
  bool begun = false;
  bool over = false;  // later runs report and this one has fallen silent
};

/// " 3 d 4 h of 7 d · 45 % · 12.4 M events · 1.27 M/s · 12 s left".
std::string progress_text(const std::vector<RunProgress>& runs, double elapsed_s);

class ProgressLine final : public ProgressSink {
 public:
  ProgressLine(std::ostream& err, const TextStyle& style, std::size_t runs);

  void progress(std::size_t run, SimTime now, std::optional<SimTime> end,
                std::uint64_t events) override;

 private:
  using Clock = std::chrono::steady_clock;

  TerminalLine line_;
  Clock::time_point begin_ = Clock::now();
  std::mutex mutex_;
  std::vector<RunProgress> runs_;
  std::vector<Clock::time_point> spoke_;
};

}  // namespace hyperdc
