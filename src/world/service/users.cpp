#include "world/service/users.hpp"

#include <algorithm>
#include <cmath>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

namespace {

constexpr double kMaxUsers = 1e8;
constexpr std::uint64_t kDrawsAUser = std::uint64_t{1} << 36;  // requests of one user, far beyond

std::uint64_t draw_key(std::uint32_t user, std::uint64_t n) {
  return user * kDrawsAUser + n;
}

constexpr double kLeastAfterFailure_s = 1e-3;

void think(const ServiceContext& c, std::uint32_t user, bool failed) {
  UserState& state = *c.service.users;
  UserState::User& u = state.users[user];
  const std::uint64_t key = draw_key(user, u.asked);
  double wait_s = state.think.draw(state.think_draws, key);
  if (state.session_requests && u.session_left == 0) {
    if (u.asked > 0) wait_s += state.pause.draw(state.pause_draws, key);
    const double requests = state.session_requests->draw(state.session_draws, key);
    u.session_left = static_cast<std::uint64_t>(std::max(1.0, std::floor(requests + 0.5)));
  }
  if (failed) wait_s = std::max(wait_s, kLeastAfterFailure_s);
  c.engine.schedule(c.engine.now() + seconds(wait_s), Phase::workload, c.service.process,
                    static_cast<std::uint32_t>(ServiceEvent::think), user);
}

void begin_user(const ServiceContext& c) {
  UserState& state = *c.service.users;
  std::uint32_t user = static_cast<std::uint32_t>(state.users.size());
  if (state.away.empty()) {
    state.users.emplace_back();
  } else {
    user = state.away.back();
    state.away.pop_back();
  }
  ++state.active;
  think(c, user, false);
}

}  // namespace

UserState::UserState(const ClosedRequests& closed, std::uint64_t seed, const std::string& stream)
    : spec(&closed),
      number(closed.users, seed),
      think(closed.think_s),
      pause(closed.pause_s),
      think_draws(seed, stream + ".think"),
      pause_draws(seed, stream + ".pause"),
      session_draws(seed, stream + ".session_requests") {
  if (closed.session_requests) session_requests.emplace(*closed.session_requests);
}

void follow_number(const ServiceContext& c) {
  UserState& state = *c.service.users;
  const double number = state.number.rate(c.engine.now());
  HYPERDC_CHECK(number <= kMaxUsers, "a closed loop has more than 100 000 000 users");
  state.wanted = static_cast<std::uint32_t>(std::floor(number + 0.5));
  while (state.active < state.wanted) begin_user(c);
}

void user_asks(const ServiceContext& c, std::uint32_t user) {
  UserState& state = *c.service.users;
  if (state.active > state.wanted) {
    --state.active;
    state.users[user].session_left = 0;
    state.away.push_back(user);
    return;
  }
  UserState::User& u = state.users[user];
  ++u.asked;
  if (u.session_left > 0) --u.session_left;
  request_arrives(c, state.origin, user);
}

void user_answered(const ServiceContext& c, std::uint32_t user, bool failed) {
  think(c, user, failed);
}

}  // namespace hyperdc
