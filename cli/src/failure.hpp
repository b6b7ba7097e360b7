#pragma once

#include <string>

#include "cli/src/exit_code.hpp"
#include "cli/src/io.hpp"
#include "libs/base/result.hpp"

namespace sauda::cli {

/// The exit code that a failure of a service's call leads to.
ExitCode ExitCodeOf(const Error& error);

/// What the person can do about it; empty when nothing is known.
std::string RemedyFor(const Error& error);

/// Says on the error stream what failed, why, and what to do: as JSON when asked for, else as lines
/// for people. Returns the exit code.
ExitCode Fail(const Io& io, bool json, const std::string& doing, const Error& error);

}  // namespace sauda::cli
