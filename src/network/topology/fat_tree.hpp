// The k-ary fat tree: k pods of k/2 leaves of k/2 hosts, k/2 aggregation switches a pod, k^2/4
// cores, all of k ports and with links of one capacity. 1:1 everywhere: the bisection is half of
// the hosts' bandwidth.
//
// Source: Al-Fares, Loukissas and Vahdat, "A scalable, commodity data center network architecture",
// SIGCOMM 2008. Computed as a Clos network (clos.hpp). Valid: even k from 2 to 1290 (the links have
// 32-bit numbers).
#pragma once

#include "network/topology/clos.hpp"

namespace hyperdc {

/// `ports` = k, even. The capacity and the latency are those of every link.
ClosSpec fat_tree(std::uint32_t ports, const ClosLink& link);

}  // namespace hyperdc
