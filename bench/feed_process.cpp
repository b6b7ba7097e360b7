#include "bench/feed_process.hpp"

#include <iostream>
#include <thread>

#include <grpcpp/grpcpp.h>

#include "libs/base/check.hpp"
#include "libs/rpc/channel.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "sauda/feed/v1alpha1/feed.grpc.pb.h"
#include "sauda/instruments/v1alpha1/instruments.grpc.pb.h"
#include "tests/support/stack.hpp"

namespace sauda::bench {

using auth::v1alpha1::AuthService;
using instruments::v1alpha1::BatchGetInstrumentsRequest;
using instruments::v1alpha1::BatchGetInstrumentsResponse;
using instruments::v1alpha1::InstrumentsService;

/// Hands out one token for ever.
class FeedProcess::Auth final : public AuthService::Service {
 public:
  grpc::Status GetToken(grpc::ServerContext*, const auth::v1alpha1::GetTokenRequest*,
                        auth::v1alpha1::Token* out) override {
    *out = TheToken();
    return grpc::Status::OK;
  }
  grpc::Status WatchToken(grpc::ServerContext* context, const auth::v1alpha1::WatchTokenRequest*,
                          grpc::ServerWriter<auth::v1alpha1::TokenEvent>* writer) override {
    auth::v1alpha1::TokenEvent event;
    *event.mutable_token() = TheToken();
    (void)writer->Write(event);
    while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds{100});
    return grpc::Status::OK;
  }

 private:
  static auth::v1alpha1::Token TheToken() {
    auth::v1alpha1::Token token;
    token.set_account_id("main");
    token.set_access_token("bench");
    token.set_kind(auth::v1alpha1::TOKEN_KIND_ACCESS);
    token.set_expires_ms(4'102'444'800'000);  // 2100
    token.set_version(1);
    token.set_simulated(true);
    return token;
  }
};

/// Knows every key that it is asked for, as an option.
class FeedProcess::Instruments final : public InstrumentsService::Service {
 public:
  grpc::Status BatchGetInstruments(grpc::ServerContext*, const BatchGetInstrumentsRequest* request,
                                   BatchGetInstrumentsResponse* response) override {
    for (const auto& name : request->names()) {
      auto& found = *response->add_instruments();
      found.set_name(name);
      found.mutable_instrument()->set_instrument_id(response->instruments_size());
      found.mutable_instrument()->set_instrument_key(name);
      found.mutable_instrument()->set_segment("NSE_FO");
      found.mutable_instrument()->set_kind(instruments::v1alpha1::INSTRUMENT_KIND_OPTION);
      found.mutable_instrument()->set_trading_symbol(name);
      found.mutable_instrument()->set_active(true);
    }
    return grpc::Status::OK;
  }
};

FeedProcess::FeedProcess(BrokerPeer& broker, const std::vector<std::string>& more)
    : broker_{broker},
      postgres_{folder_.path()},
      auth_{std::make_unique<Auth>()},
      instruments_{std::make_unique<Instruments>()},
      address_{"127.0.0.1:" + std::to_string(test::FreePort())} {
  (void)postgres_.Sql("postgres", "CREATE DATABASE sauda");
  (void)postgres_.Sql("sauda",
                      "CREATE ROLE sauda_feed LOGIN; CREATE SCHEMA feed AUTHORIZATION sauda_feed");
  const rpc::ServerSettings any_port{.listen = "127.0.0.1:0"};
  Check(auth_server_.Start(any_port, {auth_.get()}).has_value(), "no port for auth");
  Check(instruments_server_.Start(any_port, {instruments_.get()}).has_value(), "no port");
  std::vector<std::string> arguments{test::Stack::Program("sauda-feed"),
                                     "--listen",
                                     address_,
                                     "--metrics-listen",
                                     "127.0.0.1:" + std::to_string(test::FreePort()),
                                     "--batch-pause",
                                     "1",
                                     "--journal-dir",
                                     folder_.path() + "/journal"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  process_ = std::make_unique<test::Process>(test::Process::Command{
      .arguments = std::move(arguments),
      .environment = {{"SAUDA_BROKER", "sim"},
                      {"SAUDA_SIM_URL", broker.url()},
                      {"SAUDA_BROKER_CA", broker.ca_file()},
                      {"SAUDA_AUTH_ADDRESS", "127.0.0.1:" + std::to_string(auth_server_.port())},
                      {"SAUDA_INSTRUMENTS_ADDRESS",
                       "127.0.0.1:" + std::to_string(instruments_server_.port())},
                      {"SAUDA_POSTGRES_URL", "postgresql://sauda_feed@127.0.0.1:" +
                                                 std::to_string(postgres_.port()) + "/sauda"},
                      {"SAUDA_LOG_LEVEL", "warning"}},
      .output_file = folder_.path() + "/feed.log"});
  SubscribeAll();
}

FeedProcess::~FeedProcess() {
  process_.reset();
  auth_server_.Stop();
  instruments_server_.Stop();
}

void FeedProcess::SubscribeAll() {
  const auto stub = feed::v1alpha1::FeedService::NewStub(*rpc::Connect(address_, {}));
  feed::v1alpha1::SubscribeRequest request;
  for (const auto& key : broker_.keys()) request.add_names(key);
  request.set_mode(feed::v1alpha1::MODE_FULL);
  const bool subscribed = test::WaitUntil([&] {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{5}, "bench");
    feed::v1alpha1::SubscribeResponse response;
    return stub->Subscribe(&context, request, &response).ok();
  });
  const bool asked =
      test::WaitUntil([this] { return broker_.subscribed(); }, std::chrono::seconds{90});
  if (!subscribed || !asked) std::cerr << test::ReadText(folder_.path() + "/feed.log");
  Check(subscribed && asked, "the feed did not subscribe");
}

double FeedProcess::ResidentMib() const {
  const std::string status = test::ReadText("/proc/" + std::to_string(process_->pid()) + "/status");
  const auto at = status.find("VmRSS:");
  return at == std::string::npos ? 0 : std::stod(status.substr(at + 6)) / 1'024;
}

}  // namespace sauda::bench
