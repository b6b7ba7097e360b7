#include "services/feed/src/rpc/tick_stream.hpp"

#include <utility>

#include "services/feed/src/rpc/proto_codec.hpp"

namespace sauda::feed {
namespace {

/// A message's bytes while gRPC has them.
struct Lent {
  std::string text;
  std::shared_ptr<BatchBuffers> buffers;
};

/// Hands the text to gRPC without copying it; it goes back to the buffers after that.
grpc::Slice SliceOf(std::string text, const std::shared_ptr<BatchBuffers>& buffers) {
  auto* const lent = new Lent{std::move(text), buffers};  // NOLINT: the slice deletes it
  const auto give_back = [](void* user) {
    const std::unique_ptr<Lent> back{static_cast<Lent*>(user)};
    back->buffers->Give(std::move(back->text));
  };
  return {lent->text.data(), lent->text.size(), give_back, lent};
}

grpc::ByteBuffer Encode(Mailbox::Batch batch, const std::string& instance,
                        const std::shared_ptr<BatchBuffers>& buffers) {
  const grpc::Slice header{EncodeHeader(batch, instance)};
  if (batch.bytes.empty()) return {&header, 1};
  const grpc::Slice slices[] = {header, SliceOf(std::move(batch.bytes), buffers)};
  return {&slices[0], 2};
}

}  // namespace

TickStream::TickStream(Parts parts, Hooks hooks)
    : parts_{std::move(parts)}, hooks_{std::move(hooks)} {}

void TickStream::Await(const Ask& ask) {
  self_ = shared_from_this();
  call_->context.AsyncNotifyWhenDone(&over_);
  ask(call_->context, call_->wire, &came_);
}

void TickStream::OnCaller(bool came) {
  if (!came) {  // gRPC says nothing more of it, not even that it is over
    hooks_.on_open(nullptr);
    self_.reset();  // may delete this: nothing may follow
    return;
  }
  started_ = std::chrono::steady_clock::now();
  request_id_ = rpc::RequestIdOf(call_->context);
  parts_.metrics.open_streams.Increment();
  {
    const std::lock_guard lock{mutex_};
    ++under_way_;  // the word that it is over
    Read();
  }
  hooks_.on_open(shared_from_this());
}

void TickStream::Begin(Mailbox::Options options, bool follow_all,
                       const std::vector<std::string>& names,
                       const std::vector<InstrumentId>& ids) {
  const std::lock_guard lock{mutex_};
  if (mailbox_ || done_) return;
  mailbox_.emplace(options);
  follow_all_ = follow_all;
  std::vector<InstrumentId> fresh = Note(names, ids);
  if (follow_all) fresh.clear();
  parts_.source.Join(shared_from_this(), follow_all, std::move(fresh));
}

bool TickStream::begun() const {
  const std::lock_guard lock{mutex_};
  return mailbox_.has_value();
}

bool TickStream::over() const {
  const std::lock_guard lock{mutex_};
  return done_;
}

// Asking the source under the lock keeps it in order with OnDone's farewell; the source only
// queues.
void TickStream::Follow(const std::vector<std::string>& names,
                        const std::vector<InstrumentId>& ids) {
  const std::lock_guard lock{mutex_};
  if (done_) return;
  std::vector<InstrumentId> fresh = Note(names, ids);
  if (!follow_all_) parts_.source.Follow(shared_from_this(), std::move(fresh));
}

/// Gives those that are new.
std::vector<InstrumentId> TickStream::Note(const std::vector<std::string>& names,
                                           const std::vector<InstrumentId>& ids) {
  std::vector<InstrumentId> fresh;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    names_.insert_or_assign(names[i], ids[i]);
    if (followed_.insert(ids[i]).second) fresh.push_back(ids[i]);
  }
  return fresh;
}

void TickStream::Unfollow(const std::vector<std::string>& names,
                          const std::vector<InstrumentId>& known) {
  const std::lock_guard lock{mutex_};
  if (done_) return;
  std::vector<InstrumentId> gone;
  const auto forget = [&](InstrumentId id) {
    if (followed_.erase(id) > 0) gone.push_back(id);
  };
  for (const std::string& name : names) {
    if (const auto found = names_.find(name); found != names_.end()) {
      forget(found->second);
      names_.erase(found);
    }
  }
  for (const InstrumentId id : known) forget(id);
  if (!follow_all_) parts_.source.Unfollow(shared_from_this(), std::move(gone));
}

std::size_t TickStream::following() const {
  const std::lock_guard lock{mutex_};
  return followed_.size();
}

void TickStream::Answer() {
  const std::lock_guard lock{mutex_};
  if (!closed_at_ && !done_) Read();
}

void TickStream::End(const Error& why) {
  const std::lock_guard lock{mutex_};
  Close(why);
}

void TickStream::Offer(const Update& update) {
  const std::lock_guard lock{mutex_};
  if (!closed_at_ && !mailbox_->Put(update, parts_.clock)) {
    parts_.metrics.slow_consumers.Increment();
    Close({Code::kResourceExhausted, "SLOW_CONSUMER", "ticks waited too long to be read"});
  }
}

void TickStream::Flush() {
  const std::lock_guard lock{mutex_};
  if (!closed_at_ && !done_ && !writing_ && !mailbox_->empty()) Write(parts_.clock.Now());
}

void TickStream::OnConnection(ConnectionState state) {
  const std::lock_guard lock{mutex_};
  if (closed_at_) return;
  const Monotonic now = parts_.clock.Now();
  mailbox_->PutConnection(state, now);
  if (!done_ && !writing_) Write(now);
}

void TickStream::OnBeat() {
  const std::lock_guard lock{mutex_};
  const Monotonic now = parts_.clock.Now();
  TellWaiting(closed_at_ ? 0 : mailbox_->size());
  if (closed_at_) {
    GiveUpOnSilence(now);
  } else if (mailbox_->Stalled(now)) {
    parts_.metrics.slow_consumers.Increment();
    Close({Code::kResourceExhausted, "SLOW_CONSUMER", "ticks waited too long to be read"});
  }
}

void TickStream::Read() {
  ++under_way_;
  call_->wire.Read(&request_, &read_);
}

void TickStream::OnRead(bool ok) {
  if (ok) {
    hooks_.on_request(shared_from_this(), request_);
  } else {
    // The caller will send nothing more. It may go on listening, if it has said to what.
    const std::lock_guard lock{mutex_};
    if (!mailbox_) Close({Code::kInvalidArgument, "NO_INSTRUMENTS", "nothing was asked for"});
  }
  Leave();
}

void TickStream::OnWritten(bool ok) {
  {
    const std::lock_guard lock{mutex_};
    writing_ = false;
    response_.Clear();  // what nobody needs any more, another call may use
    const Monotonic now = parts_.clock.Now();
    if (ok && oldest_ != Monotonic{}) {
      parts_.metrics.write_seconds.Observe(std::chrono::duration<double>(now - oldest_).count());
    }
    if (ok && !closed_at_ && !done_ && !mailbox_->empty()) Write(now);
  }
  Leave();
}

// Whether it was finished or its caller went away; what is still under way fails now.
void TickStream::OnOver() {
  {
    const std::lock_guard lock{mutex_};
    done_ = true;
    TellWaiting(0);
    if (!closed_at_) {
      closed_at_ = parts_.clock.Now();
      (void)parts_.calls.End("StreamTicks", request_id_, started_,
                             {Code::kCancelled, "CALLER_GONE", "the caller went away"});
    }
    if (mailbox_) {
      parts_.source.Leave(shared_from_this(), {followed_.begin(), followed_.end()});
    }
  }
  Leave();
}

void TickStream::Leave() {
  {
    const std::lock_guard lock{mutex_};
    if (--under_way_ > 0) return;
    call_.reset();
  }
  parts_.metrics.open_streams.Decrement();
  hooks_.on_end(shared_from_this());
  self_.reset();  // may delete this: nothing may follow
}

void TickStream::Write(Monotonic now) {
  Mailbox::Batch batch = mailbox_->Take(kMaxBatchBytes, now, *parts_.buffers);
  parts_.metrics.sent_ticks.Increment(batch.count);
  if (batch.dropped > 0) {
    parts_.metrics.dropped_ticks.Increment(static_cast<double>(batch.dropped));
  }
  if (batch.conflated > 0) {
    parts_.metrics.conflated_ticks.Increment(static_cast<double>(batch.conflated));
  }
  oldest_ = batch.oldest;
  response_ = Encode(std::move(batch), parts_.instance, parts_.buffers);
  writing_ = true;
  ++under_way_;
  call_->wire.Write(response_, &written_);  // one at a time
}

void TickStream::Close(const Error& why) {
  if (closed_at_ || done_) return;
  closed_at_ = parts_.clock.Now();
  ++under_way_;
  call_->wire.Finish(parts_.calls.End("StreamTicks", request_id_, started_, why), &finished_);
}

// Once a second and not with each tick: that would be an atomic of all streams for each of each.
void TickStream::TellWaiting(std::size_t ticks) {
  parts_.metrics.stream_waiting.Increment(static_cast<double>(ticks) -
                                          static_cast<double>(told_waiting_));
  told_waiting_ = ticks;
}

// A reader that takes nothing never takes the status either.
void TickStream::GiveUpOnSilence(Monotonic now) {
  if (!done_ && now - *closed_at_ > kGrace) call_->context.TryCancel();
}

}  // namespace sauda::feed
