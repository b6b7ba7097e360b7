#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "libs/base/check.hpp"

namespace sauda {

/// A throw-away certificate authority and one server certificate, made anew for each test program.
struct TestCertificates {
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;

  /// `names` as OpenSSL writes a subjectAltName: "DNS:localhost,IP:127.0.0.1".
  static TestCertificates Make(const std::string& names = "DNS:localhost,IP:127.0.0.1");
};

namespace test_certificates_internal {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

inline Key MakeKey() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  Check(key != nullptr, "OpenSSL makes a key");
  return {key, &EVP_PKEY_free};
}

inline void Extend(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  Check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

inline Certificate MakeCertificate(EVP_PKEY* key, const char* name, const X509* issuer,
                                   int serial) {
  Certificate certificate{X509_new(), &X509_free};
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(),
                       issuer == nullptr ? subject : X509_get_subject_name(issuer));
  return certificate;
}

inline std::string Text(BIO* bio) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(bio, &bytes);
  std::string text{bytes, static_cast<std::size_t>(size)};
  BIO_free(bio);
  return text;
}

inline std::string ToPem(X509* certificate) {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  return Text(bio);
}

inline std::string ToPem(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  return Text(bio);
}

}  // namespace test_certificates_internal

inline TestCertificates TestCertificates::Make(const std::string& names) {
  namespace in = test_certificates_internal;
  const auto ca_key = in::MakeKey();
  const auto ca = in::MakeCertificate(ca_key.get(), "Sauda test CA", nullptr, 1);
  in::Extend(ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  in::Extend(ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(ca.get(), ca_key.get(), EVP_sha256());
  const auto key = in::MakeKey();
  const auto certificate = in::MakeCertificate(key.get(), "Sauda test server", ca.get(), 2);
  in::Extend(certificate.get(), NID_subject_alt_name, names);
  X509_sign(certificate.get(), ca_key.get(), EVP_sha256());
  return {.ca_pem = in::ToPem(ca.get()),
          .certificate_pem = in::ToPem(certificate.get()),
          .key_pem = in::ToPem(key.get())};
}

}  // namespace sauda
