#include "bench/orders_process.hpp"

#include <fstream>
#include <iostream>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "bench/load.hpp"
#include "libs/base/check.hpp"
#include "libs/rpc/channel.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "sauda/orders/v1alpha1/orders.grpc.pb.h"
#include "tests/support/stack.hpp"

namespace sauda::bench {
namespace {

/// An answer with the simulator's mark: the orders service takes no other for one.
http::Response Simulated(const std::string& json) {
  auto response = http::Response::Json(200, json);
  response.headers.Set("X-Sauda-Simulated", "1");
  return response;
}

}  // namespace

OrderPeer::OrderPeer() {
  std::ofstream{ca_file()} << certificates_.ca_pem;
  http::ServerOptions options;
  options.tls = http::ServerTls{.certificate_pem = certificates_.certificate_pem,
                                .key_pem = certificates_.key_pem};
  server_ = std::make_unique<http::Server>(std::move(options));
  server_->Route("POST", "/v3/order/place", [this](const http::Request&, const auto& respond) {
    std::int64_t order = 0;
    {
      const std::lock_guard lock{mutex_};
      reached_us_ = NowUs();
      order = ++orders_;
    }
    respond(Simulated(R"({"status":"success","data":{"order_ids":["2512150)" +
                      std::to_string(order) + R"("]}})"));
  });
  const auto empty = [](const http::Request&, const auto& respond) {
    respond(Simulated(R"({"status":"success","data":[]})"));
  };
  server_->Route("GET", "/v2/order/retrieve-all", empty);
  server_->Route("GET", "/v2/order/history", empty);
  server_->Route(
      "GET", "/v2/feed/portfolio-stream-feed/authorize",
      [this](const http::Request&, const auto& respond) {
        respond(Simulated(R"({"status":"success","data":{"authorized_redirect_uri":"wss://)" +
                          server_->url().substr(std::string_view{"https://"}.size()) +
                          R"(/stream"}})"));
      });
  server_->RouteWebSocket("/stream", [](const http::Request&, const auto& upgrade) {
    (void)upgrade->Accept({}, {}, {});
  });
  Check(server_->Start().has_value(), "no port for the order peer");
}

OrderPeer::~OrderPeer() { server_->Stop(std::chrono::milliseconds{100}); }

/// Hands out one token for ever.
class OrdersProcess::Auth final : public auth::v1alpha1::AuthService::Service {
 public:
  grpc::Status WatchToken(grpc::ServerContext* context, const auth::v1alpha1::WatchTokenRequest*,
                          grpc::ServerWriter<auth::v1alpha1::TokenEvent>* writer) override {
    auth::v1alpha1::TokenEvent event;
    event.mutable_token()->set_access_token("bench");
    event.mutable_token()->set_expires_ms(4'102'444'800'000);  // 2100
    (void)writer->Write(event);
    while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds{100});
    return grpc::Status::OK;
  }
};

/// Knows every name, as a share.
class OrdersProcess::Instruments final : public instruments::v1alpha1::InstrumentsService::Service {
 public:
  grpc::Status GetInstrument(grpc::ServerContext*,
                             const instruments::v1alpha1::GetInstrumentRequest* request,
                             instruments::v1alpha1::Instrument* out) override {
    out->set_instrument_id(1);
    out->set_instrument_key(request->name());
    out->set_trading_symbol("BENCH");
    out->set_kind(instruments::v1alpha1::INSTRUMENT_KIND_EQUITY);
    out->set_lot_size(1);
    out->set_tick_size("0.05");
    out->set_active(true);
    return grpc::Status::OK;
  }
};

OrdersProcess::OrdersProcess(OrderPeer& broker)
    : postgres_{folder_.path()},
      redis_{folder_.path()},
      auth_{std::make_unique<Auth>()},
      instruments_{std::make_unique<Instruments>()},
      address_{"127.0.0.1:" + std::to_string(test::FreePort())} {
  (void)postgres_.Sql("postgres", "CREATE DATABASE sauda");
  const rpc::ServerSettings any_port{.listen = "127.0.0.1:0"};
  Check(auth_server_.Start(any_port, {auth_.get()}).has_value(), "no port for auth");
  Check(instruments_server_.Start(any_port, {instruments_.get()}).has_value(), "no port");
  process_ = std::make_unique<test::Process>(test::Process::Command{
      .arguments = {test::Stack::Program("sauda-orders"), "--listen", address_, "--metrics-listen",
                    "127.0.0.1:" + std::to_string(test::FreePort())},
      .environment = {{"SAUDA_BROKER", "sim"},
                      {"SAUDA_ORDER_ROUTE", "live"},
                      {"SAUDA_SIM_URL", broker.url()},
                      {"SAUDA_BROKER_CA", broker.ca_file()},
                      {"SAUDA_AUTH_ADDRESS", "127.0.0.1:" + std::to_string(auth_server_.port())},
                      {"SAUDA_INSTRUMENTS_ADDRESS",
                       "127.0.0.1:" + std::to_string(instruments_server_.port())},
                      {"SAUDA_POSTGRES_URL", postgres_.Url("sauda")},
                      {"SAUDA_REDIS_URL", redis_.Url()},
                      {"SAUDA_ORDERS_BUDGET_PER_SECOND", "100000"},
                      {"SAUDA_ORDERS_BUDGET_PER_MINUTE", "1000000"},
                      {"SAUDA_ORDERS_BUDGET_PER_HALF_HOUR", "10000000"},
                      {"SAUDA_ORDERS_STATE_DIR", folder_.path() + "/orders"},
                      {"SAUDA_LOG_LEVEL", "warning"}},
      .output_file = folder_.path() + "/orders.log"});
  WaitUntilAccepting();
}

OrdersProcess::~OrdersProcess() {
  process_.reset();
  auth_server_.Stop();
  instruments_server_.Stop();
}

void OrdersProcess::WaitUntilAccepting() const {
  const auto stub = orders::v1alpha1::OrdersService::NewStub(*rpc::Connect(address_, {}));
  const bool accepting = test::WaitUntil([&] {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{2}, "bench");
    orders::v1alpha1::OrdersStatus status;
    return stub->GetStatus(&context, {}, &status).ok() && status.accepting();
  });
  if (!accepting) std::cerr << test::ReadText(folder_.path() + "/orders.log");
  Check(accepting, "sauda-orders does not take orders");
}

}  // namespace sauda::bench
