// Memory for big arrays that are visited at random. At 10^5 objects and more every visit is to
// another page, and translating the address costs as much as the visit; the kernel is asked to
// back such arrays with large pages. Refusal costs time, not correctness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <sys/mman.h>
#include <vector>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

inline constexpr std::size_t kLargePage = std::size_t{2} << 20;

/// Asks for large pages in the part of [begin, begin + bytes) that they can cover.
inline void prefer_large_pages(void* begin, std::size_t bytes) {
  const std::uintptr_t from = (reinterpret_cast<std::uintptr_t>(begin) + kLargePage - 1) &
                              ~static_cast<std::uintptr_t>(kLargePage - 1);
  const std::uintptr_t to = (reinterpret_cast<std::uintptr_t>(begin) + bytes) &
                            ~static_cast<std::uintptr_t>(kLargePage - 1);
  if (from < to) (void)madvise(reinterpret_cast<void*>(from), to - from, MADV_HUGEPAGE);
}

/// `bytes` is a multiple of `alignment`, a power of two. Throws std::bad_alloc; free with
/// std::free.
inline void* allocate_block(std::size_t alignment, std::size_t bytes) {
  // The C library of Debian 12 takes any size; its sanitizers and the standard do not.
  HYPERDC_CHECK(bytes % alignment == 0, "a block is a whole number of its alignment");
  void* block = std::aligned_alloc(alignment, bytes);
  if (block == nullptr) throw std::bad_alloc();
  if (bytes >= kLargePage) prefer_large_pages(block, bytes);
  return block;
}

/// An allocator that takes arrays of a large page and more in whole large pages.
template <class T>
class LargePages {
 public:
  using value_type = T;
  LargePages() = default;
  template <class U>
  LargePages(const LargePages<U>&) {}  // NOLINT: allocators convert

  T* allocate(std::size_t n) {
    const std::size_t bytes = n * sizeof(T);
    if (bytes < kFrom) return static_cast<T*>(::operator new(bytes, kAlignment));
    const std::size_t whole = (bytes + kLargePage - 1) / kLargePage * kLargePage;
    return static_cast<T*>(allocate_block(kLargePage, whole));
  }
  void deallocate(T* block, std::size_t n) {
    if (n * sizeof(T) < kFrom) {
      ::operator delete(block, kAlignment);
    } else {
      std::free(block);
    }
  }
  template <class U>
  bool operator==(const LargePages<U>&) const {
    return true;
  }

 private:
  static constexpr std::size_t kFrom = kLargePage;  // smaller arrays stay as they are
  static constexpr std::align_val_t kAlignment{64};
};

template <class T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace hyperdc
