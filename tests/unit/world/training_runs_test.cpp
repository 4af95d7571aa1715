// Training runs whose servers fail at known moments, by hand; and that nothing of their time is
// lost whatever happens to them.
#include <catch2/catch.hpp>
#include <cmath>

#include "unit/world/training_world.hpp"

namespace hyperdc {
namespace {

using test::json;
using test::of_train;
using test::outage;
using test::run_world;
using test::seconds_in;
using test::training_world;

TEST_CASE("a training run goes back to its checkpoint when a server fails") {
  const json text = training_world(
      {{"regions", {{"lab", {{"racks", {{"boxes", {{"count", 2}}}}}}}}},  // no server to spare
       {"workloads",
        {{"train",
          {{"checkpoints",
            {{"store", {{"write", "10 s"}, {"load", "5 s"}, {"every", "100 s"}}}}}}}}},
       {"failures", {{"one", outage(1000, 1)}}},
       {"duration", "5000 s"}});
  const Simulation run = run_world(text);
  const double step = of_train(run, "step_time");
  const double steps = std::round(90 / step);
  const double cycle = steps * step + 10;
  CHECK(of_train(run, "checkpoints.store.every") == Approx(cycle));
  const double cycles = std::floor((1000 - 20) / cycle);
  CHECK(seconds_in(run, "detection") == Approx(60));
  CHECK(seconds_in(run, "waiting") == Approx(3600 - 60));
  CHECK(seconds_in(run, "restarts") == Approx(20 + 25));
  CHECK(seconds_in(run, "discarded") == Approx(1000 - 20 - cycles * cycle).epsilon(1e-6));
  CHECK(of_train(run, "restarts") == 1);
  const double again = std::floor((5000 - 4600 - 25) / cycle);
  CHECK(seconds_in(run, "checkpoints") == Approx(10 * (cycles + again)));
  const double under_way = std::floor((5000 - 4625 - again * cycle) / step);
  CHECK(of_train(run, "steps") == cycles * steps + again * steps + under_way);
  CHECK(of_train(run, "ettr") == Approx(of_train(run, "steps") * step / 5000));
  CHECK(of_train(run, "lost.accelerators") ==
        Approx(of_train(run, "time.discarded")).epsilon(1e-9));
}

TEST_CASE("a spare server takes the place of one that failed") {
  const json text = training_world(
      {{"failures", {{"one", outage(1000, 8, "server", "10 s")}}}, {"duration", "5000 s"}});
  const Simulation spared =
      run_world(training_world({{"failures", {{"one", outage(1000, 1)}}}, {"duration", "5000 s"}}));
  // The item is drawn: of 8 servers the run has 4.
  CHECK(seconds_in(spared, "waiting") == 0);
  const Simulation all = run_world(text);
  CHECK(seconds_in(all, "detection") == Approx(60));
  CHECK(seconds_in(all, "waiting") == 0);  // they are back before that is over
  CHECK(seconds_in(all, "discarded") == Approx(980));
}

TEST_CASE("what a checkpoint outlives decides where a run begins again") {
  const auto text = [](std::uint64_t items, const char* of) {
    return training_world(
        {{"regions", {{"lab", {{"racks", {{"boxes", {{"count", 2}}}}}}}}},
         {"workloads",
          {{"train",
            {{"checkpoints",
              {{"peer", {{"write", "1 s"}, {"every", "20 s"}, {"survives", "server"}}},
               {"store", {{"write", "10 s"}, {"every", "400 s"}}}}}}}}},
         {"failures", {{"one", outage(1500, items, of, "10 s")}}},
         {"duration", "3000 s"}});
  };
  const double device = seconds_in(run_world(text(1, "accelerator")), "discarded");
  const double server = seconds_in(run_world(text(1, "server")), "discarded");
  const double rack = seconds_in(run_world(text(1, "rack")), "discarded");
  CHECK(device <= 21);
  CHECK(server == device);
  CHECK(rack > 21);
  CHECK(rack <= 420);
}

TEST_CASE("a run that leaves its servers by plan keeps what outlives everything") {
  const auto text = [](const char* survives) {
    return training_world(
        {{"workloads",
          {{"train",
            {{"checkpoints",
              {{"copy", {{"write", "1 s"}, {"every", "20 s"}, {"survives", survives}}}}}}}}},
         {"failures",
          {{"work", {{"kind", "maintenance"}, {"first", "500 s"}, {"for", "100 s"}}}}}});
  };
  const Simulation kept = run_world(text("everything"));
  CHECK(of_train(kept, "restarts") >= 1);
  CHECK(seconds_in(kept, "detection") == 0);
  CHECK(seconds_in(kept, "discarded") <= 21 * of_train(kept, "restarts"));
  CHECK(seconds_in(run_world(text("rack")), "discarded") > 400);
}

TEST_CASE("a server that is slow slows all, until it is replaced") {
  // Half as fast for 100 s: 50 s are lost, and no more.
  const json slow = {{"mtbf", "4000 s"}, {"lasts", "100 s"}, {"speed", 0.5}};
  const Simulation slowed = run_world(
      training_world({{"workloads", {{"train", {{"stragglers", slow}}}}}, {"duration", "1 h"}}));
  CHECK(of_train(slowed, "slow_episodes") >= 2);
  CHECK(seconds_in(slowed, "slowed") > 45);
  CHECK(seconds_in(slowed, "slowed") <= 50 * of_train(slowed, "slow_episodes") + 1);
  json replaced = slow;
  replaced["replaced_after"] = "10 s";
  const Simulation quick = run_world(training_world(
      {{"workloads", {{"train", {{"stragglers", replaced}}}}}, {"duration", "1 h"}}));
  CHECK(of_train(quick, "restarts") >= 2);
  CHECK(seconds_in(quick, "slowed") <= 5.1 * of_train(quick, "slow_episodes"));
}

TEST_CASE("wrong results are thrown away once they are found") {
  const json corruption = {{"mtbf", "20000 s"}, {"detect", "300 s"}};
  const Simulation run = run_world(training_world(
      {{"workloads",
        {{"train",
          {{"corruption", corruption},
           {"checkpoints", {{"store", {{"write", "2 s"}, {"every", "50 s"}}}}}}}}}}));
  CHECK(of_train(run, "corruptions") >= 2);
  CHECK(of_train(run, "restarts") >= 1);
  // At least what was computed from the corruption on, at most a period more.
  CHECK(seconds_in(run, "discarded") >= 200 * of_train(run, "restarts"));
  CHECK(seconds_in(run, "discarded") <= 352 * of_train(run, "corruptions"));
}

TEST_CASE("a training run that gives way to others goes on at its checkpoint") {
  const Simulation run = run_world(training_world(
      {{"pools", {{"main", {{"scheduler", {{"policy", "priority"}, {"preempt", true}}}}}}},
       {"regions", {{"lab", {{"racks", {{"boxes", {{"count", 2}}}}}}}}},
       {"workloads",
        {{"train", {{"checkpoints", {{"store", {{"write", "2 s"}, {"every", "50 s"}}}}}}},
         {"urgent",
          {{"kind", "jobs"},
           {"arrivals", {{"every", "1000 s"}}},
           {"generate",
            {{"count", 3},
             {"run", "100 s"},
             {"cores", 1},
             {"accelerators", 4},
             {"priority", 5}}}}}}}}));
  CHECK(of_train(run, "preempted") >= 2);
  CHECK(seconds_in(run, "waiting") >= 200);
  CHECK(seconds_in(run, "discarded") <= 53 * of_train(run, "restarts"));
}

TEST_CASE("servers that are lost draw nothing while the others hang") {
  const auto energy = [](const char* detect) {
    const Simulation run =
        run_world(training_world({{"regions", {{"lab", {{"racks", {{"boxes", {{"count", 2}}}}}}}}},
                                  {"workloads", {{"train", {{"restart", {{"detect", detect}}}}}}},
                                  {"failures", {{"all", outage(1000, 4)}}},
                                  {"duration", "4000 s"}}));
    return test::value(run, "regions.lab.energy");
  };
  CHECK(energy("0 s") == Approx(energy("2900 s")).epsilon(1e-9));
}

TEST_CASE("power swings with the phases of a step, and not while the gang hangs") {
  // 16 accelerators of 250 W above idle: 0.7 * 4 kW less in the last quarter of each step.
  const json swing = {{"low", 0.3}, {"share", 0.25}, {"edge", "100 ms"}};
  const auto less_j = [&](const json& more) {
    json text = training_world(more);
    const double flat_j = test::value(run_world(text), "regions.lab.energy");
    text["workloads"]["train"]["swing"] = swing;
    const Simulation run = run_world(text);
    CHECK(of_train(run, "swing.max") == Approx(2800));
    CHECK(of_train(run, "swing.ramp") == Approx(28e3));
    const double step = of_train(run, "step_time");
    return std::pair(flat_j - test::value(run, "regions.lab.energy"), step);
  };
  const auto in_quarters = [](double time_s, double step) {
    const double whole = std::floor(time_s / step);
    return 0.25 * whole * step + std::max(0.0, time_s - whole * step - 0.75 * step);
  };
  const auto [whole_j, step] = less_j({{"duration", "5000 s"}});
  CHECK(whole_j == Approx(2800 * in_quarters(5000, step)).epsilon(1e-6));
  // No server to spare: lost at 1000 s, it is back at 4600 s.
  const auto [failed_j, same] =
      less_j({{"duration", "5000 s"},
              {"regions", {{"lab", {{"racks", {{"boxes", {{"count", 2}}}}}}}}},
              {"failures", {{"one", outage(1000, 1)}}}});
  CHECK(same == step);
  CHECK(failed_j ==
        Approx(2800 * (in_quarters(1000, step) + in_quarters(400, step))).epsilon(1e-6));
}

TEST_CASE("retries are of failures; a slow server or a moved one uses none up") {
  const json slow = {
      {"mtbf", "2000 s"}, {"lasts", "100 s"}, {"speed", 0.5}, {"replaced_after", "5 s"}};
  const Simulation run =
      run_world(training_world({{"pools", {{"main", {{"on_failure", {{"mode", "fail"}}}}}}},
                                {"workloads", {{"train", {{"stragglers", slow}}}}}}));
  CHECK(of_train(run, "restarts") >= 3);
  CHECK(of_train(run, "unfinished") == 1);
  const Simulation moved =
      run_world(training_world({{"server_types", {{"box", {{"price", "1 USD/h"}}}}},
                                {"pools",
                                 {{"main",
                                   {{"nodes",
                                     {{"policy", "karpenter"},
                                      {"min", 0},
                                      {"jobs", "move"},
                                      {"expire_after", "20 min"}}}}}}}}));
  CHECK(of_train(moved, "restarts") >= 2);
}

TEST_CASE("an elastic gang goes on without the copies whose servers are missing") {
  const json checkpoints = {{"store", {{"write", "10 s"}, {"load", "5 s"}, {"every", "100 s"}}}};
  json train = {{"checkpoints", checkpoints}, {"elastic", {{"least", 2}}}};
  json text = {{"regions", {{"lab", {{"racks", {{"boxes", {{"count", 2}}}}}}}}},
               {"failures", {{"one", outage(1000, 1)}}},
               {"duration", "6000 s"}};
  text["workloads"]["train"] = train;
  const Simulation run = run_world(training_world(text));
  // Lost at 1,000 s, seen at 1,060; the server is back at 4,600 and asked for at 4,660.
  CHECK(seconds_in(run, "detection") == Approx(60));
  CHECK(seconds_in(run, "waiting") == 0);
  CHECK(seconds_in(run, "missing") == Approx(3600.0 / 4).epsilon(1e-6));
  CHECK(of_train(run, "restarts") == 2);
  CHECK(of_train(run, "resized") == 2);
  CHECK(of_train(run, "copies.mean") == Approx((1060 * 4 + 3600 * 3 + 1340 * 4) / 6000.0));
  CHECK(seconds_in(run, "slowed") < 1e-6);
  const double step = of_train(run, "step_time");
  const double each = std::round(90 / step) * step + 10;
  // With three copies it does 2,700 s of work, of which 25 are its start.
  const double first = std::floor(980 / each), second = std::floor(2675 / each);
  CHECK(seconds_in(run, "discarded") == Approx(980 - first * each + 2675 - second * each));

  train["elastic"]["after"] = "5 min";
  text["workloads"]["train"] = train;
  const Simulation patient = run_world(training_world(text));
  CHECK(seconds_in(patient, "waiting") == Approx(300));
  CHECK(seconds_in(patient, "missing") == Approx(3600.0 / 4).epsilon(1e-6));
  train["elastic"] = {{"least", 3}, {"rejoin", "10 min"}};
  text["failures"] = {{"one", outage(1000, 2)}};
  text["workloads"]["train"] = train;
  const Simulation waits = run_world(training_world(text));
  CHECK(seconds_in(waits, "waiting") == Approx(3540));
  CHECK(seconds_in(waits, "missing") == 0);
}

TEST_CASE("an elastic run that lacks nothing stays, and two share what there is") {
  // Four copies on four servers, two to spare: the end of its patience brings nothing.
  json text = {{"regions", {{"lab", {{"racks", {{"boxes", {{"count", 3}}}}}}}}}};
  text["workloads"]["train"]["elastic"] = {{"least", 1}, {"after", "5 min"}};
  CHECK(of_train(run_world(training_world(text)), "restarts") == 0);
  // Two runs of four copies come at once to six servers: who is asked last begins with two.
  text["workloads"]["train"]["elastic"] = {{"least", 1}, {"rejoin", "1 d"}};
  json world = training_world(text);
  world["workloads"]["second"] = world["workloads"]["train"];
  const Simulation both = run_world(world);
  CHECK(test::value(both, "workloads.second.copies.mean") == 4);
  CHECK(of_train(both, "copies.mean") == 2);
}

TEST_CASE("a run that is given up leaves no limit of speed to the next in its place") {
  const json slow = {{"mtbf", "100 s"}, {"lasts", "10 h"}, {"speed", 0.1}};
  const Simulation run = run_world(training_world(
      {{"pools", {{"main", {{"on_failure", {{"mode", "fail"}}}}}}},
       {"workloads",
        {{"train", {{"stragglers", slow}}},
         {"later",
          {{"kind", "jobs"},
           {"arrivals", {{"every", "3000 s"}}},
           {"generate", {{"count", 2}, {"run", "100 s"}, {"cores", 1}, {"accelerators", 4}}}}}}},
       {"failures", {{"all", outage(1000, 8, "server", "10 s")}}}}));
  CHECK(of_train(run, "failed") == 1);
  CHECK(test::value(run, "workloads.later.completion.max") == Approx(100));
}

TEST_CASE("whatever happens to a training run, its time is all there and it ends the same") {
  // The laws at the end of each run hold the books together (check_training).
  const json trouble = {
      {"regions", {{"lab", {{"racks", {{"boxes", {{"count", 3}}}}}}}}},
      {"workloads",
       {{"train",
         {{"steps", 6000},
          {"restart", {{"detect", {{"exponential", {{"mean", "30 s"}}}}}, {"start", "5 s"}}},
          {"checkpoints",
           {{"memory", {{"write", "100 ms"}, {"every", "5 s"}, {"survives", "accelerator"}}},
            {"peer",
             {{"write", "3 s"}, {"blocking", false}, {"stall", "200 ms"}, {"survives", "server"}}},
            {"store", {{"write", "9 s"}, {"blocking", false}, {"load", "12 s"}, {"keep", 2}}}}},
          {"stragglers",
           {{"mtbf", "1 h"}, {"lasts", "2 min"}, {"speed", 0.7}, {"replaced_after", "100 s"}}},
          {"corruption", {{"mtbf", "4 h"}, {"detect", {{"exponential", {{"mean", "2 min"}}}}}}}}}}},
      {"failures",
       {{"gpu",
         {{"kind", "random"},
          {"of", "accelerator"},
          {"time_to_failure", {{"exponential", {{"mean", "3 h"}}}}},
          {"repair", {{"time", "2 min"}}}}},
        {"server",
         {{"kind", "random"},
          {"time_to_failure", {{"exponential", {{"mean", "2 h"}}}}},
          {"repair", {{"time", "3 min"}}}}},
        {"rack",
         {{"kind", "random"},
          {"of", "rack"},
          {"time_to_failure", {{"exponential", {{"mean", "3 h"}}}}},
          {"repair", {{"time", "1 min"}}}}},
        {"work",
         {{"kind", "maintenance"}, {"first", "10 min"}, {"every", "30 min"}, {"for", "1 min"}}}}},
      {"duration", "20 h"}};
  double finished = 0, restarts = 0, corruptions = 0, resized = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    json more = trouble;
    if (seed % 2 == 0) {
      more["workloads"]["train"]["elastic"] = {
          {"least", 1}, {"after", "1 min"}, {"rejoin", "5 min"}};
    }
    const Simulation run = run_world(training_world(more), seed);
    if (seed % 2 == 0) resized += of_train(run, "resized");
    finished += of_train(run, "finished");
    restarts += of_train(run, "restarts");
    corruptions += of_train(run, "corruptions");
    if (of_train(run, "finished") == 1) CHECK(of_train(run, "steps") == 6000);
  }
  CHECK(finished > 30);
  CHECK(restarts > 400);
  CHECK(corruptions > 40);
  CHECK(resized > 30);
}

}  // namespace
}  // namespace hyperdc
