// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "train/page.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/output.h"
#include "mcnc/input.h"
#include "mcnc/reader.h"
#include "mcnc/units.h"
#include "report/codes.h"
#include "report/html.h"
#include "train/load.h"

namespace mcnc::tools {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string cards(const Outcome& outcome) {
  std::vector<std::pair<std::string, std::string>> cards;
  for (const auto& [what, value] : outcome_rows(outcome)) cards.emplace_back(html_text(value), html_text(what));
  return html_cards(cards);
}

std::string epochs(const std::vector<Epoch>& epochs) {
  std::vector<double> losses;
  std::vector<double> accuracies;
  Rows rows;
  for (const Epoch& epoch : epochs) {
    losses.push_back(epoch.loss);
    accuracies.push_back(100 * epoch.accuracy);
    rows.push_back({std::to_string(rows.size() + 1), std::to_string(epoch.loss), percent(epoch.accuracy)});
  }
  return "<h2>Epochs</h2>\n<div class=\"pair\">\n" + html_line(losses, "Loss") +
         html_line(accuracies, "Training accuracy, percent") + "</div>\n" +
         html_table("Means over the training images of an epoch, while the weights changed", "lrr",
                    {"epoch", "loss", "training accuracy"}, rows);
}

Result<std::string> codes(std::span<const std::byte> file) {
  Result<std::unique_ptr<Input>> input = borrow_memory(file);
  if (!input.ok()) return input.status();
  Allowance allowance;
  const Result<Reader> reader = Reader::open(*std::move(input), allowance);
  if (!reader.ok()) return reader.status();
  const Manifest& manifest = reader->manifest();
  Rows rows;
  for (const Codes& table : manifest.codes) {
    const Result<CodesDistribution> numbers = measure_codes(*reader, table);
    if (!numbers.ok()) return numbers.status();
    const Generator& generator = manifest.generators[table.generator];
    const std::string name = "codes " + std::to_string(rows.size());
    rows.push_back({name, grouped(table.chunks), std::to_string(table.codes_per_chunk),
                    std::to_string(generator.code_dim), std::to_string(generator.chunk_dim()),
                    html_histogram(numbers->alpha, "alpha of " + name),
                    html_histogram(numbers->beta, "beta of " + name)});
  }
  if (rows.empty()) return std::string();
  return "<h2>Codes</h2>\n" + html_table("What was trained: a chunk of d weights is made of codes of k numbers",
                                         "lrrrrll", {"table", "chunks", "codes a chunk", "k", "d", "alpha", "beta"},
                                         rows);
}

std::string settings(const TrainOptions& options) {
  std::string hidden;
  for (const std::uint32_t width : options.hidden) hidden += (hidden.empty() ? "" : ", ") + std::to_string(width);
  return "<h2>Settings</h2>\n" + html_table("What it was trained with", "ll", {"setting", "value"},
                                            {{"data", html_text(options.data)},
                                             {"hidden layers", hidden},
                                             {"weights", std::string(name(options.dtype))},
                                             {"epochs", std::to_string(options.epochs)},
                                             {"batch size", std::to_string(options.batch_size)},
                                             {"seed", std::to_string(options.seed)}});
}

}  // namespace

Status write_training_page(const TrainOptions& options, const Outcome& outcome, std::span<const std::byte> file) {
  Result<std::string> of_codes = std::string();
  if (!is_safetensors(options.output)) of_codes = codes(file);
  if (!of_codes.ok()) return of_codes.status();
  const std::string title = options.output.empty()
                                ? "A trained network"
                                : html_text(std::filesystem::path(options.output).filename().string());
  return write_text(options.report,
                    html_page(title, "<main>\n<h1>" + title + "</h1>\n" + cards(outcome) +
                                         epochs(outcome.trained.epochs) + *of_codes + settings(options) + "</main>\n"),
                    options.force);
}

}  // namespace mcnc::tools
