#include "libs/storage/connection_url.hpp"

#include <vector>

namespace sauda::storage {
namespace {

/// A password's place in an address.
struct Span {
  std::size_t begin = 0;
  std::size_t length = 0;
};

std::vector<Span> FindPasswords(std::string_view url) {
  std::vector<Span> found;
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    const auto begin = scheme + 3;
    const auto slash = url.find_first_of("/?", begin);
    // The last @ before the path: a password may hold one that nobody escaped.
    const auto at = url.substr(0, slash).rfind('@');
    if (at != std::string_view::npos && at >= begin) {
      const auto colon = url.find(':', begin);
      if (colon < at) found.push_back({colon + 1, at - colon - 1});
    }
  }
  constexpr std::string_view kKey = "password=";
  for (auto at = url.find(kKey); at != std::string_view::npos; at = url.find(kKey, at + 1)) {
    const auto begin = at + kKey.size();
    const bool quoted = begin < url.size() && url[begin] == '\'';
    const auto end = quoted ? url.find('\'', begin + 1) : url.find_first_of("& \t\n", begin);
    const auto stop = end == std::string_view::npos ? url.size() : end + (quoted ? 1 : 0);
    found.push_back({begin, stop - begin});
  }
  return found;
}

void ReplaceAll(std::string& text, std::string_view what, std::string_view with) {
  if (what.empty()) return;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// `%40` is `@`: a library may quote the password as it understood it.
std::string Unescaped(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

std::string MaskPassword(std::string_view url) {
  std::string masked;
  std::size_t done = 0;
  for (const Span& at : FindPasswords(url)) {
    if (at.begin < done) continue;  // inside the last one
    masked += url.substr(done, at.begin - done);
    masked += "***";
    done = at.begin + at.length;
  }
  masked += url.substr(done);
  return masked;
}

std::string ScrubUrl(std::string text, std::string_view url) {
  ReplaceAll(text, url, MaskPassword(url));
  for (const Span& at : FindPasswords(url)) {
    auto password = url.substr(at.begin, at.length);
    if (password.size() >= 2 && password.front() == '\'') {
      password = password.substr(1, password.size() - 2);
    }
    ReplaceAll(text, password, "***");
    ReplaceAll(text, Unescaped(password), "***");
  }
  return text;
}

}  // namespace sauda::storage
