#include "cli/progress.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <ostream>

#include <hyperdc/core/units.hpp>

#include "report/format.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

/// Share of a run that is behind it; nothing if its end is not known.
std::optional<double> share_done(const RunProgress& run) {
  if (run.over) return 1;
  if (!run.begun) return 0;
  if (!run.end || run.end->ns <= 0) return std::nullopt;
  return std::clamp(static_cast<double>(run.now.ns) / static_cast<double>(run.end->ns), 0.0, 1.0);
}

std::string people_time(double s) {
  return format_for_people(s, Dimension::time);
}

}  // namespace

std::string progress_text(const std::vector<RunProgress>& runs, double elapsed_s) {
  std::uint64_t events = 0;
  std::size_t over = 0;
  std::optional<double> done = 0.0;
  const RunProgress* last = nullptr;
  for (const RunProgress& run : runs) {
    events += run.events;
    over += run.over ? 1 : 0;
    const std::optional<double> share = share_done(run);
    done = done && share ? std::optional<double>(*done + *share) : std::nullopt;
    if (run.begun && !run.over) last = &run;
  }
  std::string text;
  if (runs.size() > 1) text = fmt::format("{} of {} runs done · ", over, runs.size());
  if (last != nullptr) {
    text += people_time(to_seconds(last->now));
    if (last->end) text += " of " + people_time(to_seconds(*last->end));
  }
  const double share =
      done.value_or(0) / static_cast<double>(std::max<std::size_t>(1, runs.size()));
  if (done) text += fmt::format(" · {:.0f} %", 100 * share);
  text += fmt::format(" · {} events", compact_count(static_cast<double>(events)));
  if (elapsed_s > 0) {
    text += fmt::format(" · {}/s", compact_count(static_cast<double>(events) / elapsed_s));
  }
  if (done && share > 0.01 && elapsed_s > 1) {
    const double left = elapsed_s * (1 - share) / share;
    text +=
        fmt::format(" · {} left", people_time(left < 1 ? 1 : static_cast<int>(std::lround(left))));
  }
  return text;
}

bool TerminalLine::due(std::chrono::steady_clock::time_point now) {
  if (drawn_ && now - *drawn_ < std::chrono::milliseconds(100)) return false;
  drawn_ = now;
  return true;
}

void TerminalLine::draw(const std::string& text) {
  err_ << "\r\x1b[K" << style_.fit(text) << std::flush;
}

void TerminalLine::clear() {
  if (drawn_) err_ << "\r\x1b[K" << std::flush;
}

ProgressLine::ProgressLine(std::ostream& err, const TextStyle& style, std::size_t runs)
    : line_(err, style), runs_(runs), spoke_(runs, begin_) {}

void ProgressLine::progress(std::size_t run, SimTime now, std::optional<SimTime> end,
                            std::uint64_t events) {
  const std::scoped_lock lock(mutex_);
  const Clock::time_point wall = Clock::now();
  runs_[run] = {now, end, events, true, false};
  spoke_[run] = wall;
  if (!line_.due(wall)) return;
  // Runs begin in order and report ten times a second: an earlier one that is silent is over.
  for (std::size_t i = 0; i < run; ++i) {
    runs_[i].over = wall - spoke_[i] > std::chrono::seconds(1);
  }
  const double elapsed = std::chrono::duration<double>(wall - begin_).count();
  line_.draw(" " + shorten(progress_text(runs_, elapsed), kScreenWidth - 22));
}

}  // namespace hyperdc
