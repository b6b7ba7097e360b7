#include "services/feed/src/rpc/alert_stream.hpp"

#include <utility>

#include "services/feed/src/rpc/alert_codec.hpp"

namespace sauda::feed {

void AlertStream::Begin(std::uint64_t number) {
  const std::lock_guard lock{mutex_};
  if (closing_) return;
  after_ = number;
  WriteNext(true);
}

void AlertStream::OnAlerts() {
  const std::lock_guard lock{mutex_};
  if (after_ && !closing_ && !writing_) WriteNext(false);
}

void AlertStream::WriteNext(bool even_empty) {
  const AlertBatch batch = parts_.alerts.Read(*after_, kMaxAlerts);
  if (batch.alerts.empty() && batch.missed == 0 && !even_empty) return;
  batch_.Clear();
  batch_.set_instance(parts_.instance);
  batch_.set_missed(batch.missed);
  batch_.set_unseen_ticks(parts_.alerts.unseen_ticks());
  for (const Alert& each : batch.alerts) *batch_.add_alerts() = ToProto(each);
  *after_ = batch.alerts.empty() ? *after_ + batch.missed : batch.alerts.back().number;
  writing_ = true;
  StartWrite(&batch_);
}

void AlertStream::OnWriteDone(bool ok) {
  const std::lock_guard lock{mutex_};
  writing_ = false;
  if (closing_) {
    FinishOnce();
  } else if (ok) {
    WriteNext(false);
  }  // not ok: the caller has gone, and OnCancel ends it
}

void AlertStream::Close(const Error& why) {
  const std::lock_guard lock{mutex_};
  if (closing_) return;
  closing_ = why;
  if (!writing_) FinishOnce();
}

void AlertStream::OnCancel() { Close({Code::kCancelled, "CALLER_GONE", "the caller went away"}); }

void AlertStream::OnDone() {
  const auto end = parts_.on_end;
  end();  // may delete this: nothing may follow
}

void AlertStream::FinishOnce() {
  if (std::exchange(finished_, true)) return;
  Finish(parts_.calls.End("WatchAlerts", parts_.request_id, started_, *closing_));
}

}  // namespace sauda::feed
