#include "simulator/src/certificates.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sauda::sim {
namespace {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, FreeWith<X509_free>>;

struct Pair {
  Cert cert;
  Key key;
  explicit operator bool() const { return cert && key; }
};

constexpr std::int64_t kDay = std::int64_t{24} * 60 * 60;
constexpr std::int64_t kCaLife = 3650 * kDay;
constexpr std::int64_t kLeafLife = 800 * kDay;  // Apple's clients refuse more than 825 days
constexpr int kSpareDays = 30;

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Writes beside the file and renames over it, so that nobody reads half of one.
Result<void> WriteAll(const std::filesystem::path& path, const std::string& text, mode_t mode) {
  const std::string beside = path.string() + ".new";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  bool written = file >= 0;
  if (written) {
    written = ::fchmod(file, mode) == 0 &&
              ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    written = ::close(file) == 0 && written;
  }
  std::error_code failure;
  if (written) std::filesystem::rename(beside, path, failure);
  if (!written || failure) {
    return Error{Code::kUnavailable, "CERTIFICATES_UNWRITABLE", "cannot write " + path.string()};
  }
  return {};
}

std::string Text(const Bio& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string ToPem(const Cert& cert) {
  const Bio bio{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(bio.get(), cert.get());
  return Text(bio);
}

std::string ToPem(const Key& key) {
  const Bio bio{BIO_new(BIO_s_mem())};
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return Text(bio);
}

Pair Load(const std::filesystem::path& directory, const std::string& name) {
  const std::string cert = ReadAll(directory / (name + ".pem"));
  const std::string key = ReadAll(directory / (name + ".key"));
  const Bio cert_bio{BIO_new_mem_buf(cert.data(), static_cast<int>(cert.size()))};
  const Bio key_bio{BIO_new_mem_buf(key.data(), static_cast<int>(key.size()))};
  Pair pair{.cert = Cert{PEM_read_bio_X509(cert_bio.get(), nullptr, nullptr, nullptr)},
            .key = Key{PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr)}};
  if (!pair || X509_check_private_key(pair.cert.get(), pair.key.get()) != 1) return {};
  std::time_t spare = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() +
                                                           std::chrono::hours{24 * kSpareDays});
  if (X509_cmp_time(X509_get0_notAfter(pair.cert.get()), &spare) != 1) return {};
  return pair;
}

bool IsAddress(const std::string& name) {
  const std::unique_ptr<ASN1_OCTET_STRING, FreeWith<ASN1_OCTET_STRING_free>> address{
      a2i_IPADDRESS(name.c_str())};
  return address != nullptr;
}

bool Covers(const Cert& cert, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [&cert](const std::string& name) {
    return (IsAddress(name)
                ? X509_check_ip_asc(cert.get(), name.c_str(), 0)
                : X509_check_host(cert.get(), name.data(), name.size(), 0, nullptr)) == 1;
  });
}

bool AddExtension(const Cert& cert, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, cert.get(), nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>> extension{
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str())};
  return extension != nullptr && X509_add_ext(cert.get(), extension.get(), -1) == 1;
}

/// A certificate with a new key, signed by `issuer`, or by itself when there is none.
Pair Make(const std::string& common_name, std::int64_t life, const Pair* issuer,
          const std::vector<std::pair<int, std::string>>& extensions) {
  Pair pair{.cert = Cert{X509_new()}, .key = Key{EVP_EC_gen("P-256")}};
  std::array<unsigned char, 8> serial{};
  if (!pair || RAND_bytes(serial.data(), serial.size()) != 1) return {};
  serial[0] &= 0x7F;  // positive
  X509* const cert = pair.cert.get();
  const std::unique_ptr<BIGNUM, FreeWith<BN_free>> number{
      BN_bin2bn(serial.data(), serial.size(), nullptr)};
  X509_set_version(cert, X509_VERSION_3);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(cert));
  X509_gmtime_adj(X509_getm_notBefore(cert), -kDay);  // for clocks that are behind
  X509_gmtime_adj(X509_getm_notAfter(cert), life);
  X509_set_pubkey(cert, pair.key.get());
  X509_NAME* const subject = X509_get_subject_name(cert);
  const auto* const text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509* const signer = issuer != nullptr ? issuer->cert.get() : cert;
  X509_set_issuer_name(cert, X509_get_subject_name(signer));
  for (const auto& [id, value] : extensions) {
    if (!AddExtension(pair.cert, signer, id, value)) return {};
  }
  EVP_PKEY* const key = issuer != nullptr ? issuer->key.get() : pair.key.get();
  if (X509_sign(cert, key, EVP_sha256()) == 0) return {};
  return pair;
}

Result<void> Save(const std::filesystem::path& directory, const std::string& name,
                  const Pair& pair) {
  if (!pair) return Error{Code::kInternal, "CERTIFICATES_FAILED", "OpenSSL made no certificate"};
  auto saved = WriteAll(directory / (name + ".key"), ToPem(pair.key), 0600);
  if (saved) saved = WriteAll(directory / (name + ".pem"), ToPem(pair.cert), 0644);
  return saved;
}

}  // namespace

Result<Certificates> EnsureCertificates(const std::string& directory,
                                        const std::vector<std::string>& names) {
  const std::filesystem::path place{directory};
  std::error_code failure;
  std::filesystem::create_directories(place, failure);
  if (failure) {
    return Error{Code::kUnavailable, "CERTIFICATES_UNWRITABLE",
                 "cannot make " + directory + ": " + failure.message()};
  }
  Pair ca = Load(place, "ca");
  const bool new_ca = !ca;
  if (new_ca) {
    ca = Make("Sauda simulator CA (simulated market, not a real broker)", kCaLife, nullptr,
              {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
               {NID_key_usage, "critical,keyCertSign,cRLSign"},
               {NID_subject_key_identifier, "hash"}});
    if (const auto saved = Save(place, "ca", ca); !saved) return saved.error();
  }
  Pair leaf = new_ca ? Pair{} : Load(place, "leaf");
  const bool usable = leaf && X509_verify(leaf.cert.get(), ca.key.get()) == 1;
  if (!usable || !Covers(leaf.cert, names)) {
    std::string list;
    for (const std::string& name : names) {
      list += (list.empty() ? "" : ",") + std::string{IsAddress(name) ? "IP:" : "DNS:"} + name;
    }
    leaf = Make("sauda-sim", kLeafLife, &ca,
                {{NID_basic_constraints, "critical,CA:FALSE"},
                 {NID_key_usage, "critical,digitalSignature"},
                 {NID_ext_key_usage, "serverAuth"},
                 {NID_subject_alt_name, list},
                 {NID_authority_key_identifier, "keyid"}});
    if (const auto saved = Save(place, "leaf", leaf); !saved) return saved.error();
  }
  return Certificates{.chain_pem = ToPem(leaf.cert) + ToPem(ca.cert), .key_pem = ToPem(leaf.key)};
}

}  // namespace sauda::sim
