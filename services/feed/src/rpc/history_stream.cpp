#include "services/feed/src/rpc/history_stream.hpp"

#include <unordered_set>
#include <utility>

#include "services/feed/src/rpc/history_codec.hpp"

namespace sauda::feed {
namespace {

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice{bytes};
  return {&slice, 1};
}

}  // namespace

HistoryStream::HistoryStream(grpc::CallbackServerContext& context, Parts parts)
    : parts_{std::move(parts)}, request_id_{rpc::RequestIdOf(context)}, context_{&context} {}

void HistoryStream::Open(Result<TickRange> wanted,
                         std::function<void(const std::shared_ptr<HistoryStream>&)> on_end) {
  on_end_ = std::move(on_end);
  self_ = shared_from_this();
  parts_.metrics.history_streams.Increment();
  if (!wanted) return End(wanted.error());
  const std::lock_guard lock{mutex_};
  reading_ = parts_.workers.Post(
      [self = shared_from_this(), range = std::move(*wanted)] { self->Begin(range); });
  if (reading_) return;
  const Error busy{Code::kResourceExhausted, "BUSY", "too much is being read"};
  Close(&busy);
}

void HistoryStream::Begin(const TickRange& wanted) {
  auto keys = KeysOf(wanted.keys);
  if (!keys) return End(keys.error());
  TickRange range = wanted;
  range.keys = std::move(*keys);
  gaps_ = GapRange{.from_ns = range.from_ns, .to_ns = range.to_ns, .limit = kGapsAtOnce};
  pager_.emplace(std::move(range));
  ReadOn();
}

/// Keys without repeats: those that are given, and those that the symbols stand for.
Result<std::vector<std::string>> HistoryStream::KeysOf(const std::vector<std::string>& names) {
  std::vector<std::string> symbols;
  std::unordered_set<std::string> keys;
  for (const std::string& name : names) {
    if (name.find('|') == std::string::npos) {
      symbols.push_back(name);
    } else {
      keys.insert(name);
    }
  }
  if (!symbols.empty()) {
    const auto listings = parts_.directory.Resolve(symbols, request_id_);
    if (!listings) return listings.error();
    for (const Listing& listing : *listings) keys.insert(listing.key);
  }
  return std::vector<std::string>{keys.begin(), keys.end()};
}

void HistoryStream::ReadOn() {
  std::deque<std::string> batches;
  while (batches.empty() && (gaps_ || !pager_->done()) && !closed()) {
    auto page = ReadPage();
    if (!page) return End(page.error());
    batches = std::move(*page);
  }
  const std::lock_guard lock{mutex_};
  reading_ = false;
  all_read_ = !gaps_ && pager_->done();
  waiting_ = std::move(batches);
  Step();
}

Result<std::deque<std::string>> HistoryStream::ReadPage() {
  if (gaps_) {
    const auto page = parts_.history.Gaps(*gaps_);
    if (!page) return page.error();
    v1alpha1::HistoryBatch batch;
    for (const StoredGap& gap : *page) *batch.add_gaps() = ToProto(gap);
    if (page->size() < gaps_->limit) {
      gaps_.reset();
    } else {
      gaps_->after = PlaceOf(page->back());
    }
    if (page->empty()) return std::deque<std::string>{};
    return std::deque<std::string>{batch.SerializeAsString()};
  }
  const auto page = parts_.history.Ticks(pager_->Next());
  if (!page) return page.error();
  pager_->Took(*page);
  parts_.metrics.history_ticks.Increment(static_cast<double>(page->size()));
  return EncodeHistory(*page, encoder_);
}

bool HistoryStream::closed() const {
  const std::lock_guard lock{mutex_};
  return closed_at_.has_value();
}

/// Writes the next batch, has the next page read, or ends.
void HistoryStream::Step() {
  if (closed_at_) return;
  if (!waiting_.empty()) {
    response_ = BufferOf(waiting_.front());
    waiting_.pop_front();
    writing_since_ = parts_.clock.Now();
    StartWrite(&response_);
    return;
  }
  if (all_read_) return Close(nullptr);
  if (reading_) return;
  reading_ = parts_.workers.Post([self = shared_from_this()] { self->ReadOn(); });
  if (reading_) return;
  const Error busy{Code::kResourceExhausted, "BUSY", "too much is being read"};
  Close(&busy);
}

void HistoryStream::OnWriteDone(bool ok) {
  const std::lock_guard lock{mutex_};
  writing_since_.reset();
  if (ok) Step();  // else OnCancel comes
}

void HistoryStream::End(const Error& why) {
  const std::lock_guard lock{mutex_};
  reading_ = false;
  Close(&why);
}

void HistoryStream::Beat() {
  const std::lock_guard lock{mutex_};
  const Monotonic now = parts_.clock.Now();
  if (closed_at_) {  // a reader that takes nothing never takes the status either
    if (context_ != nullptr && now - *closed_at_ > kGrace) context_->TryCancel();
  } else if (writing_since_ && now - *writing_since_ > parts_.stall_limit) {
    parts_.metrics.slow_consumers.Increment();
    const Error slow{Code::kResourceExhausted, "SLOW_CONSUMER", "a batch waited too long"};
    Close(&slow);
  }
}

void HistoryStream::Close(const Error* why) {
  if (closed_at_) return;
  closed_at_ = parts_.clock.Now();
  waiting_.clear();
  Finish(why == nullptr ? parts_.calls.End("StreamHistory", request_id_, started_)
                        : parts_.calls.End("StreamHistory", request_id_, started_, *why));
}

void HistoryStream::OnCancel() { End({Code::kCancelled, "CALLER_GONE", "the caller went away"}); }

void HistoryStream::OnDone() {
  {
    const std::lock_guard lock{mutex_};
    context_ = nullptr;  // gRPC frees it now; a Beat may still be on its way
  }
  parts_.metrics.history_streams.Decrement();
  on_end_(shared_from_this());
  self_.reset();  // may delete this: nothing may follow
}

}  // namespace sauda::feed
