#pragma once

#include <string>
#include <vector>

#include "libs/base/result.hpp"

namespace sauda::sim {

/// What the TLS listener presents, PEM: the leaf followed by its CA, and the leaf's key.
struct Certificates {
  std::string chain_pem;
  std::string key_pem;
};

/// The simulator's own CA and leaf, kept in `directory` as ca.pem, ca.key, leaf.pem, leaf.key (keys
/// readable by the owner only). They are used again while they are valid for 30 more days and cover
/// `names`; else the leaf is made new, and the CA only when it cannot be used: so clients keep
/// trusting one ca.pem. Names are DNS names or IP addresses. Fails with kUnavailable /
/// CERTIFICATES_UNWRITABLE or kInternal / CERTIFICATES_FAILED.
Result<Certificates> EnsureCertificates(const std::string& directory,
                                        const std::vector<std::string>& names);

}  // namespace sauda::sim
