#include "services/feed/src/adapters/pg_alert_store.hpp"

#include "libs/storage/pg_pool.hpp"
#include "services/feed/src/adapters/pg_schema.hpp"

namespace sauda::feed {
namespace {

constexpr const char* kLoadRules =
    "SELECT alert_id, instrument_key, measure, direction, level, hysteresis, period, slow_period,"
    " minutes, window_s, note FROM feed.alert_rules WHERE account_id = $1"
    " ORDER BY alert_id COLLATE \"C\"";

constexpr const char* kPutRule =
    "INSERT INTO feed.alert_rules (account_id, alert_id, instrument_key, measure, direction, level,"
    " hysteresis, period, slow_period, minutes, window_s, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    " ON CONFLICT (account_id, alert_id) DO UPDATE SET instrument_key = excluded.instrument_key,"
    " measure = excluded.measure, direction = excluded.direction, level = excluded.level,"
    " hysteresis = excluded.hysteresis, period = excluded.period,"
    " slow_period = excluded.slow_period, minutes = excluded.minutes,"
    " window_s = excluded.window_s, note = excluded.note";

constexpr const char* kRemoveRule =
    "DELETE FROM feed.alert_rules WHERE account_id = $1 AND alert_id = $2";

constexpr const char* kAddAlert =
    "INSERT INTO feed.alerts (account_id, instance, number, alert_id, instrument_key, measure,"
    " direction, level, value, at_ns, tick_seq, simulated, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    " ON CONFLICT (instance, number) DO NOTHING";

/// A rule that makes no sense was written by somebody else; it must not be judged.
Result<AlertRule> RuleFrom(const pqxx::row& row) {
  AlertRule rule{.id = row[0].as<std::string>(),
                 .instrument_key = row[1].as<std::string>(),
                 .measure = static_cast<Measure>(row[2].as<std::int16_t>()),
                 .direction = static_cast<Direction>(row[3].as<std::int16_t>()),
                 .level = row[4].as<double>(),
                 .hysteresis = row[5].as<double>(),
                 .period = static_cast<std::uint32_t>(row[6].as<std::int32_t>()),
                 .slow_period = static_cast<std::uint32_t>(row[7].as<std::int32_t>()),
                 .minutes = static_cast<std::uint32_t>(row[8].as<std::int32_t>()),
                 .window_s = static_cast<std::uint32_t>(row[9].as<std::int32_t>()),
                 .note = row[10].as<std::string>()};
  if (const auto checked = CheckAlertRule(rule); !checked) {
    return Error{Code::kInternal, "DATABASE_ERROR", "feed.alert_rules: " + checked.error().message};
  }
  return rule;
}

}  // namespace

Result<std::vector<AlertRule>> PgAlertStore::Load() {
  if (auto ready = schema_.Ensure(); !ready) return ready.error();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<AlertRule>> {
    std::vector<AlertRule> rules;
    for (const auto& row : work.exec_params(kLoadRules, owner_.account_id)) {
      auto rule = RuleFrom(row);
      if (!rule) return rule.error();
      rules.push_back(std::move(*rule));
    }
    return rules;
  });
}

Result<void> PgAlertStore::Save(const AlertChanges& changes) {
  if (auto ready = schema_.Ensure(); !ready) return ready;
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    for (const AlertRule& rule : changes.put) {
      work.exec_params(kPutRule, owner_.account_id, rule.id, rule.instrument_key,
                       static_cast<int>(rule.measure), static_cast<int>(rule.direction), rule.level,
                       rule.hysteresis, rule.period, rule.slow_period, rule.minutes, rule.window_s,
                       rule.note);
    }
    for (const std::string& id : changes.remove) {
      work.exec_params(kRemoveRule, owner_.account_id, id);
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
