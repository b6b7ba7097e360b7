#pragma once

#include <string>
#include <vector>

#include "cli/src/io.hpp"

namespace sauda::cli {

/// Reads the words after the program's name and does what they say. Returns the exit code.
int Run(const std::vector<std::string>& words, const Io& io);

}  // namespace sauda::cli
