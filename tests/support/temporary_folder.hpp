#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "libs/base/check.hpp"

namespace sauda {

/// A folder of one test's own; gone with it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string made = (std::filesystem::temp_directory_path() / "sauda-test-XXXXXX").string();
    Check(::mkdtemp(made.data()) != nullptr, "a folder for the test could be made");
    path_ = made;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace sauda
