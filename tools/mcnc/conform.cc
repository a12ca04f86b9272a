// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

// The decoder as conformance/PROTOCOL.md wants to drive it: a file or a stream of requests, one line of JSON an answer.

#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "common/output.h"
#include "common/report.h"
#include "conform_stages.h"
#include "mcnc/base_models.h"
#include "mcnc/boundary.h"
#include "mcnc/decoder.h"
#include "mcnc/input.h"
#include "mcnc/sink.h"
#include "mcnc/text_file.h"
#include "tensors/merkle.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMaxRequest = std::size_t{1} << 20;  // bytes of a line

struct Request {
  std::string id;
  std::string file;
  std::vector<std::string> bases;
  bool stages = false;
  Limits limits;
  unsigned threads = 1;
};

// The digest of what was decoded, whatever the manifest says it is.
class DigestSink final : public Sink {
 public:
  Status write(const Tensor&, std::uint64_t, std::span<const std::byte> bytes) noexcept override {
    return boundary([&]() -> Status {
      tree_.update(bytes);
      return {};
    });
  }
  Digest finish() { return tree_.finish(); }

 private:
  MerkleTree tree_;
};

ordered_json refusal(const Status& status) {
  ordered_json answer = {{"class", exit_code(status.code())}, {"code", name(status.code())}};
  if (!status.rule().empty()) answer["rule"] = status.rule();
  answer["message"] = status.to_string();
  return answer;
}

// All tensors, with the digests of what they decode to.
Result<std::vector<Tensor>> decode_tensors(Reader& reader, std::span<BaseModel* const> bases, unsigned threads) {
  Result<Decoder> decoder = Decoder::create(reader, {.execution = {.threads = threads}});
  if (!decoder.ok()) return decoder.status();
  if (Status s = set_bases(*decoder, bases); !s.ok()) return s;
  std::vector<Tensor> tensors = reader.manifest().tensors;
  DigestSink sink;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (Status s = decoder->decode(i, sink); !s.ok()) return s;
    tensors[i].digest = sink.finish();
  }
  return tensors;
}

// A wrong fingerprint or tensor digest says that this decoder computes something else; stages say where it begins.
bool stages_help(ErrorCode code) { return code == ErrorCode::kFingerprint || code == ErrorCode::kTensorDigest; }

// The bases of a request that can serve as such. A file that breaks a rule is as good as not given: it has no weights
// identity that a file could ask for.
Result<BaseModels> open_bases(const Request& request) {
  std::vector<std::string> whole;
  for (const std::string& path : request.bases) {
    const Status s = BaseModels::open({path}, request.limits).status();
    const int about = exit_code(s.code());
    if (s.ok()) {
      whole.push_back(path);
    } else if (about != 1 && about != 3 && about != 4) {
      return s;
    }
  }
  return BaseModels::open(whole, request.limits);
}

ordered_json answer_file(const Request& request) {
  auto input = open_file(request.file);
  if (!input.ok()) return refusal(input.status());
  Allowance allowance(request.limits);
  Result<Reader> reader = Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return refusal(reader.status());
  Result<BaseModels> bases = open_bases(request);
  if (!bases.ok()) return refusal(bases.status());
  const Result<std::vector<BaseModel*>> models = bases->match(reader->manifest());
  if (!models.ok()) return refusal(models.status());

  const Result<std::vector<Tensor>> tensors = decode_tensors(*reader, *models, request.threads);
  ordered_json answer;
  if (tensors.ok()) {
    const Result<Digest> identity = weights_identity(*tensors);
    if (!identity.ok()) return refusal(identity.status());
    answer = {{"class", exit_code(ErrorCode::kOk)},
              {"code", name(ErrorCode::kOk)},
              {"weights_identity", to_hex(*identity)},
              {"tensors", ordered_json::array()}};
    for (const Tensor& tensor : *tensors) {
      if (tensor.factor) continue;
      answer["tensors"].push_back({{"name", tensor.name},
                                   {"dtype", name(tensor.dtype)},
                                   {"shape", tensor.shape},
                                   {"digest", to_hex(tensor.digest)}});
    }
  } else {
    answer = refusal(tensors.status());
  }
  if (request.stages && (tensors.ok() || stages_help(tensors.status().code()))) {
    Result<ordered_json> recorded = record_stages(*reader, *models);
    if (recorded.ok()) answer["stages"] = *std::move(recorded);
  }
  return answer;
}

ordered_json answer_request(const Request& request) {
  Result<ordered_json> answer = boundary([&]() -> Result<ordered_json> { return answer_file(request); });
  return answer.ok() ? *std::move(answer) : refusal(answer.status());
}

Status no_request(const std::string& why) { return {ErrorCode::kArgument, "", "not a request: " + why}; }

Status read_limits(const ordered_json& object, Limits& limits) {
  if (!object.is_object()) return no_request("limits must be an object");
  for (const auto& [key, value] : object.items()) {
    if (!value.is_number_unsigned()) return no_request("a limit must be a whole number");
    if (key == "output_bytes") {
      limits.output_bytes = value;
    } else if (key == "multiply_adds") {
      limits.multiply_adds = value;
    } else if (key == "scratch_bytes") {
      limits.scratch_bytes = value;
    } else {
      return no_request("there is no limit \"" + key + "\"");
    }
  }
  return {};
}

// Text that ends where it says, not at a NUL within it.
bool is_path(const ordered_json& value) {
  return value.is_string() && value.get_ref<const std::string&>().find('\0') == std::string::npos;
}

Status read_bases(const ordered_json& list, std::vector<std::string>& bases) {
  if (!list.is_array()) return no_request("bases must be a list");
  for (const ordered_json& path : list) {
    if (!is_path(path)) return no_request("a base must be a path");
    bases.push_back(path);
  }
  return {};
}

// Fills `request` as far as `line` can be understood, the id first.
Status read_request(const std::string& line, Request& request) {
  const ordered_json object = ordered_json::parse(line, nullptr, false);
  if (!object.is_object()) return no_request("it must be a JSON object");
  if (!object.contains("id") || !object["id"].is_string()) return no_request("id must be a text");
  request.id = object["id"];
  for (const auto& [key, value] : object.items()) {
    if (key == "file" && is_path(value)) {
      request.file = value;
    } else if (key == "stages" && value.is_boolean()) {
      request.stages = value;
    } else if (key == "bases") {
      if (Status s = read_bases(value, request.bases); !s.ok()) return s;
    } else if (key == "limits") {
      if (Status s = read_limits(value, request.limits); !s.ok()) return s;
    } else if (key != "id") {
      return no_request("\"" + key + "\" is a key that requests do not have, or its value is of another type");
    }
  }
  return request.file.empty() ? no_request("no file") : Status();
}

Status print_answer(const ordered_json& answer) {
  return print(answer.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + "\n");
}

int answer_stream(const ConformOptions& options) {
  std::string line;
  while (read_line(std::cin, line, kMaxRequest)) {
    Request request;
    request.limits = options.limits;
    request.threads = options.threads;
    const Status understood = read_request(line, request);
    ordered_json answer = {{"id", request.id}};
    answer.update(understood.ok() ? answer_request(request) : refusal(understood));
    if (Status s = print_answer(answer); !s.ok()) return report(kProgram, "", s);
  }
  if (std::cin.eof()) return 0;
  if (std::cin.bad()) return report(kProgram, "", {ErrorCode::kRead, "", "standard input cannot be read"});
  return report(kProgram, "", no_request("a line is longer than a request may be"));
}

}  // namespace

int conform(const ConformOptions& options) {
  if (options.pipe) return answer_stream(options);
  const ordered_json answer =
      answer_request({{}, options.file, options.bases, options.stages, options.limits, options.threads});
  if (Status s = print_answer(answer); !s.ok()) return report(kProgram, "", s);
  return answer["class"];
}

}  // namespace mcnc::tools
