// What the parts of the page's JSON share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "report/metric_info.hpp"
#include "report/page.hpp"
#include "results/json_writer.hpp"

namespace hyperdc {

/// "time", "share", …: how the script prints numbers on axes.
std::string_view name_of(Show show);
std::string_view name_of(Better better);

/// "Misses 1 of 2 objectives: shop within slo is 79.4 %, at least 95 % was asked for."
std::string run_verdict(const RunResult& result);
/// "shop within slo".
std::string objective_label(const std::string& metric);

void write_optional_number(JsonWriter& json, std::string_view key, std::optional<double> value);

void write_runs(JsonWriter& json, const PageContents& contents);
void write_study(JsonWriter& json, const PageStudy& study);

}  // namespace hyperdc
