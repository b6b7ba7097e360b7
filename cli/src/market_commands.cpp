#include <memory>
#include <ostream>
#include <string>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/instruments_ask.hpp"
#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "libs/calendar/ist.hpp"
#include "sauda/instruments/v1alpha1/calendar.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = instruments::v1alpha1;
using Stub = pb::CalendarService::Stub;

// A refresh waits for the broker.
constexpr std::chrono::seconds kForTheBroker{30};

std::string Lower(std::string name, std::string_view prefix) {
  name.erase(0, prefix.size());
  for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(std::tolower(c));
  return name;
}

std::string OriginText(pb::DayOrigin origin) {
  return Lower(pb::DayOrigin_Name(origin), "DAY_ORIGIN_");
}

/// `09:15 to 15:30`; several with commas.
std::string SessionsText(const pb::ExchangeDay& day) {
  const auto minute = [](std::int64_t ms) { return calendar::FormatIst(ms).substr(11, 5); };
  std::string text;
  for (const pb::MarketSession& each : day.sessions()) {
    text += (text.empty() ? "" : ", ") + minute(each.open_ms()) + " to " + minute(each.close_ms());
  }
  return text;
}

void PrintState(const pb::CalendarState& state, std::ostream& out) {
  if (state.simulated()) out << "SIMULATED: told by a simulated broker\n";
  if (!state.year_known()) {
    out << "the holidays of this year are not known: every weekday counts as a trading day\n";
  }
  if (!state.failure().empty()) {
    out << "the calendar stays as it was: " << Printable(state.failure()) << '\n';
  }
}

void PrintMarketStatus(const pb::MarketStatus& status, std::ostream& out) {
  Table table{{"exchange", "", "until", "today"}};
  for (const pb::ExchangeStatus& each : status.exchanges()) {
    const std::string regular = each.trading_day() ? "trading day" : "no trading";
    table.Add({each.exchange(), Lower(pb::MarketPhase_Name(each.phase()), "MARKET_PHASE_"),
               calendar::FormatIst(each.next_change_ms()),
               each.why().empty() ? regular : Printable(each.why())});
  }
  table.Print(out);
  PrintState(status.calendar(), out);
}

void PrintHolidays(const pb::ListMarketHolidaysResponse& response, std::ostream& out) {
  Table table{{"date", "what", "closed", "open", "by"}};
  for (const pb::MarketHoliday& each : response.holidays()) {
    std::string closed;
    for (const auto& exchange : each.closed_exchanges()) {
      closed += (closed.empty() ? "" : " ") + exchange;
    }
    std::string open;
    for (const auto& day : each.open_exchanges()) {
      open += (open.empty() ? "" : "; ") + day.exchange() + " " + SessionsText(day);
    }
    table.Add(
        {each.date(), Printable(each.description()), closed, open, OriginText(each.origin())});
  }
  table.Print(out);
  PrintState(response.calendar(), out);
}

void PrintTimings(const pb::MarketTimings& timings, std::ostream& out) {
  if (timings.exchanges().empty()) {
    out << "nothing trades on " << timings.date() << '\n';
    return;
  }
  Table table{{timings.date(), "IST", "by"}};
  for (const pb::ExchangeDay& each : timings.exchanges()) {
    table.Add({each.exchange(), SessionsText(each), OriginText(each.origin())});
  }
  table.Print(out);
}

void PrintRefreshed(const pb::CalendarState& state, std::ostream& out) {
  out << "the broker's days and the calendar file have been read\n";
  PrintState(state, out);
}

void AddMarketStatus(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::GetMarketStatusRequest>();
  auto* const command = group.add_subcommand("status", "what each exchange is doing");
  command->add_option_function<std::string>(
      "--exchange", [request](const std::string& name) { request->set_exchange(name); },
      "only this one, such as NSE, NFO or MCX");
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::CalendarService>(session, "market status", &Stub::GetMarketStatus,
                                                 *request, PrintMarketStatus);
    };
  });
}

void AddHolidays(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::ListMarketHolidaysRequest>();
  auto* const command = group.add_subcommand("holidays", "the days that are not regular");
  command
      ->add_option_function<std::int32_t>(
          "--year", [request](std::int32_t year) { request->set_year(year); },
          "of this year; the market's when it is not given")
      ->check(CLI::Range(1970, 2199));
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::CalendarService>(
          session, "market holidays", &Stub::ListMarketHolidays, *request, PrintHolidays);
    };
  });
}

void AddTimings(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::GetMarketTimingsRequest>();
  auto* const command = group.add_subcommand("timings", "when each exchange trades on a day");
  command->add_option_function<std::string>(
      "date", [request](const std::string& date) { request->set_date(date); },
      "yyyy-MM-dd; today when it is not given");
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::CalendarService>(session, "market timings", &Stub::GetMarketTimings,
                                                 *request, PrintTimings);
    };
  });
}

void AddRefresh(CLI::App& group, Session& session) {
  auto* const command =
      group.add_subcommand("refresh", "asks the broker, and reads the calendar file, now");
  command->callback([&session] {
    session.action = [&session] {
      if (const auto recorded = session.Record("calendar.refresh", "calendar"); !recorded) {
        return session.Fail("market refresh: the audit", recorded.error());
      }
      return AskInstruments<pb::CalendarService>(session, "market refresh", &Stub::RefreshCalendar,
                                                 pb::RefreshCalendarRequest{}, PrintRefreshed,
                                                 kForTheBroker);
    };
  });
}

}  // namespace

void AddMarketCommands(CLI::App& app, Session& session) {
  auto* const group = app.add_subcommand("market", "when markets trade");
  group->require_subcommand(1);
  AddMarketStatus(*group, session);
  AddHolidays(*group, session);
  AddTimings(*group, session);
  AddRefresh(*group, session);
}

}  // namespace sauda::cli
