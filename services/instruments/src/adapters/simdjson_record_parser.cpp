#include "services/instruments/src/adapters/simdjson_record_parser.hpp"

#include <algorithm>
#include <string>

namespace sauda::instruments {
namespace {

namespace json = simdjson::ondemand;

Error Malformed(const char* what) {
  return {Code::kInvalidArgument, "RECORD_MALFORMED", std::string{"is no JSON object: "} + what};
}

/// A number's or bool's text without what follows it.
std::string_view Trimmed(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return token.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

simdjson::error_code ReadValue(json::value value, RawValue& out) {
  json::json_type type{};
  if (const auto error = value.type().get(type)) return error;
  switch (type) {
    case json::json_type::string:
      out.type = RawValue::Type::kText;
      return value.get_string().get(out.text);
    case json::json_type::number: {
      out.type = RawValue::Type::kNumber;
      out.text = Trimmed(value.raw_json_token());
      double checked = 0;  // the grammar only: the text is what counts
      return value.get_double().get(checked);
    }
    case json::json_type::boolean: {
      bool flag = false;
      if (const auto error = value.get_bool().get(flag)) return error;
      out = {RawValue::Type::kBool, flag ? "true" : "false"};
      return simdjson::SUCCESS;
    }
    case json::json_type::null: {
      bool null = false;  // an `n` may begin anything, which is an error and no answer
      if (const auto error = value.is_null().get(null)) return error;
      out.type = RawValue::Type::kAbsent;
      return null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
    default:
      out.type = RawValue::Type::kOther;
      return simdjson::SUCCESS;
  }
}

}  // namespace

Result<void> SimdjsonRecordParser::Parse(std::string_view record, RawRecord& out) {
  out.Clear();
  padded_.resize(record.size() + simdjson::SIMDJSON_PADDING);
  std::copy(record.begin(), record.end(), padded_.begin());
  std::fill(padded_.begin() + static_cast<std::ptrdiff_t>(record.size()), padded_.end(), '\0');
  json::document document;
  json::object object;
  auto error = parser_.iterate(padded_.data(), record.size(), padded_.size()).get(document);
  if (!error) error = document.get_object().get(object);
  if (error) return Malformed(simdjson::error_message(error));
  std::uint32_t seen = 0;
  for (auto field : object) {
    std::string_view name;
    if ((error = field.unescaped_key().get(name))) return Malformed(simdjson::error_message(error));
    const auto known = std::find(kFieldNames.begin(), kFieldNames.end(), name);
    if (known == kFieldNames.end()) continue;
    const auto index = static_cast<std::size_t>(known - kFieldNames.begin());
    if ((seen >> index & 1U) != 0) return Malformed("a field is there twice");
    seen |= 1U << index;
    json::value value;
    error = field.value().get(value);
    if (!error) error = ReadValue(value, out[static_cast<Field>(index)]);
    if (error) return Malformed(simdjson::error_message(error));
  }
  const char* rest = nullptr;
  if (document.current_location().get(rest) != simdjson::OUT_OF_BOUNDS) {
    return Malformed("something follows it");
  }
  return {};
}

}  // namespace sauda::instruments
