#include "services/instruments/src/core/expired.hpp"

#include <algorithm>

#include "libs/calendar/ist.hpp"
#include "services/instruments/src/core/page_token.hpp"
#include "services/instruments/src/core/text.hpp"

namespace sauda::instruments {
namespace {

constexpr int kDefaultExpiredPage = 500;

Error WrongExpired(const char* reason, std::string message) {
  return {Code::kInvalidArgument, reason, std::move(message)};
}

/// Everything that decides what is on a page.
std::string ExpiredText(const ExpiredRequest& request) {
  return "expired\n" + request.underlying + '\n' + request.expiry + '\n' + request.segment + '\n' +
         std::to_string(request.kind ? static_cast<int>(*request.kind) : 0);
}

Result<ExpiredQuery> ReadExpiredQuery(const ExpiredRequest& request, std::int64_t market_now_ms) {
  if (request.underlying.empty()) return WrongExpired("NO_INSTRUMENT_NAMED", "underlying is empty");
  ExpiredQuery query{
      .underlying = request.underlying, .until_ms = market_now_ms + 1, .kind = request.kind};
  if (request.kind && *request.kind != Kind::kFuture && *request.kind != Kind::kOption) {
    return WrongExpired("KIND_UNKNOWN", "only futures and options expire");
  }
  if (!request.segment.empty()) {
    query.segment = FindSegment(request.segment);
    if (!query.segment) {
      return WrongExpired("SEGMENT_UNKNOWN", "'" + Shown(request.segment) + "' is no segment");
    }
  }
  if (!request.expiry.empty()) {
    const auto day = calendar::IstDate::Parse(request.expiry);
    if (!day) return day.error();
    query.from_ms = day->StartMs();
    query.until_ms = std::min(query.until_ms, day->Plus(1).StartMs());
  }
  if (request.page_size < 0 || request.page_size > kMostExpiredPage) {
    return WrongExpired("PAGE_SIZE_INVALID", "page_size must be 0 to 5000");
  }
  query.limit = request.page_size == 0 ? kDefaultExpiredPage : request.page_size;
  const auto offset = ReadPageToken(request.page_token, ExpiredText(request));
  if (!offset) return offset.error();
  query.offset = *offset;
  return query;
}

}  // namespace

Result<ExpiredPage> ListExpired(InstrumentStore& store, const ExpiredRequest& request,
                                std::int64_t market_now_ms) {
  auto query = ReadExpiredQuery(request, market_now_ms);
  if (!query) return query.error();
  const std::int64_t page_size = query->limit;
  ++query->limit;  // one more tells of a next page
  auto rows = store.Expired(*query);
  if (!rows) return rows.error();
  ExpiredPage page{.found = std::move(*rows)};
  if (static_cast<std::int64_t>(page.found.size()) > page_size) {
    page.found.pop_back();
    page.next_page_token = PageToken(query->offset + page_size, ExpiredText(request));
  }
  return page;
}

}  // namespace sauda::instruments
