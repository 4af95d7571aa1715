// Random streams: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC'11), the implementation of Random123.
//
// key     = XXH64(stream name, seed): 64 bits, so two named streams of a run, or the same stream
//           under two seeds, coincide with probability 2^-64;
// counter = (entity low, entity high, attribute low, attribute high), 32 bits each.
// Valid for all 2^128 pairs (entity, attribute); a stream has no state to advance.
#include "core/rng.hpp"

#include <Random123/philox.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

__extension__ using Wide = unsigned __int128;

std::array<std::uint64_t, 2> philox(std::uint64_t key, std::uint64_t entity,
                                    std::uint64_t attribute) {
  using Generator = r123::Philox4x32;
  const Generator::ctr_type counter = {
      {static_cast<std::uint32_t>(entity), static_cast<std::uint32_t>(entity >> 32),
       static_cast<std::uint32_t>(attribute), static_cast<std::uint32_t>(attribute >> 32)}};
  const Generator::key_type k = {
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)}};
  const Generator::ctr_type r = Generator()(counter, k);
  return {(std::uint64_t{r[1]} << 32) | r[0], (std::uint64_t{r[3]} << 32) | r[2]};
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, std::string_view name)
    : key_(XXH64(name.data(), name.size(), seed)) {}

std::array<std::uint64_t, 2> RandomStream::bits(std::uint64_t entity,
                                                std::uint64_t attribute) const {
  return philox(key_, entity, attribute);
}

double RandomStream::uniform(std::uint64_t entity, std::uint64_t attribute) const {
  // 52 bits, not 53: the sum below is then exact, while 2^53 - 1 + 0.5 would round to 2^53 and
  // return 1.0, outside the open interval.
  const std::uint64_t top = philox(key_, entity, attribute)[0] >> 12;
  return (static_cast<double>(top) + 0.5) * 0x1p-52;
}

std::uint64_t RandomStream::below(std::uint64_t n, std::uint64_t entity,
                                  std::uint64_t attribute) const {
  HYPERDC_CHECK(n > 0, "below(0)");
  // Lemire, "Fast random integer generation in an interval" (2019). A rejected draw takes the
  // other half of the block, then blocks under keys that differ from every other stream's as much
  // as two names do, so no neighbouring attribute is consumed.
  std::uint64_t key = key_;
  for (;;) {
    for (const std::uint64_t word : philox(key, entity, attribute)) {
      const Wide product = static_cast<Wide>(word) * n;
      const auto low = static_cast<std::uint64_t>(product);
      if (low >= n || low >= (0 - n) % n) return static_cast<std::uint64_t>(product >> 64);
    }
    key = XXH64(&key, sizeof key, 0);
  }
}

}  // namespace hyperdc
