// Continuous batching by its rules (docs/models/batching.md), one iteration after the other and
// every sequence in each: what src/ai/inference/batcher.hpp must agree with to the nanosecond.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "ai/inference/batcher.hpp"
#include "support/slow_prefix_cache.hpp"
#include "support/slow_variants.hpp"

namespace hyperdc::test {

struct ServedRequest {
  std::int64_t arrival_ns = 0;
  std::uint64_t prompt = 1, output = 1;
  PrefixIds prefix = {};
  bool brings_cache = false;  // of its prompt, and its first token; output is 2 or more
  std::int32_t priority = 0;  // higher is more urgent
  std::uint32_t variant = 0;
  // What is found:
  std::int64_t first_ns = -1, done_ns = -1;
  std::uint32_t preemptions = 0;
  std::uint64_t cached = 0;  // tokens, when it was first admitted
  bool refused = false;
};

class SlowBatcher {
 public:
  SlowBatcher(const BatchRules& rules, const IterationTime& time)
      : rules_(rules), time_(time), variants_(rules.variants) {
    free_ = rules.blocks;
    if (rules.prefix_caching) cache_.emplace(rules.blocks, rules.prefix_time_to_live);
    host_free_ = rules.host_blocks;
  }

  /// Requests in order of arrival.
  void serve(std::vector<ServedRequest>& requests) {
    all_ = &requests;
    std::size_t next = 0;
    std::int64_t now = 0;
    for (;;) {
      if (running_.empty() && queue_.empty()) {
        if (next == requests.size()) return;
        now = std::max(now, requests[next].arrival_ns);
        composed_ = now;  // nothing was: it is with whoever is there
      }
      for (; next < requests.size() && requests[next].arrival_ns <= now; ++next) arrive(next);
      if (running_.empty() && queue_.empty()) continue;
      if (running_.empty() && queue_.size() < rules_.max_sequences) {  // it may wait for more
        std::int64_t oldest = INT64_MAX;
        for (const Sequence& s : queue_) {
          oldest = std::min(oldest, (*all_)[s.request].arrival_ns);
        }
        const std::int64_t due = oldest + rules_.delay.ns;
        if (due > now) {
          const bool more = next < requests.size() && requests[next].arrival_ns < due;
          now = more ? requests[next].arrival_ns : due;
          composed_ = now;
          continue;
        }
      }
      now = iterate(now);
    }
  }

  std::map<std::int64_t, std::uint64_t> gaps;  // ns between tokens, and how many
  std::int64_t loading_ns = 0;                 // of variants
  std::uint64_t loads() const { return variants_.loads; }

 private:
  struct Sequence {
    std::size_t request = 0;
    std::uint64_t outputs = 0, computed = 0, scheduled = 0;
    std::vector<std::size_t> held;  // with a cache
    std::uint64_t on_host = 0;      // without one: tokens
    std::uint64_t room = 0;         // tokens that its blocks are for, beside drafts
    std::int64_t token_at = 0;      // when it had its last one
    bool decodes = false;           // since an earlier iteration, so that drafts are made for it
  };

  /// Asynchronous: came after this iteration was composed.
  bool late(const Sequence& s) const {
    return rules_.asynchronous && (*all_)[s.request].preemptions == 0 &&
           (*all_)[s.request].arrival_ns > composed_;
  }

  std::uint64_t blocks(std::uint64_t tokens) const {
    return tokens == 0 ? 0
                       : (tokens + rules_.drafts + rules_.block_tokens - 1) / rules_.block_tokens;
  }
  std::uint64_t known(const Sequence& s) const { return (*all_)[s.request].prompt + s.outputs; }
  bool whole_prompts() const {
    return rules_.mode != BatchMode::chunked || !rules_.chunked_prefill;
  }

  void arrive(std::size_t i) {
    ServedRequest& request = (*all_)[i];
    const std::uint64_t most = request.prompt + request.output - 1;
    request.refused = blocks(most) > rules_.blocks || (whole_prompts() && most > rules_.max_tokens);
    if (request.refused) return;
    const auto behind = std::ranges::find_if(queue_, [&](const Sequence& other) {  // all as urgent
      return priority(other) < request.priority;
    });
    Sequence arrived;
    arrived.request = i;
    arrived.outputs = request.brings_cache ? 1 : 0;
    arrived.token_at = request.arrival_ns;
    queue_.insert(behind, arrived);
  }

  std::uint64_t free_blocks() const { return cache_ ? cache_->free() : free_; }
  BlockKeys keys_of(const Sequence& s) const {
    return {(*all_)[s.request].prefix, s.request + 1, rules_.block_tokens, variant(s)};
  }
  /// It computes so many more tokens in this iteration.
  void schedule(Sequence& s, std::uint64_t n) {
    s.scheduled = n;
    const std::uint64_t before = blocks(s.room), after = blocks(s.computed + n);
    s.room = s.computed + n;
    if (!cache_) {
      free_ -= after - before;
      return;
    }
    while (s.held.size() < after) s.held.push_back(cache_->take());
    name_full(s, s.computed + n);
  }
  void name_full(const Sequence& s, std::uint64_t tokens) {
    const BlockKeys keys = keys_of(s);
    for (std::size_t i = 0; i < tokens / rules_.block_tokens; ++i) {
      cache_->name(s.held[i], keys(i));
    }
  }
  /// Of its tokens so many were scheduled and not computed.
  std::uint64_t give_back(Sequence& s, std::uint64_t not_computed = 0) {
    const std::uint64_t before = free_blocks();
    if (cache_) {
      const std::uint64_t full = (s.computed - not_computed) / rules_.block_tokens;
      for (std::uint64_t i = full; i-- > 0;) put_on_host(keys_of(s)(i));
      cache_->release(s.held, now_);
      s.held.clear();
    } else {
      free_ += blocks(s.room);
    }
    return free_blocks() - before;
  }

  /// The newest of those there; the oldest is lost where there is no room.
  void put_on_host(std::uint64_t key) {
    if (rules_.host_blocks == 0) return;
    std::erase_if(on_host_, [&](const auto& entry) { return entry.first == key; });
    on_host_.emplace_back(key, now_.ns);
    if (on_host_.size() > rules_.host_blocks) on_host_.pop_front();
  }
  std::uint64_t blocks_on_host(const BlockKeys& keys, std::uint64_t from,
                               std::uint64_t most) const {
    std::uint64_t found = from;
    const auto there = [&](const auto& entry) {
      return entry.first == keys(found) &&
             (!rules_.prefix_time_to_live ||
              now_.ns < entry.second + rules_.prefix_time_to_live->ns);
    };
    while (found < most && std::ranges::any_of(on_host_, there)) ++found;
    return found - from;
  }

  /// Tokens of the budget.
  std::uint64_t taken(const Sequence& s) const {
    return s.decodes ? 1 + rules_.drafts : s.scheduled;
  }

  std::uint32_t variant(const Sequence& s) const { return (*all_)[s.request].variant; }
  /// Variants of those that run, or ended when what is composed now was not known.
  SlowVariants::Ids in_batch() const {
    SlowVariants::Ids ids = ended_variants_;
    for (const Sequence& s : running_) ids.push_back(variant(s));
    return ids;
  }
  void forget_ended_variants() {
    while (!ended_variants_.empty()) {
      const std::uint32_t ended = ended_variants_.front();
      ended_variants_.erase(ended_variants_.begin());
      variants_.left(ended, in_batch());
    }
  }
  /// Who is admitted next. Where models take turns nobody passes the first, unless the batch
  /// begins.
  std::deque<Sequence>::iterator next_in_line(bool begins) {
    return std::ranges::find_if(queue_, [&](const Sequence& s) {
      if (late(s)) return false;
      return (rules_.variants.in_turns() && !begins) || variants_.may_join(variant(s), in_batch());
    });
  }

  std::int32_t priority(const Sequence& s) const { return (*all_)[s.request].priority; }
  /// Of the least urgent sequences that run the one admitted last.
  std::size_t least_urgent() const {
    std::size_t least = running_.size() - 1;
    for (std::size_t i = running_.size(); i-- > 0;) {
      if (priority(running_[i]) < priority(running_[least])) least = i;
    }
    return least;
  }
  /// It goes before all who wait and are as urgent.
  void preempt(std::size_t i) {
    Sequence loser = running_[i];
    loser.computed += loser.scheduled;  // their blocks are given back too
    // What was to be computed now was not.
    const std::uint64_t had = loser.computed - loser.scheduled;
    if (!cache_ && blocks(had) <= host_free_) {
      host_free_ -= blocks(had);
      moved_ += blocks(had);
      loser.on_host = had;
    }
    give_back(loser, loser.scheduled);
    loser.computed = loser.scheduled = loser.room = 0;
    loser.decodes = false;
    ++(*all_)[loser.request].preemptions;
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    variants_.left(variant(loser), in_batch());
    const auto before = std::ranges::find_if(
        queue_, [&](const Sequence& other) { return priority(other) <= priority(loser); });
    queue_.insert(before, loser);
  }

  /// Schedules running sequences; true if somebody was preempted.
  bool schedule_running(std::uint64_t& budget) {
    bool preempted = false;
    for (std::size_t i = 0; i < running_.size();) {
      const std::uint64_t n = std::min(known(running_[i]) - running_[i].computed, budget);
      const std::uint64_t need = blocks(running_[i].computed + n) - blocks(running_[i].room);
      if (free_blocks() >= need) {
        schedule(running_[i], n);
        budget -= taken(running_[i]);
        ++i;
        continue;
      }
      preempted = true;
      const std::size_t loser = least_urgent();
      if (running_[loser].scheduled > 0) budget += taken(running_[loser]);
      preempt(loser);
      if (loser < i) --i;
    }
    return preempted;
  }

  bool admit(std::uint64_t& budget, bool begins) {
    bool any = false;
    const bool v0 = rules_.mode != BatchMode::chunked;
    if (rules_.mode == BatchMode::whole_batches && !running_.empty()) return false;
    while (!queue_.empty() && running_.size() + ended_ < rules_.max_sequences && budget > 0) {
      const auto next = next_in_line(begins);
      if (next == queue_.end() || !variants_.may_join(variant(*next), in_batch())) break;
      Sequence head = *next;
      std::vector<std::size_t> hit;
      if (cache_) hit = cache_->find(keys_of(head), (known(head) - 1) / rules_.block_tokens, now_);
      ServedRequest& request = (*all_)[head.request];
      const bool brought = request.brings_cache && request.preemptions == 0;
      const std::uint64_t from_host =
          cache_ && !brought
              ? blocks_on_host(keys_of(head), hit.size(), (known(head) - 1) / rules_.block_tokens)
              : 0;
      const std::uint64_t found = (hit.size() + from_host) * rules_.block_tokens;
      const std::uint64_t had = head.on_host > 0 ? head.on_host : brought ? request.prompt : found;
      const std::uint64_t n = std::min(known(head) - had, budget);
      if (whole_prompts() && n < known(head) - had) break;
      const std::uint64_t kept = v0 && !running_.empty() ? rules_.blocks / 100 : 0;
      const std::uint64_t taken = blocks(had + n) - hit.size() + (cache_ ? cache_->idle(hit) : 0);
      if (taken + kept + ended_blocks_ > free_blocks()) break;
      queue_.erase(next);
      loading_ += variants_.join(variant(head), in_batch());
      if (cache_) {
        cache_->share(hit);
      } else {
        free_ -= blocks(had);
      }
      head.held = hit;
      head.computed = head.room = had;
      if (cache_) {  // what is not shared is in blocks of its own
        while (head.held.size() < blocks(had)) head.held.push_back(cache_->take());
      }
      moved_ += from_host + blocks(head.on_host);
      host_free_ += blocks(head.on_host);
      head.on_host = 0;
      if (request.preemptions == 0) request.cached = found;
      schedule(head, n);
      budget -= n;
      running_.push_back(head);
      any = true;
    }
    return any;
  }

  /// Of those that are scheduled; `gain` is the tokens that a decode gets.
  IterationLoad load_of_running(std::uint64_t& gain) {
    IterationLoad load;
    if (std::ranges::any_of(running_, [](const Sequence& s) { return s.decodes && s.scheduled; })) {
      load.fraction = fraction_;
      load.growth = rules_.growth;
      gain = (fraction_ + rules_.growth) / kTokenParts;
      fraction_ = (fraction_ + rules_.growth) % kTokenParts;
    }
    for (const Sequence& s : running_) {
      if (s.scheduled == 1 && known(s) - s.computed == 1 && s.outputs >= 1) {
        ++load.decoding;
        load.cached += s.computed + 1;
      } else {
        load.prompt += s.scheduled;
        load.chunks += s.scheduled > 0 ? 1 : 0;
        for (std::uint64_t i = 1; i <= s.scheduled; ++i) load.attended += s.computed + i;
      }
    }
    if (rules_.variants.together()) {
      SlowVariants::Ids ids;
      for (const Sequence& s : running_) {
        if (s.scheduled > 0) ids.push_back(variant(s));
      }
      load.adapters = SlowVariants::different(ids);
    }
    return load;
  }

  std::int64_t iterate(std::int64_t now) {
    now_.ns = now;
    for (Sequence& s : running_) s.scheduled = 0;
    if (running_.empty()) {
      ended_ = ended_blocks_ = 0;
      forget_ended_variants();
      composed_ = now;
    }
    const bool begins = running_.empty();
    moved_ = 0;
    loading_ = 0;
    std::uint64_t budget = rules_.max_tokens;
    if (rules_.mode == BatchMode::chunked) {
      if (!schedule_running(budget)) admit(budget, begins);
    } else if (!admit(budget, begins)) {
      budget = ~std::uint64_t{0};
      schedule_running(budget);
    }
    std::uint64_t gain = 1;
    const IterationLoad load = load_of_running(gain);
    forget_ended_variants();
    loading_ns += loading_;
    const std::int64_t end = now + loading_ + time_.of(load).ns +
                             static_cast<std::int64_t>(moved_) * rules_.host_block_parts / kNsParts;
    now_.ns = end;
    composed_ = now;  // the next one is, while this one computes
    ended_ = ended_blocks_ = 0;
    std::vector<Sequence> left;
    for (Sequence& s : running_) {
      ServedRequest& request = (*all_)[s.request];
      if (s.decodes && s.scheduled > 0) {  // it gets what was accepted
        const std::uint64_t more = std::min(gain, request.output - s.outputs) - 1;
        s.outputs += more;
        s.computed += more;
        if (cache_) name_full(s, s.computed + 1);
      }
      s.computed += s.scheduled;
      if (s.scheduled > 0 && s.computed == known(s)) {
        s.decodes = true;
        if (++s.outputs == 1) {
          request.first_ns = end;
        } else {
          gaps[end - s.token_at] += 1;
        }
        s.token_at = end;
        if (s.outputs == request.output) {
          request.done_ns = end;
          const std::uint64_t freed = give_back(s);
          if (rules_.asynchronous) {
            ++ended_;
            ended_blocks_ += freed;
          }
          ended_variants_.push_back(variant(s));
          continue;
        }
      }
      left.push_back(s);
    }
    running_ = std::move(left);
    if (!rules_.asynchronous) forget_ended_variants();
    return end;
  }

  BatchRules rules_;
  const IterationTime& time_;
  std::vector<ServedRequest>* all_ = nullptr;
  std::vector<Sequence> running_;
  std::deque<Sequence> queue_;
  std::uint64_t free_ = 0;
  std::optional<SlowPrefixCache> cache_;
  std::deque<std::pair<std::uint64_t, std::int64_t>> on_host_;  // keys and when, the oldest first
  std::uint64_t host_free_ = 0, moved_ = 0;                     // blocks
  std::uint64_t fraction_ = 0;  // of a token, that each who decodes has beside the whole ones
  SimTime now_;
  std::int64_t composed_ = 0;                   // when the present iteration was
  std::uint64_t ended_ = 0, ended_blocks_ = 0;  // with the last iteration
  SlowVariants variants_;
  SlowVariants::Ids ended_variants_;
  std::int64_t loading_ = 0;  // ns, before the present iteration
};

}  // namespace hyperdc::test
