#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/alert_server.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/eventually.hpp"

namespace sauda::feed {
namespace {

using testing::ElementsAre;

class AlertServiceTest : public testing::Test {
 protected:
  using Stub = v1alpha1::AlertService::Stub;

  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  template <typename Request, typename Response>
  Result<Response> Call(Method<Request, Response> method, const Request& request) {
    grpc::ClientContext context;
    Response response;
    const grpc::Status status = (server_.stub().*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromStatus(status);
    return response;
  }
  static v1alpha1::AlertRule Rule(const std::string& id, const std::string& instrument,
                                  double level) {
    v1alpha1::AlertRule rule;
    rule.set_alert_id(id);
    rule.set_instrument(instrument);
    rule.set_measure(v1alpha1::MEASURE_PRICE);
    rule.set_direction(v1alpha1::DIRECTION_ABOVE);
    rule.set_level(level);
    return rule;
  }
  Result<v1alpha1::AlertRule> Create(const v1alpha1::AlertRule& rule,
                                     const std::string& account = "") {
    v1alpha1::CreateAlertRequest request;
    request.set_account_id(account);
    *request.mutable_rule() = rule;
    return Call(&Stub::CreateAlert, request);
  }
  Result<v1alpha1::DeleteAlertResponse> Delete(const std::string& id) {
    v1alpha1::DeleteAlertRequest request;
    request.set_alert_id(id);
    return Call(&Stub::DeleteAlert, request);
  }
  Result<v1alpha1::ListAlertsResponse> List(std::uint32_t size, const std::string& token = "") {
    v1alpha1::ListAlertsRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    return Call(&Stub::ListAlerts, request);
  }
  static v1alpha1::WatchAlertsRequest After(const std::string& instance, std::uint64_t number) {
    v1alpha1::WatchAlertsRequest request;
    request.set_instance(instance);
    request.set_after_number(number);
    return request;
  }
  /// Fires rule `id`, which must be the only one of K1, `times` times.
  void Fire(int times) {
    for (int i = 0; i < times; ++i) {
      server_.Tick(1, 99);
      server_.Tick(1, 101);
    }
  }

  AlertServer server_{{.kept_alerts = 8}};
};

TEST_F(AlertServiceTest, CreatesListsAndDeletes) {
  v1alpha1::AlertRule rule = Rule("a", "S1", 100);
  rule.set_hysteresis(0.5);
  rule.set_note("sell half");
  const auto created = Create(rule);
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->instrument(), "K1") << "the answer has the key";
  EXPECT_EQ(created->note(), "sell half");
  EXPECT_TRUE(Create(rule)) << "the same again is the same";
  ASSERT_TRUE(Create(Rule("b", "K2", 1)));
  const auto list = List(0);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->rules_size(), 2);
  EXPECT_EQ(list->rules(0).SerializeAsString(), created->SerializeAsString());
  EXPECT_EQ(list->next_page_token(), "");
  EXPECT_TRUE(Delete("a"));
  EXPECT_EQ(Delete("a").error().reason, "ALERT_UNKNOWN");
  EXPECT_EQ(List(0)->rules_size(), 1);
}

TEST_F(AlertServiceTest, PagesAreWholeAndEnd) {
  for (const char* id : {"e", "c", "a", "d", "b"}) ASSERT_TRUE(Create(Rule(id, "K1", 1)));
  std::vector<std::string> pages;
  std::string token;
  do {
    const auto page = List(2, token);
    ASSERT_TRUE(page);
    std::string ids;
    for (const auto& rule : page->rules()) ids += rule.alert_id();
    pages.push_back(ids);
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(pages, ElementsAre("ab", "cd", "e"));
  EXPECT_EQ(List(5)->next_page_token(), "");
  EXPECT_TRUE(List(1'000));
  EXPECT_EQ(List(1'001).error().reason, "PAGE_SIZE_INVALID");
}

TEST_F(AlertServiceTest, SubscribesAsMuchAsTheMeasureNeeds) {
  ASSERT_TRUE(Create(Rule("a", "K1", 1)));
  v1alpha1::AlertRule delta = Rule("b", "K2", 0.5);
  delta.set_measure(v1alpha1::MEASURE_DELTA);
  ASSERT_TRUE(Create(delta));
  v1alpha1::AlertRule gap = Rule("c", "", 0);
  gap.set_measure(v1alpha1::MEASURE_GAP);
  ASSERT_TRUE(Create(gap));
  EXPECT_THAT(server_.desk().subscribed, ElementsAre("K1:1+", "K2:2+"));
}

struct BadRule {
  std::string name;
  std::function<void(v1alpha1::AlertRule&)> spoil;
  std::string reason;
};
class BadRuleTest : public AlertServiceTest, public testing::WithParamInterface<BadRule> {};

TEST_P(BadRuleTest, IsRefusedAndNothingIsSubscribed) {
  v1alpha1::AlertRule rule = Rule("a", "K1", 100);
  GetParam().spoil(rule);
  const auto created = Create(rule);
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().reason, GetParam().reason);
  EXPECT_TRUE(server_.desk().subscribed.empty());
  EXPECT_EQ(List(0)->rules_size(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, BadRuleTest,
    testing::Values(
        BadRule{"Empty", [](auto& rule) { rule.Clear(); }, "ALERT_ID_INVALID"},
        BadRule{"NoMeasure", [](auto& rule) { rule.clear_measure(); }, "MEASURE_UNKNOWN"},
        BadRule{"MeasureThatWouldWrap",
                [](auto& rule) { rule.set_measure(static_cast<v1alpha1::Measure>(257)); },
                "MEASURE_UNKNOWN"},
        BadRule{"NegativeMeasure",
                [](auto& rule) { rule.set_measure(static_cast<v1alpha1::Measure>(-255)); },
                "MEASURE_UNKNOWN"},
        BadRule{"NoDirection", [](auto& rule) { rule.clear_direction(); }, "DIRECTION_UNKNOWN"},
        BadRule{"DirectionThatWouldWrap",
                [](auto& rule) { rule.set_direction(static_cast<v1alpha1::Direction>(258)); },
                "DIRECTION_UNKNOWN"},
        BadRule{"NoInstrument", [](auto& rule) { rule.clear_instrument(); }, "INSTRUMENT_MISSING"},
        BadRule{"UnknownInstrument", [](auto& rule) { rule.set_instrument("NOBODY"); },
                "INSTRUMENT_UNKNOWN"},
        BadRule{"Parameter", [](auto& rule) { rule.set_minutes(5); }, "MINUTES_INVALID"}),
    CaseName{});

TEST_F(AlertServiceTest, AnIdIsNotUsedTwice) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  const auto other = Create(Rule("a", "K1", 101));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kAlreadyExists);
  EXPECT_EQ(other.error().reason, "ALERT_ID_REUSED");
}

class AlertWebhookTest : public AlertServiceTest {
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

TEST_F(AlertServiceTest, OtherAccountsAreUnknownEverywhere) {
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

TEST_F(AlertServiceTest, WatchersGetEveryAlertOnce) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  AlertReader one{server_.stub(), {}};
  AlertReader two{server_.stub(), {}};
  const auto first = one.Read();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->instance(), "run1");
  EXPECT_EQ(first->alerts_size(), 0) << "the first batch comes at once";
  ASSERT_TRUE(two.Read());
  server_.Tick(1, 99);
  server_.Tick(1, 105.5);
  for (AlertReader* const reader : {&one, &two}) {
    const auto batch = reader->Read();
    ASSERT_TRUE(batch);
    ASSERT_EQ(batch->alerts_size(), 1);
    const v1alpha1::Alert& alert = batch->alerts(0);
    EXPECT_EQ(alert.number(), 1U);
    EXPECT_EQ(alert.rule().alert_id(), "a");
    EXPECT_EQ(alert.value(), 105.5);
    EXPECT_EQ(alert.tick_seq(), 2U);
    EXPECT_EQ(alert.at_ns(), TickOf(2).received_ns);
    EXPECT_TRUE(alert.simulated());
    EXPECT_EQ(batch->missed(), 0U);
    EXPECT_EQ(batch->unseen_ticks(), 0U);
  }
  Fire(3);
  EXPECT_EQ(one.ReadIds(3), "a a a ");
}

TEST_F(AlertServiceTest, AWatcherResumesWhereItWas) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  Fire(5);
  ASSERT_TRUE(Eventually([&] { return server_.alerts().last_number() == 5; }));
  AlertReader resumed{server_.stub(), After("run1", 3)};
  const auto rest = resumed.Read();
  ASSERT_TRUE(rest);
  ASSERT_EQ(rest->alerts_size(), 2);
  EXPECT_EQ(rest->alerts(0).number(), 4U);
  AlertReader stranger{server_.stub(), After("run0", 3)};
  EXPECT_EQ(stranger.Read()->alerts_size(), 5) << "another run's numbers say nothing";
  v1alpha1::WatchAlertsRequest only_new;
  only_new.set_only_new(true);
  AlertReader fresh{server_.stub(), only_new};
  EXPECT_EQ(fresh.Read()->alerts_size(), 0);
  AlertReader ahead{server_.stub(), After("run1", 99)};
  EXPECT_EQ(ahead.Read()->alerts_size(), 0) << "a number that nothing has had is the last one";
  Fire(1);
  EXPECT_EQ(fresh.Read()->alerts(0).number(), 6U);
  EXPECT_EQ(ahead.Read()->alerts(0).number(), 6U);
}

TEST_F(AlertServiceTest, WhatIsNoLongerKeptIsCounted) {
  ASSERT_TRUE(Create(Rule("a", "K1", 100)));
  Fire(11);
  ASSERT_TRUE(Eventually([&] { return server_.alerts().last_number() == 11; }));
  AlertReader late{server_.stub(), After("run1", 1)};
  const auto batch = late.Read();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->missed(), 2U);
  ASSERT_EQ(batch->alerts_size(), 8);
  EXPECT_EQ(batch->alerts(0).number(), 4U);
}

TEST_F(AlertServiceTest, StreamsEndWithTheService) {
  AlertReader open{server_.stub(), {}};
  ASSERT_TRUE(open.Read());
  EXPECT_EQ(server_.metrics().alert_watchers.Value(), 1);
  server_.service().EndStreams({Code::kUnavailable, "SHUTTING_DOWN", "the service is stopping"});
  EXPECT_FALSE(open.Read());
  EXPECT_EQ(open.Finish().reason, "SHUTTING_DOWN");
  AlertReader after{server_.stub(), {}};
  EXPECT_FALSE(after.Read());
  EXPECT_EQ(after.Finish().reason, "SHUTTING_DOWN");
  EXPECT_TRUE(Eventually([&] { return server_.metrics().alert_watchers.Value() == 0; }));
}

TEST_F(AlertServiceTest, ThereAreNotTooManyWatchers) {
  std::vector<std::unique_ptr<AlertReader>> readers;
  for (std::size_t i = 0; i < AlertService::kMaxWatchers; ++i) {
    readers.push_back(
        std::make_unique<AlertReader>(server_.stub(), v1alpha1::WatchAlertsRequest{}));
    ASSERT_TRUE(readers.back()->Read());
  }
  AlertReader one_more{server_.stub(), {}};
  EXPECT_FALSE(one_more.Read());
  EXPECT_EQ(one_more.Finish().reason, "TOO_MANY_WATCHERS");
  readers.pop_back();
  EXPECT_TRUE(Eventually([&] {
    AlertReader again{server_.stub(), {}};
    return again.Read().has_value();
  }));
}

}  // namespace
}  // namespace sauda::feed
