#pragma once

#include <string>

#include "libs/base/result.hpp"
#include "libs/settings/service.hpp"

namespace sauda::rpc {

/// The texts of the certificate files.
struct TlsTexts {
  std::string certificate;
  std::string key;
  std::string ca;
};

/// Fails with kInvalidArgument / TLS_FILES_UNREADABLE, naming the file.
Result<TlsTexts> ReadTls(const TlsSettings& settings);

}  // namespace sauda::rpc
