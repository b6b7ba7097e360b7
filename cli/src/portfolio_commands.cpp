#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/orders/v1alpha1/portfolio.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = orders::v1alpha1;
using Stub = pb::PortfolioService::Stub;

constexpr std::chrono::milliseconds kReportLimit{30'000};  // it reads every trade there is

const std::vector<std::pair<std::string, pb::PnlSegment>> kSegments{
    {"EQ", pb::PNL_SEGMENT_EQUITY},
    {"FO", pb::PNL_SEGMENT_DERIVATIVES},
    {"COM", pb::PNL_SEGMENT_COMMODITY},
    {"CD", pb::PNL_SEGMENT_CURRENCY}};

/// `intraday` of PRODUCT_INTRADAY.
std::string LowerWord(const std::string& name, std::string_view prefix) {
  std::string word = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return word;
}

std::string Named(const pb::Contract& contract) {
  return Printable(contract.trading_symbol().empty() ? contract.instrument_key()
                                                     : contract.trading_symbol());
}

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string Marked(bool simulated) { return simulated ? "SIMULATED" : ""; }

void Print(const pb::ListTradesResponse& page, const Session& session) {
  Table table{{"time (IST)", "instrument", "side", "product", "quantity", "price", "charges",
               "order", "trade", ""}};
  for (const pb::Trade& trade : page.trades()) {
    table.Add({IstTime(trade.market_ms()), Named(trade.contract()),
               LowerWord(pb::Side_Name(trade.side()), "SIDE_"),
               LowerWord(pb::Product_Name(trade.product()), "PRODUCT_"),
               std::to_string(trade.quantity()), trade.price(), OrDash(trade.charges()),
               Printable(trade.client_order_id()), Printable(trade.trade_id()),
               Marked(trade.simulated())});
  }
  table.Print(session.io.out);
  if (!page.next_page_token().empty()) {
    session.io.err << "there are more: --page-token " << page.next_page_token() << '\n';
  }
}

void Print(const pb::Positions& all, const Session& session) {
  Table table{{"instrument", "product", "quantity", "average", "last", "realised", "unrealised",
               "charges", ""}};
  for (const pb::Position& position : all.positions()) {
    table.Add({Named(position.contract()),
               LowerWord(pb::Product_Name(position.product()), "PRODUCT_"),
               std::to_string(position.quantity()), OrDash(position.average_price()),
               OrDash(position.last_price()), position.realised(), OrDash(position.unrealised()),
               position.charges(), Marked(position.simulated())});
  }
  table.Print(session.io.out);
}

void Print(const pb::Holdings& all, const Session& session) {
  Table table{
      {"instrument", "quantity", "T1", "sold today", "average", "last", "invested", "pnl", ""}};
  for (const pb::Holding& holding : all.holdings()) {
    table.Add({Named(holding.contract()), std::to_string(holding.quantity()),
               std::to_string(holding.t1_quantity()), std::to_string(holding.used_quantity()),
               OrDash(holding.average_price()), OrDash(holding.last_price()), holding.invested(),
               OrDash(holding.pnl()), Marked(holding.simulated())});
  }
  table.Print(session.io.out);
  if (!all.complete()) {
    session.io.out
        << "not all: the broker has not said yet what was owned before, or the master lacks it\n";
  }
}

void Print(const pb::Profit& profit, const Session& session) {
  std::ostream& out = session.io.out;
  out << "day         " << profit.market_date() << (profit.simulated() ? "  SIMULATED" : "") << '\n'
      << "realised    " << profit.realised() << '\n'
      << "unrealised  " << OrDash(profit.unrealised()) << '\n'
      << "charges     " << profit.charges() << '\n'
      << "net         " << OrDash(profit.net()) << '\n'
      << "trades      " << profit.trades() << '\n';
  for (const std::string& key : profit.unpriced()) {
    out << "without a live price: " << Printable(key) << '\n';
  }
  if (profit.uncharged_trades() > 0) {
    out << "charges are not known of " << profit.uncharged_trades() << " trades\n";
  }
  if (profit.unbookable_trades() > 0) {
    out << profit.unbookable_trades() << " trades are in none of the figures\n";
  }
}

void Print(const pb::PnlReport& report, const Session& session) {
  Table table{
      {"closed on", "instrument", "product", "quantity", "bought", "at", "sold", "for", "profit"}};
  for (const pb::PnlRow& row : report.rows()) {
    table.Add({row.closed_on(), Named(row.contract()),
               LowerWord(pb::Product_Name(row.product()), "PRODUCT_"),
               std::to_string(row.quantity()), row.buy_date(), row.buy_average(), row.sell_date(),
               row.sell_average(), row.profit()});
  }
  std::ostream& out = session.io.out;
  table.Print(out);
  out << "profit " << report.profit() << ", charges of " << report.trades() << " trades "
      << report.charges() << ", net " << report.net() << (report.simulated() ? "  SIMULATED" : "")
      << '\n';
  if (report.uncharged_trades() > 0) {
    out << "charges are not known of " << report.uncharged_trades() << " trades\n";
  }
  if (!report.next_page_token().empty()) {
    session.io.err << "there are more: --page-token " << report.next_page_token() << '\n';
  }
}

/// One call and what it answers, as JSON or for people.
template <typename Answer, typename Method, typename Request>
int Ask(const Session& session, const std::string& doing, Method method, Request request) {
  const auto channel = session.Connect(session.addresses.orders);
  if (!channel) return session.Fail(doing, channel.error());
  const auto stub = pb::PortfolioService::NewStub(*channel);
  request.set_account_id(session.account);
  Answer answer;
  const auto limit = doing == "pnl" ? std::max(session.timeout(), kReportLimit) : session.timeout();
  const auto asked = session.Call(limit, [&](grpc::ClientContext& context) {
    return (stub.get()->*method)(&context, request, &answer);
  });
  if (!asked) return session.Fail(doing, asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(answer), true) << '\n';
  } else {
    Print(answer, session);
  }
  return kOk;
}

/// Leaves in the session what to do with the request once the command line is read.
template <typename Answer, typename Method, typename Request>
void OnAsk(CLI::App& command, Session& session, Method method, std::shared_ptr<Request> request) {
  const std::string doing = command.get_name();
  command.callback([&session, doing, method, request] {
    session.action = [&session, doing, method, request] {
      return Ask<Answer>(session, doing, method, *request);
    };
  });
}

template <typename Request>
void AddDaysAndPages(CLI::App& command, const std::shared_ptr<Request>& request) {
  command.add_option("--from", *request->mutable_from_date(), "first day, yyyy-MM-dd");
  command.add_option("--to", *request->mutable_to_date(), "last day, yyyy-MM-dd");
  command
      .template add_option_function<std::int32_t>(
          "--limit", [request](std::int32_t limit) { request->set_page_size(limit); },
          "at most so many; default 100")
      ->check(CLI::Range(1, 1'000));
  command.add_option("--page-token", *request->mutable_page_token(), "as the last page gave it");
}

}  // namespace

void AddPortfolioCommands(CLI::App& app, Session& session) {
  const auto list = std::make_shared<pb::ListTradesRequest>();
  auto* const trades = app.add_subcommand("trades", "trades of the market's today, or as asked");
  trades->add_option("--order", *list->mutable_client_order_id(), "only those of this order");
  AddDaysAndPages(*trades, list);
  OnAsk<pb::ListTradesResponse>(*trades, session, &Stub::ListTrades, list);

  OnAsk<pb::Positions>(*app.add_subcommand("positions", "positions of the day"), session,
                       &Stub::GetPositions, std::make_shared<pb::GetPositionsRequest>());
  OnAsk<pb::Holdings>(*app.add_subcommand("holdings", "shares that are owned"), session,
                      &Stub::GetHoldings, std::make_shared<pb::GetHoldingsRequest>());
  OnAsk<pb::Profit>(*app.add_subcommand("profit", "the day's profit over all positions"), session,
                    &Stub::GetProfit, std::make_shared<pb::GetProfitRequest>());

  const auto report = std::make_shared<pb::GetPnlReportRequest>();
  auto* const pnl = app.add_subcommand("pnl", "what was made, by units bought and sold");
  pnl->add_option("--year", *report->mutable_financial_year(),
                  "financial year: 2526 is April 2025 to March 2026");
  pnl->add_option_function<int>(
         "--segment",
         [report](int value) { report->set_segment(static_cast<pb::PnlSegment>(value)); },
         "shares, derivatives, commodities or currencies")
      ->transform(CLI::CheckedTransformer(kSegments, CLI::ignore_case));
  AddDaysAndPages(*pnl, report);
  OnAsk<pb::PnlReport>(*pnl, session, &Stub::GetPnlReport, report);
}

}  // namespace sauda::cli
