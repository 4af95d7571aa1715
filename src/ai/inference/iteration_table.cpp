// Tables of iteration times: a CSV file, and whether it is the whole of a grid.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <span>
#include <utility>

#include "ai/inference/table_time.hpp"
#include "workload/csv_rows.hpp"

namespace hyperdc {
namespace {

constexpr double kMostTokens = 1e9, kMostSequences = 1e6, kMostNs = 1e12;
constexpr std::size_t kMostCells = 10'000'000;

enum Columns : std::size_t { kPrompt, kSequences, kContext, kNs };
constexpr std::array<Column, 4> kTableColumns = {
    {{"prompt", true}, {"sequences", true}, {"context", true}, {"ns", true}}};

struct Row {
  std::uint64_t prompt = 0, sequences = 0, context = 0;
  double ns = 0;
  std::uint64_t line = 0;
};

std::vector<std::uint64_t> values(const std::set<std::uint64_t>& of) {
  return {of.begin(), of.end()};
}

std::size_t index_of(const std::vector<std::uint64_t>& knots, std::uint64_t value) {
  return static_cast<std::size_t>(std::ranges::lower_bound(knots, value) - knots.begin());
}

std::string shown(std::uint64_t prompt, std::uint64_t sequences, std::uint64_t context) {
  const std::string at = fmt::format("prompt {}, sequences {}", prompt, sequences);
  return sequences == 0 ? at : at + fmt::format(", context {}", context);
}

void whole_file(RowProblems& problems, std::string message, std::string hint) {
  problems.add(0, 0, 0, input_code::kValue, std::move(message), std::move(hint));
}

/// What is asked for is the whole of a grid.
void fill(RowProblems& problems, const std::vector<Row>& rows, IterationTable& table) {
  const std::size_t contexts = table.contexts.size();
  table.ns.assign(table.prompts.size() * table.sequences.size() * contexts, -1);
  for (const Row& row : rows) {
    const std::size_t line = index_of(table.prompts, row.prompt) * table.sequences.size() +
                             index_of(table.sequences, row.sequences);
    const std::size_t from = row.sequences == 0 ? 0 : index_of(table.contexts, row.context);
    const std::span cells(&table.ns[line * contexts + from], row.sequences == 0 ? contexts : 1);
    if (cells.front() >= 0) {
      problems.add(row.line, 1, 1, input_code::kValue,
                   "two rows have " + shown(row.prompt, row.sequences, row.context),
                   "one row for each combination");
    }
    std::ranges::fill(cells, row.ns);
  }
  for (std::size_t cell = 0; cell < table.ns.size(); ++cell) {
    if (table.ns[cell] >= 0) continue;
    const std::size_t line = cell / contexts;
    const std::uint64_t sequences = table.sequences[line % table.sequences.size()];
    if (sequences == 0 && cell % contexts > 0) continue;  // one row is enough, and said so
    whole_file(problems,
               "no row has " + shown(table.prompts[line / table.sequences.size()], sequences,
                                     table.contexts[cell % contexts]),
               "a row for each combination of the values that occur");
  }
}

}  // namespace

Result<IterationTable> read_iteration_table(const std::string& file) {
  std::vector<Row> rows;
  std::set<std::uint64_t> prompts, sequences, contexts;
  const auto read = read_csv_rows(file, kTableColumns, "iterations", [&](CsvTable& table) {
    const auto whole = [&](std::size_t column, double most) {
      return static_cast<std::uint64_t>(table.whole(column, {0, most}));
    };
    Row row{whole(kPrompt, kMostTokens), whole(kSequences, kMostSequences),
            whole(kContext, kMostTokens), table.number(kNs, {0, kMostNs}),
            table.fields().line_number()};
    if (!table.fields().clean()) return false;
    prompts.insert(row.prompt);
    sequences.insert(row.sequences);
    if (row.sequences > 0) contexts.insert(row.context);
    rows.push_back(row);
    return true;
  });
  if (const auto* issues = std::get_if<Issues>(&read)) return *issues;
  if (contexts.empty()) contexts.insert(0);
  RowProblems problems(file);
  if (prompts.size() * sequences.size() * contexts.size() > kMostCells) {
    whole_file(problems, "more than 10,000,000 combinations of prompt, sequences and context",
               "fewer values of each, and a row for each combination");
    return problems.take();
  }
  IterationTable table{
      values(prompts), values(sequences), values(contexts), {}, std::get<std::string>(read)};
  for (const auto& [knots, name] :
       {std::pair(&table.prompts, "prompt"), std::pair(&table.sequences, "sequences")}) {
    if (knots->front() == 0) continue;
    whole_file(problems, fmt::format("the least {} is {}", name, knots->front()),
               "rows with 0 too: an iteration may have none");
  }
  fill(problems, rows, table);
  if (problems.count() > 0) return problems.take();
  return table;
}

}  // namespace hyperdc
