#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/gateway/src/core/quote.hpp"

namespace sauda::gateway {

/// Appends a JSON string with its quotes.
void AppendJsonString(std::string& out, std::string_view text);

/// The body of a tick event: an object with every field of the quote. `ltp, ltt, ltq, cp, change`
/// are absent before the first trade; `received_ns` is text, since JavaScript's numbers cannot
/// hold it. `change` has four decimals. `stale` is there when it is true.
std::string TickJson(const Quote& quote, std::string_view instance, bool snapshot,
                     bool stale = false);

/// The short form of the price lists: {ltp, ltt, ltq, cp, change, updated_at}, null where unknown;
/// `change` is unknown too while there is no previous close.
std::string PriceJson(const Quote& quote);

/// A whole event of the stream: `event: tick`, its id and its data.
std::string TickEvent(const Quote& quote, std::string_view instance, bool snapshot,
                      bool stale = false);

}  // namespace sauda::gateway
