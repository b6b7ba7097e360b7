#include "services/feed/src/core/mailbox.hpp"

#include <algorithm>
#include <utility>

namespace sauda::feed {

bool Mailbox::Put(const Update& update, const Clock& clock) {
  if (empty()) {
    waiting_since_ = clock.Now();
  } else if (Stalled(update.received_at)) {
    return false;
  }
  if (options_.overflow == Overflow::kConflate) {
    Conflate(update);
    return true;
  }
  if (queue_.size() >= options_.capacity) {
    if (options_.overflow == Overflow::kDisconnect) return false;
    queue_.pop_front();
    ++dropped_;
  }
  queue_.push_back(update);
  return true;
}

// A newer update takes the place of the older one, so that no instrument waits for its turn twice.
void Mailbox::Conflate(const Update& update) {
  if (update.instrument >= place_.size()) place_.resize(update.instrument + 1U, 0);
  std::uint64_t& place = place_[update.instrument];
  if (place > taken_) {
    queue_[place - taken_ - 1] = update;
    ++conflated_;
    return;
  }
  queue_.push_back(update);
  place = taken_ + queue_.size();
}

void Mailbox::PutConnection(ConnectionState state, Monotonic now) {
  if (empty()) waiting_since_ = now;
  connection_ = state;
}

bool Mailbox::Stalled(Monotonic now) const {
  return !empty() && now - waiting_since_ > options_.stall_limit;
}

Mailbox::Batch Mailbox::Take(std::size_t max_bytes, Monotonic now, BatchBuffers& buffers) {
  Batch batch;
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const Update& update : queue_) {
    if (count > 0 && bytes + update.bytes->size() > max_bytes) break;
    bytes += update.bytes->size();
    ++count;
  }
  batch.bytes = buffers.Take(bytes);
  for (std::size_t i = 0; i < count; ++i) {
    batch.bytes += *queue_.front().bytes;
    batch.last_seq = queue_.front().seq;
    if (const Monotonic at = queue_.front().received_at; at != Monotonic{}) {
      batch.oldest = batch.oldest == Monotonic{} ? at : std::min(batch.oldest, at);
    }
    queue_.pop_front();
  }
  taken_ += count;
  batch.count = static_cast<std::uint32_t>(count);
  batch.dropped = std::exchange(dropped_, 0);
  batch.conflated = std::exchange(conflated_, 0);
  batch.connection = std::exchange(connection_, std::nullopt);
  waiting_since_ = now;
  return batch;
}

}  // namespace sauda::feed
