// Endpoints of language models: what makes them more than a service.
#pragma once

#include "scenario/resolve.hpp"

namespace hyperdc {

/// Kinds of workloads that are services: their replicas answer requests.
bool is_endpoint(const View& workload);
/// The engine, the tokens and the only class of an llm-inference workload, and what of its keys
/// cannot stand beside each other.
void resolve_inference(Resolution& r, const View& workload, ServiceWorkload& out);

/// After all services are known: the endpoints to which others hand their requests over.
void resolve_handoffs(Resolution& r);

}  // namespace hyperdc
