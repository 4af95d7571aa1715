// Caches that go over a fabric to where they are decoded, by hand: 100 MB each, 1 GB/s and 10 us a
// link, two links from server to server.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/model_endpoint.hpp"
#include "support/request_rows.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kPath = 20'000;  // ns

json slow_fabric() {
  return {{"family", "leaf-spine"},
          {"leaves", 1},
          {"hosts", 4},
          {"spines", 1},
          {"latency", "10 us"},
          {"host_bandwidth", "8 Gbit/s"},
          {"leaf_bandwidth", "8 Gbit/s"}};
}

/// One replica a server: two compute prompts, one decodes; 10 ms an iteration.
json pair_of_endpoints() {
  json engine = {
      {"max_sequences", 8}, {"blocks", 1000}, {"iteration", {{"linear", {{"base", "10 ms"}}}}}};
  json text = test::model_servers(
      2, {{"ask",
           {{"kind", "llm-inference"},
            {"pools", {"p"}},
            {"requests", {{"trace", {{"file", "requests.csv"}}}}},
            {"handoff", {{"to", "tell"}, {"fabric", true}, {"token_bytes", "100 kB"}}},
            {"router", {{"policy", "round-robin"}}},
            {"engine", engine},
            {"instance", {{"accelerators", 1}}},
            {"replicas", {{"min", 2}, {"max", 2}}}}},
          {"tell",
           {{"kind", "llm-inference"},
            {"pools", {"d"}},
            {"engine", engine},
            {"instance", {{"accelerators", 1}}}}}});
  text["fabric_types"]["net"] = slow_fabric();
  text["regions"]["r"]["fabric"] = "net";
  text["regions"]["r"]["racks"]["l"] = {{"server", "s"}, {"count", 2}};
  text["pools"] = {{"p", {{"racks", {"r.k"}}}}, {"d", {{"racks", {"r.l"}}}}};
  text["duration"] = "1 min";
  return text;
}

struct AskedRun {
  Simulation run;
  test::RequestRows rows;  // of the endpoint that is asked, by number
};

class AskRows final : public RequestLog {
 public:
  explicit AskRows(test::RequestRows& rows) : rows_(rows) {}
  void left(const RequestRow& row) override {
    if (row.workload == "ask") rows_.left(row);
  }

 private:
  test::RequestRows& rows_;
};

AskedRun ask_run(const json& text, const std::string& requests) {
  const test::TemporaryDirectory home;
  home.write("requests.csv", "arrival_ns,prompt,output\n" + requests);
  AskedRun out;
  AskRows log(out.rows);
  SimulateOptions options;
  options.request_log = &log;
  out.run = simulate(test::load_text(home, text), options);
  return out;
}

double transfer(const AskedRun& out, const std::string& statistic) {
  return test::value(out.run, "workloads.ask.kv_transfer." + statistic);
}

const std::string kOneCache = "0,1000,2\n", kTwoCaches = "0,1000,2\n0,1000,2\n";

TEST_CASE("a cache alone takes its bytes over the link, the latencies, and no more") {
  json text = pair_of_endpoints();
  const AskedRun alone = ask_run(text, kOneCache);
  CHECK(alone.rows.all.at(0).first_token->ns == 10 * kMs);
  CHECK(alone.rows.all.at(0).done->ns == 120 * kMs + kPath);
  CHECK(transfer(alone, "mean") == Approx(0.1 + 20e-6));
  text["workloads"]["ask"]["handoff"]["latency"] = "3 ms";
  CHECK(ask_run(text, kOneCache).rows.all.at(0).done->ns == 123 * kMs + kPath);
  text["workloads"]["ask"]["handoff"]["rate"] = "500 MB/s";  // less than the link
  CHECK(ask_run(text, kOneCache).rows.all.at(0).done->ns == 223 * kMs + kPath);
  // The same without a fabric, but for the latency of the path.
  text["workloads"]["ask"]["handoff"]["fabric"] = false;
  const AskedRun apart = ask_run(text, kOneCache);
  CHECK(apart.rows.all.at(0).done->ns == 223 * kMs);
  CHECK(transfer(apart, "mean") == Approx(0.203));
}

TEST_CASE("two caches into one server share its link and take twice the time") {
  json text = pair_of_endpoints();
  const AskedRun two = ask_run(text, kTwoCaches);
  CHECK(transfer(two, "count") == 2);
  CHECK(transfer(two, "max") == Approx(0.2 + 20e-6));
  for (std::uint64_t i = 0; i < 2; ++i) {
    CHECK(two.rows.all.at(i).done->ns == 220 * kMs + kPath);
  }
  // With a rate each that is half of the link they do not meet.
  text["workloads"]["ask"]["handoff"]["rate"] = "500 MB/s";
  CHECK(transfer(ask_run(text, kTwoCaches), "max") == Approx(0.2 + 20e-6));
  CHECK(transfer(ask_run(text, kOneCache), "max") == Approx(0.2 + 20e-6));
}

TEST_CASE("each has a server of its own where there are two, and a path of its own") {
  json text = pair_of_endpoints();
  text["workloads"]["tell"]["replicas"] = {{"min", 2}, {"max", 2}};
  text["workloads"]["tell"]["router"] = {{"policy", "round-robin"}};
  CHECK(transfer(ask_run(text, kTwoCaches), "max") == Approx(0.1 + 20e-6));
}

TEST_CASE("accelerators with an endpoint each send their parts side by side") {
  json text = pair_of_endpoints();
  // Two accelerators a replica, two endpoints a server: half of the bytes each.
  text["accelerator_types"]["x"]["scale_up"] = {{"domain", 2}, {"rate", "50 GB/s"}};
  text["server_types"]["s"]["accelerators"] = 2;
  for (const char* endpoint : {"ask", "tell"}) {
    text["workloads"][endpoint]["instance"]["accelerators"] = 2;
  }
  text["fabric_types"]["net"] = {{"family", "rail-optimised"},
                                 {"segments", 1},
                                 {"servers_per_segment", 4},
                                 {"accelerators_per_server", 2},
                                 {"spines", 1},
                                 {"nic_bandwidth", "8 Gbit/s"},
                                 {"spine_bandwidth", "8 Gbit/s"},
                                 {"scale_up_bandwidth", "80 Gbit/s"},
                                 {"nic_latency", "10 us"},
                                 {"spine_latency", "10 us"},
                                 {"scale_up_latency", "1 us"}};
  CHECK(transfer(ask_run(text, kOneCache), "max") == Approx(0.05 + 20e-6).epsilon(1e-3));
}

TEST_CASE("a cache whose replica is lost is sent again to another one") {
  // The server that decodes fails at 60 ms: half of the bytes are there. It is back at 70 ms; the
  // client of that endpoint tries again after 100 ms.
  json text = pair_of_endpoints();
  text["failures"]["f"] = {
      {"kind", "outage"}, {"of", "rack"}, {"racks", {"r.l"}}, {"at", "60 ms"}, {"for", "10 ms"}};
  text["workloads"]["tell"]["client"] = {
      {"retry", {{"max_attempts", 2}, {"backoff", "100 ms"}, {"jitter", "none"}}}};
  text["workloads"]["tell"]["sensors"] = {{"scrape", "10 ms"}, {"window", "10 ms"}};
  const AskedRun lost = ask_run(text, kOneCache);
  CHECK(test::value(lost.run, "workloads.tell.crashed") == 1);
  CHECK(test::value(lost.run, "workloads.ask.completed") == 1);
  CHECK(transfer(lost, "count") == 1);
  CHECK(transfer(lost, "max") == Approx(0.1 + 20e-6));
  CHECK(lost.rows.all.at(0).done->ns == 270 * kMs + kPath);
  CHECK(test::value(lost.run, "fabrics.r.delivered") == Approx(150e6).epsilon(1e-3));
}

}  // namespace
}  // namespace hyperdc
