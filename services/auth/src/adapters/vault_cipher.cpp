#include "services/auth/src/adapters/vault_cipher.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

namespace sauda::auth {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeadBytes = 1 + kIdBytes + kNonceBytes;
constexpr std::size_t kBase64OfKey = 44;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// The first bytes of a hash of the key, after a prefix: says which key, and nothing about it.
std::string IdOf(const Secret& key) {
  const std::string named = "sauda vault key id" + key.Reveal();
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(Bytes(named), named.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), kIdBytes};
}

Error Failed() { return {Code::kInternal, "CIPHER_FAILED", "OpenSSL refused to encrypt"}; }

Error Wrong() {
  return {Code::kFailedPrecondition, "VAULT_KEY_WRONG",
          "a token in the vault was not sealed with SAUDA_AUTH_VAULT_KEY, or was tampered with: "
          "give the right key, former ones in SAUDA_AUTH_VAULT_KEY_BEFORE or further down in "
          "SAUDA_AUTH_VAULT_KEYRING, or log in again"};
}

}  // namespace

Result<VaultCipher> VaultCipher::FromKeys(const std::vector<Secret>& keys) {
  std::vector<Key> ready;
  for (const Secret& text : keys) {
    std::string bytes(kKeyBytes + 3, '\0');
    const bool decoded =
        text.Reveal().size() == kBase64OfKey && text.Reveal().find('=') == kBase64OfKey - 1 &&
        EVP_DecodeBlock(Bytes(bytes), Bytes(text.Reveal()), static_cast<int>(kBase64OfKey)) >= 0;
    bytes.resize(kKeyBytes);
    Secret key{std::move(bytes)};
    if (!decoded) {
      return Error{Code::kInvalidArgument, "VAULT_KEY_MALFORMED",
                   "a vault key is 32 random bytes in base64: openssl rand -base64 32"};
    }
    std::string id = IdOf(key);
    ready.push_back({.id = std::move(id), .bytes = std::move(key)});
  }
  if (ready.empty()) {
    return Error{Code::kInvalidArgument, "VAULT_KEY_MALFORMED", "no vault key was given"};
  }
  return VaultCipher{std::move(ready)};
}

std::vector<std::string> VaultCipher::key_ids() const {
  std::vector<std::string> ids;
  for (const Key& key : keys_) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string& id = ids.emplace_back();
    for (const char c : key.id) {
      const auto byte = static_cast<unsigned char>(c);
      id += kDigits[byte >> 4U];
      id += kDigits[byte & 0xFU];
    }
  }
  return ids;
}

const VaultCipher::Key* VaultCipher::KeyOf(std::string_view sealed) const {
  if (sealed.size() < kHeadBytes + kTagBytes || sealed[0] != kFormat) return nullptr;
  const auto key = std::find_if(keys_.begin(), keys_.end(), [&](const Key& each) {
    return sealed.substr(1, kIdBytes) == each.id;
  });
  return key == keys_.end() ? nullptr : &*key;
}

bool VaultCipher::Knows(std::string_view sealed) const { return KeyOf(sealed) != nullptr; }
bool VaultCipher::IsCurrent(std::string_view sealed) const {
  return KeyOf(sealed) == &keys_.front();
}

Result<std::string> VaultCipher::Seal(const Secret& text, std::string_view bound) const {
  const Key& key = keys_.front();
  const std::string& plain = text.Reveal();
  std::string sealed(kHeadBytes + plain.size() + kTagBytes, '\0');
  sealed[0] = kFormat;
  sealed.replace(1, kIdBytes, key.id);
  unsigned char* const nonce = Bytes(sealed) + 1 + kIdBytes;
  if (RAND_bytes(nonce, kNonceBytes) != 1) return Failed();
  const Context context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  int length = 0;
  const bool done =
      context != nullptr &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.bytes.Reveal()),
                         nonce) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, Bytes(sealed),
                        static_cast<int>(1 + kIdBytes)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &length, Bytes(bound),
                        static_cast<int>(bound.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), Bytes(sealed) + kHeadBytes, &length, Bytes(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), Bytes(sealed) + kHeadBytes + plain.size(), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          Bytes(sealed) + kHeadBytes + plain.size()) == 1;
  if (!done) return Failed();
  return sealed;
}

Result<Secret> VaultCipher::Open(std::string_view sealed, std::string_view bound) const {
  const Key* const key = KeyOf(sealed);
  if (key == nullptr) return Wrong();
  const auto body = sealed.substr(kHeadBytes, sealed.size() - kHeadBytes - kTagBytes);
  std::string tag{sealed.substr(sealed.size() - kTagBytes)};
  std::string plain(body.size(), '\0');
  const Context context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  int length = 0;
  const bool done =
      context != nullptr &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key->bytes.Reveal()),
                         Bytes(sealed) + 1 + kIdBytes) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, Bytes(sealed),
                        static_cast<int>(1 + kIdBytes)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &length, Bytes(bound),
                        static_cast<int>(bound.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(plain), &length, Bytes(body),
                        static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, Bytes(tag)) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(plain) + plain.size(), &length) == 1;
  Secret opened{std::move(plain)};
  if (!done) return Wrong();
  return opened;
}

}  // namespace sauda::auth
