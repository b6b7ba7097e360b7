// How soon a new token reaches who follows the account: from the call that submits it, the broker's
// proof of it and the sealing in Redis included, to the subscriber's hands.

#include <chrono>
#include <string>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <nlohmann/json.hpp>

#include "bench/bench.hpp"
#include "libs/base/check.hpp"
#include "libs/rpc/channel.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "tests/support/stack.hpp"

namespace sauda::bench {
namespace {

namespace pb = auth::v1alpha1;
using Timer = std::chrono::steady_clock;

constexpr int kWarmUp = 20;
constexpr int kTokens = 200;

/// A WatchToken stream, read by the one who submits.
class Watcher {
 public:
  explicit Watcher(pb::AuthService::Stub& stub) {
    pb::WatchTokenRequest request;
    request.set_use(pb::TOKEN_USE_ORDERS);
    reader_ = stub.WatchToken(&context_, request);
  }
  ~Watcher() {
    context_.TryCancel();
    pb::TokenEvent event;
    while (reader_->Read(&event)) {
    }
    (void)reader_->Finish();
  }
  /// Reads until this token is there.
  void Await(const std::string& token) {
    pb::TokenEvent event;
    do {
      Check(reader_->Read(&event), "the token stream broke off");
    } while (!event.has_token() || event.token().access_token() != token);
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<pb::TokenEvent>> reader_;
};

std::vector<Row> TokenToWatcher() {
  test::Stack stack{{.simulator = {"--api-per-second", "0", "--api-per-minute", "0",
                                   "--api-per-half-hour", "0"}}};
  stack.Start("sim");
  stack.Start("auth");
  const auto stub = pb::AuthService::NewStub(*rpc::Connect(stack.Address("auth"), {}));
  const auto issue = [&] {
    const auto answer = stack.Admin("POST", "/tokens", R"({"kind": "access"})");
    Check(answer.status == 200, "the simulator issued no token");
    return nlohmann::json::parse(answer.body)["data"]["access_token"].get<std::string>();
  };
  const auto submit = [&](const std::string& token) {
    grpc::ClientContext context;
    rpc::Prepare(context, std::chrono::seconds{20}, "bench");
    context.set_wait_for_ready(true);
    pb::SubmitTokenRequest request;
    request.set_access_token(token);
    pb::TokenStatus status;
    return stub->SubmitToken(&context, request, &status).ok();
  };
  const std::string first = issue();
  Check(test::WaitUntil([&] { return submit(first); }), "auth took no token");
  Watcher watcher{*stub};
  watcher.Await(first);
  std::vector<double> took_ms;
  for (int i = 0; i < kWarmUp + kTokens; ++i) {
    const std::string token = issue();
    const auto began = Timer::now();
    Check(submit(token), "auth took no token");
    watcher.Await(token);
    const std::chrono::duration<double, std::milli> took = Timer::now() - began;
    if (i >= kWarmUp) took_ms.push_back(took.count());
  }
  return {{.name = "auth.token_to_watcher",
           .value = Percentile(took_ms, 0.99),
           .unit = "ms",
           .budget = 100,
           .larger_is_better = false}};
}

}  // namespace

std::vector<Benchmark> AuthBenchmarks() { return {{"auth.token_to_watcher", TokenToWatcher}}; }

}  // namespace sauda::bench
