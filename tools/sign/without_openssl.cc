// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "sign/signature.h"

namespace mcnc::tools {
namespace {

Status missing() {
  return {ErrorCode::kFeature, "", "this mcnc was built without OpenSSL, and can neither make nor check signatures"};
}

}  // namespace

Result<LoadedSigner> load_signer(const Signer&) { return missing(); }

Result<std::string> make_signature(const Statement&, const LoadedSigner&) { return missing(); }

Result<Signed> read_signature(const std::string&, const Believed&) { return missing(); }

}  // namespace mcnc::tools
