// Endpoints of language models that get too much, with caches that are too small, on servers that
// fail: whatever decides about requests, every run ends, nobody waits for ever, and requests and
// tokens are conserved.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include <hyperdc/policy/admission.hpp>
#include <hyperdc/policy/router.hpp>

#include "core/rng.hpp"
#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// One number after the other.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : stream_(seed, "overload") {}
  double uniform() { return stream_.uniform(next_++); }
  bool chance(double p) { return uniform() < p; }
  std::uint64_t from(std::uint64_t least, std::uint64_t most) {
    return least + static_cast<std::uint64_t>(uniform() * static_cast<double>(most - least + 1));
  }

 private:
  RandomStream stream_;
  std::uint64_t next_ = 0;
};

struct Lengths {
  double prompt = 1, output = 1;  // means
};

/// An engine with blocks for one request of twice the mean lengths, or for several.
json draw_engine(Draws& draws, const Lengths& lengths) {
  json engine;
  const bool whole = draws.chance(0.2);
  const bool first = !whole && draws.chance(0.4);
  const std::uint64_t sequences = draws.from(1, 16);
  const auto longest = static_cast<std::uint64_t>(4 * (lengths.prompt + lengths.output));
  engine["batching"] = !first ? "chunked" : draws.chance(0.5) ? "prefill-first" : "static";
  if (draws.chance(0.2)) engine["delay"] = "10 ms";
  if (whole) engine["chunked_prefill"] = false;
  if (!first) engine["asynchronous"] = draws.chance(0.5);
  engine["prefix_caching"] = draws.chance(0.4);
  if (engine["prefix_caching"] == true && draws.chance(0.3)) engine["prefix_time_to_live"] = "2 s";
  engine["max_sequences"] = sequences;
  engine["max_tokens"] = sequences + (whole || first ? longest : draws.from(1, 200));
  const std::uint64_t block = draws.from(1, 20);
  engine["block"] = block;
  engine["blocks"] = longest * draws.from(1, draws.chance(0.6) ? 2 : 8) / (2 * block) + 1;
  engine["iteration"]["linear"] = {{"base", draws.chance(0.2) ? "0 s" : "2 ms"},
                                   {"prompt_token", "100 us"},
                                   {"sequence", "500 us"},
                                   {"cached_token", draws.chance(0.5) ? "1 us" : "0.3 us"}};
  return engine;
}

/// Requests a second that a replica can about serve.
double capacity(const json& engine, const Lengths& lengths) {
  const double tokens = lengths.prompt + lengths.output;
  const double held =
      engine["blocks"].get<double>() * engine["block"].get<double>() / std::max(1.0, tokens);
  const double batch = std::clamp(held, 1.0, engine["max_sequences"].get<double>());
  return 1 / (lengths.output * (2e-3 / batch + 5e-4) + lengths.prompt * 1e-4);
}

json draw_client(Draws& draws) {
  json client = json::object();
  if (draws.chance(0.3)) return client;
  if (draws.chance(0.8)) client["timeout"] = draws.chance(0.5) ? "1 s" : "8 s";
  if (draws.chance(0.7)) {
    client["retry"] = {{"max_attempts", draws.from(2, 4)}, {"max_backoff", "2 s"}};
    if (draws.chance(0.3)) client["retry"]["budget"] = json::object();
  }
  if (draws.chance(0.2)) client["breaker"] = {{"open", "5 s"}, {"minimum_calls", 20}};
  return client;
}

json draw_endpoint(Draws& draws, const Lengths& lengths) {
  json out = {{"kind", "llm-inference"},
              {"engine", draw_engine(draws, lengths)},
              {"instance", {{"accelerators", 1}, {"start", "1 s"}}},
              {"router", {{"policy", routers()[draws.from(0, routers().size() - 1)].name}}},
              {"client", draw_client(draws)},
              {"sensors", {{"scrape", "5 s"}, {"window", "10 s"}}}};
  if (draws.chance(0.5)) out["instance"]["drain"] = draws.chance(0.5) ? "0 s" : "2 s";
  const std::uint64_t replicas = draws.from(1, 3);
  out["replicas"] = {{"min", replicas}, {"max", replicas}};
  if (draws.chance(0.4)) {
    out["replicas"] = {{"min", 1}, {"max", 4}, {"initial", replicas}};
    out["autoscaler"] = {{"policy", "hpa"}, {"target", 0.4}};
  }
  if (draws.chance(0.2)) {
    out["health_check"] = {{"interval", "3 s"}, {"timeout", "1 s"}, {"connect_timeout", "2 s"}};
  }
  return out;
}

/// One of those that an engine can have.
void draw_admission(Draws& draws, bool has_objective, json& endpoint) {
  const AdmissionEntry& entry = admissions()[draws.from(0, admissions().size() - 1)];
  if (entry.scope == AdmissionScope::queue) return;
  if (entry.scope == AdmissionScope::engine && !has_objective) return;
  endpoint["admission"] = {{"policy", entry.name}};
  if (entry.name == "queue-limit") endpoint["admission"]["limit"] = draws.from(0, 10);
  if (entry.name == "gradient-limit") endpoint["admission"]["min"] = 2;
}

/// Caches share links that are about as fast as what they have with a rate.
void go_over_a_fabric(json& scenario) {
  scenario["fabric_types"]["net"] = {{"family", "leaf-spine"},
                                     {"leaves", 5},
                                     {"hosts", 2},
                                     {"spines", 1},
                                     {"latency", "1 us"},
                                     {"host_bandwidth", "4 Gbit/s"},
                                     {"leaf_bandwidth", "4 Gbit/s"}};
  scenario["regions"]["r"]["fabric"] = "net";
  scenario["workloads"]["chat"]["handoff"]["fabric"] = true;
}

/// Adapters or models of which some are loaded and some are on the host: 1 to 50 ms a load.
void draw_variants(Draws& draws, json& engine) {
  const std::uint64_t loaded = draws.from(1, 4), count = loaded + draws.from(0, 8);
  json variants = {{"count", count},
                   {"popularity", draws.chance(0.5) ? 0.0 : 1.0},
                   {"max_loaded", loaded},
                   {"bytes", std::to_string(draws.from(1, 50)) + " MB"},
                   {"rate", "1 GB/s"}};
  if (draws.chance(0.5)) {
    variants["host"] = draws.from(loaded, count);
    engine["load_rate"] = "500 MB/s";
  }
  engine[draws.chance(0.6) ? "adapters" : "models"] = variants;
}

/// Room on the host, and drafts where it decodes.
void draw_host_and_drafts(Draws& draws, bool decodes, json& engine) {
  const auto block = engine["block"].get<std::uint64_t>();
  if (draws.chance(0.4)) {
    engine["host_memory"] = {{"size", std::to_string(block * draws.from(1, 100)) + " kB"},
                             {"rate", draws.chance(0.5) ? "1 MB/s" : "1 GB/s"},
                             {"token_bytes", "1 kB"}};
  }
  if (!decodes || draws.chance(0.6)) return;
  const std::uint64_t tokens = draws.from(1, 4);
  engine["speculation"] = {{"tokens", tokens}, {"acceptance", draws.uniform()}};
  engine["max_tokens"] = engine["max_tokens"].get<std::uint64_t>() +
                         tokens * engine["max_sequences"].get<std::uint64_t>();
}

/// Replicas that wait started, and weights of 16 GB that those who start at once share a store for.
void draw_starts(Draws& draws, json& scenario, json& endpoint) {
  if (draws.chance(0.4)) {
    endpoint["warm_pool"] = {{"size", draws.from(1, 3)},
                             {"start", draws.chance(0.5) ? "0 s" : "500 ms"}};
  }
  if (draws.chance(0.6) || endpoint["engine"].contains("host_memory")) return;
  scenario["stores"]["w"] = {{"rate", "8 GB/s"}, {"client_rate", "3 GB/s"}, {"latency", "10 ms"}};
  endpoint["engine"]["model"] = "llama-3-1-8b";
  endpoint["engine"]["load_from"] = "w";
  if (draws.chance(0.5)) endpoint["engine"]["local_rate"] = "20 GB/s";
}

json draw_case(std::uint64_t seed) {
  Draws draws(seed);
  const Lengths lengths{static_cast<double>(draws.from(1, 60)),
                        static_cast<double>(draws.from(1, 30))};
  const bool hands_over = draws.chance(0.3);
  json chat = draw_endpoint(draws, lengths);
  const double load = 0.2 * std::pow(15, draws.uniform());
  const double each =
      hands_over ? 1 / (1e-4 * lengths.prompt + 2.5e-3) : capacity(chat["engine"], lengths);
  const json& replicas = chat["replicas"];
  const double rate = load * each * replicas.value("initial", replicas["min"].get<double>());
  chat["requests"]["generate"] = {
      {"prompt", {{"lognormal", {{"mean", lengths.prompt}, {"cv", 1}}}}},
      {"output", {{"exponential", {{"mean", lengths.output}}}}}};
  if (chat["engine"]["prefix_caching"] == true) {
    chat["requests"]["generate"]["prefix"] = {{"groups", 5}, {"tokens", lengths.prompt / 2 + 1}};
  }
  const double seconds = std::min(60.0, 300 / rate);
  const auto per_second = [](double n) { return std::to_string(n) + " /s"; };
  chat["demand"]["piecewise"]["points"] = {
      {{"at", "0 s"}, {"rate", per_second(rate)}},
      {{"at", std::to_string(seconds) + " s"}, {"rate", "0 /s"}}};
  chat["slo"] = {{"ttft", "1 s"}};
  draw_admission(draws, true, chat);
  json workloads = {{"chat", chat}};
  if (hands_over) {
    workloads["chat"]["handoff"] = {
        {"to", "decode"}, {"rate", "1 GB/s"}, {"latency", "1 ms"}, {"token_bytes", "100 kB"}};
    workloads["decode"] = draw_endpoint(draws, lengths);
    draw_admission(draws, false, workloads["decode"]);
  }
  json out = test::model_servers(10, std::move(workloads));
  if (draws.chance(0.3)) {
    out["failures"]["f"] = {{"kind", "random"},
                            {"of", "server"},
                            {"time_to_failure", {{"exponential", {{"mean", "2 min"}}}}},
                            {"repair", {{"time", "20 s"}}}};
  } else if (draws.chance(0.3)) {
    out["failures"]["f"] = {
        {"kind", "maintenance"}, {"first", "5 s"}, {"drain", "3 s"}, {"for", "10 s"}};
  }
  if (hands_over && draws.chance(0.5)) go_over_a_fabric(out);
  if (draws.chance(0.3)) out["workloads"]["chat"]["rollouts"] = {{{"at", "7 s"}}};
  if (hands_over && draws.chance(0.3)) {
    out["workloads"]["decode"]["rollouts"] = {{{"at", "8 s"}}};
  }
  draw_host_and_drafts(draws, !hands_over, out["workloads"]["chat"]["engine"]);
  if (hands_over) draw_host_and_drafts(draws, true, out["workloads"]["decode"]["engine"]);
  draw_starts(draws, out, out["workloads"]["chat"]);
  if (hands_over) draw_starts(draws, out, out["workloads"]["decode"]);
  if (draws.chance(0.4)) {
    json& engine = out["workloads"]["chat"]["engine"];
    draw_variants(draws, engine);
    if (engine.contains("models")) {  // none is loaded when a replica starts
      for (const char* key : {"load_from", "local_rate", "model"}) {
        engine.erase(key);
        if (hands_over) out["workloads"]["decode"]["engine"].erase(key);
      }
    }
    for (const char* key : {"adapters", "models", "load_rate"}) {
      if (!hands_over || !engine.contains(key)) continue;
      json& theirs = out["workloads"]["decode"]["engine"][key];
      theirs = engine[key];
      if (theirs.is_object()) theirs.erase("popularity");  // of who asks
    }
  }
  return out;
}

/// Attempts that are over, and their tokens, as the rows of requests.csv tell them.
class Rows final : public RequestLog {
 public:
  struct Sums {
    double done = 0, refused = 0, prompts = 0, outputs = 0, cached = 0, preempted = 0;
    double of_one_token = 0;  // of those that are done
  };
  void left(const RequestRow& row) override {
    Sums& sums = all[std::string(row.workload)];
    if (!row.done) {
      ++sums.refused;
      return;
    }
    REQUIRE(row.first_token.has_value());
    REQUIRE(row.arrival <= *row.first_token);
    REQUIRE(*row.first_token <= *row.done);
    REQUIRE((*row.first_token < *row.done) == (row.output > 1));
    REQUIRE(row.cached <= row.prompt);
    ++sums.done;
    sums.prompts += static_cast<double>(row.prompt);
    sums.outputs += static_cast<double>(row.output);
    sums.cached += static_cast<double>(row.cached);
    sums.preempted += row.preemptions;
    if (row.output == 1) ++sums.of_one_token;
  }
  std::map<std::string, Sums> all;
};

/// When all is over each attempt was served by an engine, refused, or lost; and each request was
/// answered or has failed.
void check_books(const Simulation& run, const json& workloads, Rows& rows) {
  const bool hands_over = workloads.contains("decode");
  const auto of = [&](const std::string& workload, const char* what) {
    return test::value(run, "workloads." + workload + "." + what);
  };
  for (const auto& [workload, text] : workloads.items()) {
    INFO(workload);
    const Rows::Sums& row = rows.all[workload];
    const bool decodes = workload == "decode";
    const double served = hands_over && !decodes ? of(workload, "output_tokens") : row.done;
    double lost = of(workload, "refused") + of(workload, "crashed");
    if (text.contains("health_check")) lost += of(workload, "unreachable");
    const double sent = of(workload, "offered") + of(workload, "retries") - of(workload, "blocked");
    CHECK(of(workload, "offered") == of(workload, "completed") + of(workload, "failed"));
    CHECK(sent == served + lost);
    CHECK(of(workload, "refused") >= row.refused);  // others found no replica
    CHECK(of(workload, "p.kv_use.max") <= 1);
    if (decodes) {
      CHECK(of(workload, "output_tokens") == row.outputs - row.done);
    } else if (!hands_over) {
      CHECK(of(workload, "output_tokens") == row.outputs);
      CHECK(of(workload, "prompt_tokens") == row.prompts);
      CHECK(of(workload, "kv_preemptions") >= row.preempted);  // others got lost
    } else {
      CHECK(of("decode", "offered") == served - row.of_one_token);
    }
  }
}

TEST_CASE("whatever is asked of an endpoint, all of it is accounted for", "[property]") {
  const test::TemporaryDirectory home;
  std::map<std::string, int> by_admission;
  std::map<std::string, double> sums;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const json text = draw_case(seed);
    INFO("seed " << seed << "\n" << text.dump());
    Rows rows;
    SimulateOptions options;
    options.seed = seed;
    options.request_log = &rows;
    // Its checks hold, or it throws: requests, Little's law, accelerators.
    const Simulation run = simulate(test::load_text(home, text), options);
    const json& workloads = text["workloads"];
    check_books(run, workloads, rows);
    for (const auto& [workload, endpoint] : workloads.items()) {
      ++by_admission[endpoint.contains("admission") ? endpoint["admission"]["policy"] : "none"];
      for (const char* what : {"kv_preemptions", "crashed", "timed_out", "completed", "failed"}) {
        sums[what] += test::value(run, "workloads." + workload + "." + what);
      }
      sums["cached"] += rows.all[workload].cached;
      if (endpoint.contains("warm_pool")) {
        sums["warm"] += test::value(run, "workloads." + workload + ".p.warm_starts");
        CHECK(test::value(run, "workloads." + workload + ".p.warm.max") <=
              endpoint["warm_pool"]["size"]);
      }
      for (const char* key : {"adapters", "models"}) {
        if (!endpoint["engine"].contains(key)) continue;
        const std::string what = std::string(key, std::string_view(key).size() - 1) + "_loads";
        sums[key] += test::value(run, "workloads." + workload + "." + what);
      }
    }
    if (text.contains("stores")) sums["read"] += test::value(run, "stores.w.bytes_read");
  }
  // It has seen what it is about.
  for (const AdmissionEntry& entry : admissions()) {
    INFO(entry.name);
    CHECK((by_admission[std::string(entry.name)] > 10) == (entry.scope != AdmissionScope::queue));
  }
  for (const char* what :
       {"kv_preemptions", "crashed", "timed_out", "failed", "cached", "adapters", "models"}) {
    INFO(what);
    CHECK(sums[what] > 400);
  }
  CHECK(sums["warm"] > 100);
  CHECK(sums["read"] > 1e12);
  CHECK(sums["completed"] > 20'000);
}

}  // namespace
}  // namespace hyperdc
