// Which objects a cache holds.
//
// Computes: whether an object is there, and what goes when others come: what was used longest ago
// (LRU), or what came first (FIFO). An object larger than the cache is not taken.
// Units: bytes. Source: LRU and FIFO as in every text; the share of hits under independent
// references is that of Che et al., "Hierarchical Web caching systems", IEEE JSAC 20 (2002), to
// within a few percent, for FIFO as Martina et al., INFOCOM 2014, have it. Cost: O(1) a reference.
// Leaves out: admission by frequency, parts of objects, objects that get old.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

namespace hyperdc {

enum class CacheOrder { use, arrival };

class ObjectCache {
 public:
  ObjectCache(double bytes, CacheOrder order) : capacity_(bytes), order_(order) {}

  /// Looks for an object, which is a use of it.
  bool find(std::uint64_t key);
  /// Takes an object in that is not there, and drops others.
  void put(std::uint64_t key, double bytes);
  double used() const { return used_; }
  std::size_t size() const { return where_.size(); }

 private:
  struct Entry {
    std::uint64_t key = 0;
    double bytes = 0;
  };

  double capacity_;
  CacheOrder order_;
  double used_ = 0;
  std::list<Entry> entries_;  // the last to go first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> where_;
};

}  // namespace hyperdc
