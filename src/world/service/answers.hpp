// How requests end: calls to other services, answers, failures, timeouts, further attempts.
//
// Computes: latency = answer at the caller - first arrival at the origin, the latency between
// regions both ways and every pause included. Calls are made one after the other or all at once,
// each as a request of its own. An attempt that its client has given up stays at its replica as an
// abandoned one: it uses what it would have used, and its answer is thrown away.
// Units: ns. Source: definition. Leaves out: cancellation of work
// that nobody waits for any more, calls included.
#pragma once

#include <cstdint>

#include "world/service/requests.hpp"

namespace hyperdc {

/// What an answer has on its way, both ways: latency between regions, and what a request takes
/// outside the engine of its replica.
Duration round_trip(const ServiceState& service, const RequestState& request);
/// The own work of the request is done: other services work for it now.
void begin_calls(const ServiceContext& c, std::uint32_t request);
/// Everything is done: the answer goes to the caller.
void answer(const ServiceContext& c, std::uint32_t request);
/// The answer sets out; `network` is what the fabric takes, both ways.
void send_answer(const ServiceContext& c, std::uint32_t request, Duration network);
/// The answer of a request is at its caller.
void answer_arrives(const ServiceContext& c, std::uint32_t request);
/// The request was refused, or what worked on it is gone. It no longer is at a replica.
void attempt_fails(const ServiceContext& c, std::uint32_t request);
/// Its client has waited long enough.
void attempt_times_out(const ServiceContext& c, std::uint32_t request);
/// The request fails for good.
void give_up(const ServiceContext& c, std::uint32_t request);

}  // namespace hyperdc
