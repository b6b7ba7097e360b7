#pragma once

namespace sauda {

/// Version of the build and the commit it was made from, for --version and build_info.
extern const char* const kVersion;
extern const char* const kCommit;

}  // namespace sauda
