#include "report/parallelism_screen.hpp"

#include <fmt/format.h>

#include "core/json_writer.hpp"
#include "report/format.hpp"
#include "report/screen.hpp"
#include "report/table.hpp"

namespace hyperdc {
namespace {

void plan_row(Table& table, const std::string& place, const ParallelismRow& row) {
  const auto whole = [](std::uint64_t n) { return Cell{fmt::format("{}", n)}; };
  table.row({{place},
             whole(row.tensor),
             whole(row.context),
             whole(row.pipeline),
             whole(row.data),
             whole(row.expert),
             whole(row.interleave),
             whole(row.micro_batch),
             whole(row.zero),
             {row.recompute},
             {row.schedule},
             {for_people(row.step_s, Show::time)},
             {for_people(row.mfu, Show::share)},
             {for_people(row.bubble, Show::share)},
             {for_people(row.exchanged, Show::share)},
             {for_people(row.memory_bytes, Show::bytes)}});
}

void write_row(JsonStream& json, const ParallelismRow& row) {
  json.begin_object();
  json.key("tensor_parallel").natural(row.tensor);
  json.key("context_parallel").natural(row.context);
  json.key("pipeline_parallel").natural(row.pipeline);
  json.key("data_parallel").natural(row.data);
  json.key("expert_parallel").natural(row.expert);
  json.key("interleave").natural(row.interleave);
  json.key("micro_batch").natural(row.micro_batch);
  json.key("zero").natural(row.zero);
  json.key("recompute").string(row.recompute);
  json.key("schedule").string(row.schedule);
  json.key("step_s").number(row.step_s);
  json.key("tokens_per_s").number(row.tokens_per_s);
  json.key("mfu").number(row.mfu);
  json.key("bubble").number(row.bubble);
  json.key("exchanged").number(row.exchanged);
  json.key("memory_bytes").number(row.memory_bytes);
  json.end_object();
}

}  // namespace

std::string parallelism_text(std::span<const ParallelismScreen> screens, const TextStyle& style) {
  std::string out;
  for (const ParallelismScreen& screen : screens) {
    if (!out.empty()) out += '\n';
    out += line(style,
                fmt::format("{} · {} accelerators · {} of {} plans fit into memory",
                            screen.workload, grouped(static_cast<double>(screen.accelerators)),
                            grouped(static_cast<double>(screen.fitting)),
                            grouped(static_cast<double>(screen.tried))),
                Ink::strong);
    Table table(style);
    table.column(Align::left, 1);
    for (int i = 0; i < 15; ++i) table.column(Align::right);
    table.header({"", "tensor", "ctx", "pipe", "data", "exp", "inter", "micro", "ZeRO", "again",
                  "order", "step", "MFU", "bubble", "exch.", "memory"});
    for (std::size_t i = 0; i < screen.best.size(); ++i) {
      plan_row(table, fmt::format("{}", i + 1), screen.best[i]);
    }
    plan_row(table, "used", screen.used);
    out += table.render();
  }
  return out;
}

std::string parallelism_json(const std::string& scenario,
                             std::span<const ParallelismScreen> screens) {
  JsonStream json(2);
  json.begin_object();
  json.key("schema").string("hyperdc.parallelism/1");
  json.key("scenario").string(scenario);
  json.key("workloads").begin_array();
  for (const ParallelismScreen& screen : screens) {
    json.begin_object();
    json.key("workload").string(screen.workload);
    json.key("accelerators").natural(screen.accelerators);
    json.key("tried").natural(screen.tried);
    json.key("fitting").natural(screen.fitting);
    json.key("used");
    write_row(json, screen.used);
    json.key("best").begin_array();
    for (const ParallelismRow& row : screen.best) write_row(json, row);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

}  // namespace hyperdc
