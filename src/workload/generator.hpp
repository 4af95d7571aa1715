// Jobs drawn from distributions.
//
// Each property of job k is drawn from its own stream "workloads.NAME.PROPERTY" with entity k, so a
// change of one distribution leaves every other property of every job as it was. Rounding: cores up
// to 1/1000, memory up to whole bytes, accelerators below 1 up to a share of 1/1000 of one
// device, from 1 on up to whole devices, members up (at least 1), priority to the nearest integer.
// Draws outside what a job can be are cut: below 0 to 0, run times above 90 years, cores above
// 10^6, memory above 1 PiB, accelerators above 32 and members above 10^7 to those bounds.
// Units: s, cores, bytes, devices. Leaves out: dependence between properties.
#pragma once

#include <memory>

#include "workload/trace.hpp"

namespace hyperdc {

std::unique_ptr<JobSource> make_generator(const JobsSpec& spec, std::uint64_t seed);

}  // namespace hyperdc
