// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// Signatures of a model as files: made, and checked. A program that was built without OpenSSL has without_openssl.cc
// instead of signature.cc, which refuses everything.
#ifndef MCNC_TOOLS_SIGN_SIGNATURE_H_
#define MCNC_TOOLS_SIGN_SIGNATURE_H_

#include <optional>
#include <string>
#include <vector>

#include "mcnc/status.h"
#include "sign/openssl.h"
#include "sign/statement.h"

namespace mcnc::tools {

// Who signs: a private key, and for signatures by certificate the certificate of this key, first in its file, and the
// ones that certify it. Paths of PEM files.
struct Signer {
  std::string key;
  std::optional<std::string> password_file;
  std::optional<std::string> certificate;
  std::vector<std::string> chain;
};

// The signer's files, read and checked.
struct LoadedSigner {
  Key key;
  std::vector<std::string> certificates;  // DER, that of the key first; none for a key pair
};
// kArgument where key and certificate do not belong together, or the certificate cannot sign today; what
// read_private_key and read_certificates say (openssl.h).
Result<LoadedSigner> load_signer(const Signer& signer);

// The text of the signature's file.
Result<std::string> make_signature(const Statement& statement, const LoadedSigner& signer);

// Who is believed: a public key, or the certificates in `trusted`. Paths of PEM files.
struct Believed {
  std::optional<std::string> public_key;
  std::vector<std::string> trusted;
  // Certificates are judged at the moment from which the signer's is valid, as model_signing does, not today.
  bool expired = false;
};

struct Signed {
  Statement statement;
  std::string by;  // for people: "the key ...", "CN = signer"
};
// What the signature in the file `path` says, once it is known to be one of `believed`. kIdentity where it is not; what
// parse_bundle and parse_statement say. Messages name the file that they are about.
Result<Signed> read_signature(const std::string& path, const Believed& believed);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_SIGN_SIGNATURE_H_
