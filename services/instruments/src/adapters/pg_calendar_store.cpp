#include "services/instruments/src/adapters/pg_calendar_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "libs/storage/pg_pool.hpp"
#include "services/instruments/src/adapters/pg_rows.hpp"

namespace sauda::instruments {
namespace {

using calendar::Hours;
using calendar::SpecialDay;
using nlohmann::json;

constexpr auto kLoadDays =
    "SELECT to_char(day, 'YYYY-MM-DD'), exchange, sessions::text, why "
    "FROM instruments.calendar_days ORDER BY day, exchange";
constexpr auto kForgetDays = "DELETE FROM instruments.calendar_days";
constexpr auto kKeepDay =
    "INSERT INTO instruments.calendar_days (day, exchange, sessions, why) "
    "VALUES ($1::date, $2, $3::jsonb, $4)";

Error NotPrepared() {
  return {Code::kUnavailable, "DATABASE_DOWN", "the schema has not been prepared yet"};
}

std::string SessionsText(const std::vector<Hours>& sessions) {
  json list = json::array();
  for (const Hours& each : sessions) list.push_back({each.pre_open, each.open, each.close});
  return list.dump();
}

std::optional<std::vector<Hours>> SessionsFrom(std::string_view text) {
  const json list = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return std::nullopt;
  std::vector<Hours> sessions;
  for (const json& each : list) {
    const bool three = each.is_array() && each.size() == 3 && each[0].is_number_integer() &&
                       each[1].is_number_integer() && each[2].is_number_integer();
    if (!three) return std::nullopt;
    sessions.push_back({each[0].get<int>(), each[1].get<int>(), each[2].get<int>()});
  }
  if (!calendar::AreSessions(sessions)) return std::nullopt;
  return sessions;
}

std::optional<SpecialDay> DayFromRow(const pqxx::row& row) {
  const auto date = calendar::IstDate::Parse(View(row[0]));
  const auto segment = calendar::SegmentOfExchange(View(row[1]));
  auto sessions = SessionsFrom(View(row[2]));
  if (!date || !segment || !sessions) return std::nullopt;
  return SpecialDay{
      *date,
      *segment,
      {std::move(*sessions), std::string{View(row[3])}, calendar::DayOrigin::kBroker}};
}

}  // namespace

Result<std::vector<SpecialDay>> PgCalendarStore::Load() {
  if (!prepared_()) return NotPrepared();
  return pool_.Transact([&](pqxx::work& work) -> Result<std::vector<SpecialDay>> {
    std::vector<SpecialDay> days;
    for (const auto& row : work.exec(kLoadDays)) {
      if (auto day = DayFromRow(row)) days.push_back(std::move(*day));
    }
    return days;
  });
}

Result<void> PgCalendarStore::Save(const std::vector<SpecialDay>& days) {
  if (!prepared_()) return NotPrepared();
  // The last one of a day is the one that counts (calendar::Calendar).
  std::map<std::pair<calendar::IstDate, calendar::Segment>, const calendar::Day*> last;
  for (const SpecialDay& each : days) last[{each.date, each.segment}] = &each.day;
  return pool_.Transact([&](pqxx::work& work) -> Result<void> {
    work.exec(kForgetDays);
    for (const auto& [key, day] : last) {
      work.exec_params(kKeepDay, key.first.ToString(),
                       std::string{calendar::ExchangeOf(key.second)}, SessionsText(day->sessions),
                       day->why);
    }
    return {};
  });
}

}  // namespace sauda::instruments
