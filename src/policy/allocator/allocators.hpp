// The built-in allocators, one a file; builtin.cpp lists them.
#pragma once

#include <hyperdc/policy/allocator.hpp>

namespace hyperdc {

const AllocatorEntry& tiresias_allocator();
const AllocatorEntry& optimus_allocator();
const AllocatorEntry& pollux_allocator();
const AllocatorEntry& sia_allocator();

}  // namespace hyperdc
