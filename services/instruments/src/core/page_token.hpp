#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/result.hpp"

namespace sauda::instruments {

/// Says that the next page begins at `offset` of what `request` asks for, a text that differs
/// between requests with different answers.
std::string PageToken(std::int64_t offset, std::string_view request);

/// The offset; 0 of an empty token. Fails with kInvalidArgument / PAGE_TOKEN_INVALID when it is not
/// one of this request.
Result<std::int64_t> ReadPageToken(const std::string& token, std::string_view request);

}  // namespace sauda::instruments
