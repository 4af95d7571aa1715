#include "model/storage/object_cache.hpp"

namespace hyperdc {

bool ObjectCache::find(std::uint64_t key) {
  const auto at = where_.find(key);
  if (at == where_.end()) return false;
  if (order_ == CacheOrder::use) entries_.splice(entries_.begin(), entries_, at->second);
  return true;
}

void ObjectCache::put(std::uint64_t key, double bytes) {
  if (bytes > capacity_ || where_.contains(key)) return;
  used_ += bytes;
  while (used_ > capacity_) {
    used_ -= entries_.back().bytes;
    where_.erase(entries_.back().key);
    entries_.pop_back();
  }
  entries_.push_front({key, bytes});
  where_.emplace(key, entries_.begin());
}

}  // namespace hyperdc
