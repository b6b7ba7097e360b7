#pragma once

#include <string>
#include <string_view>

namespace sauda::storage {

/// The address with its password replaced by "***", for logs and errors: `redis://:p@h:1/0` becomes
/// `redis://:***@h:1/0`, and `...?password=p` is masked as well. Text that is no URL (libpq's
/// `key=value` form) comes back with the value of `password` masked. A login ends at the last `@`,
/// so whatever an unescaped password holds is masked, at worst with some of what follows it.
std::string MaskPassword(std::string_view url);

/// `text` without any occurrence of the passwords, of their pieces (of three characters and more)
/// between
/// `/ ? @ : , &`, and of the
/// whole of `url`: what a library says about a connection may quote what it was given, or what it
/// took a piece of an unescaped password for.
std::string ScrubUrl(std::string text, std::string_view url);

}  // namespace sauda::storage
