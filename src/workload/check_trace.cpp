// check_trace: one pass over a trace before anything runs, and read_nodes for node lists.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unordered_map>

#include "core/hash.hpp"
#include "workload/trace_stream.hpp"

namespace hyperdc {

std::optional<ModelSet> ModelNames::find(std::string_view name) const {
  const auto known = std::find(names_.begin(), names_.end(), name);
  if (known == names_.end()) return std::nullopt;
  return ModelSet{1} << static_cast<unsigned>(known - names_.begin());
}

std::optional<ModelSet> ModelNames::intern(std::string_view name) {
  if (const auto bit = find(name)) return bit;
  constexpr std::size_t kBits = 64;
  if (names_.size() >= kBits) return std::nullopt;
  names_.emplace_back(name);
  return ModelSet{1} << (names_.size() - 1);
}

namespace {

struct RequestHash {
  std::size_t operator()(const Request& r) const {
    std::uint64_t h = hash_combine(static_cast<std::uint64_t>(r.cores_milli), r.models);
    h = hash_combine(h, static_cast<std::uint64_t>(r.accelerators));
    return static_cast<std::size_t>(
        hash_combine(h, static_cast<std::uint64_t>(r.accelerator_milli)));
  }
};

/// Counts distinct requests without memory; gives up above kMost.
class MixCounter {
 public:
  void add(Request request) {
    if (overflow_) return;
    request.memory_bytes = 0;
    const auto [at, added] = index_.try_emplace(request, classes_.size());
    if (added) classes_.push_back({request, 0});
    overflow_ = classes_.size() > kMost;
    ++classes_[at->second].count;
  }

  std::vector<JobMixEntry> entries(std::uint64_t jobs) {
    std::vector<JobMixEntry> mix;
    if (overflow_) return mix;
    std::stable_sort(classes_.begin(), classes_.end(),
                     [](const Class& a, const Class& b) { return a.count > b.count; });
    for (const Class& c : classes_) {
      mix.push_back({c.request, static_cast<double>(c.count) / static_cast<double>(jobs)});
    }
    return mix;
  }

 private:
  static constexpr std::size_t kMost = 4096;
  struct Class {
    Request request;
    std::uint64_t count = 0;
  };
  std::vector<Class> classes_;  // in order of first appearance
  std::unordered_map<Request, std::size_t, RequestHash> index_;
  bool overflow_ = false;
};

bool add_total(Resources& sum, const JobRecord& job) {
  const Resources more = total_of(job.each, job.members);  // in 64 bits: finish_row() saw to it
  return !__builtin_add_overflow(sum.cores_milli, more.cores_milli, &sum.cores_milli) &&
         !__builtin_add_overflow(sum.memory_bytes, more.memory_bytes, &sum.memory_bytes) &&
         !__builtin_add_overflow(sum.accelerator_milli, more.accelerator_milli,
                                 &sum.accelerator_milli);
}

}  // namespace

Result<TraceFacts> check_trace(const TraceSpec& spec, ModelNames& models) {
  RowProblems problems(spec.file);
  TraceStream stream(spec, ModelLookup(models), problems);
  TraceFacts facts;
  MixCounter mix;
  JobRecord job;
  SimTime last;
  bool sums_fit = true;
  while (stream.next(job)) {
    ++facts.rows;
    if (job.submit < last) facts.in_order = false;
    last = job.submit;
    facts.last_submit = std::max(facts.last_submit, job.submit);
    facts.last_end = std::max(facts.last_end, job.submit + job.run.value_or(Duration{}));
    mix.add(job.each);
    facts.members_max = std::max(facts.members_max, job.members);
    if (sums_fit && !add_total(facts.total, job)) {
      sums_fit = false;
      problems.add(stream.line_number(), 1, 1, input_code::kTooMuch,
                   "the sum of cores, memory or accelerators of all jobs is outside 64 bits");
    }
  }
  if (!facts.in_order && facts.rows > kMaxRowsInMemory) {
    problems.add(0, 0, 0, input_code::kTooMuch,
                 fmt::format("{} jobs that are not in order of submission", facts.rows),
                 "sort the file by submission; at most 4000000 jobs are sorted in memory");
  }
  if (facts.rows == 0 && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are no jobs in this file");
  }
  if (problems.count() > 0) return problems.take();
  facts.bytes = stream.size();
  facts.sha256 = stream.sha256();
  facts.mix = mix.entries(facts.rows);
  facts.tenants = stream.tenants();
  return facts;
}

namespace {

enum NodeColumns : std::size_t { kName, kCpu, kMemory, kGpus, kModel };
constexpr std::array<Column, 5> kNodeColumns{
    {{"sn"}, {"cpu_milli", true}, {"memory_mib", true}, {"gpu", true}, {"model", true}}};

std::optional<ServerShape> read_node(CsvTable& table, ModelList& models) {
  ServerShape shape;
  shape.cores_milli = table.whole(kCpu, {0, kMaxCores * 1000});
  shape.memory_bytes = table.whole(kMemory, {0, kMaxMemoryBytes / 0x1p20}) * 1'048'576;
  shape.accelerators =
      static_cast<std::uint32_t>(table.whole(kGpus, {0, kMaxAcceleratorsPerServer}));
  const std::string_view model = table.text(kModel);
  if (shape.accelerators == 0 && !model.empty()) {
    table.problem(kModel, input_code::kValue, "model: of a server without accelerators",
                  "leave the field empty");
  } else if (shape.accelerators > 0 && model.find('|') != std::string_view::npos) {
    table.problem(kModel, input_code::kValue, "model: a server has one accelerator model");
  } else if (shape.accelerators > 0) {
    shape.model = models.read(table.fields(), table.field(kModel), "model");
  }
  return table.fields().clean() ? std::optional(shape) : std::nullopt;
}

void add_node(NodeList& list, const ServerShape& shape) {
  if (!list.rows.empty() && list.rows.back().shape == shape) {
    ++list.rows.back().count;
  } else {
    list.rows.push_back({shape, 1});
  }
}

}  // namespace

Result<NodeList> read_nodes(std::string_view format, const std::string& file, ModelNames& models) {
  RowProblems problems(file);
  if (format != "openb") {
    problems.add(0, 0, 0, input_code::kValue, fmt::format("unknown node format \"{}\"", format),
                 "known is openb");
    return problems.take();
  }
  LineReader lines(file);
  CsvTable table(kNodeColumns, problems);
  ModelList model_list{ModelLookup(models)};
  NodeList list;
  std::string_view line;
  std::uint64_t nodes = 0;
  bool readable = true;
  while (readable && lines.next_filled(line)) {
    if (!table.has_header()) {
      readable = table.header(line, lines.line_number());
      continue;
    }
    if (!table.row(line, lines.line_number(), lines.ended())) continue;
    const auto shape = read_node(table, model_list);
    if (!shape) continue;
    if (++nodes > kMaxRowsInMemory) {
      problems.add(lines.line_number(), 1, 1, input_code::kTooMuch, "more than 4000000 servers");
      break;
    }
    add_node(list, *shape);
  }
  if (const auto& failure = lines.failure()) {
    problems.add(failure->line, failure->column, failure->column > 0 ? 1 : 0, failure->code,
                 failure->message);
  }
  if (nodes == 0 && problems.count() == 0) {
    problems.add(0, 0, 0, input_code::kEmpty, "there are no servers in this file");
  }
  if (problems.count() > 0) return problems.take();
  list.sha256 = lines.sha256();
  return list;
}

}  // namespace hyperdc
