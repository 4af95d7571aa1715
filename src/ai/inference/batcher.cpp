#include "ai/inference/batcher.hpp"

#include <algorithm>

#include <hyperdc/core/assert.hpp>

namespace hyperdc {
namespace {

/// Iterations whose times are not known in closed form are summed one by one, at most so many at
/// once: somebody who comes in between would make them in vain.
constexpr std::uint64_t kMostSummed = 32;

}  // namespace

Batcher::Batcher(const BatchRules& rules, const IterationTime& time)
    : rules_(rules),
      time_(time),
      variants_(rules.variants),
      group_(rules.block_tokens, rules.growth, rules.drafts) {
  HYPERDC_CHECK(rules.block_tokens > 0 && rules.max_sequences > 0, "a batch holds something");
  HYPERDC_CHECK(rules.max_tokens / (1 + rules.drafts) >= rules.max_sequences,
                "each running sequence gets its tokens");
  HYPERDC_CHECK(rules.growth <= (1 + rules.drafts) * kTokenParts, "more than was proposed");
  free_ = rules.blocks;
  if (rules.mode != BatchMode::chunked) {
    rules_.chunked_prefill = false;
    watermark_ = rules.blocks / 100;
  }
  if (rules.prefix_caching) cache_.emplace(rules.blocks, rules.prefix_time_to_live);
  if (cache_ && rules.host_blocks > 0) host_.emplace(rules.host_blocks, rules.prefix_time_to_live);
  if (!cache_) host_free_ = rules.host_blocks;
}

bool can_finish(const BatchRules& rules, std::uint64_t prompt, std::uint64_t output) {
  const std::uint64_t most = prompt + output - 1;  // the last token needs no place
  if (prompt > rules.max_prompt || (!rules.keeps_cache && output > 1)) return false;
  const bool in_parts = rules.mode == BatchMode::chunked && rules.chunked_prefill;
  return rules.blocks_of(most) <= rules.blocks && (in_parts || most <= rules.max_tokens);
}

bool Batcher::arrive(std::uint64_t tag, std::uint64_t prompt, std::uint64_t output, SimTime now,
                     const PrefixIds& prefix, Brings brings, std::int32_t priority,
                     std::uint32_t variant) {
  HYPERDC_CHECK(prompt > 0 && output > 0 && can_finish(rules_, prompt, output),
                "it could never finish");
  Slot slot = static_cast<Slot>(sequences_.size());
  if (free_slots_.empty()) {
    sequences_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Sequence& s = sequences_[slot];
  s = {};
  s.tag = tag;
  s.arrived = now;
  s.prompt = prompt;
  s.output = output;
  s.priority = priority;
  s.variant = variant;
  s.state = State::waiting;
  if (brings == Brings::cache) {
    HYPERDC_CHECK(output > 1, "nothing is left to decode");
    s.outputs = 1;
    s.token_at = now;
    s.brings_cache = true;
  }
  if (cache_) {
    cached_blocks_.resize(sequences_.size());
    cached_blocks_[slot].keys = BlockKeys(prefix, ++arrivals_, rules_.block_tokens, variant);
  }
  const bool first = !queue_.anybody_before(priority);
  queue_.push_back(slot, priority, variant);
  backlog_ += known(s);
  // Who stands behind somebody changes nothing, unless that one is passed over, and where no place
  // is free nobody gets in.
  const bool passes = rules_.variants.together() && variants_.may_join(variant);
  if ((!first && !passes) || running_ >= rules_.max_sequences) return false;
  if (rules_.mode == BatchMode::whole_batches && running_ > 0) return false;
  return cut(now);
}

std::optional<SimTime> Batcher::oldest_arrival() const {
  std::optional<SimTime> oldest;
  queue_.each_first([&](Slot slot) {
    const SimTime at = sequences_[slot].arrived;
    if (!oldest || at < *oldest) oldest = at;
  });
  return oldest;
}

bool Batcher::cut(SimTime now) {
  if (!end_ || cut_) return false;
  cut_ = true;
  // The first end that is not before now.
  const std::uint64_t least = std::min(ended_by(SimTime{now.ns - 1}) + 1, length_);
  if (least == length_) return false;
  length_ = least;
  end_ = end_after(length_);
  return true;
}

/// When so many iterations of the stretch on its way have ended. What is moved before them makes
/// them one.
SimTime Batcher::end_after(std::uint64_t iterations) const {
  const WideNs moving = static_cast<WideNs>(moved_) * rules_.host_block_parts / kNsParts;
  if (moving > INT64_MAX) time_overflow();
  return began_ + loading_ + Duration{static_cast<std::int64_t>(moving)} +
         time_of(time_, load_, iterations);
}

/// Iterations of the stretch on its way that have ended by then.
std::uint64_t Batcher::ended_by(SimTime at) const {
  std::uint64_t least = 0, most = length_;
  while (least < most) {
    const std::uint64_t middle = most - (most - least) / 2;
    if (end_after(middle) <= at) {
      least = middle;
    } else {
      most = middle - 1;
    }
  }
  return least;
}

IterationWork Batcher::work_by(SimTime now) const {
  if (!end_) return {};
  const std::uint64_t ended = ended_by(now);
  return ended > 0 ? time_.work(load_, ended) : IterationWork{};
}

void Batcher::begin(SimTime now) {
  HYPERDC_CHECK(idle(), "an iteration is on its way");
  due_.reset();
  if (running_ == 0 && queue_.empty()) return;
  now_ = now;
  if (running_ == 0 && queue_.size() < rules_.max_sequences) {
    const SimTime due = *oldest_arrival() + rules_.delay;
    if (due > now) {
      due_ = due;
      return;
    }
  }
  if (running_ == 0) {  // nothing was composed ahead
    ended_ = ended_blocks_ = 0;
    leave_ended_variants();
    composed_ = now;
  }
  const std::uint64_t before = preemptions_;
  const bool waited = waits_for_scheduler();
  chunks_.clear();
  load_ = {};
  moved_ = 0;
  loading_ = {};
  gathers_ = running_ == 0;
  full_ = false;
  if (rules_.mode == BatchMode::chunked) {
    compose_chunked();
  } else {
    compose_prefill_first();
  }
  decodes_ = decodes_ && group_.size() > 0;
  if (decodes_) {
    load_.decoding += group_.size();
    load_.cached += group_.tokens() + group_.size();
    load_.fraction = group_.fraction();
    load_.growth = rules_.growth;
  }
  HYPERDC_CHECK(decodes_ || !chunks_.empty(), "an iteration without work");
  leave_ended_variants();
  load_.adapters = adapters_of_iteration();
  // Who was preempted may come back in the next iteration.
  const bool change = waited || !chunks_.empty() || preemptions_ > before;
  length_ = change ? 1 : steps_without_change();
  ended_ = ended_blocks_ = 0;
  cut_ = false;
  began_ = now;
  end_ = end_after(length_);
}

void Batcher::finish(std::vector<BatchProgress>& progress) {
  HYPERDC_CHECK(!idle(), "no iteration is on its way");
  computed_tokens_ += load_.prompt + (load_.decoding - (decodes_ ? group_.size() : 0)) * length_;
  iterations_ += length_;
  now_ = *end_;
  gaps_.clear();
  if (decodes_) {
    gaps_.add_steps(group_.size(), length_, [&](std::uint64_t steps) { return end_after(steps); });
  }
  last_work_ = time_.work(load_, length_);
  end_.reset();
  // When the last iteration began; where nobody waits any moment before now will do.
  composed_ = began_;
  if (rules_.asynchronous && !queue_.empty() && length_ > 1) {
    composed_ = end_after(length_ - 1);
  }
  if (decodes_) {
    take_blocks(group_.blocks_after_first(length_));  // the first iteration has its blocks
    const std::uint64_t before = group_.tokens();
    group_.advance(length_);
    computed_tokens_ += group_.tokens() - before;
    end_decodes(progress);
  }
  end_chunks(progress);
}

/// The iteration that begins was composed before it came.
bool Batcher::comes_late(Slot slot) const {
  const Sequence& s = sequences_[slot];
  return rules_.asynchronous && s.preemptions == 0 && s.arrived > composed_;
}

/// Who is admitted next, if there is a place: the most urgent one that does not come late.
std::optional<Batcher::Slot> Batcher::head() const {
  if (running_ + ended_ >= rules_.max_sequences) return std::nullopt;
  const auto joins = [this](Slot slot) { return variants_.may_join(sequences_[slot].variant); };
  // Models that take turns: nobody passes the first, unless that one is in the batch already.
  const bool passes = gathers_ || !rules_.variants.in_turns();
  const auto next =
      queue_.first_if([&](Slot slot) { return !comes_late(slot) && (!passes || joins(slot)); });
  return next && joins(*next) ? next : std::nullopt;
}

/// Somebody waits who is not admitted now, but may be in the next iteration. (A block that expires
/// may be one less to take from the free ones.)
bool Batcher::waits_for_scheduler() const {
  if (queue_.empty()) return false;
  return ended_ > 0 || (cache_ && cache_->expires()) ||
         queue_.any_last([this](Slot slot) { return comes_late(slot); });
}

void Batcher::compose_chunked() {
  decodes_ = true;
  const std::uint64_t before = preemptions_;
  const std::uint64_t of_tail = grow_running();
  if (preemptions_ == before) admit_chunked(rules_.max_tokens - decode_tokens() - of_tail);
}

void Batcher::compose_prefill_first() {
  const bool closed = rules_.mode == BatchMode::whole_batches && running_ > 0;
  full_ = closed;
  decodes_ = closed || !admit_whole();
  if (decodes_) grow_running();
}

/// Gives who runs the blocks that the next iteration needs, and takes them from others where there
/// are none: from the least urgent one, of these from the one admitted last. The tokens of the
/// tail.
std::uint64_t Batcher::grow_running() {
  for (;;) {
    std::uint64_t tokens = 0, blocks = group_.blocks_needed();
    if (tail_ != kNone) {
      const Sequence& tail = sequences_[tail_];
      tokens =
          std::min<std::uint64_t>(known(tail) - tail.computed, rules_.max_tokens - decode_tokens());
      blocks += blocks_of(tail.computed + tokens) - blocks_of(tail.computed);
    }
    if (blocks <= free_) {
      take_blocks(blocks);
      if (tokens > 0) add_chunk(tail_, tokens);
      return tokens;
    }
    preempt(least_urgent());
  }
}

Batcher::Slot Batcher::least_urgent() const {
  Slot least = last_;
  for (Slot slot = last_; slot != kNone; slot = sequences_[slot].before) {
    if (sequences_[slot].priority < sequences_[least].priority) least = slot;
  }
  return least;
}

void Batcher::admit_chunked(std::uint64_t budget) {
  while (budget > 0) {
    const std::optional<Slot> next = head();
    if (!next) return;
    const Slot slot = *next;
    const Hit hit = prefix_of(slot);
    const std::uint64_t had = computed_of(slot, hit);
    const std::uint64_t all = known(sequences_[slot]) - had;
    const std::uint64_t tokens = std::min(all, budget);
    if (!rules_.chunked_prefill && tokens < all) return;
    full_ = blocks_of(had + tokens) - hit.run.blocks + hit.run.idle + ended_blocks_ > free_;
    if (full_) return;
    admit(slot, tokens, hit);
    budget -= tokens;
    if (tokens < all) tail_ = slot;
  }
}

/// True if anybody was admitted.
bool Batcher::admit_whole() {
  std::uint64_t budget = rules_.max_tokens;
  bool any = false;
  while (const std::optional<Slot> next = head()) {
    const Hit hit = prefix_of(*next);
    const std::uint64_t all = known(sequences_[*next]);
    const std::uint64_t tokens = all - computed_of(*next, hit);
    // Alone it may use the last blocks too: it would wait for ever otherwise.
    const std::uint64_t kept = running_ == 0 ? 0 : watermark_;
    if (tokens > budget) break;
    full_ = blocks_of(all) - hit.run.blocks + hit.run.idle + kept > free_;
    if (full_) break;
    admit(*next, tokens, hit);
    budget -= tokens;
    any = true;
  }
  return any;
}

/// Admits a first in line, with a first chunk of the tokens that it has not.
void Batcher::admit(Slot slot, std::uint64_t tokens, const Hit& hit) {
  Sequence& s = sequences_[slot];
  queue_.pop_front(s.priority, s.variant);
  join_variant(s);
  s.state = State::prefill;
  s.admitted = ++admissions_;
  s.computed = computed_of(slot, hit);
  s.brings_cache = false;
  drain(s.computed);
  if (hit.run.blocks > 0) {
    cache_->share(cached_blocks_[slot].keys, hit.run.blocks, now_, cached_blocks_[slot].held);
    free_ -= hit.run.idle;
  }
  take_blocks(blocks_of(s.computed + tokens) - hit.run.blocks);
  if (s.preemptions == 0) s.cached = (hit.run.blocks + hit.on_host) * rules_.block_tokens;
  fetch(s, hit.on_host);
  link_last(slot);
  ++running_;
  add_chunk(slot, tokens);
}

void Batcher::add_chunk(Slot slot, std::uint64_t tokens) {
  Sequence& s = sequences_[slot];
  chunks_.push_back({slot, tokens});
  s.room = s.computed + tokens;
  drain(tokens);
  if (cache_) hold_blocks(slot, s.computed + tokens);
  if (s.outputs > 0 && tokens == 1 && known(s) - s.computed == 1) {
    ++load_.decoding;  // R4: the last token of one that is computed anew is a decode
    load_.cached += s.computed + 1;
  } else {
    load_.prompt += tokens;
    load_.attended += tokens * s.computed + tokens * (tokens + 1) / 2;
    ++load_.chunks;
  }
}

void Batcher::preempt(Slot slot) {
  Sequence& s = sequences_[slot];
  if (s.state == State::decoding) {
    leave_decoding(slot);
    backlog_ += known(s);
  } else {
    HYPERDC_CHECK(slot == tail_, "who is admitted and not whole is the tail");
    tail_ = kNone;
    backlog_ += s.computed;  // the rest was in it
  }
  if (!cache_) keep_on_host(s);
  give_blocks_back(slot);
  s.computed = 0;
  s.state = State::waiting;
  ++s.preemptions;
  ++preemptions_;
  full_ = true;
  unlink(slot);
  --running_;
  variants_.leave(s.variant);
  queue_.push_front(slot, s.priority, s.variant);
}

/// Iterations, from the present one on, until a sequence ends or a block is missing.
std::uint64_t Batcher::steps_without_change() const {
  const auto stretch = time_.stretch(load_);
  return group_.steps_without_change(free_, stretch ? stretch->valid : kMostSummed);
}

void Batcher::start_decoding(Slot slot) {
  Sequence& s = sequences_[slot];
  s.state = State::decoding;
  s.token_at = now_;
  gaps_.join(now_);
  group_.join(slot, s.admitted, s.computed, s.output - s.outputs);
}

/// Its outputs and tokens so far become its own again.
void Batcher::leave_decoding(Slot slot) {
  Sequence& s = sequences_[slot];
  s.room = group_.tokens_in_blocks(slot);
  if (group_.fresh(slot)) {
    gaps_.leave_fresh(s.token_at);
  } else {
    s.token_at = gaps_.last_step();
  }
  const std::uint64_t tokens = group_.leave(slot);
  s.outputs += tokens;
  s.computed += tokens;
  s.state = State::prefill;
}

void Batcher::end_decodes(std::vector<BatchProgress>& progress) {
  group_.ended(ended_slots_);
  for (const Slot slot : ended_slots_) {
    leave_decoding(slot);
    const Sequence& s = sequences_[slot];
    progress.push_back({BatchProgress::What::done, s.tag, s.preemptions, s.cached});
    release(slot);
  }
}

void Batcher::end_chunks(std::vector<BatchProgress>& progress) {
  for (const Chunk& chunk : chunks_) {
    Sequence& s = sequences_[chunk.slot];
    s.computed += chunk.tokens;
    if (s.computed < known(s)) continue;
    if (chunk.slot == tail_) tail_ = kNone;
    if (++s.outputs == 1) {
      progress.push_back({BatchProgress::What::first_token, s.tag, s.preemptions, s.cached});
    } else {
      gaps_.add(s.token_at, now_);
    }
    if (s.outputs == s.output) {
      progress.push_back({BatchProgress::What::done, s.tag, s.preemptions, s.cached});
      release(chunk.slot);
    } else {
      start_decoding(chunk.slot);
    }
  }
  chunks_.clear();
}

void Batcher::link_last(Slot slot) {
  Sequence& s = sequences_[slot];
  s.before = last_;
  s.after = kNone;
  (last_ == kNone ? first_ : sequences_[last_].after) = slot;
  last_ = slot;
}

void Batcher::unlink(Slot slot) {
  const Sequence& s = sequences_[slot];
  (s.before == kNone ? first_ : sequences_[s.before].after) = s.after;
  (s.after == kNone ? last_ : sequences_[s.after].before) = s.before;
}

/// It is done.
void Batcher::release(Slot slot) {
  Sequence& s = sequences_[slot];
  const std::uint64_t blocks = give_blocks_back(slot);
  s.state = State::absent;
  unlink(slot);
  --running_;
  if (rules_.asynchronous) {
    ++ended_;
    ended_blocks_ += blocks;
    ended_variants_.push_back(s.variant);
  } else {
    variants_.leave(s.variant);
  }
  free_slots_.push_back(slot);
}

}  // namespace hyperdc
