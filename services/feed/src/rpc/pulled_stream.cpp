#include "services/feed/src/rpc/pulled_stream.hpp"

#include <utility>

namespace sauda::feed {
namespace {

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice{bytes};
  return {&slice, 1};
}

}  // namespace

PulledStream::PulledStream(grpc::CallbackServerContext& context, Parts parts, const char* method,
                           prometheus::Gauge& open)
    : parts_{parts},
      method_{method},
      open_{open},
      request_id_{rpc::RequestIdOf(context)},
      context_{&context} {}

void PulledStream::Open(const Result<void>& wanted, OnEnd on_end) {
  on_end_ = std::move(on_end);
  self_ = shared_from_this();
  open_.Increment();
  const std::lock_guard lock{mutex_};
  if (wanted) return PostPull();
  Close(&wanted.error());
}

void PulledStream::PostPull() {
  pulling_ = parts_.workers.Post([self = shared_from_this()] { self->RunPull(); });
  if (pulling_) return;
  const Error busy{Code::kResourceExhausted, "BUSY", "too much waits to be read"};
  Close(&busy);
}

void PulledStream::RunPull() {
  Pulled pulled;
  do {
    auto more = Pull();
    if (!more) return End(more.error());
    pulled = std::move(*more);
  } while (pulled.messages.empty() && pulled.then == Pulled::Then::kPull && !closed());
  const std::lock_guard lock{mutex_};
  pulling_ = false;
  then_ = pulled.then;
  waiting_ = std::move(pulled.messages);
  Step();
}

/// Writes the next message, has more made, waits, or ends.
void PulledStream::Step() {
  if (closed_at_) return;
  if (!waiting_.empty()) {
    response_ = BufferOf(waiting_.front());
    waiting_.pop_front();
    writing_since_ = parts_.clock.Now();
    return StartWrite(&response_);  // one at a time; response_ stays untouched until OnWriteDone
  }
  if (then_ == Pulled::Then::kEnd) return Close(nullptr);
  if (then_ == Pulled::Then::kPull) PostPull();
}

void PulledStream::Wake() {
  const std::lock_guard lock{mutex_};
  if (closed_at_ || pulling_ || writing_since_ || then_ != Pulled::Then::kWait) return;
  PostPull();
}

void PulledStream::OnWriteDone(bool ok) {
  const std::lock_guard lock{mutex_};
  writing_since_.reset();
  if (ok) Step();  // else OnCancel comes
}

bool PulledStream::closed() const {
  const std::lock_guard lock{mutex_};
  return closed_at_.has_value();
}

void PulledStream::End(const Error& why) {
  const std::lock_guard lock{mutex_};
  Close(&why);
}

void PulledStream::Beat() {
  const std::lock_guard lock{mutex_};
  const Monotonic now = parts_.clock.Now();
  if (closed_at_) {  // a reader that takes nothing never takes the status either
    if (context_ != nullptr && now - *closed_at_ > kGrace) context_->TryCancel();
  } else if (writing_since_ && now - *writing_since_ > parts_.stall_limit) {
    parts_.metrics.slow_consumers.Increment();
    const Error slow{Code::kResourceExhausted, "SLOW_CONSUMER", "a message waited too long"};
    Close(&slow);
  }
}

void PulledStream::Close(const Error* why) {
  if (closed_at_) return;
  closed_at_ = parts_.clock.Now();
  waiting_.clear();
  Finish(why == nullptr ? parts_.calls.End(method_, request_id_, started_)
                        : parts_.calls.End(method_, request_id_, started_, *why));
}

void PulledStream::OnCancel() { End({Code::kCancelled, "CALLER_GONE", "the caller went away"}); }

void PulledStream::OnDone() {
  {
    const std::lock_guard lock{mutex_};
    context_ = nullptr;  // gRPC frees it now; a Beat may still be on its way
  }
  open_.Decrement();
  on_end_(shared_from_this());
  self_.reset();  // may delete this: nothing may follow
}

void OpenStreams::Add(const std::shared_ptr<PulledStream>& stream, Result<void> wanted,
                      const std::shared_ptr<OpenStreams>& self) {
  {
    const std::lock_guard lock{mutex_};
    if (streams_.size() >= most_) {
      wanted = Error{Code::kResourceExhausted, "BUSY", "too many streams are open"};
    }
    if (ending_) wanted = *ending_;
    streams_.insert(stream);  // also one that is ended at once, until gRPC is done with it
  }
  stream->Open(wanted, [self](const std::shared_ptr<PulledStream>& ended) {
    const std::lock_guard lock{self->mutex_};
    self->streams_.erase(ended);
  });
}

void OpenStreams::EndAll(const Error& why) {
  {
    const std::lock_guard lock{mutex_};
    ending_ = why;
  }
  for (const auto& stream : All()) stream->End(why);
}

void OpenStreams::TurnAll() {
  for (const auto& stream : All()) stream->Turn();
}

void OpenStreams::OnBeat() {
  for (const auto& stream : All()) stream->Beat();
}

std::vector<std::shared_ptr<PulledStream>> OpenStreams::All() const {
  const std::lock_guard lock{mutex_};
  return {streams_.begin(), streams_.end()};
}

}  // namespace sauda::feed
