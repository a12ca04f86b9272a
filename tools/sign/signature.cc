// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "sign/signature.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

#include "common/report.h"
#include "mcnc/text_file.h"
#include "sign/bundle.h"

namespace mcnc::tools {
namespace {

constexpr std::size_t kMostBundle = std::size_t{16} << 20;  // bytes; a bundle of one file has some thousand

Result<std::vector<std::string>> read_all_certificates(std::span<const std::string> paths) {
  std::vector<std::string> all;
  for (const std::string& path : paths) {
    Result<std::vector<std::string>> some = read_certificates(path);
    if (!some.ok()) return some.status();
    std::move(some->begin(), some->end(), std::back_inserter(all));
  }
  return all;
}

Status check_owner(const Signer& signer, const Key& key, const std::string& certificate) {
  const Result<Owner> owner = owner_of(certificate);
  if (!owner.ok()) return owner.status();
  if (!is_pair(key, owner->key)) return {ErrorCode::kArgument, "", "is not the certificate of the key " + signer.key};
  const Status status = check_signer(certificate);
  return status.ok() ? status : Status(ErrorCode::kArgument, "", status.message());
}

Result<Key> believed_key(const Bundle& bundle, const std::string& public_key) {
  if (!bundle.certificates.empty()) {
    return Status(ErrorCode::kArgument, "", "was made with a certificate: --trust names those to believe");
  }
  Result<Key> key = read_public_key(public_key);
  if (!key.ok()) return key;
  const Result<std::string> hint = key_hint(*key);
  if (!hint.ok()) return hint.status();
  if (!bundle.hint.empty() && bundle.hint != *hint) {
    return Status(ErrorCode::kIdentity, "", "was made with another key than " + public_key);
  }
  return key;
}

Result<Owner> believed_owner(const Bundle& bundle, const Believed& believed) {
  if (bundle.certificates.empty()) {
    return Status(ErrorCode::kArgument, "", "was made with a key pair: --public-key names the key to believe");
  }
  const Result<std::vector<std::string>> trusted = read_all_certificates(believed.trusted);
  if (!trusted.ok()) return trusted.status();
  const Judged judged = believed.expired ? Judged::kAtStart : Judged::kNow;
  if (Status s = check_chain(bundle.certificates, *trusted, judged); !s.ok()) return s;
  return owner_of(bundle.certificates.front());
}

// Who made the signature, after all checks but that of the signature itself.
Result<Owner> signer_of(const Bundle& bundle, const Believed& believed) {
  if (!believed.public_key) return believed_owner(bundle, believed);
  Result<Key> key = believed_key(bundle, *believed.public_key);
  if (!key.ok()) return key.status();
  return Owner{.key = *std::move(key), .name = "the key " + *believed.public_key};
}

// Whether a message is about one of the files of `believed`, whose name it begins with.
bool is_about(const Believed& believed, const std::string& message) {
  const auto names = [&](const std::string& path) { return message.starts_with(path + ": "); };
  return (believed.public_key && names(*believed.public_key)) || std::ranges::any_of(believed.trusted, names);
}

}  // namespace

Result<LoadedSigner> load_signer(const Signer& signer) {
  Result<Key> key = read_private_key(signer.key, signer.password_file);
  if (!key.ok()) return key.status();
  LoadedSigner loaded = {.key = *std::move(key), .certificates = {}};
  if (!signer.certificate) return loaded;
  Result<std::vector<std::string>> certificates = read_certificates(*signer.certificate);
  if (!certificates.ok()) return certificates.status();
  loaded.certificates = *std::move(certificates);
  if (Status s = check_owner(signer, loaded.key, loaded.certificates.front()); !s.ok()) {
    return in_file(*signer.certificate, s);
  }
  const Result<std::vector<std::string>> others = read_all_certificates(signer.chain);
  if (!others.ok()) return others.status();
  loaded.certificates.insert(loaded.certificates.end(), others->begin(), others->end());
  return loaded;
}

Result<std::string> make_signature(const Statement& statement, const LoadedSigner& signer) {
  Bundle bundle = {.payload = to_json(statement), .signature = {}, .hint = {}, .certificates = signer.certificates};
  if (signer.certificates.empty()) {
    Result<std::string> hint = key_hint(signer.key);
    if (!hint.ok()) return hint;
    bundle.hint = *std::move(hint);
  }
  const std::string text = signed_text(bundle.payload);
  Result<std::string> signature = sign_text(signer.key, text);
  if (!signature.ok()) return signature;
  if (Status s = check_signature(signer.key, text, *signature); !s.ok()) return s;
  bundle.signature = *std::move(signature);
  return to_json(bundle);
}

Result<Signed> read_signature(const std::string& path, const Believed& believed) {
  const Result<std::string> text = read_text(path, kMostBundle, ErrorCode::kArgument);
  if (!text.ok()) return text.status();
  const Result<Bundle> bundle = parse_bundle(*text);
  if (!bundle.ok()) return in_file(path, bundle.status());
  Result<Owner> signer = signer_of(*bundle, believed);
  if (!signer.ok()) {
    return is_about(believed, signer.status().message()) ? signer.status() : in_file(path, signer.status());
  }
  if (Status s = check_signature(signer->key, signed_text(bundle->payload), bundle->signature); !s.ok()) {
    return in_file(path, s);
  }
  Result<Statement> statement = parse_statement(bundle->payload);
  if (!statement.ok()) return in_file(path, statement.status());
  return Signed{.statement = *std::move(statement), .by = std::move(signer->name)};
}

}  // namespace mcnc::tools
