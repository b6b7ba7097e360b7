#include "services/orders/src/rpc/portfolio_service.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "libs/rpc/request_id.hpp"
#include "services/orders/src/rpc/portfolio_convert.hpp"

namespace sauda::orders {
namespace {

using portfolio::IstDate;

constexpr std::int32_t kDefaultPage = 100;
constexpr std::int32_t kLargestPage = 1'000;

Result<std::int32_t> PageSizeOf(std::int32_t asked) {
  if (asked == 0) return kDefaultPage;
  if (asked >= 1 && asked <= kLargestPage) return asked;
  return Error{Code::kInvalidArgument, "PAGE_SIZE_INVALID", "page_size: 1 to 1000"};
}

Error BadToken() {
  return {Code::kInvalidArgument, "PAGE_TOKEN_INVALID", "page_token: as the last page gave it"};
}

/// A number above 0 that is all of the text.
std::optional<std::int64_t> WholeOf(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < 1) return std::nullopt;
  return number;
}

/// `2025-12-15:17`, as TokenOf writes it.
Result<Ledger::DealPlace> PlaceOf(const std::string& token) {
  if (token.empty()) return Ledger::DealPlace{};
  constexpr std::size_t kDateLength = 10;
  if (token.size() < kDateLength + 2 || token[kDateLength] != ':') return BadToken();
  const auto day = IstDate::Parse(token.substr(0, kDateLength));
  const auto number = WholeOf(std::string_view{token}.substr(kDateLength + 1));
  if (!day || !number) return BadToken();
  return Ledger::DealPlace{.day = *day, .number = *number};
}

std::string TokenOf(const Ledger::DealPlace& place) {
  return place.day.ToString() + ":" + std::to_string(place.number);
}

/// Leaves `date` as it is when nothing is asked.
Result<void> ReadDate(const std::string& text, IstDate& date) {
  if (text.empty()) return {};
  const auto parsed = IstDate::Parse(text);
  if (!parsed) return parsed.error();
  date = *parsed;
  return {};
}

Result<Ledger::DealQuery> DealQueryOf(const wire::ListTradesRequest& request) {
  Ledger::DealQuery query{.client_order_id = request.client_order_id()};
  const auto size = PageSizeOf(request.page_size());
  if (!size) return size.error();
  query.limit = *size;
  const auto after = PlaceOf(request.page_token());
  if (!after) return after.error();
  query.after = *after;
  if (auto from = ReadDate(request.from_date(), query.from); !from) return from.error();
  if (auto to = ReadDate(request.to_date(), query.to); !to) return to.error();
  if (query.from <= query.to) return query;
  return Error{Code::kInvalidArgument, "DATES_INVALID", "from_date: not after to_date"};
}

Result<std::optional<portfolio::Section>> SectionAsked(wire::PnlSegment segment) {
  using portfolio::Section;
  const int number = static_cast<int>(segment);
  if (number == 0) return std::optional<Section>{};
  if (number > 0 && number <= static_cast<int>(Section::kCurrency)) {
    return std::optional{static_cast<Section>(number)};
  }
  return Error{Code::kInvalidArgument, "SEGMENT_UNKNOWN", "segment: no such section"};
}

static_assert(static_cast<int>(portfolio::Section::kEquity) == wire::PNL_SEGMENT_EQUITY);
static_assert(static_cast<int>(portfolio::Section::kCurrency) == wire::PNL_SEGMENT_CURRENCY);

Result<portfolio::PnlFilter> FilterOf(const wire::GetPnlReportRequest& request) {
  const auto section = SectionAsked(request.segment());
  if (!section) return section.error();
  portfolio::Span span;
  if (!request.financial_year().empty()) {
    const auto year = portfolio::FinancialYear::Parse(request.financial_year());
    if (!year) return year.error();
    span.year = *year;
  }
  const auto read = [](const std::string& text, std::optional<IstDate>& date) -> Result<void> {
    if (text.empty()) return {};
    return ReadDate(text, date.emplace());
  };
  if (auto from = read(request.from_date(), span.from); !from) return from.error();
  if (auto to = read(request.to_date(), span.to); !to) return to.error();
  const auto period = portfolio::PeriodOf(span);
  if (!period) return period.error();
  return portfolio::PnlFilter{.section = *section, .period = *period};
}

/// Rows of a page, and the token of the next.
Result<void> PutRows(const LedgerPnl& pnl, const wire::GetPnlReportRequest& request,
                     wire::PnlReport& response) {
  const auto size = PageSizeOf(request.page_size());
  if (!size) return size.error();
  const auto first =
      request.page_token().empty() ? std::optional<std::int64_t>{0} : WholeOf(request.page_token());
  if (!first) return BadToken();
  const auto& rows = pnl.report.rows;
  const auto begin = std::min(static_cast<std::size_t>(*first), rows.size());
  const auto end = std::min(begin + static_cast<std::size_t>(*size), rows.size());
  for (std::size_t i = begin; i < end; ++i) ToWire(rows[i], *response.add_rows());
  if (end < rows.size()) response.set_next_page_token(std::to_string(end));
  return {};
}

}  // namespace

Result<void> PortfolioService::CheckAccount(const std::string& asked) const {
  if (asked.empty() || asked == parts_.account_id) return {};
  return Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "no account " + asked};
}

Result<Portfolio> PortfolioService::Look(const std::string& account) const {
  if (const auto right = CheckAccount(account); !right) return right.error();
  return parts_.portfolio.Look();
}

grpc::Status PortfolioService::ListTrades(grpc::ServerContext* context,
                                          const wire::ListTradesRequest* request,
                                          wire::ListTradesResponse* response) {
  return parts_.calls.Run(*context, "ListTrades", [&](const std::string&) -> Result<void> {
    if (auto right = CheckAccount(request->account_id()); !right) return right;
    auto query = DealQueryOf(*request);
    if (!query) return query.error();
    query->account_id = parts_.account_id;
    const bool of_today = request->client_order_id().empty() && request->from_date().empty() &&
                          request->to_date().empty();
    if (of_today) {
      const auto view = parts_.portfolio.Look();
      if (!view) return view.error();
      query->from = query->to = view->day;
    }
    const auto page = parts_.ledger.Deals(*query);
    if (!page) return page.error();
    for (const KeptDeal& kept : page->deals) ToWire(kept, *response->add_trades());
    if (page->next) response->set_next_page_token(TokenOf(*page->next));
    return {};
  });
}

grpc::Status PortfolioService::GetPositions(grpc::ServerContext* context,
                                            const wire::GetPositionsRequest* request,
                                            wire::Positions* response) {
  return parts_.calls.Run(*context, "GetPositions", [&](const std::string&) -> Result<void> {
    const auto view = Look(request->account_id());
    if (!view) return view.error();
    ToWire(*view, *response);
    return {};
  });
}

grpc::Status PortfolioService::GetHoldings(grpc::ServerContext* context,
                                           const wire::GetHoldingsRequest* request,
                                           wire::Holdings* response) {
  return parts_.calls.Run(*context, "GetHoldings", [&](const std::string&) -> Result<void> {
    const auto view = Look(request->account_id());
    if (!view) return view.error();
    ToWire(*view, *response);
    return {};
  });
}

grpc::Status PortfolioService::GetProfit(grpc::ServerContext* context,
                                         const wire::GetProfitRequest* request,
                                         wire::Profit* response) {
  return parts_.calls.Run(*context, "GetProfit", [&](const std::string&) -> Result<void> {
    const auto view = Look(request->account_id());
    if (!view) return view.error();
    ToWire(*view, *response);
    return {};
  });
}

grpc::Status PortfolioService::GetPnlReport(grpc::ServerContext* context,
                                            const wire::GetPnlReportRequest* request,
                                            wire::PnlReport* response) {
  return parts_.calls.Run(*context, "GetPnlReport", [&](const std::string&) -> Result<void> {
    if (auto right = CheckAccount(request->account_id()); !right) return right;
    const auto filter = FilterOf(*request);
    if (!filter) return filter.error();
    const auto view = parts_.portfolio.Look();
    if (!view) return view.error();
    const auto pnl = ReadPnl(parts_.ledger, *parts_.calendar.Current(),
                             {.place = {.account_id = parts_.account_id,
                                        .route = view->route,
                                        .simulated = view->simulated},
                              .filter = *filter,
                              .openings = view->openings.deals,
                              .today = view->day});
    if (!pnl) return pnl.error();
    ToWire(*pnl, *response);
    response->set_simulated(view->simulated);
    return PutRows(*pnl, *request, *response);
  });
}

grpc::ServerWriteReactor<wire::ProfitUpdate>* PortfolioService::WatchProfit(
    grpc::CallbackServerContext* context, const wire::WatchProfitRequest* request) {
  const auto right = CheckAccount(request->account_id());
  auto* const stream = parts_.hub.Open(rpc::RequestIdOf(*context),
                                       right ? std::nullopt : std::optional{right.error()});
  return stream;
}

void PortfolioService::TellProfit() {
  if (!parts_.hub.watched()) return;
  const auto view = parts_.portfolio.Look();
  if (!view) return;
  wire::Profit profit;
  ToWire(*view, profit);
  parts_.hub.Offer(profit);
}

}  // namespace sauda::orders
