// Transfers: what the file says, and what patterns may draw.
#include "workload/transfer.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "support/temporary_directory.hpp"

namespace hyperdc {
namespace {

/// What `read_transfers` makes of a file with this text.
auto read_text(const std::string& text, std::uint32_t endpoints, double scale,
               const std::vector<std::string>& names = {}) {
  const test::TemporaryDirectory directory;
  return read_transfers(directory.write("transfers.csv", text), endpoints, scale, names);
}

TransfersSpec drawn(TransferPattern pattern, std::uint64_t count) {
  TransfersSpec spec;
  spec.workload = "w";
  spec.arrivals = ArrivalSpec{ArrivalSpec::Kind::poisson, 1e-3, 1};
  spec.generate = TransferGenerator{count, Constant{1000}, {}, pattern};
  return spec;
}

/// 24 endpoints in racks of 4.
EndpointRacks six_racks() {
  EndpointRacks racks;
  racks.hosts = 24;
  for (std::uint32_t e = 0; e < 24; ++e) racks.rack_of.push_back(e / 4);
  return racks;
}

std::vector<Transfer> all_of(const TransfersSpec& spec, std::uint64_t seed = 1) {
  const auto source = open_transfers(spec, six_racks(), seed);
  std::vector<Transfer> out;
  Transfer transfer;
  while (source->next(transfer)) out.push_back(transfer);
  return out;
}

TEST_CASE("a file of transfers is read in the order of start", "[transfers]") {
  const auto read = read_text(
      "src,dst,bytes,start_s,cap_Bps\n"
      "3,0,10,0.5,\n0,1,7,0.25,2.5\n"
      "1,1,9,0.5,1e9\n",
      4, 2.0);
  const auto& list = std::get<TransferList>(read);
  REQUIRE(list.rows.size() == 3);
  CHECK(list.rows[0].start.ns == 500'000'000);
  CHECK(list.rows[0].bytes == 7);
  CHECK(list.rows[0].cap_Bps == 2.5);
  CHECK(list.rows[1].from == 3);  // before the other at the same moment, as in the file
  CHECK_FALSE(list.rows[1].cap_Bps);
  CHECK(list.rows[2].to == 1);
  CHECK(list.sha256.size() == 64);
}

TEST_CASE("a file of transfers may name endpoints, and names come before numbers", "[transfers]") {
  const std::vector<std::string> names{"east", "2", "west"};
  CHECK(endpoint_named("west", 3, names) == 2U);
  CHECK(endpoint_named("2", 3, names) == 1U);
  CHECK(endpoint_named("1", 3, names) == 1U);
  CHECK_FALSE(endpoint_named("3", 3, names));
  CHECK_FALSE(endpoint_named("", 3, names));
  CHECK_FALSE(endpoint_named("east", 3, {}));
  const auto read = read_text("start_s,src,dst,bytes\n0,west,east,5\n", 3, 1, names);
  const auto& list = std::get<TransferList>(read);
  REQUIRE(list.rows.size() == 1);
  CHECK(list.rows[0].from == 2);
  CHECK(list.rows[0].to == 0);
}

TEST_CASE("a pair sends all from one to the other", "[transfers]") {
  TransferPattern pattern;
  pattern.kind = TransferPattern::Kind::pair;
  pattern.from = 5;
  pattern.to = 2;
  CHECK(pattern_problem(pattern, six_racks()).empty());
  const std::vector<Transfer> all = all_of(drawn(pattern, 50));
  REQUIRE(all.size() == 50);
  for (const Transfer& transfer : all) CHECK((transfer.from == 5 && transfer.to == 2));
  pattern.to = 24;
  CHECK_FALSE(pattern_problem(pattern, six_racks()).empty());
  pattern.to = 5;
  CHECK_FALSE(pattern_problem(pattern, six_racks()).empty());
}

TEST_CASE("every wrong field of a file of transfers is found", "[transfers]") {
  const auto read = read_text(
      "start_s,src,dst,bytes\n"
      "0,4,0,10\n-1,0,1,10\n0,0,1,0\n0,0,1.5,3\n0,0\n",
      4, 1);
  const auto& issues = std::get<Issues>(read);
  REQUIRE(issues.size() == 5);
  CHECK(issues[0].message.find("src") != std::string::npos);
  CHECK(issues[1].message.find("start_s") != std::string::npos);
  CHECK(issues[2].message.find("bytes") != std::string::npos);
  CHECK(issues[3].message.find("dst") != std::string::npos);
  const auto empty = read_text("start_s,src,dst,bytes\n", 4, 1);
  CHECK(std::get<Issues>(empty).size() == 1);
}

TEST_CASE("uniform transfers reach every pair and never their own endpoint", "[transfers]") {
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> pairs;
  for (const Transfer& t : all_of(drawn({}, 20'000))) ++pairs[{t.from, t.to}];
  CHECK(pairs.size() == 24 * 23);
  for (const auto& [pair, n] : pairs) {
    CHECK(pair.first != pair.second);
    CHECK(n > 5);  // 36 are expected of each
    CHECK(n < 80);
  }
}

TEST_CASE("a permutation is one circle through all endpoints", "[transfers]") {
  TransferPattern pattern;
  pattern.kind = TransferPattern::Kind::permutation;
  std::map<std::uint32_t, std::uint32_t> next;
  for (const Transfer& t : all_of(drawn(pattern, 2000))) {
    const auto [it, fresh] = next.try_emplace(t.from, t.to);
    CHECK(it->second == t.to);
  }
  REQUIRE(next.size() == 24);
  std::set<std::uint32_t> seen;
  for (std::uint32_t at = 0; seen.insert(at).second;) at = next[at];
  CHECK(seen.size() == 24);
}

TEST_CASE("an incast has its senders at one moment, each once", "[transfers]") {
  TransferPattern pattern;
  pattern.kind = TransferPattern::Kind::incast;
  pattern.fan_in = 23;
  const std::vector<Transfer> all = all_of(drawn(pattern, 50));
  REQUIRE(all.size() == 50 * 23);
  for (std::size_t i = 0; i < all.size(); i += 23) {
    std::set<std::uint32_t> from;
    for (std::size_t j = i; j < i + 23; ++j) {
      CHECK(all[j].start == all[i].start);
      CHECK(all[j].to == all[i].to);
      from.insert(all[j].from);
    }
    CHECK(from.size() == 23);
    CHECK(from.count(all[i].to) == 0);
  }
}

TEST_CASE("hot spots get their share, and the rest is uniform", "[transfers]") {
  TransferPattern pattern;
  pattern.kind = TransferPattern::Kind::hot_spot;
  pattern.hosts = 2;
  pattern.share = 0.5;
  std::map<std::uint32_t, double> to;
  for (const Transfer& t : all_of(drawn(pattern, 20'000))) {
    CHECK(t.from != t.to);
    to[t.to] += 1.0 / 20'000;
  }
  std::vector<double> shares;
  for (const auto& [host, share] : to) shares.push_back(share);
  std::sort(shares.rbegin(), shares.rend());
  // Each hot one: half of the half, and a 24th of the other.
  CHECK(shares[0] == Approx(0.25 + 0.5 / 24).margin(0.01));
  CHECK(shares[1] == Approx(0.25 + 0.5 / 24).margin(0.01));
  CHECK(shares[2] == Approx(0.5 / 24).margin(0.01));
}

TEST_CASE("rack-local transfers stay in the rack as often as they should", "[transfers]") {
  TransferPattern pattern;
  pattern.kind = TransferPattern::Kind::rack_local;
  pattern.share = 0.7;
  double inside = 0;
  for (const Transfer& t : all_of(drawn(pattern, 20'000))) {
    CHECK(t.from != t.to);
    inside += t.from / 4 == t.to / 4 ? 1.0 / 20'000 : 0;
  }
  CHECK(inside == Approx(0.7).margin(0.015));
}

TEST_CASE("what a pattern cannot do is said", "[transfers]") {
  EndpointRacks racks = six_racks();
  TransferPattern pattern;
  CHECK(pattern_problem(pattern, racks).empty());
  pattern.kind = TransferPattern::Kind::incast;
  pattern.fan_in = 24;
  CHECK_FALSE(pattern_problem(pattern, racks).empty());
  pattern.kind = TransferPattern::Kind::hot_spot;
  pattern.hosts = 25;
  CHECK_FALSE(pattern_problem(pattern, racks).empty());
  pattern.kind = TransferPattern::Kind::rack_local;
  pattern.share = 0.5;
  CHECK(pattern_problem(pattern, racks).empty());
  racks.rack_of.assign(24, 0);
  CHECK_FALSE(pattern_problem(pattern, racks).empty());
  pattern.share = 1;
  CHECK(pattern_problem(pattern, racks).empty());
  racks.hosts = 1;
  CHECK_FALSE(pattern_problem({}, racks).empty());
}

TEST_CASE("the seed decides, and the size has no influence on who sends", "[transfers]") {
  TransfersSpec spec = drawn({}, 100);
  const auto a = all_of(spec);
  spec.generate->bytes = Exponential{5e6};
  const auto b = all_of(spec);
  const auto c = all_of(spec, 2);
  bool other = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].from == b[i].from);
    CHECK(a[i].start == b[i].start);
    CHECK(b[i].bytes >= 1);
    other = other || b[i].from != c[i].from;
  }
  CHECK(other);
}

}  // namespace
}  // namespace hyperdc
