#include "services/auth/src/adapters/vault_keyring.hpp"

#include <fstream>
#include <utility>

namespace sauda::auth {

Result<std::unique_ptr<VaultKeyring>> VaultKeyring::Make(Source source) {
  std::unique_ptr<VaultKeyring> keyring{new VaultKeyring{std::move(source)}};
  if (auto read = keyring->Reload(); !read) return read.error();
  return keyring;
}

std::shared_ptr<const VaultCipher> VaultKeyring::cipher() const {
  const std::lock_guard lock{mutex_};
  return cipher_;
}

Result<void> VaultKeyring::Reload() {
  const auto keys = source_();
  if (!keys) return keys.error();
  auto cipher = VaultCipher::FromKeys(*keys);
  if (!cipher) return cipher.error();
  auto made = std::make_shared<const VaultCipher>(std::move(*cipher));
  const std::lock_guard lock{mutex_};
  cipher_ = std::move(made);
  return {};
}

VaultKeyring::Source VaultKeyring::FromFile(std::string path) {
  return [path = std::move(path)]() -> Result<std::vector<Secret>> {
    std::ifstream file{path};
    if (!file) {
      return Error{Code::kUnavailable, "VAULT_KEY_UNREADABLE",
                   "cannot read SAUDA_AUTH_VAULT_KEYRING=" + path};
    }
    std::vector<Secret> keys;
    for (std::string line; std::getline(file, line);) {
      if (line.ends_with('\r')) line.pop_back();
      if (!line.empty() && !line.starts_with('#')) keys.emplace_back(std::move(line));
      line.clear();
    }
    return keys;
  };
}

}  // namespace sauda::auth
