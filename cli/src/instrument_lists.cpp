#include <map>
#include <memory>
#include <ostream>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/src/instruments_ask.hpp"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = instruments::v1alpha1;
using Stub = pb::InstrumentsService::Stub;

const std::map<std::string, pb::InstrumentKind> kKinds{
    {"index", pb::INSTRUMENT_KIND_INDEX},   {"equity", pb::INSTRUMENT_KIND_EQUITY},
    {"future", pb::INSTRUMENT_KIND_FUTURE}, {"option", pb::INSTRUMENT_KIND_OPTION},
    {"spot", pb::INSTRUMENT_KIND_SPOT},
};
const std::map<std::string, pb::InstrumentKind> kContractKinds{
    {"future", pb::INSTRUMENT_KIND_FUTURE}, {"option", pb::INSTRUMENT_KIND_OPTION}};

template <typename Rows>
void PrintRows(const Rows& rows, std::ostream& out) {
  Table table{{"key", "symbol", "name", "type", "lot", "MTF", "MIS", ""}};
  for (const pb::Instrument& each : rows) {
    const std::string marks =
        std::string{each.suspended() ? "SUSPENDED " : ""} + (each.simulated() ? "SIMULATED" : "");
    table.Add({Printable(each.instrument_key()), Printable(each.trading_symbol()),
               Printable(each.name()), Printable(each.instrument_type()),
               std::to_string(each.lot_size()),
               each.mtf() ? "yes " + each.mtf_bracket() : std::string{},
               each.mis() ? each.mis_leverage() + "x" : std::string{}, marks});
  }
  table.Print(out);
}

void PrintListed(const pb::ListInstrumentsResponse& response, std::ostream& out) {
  PrintRows(response.instruments(), out);
  if (response.total_size() > response.instruments_size()) {
    out << response.instruments_size() << " of " << response.total_size() << '\n';
  }
}

void PrintExpired(const pb::ListExpiredContractsResponse& response, std::ostream& out) {
  PrintRows(response.contracts(), out);
  if (!response.next_page_token().empty()) out << "there are more; --limit shows them\n";
}

void PrintSuspended(const pb::ListSuspendedResponse& response, std::ostream& out) {
  Table table{{"key", "symbol", "name", "type", "token", ""}};
  for (const pb::SuspendedInstrument& each : response.instruments()) {
    table.Add({Printable(each.instrument_key()), Printable(each.trading_symbol()),
               Printable(each.name()), Printable(each.instrument_type()),
               Printable(each.exchange_token()), each.simulated() ? "SIMULATED" : ""});
  }
  table.Print(out);
  if (!response.next_page_token().empty()) out << "there are more; --limit shows them\n";
}

template <typename Request>
void AddLimit(CLI::App& command, const std::shared_ptr<Request>& request) {
  command
      .add_option_function<std::int32_t>(
          "--limit", [request](std::int32_t limit) { request->set_page_size(limit); },
          "at most so many; default 500")
      ->check(CLI::Range(1, 5'000));
}

template <typename Request>
void AddSegment(CLI::App& command, const std::shared_ptr<Request>& request) {
  command.add_option_function<std::string>(
      "--segment", [request](const std::string& segment) { request->set_segment(segment); },
      "only this one, such as NSE_EQ");
}

template <typename Request>
CLI::Option* AddKind(CLI::App& command, const std::shared_ptr<Request>& request,
                     const std::map<std::string, pb::InstrumentKind>& kinds,
                     const std::string& help) {
  return command
      .add_option_function<std::string>(
          "--kind",
          [request, &kinds](const std::string& kind) { request->set_kind(kinds.at(kind)); }, help)
      ->check(CLI::IsMember(kinds));
}

void AddList(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::ListInstrumentsRequest>();
  auto* const command = group.add_subcommand("list", "active instruments by what they are");
  AddKind(*command, request, kKinds, "index, equity, future, option or spot")->required();
  AddSegment(*command, request);
  command->add_option_function<std::string>(
      "--underlying", [request](const std::string& name) { request->set_underlying(name); },
      "of futures and options: key or symbol of what they are written on");
  command->add_flag_callback(
      "--mtf", [request] { request->set_mtf(true); }, "only what may be bought with margin");
  command->add_flag_callback(
      "--mis", [request] { request->set_mis(true); }, "only what has intraday leverage");
  AddLimit(*command, request);
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::InstrumentsService>(session, "instruments list",
                                                    &Stub::ListInstruments, *request, PrintListed);
    };
  });
}

void AddSuspended(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::ListSuspendedRequest>();
  auto* const command = group.add_subcommand("suspended", "what the broker calls suspended");
  command->add_option_function<std::string>(
      "name", [request](const std::string& name) { request->set_name(name); },
      "only this key, symbol or ISIN");
  AddLimit(*command, request);
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::InstrumentsService>(session, "instruments suspended",
                                                    &Stub::ListSuspended, *request, PrintSuspended);
    };
  });
}

void AddExpired(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::ListExpiredContractsRequest>();
  auto* const command =
      group.add_subcommand("expired", "contracts that have expired, the newest first");
  command
      ->add_option_function<std::string>(
          "underlying", [request](const std::string& name) { request->set_underlying(name); },
          "key or symbol of what they were written on")
      ->required();
  command->add_option_function<std::string>(
      "--expiry", [request](const std::string& day) { request->set_expiry(day); },
      "only of that day, yyyy-MM-dd");
  AddKind(*command, request, kContractKinds, "future or option; both when it is not given");
  AddSegment(*command, request);
  AddLimit(*command, request);
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::InstrumentsService>(
          session, "instruments expired", &Stub::ListExpiredContracts, *request, PrintExpired);
    };
  });
}

}  // namespace

void AddInstrumentLists(CLI::App& group, Session& session) {
  AddList(group, session);
  AddSuspended(group, session);
  AddExpired(group, session);
}

}  // namespace sauda::cli
