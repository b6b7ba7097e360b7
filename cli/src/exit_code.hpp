#pragma once

namespace sauda::cli {

/// What a script may build on; listed in --help and cli/README.md.
enum ExitCode : int {
  kOk = 0,
  kRefused = 1,         ///< understood and refused, or an order that was rejected
  kUsage = 2,           ///< wrong words on the command line
  kUnavailable = 3,     ///< a service, or what it leans on, is away: try again later
  kNotLoggedIn = 4,     ///< somebody must log in first
  kOutcomeUnknown = 5,  ///< it was sent and no answer came; ask again with the same id
};

}  // namespace sauda::cli
