#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/calls.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"

namespace sauda::rpc {
namespace {

using auth::v1alpha1::AuthService;
using auth::v1alpha1::GetStatusRequest;
using auth::v1alpha1::TokenStatus;
using testing::HasSubstr;

/// Answers GetStatus with what the account id asks for.
class Sample final : public AuthService::Service {
 public:
  grpc::Status GetStatus(grpc::ServerContext* context, const GetStatusRequest* request,
                         TokenStatus* out) override {
    return calls_.Run(*context, "GetStatus", [&](const std::string& id) -> Result<void> {
      if (request->account_id() == "missing") {
        return Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "no account missing"};
      }
      if (request->account_id() == "bug") {
        return Error{Code::kInternal, "DATABASE_ERROR", "password=hunter2"};
      }
      out->set_account_id(id);
      return {};
    });
  }

 private:
  prometheus::Registry registry_;
  Calls calls_{registry_, "auth"};
};

class RpcTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&service_}));
    stub_ = AuthService::NewStub(*Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
  }
  Error Ask(const std::string& account, TokenStatus* out, const std::string& id = "req-1") {
    grpc::ClientContext context;
    Prepare(context, std::chrono::seconds{10}, id);
    GetStatusRequest request;
    request.set_account_id(account);
    const auto status = stub_->GetStatus(&context, request, out);
    return status.ok() ? Error{} : FromStatus(status);
  }
  Sample service_;
  Server server_;
  std::unique_ptr<AuthService::Stub> stub_;
};

TEST_F(RpcTest, CarriesTheRequestIdAndMakesOneWhereNoneIsFit) {
  TokenStatus out;
  EXPECT_EQ(Ask("main", &out).reason, "");
  EXPECT_EQ(out.account_id(), "req-1");
  EXPECT_EQ(Ask("main", &out, "a forged line").reason, "");
  EXPECT_EQ(out.account_id().size(), 16U);
}

TEST_F(RpcTest, ErrorsCrossWithCodeReasonAndText) {
  TokenStatus out;
  const Error error = Ask("missing", &out);
  EXPECT_EQ(error, (Error{Code::kNotFound, "ACCOUNT_UNKNOWN", "no account missing"}));
}

TEST_F(RpcTest, TextOfInternalErrorsStaysInside) {
  TokenStatus out;
  const Error error = Ask("bug", &out);
  EXPECT_EQ(error.reason, "DATABASE_ERROR");
  EXPECT_THAT(error.message, Not(HasSubstr("hunter2")));
}

TEST_F(RpcTest, TakenPortIsAnError) {
  Server second;
  const auto started = second.Start({.listen = "127.0.0.1:" + std::to_string(server_.port())}, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "PORT_TAKEN");
}

TEST(ServerTest, BeyondLoopbackNeedsCertificates) {
  Server server;
  const auto started = server.Start({.listen = "0.0.0.0:0"}, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "BIND_NEEDS_TLS");
}

TEST(ServerTest, MissingCertificateIsNamed) {
  Server server;
  ServerSettings settings{.listen = "127.0.0.1:0"};
  settings.tls = {.certificate_file = "/nowhere/cert.pem", .key_file = "k", .ca_file = "c"};
  const auto started = server.Start(settings, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "TLS_FILES_UNREADABLE");
  EXPECT_THAT(started.error().message, HasSubstr("/nowhere/cert.pem"));
}

TEST(ChannelTest, NobodyThereIsServiceDown) {
  const auto stub = AuthService::NewStub(*Connect("127.0.0.1:1", {}));
  grpc::ClientContext context;
  Prepare(context, std::chrono::seconds{10}, "req-1");
  TokenStatus out;
  const Error error = FromStatus(stub->GetStatus(&context, {}, &out));
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_EQ(error.reason, "SERVICE_DOWN");
}

}  // namespace
}  // namespace sauda::rpc
