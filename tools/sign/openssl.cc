// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "sign/openssl.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "mcnc/digest.h"
#include "mcnc/file.h"
#include "mcnc/text_file.h"

namespace mcnc::tools {
namespace {

constexpr std::size_t kMostPem = std::size_t{4} << 20;  // bytes of a file of keys or certificates

// Deletes with the function of OpenSSL's that is for the type.
template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

Status no_memory() { return {ErrorCode::kMemory, "", "no memory"}; }

Result<Bio> bio_of(std::string_view text) {
  Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));  // at most kMostPem
  if (!bio) return no_memory();
  return bio;
}

std::string text_of(BIO& bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(&bio, &bytes);
  return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

// The hash that goes with the curve of a key; null for keys of other kinds.
const EVP_MD* hash_of(EVP_PKEY& key) {
  std::array<char, 32> curve = {};
  if (EVP_PKEY_is_a(&key, "EC") != 1 || EVP_PKEY_get_group_name(&key, curve.data(), curve.size(), nullptr) != 1) {
    return nullptr;
  }
  const std::string_view name = curve.data();
  if (name == "prime256v1") return EVP_sha256();
  if (name == "secp384r1") return EVP_sha384();
  if (name == "secp521r1") return EVP_sha512();
  return nullptr;
}

constexpr char kCurves[] = "is not a key of the elliptic curve P-256, P-384 or P-521";

Result<Key> checked_key(EVP_PKEY* key, const std::string& path) {
  const Key owned(key, [](EVP_PKEY* pkey) { EVP_PKEY_free(pkey); });
  if (hash_of(*key) == nullptr) return Status(ErrorCode::kArgument, "", path + ": " + kCurves);
  return owned;
}

// As ssh has it: a private key of ours that others may look at is no secret any more.
Status check_secret(const std::string& path) {
  struct stat file = {};
  if (path == "-") return {};
  if (::stat(path.c_str(), &file) != 0) return read_error(path, errno);
  if (!S_ISREG(file.st_mode) || file.st_uid != ::geteuid() || (file.st_mode & 077) == 0) return {};
  return {ErrorCode::kArgument, "",
          path + ": others may read or change this private key; chmod 600 makes it yours alone"};
}

struct Password {
  const std::optional<std::string>& file;
  const std::string& key;
  bool was_asked = false;
  Status status;
};

// pem_password_cb of OpenSSL: called where the key is encrypted. Returns the length of the password, or -1.
int ask_password(char* buffer, int size, int, void* user) {
  auto& password = *static_cast<Password*>(user);
  password.was_asked = true;
  if (password.file) {
    const Result<std::string> text = read_text(*password.file, static_cast<std::size_t>(size), ErrorCode::kArgument);
    if (!text.ok()) {
      password.status = text.status();
      return -1;
    }
    const std::size_t length = std::min(text->find('\n'), text->size());
    std::memcpy(buffer, text->data(), length);
    return static_cast<int>(length);
  }
  if (!FileDescriptor(::open("/dev/tty", O_RDWR | O_CLOEXEC)).valid()) {
    password.status = {ErrorCode::kArgument, "",
                       password.key +
                           ": is encrypted, and there is no terminal to ask for its password: name a file "
                           "that holds it with --password-file"};
    return -1;
  }
  const std::string prompt = "Password of " + password.key + ": ";
  if (EVP_read_pw_string(buffer, size, prompt.c_str(), 0) != 0) {
    password.status = {ErrorCode::kArgument, "", password.key + ": no password was given"};
    return -1;
  }
  return static_cast<int>(std::strlen(buffer));
}

Result<Certificate> certificate_of(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const auto* end = bytes + der.size();
  Certificate certificate(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!certificate || bytes != end) return Status(ErrorCode::kText, "", "a certificate is not one in DER");
  return certificate;
}

Result<std::string> name_of(X509& certificate) {
  const Bio text(BIO_new(BIO_s_mem()));
  // UTF-8, without control characters: they come as \xx.
  constexpr unsigned long kFlags = (XN_FLAG_ONELINE & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  if (!text || X509_NAME_print_ex(text.get(), X509_get_subject_name(&certificate), 0, kFlags) < 0) return no_memory();
  return text_of(*text);
}

bool may_sign(X509& certificate) {
  const std::uint32_t usage = X509_get_key_usage(&certificate);  // all bits where the certificate does not say
  if (usage != UINT32_MAX && (usage & KU_DIGITAL_SIGNATURE) != 0) return true;
  const std::uint32_t extended = X509_get_extended_key_usage(&certificate);
  return extended != UINT32_MAX && (extended & XKU_CODE_SIGN) != 0;
}

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

Result<Stack> stack_of(std::span<const std::string> certificates) {
  Stack stack(sk_X509_new_null());
  if (!stack) return no_memory();
  for (const std::string& der : certificates) {
    Result<Certificate> certificate = certificate_of(der);
    if (!certificate.ok()) return certificate.status();
    if (sk_X509_push(stack.get(), certificate->get()) == 0) return no_memory();
    certificate->release();
  }
  return stack;
}

// As check_chain. flags: of OpenSSL's verification.
Status judge(std::span<const std::string> chain, std::span<const std::string> trusted, Judged judged,
             unsigned long flags) {
  const Result<Certificate> signer = certificate_of(chain[0]);
  if (!signer.ok()) return signer.status();
  const Result<Stack> others = stack_of(chain.subspan(1));
  if (!others.ok()) return others.status();
  const Result<Stack> roots = stack_of(trusted);
  if (!roots.ok()) return roots.status();

  const std::unique_ptr<X509_STORE, Free<X509_STORE_free>> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, Free<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  if (!store || !context) return no_memory();
  for (int i = 0; i < sk_X509_num(roots->get()); ++i) {
    if (X509_STORE_add_cert(store.get(), sk_X509_value(roots->get(), i)) != 1) return no_memory();
  }
  if (X509_STORE_CTX_init(context.get(), store.get(), signer->get(), others->get()) != 1) return no_memory();
  X509_STORE_CTX_set_flags(context.get(), flags);
  if (judged == Judged::kAtStart) {
    std::tm start = {};
    if (ASN1_TIME_to_tm(X509_get0_notBefore(signer->get()), &start) != 1) {
      return {ErrorCode::kText, "", "a certificate does not say from when it is valid"};
    }
    X509_STORE_CTX_set_time(context.get(), 0, ::timegm(&start));
  }
  const int answer = X509_verify_cert(context.get());
  ERR_clear_error();
  if (answer != 1) {
    X509* about = X509_STORE_CTX_get_current_cert(context.get());
    const Result<std::string> name = about == nullptr ? Result<std::string>(std::string()) : name_of(*about);
    if (!name.ok()) return name.status();
    return {ErrorCode::kIdentity, "",
            "the certificate " + *name +
                " is not to be trusted: " + X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))};
  }
  if (!may_sign(**signer)) {
    return {ErrorCode::kIdentity, "", "the signing certificate is not meant for signatures of data or code"};
  }
  return {};
}

}  // namespace

Result<Key> read_private_key(const std::string& path, const std::optional<std::string>& password_file) {
  const Result<std::string> text = read_text(path, kMostPem, ErrorCode::kArgument);
  if (!text.ok()) return text.status();
  if (Status s = check_secret(path); !s.ok()) return s;
  const Result<Bio> bio = bio_of(*text);
  if (!bio.ok()) return bio.status();
  Password password = {.file = password_file, .key = path, .was_asked = false, .status = {}};
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio->get(), nullptr, ask_password, &password);
  ERR_clear_error();
  if (key != nullptr) return checked_key(key, path);
  if (!password.status.ok()) return password.status;
  if (password.was_asked) return Status(ErrorCode::kArgument, "", path + ": cannot be decrypted with this password");
  return Status(ErrorCode::kArgument, "", path + ": is not a private key in PEM form");
}

Result<Key> read_public_key(const std::string& path) {
  const Result<std::string> text = read_text(path, kMostPem, ErrorCode::kArgument);
  if (!text.ok()) return text.status();
  const Result<Bio> bio = bio_of(*text);
  if (!bio.ok()) return bio.status();
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio->get(), nullptr, nullptr, nullptr);
  ERR_clear_error();
  if (key == nullptr) return Status(ErrorCode::kArgument, "", path + ": is not a public key in PEM form");
  return checked_key(key, path);
}

Result<std::string> key_hint(const Key& key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), key.get()) != 1) return no_memory();
  const std::string text = text_of(*bio);
  return to_hex(sha256(std::as_bytes(std::span(text))));
}

bool is_pair(const Key& a, const Key& b) { return EVP_PKEY_eq(a.get(), b.get()) == 1; }

Result<std::string> sign_text(const Key& key, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, hash_of(*key), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return no_memory();
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) !=
      1) {
    return Status(ErrorCode::kInternal, "", "OpenSSL could not sign with this key");
  }
  signature.resize(size);
  return signature;
}

Status check_signature(const Key& key, std::string_view text, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  if (!context || EVP_DigestVerifyInit(context.get(), nullptr, hash_of(*key), nullptr, key.get()) != 1) {
    return no_memory();
  }
  const int answer =
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
  ERR_clear_error();
  if (answer == 1) return {};
  return {ErrorCode::kIdentity, "", "the signature is not one that this key made of what the bundle says"};
}

Result<std::vector<std::string>> read_certificates(const std::string& path) {
  const Result<std::string> text = read_text(path, kMostPem, ErrorCode::kArgument);
  if (!text.ok()) return text.status();
  const Result<Bio> bio = bio_of(*text);
  if (!bio.ok()) return bio.status();
  std::vector<std::string> certificates;
  while (true) {
    const Certificate certificate(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
    if (!certificate) break;
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate.get(), &bytes);
    if (size < 0) return no_memory();
    certificates.emplace_back(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (certificates.empty() || !at_end) {
    return Status(ErrorCode::kArgument, "", path + ": is not one or more certificates in PEM form");
  }
  return certificates;
}

Result<Owner> owner_of(std::string_view der) {
  const Result<Certificate> certificate = certificate_of(der);
  if (!certificate.ok()) return certificate.status();
  EVP_PKEY* key = X509_get_pubkey(certificate->get());
  ERR_clear_error();
  if (key == nullptr) return Status(ErrorCode::kText, "", "the key of a certificate cannot be read");
  Result<Key> owned = checked_key(key, "the key of the signing certificate");
  if (!owned.ok()) return owned.status();
  Result<std::string> name = name_of(**certificate);
  if (!name.ok()) return name.status();
  return Owner{*std::move(owned), *std::move(name)};
}

Status check_chain(std::span<const std::string> chain, std::span<const std::string> trusted, Judged judged) {
  return judge(chain, trusted, judged, 0);
}

Status check_signer(const std::string& certificate) {
  return judge(std::span(&certificate, 1), std::span(&certificate, 1), Judged::kNow, X509_V_FLAG_PARTIAL_CHAIN);
}

std::string encode_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // a NUL ends what OpenSSL writes
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
  // EVP_DecodeBlock passes over blanks, and counts padding as bytes.
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t digits = std::min(text.find_first_not_of(kDigits), text.size());
  const std::string_view padding = text.substr(digits);
  if (text.size() % 4 != 0 || (!padding.empty() && padding != "=" && padding != "==")) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(bytes.size() - padding.size());
  return bytes;
}

}  // namespace mcnc::tools
