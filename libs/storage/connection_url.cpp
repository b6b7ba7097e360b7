#include "libs/storage/connection_url.hpp"

#include <algorithm>
#include <vector>

namespace sauda::storage {
namespace {

/// Shorter pieces of a password tell nothing, and are in every other word of a message.
constexpr std::size_t kShortestPiece = 3;

/// A password's place in an address.
struct Span {
  std::size_t begin = 0;
  std::size_t length = 0;
};

std::vector<Span> FindPasswords(std::string_view url) {
  std::vector<Span> found;
  std::size_t login_end = 0;
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    const auto begin = scheme + 3;
    // The last @ of all: a password may hold @, / and ? that nobody escaped. An @ behind the host
    // hides more than the password, never less.
    const auto at = url.rfind('@');
    if (at != std::string_view::npos && at >= begin) {
      const auto colon = url.find(':', begin);
      if (colon < at) found.push_back({colon + 1, at - colon - 1});
      login_end = at;
    }
  }
  constexpr std::string_view kKey = "password=";
  for (auto at = url.find(kKey); at != std::string_view::npos; at = url.find(kKey, at + 1)) {
    // What looks like the login may reach into the query; else these letters are the password's.
    const auto before = url.find_last_not_of("sl", at - 1);  // also sslpassword
    if (at < login_end && url[before] != '?' && url[before] != '&') continue;
    const auto begin = at + kKey.size();
    const bool quoted = begin < url.size() && url[begin] == '\'';
    const auto end = quoted ? url.find('\'', begin + 1) : url.find_first_of("& \t\n", begin);
    const auto stop = end == std::string_view::npos ? url.size() : end + (quoted ? 1 : 0);
    found.push_back({begin, stop - begin});
  }
  std::sort(found.begin(), found.end(), [](Span a, Span b) { return a.begin < b.begin; });
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

void Scrub(std::string& text, std::string_view password) {
  ReplaceAll(text, password, "***");
  ReplaceAll(text, Unescaped(password), "***");
}

}  // namespace

std::string MaskPassword(std::string_view url) {
  std::string masked;
  std::size_t done = 0;
  for (const Span& at : FindPasswords(url)) {
    const auto end = at.begin + at.length;
    if (at.begin >= done) {
      masked += url.substr(done, at.begin - done);
      masked += "***";
    }
    done = std::max(done, end);  // one may begin inside the last
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
    Scrub(text, password);
    // A library that ends the login earlier takes the rest for host, port, path and query.
    for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1) {
      end = password.find_first_of("/?@:,&", begin);
      const auto piece = password.substr(begin, end - begin);
      if (piece.size() >= kShortestPiece) Scrub(text, piece);
    }
  }
  return text;
}

}  // namespace sauda::storage
