// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/run.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "common/inputs.h"
#include "common/output.h"
#include "common/table.h"
#include "common/weights_output.h"
#include "mcnc/input.h"
#include "mcnc/safetensors.h"
#include "mcnc/units.h"
#include "mcnc/writer.h"
#include "train/idx.h"
#include "train/load.h"
#include "train/mlp.h"
#include "train/outcome.h"
#include "train/page.h"
#include "train/train.h"
#include "train/trainable.h"

namespace mcnc::tools {
namespace {

using nlohmann::ordered_json;

double accuracy(Mlp& mlp, std::span<const float> parameters, const LabelledImages& images) {
  return static_cast<double>(mlp.evaluate(parameters, images).correct) / static_cast<double>(images.count());
}

// The name of the data directory, without its path.
std::string default_name(const std::string& directory) {
  const std::filesystem::path path = std::filesystem::path(directory).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

std::vector<Metadata> describe(const TrainOptions& options) {
  std::vector<Metadata> metadata = {
      {"general.architecture", std::string("mlp")},
      {"mcnc.train.batch_size", std::int64_t{options.batch_size}},
      {"mcnc.train.epochs", std::int64_t{options.epochs}},
      {"mcnc.train.seed", static_cast<std::int64_t>(options.seed)},
  };
  const std::string name = options.name.empty() ? default_name(options.data) : options.name;
  if (!name.empty() && name != "." && name != "..") metadata.push_back({"general.name", name});
  if (!options.license.empty()) metadata.push_back({"general.license", options.license});
  return metadata;
}

// The bytes of a safetensors file with the stored tensors of `model`.
Result<std::vector<std::byte>> to_safetensors(const Model& model) {
  std::vector<const Tensor*> tensors;
  for (const Tensor& tensor : model.manifest.tensors) tensors.push_back(&tensor);
  tensors = safetensors_order(tensors);
  Result<std::vector<std::byte>> file = safetensors_header(tensors, {});
  if (!file.ok()) return file;
  for (const Tensor* tensor : tensors) {
    const auto& bytes = std::get<std::vector<std::byte>>(model.segments[std::get<Stored>(tensor->source).segment]);
    file->insert(file->end(), bytes.begin(), bytes.end());
  }
  return file;
}

Result<std::vector<std::byte>> to_file(Model model, const TrainOptions& options) {
  if (is_safetensors(options.output)) return to_safetensors(model);
  model.manifest.metadata = describe(options);
  return serialize(std::move(model));
}

// Opened before the training: what cannot be written should be known by then. Null where no file is asked for.
Result<std::unique_ptr<Output>> open_file_output(const TrainOptions& options) {
  if (options.output.empty()) return std::unique_ptr<Output>();
  if (is_safetensors(options.output) && !options.dense) {
    return Status(ErrorCode::kArgument, "", "codes go into a .mcnc file; mcnc decode makes a safetensors file of it");
  }
  std::error_code no_matter;
  const std::filesystem::file_status existing = std::filesystem::status(options.output, no_matter);
  if (options.output == "-" || (std::filesystem::exists(existing) && !std::filesystem::is_regular_file(existing))) {
    return Status(ErrorCode::kArgument, "", options.output + ": the output is read back, so it must be a regular file");
  }
  const std::vector<std::string> inputs = data_set_files(options.data);
  if (is_safetensors(options.output)) return open_weights(options.output, options.force, inputs);
  if (Status s = check_not_input(options.output, inputs); !s.ok()) return s;
  return open_output(options.output, options.force);
}

Status write(const std::vector<std::byte>& file, Output* output) {
  if (output == nullptr) return {};
  if (Status status = output->write(file); !status.ok()) return status;
  return output->commit();
}

// Writes `file`, where there is an output, and reads it back. A .mcnc file is decoded, digests checked, before it
// replaces anything; a safetensors file keeps weights as they are.
Result<LoadedMlp> write_and_load(const std::vector<std::byte>& file, const std::string& path, Output* output) {
  if (is_safetensors(path)) {
    if (Status status = write(file, output); !status.ok()) return status;
    return load_mlp(path);
  }
  Result<std::unique_ptr<Input>> input = borrow_memory(file);
  if (!input.ok()) return input.status();
  Result<LoadedMlp> loaded = load_mlp(*std::move(input));
  if (!loaded.ok()) return loaded;
  if (Status status = write(file, output); !status.ok()) return status;
  return loaded;
}

Result<MlpShape> shape_for(const DataSet& data, const std::vector<std::uint32_t>& hidden) {
  if (data.train.pixels > kLargestWidth) {
    return Status(ErrorCode::kArgument, "", "the images have more than " + std::to_string(kLargestWidth) + " pixels");
  }
  MlpShape shape;
  shape.widths.push_back(static_cast<std::uint32_t>(data.train.pixels));
  shape.widths.insert(shape.widths.end(), hidden.begin(), hidden.end());
  shape.widths.push_back(data.classes);
  return shape;
}

}  // namespace

Status run_training(const TrainOptions& options) {
  if (!options.report.empty()) {
    if (Status s = check_output(options.report, options.force); !s.ok()) return s;
    if (options.report == options.output) {
      return {ErrorCode::kArgument, "", "the report and the trained network cannot be one file"};
    }
  }
  const Result<std::unique_ptr<Output>> output = open_file_output(options);
  if (!output.ok()) return output.status();
  const Result<DataSet> data = load_data_set(options.data);
  if (!data.ok()) return data.status();
  const Result<MlpShape> shape = shape_for(*data, options.hidden);
  if (!shape.ok()) return shape.status();
  const Result<std::unique_ptr<Trainable>> trainable = make_trainable(*shape, options);
  if (!trainable.ok()) return trainable.status();

  Mlp mlp(*shape, options.threads);
  const Result<TrainingResult> trained = train(**trainable, mlp, data->train, options);
  if (!trained.ok()) return trained.status();
  std::vector<float> weights(shape->parameters());
  if (Status status = (*trainable)->weights(weights); !status.ok()) return status;

  Result<Model> model = (*trainable)->model();
  if (!model.ok()) return model.status();
  const Result<std::vector<std::byte>> file = to_file(*std::move(model), options);
  if (!file.ok()) return file.status();
  const Result<LoadedMlp> decoded = write_and_load(*file, options.output, output->get());
  if (!decoded.ok()) return decoded.status();

  const Outcome outcome = {
      weights.size(), (*trainable)->stored_numbers(),     file->size(),
      *trained,       accuracy(mlp, weights, data->test), accuracy(mlp, decoded->parameters, data->test)};
  if (!options.report.empty()) {
    if (Status s = write_training_page(options, outcome, *file); !s.ok()) return s;
  }
  return print_outcome(outcome, options.json);
}

Status run_evaluation(const TrainOptions& options) {
  const Result<LoadedMlp> loaded = load_mlp(options.evaluate);
  if (!loaded.ok()) return loaded.status();
  const Result<DataSet> data = load_data_set(options.data);
  if (!data.ok()) return data.status();
  if (loaded->shape.widths.front() != data->test.pixels || loaded->shape.widths.back() < data->classes) {
    return Status(ErrorCode::kArgument, "",
                  "the network takes " + std::to_string(loaded->shape.widths.front()) + " inputs and knows " +
                      std::to_string(loaded->shape.widths.back()) + " classes; the data has " +
                      std::to_string(data->test.pixels) + " and " + std::to_string(data->classes));
  }
  Mlp mlp(loaded->shape, options.threads);
  const double test_accuracy = accuracy(mlp, loaded->parameters, data->test);
  if (options.json) {
    const ordered_json result = {
        {"weights", loaded->parameters.size()}, {"inputs", kInputText}, {"test_accuracy", test_accuracy}};
    return print(result.dump() + "\n");
  }
  Table table("ll");
  table.add({"inputs", kInputText});
  table.add({"test accuracy", percent(test_accuracy)});
  return print(table.to_string(""));
}

}  // namespace mcnc::tools
