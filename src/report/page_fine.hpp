// A finer level of a series that the page draws as an envelope, for where the reader zooms in:
// every row if there is room, else an envelope of more buckets.
//
// Computes: blocks of kFineBlock points, each with its least and its greatest value (32 bits), and
// of each point 12 bits: low + code / 4094 (high - low), to the nearest; the least of a bucket
// rounded down and the greatest rounded up; 4095 where there is no value. An error of at most
// 1/8188 (bounds: 1/4094) of what a block spans; the extremes of a block are exact. Two characters
// of base64 a value, so that a page decodes only the blocks that it draws.
// Valid: steps of equal length but for the last, as runs write them; others have no finer level.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/page_series.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {

inline constexpr std::size_t kFineBlock = 256;
inline constexpr unsigned kFineSteps = 4094, kFineNone = 4095;

struct PageFineColumn {
  std::vector<double> low, high;  // of each block; NaN: it has no value
  std::string values;             // two characters a point: the row, or the mean of the bucket
  std::string bucket_low, bucket_high;  // empty where every row is there
};

struct PageFine {
  std::size_t points = 0;
  bool envelope = false;
  double step_s = 0, end_s = 0;         // of the rows; the last may be shorter
  std::vector<PageFineColumn> columns;  // those of the series; empty where it is 0 throughout
};

/// `most_characters`: room for all of it. Nothing where `overview` has every row, or where there is
/// no room for twice as many points.
std::optional<PageFine> fine_series(const ResultTable& series, const PageSeries& overview,
                                    std::size_t most_characters);

/// Characters that a series takes on the page.
std::size_t characters_of(const PageSeries& series);

/// Up to so many characters finer levels fill the page, overviews included: less than overviews
/// alone may take, since they are not all that a page has.
inline constexpr std::size_t kMostFineCharacters = 2'800'000;

/// Buckets of an overview that has a finer level: two a pixel.
inline constexpr std::size_t kOverviewBuckets = 2048;

struct PageLevels {
  PageSeries overview;
  std::optional<PageFine> fine;
};
/// The series of a run, in as much as `most_values` of 32 bits take: an envelope has fewer buckets
/// where that makes room for a finer level.
PageLevels levels_of(const ResultTable& series, std::size_t most_values);

/// Adds "fine": null without one.
void write_fine(JsonWriter& json, const std::optional<PageFine>& fine);

}  // namespace hyperdc
