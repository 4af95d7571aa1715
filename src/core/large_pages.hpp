// LargePages: an allocator for big arrays visited at random. At 10^5 objects and more every
// visit is to another page, and translating the address costs as much as the visit; the kernel
// is asked to back such arrays with large pages. Refusal costs time, not correctness.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <sys/mman.h>
#include <vector>

namespace hyperdc {

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
    const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
    void* block = std::aligned_alloc(kPage, whole);
    if (block == nullptr) throw std::bad_alloc();
    (void)madvise(block, whole, MADV_HUGEPAGE);
    return static_cast<T*>(block);
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
  static constexpr std::size_t kPage = std::size_t{2} << 20;
  static constexpr std::size_t kFrom = kPage;  // smaller arrays stay as they are
  static constexpr std::align_val_t kAlignment{64};
};

template <class T>
using LargeVector = std::vector<T, LargePages<T>>;

}  // namespace hyperdc
