// Domains of gangs, reservations and migrations: small pools, by hand, and what must hold always.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/model_endpoint.hpp"
#include "unit/world/metric_value.hpp"
#include "world/simulate.hpp"

namespace hyperdc {
namespace {

using nlohmann::json;

/// `racks` of `in_rack` servers of so many accelerators, and the jobs of a file.
json racks_world(const json& pool, int racks, int in_rack, int accelerators) {
  json text;
  text["name"] = "racks";
  text["accelerator_types"]["x"] = {{"model", "X"}, {"power", nullptr}, {"power_reason", "none"}};
  text["server_types"]["s"] = {{"cores", 64},           {"memory", "64 GiB"},
                               {"accelerator", "x"},    {"accelerators", accelerators},
                               {"host_power", nullptr}, {"power_reason", "none"}};
  text["regions"]["lab"]["racks"]["r"] = {
      {"server", "s"}, {"servers_per_rack", in_rack}, {"count", racks}};
  text["pools"]["main"] = pool;
  text["workloads"]["jobs"] = {
      {"kind", "jobs"}, {"pool", "main"}, {"trace", {{"format", "csv"}, {"file", "jobs.csv"}}}};
  return text;
}

Simulation run_racks(const json& text, const std::string& jobs) {
  const test::TemporaryDirectory home;
  home.write("jobs.csv", jobs);
  return simulate(test::load_text(home, text), {});
}

double at_pool(const Simulation& run, const std::string& name) {
  return test::value(run, "pools.main." + name);
}
double at_jobs(const Simulation& run, const std::string& name) {
  return test::value(run, "workloads.jobs." + name);
}

TEST_CASE("a gang goes to the fullest rack that holds all of it") {
  // Two racks of four servers of one. A gang of 2 and then one of 4: first fit, server by server,
  // gives the second two servers in each rack.
  const std::string jobs = "submit_s,run_s,accelerators,gang\n0,100,1,2\n1,100,1,4\n2,100,1,2\n";
  json pool;
  pool["topology"]["rank"] = "none";
  const Simulation apart = run_racks(racks_world(pool, 2, 4, 1), jobs);
  CHECK(at_pool(apart, "gangs.racks") == Approx(4.0 / 3));
  CHECK(at_pool(apart, "gangs.in_one_rack") == Approx(2.0 / 3));
  pool["topology"]["rank"] = "best-fit";
  const Simulation packed = run_racks(racks_world(pool, 2, 4, 1), jobs);
  CHECK(at_pool(packed, "gangs.racks") == 1);
  CHECK(at_pool(packed, "gangs.in_one_rack") == 1);
  // The worst fit puts the first two into different racks; the gang of 4 must be split.
  pool["topology"]["rank"] = "worst-fit";
  const Simulation worst = run_racks(
      racks_world(pool, 2, 4, 1), "submit_s,run_s,accelerators,gang\n0,9,1,2\n1,9,1,2\n2,9,1,4\n");
  CHECK(at_pool(worst, "gangs.racks") == Approx(4.0 / 3));
}

TEST_CASE("a gang that needs a rack waits for one, and the time has that cause") {
  // Gangs of 3 hold three servers of each rack of 4, until 100 and until 200. The third gang of 2
  // has one server in each rack: with rack it waits for 100 s with two idle.
  const std::string jobs = "submit_s,run_s,accelerators,gang\n0,100,1,3\n0,200,1,3\n0,50,1,2\n";
  json pool;
  pool["idle_causes"] = true;
  pool["topology"]["required"] = "none";
  const Simulation spread = run_racks(racks_world(pool, 2, 4, 1), jobs);
  CHECK(at_jobs(spread, "wait.max") == 0);
  CHECK(at_pool(spread, "gangs.racks") == Approx(4.0 / 3));
  CHECK(at_pool(spread, "time.topology") == 0);
  pool["topology"]["required"] = "rack";
  const Simulation waits = run_racks(racks_world(pool, 2, 4, 1), jobs);
  CHECK(at_jobs(waits, "wait.max") == Approx(100));
  CHECK(at_pool(waits, "gangs.in_one_rack") == 1);
  CHECK(at_pool(waits, "time.topology") == Approx(200));
  // Without a fabric the region is one pod; with pods of a rack each it waits again.
  pool["topology"]["required"] = "pod";
  CHECK(at_jobs(run_racks(racks_world(pool, 2, 4, 1), jobs), "wait.max") == 0);
  pool["topology"]["racks_per_pod"] = 1;
  const Simulation pods = run_racks(racks_world(pool, 2, 4, 1), jobs);
  CHECK(at_jobs(pods, "wait.max") == Approx(100));
  CHECK(at_pool(pods, "gangs.in_one_pod") == 1);
}

TEST_CASE("pods are those of the fabric") {
  // A folded Clos of leaves of two servers in pods of two leaves: racks of one server, pods of 4.
  json text = racks_world({{"topology", {{"required", "pod"}}}}, 8, 1, 1);
  text["fabric_types"]["net"] = {
      {"family", "fat-tree"}, {"ports", 4}, {"bandwidth", "10 Gbit/s"}, {"latency", "1 us"}};
  text["regions"]["lab"]["fabric"] = "net";
  const Simulation run = run_racks(
      text, "submit_s,run_s,accelerators,gang\n0,100,1,3\n0,200,1,3\n0,50,1,2\n0,1,1,5\n");
  CHECK(at_jobs(run, "wait.max") == Approx(100));  // the gang of 2: one is free in each pod
  CHECK(at_pool(run, "gangs.pods") == 1);
  CHECK(at_pool(run, "gangs.racks") == Approx(8.0 / 3));
  CHECK(at_jobs(run, "rejected") == 1);  // no pod holds 5
}

TEST_CASE("slices of a cube are aligned blocks, larger ones whole cubes") {
  json pool;
  pool["topology"]["slices"]["largest"] = 2;
  const std::string head = "submit_s,run_s,accelerators,gang\n";
  // 1 + 8 + 4 + 2 + 1 servers fill a cube in any order.
  const Simulation full = run_racks(racks_world(pool, 1, 16, 4),
                                    head + "0,9,4,1\n0,9,4,8\n0,9,4,4\n0,9,4,2\n0,9,4,1\n");
  CHECK(at_jobs(full, "wait.max") == 0);
  CHECK(at_jobs(full, "makespan") == Approx(9));
  // 12, 48, 80 and 192 chips are no slices, and two chips of a server are none.
  const Simulation odd =
      run_racks(racks_world(pool, 3, 16, 4),
                head + "0,9,4,3\n0,9,4,12\n0,9,4,20\n0,9,4,48\n0,9,2,1\n0,9,4,32\n");
  CHECK(at_jobs(odd, "rejected") == 5);
  CHECK(at_jobs(odd, "finished") == 1);
  CHECK(at_pool(odd, "gangs.racks") == 2);
  // A job of one server keeps its cube from a slice of two; blocks of 8 do not straddle: 4 servers
  // at 0..3, then 8 at 8..15; 4 end, 1 is taken, and 4 + 1 + 8 leave no aligned 4 until 100.
  const Simulation waits = run_racks(racks_world(pool, 2, 16, 4), head + "0,50,4,1\n1,10,4,32\n");
  CHECK(at_jobs(waits, "wait.max") == Approx(49));
  const Simulation aligned = run_racks(
      racks_world(pool, 1, 16, 4),
      head + "0,100,4,1\n0,10,4,1\n0,10,4,2\n0,100,4,4\n0,100,4,8\n20,5,4,2\n21,5,4,1\n30,1,4,4\n");
  CHECK(at_jobs(aligned, "wait.max") == Approx(70));
}

const std::string kReserved = "submit_s,run_s,estimate_s,accelerators,tenant\n";

json reserving(const std::string& scheduler, const json& more = json::object()) {
  json window = {{"tenant", "red"}, {"accelerators", 2}, {"from", "100 s"}, {"for", "100 s"}};
  window.update(more);
  return {{"scheduler", {{"policy", scheduler}}}, {"reservations", json::array({window})}};
}

TEST_CASE("nobody starts whose estimate runs into a reservation, by hand") {
  // Two of four are red's from 100 to 200. The second job would leave none of them and waits for
  // the end of the first; the third ends by 100; red starts when it comes.
  for (const char* scheduler : {"easy", "conservative", "fifo", "sjf"}) {
    INFO(scheduler);
    json pool = reserving(scheduler);
    if (pool["scheduler"]["policy"] == "fifo") pool["scheduler"]["skip"] = true;
    pool["idle_causes"] = true;
    const Simulation run =
        run_racks(racks_world(pool, 1, 1, 4), kReserved +
                                                  "0,150,150,2,blue\n0,151,151,2,blue\n"
                                                  "0,50,50,2,blue\n120,30,30,2,red\n");
    if (pool["scheduler"]["policy"] != "sjf") {
      CHECK(at_jobs(run, "wait.max") == Approx(150));
      CHECK(at_jobs(run, "wait.mean") == Approx(150.0 / 4));
      CHECK(at_pool(run, "reservations.idle") == Approx(2 * 20 + 2 * 50));
      CHECK(at_pool(run, "time.reserved") == Approx(2 * 20 + 2 * 50));
    }
    CHECK(at_pool(run, "reservations.begun") == 1);
    CHECK(at_pool(run, "reservations.late") == 0);
    CHECK(at_pool(run, "reservations.lateness") == 0);
  }
}

TEST_CASE("what outlives its estimate makes a reservation late, or gives way") {
  // Blue holds all four with an estimate of 50 s and runs 300 s.
  const std::string jobs = kReserved + "0,300,50,4,blue\n100,50,50,2,red\n";
  const Simulation waits = run_racks(racks_world(reserving("easy"), 1, 1, 4), jobs);
  CHECK(at_pool(waits, "reservations.late") == 1);
  CHECK(at_pool(waits, "reservations.lateness") == Approx(100));
  CHECK(at_jobs(waits, "wait.max") == Approx(200));
  // Red runs from 100 to 150; the window ends at 200, and blue has 200 s left.
  const Simulation gives =
      run_racks(racks_world(reserving("easy", {{"at_start", "preempt"}}), 1, 1, 4), jobs);
  CHECK(at_pool(gives, "reservations.late") == 0);
  CHECK(at_jobs(gives, "wait.max") == 0);
  CHECK(at_jobs(gives, "preempted") == 1);
  CHECK(at_jobs(gives, "makespan") == Approx(400));
}

TEST_CASE("whoever holds a reserved amount in pieces gives way to a job that needs whole servers") {
  // Two servers of two; blue has one of each (worst fit); red's two are free, and in pieces.
  const std::string jobs = kReserved + "0,300,300,1,blue\n0,300,300,1,blue\n110,50,50,2,red\n";
  json pool = reserving("easy");
  pool["placement"]["policy"] = "worst-fit";
  const Simulation waits = run_racks(racks_world(pool, 1, 2, 2), jobs);
  CHECK(at_pool(waits, "reservations.late") == 0);
  CHECK(at_jobs(waits, "wait.max") == Approx(190));
  pool["reservations"][0]["at_start"] = "preempt";
  const Simulation gives = run_racks(racks_world(pool, 1, 2, 2), jobs);
  CHECK(at_jobs(gives, "wait.max") == 0);
  CHECK(at_jobs(gives, "preempted") == 1);
  pool["reservations"][0]["at_start"] = "wait";
  pool["defragment"] = json::object();
  const Simulation moves = run_racks(racks_world(pool, 1, 2, 2), jobs);
  CHECK(at_jobs(moves, "wait.max") == 0);
  CHECK(at_pool(moves, "defragment.migrations") == 1);
}

TEST_CASE("with exact estimates reservations begin on time, under any scheduler that waits") {
  // Jobs of one accelerator each: totals are what servers hold. A third of the pool, ten times.
  json text = racks_world(json::object(), 2, 1, 12);
  text["duration"] = "12 h";
  text["workloads"]["jobs"] = {{"kind", "jobs"},
                               {"pool", "main"},
                               {"generate",
                                {{"count", 600},
                                 {"run", {{"lognormal", {{"mean", "20 min"}, {"cv", 1.5}}}}},
                                 {"cores", 1},
                                 {"memory", "1 GB"},
                                 {"accelerators", 1},
                                 {"tenants", 3}}},
                               {"arrivals", {{"poisson", {{"rate", "1.2 /min"}}}}}};
  for (const char* scheduler : {"conservative", "easy", "fifo", "sjf", "priority", "drf",
                                "fair-share", "lowest-carbon-window"}) {
    INFO(scheduler);
    const bool green = std::string(scheduler) == "lowest-carbon-window";
    if (green) text["regions"]["lab"]["facility"]["carbon"]["average"] = "300 g/kWh";
    json pool = reserving(scheduler, {{"tenant", "tenant-1"},
                                      {"accelerators", 8},
                                      {"from", "1 h"},
                                      {"for", "30 min"},
                                      {"every", "1 h"}});
    text["pools"]["main"] = pool;
    const Simulation exact = run_racks(text, "");
    CHECK(at_pool(exact, "reservations.begun") >= 11);
    CHECK(at_pool(exact, "reservations.late") == 0);
  }
  text["pools"]["main"]["scheduler"] = {{"policy", "easy"}};
  text["workloads"]["jobs"]["generate"]["estimate_factor"] = 0.2;
  CHECK(at_pool(run_racks(text, ""), "reservations.late") > 0);
  text["pools"]["main"]["reservations"][0]["at_start"] = "preempt";
  CHECK(at_pool(run_racks(text, ""), "reservations.late") == 0);
}

TEST_CASE("who gives way to a reservation is who holds what it lacks, the last started first") {
  // Two servers of four; blue has one on each from 0 and from 50. Red's job of 4 needs one server:
  // the one that blue came to last.
  json pool = reserving("easy", {{"accelerators", 6}, {"at_start", "preempt"}});
  pool["placement"]["policy"] = "worst-fit";
  const std::string jobs = kReserved + "0,500,500,1,blue\n50,300,300,1,blue\n110,50,50,4,red\n";
  pool["preemption"]["mode"] = "restart";
  const Simulation pieces = run_racks(racks_world(pool, 1, 2, 4), jobs);
  CHECK(at_jobs(pieces, "wait.max") == 0);
  CHECK(at_jobs(pieces, "preempted") == 1);
  CHECK(at_jobs(pieces, "makespan") == Approx(500));  // the first was not stopped
  // A job without accelerators stays, though it came last; blue's two go, of which one is needed.
  json two = reserving("easy", {{"accelerators", 2}, {"at_start", "preempt"}});
  const Simulation cores =
      run_racks(racks_world(two, 1, 1, 4),
                kReserved + "0,300,50,2,blue\n1,300,50,2,blue\n2,300,50,0,blue\n180,1,1,1,red\n");
  CHECK(at_jobs(cores, "preempted") == 1);
}

TEST_CASE("a window that is late when the run ends counts as late until then") {
  json text = racks_world(reserving("easy", {{"for", "300 s"}}), 1, 1, 4);
  text["duration"] = "150 s";
  const Simulation run = run_racks(text, kReserved + "0,400,50,4,blue\n140,1,1,1,red\n");
  CHECK(at_pool(run, "reservations.late") == 1);
  CHECK(at_pool(run, "reservations.lateness") == Approx(50));
}

TEST_CASE("schedulers book what a reservation starts") {
  // Red may hold 4 of 8 and has 4 reserved: its second job waits for the first.
  json quota = reserving("quota", {{"accelerators", 4}, {"from", "0 s"}, {"for", "300 s"}});
  quota["tenants"]["red"] = {{"quota", {{"accelerators", 4}}}, {"limit", {{"accelerators", 4}}}};
  const std::string jobs = kReserved + "1,50,50,4,red\n1,50,50,4,red\n";
  CHECK(at_jobs(run_racks(racks_world(quota, 1, 1, 8), jobs), "wait.max") == Approx(50));
  // Red holds half by its reservation: under drf blue, which has nothing, goes before it.
  json drf = reserving("drf", {{"accelerators", 4}, {"from", "0 s"}, {"for", "300 s"}});
  const Simulation shares =
      run_racks(racks_world(drf, 1, 1, 8),
                kReserved + "0,20,20,4,green\n1,90,90,4,red\n2,50,50,4,red\n3,50,50,4,blue\n");
  CHECK(at_jobs(shares, "wait.max") == Approx(68));  // red's second, from 2 to 70
}

TEST_CASE("a job is moved to make room for one that needs a whole server, by hand") {
  // Two servers of two. A and B (1 each, until 100) lie on different servers (worst fit); C asks
  // for both of one at 10: A moves beside B, loses 5 s and ends at 105.
  const std::string jobs = "submit_s,run_s,accelerators,gang\n0,100,1,1\n0,100,1,1\n10,50,2,1\n";
  json pool;
  pool["placement"]["policy"] = "worst-fit";
  const Simulation blocked = run_racks(racks_world(pool, 1, 2, 2), jobs);
  CHECK(at_jobs(blocked, "wait.max") == Approx(90));
  pool["defragment"]["overhead"] = "5 s";
  pool["idle_causes"] = true;
  const Simulation moved = run_racks(racks_world(pool, 1, 2, 2), jobs);
  CHECK(at_jobs(moved, "wait.max") == 0);
  CHECK(at_jobs(moved, "completion.max") == Approx(105));
  CHECK(at_jobs(moved, "preempted") == 0);
  CHECK(at_pool(moved, "defragment.gangs") == 1);
  CHECK(at_pool(moved, "defragment.migrations") == 1);
  CHECK(at_pool(moved, "defragment.moved") == 1);
  CHECK(at_pool(moved, "defragment.spent") == Approx(5));
  CHECK(at_pool(moved, "time.preempted") == Approx(5));
  CHECK(at_pool(moved, "time.fragments") == 0);
  pool["defragment"]["wait"] = "20 s";
  CHECK(at_jobs(run_racks(racks_world(pool, 1, 2, 2), jobs), "wait.max") == Approx(20));
}

TEST_CASE("the least is moved, never more than allowed, and not too often") {
  // Three servers of four: 3, 2 and 2 are held, one server empty of them has 2 + 1 + ... C asks
  // for a whole server: the server with 2 is emptied (its two jobs of 1), not the one with 3.
  const std::string jobs =
      "submit_s,run_s,accelerators,gang\n0,100,3,1\n0,100,2,1\n0,100,1,1\n0,100,1,1\n10,50,4,1\n";
  json pool;
  pool["placement"]["policy"] = "worst-fit";
  pool["defragment"] = json::object();
  // Servers: 3 | 2 | 1 + 1 (the emptiest each time); moves: 1 to the first, 1 to the second.
  const Simulation run = run_racks(racks_world(pool, 1, 3, 4), jobs);
  CHECK(at_jobs(run, "wait.max") == 0);
  CHECK(at_pool(run, "defragment.moved") == 2);
  pool["defragment"]["most"] = 1;
  const Simulation bounded = run_racks(racks_world(pool, 1, 3, 4), jobs);
  CHECK(at_pool(bounded, "defragment.gangs") == 0);
  CHECK(at_jobs(bounded, "wait.max") == Approx(90));
  // Two of them one after the other, at most one in 30 s.
  pool["defragment"] = {{"every", "30 s"}};
  const std::string twice =
      "submit_s,run_s,accelerators,gang\n0,100,1,1\n0,100,1,1\n0,100,1,1\n10,60,4,1\n20,5,4,1\n";
  const Simulation apart = run_racks(racks_world(pool, 1, 3, 4), twice);
  CHECK(at_pool(apart, "defragment.gangs") == 2);
  CHECK(at_jobs(apart, "wait.max") == Approx(20));  // from 20 to 40
  pool["defragment"]["every"] = "0 s";
  CHECK(at_jobs(run_racks(racks_world(pool, 1, 3, 4), twice), "wait.max") == 0);
}

TEST_CASE("a rack is emptied for a gang that needs one") {
  // Racks of two servers of one; singles in each rack. The gang of 2 needs a rack.
  const std::string jobs =
      "submit_s,run_s,accelerators,gang\n0,10,1,2\n0,100,1,1\n0,10,1,1\n0,100,1,1\n20,50,1,2\n";
  json pool;
  pool["topology"]["required"] = "rack";
  const Simulation waits = run_racks(racks_world(pool, 3, 2, 1), jobs);
  pool["defragment"] = json::object();
  const Simulation moved = run_racks(racks_world(pool, 3, 2, 1), jobs);
  CHECK(at_jobs(waits, "wait.max") == 0);  // the first rack is free
  CHECK(at_pool(moved, "defragment.migrations") == 0);
  const std::string blocked =
      "submit_s,run_s,accelerators,gang\n0,10,1,1\n0,100,1,1\n0,10,1,1\n0,100,1,1\n20,50,1,2\n";
  const Simulation emptied = run_racks(racks_world(pool, 2, 2, 1), blocked);
  CHECK(at_jobs(emptied, "wait.max") == 0);
  CHECK(at_pool(emptied, "defragment.migrations") == 1);
  pool.erase("defragment");
  CHECK(at_jobs(run_racks(racks_world(pool, 2, 2, 1), blocked), "wait.max") == Approx(80));
}

TEST_CASE("gangs, reservations, migrations, failures and preemptions hold the books together") {
  json text = racks_world(json::object(), 4, 4, 4);
  text["duration"] = "8 h";
  text["workloads"]["jobs"] = {
      {"kind", "jobs"},
      {"pool", "main"},
      {"generate",
       {{"count", 800},
        {"run", {{"lognormal", {{"mean", "15 min"}, {"cv", 1.5}}}}},
        {"cores", 1},
        {"memory", "1 GB"},
        {"accelerators", {{"empirical", {{"values", {1, 2, 4}}, {"weights", {60, 20, 20}}}}}},
        {"members", {{"empirical", {{"values", {1, 2, 4}}, {"weights", {80, 12, 8}}}}}},
        {"priority", {{"empirical", {{"values", {0, 1}}, {"weights", {70, 30}}}}}},
        {"estimate_factor", 0.7},
        {"tenants", 3}}},
      {"arrivals", {{"poisson", {{"rate", "1.7 /min"}}}}}};
  text["failures"]["f"] = {{"kind", "random"},
                           {"time_to_failure", {{"exponential", {{"mean", "20 h"}}}}},
                           {"repair", {{"time", "20 min"}}}};
  for (const char* scheduler : {"conservative", "easy", "priority", "quota", "las"}) {
    INFO(scheduler);
    json pool = reserving(scheduler, {{"tenant", "tenant-1"},
                                      {"accelerators", 16},
                                      {"from", "1 h"},
                                      {"for", "30 min"},
                                      {"every", "1 h"},
                                      {"at_start", "preempt"}});
    pool["idle_causes"] = true;
    pool["topology"]["required"] = "rack";
    pool["defragment"] = {{"overhead", "1 min"}, {"every", "1 min"}};
    if (pool["scheduler"]["policy"] == "quota") {
      pool["tenants"]["tenant-0"]["quota"]["accelerators"] = 16;
    }
    text["pools"]["main"] = pool;
    const Simulation run = run_racks(text, "");
    CHECK(at_pool(run, "gangs.in_one_rack") == 1);
    CHECK(at_pool(run, "defragment.gangs") > 0);
    CHECK(at_pool(run, "reservations.begun") >= 7);
  }
}

}  // namespace
}  // namespace hyperdc
