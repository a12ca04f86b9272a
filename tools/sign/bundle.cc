// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "sign/bundle.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "sign/json_parts.h"
#include "sign/openssl.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";

Status malformed(const std::string& message) { return {ErrorCode::kText, "", message}; }

// The text `key` of an object, as bytes that it has in base64.
std::optional<std::string> bytes_in(const nlohmann::json& object, std::string_view key) {
  const std::string* text = text_in(object, key);
  return text == nullptr ? std::nullopt : decode_base64(*text);
}

Status parse_signer(const nlohmann::json& material, Bundle& bundle) {
  const nlohmann::json* key = object_in(material, "publicKey");
  const nlohmann::json* chain = object_in(material, "x509CertificateChain");
  if ((key == nullptr) == (chain == nullptr)) {
    return malformed(
        "names neither a key pair nor a chain of certificates, or both: not a bundle of model_signing for these");
  }
  if (key != nullptr) {
    if (const std::string* hint = text_in(*key, "hint"); hint != nullptr) bundle.hint = *hint;
    return {};
  }
  const nlohmann::json* certificates = list_in(*chain, "certificates");
  if (certificates == nullptr || certificates->empty()) return malformed("has no certificates");
  for (const nlohmann::json& certificate : *certificates) {
    std::optional<std::string> der = bytes_in(certificate, "rawBytes");
    if (!der) return malformed("has a certificate that is not base64");
    bundle.certificates.push_back(*std::move(der));
  }
  return {};
}

Status parse_envelope(const nlohmann::json& envelope, Bundle& bundle) {
  const std::string* type = text_in(envelope, "payloadType");
  if (type == nullptr || *type != kPayloadType) {
    return malformed("has a payload of type \"" + (type == nullptr ? "" : *type) + "\", not \"" +
                     std::string(kPayloadType) + "\"");
  }
  const nlohmann::json* signatures = list_in(envelope, "signatures");
  if (signatures == nullptr || signatures->size() != 1) return malformed("does not have one signature");
  std::optional<std::string> payload = bytes_in(envelope, "payload");
  std::optional<std::string> signature = bytes_in((*signatures)[0], "sig");
  if (!payload || !signature) return malformed("has no payload or signature in base64");
  bundle.payload = *std::move(payload);
  bundle.signature = *std::move(signature);
  return {};
}

}  // namespace

std::string signed_text(std::string_view payload) {
  return "DSSEv1 " + std::to_string(kPayloadType.size()) + " " + std::string(kPayloadType) + " " +
         std::to_string(payload.size()) + " " + std::string(payload);
}

std::string to_json(const Bundle& bundle) {
  ordered_json material;
  if (bundle.certificates.empty()) {
    material["publicKey"] = {{"hint", bundle.hint}};
  } else {
    ordered_json certificates = ordered_json::array();
    for (const std::string& der : bundle.certificates) certificates.push_back({{"rawBytes", encode_base64(der)}});
    material["x509CertificateChain"] = {{"certificates", certificates}};
  }
  material["tlogEntries"] = ordered_json::array();
  const ordered_json signature = {{"sig", encode_base64(bundle.signature)}, {"keyid", ""}};
  const ordered_json document = {{"mediaType", kMediaType},
                                 {"verificationMaterial", material},
                                 {"dsseEnvelope",
                                  {{"payload", encode_base64(bundle.payload)},
                                   {"payloadType", kPayloadType},
                                   {"signatures", ordered_json::array({signature})}}}};
  return document.dump() + "\n";
}

Result<Bundle> parse_bundle(std::string_view text) {
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_discarded()) return malformed("is not JSON: not a signature, or cut off");
  const std::string* media_type = text_in(document, "mediaType");
  if (media_type == nullptr || *media_type != kMediaType) {
    return malformed("is not a Sigstore bundle of the type \"" + std::string(kMediaType) + "\"");
  }
  const nlohmann::json* material = object_in(document, "verificationMaterial");
  const nlohmann::json* envelope = object_in(document, "dsseEnvelope");
  if (material == nullptr || envelope == nullptr) return malformed("is a Sigstore bundle without a signed statement");
  Bundle bundle;
  if (Status s = parse_signer(*material, bundle); !s.ok()) return s;
  if (Status s = parse_envelope(*envelope, bundle); !s.ok()) return s;
  return bundle;
}

}  // namespace mcnc::tools
