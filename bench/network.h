/* Networks and data to time training on: 8-bit rows in memory, as MNIST is. */
#pragma once

#include <isobit/trainer.h>
#include <vector>

using Layers = std::vector<isb_layer>;

isb_layer dense(size_t units, isb_activation activation);
isb_layer dropout(double rate);
Layers without_dropout(const Layers &layers);

/* 28 x 28 bytes a row: noise, or strokes on black, of which about a fifth is lit, as of MNIST's. */
enum class Pixels { ALL_LIT, STROKES };

struct Rows {
    Rows(size_t count, Pixels pixels);
    std::vector<uint8_t> features;
    std::vector<uint32_t> labels;

    isb_table table() {
        isb_table table{};
        table.rows = labels.size();
        table.dtype = ISB_U8;
        table.features = features.data();
        table.labels = labels.data();
        return table;
    }
};

class Network {
  public:
    /* Trains on the first `rows` of `data`, which must outlive it, by Adam. */
    Network(const Layers &layers, size_t batch_size, const isb_table &data, size_t rows,
            size_t threads);
    Network(const Layers &layers, size_t batch_size, Rows &data, size_t rows, size_t threads)
        : Network(layers, batch_size, data.table(), rows, threads) {}
    ~Network();
    Network(const Network &) = delete;
    Network &operator=(const Network &) = delete;

    /* Trains one epoch; seconds of its steps. The observer runs after each step. */
    double epoch(isb_observer observer = nullptr, void *context = nullptr);
    size_t steps() const { return (split_.train_rows + batch_size_ - 1) / batch_size_; }

  private:
    Layers layers_;
    size_t batch_size_;
    std::vector<uint32_t> order_;
    isb_experiment experiment_{};
    isb_model model_{};
    isb_dataset dataset_{};
    isb_split split_{};
    isb_trainer *trainer_ = nullptr;
};

/* Multiply-adds of one step: forward, weight gradients, and gradients of inputs but the first. */
double multiply_adds(const Layers &layers, size_t batch_size);
double parameters(const Layers &layers);
