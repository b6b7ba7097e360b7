#include "services/gateway/src/rpc/sse_stream.hpp"

namespace sauda::gateway {

void SseStream::Attach(std::shared_ptr<http::StreamWriter> writer) {
  const std::lock_guard lock{mutex_};
  writer_ = std::move(writer);
}

SseMailbox::Write SseStream::ToWriter() {
  return [this](const Event& event) {
    switch (writer_->Write(event)) {
      case http::Offer::kTaken:
        return SseMailbox::Offer::kTaken;
      case http::Offer::kFull:
        return SseMailbox::Offer::kFull;
      case http::Offer::kGone:
        break;
    }
    return SseMailbox::Offer::kGone;
  };
}

void SseStream::CountConflated() {
  conflated_.Increment(static_cast<double>(mailbox_.conflated_total() - counted_));
  counted_ = mailbox_.conflated_total();
}

void SseStream::OnTick(const std::string& key, const Event& event) {
  const std::lock_guard lock{mutex_};
  mailbox_.Tick(key, event, ToWriter());
  CountConflated();
}

void SseStream::OnStatus(const Event& event) {
  const std::lock_guard lock{mutex_};
  mailbox_.Status(event, ToWriter());
}

void SseStream::OnLost(std::uint64_t count) {
  const std::lock_guard lock{mutex_};
  mailbox_.Lost(count, ToWriter());
}

void SseStream::OnHeartbeat(const Event& event) {
  const std::lock_guard lock{mutex_};
  mailbox_.Heartbeat(event, ToWriter());
}

void SseStream::OnDrained() {
  const std::lock_guard lock{mutex_};
  if (writer_) mailbox_.Flush(ToWriter());
}

void SseStream::Close() {
  const std::lock_guard lock{mutex_};
  if (writer_) writer_->Close();
}

}  // namespace sauda::gateway
