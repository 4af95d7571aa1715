#include "policy/router/load_index.hpp"

#include <hyperdc/core/assert.hpp>

namespace hyperdc {

void LoadIndex::add(std::uint32_t replica) {
  if (replica >= nodes_.size()) nodes_.resize(replica + std::size_t{1});
  HYPERDC_CHECK(!nodes_[replica].in, "a replica is added twice");
  append(replica, 0);
  nodes_[replica].in = true;
  least_ = 0;
  ++count_;
}

void LoadIndex::remove(std::uint32_t replica) {
  HYPERDC_CHECK(has(replica), "a replica that is not there is removed");
  unlink(nodes_[replica]);
  nodes_[replica].in = false;
  --count_;
  find_least();
}

void LoadIndex::set(std::uint32_t replica, std::uint32_t load) {
  HYPERDC_CHECK(has(replica), "the load of a replica that is not there changes");
  const std::uint32_t before = nodes_[replica].load;
  if (load == before) return;
  unlink(nodes_[replica]);
  append(replica, load);
  if (load < least_) {
    least_ = load;
  } else if (before == least_) {
    find_least();
  }
}

void LoadIndex::rotate(std::uint32_t replica) {
  const std::uint32_t load = nodes_[replica].load;
  unlink(nodes_[replica]);
  append(replica, load);
}

void LoadIndex::append(std::uint32_t replica, std::uint32_t load) {
  if (load >= lists_.size()) lists_.resize(load + std::size_t{1});
  List& list = lists_[load];
  nodes_[replica].previous = list.last;
  nodes_[replica].next = kNone;
  nodes_[replica].load = load;
  (list.last == kNone ? list.first : nodes_[list.last].next) = replica;
  list.last = replica;
}

void LoadIndex::unlink(const Node& node) {
  List& list = lists_[node.load];
  (node.previous == kNone ? list.first : nodes_[node.previous].next) = node.next;
  (node.next == kNone ? list.last : nodes_[node.next].previous) = node.previous;
}

void LoadIndex::find_least() {
  if (count_ == 0) return;
  while (lists_[least_].first == kNone) ++least_;
}

}  // namespace hyperdc
