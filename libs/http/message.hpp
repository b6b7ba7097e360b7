#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sauda::http {

/// Header fields in the order in which they were added. Names compare without regard to case.
/// A message has few of them, so look-ups walk the list. Not thread-safe.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_{fields} {}

  /// Adds a field beside those of the same name.
  void Add(std::string name, std::string value);

  /// Replaces every field of that name by this one.
  void Set(std::string name, std::string value);

  void Remove(std::string_view name);

  /// The first value of that name; empty when there is none. Lives as long as the field.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

/// Names and values of a query string or a form, decoded. A name may come several times.
using Fields = std::multimap<std::string, std::string, std::less<>>;

/// One request as a handler gets it. Owns everything it shows.
struct Request {
  std::string method;  // upper case: "GET"
  std::string target;  // as it was sent: "/v1/a%7Cb?x=1"
  std::string path;    // without the query, percent-decoded: "/v1/a|b"
  Fields query;
  Headers headers;
  std::string body;
  std::map<std::string, std::string, std::less<>> path_params;  // of the route's {names}, decoded
  std::string route;       // the pattern that matched: a label from a closed set
  std::string peer;        // "127.0.0.1:50312"
  std::string request_id;  // from X-Request-Id when that is sane, else made here; echoed

  /// The first value of a query parameter; empty when absent.
  std::string_view Query(std::string_view name) const;
  /// The value of a `{name}` in the route; empty when the route has no such name.
  std::string_view Param(std::string_view name) const;
  /// The body read as application/x-www-form-urlencoded.
  Fields Form() const;
};

/// One answer. Content-Length, Connection and, unless set, Date are added when it is written.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  /// Sent instead of `body` when set, without a copy: for bytes that many answers share.
  std::shared_ptr<const std::string> shared_body;
  /// Closes the connection after this answer.
  bool close = false;
  /// Answers nothing and resets the connection: for a simulated fault.
  bool drop = false;

  static Response Text(int status, std::string body);
  static Response Json(int status, std::string body);
  static Response Html(int status, std::string body);
  static Response Redirect(std::string location);  // 302

  const std::string& content() const { return shared_body ? *shared_body : body; }
};

/// The standard phrase of a status: "Not Found"; "Unknown" for a number without one.
std::string_view ReasonPhrase(int status);

/// Whether two header names or tokens are equal, without regard to case (ASCII).
bool EqualIgnoringCase(std::string_view a, std::string_view b);

}  // namespace sauda::http
