// What every service owes its operator: help, version, health, reflection, metrics.

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/channel.hpp"
#include "tests/support/stack.hpp"

namespace sauda::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class ProgramTest : public testing::TestWithParam<const char*> {};

TEST_P(ProgramTest, SaysItsHelpAndVersionAndRefusesWhatItDoesNotKnow) {
  const std::string program = Stack::Program(GetParam());
  const auto help = RunCommand({.arguments = {program, "--help"}});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.output, HasSubstr(GetParam()));
  EXPECT_THAT(help.output, HasSubstr("--version"));
  const auto version = RunCommand({.arguments = {program, "--version"}});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.output, HasSubstr(std::string{GetParam()} + " 0."));
  std::vector<std::string> arguments{program, "--no-such-setting=1"};
  if (std::string{GetParam()} == "saudactl") arguments.insert(arguments.begin() + 1, "status");
  const auto unknown = RunCommand({.arguments = arguments});
  EXPECT_NE(unknown.exit_code, 0);
  EXPECT_THAT(unknown.output, HasSubstr("--no-such-setting"));
}

INSTANTIATE_TEST_SUITE_P(All, ProgramTest,
                         testing::Values("sauda-auth", "sauda-instruments", "sauda-feed",
                                         "sauda-orders", "sauda-gateway", "sauda-sim", "saudactl"),
                         [](const auto& each) {
                           std::string name = each.param;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

/// Sends one message to a method of any shape and reads one back, as bytes, without its proto; when
/// the call fails, why, which is no answer that a test expects.
std::string CallRaw(const std::string& address, const std::string& method,
                    const std::string& request) {
  grpc::GenericStub stub{*rpc::Connect(address, {})};
  grpc::ClientContext context;
  rpc::Prepare(context, 10s, "process-test");
  grpc::CompletionQueue queue;
  const auto step = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const grpc::Slice slice{request};
  grpc::ByteBuffer answer;
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  (void)step();
  call->WriteLast(grpc::ByteBuffer{&slice, 1}, grpc::WriteOptions{}, nullptr);
  (void)step();
  call->Read(&answer, nullptr);
  (void)step();
  grpc::Status status;
  call->Finish(&status, nullptr);
  (void)step();
  if (!status.ok()) return method + " failed: " + status.error_message();
  std::vector<grpc::Slice> slices;
  (void)answer.Dump(&slices);
  std::string text;
  for (const auto& part : slices) text.append(part.begin(), part.end());
  return text;
}

TEST(ServicesTest, AreHealthyShowThemselvesAndCountWell) {
  Stack stack{{}};
  stack.StartAll();
  for (const char* name : {"auth", "instruments", "feed", "orders"}) {
    // HealthCheckResponse{status: SERVING} is 08 01.
    EXPECT_TRUE(WaitUntil([&] {
      return CallRaw(stack.Address(name), "/grpc.health.v1.Health/Check", "") == "\x08\x01";
    })) << name
        << stack.Log(name);
  }
  const std::string list_services{"\x3a\x00", 2};  // ServerReflectionRequest{list_services: ""}
  for (const char* name : {"auth", "instruments", "feed", "orders"}) {
    EXPECT_THAT(
        CallRaw(stack.Address(name),
                "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", list_services),
        HasSubstr(std::string{"sauda."} + name + ".v1alpha1."));
  }
  for (const char* name : {"auth", "instruments", "feed", "orders", "gateway", "sim"}) {
    const auto page =
        RunCommand({.arguments = {"curl", "-sS", "--max-time", "10",
                                  "http://" + stack.MetricsAddress(name) + "/metrics"}});
    ASSERT_EQ(page.exit_code, 0) << name << " " << page.output;
    EXPECT_THAT(page.output, HasSubstr(std::string{"sauda_"} + name + "_build_info{"));
    const auto checked = RunCommand({.arguments = {"sh", "-c",
                                                   "curl -s http://" + stack.MetricsAddress(name) +
                                                       "/metrics | promtool check metrics"}});
    EXPECT_EQ(checked.exit_code, 0) << name << "\n" << checked.output;
  }
}

}  // namespace
}  // namespace sauda::test
