// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include "mcnc/base_models.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "mcnc/digest.h"
#include "mcnc/input.h"
#include "mcnc/safetensors.h"
#include "mcnc/writer.h"
#include "support/models.h"

namespace mcnc {
namespace {

// plain_model(), starting from a tensor of the same name whose bytes these are.
Model based_on(const std::vector<std::byte>& bytes, const Digest& identity) {
  Model model = testing::plain_model();
  model.manifest.bases = {{"someone/model", identity}};
  std::get<Generated>(model.manifest.tensors[0].source).theta0 = BaseTheta0{0, "", DType::kF32, *tensor_digest(bytes)};
  return model;
}

// The base as a model of one stored tensor.
Model stored(const std::vector<std::byte>& bytes) {
  Model model;
  model.segments = {bytes};
  const Tensor like = testing::plain_model().manifest.tensors[0];
  model.manifest.tensors = {{like.name, DType::kF32, like.shape, Stored{0}, {}}};
  return model;
}

class BaseModelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Tensor tensor = testing::plain_model().manifest.tensors[0];
    ASSERT_EQ(tensor.dtype, DType::kF32);
    bytes_.assign(static_cast<std::size_t>(tensor.bytes()), std::byte{0x3c});
    mcnc_ = folder_.path / "base.mcnc";
    ASSERT_TRUE(write_file(mcnc_, stored(bytes_)).ok());
    std::string shape;
    for (const std::uint64_t dimension : tensor.shape) {
      if (!shape.empty()) shape += ',';
      shape += std::to_string(dimension);
    }
    const std::string header = "{\"" + tensor.name + "\":{\"dtype\":\"F32\",\"shape\":[" + shape +
                               "],\"data_offsets\":[0," + std::to_string(bytes_.size()) + "]}}";
    std::filesystem::create_directory(folder_.path / "model");
    std::ofstream file(folder_.path / "model" / "model.safetensors", std::ios::binary);
    for (std::size_t i = 0; i < 8; ++i)
      file.put(static_cast<char>(static_cast<unsigned char>(header.size() >> (8 * i))));
    file << header;
    file.write(reinterpret_cast<const char*>(bytes_.data()), static_cast<std::streamsize>(bytes_.size()));
    file.close();

    Result<BaseModels> models = BaseModels::open({mcnc_}, {});
    ASSERT_TRUE(models.ok()) << models.status().to_string();
    const Result<Reader> reader = testing::open(testing::bytes_of(mcnc_));
    Model model = based_on(bytes_, reader->manifest().weights_identity);
    const Result<std::vector<BaseModel*>> bases = models->match(model.manifest);
    ASSERT_TRUE(bases.ok());
    WriteOptions options;
    options.bases = *bases;
    Result<std::vector<std::byte>> file_of = serialize(std::move(model), options);
    ASSERT_TRUE(file_of.ok()) << file_of.status().to_string();
    file_ = *std::move(file_of);
  }

  // What verifying the file that starts from a base says, with these paths as its bases.
  Status verify(const std::vector<std::string>& paths) {
    Result<BaseModels> models = BaseModels::open(paths, {});
    if (!models.ok()) return models.status();
    const Result<Reader> reader = testing::open(file_);
    Result<Decoder> decoder = Decoder::create(*reader);
    if (Status s = models->supply(*decoder); !s.ok()) return s;
    return decoder->verify();
  }

  testing::TemporaryFolder folder_;
  std::string mcnc_;
  std::vector<std::byte> bytes_;
  std::vector<std::byte> file_;
};

TEST_F(BaseModelsTest, AFileAFolderAndAnMcncFileAreTheSameBase) {
  EXPECT_TRUE(verify({mcnc_}).ok());
  for (const std::filesystem::path& path : {folder_.path / "model", folder_.path / "model" / "model.safetensors"}) {
    EXPECT_TRUE(verify({path}).ok()) << path << verify({path}).to_string();
  }
}

TEST_F(BaseModelsTest, OpenFilesAreTheSameBase) {
  const std::string model = folder_.path / "model" / "model.safetensors";
  const std::string shard = folder_.path / "shard.safetensors";
  {
    const std::string header = R"({"other":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})";
    std::ofstream file(shard, std::ios::binary);
    file.put(static_cast<char>(header.size()));
    file << std::string(7, '\0') << header << 'x';
  }
  const std::string unknown = folder_.path / "unknown";
  std::ofstream(unknown) << "neither a .mcnc file nor safetensors";
  const auto verify_open = [&](const std::vector<std::string>& paths) -> Status {
    std::vector<NamedInput> files;
    for (const std::string& path : paths) files.push_back({path, *open_file(path)});
    Result<BaseModels> models = BaseModels::open_inputs(std::move(files), {});
    if (!models.ok()) return models.status();
    const Result<Reader> reader = testing::open(file_);
    Result<Decoder> decoder = Decoder::create(*reader);
    if (Status s = models->supply(*decoder); !s.ok()) return s;
    return decoder->verify();
  };
  EXPECT_TRUE(verify_open({mcnc_}).ok());
  EXPECT_TRUE(verify_open({model}).ok());
  EXPECT_TRUE(verify_open({shard, model}).ok());
  EXPECT_TRUE(verify_open({shard, mcnc_}).ok());
  EXPECT_EQ(verify_open({}).code(), ErrorCode::kBase);
  EXPECT_EQ(verify_open({shard}).code(), ErrorCode::kBase);
  EXPECT_EQ(verify_open({model, model}).code(), ErrorCode::kLayout);  // its tensor is in both
  const Status refused = verify_open({model, unknown});
  EXPECT_EQ(refused.code(), ErrorCode::kLayout);
  EXPECT_TRUE(refused.message().starts_with(unknown + ": ")) << refused.message();

  std::vector<NamedInput> nothing(1);
  EXPECT_EQ(BaseModels::open_inputs(std::move(nothing), {}).status().code(), ErrorCode::kArgument);
  EXPECT_EQ(SafetensorsReader::open(std::unique_ptr<Input>()).status().code(), ErrorCode::kArgument);
}

TEST_F(BaseModelsTest, WhatIsMissingOrAnotherIsSaid) {
  EXPECT_EQ(verify({}).code(), ErrorCode::kBase);
  EXPECT_EQ(verify({folder_.path / "none"}).code(), ErrorCode::kRead);
  const std::string other = folder_.path / "other.mcnc";
  bytes_[0] = std::byte{1};
  ASSERT_TRUE(write_file(other, stored(bytes_)).ok());
  EXPECT_EQ(verify({other}).code(), ErrorCode::kBase);
  EXPECT_TRUE(verify({other, mcnc_}).ok());
}

TEST_F(BaseModelsTest, ModelsAreListedAndStreamed) {
  Result<BaseModels> none = BaseModels::open({}, {});
  for (const std::filesystem::path& path : {folder_.path / "model", std::filesystem::path(mcnc_)}) {
    const Result<std::unique_ptr<ModelFile>> model = none->open_model(path, {});
    ASSERT_TRUE(model.ok()) << model.status().to_string();
    ASSERT_EQ((*model)->names().size(), 1U);
    const std::string name = (*model)->names().front();
    EXPECT_EQ((*model)->form(name).type, "F32");
    std::vector<std::byte> read;
    const Status s = (*model)->stream(name, [&](std::span<const std::byte> piece) -> Status {
      read.insert(read.end(), piece.begin(), piece.end());
      return {};
    });
    EXPECT_TRUE(s.ok()) << s.to_string();
    EXPECT_EQ(read, bytes_);
    EXPECT_EQ((*model)->stream("none", [](std::span<const std::byte>) { return Status(); }).code(), ErrorCode::kBase);
  }
}

TEST_F(BaseModelsTest, WhatNoFileCanSayIsAnError) {
  Result<BaseModels> models =
      BaseModels::open({folder_.path / "model", folder_.path / "model" / "model.safetensors"}, {});
  ASSERT_TRUE(models.ok());
  Manifest manifest;
  manifest.bases = {{"nobody starts from it", {}}};
  EXPECT_TRUE(models->match(manifest).ok());
  Tensor tensor{"w", DType::kF32, {3}, Generated{}};
  std::get<Generated>(tensor.source).theta0 = BaseTheta0{7, {}, DType::kF32, {}};
  manifest.tensors = {tensor};
  EXPECT_EQ(models->match(manifest).status().code(), ErrorCode::kArgument);

  const Result<Reader> reader = testing::open(file_);
  Result<Decoder> decoder = Decoder::create(*reader);
  const std::vector<BaseModel*> missing = {nullptr};
  EXPECT_TRUE(set_bases(*decoder, missing).ok());
  EXPECT_EQ(decoder->verify().code(), ErrorCode::kBase);
  const Result<std::vector<BaseModel*>> found = models->match(reader->manifest());
  ASSERT_TRUE(found.ok());
  const std::vector<BaseModel*> too_many = {found->front(), found->front()};
  EXPECT_EQ(set_bases(*decoder, too_many).code(), ErrorCode::kArgument);
}

}  // namespace
}  // namespace mcnc
