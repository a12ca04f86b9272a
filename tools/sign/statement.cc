// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "sign/statement.h"

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "sign/json_parts.h"

namespace mcnc::tools {
namespace {

constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kPredicateType = "https://model_signing/signature/v1.0";
constexpr std::string_view kHash = "sha256";

struct Method {
  std::string_view name;
  std::string_view resource;
};
constexpr Method kFiles = {"files", "."};
constexpr Method kWeights = {"mcnc-weights", "weights"};

Status malformed(const std::string& message) { return {ErrorCode::kText, "", "the signed statement " + message}; }
Status unknown(const std::string& message) { return {ErrorCode::kFeature, "", "the signed statement " + message}; }

std::optional<std::array<std::byte, 32>> parse_hex(std::string_view hex) {
  std::array<std::byte, 32> digest = {};
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(hex[i]);
    if (digit == std::string_view::npos) return std::nullopt;
    digest[i / 2] = digest[i / 2] << 4 | static_cast<std::byte>(digit);
  }
  return digest;
}

// The digest over the digests of all resources, of which there is one.
std::string root_of(std::span<const std::byte> digest) { return to_hex(sha256(digest)); }

// The digest of the one resource, where the statement is of `subject`.
Result<Statement> parse_resource(const nlohmann::json& resources, Subject subject, std::string model) {
  const Method& method = subject == Subject::kFile ? kFiles : kWeights;
  if (resources.empty()) return malformed("lists no files");
  if (resources.size() > 1) {
    return unknown("is about " + std::to_string(resources.size()) +
                   " files of a folder, not about one; model_signing verifies it");
  }
  const std::string* name = text_in(resources[0], "name");
  const std::string* algorithm = text_in(resources[0], "algorithm");
  const std::string* digest = text_in(resources[0], "digest");
  if (name == nullptr || algorithm == nullptr || digest == nullptr) {
    return malformed("has a resource without name, algorithm or digest");
  }
  if (*name != method.resource) {
    return unknown("is about the file \"" + *name + "\" of a folder, not about one file by itself");
  }
  if (*algorithm != kHash) return unknown("has a digest by \"" + *algorithm + "\", which is not known here");
  if (!parse_hex(*digest)) return malformed("has a digest that is not 64 lower-case hexadecimal digits");
  return Statement{.model = std::move(model), .subject = subject, .digest = *digest};
}

}  // namespace

std::string to_json(const Statement& statement) {
  const Method& method = statement.subject == Subject::kFile ? kFiles : kWeights;
  using nlohmann::ordered_json;
  ordered_json serialization = {{"method", method.name}, {"hash_type", kHash}};
  if (statement.subject == Subject::kFile) serialization["allow_symlinks"] = false;
  const ordered_json resource = {{"name", method.resource}, {"algorithm", kHash}, {"digest", statement.digest}};
  const std::string root = root_of(*parse_hex(statement.digest));
  const ordered_json document = {
      {"_type", kStatementType},
      {"subject", ordered_json::array({{{"name", statement.model}, {"digest", {{"sha256", root}}}}})},
      {"predicateType", kPredicateType},
      {"predicate", {{"serialization", serialization}, {"resources", ordered_json::array({resource})}}}};
  return document.dump(2, ' ', true, ordered_json::error_handler_t::replace);
}

Result<Statement> parse_statement(std::string_view text) {
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object()) return malformed("is not a JSON object");
  const std::string* type = text_in(document, "_type");
  if (type == nullptr || *type != kStatementType) return malformed("is not an in-toto statement of version 1");
  const std::string* predicate_type = text_in(document, "predicateType");
  if (predicate_type == nullptr) return malformed("has no predicateType");
  if (*predicate_type != kPredicateType) {
    return unknown("is of the kind \"" + *predicate_type + "\", not \"" + std::string(kPredicateType) + "\"");
  }

  const nlohmann::json* subjects = list_in(document, "subject");
  if (subjects == nullptr || subjects->size() != 1) return malformed("is not about one subject");
  const std::string* model = text_in((*subjects)[0], "name");
  const nlohmann::json* digests = object_in((*subjects)[0], "digest");
  const std::string* root = digests == nullptr ? nullptr : text_in(*digests, "sha256");
  if (model == nullptr || root == nullptr) return malformed("has a subject without name or SHA-256");

  const nlohmann::json* predicate = object_in(document, "predicate");
  const nlohmann::json* serialization = predicate == nullptr ? nullptr : object_in(*predicate, "serialization");
  const nlohmann::json* resources = predicate == nullptr ? nullptr : list_in(*predicate, "resources");
  const std::string* method = serialization == nullptr ? nullptr : text_in(*serialization, "method");
  const std::string* hash = serialization == nullptr ? nullptr : text_in(*serialization, "hash_type");
  if (method == nullptr || hash == nullptr || resources == nullptr) {
    return malformed("does not say how the model was hashed");
  }
  if (*method != kFiles.name && *method != kWeights.name) {
    return unknown("has digests by the method \"" + *method + "\", which is not known here");
  }
  if (*hash != kHash) return unknown("has digests by \"" + *hash + "\", which is not known here");

  Result<Statement> statement =
      parse_resource(*resources, *method == kFiles.name ? Subject::kFile : Subject::kWeights, *model);
  if (statement.ok() && root_of(*parse_hex(statement->digest)) != *root) {
    return malformed("contradicts itself: the digest of its subject is not that of its resources");
  }
  return statement;
}

}  // namespace mcnc::tools
