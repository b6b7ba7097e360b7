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

void PrintInstrument(const pb::Instrument& it, std::ostream& out) {
  Table table{{"what", "value"}};
  const auto add = [&](const char* what, const std::string& value) {
    if (!value.empty() && value != "0") table.Add({what, Printable(value)});
  };
  add("key", it.instrument_key());
  add("symbol", it.trading_symbol());
  add("compact", it.compact_symbol());
  if (!it.openalgo_exchange().empty()) {
    add("OpenAlgo", it.openalgo_exchange() + ":" + it.openalgo_symbol());
  }
  add("name", it.name());
  add("short name", it.short_name());
  add("type", it.instrument_type());
  add("ISIN", it.isin());
  add("lot", std::to_string(it.lot_size()));
  add("freeze quantity", std::to_string(it.freeze_quantity()));
  add("tick", it.tick_size());
  add("strike", it.strike_price());
  add("written on", it.underlying_key());
  add("MTF", !it.mtf() ? "" : it.mtf_bracket().empty() ? "yes" : it.mtf_bracket() + " %");
  add("MIS", it.mis() ? it.mis_margin() + " %, " + it.mis_leverage() + " times" : "");
  add("suspended", it.suspended() ? "yes" : "");
  add("active", it.active() ? "yes" : "no");
  add("simulated", it.simulated() ? "SIMULATED" : "");
  table.Print(out);
}

void PrintExpiries(const pb::ListExpiriesResponse& response, std::ostream& out) {
  Table table{{response.segment(), "futures", "options", ""}};
  for (const pb::Expiry& each : response.expiries()) {
    table.Add({each.date(), std::to_string(each.futures()), std::to_string(each.options()),
               each.weekly() ? "weekly" : ""});
  }
  table.Print(out);
}

void PrintChain(const pb::OptionChain& chain, std::ostream& out) {
  Table table{{"call", chain.segment() + " " + chain.expiry(), "put"}};
  for (const pb::ChainStrike& each : chain.strikes()) {
    table.Add({each.has_call() ? Printable(each.call().instrument_key()) : "", each.strike_price(),
               each.has_put() ? Printable(each.put().instrument_key()) : ""});
  }
  table.Print(out);
}

/// A name of the proto's without what all of its enum have before it.
std::string Word(std::string name, std::size_t prefix) { return name.erase(0, prefix); }

void PrintSyncs(const pb::ListSyncsResponse& response, std::ostream& out) {
  Table table{{"sync", "state", "source", "records", "new", "changed", "gone", ""}};
  for (const pb::SyncRun& each : response.syncs()) {
    const pb::SyncReport& report = each.report();
    const auto count = [&](std::int64_t number) {
      return each.has_report() ? std::to_string(number) : std::string{};
    };
    table.Add({std::to_string(each.sync_id()),
               Word(pb::SyncState_Name(each.state()), std::string{"SYNC_STATE_"}.size()),
               Printable(each.source()), count(report.records()), count(report.inserted()),
               count(report.updated()), count(report.deactivated()), Printable(each.failure())});
  }
  table.Print(out);
}

void PrintChanges(const pb::ListChangesResponse& response, std::ostream& out) {
  Table table{{"sequence", "sync", "key", "symbol", "what", "before", "after"}};
  for (const pb::InstrumentChange& each : response.changes()) {
    table.Add({std::to_string(each.sequence()), std::to_string(each.sync_id()),
               Printable(each.instrument_key()), Printable(each.trading_symbol()),
               Word(pb::ChangeKind_Name(each.kind()), std::string{"CHANGE_KIND_"}.size()),
               Printable(each.before()), Printable(each.after())});
  }
  table.Print(out);
}

void AddGet(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::GetInstrumentRequest>();
  auto* const command = group.add_subcommand("get", "one instrument by key or symbol");
  command
      ->add_option_function<std::string>(
          "name", [request](const std::string& name) { request->set_name(name); },
          "key or symbol, in any form")
      ->required();
  command->add_option_function<std::string>(
      "--as-of", [request](const std::string& day) { request->set_as_of(day); },
      "as it was on that day, yyyy-MM-dd");
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::InstrumentsService>(
          session, "instruments get", &Stub::GetInstrument, *request, PrintInstrument);
    };
  });
}

void AddExpiries(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::ListExpiriesRequest>();
  auto* const command = group.add_subcommand("expiries", "days on which contracts expire");
  command
      ->add_option_function<std::string>(
          "underlying", [request](const std::string& name) { request->set_underlying(name); },
          "key or symbol of what they are written on")
      ->required();
  command->add_option_function<std::string>(
      "--segment", [request](const std::string& segment) { request->set_segment(segment); },
      "only this one, such as BSE_FO");
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::InstrumentsService>(session, "instruments expiries",
                                                    &Stub::ListExpiries, *request, PrintExpiries);
    };
  });
}

void AddChain(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::GetOptionChainRequest>();
  auto* const command = group.add_subcommand("chain", "the options of one day, by strike");
  command
      ->add_option_function<std::string>(
          "underlying", [request](const std::string& name) { request->set_underlying(name); },
          "key or symbol of what they are written on")
      ->required();
  command->add_option_function<std::string>(
      "--expiry", [request](const std::string& day) { request->set_expiry(day); },
      "yyyy-MM-dd; the nearest when it is not given");
  command->add_option_function<std::string>(
      "--segment", [request](const std::string& segment) { request->set_segment(segment); },
      "only this one, such as BSE_FO");
  command->add_option_function<std::string>(
      "--near", [request](const std::string& price) { request->set_near_price(price); },
      "a price, with --strikes");
  command->add_option_function<std::int32_t>(
      "--strikes", [request](std::int32_t strikes) { request->set_strikes(strikes); },
      "only so many, nearest to --near");
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::InstrumentsService>(session, "instruments chain",
                                                    &Stub::GetOptionChain, *request, PrintChain);
    };
  });
}

void AddSyncs(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::ListSyncsRequest>();
  auto* const command = group.add_subcommand("syncs", "how syncs went, the newest first");
  command
      ->add_option_function<std::int32_t>(
          "--limit", [request](std::int32_t limit) { request->set_page_size(limit); },
          "at most so many; default 50")
      ->check(CLI::Range(1, 500));
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::InstrumentsService>(session, "instruments syncs", &Stub::ListSyncs,
                                                    *request, PrintSyncs);
    };
  });
}

void AddChanges(CLI::App& group, Session& session) {
  const auto request = std::make_shared<pb::ListChangesRequest>();
  auto* const command = group.add_subcommand("changes", "what syncs changed, the oldest first");
  command->add_option_function<std::int64_t>(
      "--after", [request](std::int64_t sequence) { request->set_after_sequence(sequence); },
      "only those after this sequence");
  command->add_option_function<std::string>(
      "--key", [request](const std::string& key) { request->set_instrument_key(key); },
      "only of this instrument");
  command
      ->add_option_function<std::int32_t>(
          "--limit", [request](std::int32_t limit) { request->set_page_size(limit); },
          "at most so many; default 500")
      ->check(CLI::Range(1, 5'000));
  command->callback([&session, request] {
    session.action = [&session, request] {
      return AskInstruments<pb::InstrumentsService>(session, "instruments changes",
                                                    &Stub::ListChanges, *request, PrintChanges);
    };
  });
}

}  // namespace

void AddInstrumentQueries(CLI::App& group, Session& session) {
  AddGet(group, session);
  AddExpiries(group, session);
  AddChain(group, session);
  AddSyncs(group, session);
  AddChanges(group, session);
  AddInstrumentLists(group, session);
}

}  // namespace sauda::cli
