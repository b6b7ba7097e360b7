#include "libs/http/router.hpp"

#include <optional>

#include "libs/http/url.hpp"

namespace sauda::http {
namespace {

std::vector<std::string_view> Split(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

void Router::Add(std::string method, std::string_view pattern, std::size_t route) {
  Pattern added{.method = std::move(method), .segments = {}, .route = route};
  for (const std::string_view segment : Split(pattern)) {
    const bool named = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    const std::string_view text = named ? segment.substr(1, segment.size() - 2) : segment;
    added.segments.push_back({.named = named, .text = std::string{text}});
  }
  patterns_.push_back(std::move(added));
}

bool Router::Fits(const Pattern& pattern, const std::vector<std::string>& segments) {
  if (pattern.segments.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Segment& wanted = pattern.segments[i];
    if (wanted.named ? segments[i].empty() : wanted.text != segments[i]) return false;
  }
  return true;
}

bool Router::IsCloser(const Pattern& a, const Pattern& b) {
  for (std::size_t i = 0; i < a.segments.size(); ++i) {
    if (a.segments[i].named != b.segments[i].named) return b.segments[i].named;
  }
  return false;
}

Router::Match Router::Find(std::string_view method, std::string_view path) const {
  Match match;
  std::vector<std::string> segments;
  for (const std::string_view raw : Split(path)) {
    auto decoded = PercentDecode(raw);
    if (!decoded) {
      match.kind = Match::Kind::kMalformed;
      return match;
    }
    segments.push_back(std::move(*decoded));
  }
  const Pattern* best = nullptr;
  for (const Pattern& pattern : patterns_) {
    if (!Fits(pattern, segments)) continue;
    if (pattern.method != method) {
      match.kind = Match::Kind::kOtherMethod;
      if (match.allowed.find(pattern.method) == std::string::npos) {
        match.allowed += (match.allowed.empty() ? "" : ", ") + pattern.method;
      }
    } else if (best == nullptr || IsCloser(pattern, *best)) {
      best = &pattern;
    }
  }
  if (best == nullptr) return match;
  match.kind = Match::Kind::kFound;
  match.route = best->route;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (best->segments[i].named) match.params[best->segments[i].text] = segments[i];
  }
  return match;
}

}  // namespace sauda::http
