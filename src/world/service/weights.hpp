// Weights of models, which new replicas of an endpoint read from a store.
//
// Computes: when a replica that has been placed has started: instance.start, then the latency of
// the store, then its bytes at the share that the store gives (world/stores.hpp). A server that has
// read them keeps them where engine.local_rate says at which rate the next replica of the same
// endpoint reads them there, each at its own. Units: bytes, ns. Source: ServerlessLLM (OSDI'24),
// which loads from drives of the server what it had fetched once. Leaves out: drives that are full,
// so that something has to go; replicas of other endpoints with the same model; losing what a
// server kept when it fails.
#pragma once

#include "world/service/requests.hpp"

namespace hyperdc {

/// A replica that has been placed starts: its instance takes so long, then it loads its weights.
/// True: an event will say when it has them. False: that takes no store.
bool weights_from_store(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica,
                        Duration start);
/// It begins to read, its latency being over.
void weights_leave(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// It has them.
void weights_there(const ServiceContext& c, DeploymentState& deployment, std::uint32_t replica);
/// It does not need them any more.
void drop_weights(const ServiceContext& c, const DeploymentState& deployment, ReplicaInfo& info);

}  // namespace hyperdc
