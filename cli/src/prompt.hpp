#pragma once

#include <optional>
#include <string>

namespace sauda::cli {

/// Reads one line from standard input; from a terminal without echo, which is restored afterwards
/// whatever happens. Absent at the end of input.
std::optional<std::string> ReadHidden(const std::string& prompt);

}  // namespace sauda::cli
