// Where training runs write checkpoints to, and read them and their data from.
#pragma once

#include <optional>

#include "scenario/resolve.hpp"
#include "scenario/training_storage_spec.hpp"

namespace hyperdc {

/// The store or storage system that `key` names; nothing and a problem where there is none, or it
/// is not where the run is. `part_bytes`: of one server, at a time.
std::optional<TrainingPlace> training_place(Resolution& r, const View& of, const char* key,
                                            const JobsWorkload& workload, double part_bytes);
/// What so many bytes take from or to `servers` if nobody else is there, s. Of a system as if its
/// drives were loaded evenly, and its fabric had room: no less than that.
double alone_s(const Scenario& scenario, const TrainingPlace& place, double bytes, double servers,
               bool write);
/// `checkpoints.T.into`: all of it but the period; nothing and problems where it cannot be.
std::optional<SharedCheckpoints> shared_checkpoints(Resolution& r, const View& checkpoint,
                                                    const JobsWorkload& workload, std::size_t tier);
/// `dataset`.
void resolve_dataset(Resolution& r, const View& workload, JobsWorkload& out);

}  // namespace hyperdc
