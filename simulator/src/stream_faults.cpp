#include "simulator/src/stream_faults.hpp"

#include <spdlog/spdlog.h>

namespace sauda::sim {

bool StreamFaults::Admit(Id id, Monotonic now) {
  if (faults_.TakeConnection(options_.target, FaultKind::kDrop, now)) {
    sockets_.Find(id)->Drop();
    return false;
  }
  sessions_[id] = false;
  if (faults_.Holds(options_.target, FaultKind::kHalfOpen, now)) HalfOpen(id, true);
  return true;
}

void StreamFaults::Resume(Monotonic now) {
  Break(FaultKind::kGarbage, now);
  Break(FaultKind::kTruncated, now);
}

void StreamFaults::Inflict(FaultKind kind, Monotonic now) {
  if (kind == FaultKind::kHalfOpen) {
    for (const auto& [id, half_open] : sessions_) HalfOpen(id, true);
  } else if (kind == FaultKind::kGarbage || kind == FaultKind::kTruncated) {
    Break(kind, now);
  } else if (kind == FaultKind::kDrop && !sessions_.empty() &&
             faults_.TakeConnection(options_.target, kind, now)) {
    for (const auto& [id, half_open] : sessions_) sockets_.Find(id)->Drop();
  }
}

void StreamFaults::Heal(Monotonic now) {
  if (faults_.Holds(options_.target, FaultKind::kHalfOpen, now)) return;
  for (const auto& [id, half_open] : sessions_) {
    if (half_open) HalfOpen(id, false);
  }
}

void StreamFaults::HalfOpen(Id id, bool half_open) {
  sessions_.at(id) = half_open;
  sockets_.Find(id)->Stall(half_open);
}

bool StreamFaults::IsHalfOpen(Id id) const {
  const auto found = sessions_.find(id);
  return found != sessions_.end() && found->second;
}

bool StreamFaults::Silenced(Id id, Monotonic now) const {
  return IsHalfOpen(id) || faults_.Holds(options_.target, FaultKind::kStall, now);
}

void StreamFaults::Break(FaultKind kind, Monotonic now) {
  if (sessions_.empty() || scheduled_.contains(kind)) return;
  if (!faults_.TakeConnection(options_.target, kind, now)) return;
  for (const auto& [id, half_open] : sessions_) {
    if (Silenced(id, now)) continue;
    const auto offer = sockets_.Find(id)->Send(options_.broken(id, kind), options_.frame);
    if (offer != http::Offer::kTaken) spdlog::warn("a broken frame found no room session={}", id);
  }
  if (!faults_.Holds(options_.target, kind, now)) return;
  scheduled_.insert(kind);
  loop_.At(now + kStep, [this, kind] {
    scheduled_.erase(kind);
    Break(kind, std::chrono::steady_clock::now());
  });
}

}  // namespace sauda::sim
