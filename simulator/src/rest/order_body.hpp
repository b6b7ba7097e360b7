#pragma once

#include <string>

#include "simulator/src/core/order_checks.hpp"

namespace sauda::sim {

/// Reads the JSON body of a place call. A member that is null counts as absent; one of another type
/// is UDAPI100036 naming it. Prices are read from the number's text.
Answer<PlaceRequest> ReadPlace(const std::string& body);

/// The same for a modify call.
Answer<ModifyRequest> ReadModify(const std::string& body);

}  // namespace sauda::sim
