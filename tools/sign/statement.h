// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// What is signed: an in-toto statement (v1) with the predicate of OpenSSF Model Signing v1.0, which lists the parts of
// a model and their digests. Here a model has one part:
//
//   its file    as model_signing has a model of one file: serialization method "files", one resource called "."
//   its weights their identity (spec section "weights identity"), which is a SHA-256 and stays the same when the
//               weights are compressed otherwise: method "mcnc-weights", one resource called "weights". model_signing
//               refuses such a statement, because it does not know the method.
#ifndef MCNC_TOOLS_SIGN_STATEMENT_H_
#define MCNC_TOOLS_SIGN_STATEMENT_H_

#include <string>
#include <string_view>

#include "mcnc/digest.h"
#include "mcnc/status.h"

namespace mcnc::tools {

enum class Subject { kFile, kWeights };

struct Statement {
  std::string model;  // a name for people, which nothing depends on
  Subject subject = Subject::kFile;
  std::string digest;  // 64 lower-case hexadecimal digits
};

std::string to_json(const Statement& statement);

// kText where the text is not such a statement, or contradicts itself; kFeature where it is one of a kind that is not
// known here: another predicate, method or hash, or a model of several files.
Result<Statement> parse_statement(std::string_view text);

}  // namespace mcnc::tools

#endif  // MCNC_TOOLS_SIGN_STATEMENT_H_
