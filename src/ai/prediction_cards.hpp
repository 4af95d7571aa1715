// Prediction cards: the shapes of models that compute a prompt in one pass and keep no cache.
//
// Computes what model_work.hpp names of encoders (BERT and the like, which embed texts), of ranking
// models (DLRM) and of vision models.
//   encoder      a token is one of a text. L layers of 4 h^2 (attention) and g h i (MLP, g = 3
//                matrices if gated, else 2); a token attends to all of its text, 4 h operations a
//                layer; tables of (V + positions + segments) h numbers
//   recommender  a token is one item to be scored. Two MLPs, whose matrices are the products of
//                neighbouring widths: dense inputs -> bottom, and
//                d + T (T + 1) / 2 -> top, which sees the bottom's d numbers and the products of
//                each two of T tables' vectors and the bottom's (2 d operations each pair). Reads
//                lookups x d numbers of the tables, which are summed to a vector a table
//   vision       a token is one image: parameters and multiply-and-adds as published
// Units: parameters, bytes, operations. Sources: Devlin et al., BERT (NAACL'19); Naumov et al.,
// DLRM (arXiv:1906.00091); docs/models/model-cards.md has the counts beside published ones.
// Valid: one output a prompt. Leaves out: norms, biases, poolers and heads of encoders, rows that
// encoders read, rows of tables that caches or copies on hosts hold, other interactions than
// products of pairs (DCN), activations, sizes of images other than the published.
#pragma once

#include <variant>
#include <vector>

#include "ai/model_card.hpp"

namespace hyperdc {

struct EncoderCard {
  std::uint64_t layers = 0, hidden = 0, heads = 0, intermediate = 0;
  bool gated = false;
  std::uint64_t vocabulary = 0;
  std::uint64_t positions = 0;  // rows of their table, and the most tokens of a text
  std::uint64_t segments = 0;   // rows of their table
  NumberFormat weights = NumberFormat::fp16;
};

/// Tables of embeddings of a ranking model, all together.
struct EmbeddingTables {
  std::uint64_t count = 0;
  double rows = 0;
  std::uint64_t dimension = 0;  // numbers of a row
  std::uint64_t lookups = 0;    // rows that an item reads
};

struct RecommenderCard {
  std::uint64_t inputs = 0;                // dense ones
  std::vector<std::uint64_t> bottom, top;  // widths; the bottom's last is that of a row
  EmbeddingTables tables;
  NumberFormat weights = NumberFormat::fp16, rows = NumberFormat::fp16;
};

struct VisionCard {
  std::uint64_t layers = 0;
  double parameters = 0, macs = 0;  // multiply-and-adds of an image
  NumberFormat weights = NumberFormat::fp16;
};

ModelWork work_of(const EncoderCard& card);
ModelWork work_of(const RecommenderCard& card);
ModelWork work_of(const VisionCard& card);

/// A model of any kind.
using AnyModelCard = std::variant<ModelCard, EncoderCard, RecommenderCard, VisionCard>;

ModelWork work_of(const AnyModelCard& card);
ParameterCount parameters_of(const AnyModelCard& card);

}  // namespace hyperdc
