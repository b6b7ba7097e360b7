#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <grpcpp/client_context.h>

#include "libs/base/result.hpp"
#include "libs/rpc/actor.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/status.hpp"
#include "libs/telemetry/dependencies.hpp"
#include "sauda/auth/v1alpha1/account.grpc.pb.h"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "sauda/auth/v1alpha1/keys.grpc.pb.h"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "sauda/instruments/v1alpha1/calendar.grpc.pb.h"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "sauda/orders/v1alpha1/kill.grpc.pb.h"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"
#include "sauda/orders/v1alpha1/portfolio.grpc.pb.h"

namespace sauda::gateway {

/// The services behind the gateway. Thread-safe; lives as long as the routes.
struct Peers {
  std::unique_ptr<auth::v1alpha1::AuthService::Stub> auth;
  std::unique_ptr<auth::v1alpha1::AccountService::Stub> account;  ///< of auth too
  std::unique_ptr<auth::v1alpha1::KeysService::Stub> keys;
  std::unique_ptr<instruments::v1alpha1::InstrumentsService::Stub> instruments;
  std::unique_ptr<instruments::v1alpha1::CalendarService::Stub> calendar;  ///< of instruments too
  std::unique_ptr<feed::v1alpha1::FeedService::Stub> feed;
  std::unique_ptr<orders::v1alpha1::OrdersService::Stub> orders;
  std::unique_ptr<orders::v1alpha1::KillService::Stub> kill;            ///< of orders too
  std::unique_ptr<orders::v1alpha1::PortfolioService::Stub> portfolio;  ///< of orders too
  std::chrono::milliseconds call_limit{5'000};
  std::chrono::milliseconds sync_limit{600'000};
};

/// What a service is called when it does not answer.
inline const char* NameOf(const auth::v1alpha1::AuthService::Stub&) { return "auth"; }
inline const char* NameOf(const auth::v1alpha1::AccountService::Stub&) { return "auth"; }
inline const char* NameOf(const auth::v1alpha1::KeysService::Stub&) { return "auth"; }
inline const char* NameOf(const instruments::v1alpha1::InstrumentsService::Stub&) {
  return "instruments";
}
inline const char* NameOf(const instruments::v1alpha1::CalendarService::Stub&) {
  return "instruments";
}
inline const char* NameOf(const feed::v1alpha1::FeedService::Stub&) { return "feed"; }
inline const char* NameOf(const orders::v1alpha1::OrdersService::Stub&) { return "orders"; }
inline const char* NameOf(const orders::v1alpha1::KillService::Stub&) { return "orders"; }
inline const char* NameOf(const orders::v1alpha1::PortfolioService::Stub&) { return "orders"; }

/// Whether an error says only that the service is away, which is a state of its own.
inline bool IsAway(const Error& error) {
  return error.code == Code::kUnavailable || error.code == Code::kDeadlineExceeded;
}

/// One unary call: the answer, or the service's own error. One that does not answer is named.
/// `actor` is on whose behalf it is made, where the service wants to know: the id of a key.
///   Call<TokenStatus>(*peers.auth, &AuthService::Stub::GetStatus, request, limit, request_id)
template <typename Response, typename Stub, typename Method, typename Request>
Result<Response> Call(Stub& stub, Method method, const Request& request,
                      std::chrono::milliseconds limit, const std::string& request_id,
                      const std::string& actor = "") {
  grpc::ClientContext context;
  rpc::Prepare(context, limit, request_id);
  rpc::SetActor(context, actor);
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (status.ok()) return response;
  Error error = rpc::FromStatus(status);
  if (error.reason == "SERVICE_DOWN" || error.reason == "DEADLINE_EXCEEDED") {
    error.message = std::string{"sauda-"} + NameOf(stub) + " does not answer";
  }
  return error;
}

}  // namespace sauda::gateway
