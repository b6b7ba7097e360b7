#include "libs/http/egress.hpp"

#include <algorithm>
#include <cstdlib>

#include "libs/base/text.hpp"

namespace sauda::http {

Result<void> CheckEgress(const EgressList& allowed, const Url& url) {
  const std::string name = url.HostPort();
  const bool listed =
      std::any_of(allowed.begin(), allowed.end(), [&name](const std::string& entry) {
        if (!entry.starts_with("*.")) return entry == name;
        return name.size() > entry.size() - 1 && name.ends_with(entry.substr(1));
      });
  if (!listed) {
    return Error{Code::kPermissionDenied, "EGRESS_REFUSED", name + " is not on the allow-list"};
  }
  if (!url.tls() && !IsLoopbackHost(url.host)) {
    return Error{Code::kPermissionDenied, "EGRESS_REFUSED", name + " would be spoken to in clear"};
  }
  return {};
}

Result<void> CheckProcessEgress(const Url& url) {
  static const bool loopback_only = [] {
    const char* const set = std::getenv("SAUDA_LOOPBACK_ONLY");
    return set != nullptr && *set != '\0';
  }();
  if (!loopback_only || IsLoopbackHost(url.host)) return {};
  return Error{Code::kPermissionDenied, "EGRESS_REFUSED",
               url.HostPort() + " is not this machine, and SAUDA_LOOPBACK_ONLY is set"};
}

}  // namespace sauda::http
