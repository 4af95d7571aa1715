// Users of a closed loop: each thinks, asks, waits for the answer, and thinks again.
//
// Computes: N(t) users, each with at most one request under way; N follows a curve at each scrape
// of the sensors. A user that is too many leaves when it next would ask.
// Units: users, s. Source: the interactive system of Denning and Buzen (1978): X = N / (R + Z).
// Leaves out: users that give up waiting; think times that depend on the answer.
#pragma once

#include <cstdint>

#include "world/service/requests.hpp"

namespace hyperdc {

/// Brings the number of users to what the curve says now.
void follow_number(const ServiceContext& c);
/// A user has thought: it asks, or leaves.
void user_asks(const ServiceContext& c, std::uint32_t user);
/// The request of a user has ended: it thinks. After a failure for a millisecond at least: a user
/// who does not think and is refused at once would ask for ever in one moment.
void user_answered(const ServiceContext& c, std::uint32_t user, bool failed);

}  // namespace hyperdc
