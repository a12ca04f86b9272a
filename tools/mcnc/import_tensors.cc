// SPDX-FileCopyrightText: 2026 The .mcnc authors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <set>
#include <string>

#include "import_model.h"
#include "mcnc/digest.h"
#include "mcnc/names.h"
#include "mcnc/ranges.h"
#include "mcnc/units.h"

namespace mcnc::tools {
namespace {

Result<Digest> digest_of(ModelFile& model, const std::string& name) {
  TensorDigest digest;
  const Status s = model.stream(name, [&](std::span<const std::byte> bytes) { return digest.update(bytes); });
  if (!s.ok()) return s;
  return digest.finish();
}

// Of all tensors of types that .mcnc files have. No tensor can start from another, and the identity has no number for
// its type.
Result<Digest> identity_of(ModelFile& model) {
  std::vector<Tensor> tensors;
  for (const std::string& name : model.names()) {
    const TensorForm form = model.form(name);
    if (!form.dtype) continue;
    const Result<Digest> digest = digest_of(model, name);
    if (!digest.ok()) return digest.status();
    Tensor tensor;
    tensor.name = name;
    tensor.dtype = *form.dtype;
    tensor.shape = form.shape;
    tensor.digest = *digest;
    tensors.push_back(std::move(tensor));
  }
  return weights_identity(tensors);
}

Result<StoredTheta0> stored_theta0(Import& import, const RecipeStoredTheta0& recipe, const Tensor& tensor) {
  const Result<Array> array = import.arrays.find(recipe.values);
  if (!array.ok()) return array.status();
  if (array->shape() != tensor.shape || !is_float(array->dtype())) {
    return array->refuse("theta0 of tensor " + tensor.name + " is F32, F16 or BF16 " + shape_text(tensor.shape));
  }
  const DType dtype = recipe.dtype.value_or(array->dtype());
  const float most = std::min(kMaxTheta0, largest_of(dtype));
  if (Status s = array->check_numbers(most, "tensor.theta0"); !s.ok()) return s;
  return StoredTheta0{import.add_segment(array->input_as(dtype)), dtype};
}

Result<BaseTheta0> base_theta0(Import& import, const RecipeBaseTheta0& recipe, const Tensor& tensor) {
  ModelFile& model = *import.bases[recipe.base];
  const std::string& name = recipe.tensor.empty() ? tensor.name : recipe.tensor;
  const Result<BaseModel::Entry> entry = model.find(name);
  if (!entry.ok()) return at(recipe.path, entry.status());
  if (entry->shape != tensor.shape || !is_float(entry->dtype)) {
    return mistake(recipe.path, "tensor " + name + " of base " + import.recipe.bases[recipe.base].name + " is " +
                                    std::string(mcnc::name(entry->dtype)) + " " + shape_text(entry->shape) +
                                    "; theta0 of tensor " + tensor.name + " is F32, F16 or BF16 " +
                                    shape_text(tensor.shape));
  }
  const Result<Digest> digest = digest_of(model, name);
  if (!digest.ok()) return at(recipe.path, digest.status());
  return BaseTheta0{recipe.base, recipe.tensor, entry->dtype, *digest};
}

Result<Theta0> import_theta0(Import& import, const RecipeTheta0& recipe, const Tensor& tensor) {
  if (const auto* constant = std::get_if<Constant>(&recipe)) return Theta0(*constant);
  if (const auto* uniform = std::get_if<Uniform>(&recipe)) return Theta0(*uniform);
  if (const auto* stored = std::get_if<RecipeStoredTheta0>(&recipe)) {
    const Result<StoredTheta0> theta0 = stored_theta0(import, *stored, tensor);
    if (!theta0.ok()) return theta0.status();
    return Theta0(*theta0);
  }
  if (const auto* base = std::get_if<RecipeBaseTheta0>(&recipe)) {
    const Result<BaseTheta0> theta0 = base_theta0(import, *base, tensor);
    if (!theta0.ok()) return theta0.status();
    return Theta0(*theta0);
  }
  return Theta0();
}

Status fill_generated(Import& import, const RecipeGenerated& recipe, std::uint64_t first_element, Tensor& tensor) {
  Result<Theta0> theta0 = import_theta0(import, recipe.theta0, tensor);
  if (!theta0.ok()) return theta0.status();
  tensor.source = Generated{recipe.codes, first_element, *std::move(theta0), recipe.slices};
  return {};
}

Status fill_stored(Import& import, const Array& array, Tensor& tensor) {
  constexpr std::size_t kMaxDimensions = 16;
  if (array.shape().size() > kMaxDimensions) return array.refuse("the format has tensors of at most 16 dimensions");
  tensor.dtype = array.dtype();
  tensor.shape = array.shape();
  tensor.source = Stored{import.add_segment(array.input())};
  return {};
}

// What a message says of a tensor that is made already.
std::string described(const Tensor& tensor) {
  return "tensor " + tensor.name + " is " + std::string(name(tensor.dtype)) + " " + shape_text(tensor.shape);
}

// index: of the recipe's tensors; place: where the recipe says that it is a factor.
Status check_factor(const Import& import, std::uint32_t index, const std::string& place) {
  const Tensor& factor = import.model.manifest.tensors[index];
  const auto& source = import.recipe.tensors[index].source;
  if (std::holds_alternative<RecipeProduct>(source) || std::holds_alternative<RecipeShared>(source)) {
    const char* kind = std::holds_alternative<RecipeProduct>(source) ? "a product" : "shared";
    return mistake(place, "tensor " + factor.name + " is " + kind + "; a factor is generated or stored");
  }
  if (!is_float(factor.dtype) || factor.shape.size() != 2) {
    return mistake(place, described(factor) + "; a factor is F32, F16 or BF16 and has two dimensions");
  }
  return {};
}

// Its factors are filled already.
Status fill_product(Import& import, const RecipeProduct& recipe, const RecipeTensor& outer, Tensor& tensor) {
  const std::string place = outer.path + "/product";
  if (Status s = check_factor(import, recipe.b, place + "/b"); !s.ok()) return s;
  if (Status s = check_factor(import, recipe.a, place + "/a"); !s.ok()) return s;
  const Tensor& b = import.model.manifest.tensors[recipe.b];
  const Tensor& a = import.model.manifest.tensors[recipe.a];
  const std::uint64_t rank = a.shape[0];
  if (b.shape[1] != rank) {
    return mistake(place, "b is (rows, rank) and a is (rank, columns); " + described(b) + " and " + described(a));
  }
  if (rank < 1 || rank > kMaxRank || b.shape[0] == 0 || a.shape[1] == 0) {
    return mistake(place, described(b) + " and " + described(a) + "; the rank is 1 to 65536, and nothing is empty");
  }
  const std::vector<std::uint64_t> made = {b.shape[0], a.shape[1]};
  if (outer.shape && *outer.shape != made) {
    return mistake(outer.path + "/shape", shape_text(*outer.shape) +
                                              " is not the shape of the product of its factors, " + shape_text(made) +
                                              ": " + described(b) + " and " + described(a));
  }
  tensor.shape = made;
  Result<Theta0> theta0 = import_theta0(import, recipe.theta0, tensor);
  if (!theta0.ok()) return theta0.status();
  tensor.source = Product{recipe.b, recipe.a, recipe.scale, *std::move(theta0)};
  return {};
}

Status fill_shared(Import& import, const RecipeShared& recipe, const RecipeTensor& outer, Tensor& tensor) {
  const Tensor& target = import.model.manifest.tensors[recipe.tensor];
  const std::string place = outer.path + "/shared";
  if (std::holds_alternative<RecipeShared>(import.recipe.tensors[recipe.tensor].source)) {
    return mistake(place, "tensor " + target.name + " is shared itself: name the one whose elements it has");
  }
  if (target.factor) return mistake(place, "tensor " + target.name + " is a factor, no part of the decoded model");
  tensor.dtype = target.dtype;
  tensor.shape = target.shape;
  tensor.source = Shared{recipe.tensor};
  return {};
}

// Every tensor of the files that are stored whole.
Status store_all(Import& import) {
  std::vector<Tensor>& tensors = import.model.manifest.tensors;
  std::set<std::string> names;
  for (const Tensor& tensor : tensors) names.insert(tensor.name);
  for (const FileRef& file : import.recipe.store_all) {
    const Result<std::vector<Array>> arrays = import.arrays.all(file);
    if (!arrays.ok()) return arrays.status();
    for (const Array& array : *arrays) {
      const std::string& name = array.tensor->name;
      if (!names.insert(name).second) {
        return mistake(file.path, "two tensors are called \"" + name + "\", one of them in " + file.file);
      }
      if (!is_tensor_name(name)) {
        return mistake(file.path, "tensor \"" + name + "\" of " + file.file +
                                      " cannot be stored under that name: one is 1 to 1024 bytes of UTF-8 without "
                                      "control characters, and not a path");
      }
      Tensor tensor;
      tensor.name = name;
      if (Status s = fill_stored(import, array, tensor); !s.ok()) return s;
      tensors.push_back(std::move(tensor));
    }
  }
  return {};
}

}  // namespace

Status import_bases(Import& import) {
  for (const RecipeBase& recipe : import.recipe.bases) {
    Result<BaseModels> none = BaseModels::open({}, {});
    if (!none.ok()) return at(recipe.path, none.status());
    Result<std::unique_ptr<ModelFile>> model =
        none->open_model(import.arrays.resolved(recipe.file).string(), import.limits);
    if (!model.ok()) return at(recipe.path + "/file", model.status());
    const Result<Digest> identity = identity_of(**model);
    if (!identity.ok()) return at(recipe.path + "/file", identity.status());
    import.model.manifest.bases.push_back({recipe.name, *identity});
    import.bases.push_back(*std::move(model));
  }
  return {};
}

Status import_tensors(Import& import) {
  const std::vector<RecipeTensor>& recipes = import.recipe.tensors;
  std::vector<Tensor>& tensors = import.model.manifest.tensors;
  for (const RecipeTensor& recipe : recipes) {
    Tensor tensor;
    tensor.name = recipe.name;
    tensor.factor = recipe.factor;
    tensor.dtype = recipe.dtype.value_or(DType::kF32);
    tensor.shape = recipe.shape.value_or(std::vector<std::uint64_t>());
    tensors.push_back(std::move(tensor));
  }

  // What a source refers to comes before it: products after their factors, shared tensors after products.
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    if (const auto* generated = std::get_if<RecipeGenerated>(&recipes[i].source)) {
      if (Status s = fill_generated(import, *generated, import.first_elements[i], tensors[i]); !s.ok()) return s;
    } else if (const auto* stored = std::get_if<RecipeStored>(&recipes[i].source)) {
      const Result<Array> array = import.arrays.find(stored->values);
      if (!array.ok()) return array.status();
      if (Status s = fill_stored(import, *array, tensors[i]); !s.ok()) return s;
    }
  }
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    const auto* product = std::get_if<RecipeProduct>(&recipes[i].source);
    if (product == nullptr) continue;
    if (Status s = fill_product(import, *product, recipes[i], tensors[i]); !s.ok()) return s;
  }
  for (std::size_t i = 0; i < recipes.size(); ++i) {
    const auto* shared = std::get_if<RecipeShared>(&recipes[i].source);
    if (shared == nullptr) continue;
    if (Status s = fill_shared(import, *shared, recipes[i], tensors[i]); !s.ok()) return s;
  }
  return store_all(import);
}

}  // namespace mcnc::tools
