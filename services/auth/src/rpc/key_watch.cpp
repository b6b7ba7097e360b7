#include "services/auth/src/rpc/key_watch.hpp"

#include <utility>

namespace sauda::auth {

KeyWatch::KeyWatch(rpc::Calls& calls, std::string request_id)
    : calls_{calls}, request_id_{std::move(request_id)} {}

void KeyWatch::Offer(const v1alpha1::KeysEvent& event) {
  const std::lock_guard lock{mutex_};
  if (closing_) return;
  if (event.whole()) {
    whole_waits_ = true;
    waiting_.clear();
  }
  for (const auto& key : event.keys()) waiting_.insert_or_assign(key.key_id(), key);
  something_waits_ = true;
  if (!writing_) WriteNext();
}

void KeyWatch::Close(const Error& why) {
  const std::lock_guard lock{mutex_};
  if (closing_) return;
  closing_ = why;
  if (!writing_) FinishOnce();
}

void KeyWatch::OnWriteDone(bool ok) {
  const std::lock_guard lock{mutex_};
  writing_ = false;
  if (closing_) {
    FinishOnce();
  } else if (ok && something_waits_) {
    WriteNext();
  }  // not ok: the caller has gone, and OnCancel ends it
}

void KeyWatch::OnCancel() { Close({Code::kCancelled, "CANCELLED", "the caller has gone"}); }

void KeyWatch::OnDone() {
  const auto end = std::move(on_end_);
  end();  // may delete this: nothing may follow
}

void KeyWatch::WriteNext() {
  writing_event_.Clear();
  writing_event_.set_whole(std::exchange(whole_waits_, false));
  for (auto& [id, key] : waiting_) *writing_event_.add_keys() = std::move(key);
  waiting_.clear();
  something_waits_ = false;
  writing_ = true;
  StartWrite(&writing_event_);
}

void KeyWatch::FinishOnce() {
  if (std::exchange(finished_, true)) return;
  Finish(calls_.End("WatchKeys", request_id_, started_, *closing_));
}

}  // namespace sauda::auth
