#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sauda::http {

/// Finds the route of a request: method and path to the number that the route was added with.
/// Routes are few, so it looks at each. Not thread-safe while routes are added.
class Router {
 public:
  using Params = std::map<std::string, std::string, std::less<>>;

  struct Match {
    enum class Kind : unsigned char { kFound, kUnknownPath, kOtherMethod, kMalformed };
    Kind kind = Kind::kUnknownPath;
    std::size_t route = 0;  // kFound
    Params params;          // kFound
    std::string allowed;    // kOtherMethod: for the Allow header, "GET, POST"
  };

  /// Adds a pattern of literal and `{name}` segments. The first of two equal patterns wins.
  void Add(std::string method, std::string_view pattern, std::size_t route);

  /// `path` is as sent, without the query. Segments are decoded one by one, so an encoded slash
  /// stays inside its segment. A literal segment wins over a name, leftmost first.
  Match Find(std::string_view method, std::string_view path) const;

 private:
  struct Segment {
    bool named = false;
    std::string text;  // the literal, or the name
  };
  struct Pattern {
    std::string method;
    std::vector<Segment> segments;
    std::size_t route = 0;
  };

  static bool Fits(const Pattern& pattern, const std::vector<std::string>& segments);
  static bool IsCloser(const Pattern& a, const Pattern& b);

  std::vector<Pattern> patterns_;
};

}  // namespace sauda::http
