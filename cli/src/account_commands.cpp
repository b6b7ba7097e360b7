#include <functional>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/auth/v1alpha1/account.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = auth::v1alpha1;
using Stub = pb::AccountService::Stub;

constexpr std::chrono::milliseconds kBrokerCallLimit{30'000};  // the service calls the broker

/// One question: asks it, and shows the answer as JSON or for people.
template <typename Request, typename Answer>
int Ask(const Session& session, const std::string& doing,
        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Answer*),
        void (*show)(const Answer&, std::ostream&)) {
  const auto channel = session.Connect(session.addresses.auth);
  if (!channel) return session.Fail(doing, channel.error());
  const auto stub = pb::AccountService::NewStub(*channel);
  Request request;
  request.set_account_id(session.account);
  Answer answer;
  const auto asked = session.Call(kBrokerCallLimit, [&](grpc::ClientContext& context) {
    return (stub.get()->*method)(&context, request, &answer);
  });
  if (!asked) return session.Fail(doing, asked.error());
  if (session.json) {
    session.io.out << Dump(ToJson(answer), true) << '\n';
  } else {
    if (answer.simulated()) session.io.out << "SIMULATED\n";
    show(answer, session.io.out);
  }
  return kOk;
}

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::string all;
  for (const auto& each : texts) all += (all.empty() ? "" : " ") + each;
  return Printable(all);
}

void ShowProfile(const pb::Profile& profile, std::ostream& out) {
  Table table{{"user", Printable(profile.user_id())}};
  table.Add({"name", Printable(profile.user_name())});
  table.Add({"e-mail", Printable(profile.email())});
  table.Add({"state", profile.is_active() ? "active" : "NOT ACTIVE"});
  table.Add({"exchanges", Joined(profile.exchanges())});
  table.Add({"products", Joined(profile.products())});
  table.Add({"order types", Joined(profile.order_types())});
  table.Print(out);
}

void ShowFunds(const pb::Funds& funds, std::ostream& out) {
  Table table{{"rupees", "available", "used", "paid in"}};
  for (const auto& [name, margin] :
       {std::pair{"equity", &funds.equity()}, std::pair{"commodity", &funds.commodity()}}) {
    table.Add({name, Printable(margin->available()), Printable(margin->used()),
               Printable(margin->payin())});
  }
  table.Print(out);
  if (funds.figures_size() == 0) return;
  Table figures{{"figure", "rupees"}};
  for (const auto& each : funds.figures()) {
    if (each.amount() != "0") figures.Add({Printable(each.path()), Printable(each.amount())});
  }
  out << '\n';
  figures.Print(out);
}

const char* Words(pb::IpVerdict verdict) {
  switch (verdict) {
    case pb::IP_VERDICT_MATCHES:
      return "the broker sees us at a registered address";
    case pb::IP_VERDICT_DIFFERS:
      return "THE BROKER SEES US AT ANOTHER ADDRESS: it refuses orders with UDAPI1154";
    case pb::IP_VERDICT_NONE_REGISTERED:
      return "NO ADDRESS IS REGISTERED: the broker takes no orders of this app";
    default:
      return "the broker does not say from where it sees us";
  }
}

void ShowIp(const pb::StaticIp& ip, std::ostream& out) {
  const auto or_none = [](const std::string& text) {
    return text.empty() ? std::string{"-"} : Printable(text);
  };
  Table table{{"address", "", "since (IST)"}};
  table.Add({"primary", or_none(ip.primary_ip()), or_none(ip.primary_updated_at())});
  table.Add({"secondary", or_none(ip.secondary_ip()), or_none(ip.secondary_updated_at())});
  table.Add({"seen", or_none(ip.seen_ip()), ""});
  table.Print(out);
  out << Words(ip.verdict()) << '\n';
}

void ShowSwitch(const pb::KillSwitch& all, std::ostream& out) {
  Table table{{"segment", "state", "kill switch"}};
  for (const auto& each : all.segments()) {
    table.Add({Printable(each.segment()), each.active() ? "active" : "inactive",
               each.killed() ? "STOPPED" : "off"});
  }
  table.Print(out);
}

}  // namespace

void AddAccountCommands(CLI::App& app, Session& session) {
  auto* const account = app.add_subcommand("account", "what the broker knows of the account");
  account->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, auto method, auto show) {
    account->add_subcommand(name, help)->callback([&session, name, method, show] {
      session.action = [&session, name, method, show] {
        return Ask(session, std::string{"account "} + name, method, show);
      };
    });
  };
  add("profile", "the user, its exchanges and products", &Stub::GetProfile, &ShowProfile);
  add("funds", "funds and margin, rupees", &Stub::GetFunds, &ShowFunds);
  add("static-ip", "the registered addresses, and where the broker sees us", &Stub::GetStaticIp,
      &ShowIp);
  add("kill-switch", "the broker's own kill switch, by segment", &Stub::GetKillSwitch, &ShowSwitch);
}

}  // namespace sauda::cli
