#include <functional>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "libs/rpc/actor.hpp"
#include "libs/rpc/channel.hpp"
#include "libs/rpc/server.hpp"
#include "libs/rpc/status.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/keys_server.hpp"
#include "tests/support/manual_clock.hpp"

namespace sauda::auth {
namespace {

using namespace std::chrono_literals;
using Stub = v1alpha1::KeysService::Stub;

class KeysServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start({.listen = "127.0.0.1:0"}, {&keys_.service}));
    stub_ = v1alpha1::KeysService::NewStub(
        *rpc::Connect("127.0.0.1:" + std::to_string(server_.port()), {}));
  }
  void TearDown() override {
    keys_.service.Shutdown();
    server_.Stop();
  }

  template <typename Request, typename Response>
  Result<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, const std::string& actor = "") {
    grpc::ClientContext context;
    rpc::Prepare(context, 10s, "keys-test");
    rpc::SetActor(context, actor);
    Response response;
    const auto status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromStatus(status);
    return response;
  }
  v1alpha1::CreateKeyResponse Create(const std::string& name, const std::string& actor = "") {
    v1alpha1::CreateKeyRequest request;
    request.set_name(name);
    request.add_scopes(v1alpha1::SCOPE_TRADE);
    request.add_accounts("main");
    const auto created = Call(&Stub::CreateKey, request, actor);
    EXPECT_TRUE(created) << created.error().message;
    return *created;
  }
  Result<v1alpha1::Key> Revoke(const std::string& id) {
    v1alpha1::RevokeKeyRequest request;
    request.set_key_id(id);
    return Call(&Stub::RevokeKey, request);
  }

  ManualClock clock_;
  KeysServer keys_{clock_};
  rpc::Server server_;
  std::unique_ptr<Stub> stub_;
};

/// A WatchKeys call and what it brought.
class Watch {
 public:
  explicit Watch(Stub& stub) : reader_{stub.WatchKeys(&context_, {})} {}
  ~Watch() {
    context_.TryCancel();
    (void)End();
  }
  v1alpha1::KeysEvent Next() {
    v1alpha1::KeysEvent event;
    EXPECT_TRUE(reader_->Read(&event));
    return event;
  }
  std::string End() {
    if (finished_) return "";
    finished_ = true;
    v1alpha1::KeysEvent event;
    while (reader_->Read(&event)) {
    }
    const auto status = reader_->Finish();
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1alpha1::KeysEvent>> reader_;
  bool finished_ = false;
};

TEST_F(KeysServiceTest, MakesListsAndRevokesKeys) {
  const auto created = Create("strategy", "0123456789abcdef");
  EXPECT_EQ(created.text().rfind("sauda_" + created.key().key_id() + "_", 0), 0U);
  EXPECT_EQ(created.key().created_by(), "0123456789abcdef");
  EXPECT_EQ(created.key().scopes_size(), 1);
  EXPECT_EQ(created.key().scopes(0), v1alpha1::SCOPE_TRADE);
  EXPECT_EQ(created.key().accounts(0), "main");
  const auto revoked = Revoke(created.key().key_id());
  ASSERT_TRUE(revoked);
  EXPECT_EQ(revoked->revoked_ms(), clock_.UtcNs() / 1'000'000);
  const auto listed = Call(&Stub::ListKeys, v1alpha1::ListKeysRequest{});
  ASSERT_EQ(listed->keys_size(), 1);
  EXPECT_EQ(listed->keys(0).SerializeAsString(), revoked->SerializeAsString());
  EXPECT_EQ(listed->SerializeAsString().find(created.text().substr(30)), std::string::npos);
}

TEST_F(KeysServiceTest, PushesTheWholeSetAndThenEachChange) {
  const auto first = Create("first");
  Watch watch{*stub_};
  const auto whole = watch.Next();
  EXPECT_TRUE(whole.whole());
  ASSERT_EQ(whole.keys_size(), 1);
  EXPECT_EQ(keys::FromBytes(whole.keys(0).sha256()), keys::HashOf(Secret{first.text()}));
  const auto second = Create("second");
  const auto made = watch.Next();
  EXPECT_FALSE(made.whole());
  ASSERT_EQ(made.keys_size(), 1);
  EXPECT_EQ(made.keys(0).key_id(), second.key().key_id());
  ASSERT_TRUE(Revoke(first.key().key_id()));
  const auto revoked = watch.Next();
  ASSERT_EQ(revoked.keys_size(), 1);
  EXPECT_EQ(revoked.keys(0).key_id(), first.key().key_id());
  EXPECT_NE(revoked.keys(0).revoked_ms(), 0);
}

TEST_F(KeysServiceTest, TellsNothingUntilItKnowsTheKeys) {
  Watch watch{*stub_};
  ASSERT_TRUE(Eventually([&] { return keys_.board.watchers() == 1; }));
  ASSERT_TRUE(keys_.desk.Refresh());
  const auto whole = watch.Next();
  EXPECT_TRUE(whole.whole());
  EXPECT_EQ(whole.keys_size(), 0);
}

TEST_F(KeysServiceTest, EndsStreamsWhenItStopsAndOpensNoOther) {
  Watch watch{*stub_};
  ASSERT_TRUE(Eventually([&] { return keys_.board.watchers() == 1; }));
  keys_.service.Shutdown();
  EXPECT_EQ(watch.End(), "SHUTTING_DOWN");
  Watch late{*stub_};
  EXPECT_EQ(late.End(), "SHUTTING_DOWN");
  EXPECT_TRUE(Eventually([&] { return keys_.board.watchers() == 0; }));
}

TEST_F(KeysServiceTest, WithoutTheDatabaseChangesNothingAndGoesOnTelling) {
  Create("kept");
  keys_.audit.SetDown(true);
  v1alpha1::CreateKeyRequest request;
  request.set_name("new");
  request.add_scopes(v1alpha1::SCOPE_READ);
  const auto refused = Call(&Stub::CreateKey, request);
  EXPECT_EQ(refused.error().code, Code::kUnavailable);
  EXPECT_EQ(refused.error().reason, "DATABASE_DOWN");
  EXPECT_EQ(Call(&Stub::ListKeys, v1alpha1::ListKeysRequest{}).error().reason, "DATABASE_DOWN");
  EXPECT_EQ(Revoke("0123456789abcdef").error().reason, "DATABASE_DOWN");
  Watch watch{*stub_};
  EXPECT_EQ(watch.Next().keys_size(), 1);
}

TEST_F(KeysServiceTest, TakesUses) {
  const auto key = Create("used").key();
  v1alpha1::ReportUseRequest request;
  auto& use = *request.add_uses();
  use.set_key_id(key.key_id());
  use.set_used_ms(clock_.UtcNs() / 1'000'000 - 7);
  ASSERT_TRUE(Call(&Stub::ReportUse, request));
  EXPECT_EQ(Call(&Stub::ListKeys, v1alpha1::ListKeysRequest{})->keys(0).last_used_ms(),
            use.used_ms());
  for (int i = 0; i < 1'000; ++i) (void)request.add_uses();
  EXPECT_EQ(Call(&Stub::ReportUse, request).error().reason, "TOO_MANY_USES");
}

TEST_F(KeysServiceTest, RecordsActsOfOthersAndShowsThemWithTheirPlace) {
  Create("first");
  v1alpha1::RecordRequest record;
  record.set_action("instruments.sync");
  record.set_subject("complete");
  record.set_detail(R"({"file":"x"})");
  const auto recorded = Call(&Stub::Record, record, "0123456789abcdef");
  ASSERT_TRUE(recorded) << recorded.error().message;
  EXPECT_EQ(recorded->seq(), 2);
  v1alpha1::ListAuditRequest list;
  list.set_page_size(1);
  const auto newest = Call(&Stub::ListAudit, list);
  ASSERT_EQ(newest->rows_size(), 1);
  EXPECT_EQ(newest->rows(0).action(), "instruments.sync");
  EXPECT_EQ(newest->rows(0).actor(), "0123456789abcdef");
  EXPECT_EQ(newest->rows(0).detail(), record.detail());
  list.set_page_token(newest->next_page_token());
  const auto older = Call(&Stub::ListAudit, list);
  ASSERT_EQ(older->rows_size(), 1);
  EXPECT_EQ(older->rows(0).action(), "key.created");
  EXPECT_EQ(older->rows(0).actor(), "local");
  EXPECT_EQ(older->rows(0).hash(), newest->rows(0).previous());
  EXPECT_EQ(older->next_page_token(), "");
}

TEST_F(KeysServiceTest, VerifiesTheAudit) {
  Create("first");
  Create("second");
  auto verdict = Call(&Stub::VerifyAudit, v1alpha1::VerifyAuditRequest{});
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_FALSE(verdict->has_broken());
  EXPECT_EQ(verdict->rows(), 2);
  v1alpha1::VerifyAuditRequest expecting;
  *expecting.mutable_expected() = verdict->head();
  Create("third");
  EXPECT_FALSE(Call(&Stub::VerifyAudit, expecting)->has_broken());
  keys_.audit.Tamper([](auto& rows, auto&) { rows[0].act.actor = "nobody"; });
  verdict = Call(&Stub::VerifyAudit, v1alpha1::VerifyAuditRequest{});
  EXPECT_EQ(verdict->broken().seq(), 1);
  EXPECT_EQ(verdict->broken().reason(), "ROW_CHANGED");
  expecting.mutable_expected()->set_hash("short");
  EXPECT_EQ(Call(&Stub::VerifyAudit, expecting).error().reason, "HEAD_INVALID");
}

struct Case {
  std::string name;
  std::function<std::string(Stub&)> ask;
  std::string reason;
};
class KeysRefusalTest : public KeysServiceTest, public testing::WithParamInterface<Case> {};

TEST_P(KeysRefusalTest, GivesTheReason) { EXPECT_EQ(GetParam().ask(*stub_), GetParam().reason); }

template <typename Request, typename Response>
std::function<std::string(Stub&)> Ask(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                                      std::function<void(Request&)> fill) {
  return [method, fill](Stub& stub) -> std::string {
    Request request;
    fill(request);
    grpc::ClientContext context;
    rpc::Prepare(context, 10s, "keys-test");
    Response response;
    const auto status = (stub.*method)(&context, request, &response);
    return status.ok() ? "" : rpc::FromStatus(status).reason;
  };
}
std::function<std::string(Stub&)> Record(const std::string& action, const std::string& subject,
                                         const std::string& detail) {
  return Ask<v1alpha1::RecordRequest, v1alpha1::RecordResponse>(&Stub::Record, [=](auto& request) {
    request.set_action(action);
    request.set_subject(subject);
    request.set_detail(detail);
  });
}
std::function<std::string(Stub&)> List(int size, const std::string& token) {
  return Ask<v1alpha1::ListAuditRequest, v1alpha1::ListAuditResponse>(
      &Stub::ListAudit, [=](auto& request) {
        request.set_page_size(size);
        request.set_page_token(token);
      });
}
std::function<std::string(Stub&)> ScopeNumber(int number) {
  return Ask<v1alpha1::CreateKeyRequest, v1alpha1::CreateKeyResponse>(
      &Stub::CreateKey, [=](auto& request) {
        request.set_name("n");
        request.add_scopes(static_cast<v1alpha1::Scope>(number));
      });
}
std::function<std::string(Stub&)> RevokeId(const std::string& id) {
  return Ask<v1alpha1::RevokeKeyRequest, v1alpha1::Key>(
      &Stub::RevokeKey, [=](auto& request) { request.set_key_id(id); });
}

INSTANTIATE_TEST_SUITE_P(
    Requests, KeysRefusalTest,
    testing::Values(
        Case{"NoScopeAtAll", ScopeNumber(0), "SCOPE_UNKNOWN"},
        Case{"ScopeOfLater", ScopeNumber(4), "SCOPE_UNKNOWN"},
        Case{"KnownScope", ScopeNumber(3), ""},
        Case{"KeyThatIsNone", RevokeId("0000000000000000"), "KEY_NOT_FOUND"},
        Case{"IdThatIsNone", RevokeId("x"), "KEY_NOT_FOUND"},
        Case{"ShortestAct", Record("a", "", ""), ""},
        Case{"LongestAct", Record(std::string(64, 'a'), std::string(256, 's'), ""), ""},
        Case{"ActTooLong", Record(std::string(65, 'a'), "", ""), "ACTION_INVALID"},
        Case{"NoAct", Record("", "", ""), "ACTION_INVALID"},
        Case{"ActInCapitals", Record("Sync", "", ""), "ACTION_INVALID"},
        Case{"SubjectTooLong", Record("a", std::string(257, 's'), ""), "SUBJECT_INVALID"},
        Case{"DetailIsAList", Record("a", "", "[]"), "DETAIL_INVALID"},
        Case{"DetailIsBroken", Record("a", "", "{"), "DETAIL_INVALID"},
        Case{"DetailWithTheCharacterZero", Record("a", "", R"({"a":"\u0000"})"), "DETAIL_INVALID"},
        Case{"DetailTooLong", Record("a", "", R"({"a":")" + std::string(4'096, 'a') + "\"}"),
             "DETAIL_INVALID"},
        Case{"LargestPage", List(1'000, ""), ""},
        Case{"PageTooLarge", List(1'001, ""), "PAGE_SIZE_INVALID"},
        Case{"PageNegative", List(-1, ""), "PAGE_SIZE_INVALID"},
        Case{"TokenThatIsNone", List(1, "x"), "PAGE_TOKEN_INVALID"},
        Case{"TokenZero", List(1, "0"), "PAGE_TOKEN_INVALID"}),
    CaseName{});

TEST_F(KeysServiceTest, BelievesNoActorThatIsNotOneWord) {
  EXPECT_EQ(Create("a", "two words").key().created_by(), "local");
  EXPECT_EQ(Create("b", std::string(65, 'a')).key().created_by(), "local");
  EXPECT_EQ(Create("c", "callback").key().created_by(), "callback");
}

}  // namespace
}  // namespace sauda::auth
