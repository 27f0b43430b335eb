#include "layer.h"
#include <algorithm>
#include <cstring>
#include <stdexcept>

extern "C" {
#include "train/plan.h"
}

namespace {

constexpr size_t TILE = ISB_LANES * ISB_LANES, ENTRY = ISB_GROUP * TILE;

isb_layer linear(size_t units) {
    isb_layer layer{};
    layer.kind = ISB_DENSE;
    layer.units = units;
    layer.use_bias = true;
    layer.bias_initializer = ISB_ZEROS;
    return layer;
}

void check(isb_status status, const isb_error &error) {
    if (status != ISB_OK)
        throw std::runtime_error(isb_error_text(&error));
}

void append_rows(std::vector<float> &rows, const isb_context &c, const float *panels,
                 size_t columns) {
    for (size_t r = 0; r < c.rows; r++)
        for (size_t i = 0; i < columns; i++)
            rows.push_back(
                panels[i / ISB_LANES * c.buffers->stride + r * ISB_LANES + i % ISB_LANES]);
}

} // namespace

/* The layer in question is the second one, so that it has inputs to bring a gradient to. */
Layer::Layer(size_t rows, size_t inputs, size_t units, isb_isa isa) {
    const isb_layer layers[] = {linear(inputs), linear(units)};
    isb_error error = ISB_ERROR_INIT;
    check(isb_model_build(&model_, layers, 2, {1, {1}}, &error), error);
    check(isb_network_build(&network_, &model_, 1, 0, &error), error);
    isb_plan plan;
    check(isb_plan_make(&plan, &network_, rows, 1, false, &error), error);
    const size_t chunk_rows = plan.chunk_rows;
    isb_plan_free(&plan);

    buffers_.resize((rows + chunk_rows - 1) / chunk_rows);
    const Floats values = floats(chunk_rows * ISB_LANES);
    for (isb_buffers &b : buffers_) {
        isb_context context{};
        context.kernels = isb_kernels_for(isa);
        context.network = &network_;
        context.buffers = &b;
        context.rows = std::min(rows - contexts_.size() * chunk_rows, chunk_rows);
        check(isb_buffers_build(&b, &network_, context.rows, true, &error), error);
        contexts_.push_back(context);
        for (size_t p = 0; p < isb_panels(inputs); p++)
            std::memcpy(b.activation[1] + p * b.stride, values.get(),
                        context.rows * ISB_LANES * sizeof(float));
    }
    while (buffers_.size() >> levels_ > 1)
        levels_++;
    const size_t groups = isb_panels(inputs) * isb_panels(units); /* and some to spare */
    dW_ = floats(groups * ENTRY + isb_gradient_stack(chunk_rows));
    transposed_ = floats(units * ISB_GROUP * ISB_LANES);
    stack_ = floats(isb_gradient_stack(chunk_rows));
    sums_ = floats(groups * levels_ * ENTRY);
}

Layer::~Layer() {
    for (isb_buffers &b : buffers_)
        isb_buffers_free(&b, &network_);
    isb_network_free(&network_);
    isb_model_free(&model_);
}

void Layer::forward() {
    for (const isb_context &c : contexts_)
        isb_dense_forward(&c, 1, {0, c.rows}, {0, network_.dense[1].unit_panels});
}

void Layer::input_gradient() {
    for (const isb_context &c : contexts_)
        isb_dense_backward(&c, 1, {0, c.rows}, {0, network_.dense[1].input_panels},
                           transposed_.get());
}

/* Joins the chunk's sum with those of the earlier ones as src/train/update.c does; the last chunk's
 * is the gradient, summed up at its place in dW, entry by entry. */
void Layer::group_gradient(size_t chunk, size_t input_panel, size_t p, float *sums) {
    const isb_context &c = contexts_[chunk];
    const size_t panels = std::min<size_t>(network_.dense[1].unit_panels - p, ISB_GROUP);
    const size_t floats_used = panels * TILE;
    const isb_shadow nothing{};
    const bool last = chunk + 1 == contexts_.size();
    float *top = last ? entry(input_panel, p) : stack_.get();
    const size_t left = network_.dense[1].inputs - input_panel * ISB_LANES;
    const isb_weights weights{1, input_panel, std::min<size_t>(left, ISB_LANES), p, panels, false};
    isb_dense_kernel_gradient(&c, &weights, top, &nothing);
    auto depth = static_cast<size_t>(__builtin_popcountll(chunk));
    auto joined = last ? depth : static_cast<size_t>(__builtin_ctzll(chunk + 1));
    for (; joined > 0; joined--)
        c.kernels->add(top, sums + --depth * ENTRY, floats_used);
    if (!last)
        std::memcpy(sums + depth * ENTRY, top, floats_used * sizeof(float));
}

/* Of a group in dW. The sums above it on its stack lie where later groups will. */
float *Layer::entry(size_t input_panel, size_t p) const {
    return dW_.get() + (p / ISB_GROUP * network_.dense[1].input_panels + input_panel) * ENTRY;
}

void Layer::kernel_gradient() {
    const isb_dense &dense = network_.dense[1];
    for (size_t chunk = 0; chunk < contexts_.size(); chunk++) {
        float *sums = sums_.get();
        for (size_t p = 0; p < dense.unit_panels; p += ISB_GROUP)
            for (size_t i = 0; i < dense.input_panels; i++, sums += levels_ * ENTRY)
                group_gradient(chunk, i, p, sums);
    }
}

std::vector<float> Layer::X() const {
    std::vector<float> rows;
    for (const isb_context &c : contexts_)
        append_rows(rows, c, c.buffers->activation[1], kernel().rows);
    return rows;
}

std::vector<float> Layer::Y() const {
    std::vector<float> rows;
    for (const isb_context &c : contexts_)
        append_rows(rows, c, c.buffers->activation[2], kernel().columns);
    return rows;
}

std::vector<float> Layer::dX() const {
    std::vector<float> rows;
    for (const isb_context &c : contexts_)
        append_rows(rows, c, c.buffers->gradient[0], kernel().rows);
    return rows;
}

std::vector<float> Layer::W() const {
    std::vector<float> rows(kernel().rows * kernel().columns);
    isb_parameter_to_rows(&kernel(), kernel().values, rows.data());
    return rows;
}

std::vector<float> Layer::dW() const {
    const size_t inputs = kernel().rows, units = kernel().columns;
    std::vector<float> rows(inputs * units);
    for (size_t i = 0; i < inputs; i++)
        for (size_t u = 0; u < units; u++) {
            const size_t panel = u / ISB_LANES, first = panel / ISB_GROUP * ISB_GROUP;
            rows[i * units + u] =
                entry(i / ISB_LANES,
                      first)[(panel - first) * TILE + i % ISB_LANES * ISB_LANES + u % ISB_LANES];
        }
    return rows;
}
