#include "network.h"
#include <stdexcept>

namespace {

constexpr size_t WIDTH = 784;

void check(isb_status status, const isb_error &error) {
    if (status != ISB_OK)
        throw std::runtime_error(isb_error_text(&error));
}

} // namespace

isb_layer dense(size_t units, isb_activation activation) {
    isb_layer layer{};
    layer.kind = ISB_DENSE;
    layer.units = units;
    layer.activation = activation;
    layer.use_bias = true;
    layer.kernel_initializer = ISB_GLOROT_UNIFORM;
    layer.bias_initializer = ISB_ZEROS;
    return layer;
}

isb_layer dropout(double rate) {
    isb_layer layer{};
    layer.kind = ISB_DROPOUT;
    layer.rate = rate;
    return layer;
}

Network::Network(std::vector<isb_layer> layers, size_t batch_size, size_t rows)
    : layers_(std::move(layers)), batch_size_(batch_size), features_(rows * WIDTH), labels_(rows),
      order_(rows) {
    uint32_t state = 1;
    for (auto &feature : features_) { /* about one in five lit, as in MNIST */
        state = state * 1664525u + 1013904223u;
        feature = state >> 24 < 205 ? 0 : static_cast<uint8_t>(state >> 16);
    }
    for (size_t i = 0; i < rows; i++) {
        labels_[i] = static_cast<uint32_t>(i % 10);
        order_[i] = static_cast<uint32_t>(i);
        for (size_t k = 0; k < 20; k++)
            features_[i * WIDTH + labels_[i] * 70 + k] = 200;
    }
    experiment_.seed = 1;
    experiment_.layers = layers_.data();
    experiment_.layer_count = layers_.size();
    experiment_.optimizer = {ISB_ADAM, 0.001, 0.9, 0.999, 1e-7, 0.0, false};
    experiment_.batch_size = batch_size;
    experiment_.shuffle = true;
    dataset_.shape = {1, {WIDTH}};
    dataset_.train = {rows, ISB_U8, features_.data(), labels_.data(), nullptr};
    split_.train = order_.data();
    split_.train_rows = rows;
    isb_error error = ISB_ERROR_INIT;
    check(isb_model_build(&model_, layers_.data(), layers_.size(), dataset_.shape, &error), error);
}

Network::~Network() {
    isb_trainer_free(trainer_);
    isb_model_free(&model_);
}

void Network::start(size_t threads, const char *isa) {
    isb_trainer_free(trainer_);
    const isb_trainer_config config{&experiment_, &model_, &dataset_, &split_, threads, isa};
    isb_error error = ISB_ERROR_INIT;
    check(isb_trainer_create(&trainer_, &config, &error), error);
}

double Network::epoch() {
    isb_epoch_result result;
    isb_error error = ISB_ERROR_INIT;
    check(isb_trainer_epoch(trainer_, nullptr, nullptr, &result, &error), error);
    return result.train_seconds;
}

double Network::multiply_adds() const {
    double sum = 0.0;
    size_t width = WIDTH;
    bool first = true;
    for (const auto &layer : layers_) {
        if (layer.kind != ISB_DENSE)
            continue;
        sum += static_cast<double>(width * layer.units) * (first ? 2.0 : 3.0);
        width = layer.units;
        first = false;
    }
    return sum * static_cast<double>(batch_size_);
}
