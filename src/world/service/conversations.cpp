#include "world/service/conversations.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "world/service/inference.hpp"

namespace hyperdc {

ConversationState::ConversationState(const ConversationSpec& spec, const std::string& workload,
                                     std::uint64_t seed)
    : turns_(spec.turns),
      think_s_(spec.think_s),
      turn_draws_(seed, "workloads." + workload + ".turns"),
      think_draws_(seed, "workloads." + workload + ".think"),
      max_context_(spec.max_context) {}

std::uint32_t ConversationState::begin(std::uint16_t origin) {
  auto id = static_cast<std::uint32_t>(live_.size());
  if (free_.empty()) {
    live_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  const std::uint64_t number = names_.size();
  const double turns = std::round(turns_.draw(turn_draws_, number));
  Conversation& one = live_[id] = {};
  one.name = &names_.emplace_back(number);
  one.turns = static_cast<std::uint64_t>(std::max(1.0, turns));
  one.origin = origin;
  return id;
}

std::uint8_t ConversationState::class_of(std::uint32_t id, std::uint8_t drawn) {
  Conversation& one = live_[id];
  if (one.asked == 0) one.request_class = drawn;
  return one.request_class;
}

Turn ConversationState::ask(std::uint32_t id, std::uint64_t text, std::uint64_t output) {
  Conversation& one = live_[id];
  const std::uint64_t prompt = one.context + text;
  ++one.asked;
  one.context = prompt + output;
  // One name for all of its tokens.
  return {prompt, {std::span(one.name, 1), one.context, one.context}};
}

std::optional<Duration> ConversationState::answered(std::uint32_t id, bool failed) {
  const Conversation& one = live_[id];
  const std::uint64_t answer = answers_++;
  if (failed || one.asked == one.turns || one.context >= max_context_) {
    free_.push_back(id);
    return std::nullopt;
  }
  return seconds(think_s_.draw(think_draws_, answer));
}

void asked(const ServiceContext& c, std::uint16_t origin) {
  InferenceState* inference = c.service.inference.get();
  const bool talks = inference != nullptr && inference->conversations;
  request_arrives(c, origin, talks ? inference->conversations->begin(origin) : kNoUser);
}

void next_turn(const ServiceContext& c, std::uint32_t conversation) {
  request_arrives(c, c.service.inference->conversations->origin(conversation), conversation);
}

void turn_answered(const ServiceContext& c, std::uint32_t conversation, bool failed) {
  const auto think = c.service.inference->conversations->answered(conversation, failed);
  if (!think) return;
  c.engine.schedule(c.engine.now() + *think, Phase::workload, c.service.process,
                    static_cast<std::uint32_t>(ServiceEvent::next_turn), conversation);
}

}  // namespace hyperdc
