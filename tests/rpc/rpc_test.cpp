#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/calls.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/deadline.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "sauda/auth/v1alpha1/auth.grpc.pb.h"
#include "tests/support/case_name.hpp"

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
      if (request->account_id() == "on") {
        grpc::ClientContext next;
        Prepare(next, std::chrono::seconds{60}, id);
        const auto left = next.deadline() - std::chrono::system_clock::now();
        out->set_seconds_to_expiry(std::chrono::ceil<std::chrono::seconds>(left).count());
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
  Error Ask(const std::string& account, TokenStatus* out, const std::string& id = "req-1",
            std::chrono::seconds limit = std::chrono::seconds{10}) {
    grpc::ClientContext context;
    Prepare(context, limit, id);
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

TEST_F(RpcTest, WhatServesACallWaitsNoLongerThanItsCaller) {
  TokenStatus out;
  EXPECT_EQ(Ask("on", &out, "req-1", std::chrono::seconds{20}).reason, "");
  EXPECT_GT(out.seconds_to_expiry(), 0);
  EXPECT_LE(out.seconds_to_expiry(), 20);
  EXPECT_EQ(Ask("on", &out, "req-1", std::chrono::seconds{600}).reason, "");
  EXPECT_GT(out.seconds_to_expiry(), 20) << "the one before is forgotten";
  EXPECT_LE(out.seconds_to_expiry(), 60) << "its own limit";
}

TEST(CallerDeadlineTest, TheEarlierOneCountsAndOnlyWhileItLives) {
  const auto now = std::chrono::system_clock::now();
  const auto left = [&] { return DeadlineIn(std::chrono::hours{9}) - now; };
  EXPECT_GE(left(), std::chrono::hours{9});
  {
    const CallerDeadline outer{now + std::chrono::hours{2}};
    EXPECT_EQ(left(), std::chrono::hours{2});
    {
      const CallerDeadline longer{now + std::chrono::hours{3}};
      EXPECT_EQ(left(), std::chrono::hours{2});
      const CallerDeadline shorter{now + std::chrono::hours{1}};
      EXPECT_EQ(left(), std::chrono::hours{1});
    }
    EXPECT_EQ(left(), std::chrono::hours{2});
    const CallerDeadline none{CallerDeadline::Time::max()};
    EXPECT_EQ(left(), std::chrono::hours{2});
  }
  EXPECT_GE(left(), std::chrono::hours{9});
}

TEST_F(RpcTest, TakenPortIsAnError) {
  Server second;
  const auto started = second.Start({.listen = "127.0.0.1:" + std::to_string(server_.port())}, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().reason, "PORT_TAKEN");
}

/// Takes what is left in the queue.
class Drainer final : public QueueUser {
 public:
  void Serve(std::unique_ptr<grpc::ServerCompletionQueue> queue) override {
    queue_ = std::move(queue);
  }
  void Drain() override {
    queue_->Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
    }
    drained_ = true;
  }
  bool serves() const { return queue_ != nullptr; }
  bool drained() const { return drained_; }

 private:
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  bool drained_ = false;
};

TEST_F(RpcTest, AQueuesUserServesFromTheStartAndDrainsAtTheStop) {
  Drainer user;
  Server server;
  ASSERT_TRUE(server.Start({.listen = "127.0.0.1:0"}, {}, &user));
  EXPECT_TRUE(user.serves());
  server.Stop();
  EXPECT_TRUE(user.drained());
}

TEST_F(RpcTest, AQueuesUserGetsNoneOfAServerThatCannotStart) {
  Drainer user;
  Server second;
  EXPECT_FALSE(second.Start({.listen = "127.0.0.1:" + std::to_string(server_.port())}, {}, &user));
  EXPECT_FALSE(user.serves());
}

struct AddressCase {
  std::string name;
  std::string address;
  bool loopback;
};
class IsLoopbackTest : public testing::TestWithParam<AddressCase> {};
TEST_P(IsLoopbackTest, TellsThisMachineFromOthers) {
  EXPECT_EQ(IsLoopback(GetParam().address), GetParam().loopback);
}
INSTANTIATE_TEST_SUITE_P(
    Addresses, IsLoopbackTest,
    testing::Values(
        AddressCase{"Number", "127.0.0.1:7101", true},
        AddressCase{"NumberAlone", "127.0.0.1", true},
        AddressCase{"LastOfTheNet", "127.255.255.254:1", true},
        AddressCase{"NextNet", "128.0.0.1:1", false}, AddressCase{"Name", "localhost:7101", true},
        AddressCase{"NameAlone", "localhost", true},
        AddressCase{"NameThatBeginsLikeIt", "localhost.lan:7101", false},
        AddressCase{"NameThatGoesOn", "localhosts:7101", false},
        AddressCase{"NameThatBeginsLikeANumber", "127.example:7101", false},
        AddressCase{"NumberWithAName", "127.0.0.1.example:7101", false},
        AddressCase{"Six", "[::1]:7101", true}, AddressCase{"SixWithoutPort", "[::1]", true},
        AddressCase{"SixAlone", "::1", true}, AddressCase{"SixAny", "[::]:7101", false},
        AddressCase{"SixThatGoesOn", "[::1]x:7101", false}, AddressCase{"SixOpen", "[::1", false},
        AddressCase{"OtherSix", "[::1:2]:7101", false}, AddressCase{"Any", "0.0.0.0:7101", false},
        AddressCase{"Nothing", "", false}),
    CaseName{});

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
