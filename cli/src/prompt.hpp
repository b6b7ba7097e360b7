#pragma once

#include <functional>
#include <optional>
#include <string>

namespace sauda::cli {

/// Reads one line from standard input; from a terminal without echo, which is restored afterwards
/// whatever happens, a signal that ends the process included. Absent at the end of input.
std::optional<std::string> ReadHidden(const std::string& prompt);

/// The same while `go_on`, asked every half second, says true; absent too when it does not.
std::optional<std::string> ReadHiddenWhile(const std::string& prompt,
                                           const std::function<bool()>& go_on);

}  // namespace sauda::cli
