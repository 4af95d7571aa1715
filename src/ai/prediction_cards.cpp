#include "ai/prediction_cards.hpp"

namespace hyperdc {
namespace {

double real(std::uint64_t n) {
  return static_cast<double>(n);
}

/// Weights that every token passes once.
void set_matrices(ModelWork& work, double parameters, NumberFormat format) {
  work.linear_parameters = parameters;
  work.linear_bytes = parameters * bytes_of(format);
  work.linear_precision = precision_of(format);
}

/// Of all matrices from `inputs` through these widths.
double mlp_parameters(double inputs, const std::vector<std::uint64_t>& widths) {
  double parameters = 0;
  for (const std::uint64_t width : widths) {
    parameters += inputs * real(width);
    inputs = real(width);
  }
  return parameters;
}

/// The tables' vectors and the bottom's, two at a time.
double pairs_of(const RecommenderCard& card) {
  const double tables = real(card.tables.count);
  return tables * (tables + 1) / 2;
}

struct Parameters {
  ParameterCount operator()(const ModelCard& card) const { return parameters_of(card); }
  ParameterCount operator()(const EncoderCard& card) const {
    const ModelWork work = work_of(card);
    const double all = work.linear_parameters + work.embedding_bytes / bytes_of(card.weights);
    return {all, all};
  }
  ParameterCount operator()(const RecommenderCard& card) const {
    const double mlps = work_of(card).linear_parameters;
    const double dimension = real(card.tables.dimension);
    return {mlps + card.tables.rows * dimension, mlps + real(card.tables.lookups) * dimension};
  }
  ParameterCount operator()(const VisionCard& card) const {
    return {card.parameters, card.parameters};
  }
};

}  // namespace

ModelWork work_of(const EncoderCard& card) {
  const double h = real(card.hidden), layers = real(card.layers);
  const double matrices = card.gated ? 3 : 2;
  ModelWork out;
  out.one_pass = true;
  out.layers = card.layers;
  out.hidden = card.hidden;
  out.activation_bytes = bytes_of(card.weights);
  set_matrices(out, layers * (4 * h * h + matrices * h * real(card.intermediate)), card.weights);
  out.embedding_bytes =
      real(card.vocabulary + card.positions + card.segments) * h * bytes_of(card.weights);
  out.attention_flops = layers * 4 * h;
  out.most_prompt = card.positions;
  return out;
}

ModelWork work_of(const RecommenderCard& card) {
  const double dimension = real(card.tables.dimension), pairs = pairs_of(card);
  const double row = dimension * bytes_of(card.rows);
  ModelWork out;
  out.one_pass = true;
  out.layers = card.bottom.size() + card.top.size();
  set_matrices(
      out,
      mlp_parameters(real(card.inputs), card.bottom) + mlp_parameters(dimension + pairs, card.top),
      card.weights);
  out.further_flops = 2 * pairs * dimension;
  out.table_bytes = card.tables.rows * row;
  out.gathered_bytes = real(card.tables.lookups) * row;
  out.pooled_bytes = real(card.tables.count) * dimension * bytes_of(card.weights);
  return out;
}

ModelWork work_of(const VisionCard& card) {
  ModelWork out;
  out.one_pass = true;
  out.layers = card.layers;
  set_matrices(out, card.parameters, card.weights);
  out.further_flops = 2 * (card.macs - card.parameters);
  return out;
}

ModelWork work_of(const AnyModelCard& card) {
  return std::visit([](const auto& one) { return work_of(one); }, card);
}

ParameterCount parameters_of(const AnyModelCard& card) {
  return std::visit(Parameters{}, card);
}

}  // namespace hyperdc
