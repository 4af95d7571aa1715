// Conversations with a model: each turn asks with all that was said before it.
//
// Computes: what arrives begins a conversation of some turns. A turn brings the prompts and answers
// before it and a text of its own; some time after its answer the next one comes. A conversation
// ends after its last turn, when one fails, or when its context has max_context tokens. All its
// tokens, answers too, are what a prefix cache knows them by: the next turn finds what is left of
// them there (vLLM keys blocks of outputs in the same way).
// Units: tokens, s. Source: multi-turn workloads as in AttentionStore/CachedAttention (ATC'24) and
// Mooncake (FAST'25). Leaves out: users who wait for nothing and ask again meanwhile, contexts that
// are summarised or cut, a system prompt that conversations share. Another attempt of a turn gives
// the same answer.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/distribution.hpp"
#include "core/rng.hpp"
#include "scenario/inference_spec.hpp"
#include "world/service/requests.hpp"

namespace hyperdc {

struct Turn {
  std::uint64_t prompt = 1;
  PrefixIds prefix;
};

/// Those that are under way, by id; ids are given again.
class ConversationState {
 public:
  ConversationState(const ConversationSpec& spec, const std::string& workload, std::uint64_t seed);

  std::uint32_t begin(std::uint16_t origin);
  /// That of its first turn, which `drawn` is of.
  std::uint8_t class_of(std::uint32_t id, std::uint8_t drawn);
  /// Its next turn, with a text of so many tokens and so many asked for.
  Turn ask(std::uint32_t id, std::uint64_t text, std::uint64_t output);
  /// When it goes on after the answer to its last turn; nothing: it does not, and its id is free.
  std::optional<Duration> answered(std::uint32_t id, bool failed);
  std::uint16_t origin(std::uint32_t id) const { return live_[id].origin; }
  /// What a router that hashes goes by: no other one has it.
  std::uint64_t name(std::uint32_t id) const { return *live_[id].name; }

 private:
  struct Conversation {
    const std::uint64_t* name = nullptr;
    std::uint64_t turns = 1, asked = 0;
    std::uint64_t context = 0;  // tokens
    std::uint16_t origin = 0;
    std::uint8_t request_class = 0;
  };

  Distribution turns_, think_s_;
  RandomStream turn_draws_, think_draws_;
  std::uint64_t max_context_, answers_ = 0;
  // Of all that ever began: engines know blocks by them, also when a conversation is over.
  std::deque<std::uint64_t> names_;
  std::vector<Conversation> live_;
  std::vector<std::uint32_t> free_;
};

/// Somebody asks from outside: for one answer, or for the first of a conversation.
void asked(const ServiceContext& c, std::uint16_t origin);
void next_turn(const ServiceContext& c, std::uint32_t conversation);
void turn_answered(const ServiceContext& c, std::uint32_t conversation, bool failed);

}  // namespace hyperdc
