#include "libs/storage/pg_options.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include <libpq-fe.h>

#include "libs/storage/connection_url.hpp"

namespace sauda::storage {
namespace {

/// As libpq's `key='value'` wants it.
std::string Quoted(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> known) {
  return std::find(known.begin(), known.end(), text) != known.end();
}

}  // namespace

Result<std::string> ConnectionText(const PgOptions& options) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
      PQconninfoParse(options.url.c_str(), &problem), PQconninfoFree};
  const std::unique_ptr<char, decltype(&PQfreemem)> owned{problem, PQfreemem};
  if (!parsed) {
    return Error{Code::kInvalidArgument, "DATABASE_URL_MALFORMED",
                 ScrubUrl(problem == nullptr ? "out of memory" : problem, options.url)};
  }
  const auto connect_s = std::max<std::int64_t>(2, (options.connect_timeout.count() + 999) / 1'000);
  std::map<std::string, std::string> settings{
      {"connect_timeout", std::to_string(connect_s)},
      {"keepalives", "1"},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", std::to_string(options.answer_deadline.count())},
      {"application_name", options.application_name},
      {"client_encoding", "UTF8"},
  };
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) settings[option->keyword] = option->val;
  }
  auto& server = settings["options"];
  server += (server.empty() ? "" : " ") +
            ("-c statement_timeout=" + std::to_string(options.statement_timeout.count()));
  std::string text;
  for (const auto& [key, value] : settings) text += key + "=" + Quoted(value) + " ";
  return text;
}

Error FromSqlState(std::string_view sql_state, std::string message) {
  const auto kind = sql_state.substr(0, 2);
  if (sql_state == "57014") {
    return {Code::kDeadlineExceeded, "STATEMENT_TIMEOUT", std::move(message)};
  }
  if (kind == "40" || sql_state == "55P03") {
    return {Code::kAborted, "CONFLICT", std::move(message)};
  }
  // 08P01 is a malformed binary value of ours, and repeating would not mend it.
  if ((kind == "08" && sql_state != "08P01") || sql_state == "25006" ||
      IsOneOf(sql_state, {"57P01", "57P02", "57P03"})) {
    return {Code::kUnavailable, "DATABASE_DOWN", std::move(message)};
  }
  if (kind == "53") return {Code::kUnavailable, "DATABASE_BUSY", std::move(message)};
  return {Code::kInternal, "DATABASE_ERROR", std::move(message)};
}

}  // namespace sauda::storage
