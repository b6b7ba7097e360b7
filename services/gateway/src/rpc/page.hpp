#pragma once

#include <span>
#include <string_view>

namespace sauda::gateway {

/// A file of web/, built into the program.
struct PageFile {
  std::string_view path;  ///< `/`, `/app.js`
  std::string_view type;
  std::string_view content;
};

/// All of them; they live as long as the program.
std::span<const PageFile> PageFiles();

}  // namespace sauda::gateway
