#include "services/instruments/src/core/universe.hpp"

#include <utility>

#include "services/instruments/src/core/page_token.hpp"
#include "services/instruments/src/core/text.hpp"

namespace sauda::instruments {
namespace {

constexpr int kDefaultListPage = 500;

Error Refused(const char* reason, std::string message) {
  return {Code::kInvalidArgument, reason, std::move(message)};
}

bool IsContract(Kind kind) { return kind == Kind::kFuture || kind == Kind::kOption; }

/// Whether what is asked for goes together.
Result<void> CheckSelection(const ListRequest& request) {
  const auto refuse = [](const char* why) { return Refused("SELECTION_INVALID", why); };
  if (!request.kind && !request.universe) {
    return Refused("KIND_MISSING", "kind is needed when the F&O universe is not asked for");
  }
  if (request.universe && !request.underlying.empty()) {
    return refuse("an underlying or the universe, not both");
  }
  if (request.universe && !request.segment.empty()) {
    return refuse("the universe is of one segment, it takes no other");
  }
  if (!request.universe && !request.exclude.empty()) {
    return refuse("only of the universe something can be excluded");
  }
  if (request.exclude.size() > Universe::kMostExcluded) {
    return Refused("TOO_MANY_INSTRUMENTS",
                   std::to_string(request.exclude.size()) + " excluded, at most 500");
  }
  if (!request.underlying.empty() && !IsContract(*request.kind)) {
    return refuse("of an underlying there are futures and options");
  }
  const bool strikes = request.kind == Kind::kOption && !request.underlying.empty();
  if (!request.near_price.empty() && !strikes) {
    return refuse("near_price is for the options of an underlying");
  }
  return {};
}

/// Everything that decides what is on a page.
std::string ListText(const ListRequest& request) {
  std::string text = std::to_string(request.kind ? static_cast<int>(*request.kind) : 0);
  text += request.universe ? "u" : "";
  text += request.mtf ? "m" : "";
  text += request.mis ? "i\n" : "\n";
  text += request.segment + '\n' + request.underlying + '\n' + request.near_price + '\n';
  for (const std::string& each : request.exclude) text += each + '\n';
  return text;
}

/// What is asked for must be known: an empty answer would say that nothing is on the list.
Result<void> CheckLists(const ListRequest& request, const ListBook& book) {
  const auto unknown = [](const char* what) {
    return Error{Code::kFailedPrecondition, "LIST_UNKNOWN",
                 std::string{"no sync has had the broker's list of "} + what + " yet"};
  };
  if (request.mtf && book.index(ListKind::kMtf) == nullptr) return unknown("MTF shares");
  const bool mis =
      book.index(ListKind::kNseMis) != nullptr || book.index(ListKind::kBseMis) != nullptr;
  if (request.mis && !mis) return unknown("MIS shares");
  return {};
}

Result<ListQuery> ReadListQuery(const ListRequest& request, std::int64_t market_now_ms) {
  if (auto checked = CheckSelection(request); !checked) return checked.error();
  ListQuery query{.market_now_ms = market_now_ms, .kind = request.kind};
  if (!request.segment.empty()) {
    query.segment = FindSegment(request.segment);
    if (!query.segment) {
      return Refused("SEGMENT_UNKNOWN", "'" + Shown(request.segment) + "' is no segment");
    }
  }
  const bool by_key = request.underlying.find('|') != std::string::npos;
  (by_key ? query.underlying_key : query.underlying_symbol) = request.underlying;
  if (request.universe) query.universe_without = request.exclude;
  if (!request.near_price.empty()) {
    const auto price = Decimal::Parse(request.near_price);
    if (!price || *price <= Decimal{}) {
      return Refused("PRICE_INVALID",
                     "near_price: '" + Shown(request.near_price) + "' is no price above zero");
    }
    query.near = *price;
  }
  if (request.page_size < 0 || request.page_size > Universe::kMostPage) {
    return Refused("PAGE_SIZE_INVALID", "page_size must be 0 to 5000");
  }
  query.limit = request.page_size == 0 ? kDefaultListPage : request.page_size;
  const auto offset = ReadPageToken(request.page_token, ListText(request));
  if (!offset) return offset.error();
  query.offset = *offset;
  return query;
}

}  // namespace

Result<ListPage> Universe::List(const ListRequest& request, std::int64_t market_now_ms) const {
  auto query = ReadListQuery(request, market_now_ms);
  if (!query) return query.error();
  query->mtf = request.mtf;
  query->mis = request.mis;
  query->book = lists_.Current();
  if (auto checked = CheckLists(request, *query->book); !checked) return checked.error();
  const auto view = catalogs_.Need();
  if (!view) return view.error();
  InstrumentList list = (*view)->catalog.List(*query);
  ListPage page{.found = std::move(list.rows), .total = list.total};
  const std::int64_t next = query->offset + static_cast<std::int64_t>(page.found.size());
  if (next < page.total && !page.found.empty()) {
    page.next_page_token = PageToken(next, ListText(request));
  }
  return page;
}

}  // namespace sauda::instruments
