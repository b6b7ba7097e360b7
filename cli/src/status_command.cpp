#include <functional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "cli/src/print.hpp"
#include "cli/src/session.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"

namespace sauda::cli {
namespace {

/// How the four services stand, and the worst exit code among them.
class Overview {
 public:
  explicit Overview(const Session& session) : session_{session} {}

  int Show() {
    AddAuth();
    AddInstruments();
    AddFeed();
    AddOrders();
    if (session_.json) {
      session_.io.out << Dump(all_, true) << '\n';
    } else {
      if (simulated_) session_.io.out << "SIMULATED: the broker or the orders are not real\n";
      table_.Print(session_.io.out);
    }
    return worst_;
  }

 private:
  template <typename Service, typename Request, typename Reply>
  bool Ask(const char* name, const std::string& address, Request request, Reply& reply) {
    const auto channel = session_.Connect(address);
    auto asked = channel ? session_.Call(session_.timeout(),
                                         [&](grpc::ClientContext& context) {
                                           return Service::NewStub(*channel)->GetStatus(
                                               &context, request, &reply);
                                         })
                         : Result<void>{channel.error()};
    if (asked) {
      all_[name] = ToJson(reply);
      return true;
    }
    const Error& error = asked.error();
    all_[name] = {{"error", {{"reason", error.reason}, {"message", error.message}}}};
    Worsen(ExitCodeOf(error));
    table_.Add({name, "DOWN", Printable(error.reason + ": " + error.message + " at " + address)});
    return false;
  }

  /// A service that is away weighs more than a login that is missing.
  void Worsen(int code) {
    if (worst_ == kOk || code == kUnavailable) worst_ = code;
  }

  void AddAuth() {
    auth::v1alpha1::GetStatusRequest request;
    request.set_account_id(session_.account);
    auth::v1alpha1::TokenStatus status;
    all_["logged_in"] = false;
    if (!Ask<auth::v1alpha1::AuthService>("auth", session_.addresses.auth, request, status)) return;
    const bool any_token = status.state() == auth::v1alpha1::LOGIN_STATE_LOGGED_IN;
    // The others read the market, and are no login.
    const bool logged_in = any_token && status.kind() == auth::v1alpha1::TOKEN_KIND_ACCESS;
    all_["logged_in"] = logged_in;
    simulated_ = simulated_ || status.simulated();
    if (!logged_in) Worsen(kNotLoggedIn);
    const std::string detail = Printable(status.broker_user_id()) + ", for " +
                               Span(status.seconds_to_expiry()) + " more, until " +
                               IstTime(status.expires_ms()) + " IST";
    if (logged_in) {
      table_.Add({"auth", "logged in", detail});
    } else if (any_token) {
      table_.Add({"auth", "MARKET DATA ONLY", detail + "; log in with `saudactl login`"});
    } else {
      table_.Add({"auth", "LOGGED OUT", "log in with `saudactl login`"});
    }
  }

  void AddInstruments() {
    instruments::v1alpha1::InstrumentsStatus status;
    if (!Ask<instruments::v1alpha1::InstrumentsService>(
            "instruments", session_.addresses.instruments,
            instruments::v1alpha1::GetStatusRequest{}, status)) {
      return;
    }
    std::string detail = std::to_string(status.active()) + " active of " +
                         std::to_string(status.total()) + ", last sync " +
                         IstTime(status.last_sync().started_ms());
    if (!status.last_failure().empty()) detail += "; LAST ATTEMPT FAILED: " + status.last_failure();
    const char* const state = status.sync_running() ? "syncing"
                              : status.active() > 0 ? "ready"
                                                    : "EMPTY";
    table_.Add({"instruments", state, Printable(detail)});
  }

  void AddFeed() {
    feed::v1alpha1::GetStatusRequest request;
    request.set_account_id(session_.account);
    feed::v1alpha1::FeedStatus status;
    if (!Ask<feed::v1alpha1::FeedService>("feed", session_.addresses.feed, request, status)) return;
    simulated_ = simulated_ || status.simulated();
    std::string state = feed::v1alpha1::ConnectionState_Name(status.connection());
    state = state.substr(state.find("STATE_") + 6);
    std::string detail = std::to_string(status.subscribed_count()) + " of " +
                         std::to_string(status.total_symbols()) + " keys, " +
                         std::to_string(status.ticks()) + " ticks, " +
                         std::to_string(status.store_written()) + " stored";
    if (!status.connection_detail().empty()) detail += "; " + status.connection_detail();
    table_.Add({"feed", state, Printable(detail)});
  }

  void AddOrders() {
    orders::v1alpha1::OrdersStatus status;
    if (!Ask<orders::v1alpha1::OrdersService>("orders", session_.addresses.orders,
                                              orders::v1alpha1::GetStatusRequest{}, status)) {
      return;
    }
    simulated_ = simulated_ || status.simulated();
    std::string detail = status.route() == orders::v1alpha1::ORDER_ROUTE_LIVE ? "LIVE" : "paper";
    detail += ", " + std::to_string(status.open_orders()) + " open, " +
              std::to_string(status.unknown_orders()) + " of unknown fate";
    if (!status.detail().empty()) detail += "; " + status.detail();
    table_.Add({"orders", status.accepting() ? "accepting" : "NOT ACCEPTING", Printable(detail)});
  }

  const Session& session_;
  nlohmann::json all_ = nlohmann::json::object();
  Table table_{{"service", "state", ""}};
  int worst_ = kOk;
  bool simulated_ = false;
};

}  // namespace

void AddStatusCommand(CLI::App& app, Session& session) {
  app.add_subcommand("status", "how the services stand; 3 when one is away, 4 without a login")
      ->callback([&session] { session.action = [&session] { return Overview{session}.Show(); }; });
}

}  // namespace sauda::cli
