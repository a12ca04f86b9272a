// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Keys of elliptic curves, certificates and base64, by OpenSSL: openssl.cc is the tools' only door to it. Nothing here
// reaches a network. What is signed and how it is wrapped is not known here: see statement.h and bundle.h.
#ifndef MCNC_TOOLS_SIGN_OPENSSL_H_
#define MCNC_TOOLS_SIGN_OPENSSL_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mcnc/status.h"

struct evp_pkey_st;  // EVP_PKEY of OpenSSL

namespace mcnc::tools {

// A private or a public key of the curve P-256, P-384 or P-521, never null. Signatures are ECDSA over SHA-256, SHA-384
// and SHA-512, in this order, as DER.
using Key = std::shared_ptr<evp_pkey_st>;

// A private key from a PEM file (PKCS#8 or SEC 1). One that is encrypted takes the first line of `password_file`, else
// what is typed on the terminal. kRead where a file cannot be read; kArgument where there is no such key in it, where
// others than its owner may read the file, and where the password is wrong or there is nobody to ask.
Result<Key> read_private_key(const std::string& path, const std::optional<std::string>& password_file);

// A public key from a PEM file (SubjectPublicKeyInfo). kRead, kArgument.
Result<Key> read_public_key(const std::string& path);

// SHA-256 of the key's public half as PEM, in hexadecimal: how a bundle says which key pair signed it.
Result<std::string> key_hint(const Key& key);

// The public halves are the same.
bool is_pair(const Key& a, const Key& b);

// key: private.
Result<std::string> sign_text(const Key& key, std::string_view text);

// kIdentity unless `signature` is one of `text` by the private half of `key`.
Status check_signature(const Key& key, std::string_view text, std::string_view signature);

// All certificates of a PEM file, each as DER, in their order. kRead; kArgument where there is none.
Result<std::vector<std::string>> read_certificates(const std::string& path);

// What a certificate says of its owner: the key, and the name, such as "CN = signer". kText where it is not one in DER.
struct Owner {
  Key key;
  std::string name;
};
Result<Owner> owner_of(std::string_view certificate);

enum class Judged {
  kNow,
  kAtStart,  // at the moment from which the signing certificate is valid
};
// That chain[0] may sign and is, through the others, certified by one of `trusted` that has certified itself. All are
// DER. kIdentity, with the reason and the certificate that it is about; kText where one is not a certificate.
Status check_chain(std::span<const std::string> chain, std::span<const std::string> trusted, Judged judged);

// That a certificate may sign, and is valid now, whoever certified it. Errors as above.
Status check_signer(const std::string& certificate);

// Without line ends; decoding takes nothing else.
std::string encode_base64(std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_SIGN_OPENSSL_H_
