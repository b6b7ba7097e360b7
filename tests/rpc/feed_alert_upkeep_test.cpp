// Webhooks, other accounts, and the time before the kept alerts are there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/alert_calls.hpp"
#include "tests/support/eventually.hpp"

namespace sauda::feed {
namespace {

class AlertWebhookTest : public AlertCalls {
 protected:
  Result<v1alpha1::Webhook> CreateWebhook(const std::string& id, const std::string& url,
                                          const std::string& secret = "0123456789abcdef") {
    v1alpha1::CreateWebhookRequest request;
    request.mutable_webhook()->set_webhook_id(id);
    request.mutable_webhook()->set_url(url);
    request.set_secret(secret);
    return Call(&Stub::CreateWebhook, request);
  }
  std::string Webhooks() {
    const auto list = Call(&Stub::ListWebhooks, v1alpha1::ListWebhooksRequest{});
    std::string all;
    for (const auto& each : list->webhooks()) all += each.webhook_id() + "=" + each.url() + " ";
    return all;
  }
  Result<v1alpha1::DeleteWebhookResponse> DeleteWebhook(const std::string& id) {
    v1alpha1::DeleteWebhookRequest request;
    request.set_webhook_id(id);
    return Call(&Stub::DeleteWebhook, request);
  }
};

TEST_F(AlertWebhookTest, CreatesListsAndDeletes) {
  const auto created = CreateWebhook("desk", "https://a.in/hook");
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->url(), "https://a.in/hook");
  EXPECT_TRUE(CreateWebhook("desk", "https://a.in/hook")) << "the same again is the same";
  EXPECT_EQ(CreateWebhook("desk", "https://b.in/").error().reason, "WEBHOOK_ID_REUSED");
  EXPECT_EQ(CreateWebhook("plain", "http://a.in/").error().reason, "URL_INVALID");
  const auto refused = CreateWebhook("short", "https://a.in/", "canary");
  EXPECT_EQ(refused.error().reason, "SECRET_INVALID");
  EXPECT_EQ(refused.error().message.find("canary"), std::string::npos);
  EXPECT_EQ(Webhooks(), "desk=https://a.in/hook ");
  EXPECT_TRUE(DeleteWebhook("desk"));
  EXPECT_EQ(DeleteWebhook("desk").error().reason, "WEBHOOK_UNKNOWN");
  EXPECT_EQ(Webhooks(), "");
}

TEST_F(AlertWebhookTest, IsCalledForTheRulesThatNameIt) {
  v1alpha1::AlertRule rule = Rule("a", "K1", 100);
  rule.set_webhook_id("desk");
  EXPECT_EQ(Create(rule).error().reason, "WEBHOOK_UNKNOWN");
  ASSERT_TRUE(CreateWebhook("desk", "https://a.in/hook"));
  const auto created = Create(rule);
  ASSERT_TRUE(created);
  EXPECT_EQ(created->webhook_id(), "desk");
  ASSERT_TRUE(Create(Rule("b", "K1", 100)));
  Fire(2);
  EXPECT_TRUE(Eventually([&] { return server_.receivers().taken() == "desk:a desk:a "; }));
}

TEST_F(AlertWebhookTest, OtherAccountsAreUnknownEverywhere) {
  EXPECT_EQ(Create(Rule("a", "K1", 1), "other").error().reason, "ACCOUNT_UNKNOWN");
  v1alpha1::DeleteAlertRequest remove;
  remove.set_account_id("other");
  EXPECT_EQ(Call(&Stub::DeleteAlert, remove).error().reason, "ACCOUNT_UNKNOWN");
  v1alpha1::ListAlertsRequest list;
  list.set_account_id("other");
  EXPECT_EQ(Call(&Stub::ListAlerts, list).error().reason, "ACCOUNT_UNKNOWN");
  v1alpha1::ListWebhooksRequest webhooks;
  webhooks.set_account_id("other");
  EXPECT_EQ(Call(&Stub::ListWebhooks, webhooks).error().reason, "ACCOUNT_UNKNOWN");
  v1alpha1::CreateWebhookRequest webhook;
  webhook.set_account_id("other");
  EXPECT_EQ(Call(&Stub::CreateWebhook, webhook).error().reason, "ACCOUNT_UNKNOWN");
  v1alpha1::DeleteWebhookRequest gone;
  gone.set_account_id("other");
  EXPECT_EQ(Call(&Stub::DeleteWebhook, gone).error().reason, "ACCOUNT_UNKNOWN");
  v1alpha1::WatchAlertsRequest watch;
  watch.set_account_id("other");
  AlertReader reader{server_.stub(), watch};
  EXPECT_FALSE(reader.Read());
  EXPECT_EQ(reader.Finish().reason, "ACCOUNT_UNKNOWN");
  EXPECT_TRUE(Create(Rule("a", "K1", 1), "main"));
}

class AlertLoadingTest : public AlertCalls {
 protected:
  AlertLoadingTest() : AlertCalls{false} {}

  /// How a call fares that means nothing but itself.
  template <typename Request, typename Response>
  std::string ReasonOf(Method<Request, Response> method) {
    const auto called = Call(method, Request{});
    return called ? "" : called.error().reason;
  }
};

TEST_F(AlertLoadingTest, NothingIsSaidOrChangedBeforeTheKeptAlertsAreThere) {
  const auto early = Create(Rule("a", "K1", 100));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, Code::kUnavailable);
  EXPECT_EQ(early.error().reason, "ALERTS_LOADING");
  EXPECT_TRUE(server_.desk().subscribed.empty());
  EXPECT_EQ(Create(Rule("a", "K1", 100), "other").error().reason, "ACCOUNT_UNKNOWN");
  EXPECT_EQ(Delete("a").error().reason, "ALERTS_LOADING");
  EXPECT_EQ(List(0).error().reason, "ALERTS_LOADING");
  EXPECT_EQ(ReasonOf(&Stub::CreateWebhook), "ALERTS_LOADING");
  EXPECT_EQ(ReasonOf(&Stub::DeleteWebhook), "ALERTS_LOADING");
  EXPECT_EQ(ReasonOf(&Stub::ListWebhooks), "ALERTS_LOADING");
  AlertReader watcher{server_.stub(), {}};
  EXPECT_TRUE(watcher.Read()) << "whoever watches needs no kept rule";
  server_.alerts().SetLoaded();
  EXPECT_TRUE(Create(Rule("a", "K1", 100)));
  EXPECT_EQ(List(0)->rules_size(), 1);
}

}  // namespace
}  // namespace sauda::feed
