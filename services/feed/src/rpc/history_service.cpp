#include "services/feed/src/rpc/history_service.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "services/feed/src/rpc/candle_codec.hpp"
#include "services/feed/src/rpc/history_codec.hpp"

namespace sauda::feed {
namespace {

constexpr int kMostNames = 5'000;
constexpr int kMostFollowed = 500;

// Candles before or after these are in nobody's calendar: 1970 and, exclusive, 10000.
constexpr std::int64_t kFirstMs = 0;
constexpr std::int64_t kEndMs = 253'402'300'800'000;

/// How many rows a page has.
struct PageSize {
  std::int32_t usual;
  std::int32_t most;
};
constexpr PageSize kGapPage{.usual = 100, .most = 1'000};
constexpr PageSize kCandlePage{.usual = 500, .most = 5'000};

Result<std::size_t> SizeOf(std::int32_t asked, PageSize page) {
  if (asked < 0 || asked > page.most) {
    return Error{
        Code::kInvalidArgument, "PAGE_SIZE_INVALID",
        "page_size is " + std::to_string(asked) + ", at most " + std::to_string(page.most)};
  }
  return static_cast<std::size_t>(asked == 0 ? page.usual : asked);
}

Result<void> CheckRange(std::int64_t from, std::int64_t to) {
  if (from < to) return {};
  return Error{Code::kInvalidArgument, "RANGE_EMPTY", "it must end later than it begins"};
}

/// PostgreSQL takes no NUL, and what is cut off there would be another name.
template <typename Names>
Result<void> CheckNames(const Names& names) {
  for (const std::string& name : names) {
    if (name.find('\0') == std::string::npos) continue;
    return Error{Code::kInvalidArgument, "NAME_INVALID", "a name holds a NUL"};
  }
  return {};
}

Error TooManyNames(int most) {
  return {Code::kInvalidArgument, "TOO_MANY_INSTRUMENTS",
          "at most " + std::to_string(most) + " instruments"};
}

template <typename Request>
Result<Request> Parsed(const grpc::ByteBuffer& bytes) {
  Request request;
  grpc::ByteBuffer copy{bytes};
  if (!grpc::SerializationTraits<Request>::Deserialize(&copy, &request).ok()) {
    return Error{Code::kInvalidArgument, "REQUEST_MALFORMED", "the message cannot be read"};
  }
  return request;
}

Result<GapRange> RangeOf(const v1alpha1::ListGapsRequest& request) {
  if (auto checked = CheckRange(request.from_ns(), request.to_ns()); !checked) {
    return checked.error();
  }
  const auto size = SizeOf(request.page_size(), kGapPage);
  if (!size) return size.error();
  auto after = PageFrom(request.page_token());
  if (!after) return after.error();
  return GapRange{.from_ns = request.from_ns(),
                  .to_ns = request.to_ns(),
                  .after = std::move(*after),
                  .limit = *size};
}

}  // namespace

HistoryService::HistoryService(Parts parts)
    : parts_{std::move(parts)},
      history_streams_{std::make_shared<OpenStreams>(kMostHistoryStreams)},
      candle_streams_{std::make_shared<OpenStreams>(kMostCandleStreams)} {
  parts_.beats.Join(history_streams_, false, {});
  parts_.beats.Join(candle_streams_, false, {});
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* HistoryService::StreamHistory(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto range = RangeOf(*request);
  const auto stream = std::make_shared<HistoryStream>(
      *context, parts_.stream, HistoryStream::Sources{parts_.history, parts_.directory},
      range ? std::move(*range) : TickRange{});
  HistoryStream* const raw = stream.get();
  history_streams_->Add(stream, range ? Result<void>{} : range.error(), history_streams_);
  return raw;
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* HistoryService::StreamCandles(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto wanted = WantedOf(*request);
  const auto stream = std::make_shared<CandleStream>(
      *context, CandleParts(), CandleStream::Sources{parts_.candles.source(), parts_.directory},
      wanted ? std::move(*wanted) : CandleStream::Wanted{});
  CandleStream* const raw = stream.get();
  candle_streams_->Add(stream, wanted ? Result<void>{} : wanted.error(), candle_streams_);
  return raw;
}

PulledStream::Parts HistoryService::CandleParts() const {
  return {.workers = parts_.candle_workers,
          .clock = parts_.stream.clock,
          .metrics = parts_.stream.metrics,
          .calls = parts_.stream.calls,
          .stall_limit = parts_.stream.stall_limit};
}

Result<CandleStream::Wanted> HistoryService::WantedOf(const grpc::ByteBuffer& bytes) const {
  const auto request = Parsed<v1alpha1::StreamCandlesRequest>(bytes);
  if (!request) return request.error();
  if (auto checked = CheckAccount(request->account_id()); !checked) return checked.error();
  if (request->names().empty()) {
    return Error{Code::kInvalidArgument, "NO_INSTRUMENTS", "name at least one instrument"};
  }
  if (request->names_size() > kMostFollowed) return TooManyNames(kMostFollowed);
  if (auto checked = CheckNames(request->names()); !checked) return checked.error();
  const auto interval = IntervalFromProto(request->interval());
  if (!interval) return interval.error();
  return CandleStream::Wanted{.names = {request->names().begin(), request->names().end()},
                              .interval = *interval};
}

Result<TickRange> HistoryService::RangeOf(const grpc::ByteBuffer& bytes) const {
  const auto request = Parsed<v1alpha1::StreamHistoryRequest>(bytes);
  if (!request) return request.error();
  if (auto checked = CheckAccount(request->account_id()); !checked) return checked.error();
  if (request->names_size() > kMostNames) return TooManyNames(kMostNames);
  if (auto checked = CheckNames(request->names()); !checked) return checked.error();
  if (auto checked = CheckRange(request->from_ns(), request->to_ns()); !checked) {
    return checked.error();
  }
  auto after = ResumeFrom(request->resume_token());
  if (!after) return after.error();
  return TickRange{.keys = {request->names().begin(), request->names().end()},
                   .from_ns = request->from_ns(),
                   .to_ns = request->to_ns(),
                   .after = std::move(*after),
                   .limit = request->max_ticks()};
}

Result<void> HistoryService::CheckAccount(const std::string& account_id) const {
  if (account_id.empty() || account_id == parts_.account) return {};
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "this feed has no account " + account_id};
}

grpc::Status HistoryService::ListGaps(grpc::ServerContext* context,
                                      const v1alpha1::ListGapsRequest* request,
                                      v1alpha1::ListGapsResponse* response) {
  return parts_.stream.calls.Run(*context, "ListGaps", [&](const auto&) -> Result<void> {
    if (auto checked = CheckAccount(request->account_id()); !checked) return checked;
    auto range = feed::RangeOf(*request);
    if (!range) return range.error();
    const std::size_t size = range->limit++;  // one more tells whether there is another page
    auto gaps = parts_.history.Gaps(*range);
    if (!gaps) return gaps.error();
    if (gaps->size() > size) {
      gaps->resize(size);
      response->set_next_page_token(TokenOf(PlaceOf(gaps->back())));
    }
    for (const StoredGap& gap : *gaps) *response->add_gaps() = ToProto(gap);
    return {};
  });
}

Result<CandleRange> HistoryService::RangeOf(const v1alpha1::GetCandlesRequest& request,
                                            const std::string& request_id) const {
  if (auto checked = CheckAccount(request.account_id()); !checked) return checked.error();
  if (request.name().empty()) {
    return Error{Code::kInvalidArgument, "NO_INSTRUMENTS", "name an instrument"};
  }
  if (auto checked = CheckNames(std::array{request.name()}); !checked) return checked.error();
  const auto interval = IntervalFromProto(request.interval());
  if (!interval) return interval.error();
  if (auto checked = CheckRange(request.from_ms(), request.to_ms()); !checked) {
    return checked.error();
  }
  const auto size = SizeOf(request.page_size(), kCandlePage);
  if (!size) return size.error();
  std::int64_t from_ms = request.from_ms();
  if (!request.page_token().empty()) {
    const std::string& token = request.page_token();
    const auto read = std::from_chars(token.data(), token.data() + token.size(), from_ms);
    if (read.ec != std::errc{} || read.ptr != token.data() + token.size() ||
        from_ms < request.from_ms()) {
      return Error{Code::kInvalidArgument, "PAGE_TOKEN_INVALID", "not one that was given out"};
    }
  }
  auto keys = KeysOf(parts_.directory, {request.name()}, request_id);
  if (!keys) return keys.error();
  return CandleRange{.key = std::move(keys->front()),
                     .interval = *interval,
                     .from_ms = std::clamp(from_ms, kFirstMs, kEndMs),
                     .to_ms = std::clamp(request.to_ms(), kFirstMs, kEndMs),
                     .limit = *size};
}

grpc::Status HistoryService::GetCandles(grpc::ServerContext* context,
                                        const v1alpha1::GetCandlesRequest* request,
                                        v1alpha1::GetCandlesResponse* response) {
  return parts_.stream.calls.Run(*context, "GetCandles", [&](const auto& id) -> Result<void> {
    const auto range = RangeOf(*request, id);
    if (!range) return range.error();
    const auto page = parts_.candles.Read(*range);
    if (!page) return page.error();
    response->set_instrument_key(range->key);
    for (const Candle& candle : page->candles) *response->add_candles() = ToProto(candle);
    if (page->next_ms) response->set_next_page_token(std::to_string(*page->next_ms));
    return {};
  });
}

void HistoryService::EndStreams(const Error& why) {
  history_streams_->EndAll(why);
  candle_streams_->EndAll(why);
}

}  // namespace sauda::feed
