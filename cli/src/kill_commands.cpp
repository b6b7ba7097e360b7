#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/orders/v1alpha1/kill.grpc.pb.h"

namespace sauda::cli {
namespace {

namespace pb = orders::v1alpha1;
using Stub = pb::KillService::Stub;

constexpr std::chrono::milliseconds kLookEvery{250};

/// The calls of the kill switch.
class Switch {
 public:
  Switch(const Session& session, const std::shared_ptr<grpc::Channel>& channel)
      : session_{session}, stub_{pb::KillService::NewStub(channel)} {}

  /// Pulls it, then shows how the cancelling goes until nothing is open, or for so long.
  int Pull(const std::string& reason, std::chrono::seconds patience) {
    pb::KillRequest request;
    request.set_reason(reason);
    const auto pulled = Ask(&Stub::Kill, request);
    if (!pulled) return session_.Fail("kill", pulled.error());
    // The audit may be away when it is needed most: the service's own log has the act as well.
    if (const auto noted = session_.Record("orders.kill", pulled->account_id()); !noted) {
      session_.io.err << "not in the audit: " << noted.error().message << '\n';
    }
    auto status = pulled;
    const auto until = std::chrono::steady_clock::now() + patience;
    while (status && !status->all_cancelled() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kLookEvery);
      status = Ask(&Stub::GetKillStatus, pb::GetKillStatusRequest{});
    }
    if (!status) return session_.Fail("kill: halted; its progress", status.error());
    return Show(*status);
  }

  int Status() {
    const auto status = Ask(&Stub::GetKillStatus, pb::GetKillStatusRequest{});
    return status ? Show(*status) : session_.Fail("kill status", status.error());
  }

  int KeepAlive() {
    const auto status = Ask(&Stub::KeepAlive, pb::KeepAliveRequest{});
    return status ? Show(*status) : session_.Fail("kill keep-alive", status.error());
  }

  int Rearm(const std::string& code) {
    if (code.empty()) return BeginRearm();
    const auto noted = session_.Record("orders.rearm", session_.account);
    if (!noted) return session_.Fail("kill rearm: the audit", noted.error());
    pb::RearmRequest request;
    request.set_code(code);
    const auto status = Ask(&Stub::Rearm, request);
    return status ? Show(*status) : session_.Fail("kill rearm", status.error());
  }

 private:
  int BeginRearm() {
    pb::BeginRearmRequest request;
    request.set_account_id(session_.account);
    pb::BeginRearmResponse begun;
    const auto asked = session_.Call(session_.timeout(), [&](grpc::ClientContext& context) {
      return stub_->BeginRearm(&context, request, &begun);
    });
    if (!asked) return session_.Fail("kill rearm", asked.error());
    if (session_.json) {
      session_.io.out << Dump(ToJson(begun), true) << '\n';
    } else {
      session_.io.out << "orders are still held back; to let them leave again, within "
                      << begun.good_for_ms() / 1'000 << " s:\n  saudactl kill rearm --code "
                      << begun.code() << '\n';
    }
    return kOk;
  }

  template <typename Method, typename Request>
  Result<pb::KillStatus> Ask(Method method, Request request) {
    request.set_account_id(session_.account);
    pb::KillStatus status;
    const auto asked = session_.Call(session_.timeout(), [&](grpc::ClientContext& context) {
      return (stub_.get()->*method)(&context, request, &status);
    });
    if (!asked) return asked.error();
    return status;
  }

  int Show(const pb::KillStatus& status) const {
    std::ostream& out = session_.io.out;
    if (session_.json) {
      out << Dump(ToJson(status), true) << '\n';
    } else {
      out << (status.halted() ? "HALTED" : "orders may leave") << " since "
          << IstTime(status.since_ms()) << " IST, by " << Printable(status.by());
      if (!status.reason().empty()) out << ": " << Printable(status.reason());
      out << '\n';
      if (status.halted() && status.all_cancelled()) out << "nothing is open\n";
      if (status.halted() && !status.all_cancelled()) {
        out << status.open_orders() << " open at the last look; cancelling goes on\n";
      }
      if (!status.detail().empty()) out << Printable(status.detail()) << '\n';
      if (status.has_dead_man_left_ms()) {
        out << "dead-man limit: " << status.dead_man_left_ms() / 1'000 << " s left\n";
      }
    }
    return status.halted() && !status.all_cancelled() ? kOutcomeUnknown : kOk;
  }

  const Session& session_;
  const std::unique_ptr<Stub> stub_;
};

/// Leaves in the session what to do once the command line is read.
template <typename Act>
void OnSwitch(CLI::App& command, Session& session, Act act) {
  command.callback([&session, act] {
    session.action = [&session, act] {
      const auto channel = session.Connect(session.addresses.orders);
      if (!channel) return session.Fail("kill", channel.error());
      Switch kill{session, *channel};
      return act(kill);
    };
  });
}

}  // namespace

void AddKillCommands(CLI::App& app, Session& session) {
  auto* const kill = app.add_subcommand(
      "kill", "stop every new order at once and cancel what is open; works with the stores away");
  kill->require_subcommand(0, 1);
  const auto reason = std::make_shared<std::string>();
  const auto seconds = std::make_shared<std::int64_t>(30);
  kill->add_option("--reason", *reason, "why, for the log and whoever rearms");
  kill->add_option("--wait", *seconds, "how long to wait until nothing is open, seconds")
      ->check(CLI::Range(0, 3'600))
      ->capture_default_str();
  auto* const status = kill->add_subcommand("status", "whether it is on, and what is open");
  OnSwitch(*status, session, [](Switch& it) { return it.Status(); });
  auto* const alive = kill->add_subcommand(
      "keep-alive", "a sign of life for the dead-man limit, which the first one winds up");
  OnSwitch(*alive, session, [](Switch& it) { return it.KeepAlive(); });
  const auto code = std::make_shared<std::string>();
  auto* const rearm = kill->add_subcommand(
      "rearm", "let orders leave again: once for a code, and again with --code");
  rearm->add_option("--code", *code, "as the first step gave it");
  OnSwitch(*rearm, session, [code](Switch& it) { return it.Rearm(*code); });
  // CLI11 runs a group's callback after that of its subcommand: then there is nothing to pull.
  kill->callback([&session, kill, reason, seconds] {
    if (!kill->get_subcommands().empty()) return;
    session.action = [&session, reason, seconds] {
      const auto channel = session.Connect(session.addresses.orders);
      if (!channel) return session.Fail("kill", channel.error());
      return Switch{session, *channel}.Pull(*reason, std::chrono::seconds{*seconds});
    };
  });
}

}  // namespace sauda::cli
