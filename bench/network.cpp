#include "network.h"
#include <stdexcept>

namespace {

constexpr size_t WIDTH = 784;

void check(isb_status status, const isb_error &error) {
    if (status != ISB_OK)
        throw std::runtime_error(isb_error_text(&error));
}

constexpr int SIDE = 28;

struct Random {
    uint32_t state = 1;
    int below(int n) {
        state = state * 1664525u + 1013904223u;
        return static_cast<int>((state >> 8) % static_cast<uint32_t>(n));
    }
};

/* A line of three pixels' width within the middle of the image. */
void draw_stroke(uint8_t *image, Random &random) {
    constexpr int EDGE = 5, MIDDLE = SIDE - 2 * EDGE, POINTS = 32;
    const int x0 = EDGE + random.below(MIDDLE), y0 = EDGE + random.below(MIDDLE);
    const int x1 = EDGE + random.below(MIDDLE), y1 = EDGE + random.below(MIDDLE);
    for (int i = 0; i <= POINTS; i++) {
        const int x = x0 + (x1 - x0) * i / POINTS, y = y0 + (y1 - y0) * i / POINTS;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++)
                image[(y + dy) * SIDE + x + dx] = 1;
    }
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

Layers without_dropout(const Layers &layers) {
    Layers rest;
    for (const isb_layer &layer : layers)
        if (layer.kind != ISB_DROPOUT)
            rest.push_back(layer);
    return rest;
}

Rows::Rows(size_t count, Pixels pixels) : features(count * WIDTH), labels(count) {
    Random random;
    for (size_t i = 0; i < count; i++) {
        labels[i] = static_cast<uint32_t>(i % 10);
        uint8_t *image = &features[i * WIDTH];
        if (pixels == Pixels::STROKES)
            for (int strokes = 0; strokes < 4; strokes++)
                draw_stroke(image, random);
        for (size_t k = 0; k < WIDTH; k++)
            if (pixels == Pixels::ALL_LIT || image[k] != 0)
                image[k] = static_cast<uint8_t>(1 + random.below(255));
        for (size_t k = 0; k < 20; k++) /* a trace of the label */
            image[100 + labels[i] * 50 + k] = 200;
    }
}

Network::Network(const Layers &layers, size_t batch_size, const isb_table &data, size_t rows,
                 size_t threads)
    : layers_(layers), batch_size_(batch_size), order_(rows) {
    for (size_t i = 0; i < rows; i++)
        order_[i] = static_cast<uint32_t>(i);
    experiment_.seed = 1;
    experiment_.layers = layers_.data();
    experiment_.layer_count = layers_.size();
    experiment_.optimizer = {ISB_ADAM, 0.001, 0.9, 0.999, 1e-7, 0.0, false};
    experiment_.batch_size = batch_size;
    experiment_.shuffle = true;
    dataset_.shape = {1, {WIDTH}};
    dataset_.train = data;
    split_.train = order_.data();
    split_.train_rows = rows;
    isb_error error = ISB_ERROR_INIT;
    check(isb_model_build(&model_, layers_.data(), layers_.size(), dataset_.shape, &error), error);
    const isb_trainer_config config{&experiment_, &model_, &dataset_, &split_,
                                    threads,      "auto",  nullptr};
    check(isb_trainer_create(&trainer_, &config, &error), error);
}

Network::~Network() {
    isb_trainer_free(trainer_);
    isb_model_free(&model_);
}

double Network::epoch(isb_observer observer, void *context) {
    isb_epoch_result result;
    isb_error error = ISB_ERROR_INIT;
    check(isb_trainer_epoch(trainer_, observer, context, &result, &error), error);
    return result.train_seconds;
}

double multiply_adds(const Layers &layers, size_t batch_size) {
    double sum = 0.0;
    size_t width = WIDTH;
    for (const isb_layer &layer : without_dropout(layers)) {
        sum += static_cast<double>(width * layer.units) * (width == WIDTH ? 2.0 : 3.0);
        width = layer.units;
    }
    return sum * static_cast<double>(batch_size);
}

double parameters(const Layers &layers) {
    double sum = 0.0;
    size_t width = WIDTH;
    for (const isb_layer &layer : without_dropout(layers)) {
        sum += static_cast<double>((width + 1) * layer.units);
        width = layer.units;
    }
    return sum;
}
