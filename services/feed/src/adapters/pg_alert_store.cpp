#include "services/feed/src/adapters/pg_alert_store.hpp"

#include <limits>

#include "libs/storage/pg_pool.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"

namespace sauda::feed {
namespace {

constexpr const char* kLoadRules =
    "SELECT alert_id, instrument_key, measure, direction, level, hysteresis, period, slow_period,"
    " minutes, window_s, note, webhook_id FROM feed.alert_rules WHERE account_id = $1"
    " ORDER BY alert_id COLLATE \"C\"";

constexpr const char* kPutRule =
    "INSERT INTO feed.alert_rules (account_id, alert_id, instrument_key, measure, direction, level,"
    " hysteresis, period, slow_period, minutes, window_s, note, webhook_id)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    " ON CONFLICT (account_id, alert_id) DO UPDATE SET instrument_key = excluded.instrument_key,"
    " measure = excluded.measure, direction = excluded.direction, level = excluded.level,"
    " hysteresis = excluded.hysteresis, period = excluded.period,"
    " slow_period = excluded.slow_period, minutes = excluded.minutes,"
    " window_s = excluded.window_s, note = excluded.note, webhook_id = excluded.webhook_id";

constexpr const char* kRemoveRule =
    "DELETE FROM feed.alert_rules WHERE account_id = $1 AND alert_id = $2";

constexpr const char* kLoadWebhooks =
    "SELECT webhook_id, url, secret FROM feed.webhooks WHERE account_id = $1"
    " ORDER BY webhook_id COLLATE \"C\"";

constexpr const char* kPutWebhook =
    "INSERT INTO feed.webhooks (account_id, webhook_id, url, secret) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (account_id, webhook_id) DO UPDATE"
    " SET url = excluded.url, secret = excluded.secret";

constexpr const char* kRemoveWebhook =
    "DELETE FROM feed.webhooks WHERE account_id = $1 AND webhook_id = $2";

constexpr const char* kAddAlert =
    "INSERT INTO feed.alerts (account_id, instance, number, alert_id, instrument_key, measure,"
    " direction, level, value, at_ns, tick_seq, simulated, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    " ON CONFLICT (instance, number) DO NOTHING";

/// A number that no enumerator has becomes 0, which none has either: it must not wrap round.
template <typename Enum>
Enum EnumFrom(const pqxx::field& field) {
  const auto number = field.as<std::int16_t>();
  const bool fits = number >= 0 && number <= std::numeric_limits<std::uint8_t>::max();
  return static_cast<Enum>(fits ? number : 0);
}

Result<AlertRule> RuleFrom(const pqxx::row& row) {
  AlertRule rule{.id = row[0].as<std::string>(),
                 .instrument_key = row[1].as<std::string>(),
                 .measure = EnumFrom<Measure>(row[2]),
                 .direction = EnumFrom<Direction>(row[3]),
                 .level = row[4].as<double>(),
                 .hysteresis = row[5].as<double>(),
                 .period = static_cast<std::uint32_t>(row[6].as<std::int32_t>()),
                 .slow_period = static_cast<std::uint32_t>(row[7].as<std::int32_t>()),
                 .minutes = static_cast<std::uint32_t>(row[8].as<std::int32_t>()),
                 .window_s = static_cast<std::uint32_t>(row[9].as<std::int32_t>()),
                 .note = row[10].as<std::string>(),
                 .webhook_id = row[11].as<std::string>()};
  if (const auto checked = CheckAlertRule(rule); !checked) return checked.error();
  return rule;
}

Result<Webhook> WebhookFrom(const pqxx::row& row) {
  Webhook webhook{.id = row[0].as<std::string>(),
                  .url = row[1].as<std::string>(),
                  .secret = Secret{row[2].as<std::string>()}};
  if (const auto checked = CheckWebhook(webhook); !checked) return checked.error();
  return webhook;
}

}  // namespace

Result<KeptAlerts> PgAlertStore::Load() {
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<KeptAlerts> {
    KeptAlerts kept;
    for (const auto& row : work.exec_params(kLoadRules, owner_.account_id)) {
      if (auto rule = RuleFrom(row)) {
        kept.rules.push_back(std::move(*rule));
      } else {
        kept.unreadable.push_back("feed.alert_rules: " + rule.error().message);
      }
    }
    for (const auto& row : work.exec_params(kLoadWebhooks, owner_.account_id)) {
      if (auto webhook = WebhookFrom(row)) {
        kept.webhooks.push_back(std::move(*webhook));
      } else {
        kept.unreadable.push_back("feed.webhooks: " + webhook.error().message);
      }
    }
    return kept;
  });
}

Result<void> PgAlertStore::Save(const AlertChanges& changes) {
  if (auto ready = schema_.Ensure(); !ready) return ready;
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    for (const AlertRule& rule : changes.put) {
      work.exec_params(kPutRule, owner_.account_id, rule.id, rule.instrument_key,
                       static_cast<int>(rule.measure), static_cast<int>(rule.direction), rule.level,
                       rule.hysteresis, rule.period, rule.slow_period, rule.minutes, rule.window_s,
                       rule.note, rule.webhook_id);
    }
    for (const std::string& id : changes.remove) {
      work.exec_params(kRemoveRule, owner_.account_id, id);
    }
    for (const Webhook& webhook : changes.put_webhooks) {
      work.exec_params(kPutWebhook, owner_.account_id, webhook.id, webhook.url,
                       webhook.secret.Reveal());
    }
    for (const std::string& id : changes.remove_webhooks) {
      work.exec_params(kRemoveWebhook, owner_.account_id, id);
    }
    for (const Alert& alert : changes.fired) {
      const AlertFiring& firing = alert.firing;
      work.exec_params(kAddAlert, owner_.account_id, owner_.instance, alert.number, firing.rule->id,
                       firing.rule->instrument_key, static_cast<int>(firing.rule->measure),
                       static_cast<int>(firing.rule->direction), firing.rule->level, firing.value,
                       firing.at_ns, firing.seq, firing.simulated, firing.rule->note);
    }
    return {};
  });
}

}  // namespace sauda::feed
