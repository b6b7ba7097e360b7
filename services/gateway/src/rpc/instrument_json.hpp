#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "libs/base/result.hpp"
#include "libs/http/message.hpp"
#include "sauda/instruments/v1alpha1/instruments.pb.h"

namespace sauda::gateway {

/// What paths about instruments answer with.
nlohmann::json InstrumentJson(const instruments::v1alpha1::Instrument& instrument);
nlohmann::json TypesJson(const instruments::v1alpha1::TypeCounts& types);
nlohmann::json ReportJson(const instruments::v1alpha1::SyncReport& report);

/// A whole number of the query; 0 when it is not there, absent when it is none.
std::optional<std::int32_t> NumberIn(const http::Request& request, std::string_view name);
std::optional<std::int64_t> LongNumberIn(const http::Request& request, std::string_view name);

/// `true` or `false` of the query; false when it is not there. Fails with kInvalidArgument /
/// FIELD_WRONG.
Result<bool> FlagIn(const http::Request& request, std::string_view name);

/// `kind` of the query in either case, unspecified when it is not there. Fails with
/// kInvalidArgument / KIND_UNKNOWN.
Result<instruments::v1alpha1::InstrumentKind> KindIn(const http::Request& request);

}  // namespace sauda::gateway
