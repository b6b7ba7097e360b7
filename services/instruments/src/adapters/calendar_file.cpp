#include "services/instruments/src/adapters/calendar_file.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>

#include <nlohmann/json.hpp>

namespace sauda::instruments {
namespace {

using calendar::Hours;
using nlohmann::json;

constexpr std::size_t kMostBytes = 262'144;
constexpr std::size_t kMostDays = 2'000;

Error Invalid(const std::string& what) {
  return {Code::kFailedPrecondition, "CALENDAR_FILE_INVALID", "the calendar file: " + what};
}

/// The first member that is not one of these; empty: none.
std::string Unknown(const json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) return name;
  }
  return "";
}

std::string TextIn(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// `09:15` as minutes; -1 for anything else. `24:00` is the day's end.
int MinuteOf(const std::string& text) {
  if (text.size() != 5 || text[2] != ':') return -1;
  int hour = -1;
  int minute = -1;
  const char* const begin = text.data();
  if (std::from_chars(begin, begin + 2, hour).ptr != begin + 2) return -1;
  if (std::from_chars(begin + 3, begin + 5, minute).ptr != begin + 5) return -1;
  if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > 24 * 60) return -1;
  return hour * 60 + minute;
}

Result<std::vector<Hours>> SessionsIn(const json& day) {
  std::vector<Hours> sessions;
  const auto list = day.find("sessions");
  if (list == day.end() || !list->is_array()) {
    return Invalid("`sessions` must be a list, empty for a day without trading");
  }
  for (const json& each : *list) {
    if (!each.is_object()) return Invalid("a session must be an object");
    if (const auto name = Unknown(each, {"pre_open", "open", "close"}); !name.empty()) {
      return Invalid("a session has no `" + name + "`");
    }
    const int open = MinuteOf(TextIn(each, "open"));
    const int pre_open = each.contains("pre_open") ? MinuteOf(TextIn(each, "pre_open")) : open;
    const int close = MinuteOf(TextIn(each, "close"));
    if (open < 0 || pre_open < 0 || close < 0) {
      return Invalid("`open` and `close` of a session are times such as 09:15");
    }
    sessions.push_back({.pre_open = pre_open, .open = open, .close = close});
  }
  if (!calendar::AreSessions(sessions)) {
    return Invalid("sessions must be in order, apart, and open before they close");
  }
  return sessions;
}

Result<std::vector<calendar::Segment>> ExchangesIn(const json& day) {
  const auto list = day.find("exchanges");
  if (list == day.end()) {
    return std::vector<calendar::Segment>{calendar::kAllSegments.begin(),
                                          calendar::kAllSegments.end()};
  }
  if (!list->is_array() || list->empty()) return Invalid("`exchanges` must be a list of names");
  std::vector<calendar::Segment> segments;
  for (const json& each : *list) {
    const auto segment =
        each.is_string() ? calendar::SegmentOfExchange(each.get<std::string>()) : std::nullopt;
    if (!segment) {
      return Invalid("no exchange is called " + each.dump() +
                     "; there are NSE, BSE, NFO, BFO, CDS, BCD, MCX, NSCOM");
    }
    segments.push_back(*segment);
  }
  return segments;
}

Result<void> AddDay(const json& day, std::vector<calendar::SpecialDay>& days) {
  if (!day.is_object()) return Invalid("a day must be an object");
  if (const auto name = Unknown(day, {"date", "description", "exchanges", "sessions"});
      !name.empty()) {
    return Invalid("a day has no `" + name + "`");
  }
  const auto date = calendar::IstDate::Parse(TextIn(day, "date"));
  if (!date) return Invalid("`date`: " + date.error().message);
  const auto at = [&](const Error& error) {
    return Error{error.code, error.reason, error.message + " (" + date->ToString() + ")"};
  };
  const auto sessions = SessionsIn(day);
  if (!sessions) return at(sessions.error());
  const auto exchanges = ExchangesIn(day);
  if (!exchanges) return at(exchanges.error());
  std::string why = TextIn(day, "description");
  if (why.empty()) why = sessions->empty() ? "Closed" : "Special session";
  for (const calendar::Segment segment : *exchanges) {
    days.push_back({*date, segment, {*sessions, why, calendar::DayOrigin::kFile}});
  }
  return {};
}

}  // namespace

Result<std::vector<calendar::SpecialDay>> ReadCalendarDays(std::string_view text) {
  const json list =
      json::parse(text, nullptr, /*allow_exceptions=*/false, /*ignore_comments=*/true);
  if (!list.is_array()) return Invalid("it must be a JSON list of days");
  if (list.size() > kMostDays) return Invalid("it names more than 2000 days");
  std::vector<calendar::SpecialDay> days;
  for (const json& day : list) {
    if (auto added = AddDay(day, days); !added) return added.error();
  }
  return days;
}

std::optional<JsonCalendarFile::Stamp> JsonCalendarFile::Look() const {
  std::error_code missing;
  const auto time = std::filesystem::last_write_time(path_, missing);
  const auto size = std::filesystem::file_size(path_, missing);
  if (missing) return std::nullopt;
  return Stamp{time, size};
}

bool JsonCalendarFile::Changed() {
  if (path_.empty()) return false;
  return !read_ || Look() != seen_;
}

Result<std::vector<calendar::SpecialDay>> JsonCalendarFile::Read() {
  if (path_.empty()) return std::vector<calendar::SpecialDay>{};
  read_ = true;
  seen_ = Look();
  if (!seen_) return Invalid(path_ + " cannot be read");
  if (seen_->size > kMostBytes) return Invalid("it is larger than 256 KiB");
  std::ifstream file{path_, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file) return Invalid(path_ + " cannot be read");
  return ReadCalendarDays(text);
}

}  // namespace sauda::instruments
