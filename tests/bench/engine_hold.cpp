// Hold model of the event queue: N events are pending; each operation takes the first one and
// schedules its entity anew (Jones, CACM 29(4), 1986). With `moves`, one operation in five also
// moves the pending event of a random entity.
//
//   engine_hold [largest N, default 1e6] [operations a turn, default 1e6]
//
// All queues run the same events; their orders of popping are compared by a hash.
#include <cmath>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "bench.hpp"
#include "engine_queues.hpp"

namespace hyperdc::bench {
namespace {

constexpr std::size_t kTable = 8192;
constexpr int kTurns = 5;

/// Increments in ns, mean about 1 s.
std::vector<std::int64_t> increments(const std::string& kind) {
  QuickRandom random(42);
  std::vector<std::int64_t> table(kTable);
  for (std::int64_t& x : table) {
    const double u = random.uniform();
    const double v = random.uniform();
    double s = 0;
    if (kind == "exponential") s = -std::log(u);
    if (kind == "bimodal") s = 0.95238 * u + (v < 0.1 ? 9.5238 : 0);
    if (kind == "skewed") s = 1e-5 * std::pow(u, -1.25);  // Pareto: no variance, hardly a mean
    if (kind == "ties") s = static_cast<double>(1 + static_cast<int>(u * 3)) * 0.5;
    x = static_cast<std::int64_t>(s * 1e9) + (kind == "ties" ? 0 : 1);
  }
  return table;
}

struct Case {
  std::uint32_t pending;
  std::string kind;
  bool moves;
};

class Contender {
 public:
  virtual ~Contender() = default;
  virtual void hold(std::uint64_t operations) = 0;
  const char* name = "";
  std::uint64_t hash = 0;
  double bytes_per_event = 0;
  std::vector<double> ns;
};

template <class Queue>
class Holder final : public Contender {
 public:
  Holder(const Case& c, const std::vector<std::int64_t>& table)
      : pending_(c.pending), moves_(c.moves), table_(table), queue_(c.pending, c.moves) {
    name = Queue::kName;
    const double before = allocated_bytes();
    const bool spread = c.kind != "ties";
    for (std::uint32_t i = 0; i < pending_; ++i) {
      queue_.push(next() + (spread ? static_cast<std::int64_t>(random_.next() >> 44) : 0), i);
    }
    hold(std::max<std::uint64_t>(pending_ + pending_ / 2, 300'000));
    bytes_per_event = (allocated_bytes() - before) / pending_;
  }
  void hold(std::uint64_t operations) override {
    std::int64_t now = 0;
    std::uint32_t entity = 0;
    for (std::uint64_t i = 0; i < operations; ++i) {
      if (!queue_.pop(now, entity)) std::abort();
      hash = (hash ^ static_cast<std::uint64_t>(now) ^ (std::uint64_t{entity} << 40)) *
             0x9e3779b97f4a7c15;
      queue_.push(now + next(), entity);
      if (moves_ && random_.below(5) == 0) {
        const std::uint32_t other = random_.below(pending_);
        queue_.reschedule(other, now + next());
      }
    }
  }

 private:
  std::int64_t next() { return table_[random_.next() % kTable]; }

  std::uint32_t pending_;
  bool moves_;
  const std::vector<std::int64_t>& table_;
  QuickRandom random_{7};
  Queue queue_;
};

struct Row {
  Case c;
  std::vector<double> ns;  // in the order of the contenders, EventQueue last
  double bytes = 0;
};

Row measure(const Case& c, std::uint64_t operations) {
  const std::vector<std::int64_t> table = increments(c.kind);
  std::vector<std::unique_ptr<Contender>> all;
  all.push_back(std::make_unique<Holder<FunctionHeap>>(c, table));
  all.push_back(std::make_unique<Holder<PlainPq>>(c, table));
  all.push_back(std::make_unique<Holder<FourAry>>(c, table));
  all.push_back(std::make_unique<Holder<Ladder>>(c, table));
  for (int turn = 0; turn < kTurns; ++turn) {
    for (const auto& contender : all) {
      const double start = cpu_ns();
      contender->hold(operations);
      contender->ns.push_back((cpu_ns() - start) / static_cast<double>(operations));
    }
  }
  Row row{c, {}, all.back()->bytes_per_event};
  for (const auto& contender : all) {
    row.ns.push_back(median(contender->ns));
    if (contender->hash != all.front()->hash) {
      std::printf("the order of %s differs from that of %s\n", contender->name, all.front()->name);
      std::exit(1);
    }
  }
  std::printf("%9u %-12s %5s", c.pending, c.kind.c_str(), c.moves ? "20 %" : "-");
  for (const double ns : row.ns) std::printf(" %12.1f", ns);
  std::printf(" %8.2f %8.2f %8.2f %9.1f\n", row.ns[0] / row.ns[3], row.ns[1] / row.ns[3],
              row.ns[2] / row.ns[3], row.bytes);
  std::fflush(stdout);
  return row;
}

int judge(const std::vector<Row>& rows) {
  Targets targets;
  double fastest = 1e99;
  double slowest = 0;
  for (const Row& row : rows) {
    const std::string label = std::to_string(row.c.pending) + " pending, " + row.c.kind;
    const double own = row.ns.back();
    if (row.c.pending <= 100) {
      targets.check((label + ": ns an operation").c_str(), own, "<=", 30);
    } else if (!row.c.moves) {
      targets.check((label + ": ns an operation").c_str(), own, "<=", 60);
    }
    if (row.c.pending >= 100'000 && !row.c.moves) {
      targets.check((label + ": bytes an event beside 16 of payload").c_str(), row.bytes - 16,
                    "<=", 25);
    }
    if (row.c.pending == 1'000'000 && row.c.kind == "exponential") {
      if (row.c.moves) {
        targets.check((label + ", 20 % moves: ns an operation").c_str(), own, "<=", 130);
      } else {
        targets.check((label + ": times the baseline").c_str(), row.ns[0] / own, ">=", 20);
      }
    }
    if (row.c.pending >= 1000 && row.c.kind == "exponential" && !row.c.moves) {
      fastest = std::min(fastest, own);
      slowest = std::max(slowest, own);
    }
  }
  targets.check("exponential, slowest size over fastest from 1000", slowest / fastest, "<=", 2);
  return targets.missed();
}

}  // namespace
}  // namespace hyperdc::bench

int main(int argc, char** argv) {
  using namespace hyperdc::bench;
  const double largest = argc > 1 ? std::atof(argv[1]) : 1e6;
  const auto operations = static_cast<std::uint64_t>(argc > 2 ? std::atof(argv[2]) : 1e6);
  std::printf(
      "ns of CPU an operation, median of %d turns; ratios to EventQueue; bytes it holds an "
      "event, payload included\n",
      kTurns);
  std::printf("%9s %-12s %5s %12s %12s %12s %12s %8s %8s %8s %9s\n", "pending", "increments",
              "moves", FunctionHeap::kName, PlainPq::kName, FourAry::kName, Ladder::kName, "ratio",
              "ratio", "ratio", "B/event");
  std::vector<Row> rows;
  for (const std::uint32_t n : {1u, 10u, 100u}) {
    rows.push_back(measure({n, "exponential", false}, operations));
  }
  for (std::uint32_t n = 1000; n <= static_cast<std::uint32_t>(largest); n *= 10) {
    for (const char* kind : {"exponential", "bimodal", "skewed", "ties"}) {
      rows.push_back(measure({n, kind, false}, operations));
    }
    rows.push_back(measure({n, "exponential", true}, operations));
  }
  return judge(rows) == 0 ? 0 : 2;
}
