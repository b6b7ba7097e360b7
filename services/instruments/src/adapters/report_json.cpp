#include "services/instruments/src/adapters/report_json.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace sauda::instruments {

using Json = nlohmann::json;

namespace {

constexpr std::array<std::string_view, 3> kStateNames{"replaced", "not_modified", "failed"};

Json ListsToJson(const std::vector<ListOutcome>& lists) {
  Json all = Json::array();
  for (const ListOutcome& each : lists) {
    all.push_back({{"list", std::string{NameOf(each.list)}},
                   {"state", std::string{kStateNames[static_cast<std::size_t>(each.state)]}},
                   {"rows", each.rows},
                   {"bad", each.bad},
                   {"failure", each.failure}});
  }
  return all;
}

/// Without those of a name that this release does not know.
std::vector<ListOutcome> ListsFromJson(const Json& all) {
  std::vector<ListOutcome> lists;
  for (const Json& each : all) {
    const auto list = FindList(each.at("list").get<std::string>());
    const std::string name = each.at("state");
    const auto state = std::find(kStateNames.begin(), kStateNames.end(), name);
    if (!list || state == kStateNames.end()) continue;
    lists.push_back({.list = *list,
                     .state = static_cast<ListOutcome::State>(state - kStateNames.begin()),
                     .rows = each.at("rows"),
                     .bad = each.at("bad"),
                     .failure = each.at("failure")});
  }
  return lists;
}

}  // namespace

std::string ReportToJson(const SyncReport& report) {
  Json bad = Json::object();
  for (const auto& [reason, records] : report.bad) {
    bad[reason] = {{"count", records.count}, {"first", records.first}};
  }
  Json segments = Json::object();
  for (std::size_t i = 0; i < kSegments.size(); ++i) {
    if (report.segments[i] > 0) segments[std::string{kSegments[i].name}] = report.segments[i];
  }
  Json types = Json::object();
  for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
    types[std::string{kTypeNames[i]}] = report.types[i];
  }
  Json warnings = Json::array();
  for (const SyncWarning& each : report.warnings) {
    warnings.push_back({{"code", each.code}, {"message", each.message}});
  }
  const Json json{{"sync_id", report.sync_id},
                  {"records", report.records},
                  {"bytes", report.bytes},
                  {"bad", bad},
                  {"inserted", report.inserted},
                  {"updated", report.updated},
                  {"unchanged", report.unchanged},
                  {"deactivated", report.deactivated},
                  {"reactivated", report.reactivated},
                  {"segments", segments},
                  {"started_ms", report.started_ms},
                  {"market_ms", report.market_ms},
                  {"duration_ms", report.duration_ms},
                  {"simulated", report.simulated},
                  {"source", report.source},
                  {"tag", report.tag},
                  {"not_modified", report.not_modified},
                  {"types", types},
                  {"warnings", warnings},
                  {"lists", ListsToJson(report.lists)}};
  // What a bad record held may be no UTF-8; PostgreSQL takes nothing else.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SyncReport> ReportFromJson(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    SyncReport report;
    report.sync_id = json.at("sync_id");
    report.records = json.at("records");
    report.bytes = json.at("bytes");
    for (const auto& [reason, records] : json.at("bad").items()) {
      report.bad[reason] = {records.at("count"), records.at("first")};
    }
    report.inserted = json.at("inserted");
    report.updated = json.at("updated");
    report.unchanged = json.at("unchanged");
    report.deactivated = json.at("deactivated");
    report.reactivated = json.at("reactivated");
    for (const auto& [name, count] : json.at("segments").items()) {
      if (const auto segment = FindSegment(name)) report.segments[*segment] = count;
    }
    report.started_ms = json.at("started_ms");
    report.market_ms = json.value("market_ms", report.started_ms);  // older ones have none
    report.duration_ms = json.at("duration_ms");
    report.simulated = json.at("simulated");
    report.source = json.value("source", "");
    report.tag = json.value("tag", "");
    report.not_modified = json.value("not_modified", false);
    const Json types = json.value("types", Json::object());
    for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
      report.types[i] = types.value(std::string{kTypeNames[i]}, std::int64_t{0});
    }
    for (const Json& each : json.value("warnings", Json::array())) {
      report.warnings.push_back({each.at("code"), each.at("message")});
    }
    report.lists = ListsFromJson(json.value("lists", Json::array()));
    return report;
  } catch (const Json::exception& e) {
    return Error{Code::kInternal, "DATABASE_ERROR",
                 std::string{"a sync's report cannot be read: "} + e.what()};
  }
}

}  // namespace sauda::instruments
