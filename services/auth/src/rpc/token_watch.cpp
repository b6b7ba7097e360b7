#include "services/auth/src/rpc/token_watch.hpp"

#include <utility>

namespace sauda::auth {

TokenWatch::TokenWatch(rpc::Calls& calls, std::string request_id)
    : calls_{calls}, request_id_{std::move(request_id)} {}

void TokenWatch::Offer(v1alpha1::TokenEvent event) {
  const std::lock_guard lock{mutex_};
  if (closing_) return;
  waiting_ = std::move(event);
  if (!writing_) WriteNext();
}

void TokenWatch::Close(const Error& why) {
  const std::lock_guard lock{mutex_};
  if (closing_) return;
  closing_ = why;
  if (!writing_) FinishOnce();
}

void TokenWatch::OnWriteDone(bool ok) {
  const std::lock_guard lock{mutex_};
  writing_ = false;
  if (closing_) {
    FinishOnce();
  } else if (ok && waiting_) {
    WriteNext();
  }  // not ok: the caller has gone, and OnCancel ends it
}

void TokenWatch::OnCancel() { Close({Code::kCancelled, "CANCELLED", "the caller has gone"}); }

void TokenWatch::OnDone() {
  const auto end = std::move(on_end_);
  end();  // may delete this: nothing may follow
}

void TokenWatch::WriteNext() {
  writing_event_ = std::move(*waiting_);
  waiting_.reset();
  writing_ = true;
  StartWrite(&writing_event_);
}

void TokenWatch::FinishOnce() {
  if (std::exchange(finished_, true)) return;
  Finish(calls_.End("WatchToken", request_id_, started_, *closing_));
}

}  // namespace sauda::auth
