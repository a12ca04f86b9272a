// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The detached signature: a Sigstore bundle (media type of version 0.3) around a DSSE envelope, as OpenSSF Model
// Signing v1.0 writes them for key pairs and for certificates.
#ifndef MCNC_TOOLS_SIGN_BUNDLE_H_
#define MCNC_TOOLS_SIGN_BUNDLE_H_

#include <string>
#include <string_view>
#include <vector>

#include "mcnc/status.h"

namespace mcnc::tools {

struct Bundle {
  std::string payload;    // of the envelope: what is signed, JSON
  std::string signature;  // DER
  // Who signed. A key pair: its hint (openssl.h), which old bundles leave empty. Else certificates as DER, that of the
  // signer first.
  std::string hint;
  std::vector<std::string> certificates;
};

// The bytes that are signed for a payload: DSSE's pre-authentication encoding of it and its type.
std::string signed_text(std::string_view payload);

std::string to_json(const Bundle& bundle);

// Nothing in the result is to be believed before its signature is checked. kText where the text is not such a bundle.
Result<Bundle> parse_bundle(std::string_view text);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_SIGN_BUNDLE_H_
