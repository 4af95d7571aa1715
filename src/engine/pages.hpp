// Large blocks of memory for the event queue: aligned to their size class, and on Linux backed by
// large pages where the kernel offers them, because at 10^6 events and more every access is to
// another page and address translation costs as much as the access.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace hyperdc {

inline constexpr std::size_t kLargePage = std::size_t{2} << 20;

/// Asks for large pages in the part of [begin, begin + bytes) that they can cover. A hint: failure
/// costs time, not correctness.
inline void prefer_large_pages(void* begin, std::size_t bytes) {
#if defined(__linux__)
  const std::uintptr_t from = (reinterpret_cast<std::uintptr_t>(begin) + kLargePage - 1) &
                              ~static_cast<std::uintptr_t>(kLargePage - 1);
  const std::uintptr_t to = (reinterpret_cast<std::uintptr_t>(begin) + bytes) &
                            ~static_cast<std::uintptr_t>(kLargePage - 1);
  if (from < to) (void)madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
#else
  (void)begin;
  (void)bytes;
#endif
}

/// `bytes` is a multiple of `alignment`. Throws std::bad_alloc. Free with std::free.
inline void* allocate_block(std::size_t alignment, std::size_t bytes) {
  void* block = std::aligned_alloc(alignment, bytes);
  if (block == nullptr) throw std::bad_alloc();
  if (bytes >= kLargePage) prefer_large_pages(block, bytes);
  return block;
}

}  // namespace hyperdc
