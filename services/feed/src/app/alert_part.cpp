#include "services/feed/src/app/alert_part.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "libs/telemetry/log.hpp"

namespace sauda::feed {

using telemetry::Quoted;

namespace {

AlertDesk::Options DeskOptions(const Ground& ground) {
  return {.engine = {
              .is_wanted =
                  [&ground](InstrumentId id) { return ground.listings.counts(id).wanted.load(); },
              .calendars = &ground.calendars}};
}

}  // namespace

AlertPart::AlertPart(Ground& ground)
    : ground_{ground},
      store_{*ground.pool, *ground.schema,
             PgAlertStore::Owner{.account_id = ground.config.broker.account,
                                 .instance = ground.instance}},
      keeper_{store_, AlertKeeper::Options{.backoff = kDependencyBackoff}, KeeperEvents()},
      client_{HttpWebhookClient::Options{.instance = ground.instance,
                                         .account_id = ground.config.broker.account,
                                         .ca_file = ground.config.webhook_ca_file},
              ground.clock},
      caller_{client_, ground.clock, AlertCaller::Options{}, CallerEvents()},
      desk_{ground.clock, [&ground] { return ground.MarketMs().value_or(0); }, DeskOptions(ground),
            DeskEvents()} {}

void AlertPart::Stop() {
  desk_.Stop();
  caller_.Stop();
  if (!keeper_.Stop()) spdlog::warn("changes of alerts were not saved");
}

AlertDesk::Events AlertPart::DeskEvents() {
  return {.on_fired =
              [this](std::span<const Alert> alerts) {
                ground_.metrics.alerts.Increment(static_cast<double>(alerts.size()));
                keeper_.Add(alerts);
                caller_.Add(alerts);
              },
          .on_unseen =
              [this](std::uint64_t ticks) {
                ground_.metrics.alert_unseen_ticks.Increment(static_cast<double>(ticks));
                if (const auto left_out = unseen_ticks_.Due(ground_.clock.Now())) {
                  spdlog::warn("alert rules are judged too slowly unseen_ticks={} left_out={}",
                               ticks, *left_out);
                }
              },
          .on_added = [this](const AlertRule& rule) { keeper_.Put(rule); },
          .on_removed = [this](const std::string& id) { keeper_.Remove(id); },
          .on_count =
              [this](std::size_t rules) {
                ground_.metrics.alert_rules.Set(static_cast<double>(rules));
              }};
}

AlertKeeper::Events AlertPart::KeeperEvents() {
  return {.on_loaded = [this](const KeptAlerts& kept) { Restore(kept); },
          .on_failure = [this](const Error& why) { ground_.Tell("postgres", &why); },
          .on_saved = [this] { ground_.Tell("postgres", nullptr); },
          .on_lost =
              [this](std::uint64_t alerts) {
                ground_.metrics.alerts_unstored.Increment(static_cast<double>(alerts));
                spdlog::error("alerts will not be stored count={}", alerts);
              }};
}

AlertCaller::Events AlertPart::CallerEvents() {
  return {.on_fate =
              [this](AlertCaller::Fate fate, const std::string& id, const Error* why) {
                ground_.metrics.CountWebhook(NameOf(fate));
                if (fate == AlertCaller::Fate::kDelivered) return;
                const std::lock_guard lock{log_mutex_};
                if (const auto left_out = webhook_failures_.Due(ground_.clock.Now())) {
                  spdlog::warn("webhook outcome={} webhook={} why={} left_out={}", NameOf(fate), id,
                               Quoted(why == nullptr ? "" : why->message), *left_out);
                }
              },
          .on_added = [this](const Webhook& webhook) { keeper_.PutWebhook(webhook); },
          .on_removed = [this](const std::string& id) { keeper_.RemoveWebhook(id); }};
}

void AlertPart::Restore(const KeptAlerts& kept) {
  std::size_t left_out = kept.unreadable.size();
  if (left_out > 0) {
    spdlog::error("kept alerts cannot be read count={} first={}", left_out,
                  Quoted(kept.unreadable.front()));
  }
  for (const Webhook& webhook : kept.webhooks) {
    if (!caller_.RestoreWebhook(webhook)) ++left_out;
  }
  for (const AlertRule& rule : kept.rules) {
    InstrumentId id = 0;
    if (HasInstrument(rule.measure)) {
      const auto known = ground_.listings.Find(rule.instrument_key);
      id = known ? *known : ground_.listings.Add({.key = rule.instrument_key});
    }
    if (!desk_.Restore(rule, id)) ++left_out;
  }
  desk_.SetLoaded();
  ground_.Tell("postgres", nullptr);
  spdlog::info("alert rules loaded count={} webhooks={} left_out={}", kept.rules.size(),
               kept.webhooks.size(), left_out);
}

}  // namespace sauda::feed
