#include "libs/rpc/tls.hpp"

#include <fstream>
#include <sstream>

namespace sauda::rpc {
namespace {

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  if (file && !text.str().empty()) return text.str();
  return Error{
      Code::kInvalidArgument, "TLS_FILES_UNREADABLE",
      "cannot read the TLS file '" + path + "'; --tls-cert, --tls-key and --tls-ca go together"};
}

}  // namespace

Result<TlsTexts> ReadTls(const TlsSettings& settings) {
  auto certificate = ReadFile(settings.certificate_file);
  if (!certificate) return certificate.error();
  auto key = ReadFile(settings.key_file);
  if (!key) return key.error();
  auto ca = ReadFile(settings.ca_file);
  if (!ca) return ca.error();
  return TlsTexts{.certificate = *certificate, .key = *key, .ca = *ca};
}

}  // namespace sauda::rpc
