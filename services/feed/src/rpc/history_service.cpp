#include "services/feed/src/rpc/history_service.hpp"

#include <utility>
#include <vector>

#include "services/feed/src/rpc/history_codec.hpp"

namespace sauda::feed {
namespace {

constexpr int kMostNames = 5'000;
constexpr std::int32_t kMostGaps = 1'000;
constexpr std::int32_t kUsualGaps = 100;

Result<void> CheckRange(std::int64_t from_ns, std::int64_t to_ns) {
  if (from_ns < to_ns) return {};
  return Error{Code::kInvalidArgument, "RANGE_EMPTY", "to_ns must be later than from_ns"};
}

Result<GapRange> RangeOf(const v1alpha1::ListGapsRequest& request) {
  if (auto checked = CheckRange(request.from_ns(), request.to_ns()); !checked) {
    return checked.error();
  }
  if (request.page_size() < 0 || request.page_size() > kMostGaps) {
    return Error{Code::kInvalidArgument, "PAGE_SIZE_INVALID",
                 "page_size is " + std::to_string(request.page_size()) + ", at most " +
                     std::to_string(kMostGaps)};
  }
  auto after = PageFrom(request.page_token());
  if (!after) return after.error();
  const std::int32_t size = request.page_size() == 0 ? kUsualGaps : request.page_size();
  return GapRange{.from_ns = request.from_ns(),
                  .to_ns = request.to_ns(),
                  .after = std::move(*after),
                  .limit = static_cast<std::size_t>(size)};
}

}  // namespace

/// The open streams, and what beats them. Shared with the publisher, which may outlive the service.
class HistoryService::Streams final : public UpdateSink {
 public:
  /// Why it is not let in; absent: it is.
  std::optional<Error> Add(const std::shared_ptr<HistoryStream>& stream) {
    const std::lock_guard lock{mutex_};
    const bool full = streams_.size() >= kMaxStreams;
    streams_.insert(stream);  // also one that is ended at once, until gRPC is done with it
    if (ending_) return ending_;
    if (full) return Error{Code::kResourceExhausted, "BUSY", "too many are being read"};
    return std::nullopt;
  }
  void Remove(const std::shared_ptr<HistoryStream>& stream) {
    const std::lock_guard lock{mutex_};
    streams_.erase(stream);
  }
  void EndAll(const Error& why) {
    for (const auto& stream : Open(&why)) stream->End(why);
  }

  void Offer(const Update&) override {}
  void Flush() override {}
  void OnConnection(ConnectionState) override {}
  void OnBeat() override {
    for (const auto& stream : Open(nullptr)) stream->Beat();
  }

 private:
  std::vector<std::shared_ptr<HistoryStream>> Open(const Error* ending) {
    const std::lock_guard lock{mutex_};
    if (ending != nullptr) ending_ = *ending;
    return {streams_.begin(), streams_.end()};
  }

  std::mutex mutex_;  // guards the two below
  std::set<std::shared_ptr<HistoryStream>> streams_;
  std::optional<Error> ending_;
};

HistoryService::HistoryService(Parts parts)
    : parts_{std::move(parts)}, streams_{std::make_shared<Streams>()} {
  parts_.beats.Join(streams_, false, {});
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* HistoryService::StreamHistory(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  const auto stream = std::make_shared<HistoryStream>(*context, parts_.stream);
  HistoryStream* const raw = stream.get();
  auto wanted = RangeOf(*request);
  if (auto refused = streams_->Add(stream)) wanted = std::move(*refused);
  stream->Open(std::move(wanted), [streams = streams_](const std::shared_ptr<HistoryStream>& self) {
    streams->Remove(self);
  });
  return raw;
}

Result<TickRange> HistoryService::RangeOf(const grpc::ByteBuffer& bytes) const {
  v1alpha1::StreamHistoryRequest request;
  grpc::ByteBuffer copy{bytes};
  if (!grpc::SerializationTraits<v1alpha1::StreamHistoryRequest>::Deserialize(&copy, &request)
           .ok()) {
    return Error{Code::kInvalidArgument, "REQUEST_MALFORMED", "not a StreamHistoryRequest"};
  }
  if (auto checked = CheckAccount(request.account_id()); !checked) return checked.error();
  if (request.names_size() > kMostNames) {
    return Error{Code::kInvalidArgument, "TOO_MANY_INSTRUMENTS",
                 "at most " + std::to_string(kMostNames) + " instruments"};
  }
  if (auto checked = CheckRange(request.from_ns(), request.to_ns()); !checked) {
    return checked.error();
  }
  auto after = ResumeFrom(request.resume_token());
  if (!after) return after.error();
  return TickRange{.keys = {request.names().begin(), request.names().end()},
                   .from_ns = request.from_ns(),
                   .to_ns = request.to_ns(),
                   .after = std::move(*after),
                   .limit = request.max_ticks()};
}

Result<void> HistoryService::CheckAccount(const std::string& account_id) const {
  if (account_id.empty() || account_id == parts_.account) return {};
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "this feed has no account " + account_id};
}

grpc::Status HistoryService::ListGaps(grpc::ServerContext* context,
                                      const v1alpha1::ListGapsRequest* request,
                                      v1alpha1::ListGapsResponse* response) {
  const HistoryStream::Parts& parts = parts_.stream;
  return parts.calls.Run(*context, "ListGaps", [&](const auto&) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    auto range = feed::RangeOf(*request);
    if (!range) return range.error();
    const std::size_t size = range->limit++;  // one more tells whether there is another page
    auto gaps = parts.history.Gaps(*range);
    if (!gaps) return gaps.error();
    if (gaps->size() > size) {
      gaps->resize(size);
      response->set_next_page_token(TokenOf(PlaceOf(gaps->back())));
    }
    for (const StoredGap& gap : *gaps) *response->add_gaps() = ToProto(gap);
    return {};
  });
}

void HistoryService::EndStreams(const Error& why) { streams_->EndAll(why); }

}  // namespace sauda::feed
