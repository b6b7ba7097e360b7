#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace sauda::cli {

/// Where a command reads and writes, so that tests can stand in for the terminal.
struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;  ///< a live table may be drawn
  /// An environment variable; absent when it is not set.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  /// Reads one line without echo, after `prompt` on the error stream. Absent at the end of input.
  std::function<std::optional<std::string>(const std::string& prompt)> read_hidden;
  /// The same while `go_on`, asked now and then, says true. Null: nobody can type, the input is no
  /// terminal.
  std::function<std::optional<std::string>(const std::string& prompt,
                                           const std::function<bool()>& go_on)>
      read_hidden_while;
};

}  // namespace sauda::cli
