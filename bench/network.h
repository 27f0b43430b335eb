/* Networks and synthetic data to time training on: 8-bit rows in memory, as MNIST is. */
#pragma once

#include <isobit/trainer.h>
#include <vector>

struct Network {
    Network(std::vector<isb_layer> layers, size_t batch_size, size_t rows);
    ~Network();
    Network(const Network &) = delete;
    Network &operator=(const Network &) = delete;

    /* Trains one epoch; seconds of its steps. */
    double epoch();
    void start(size_t threads, const char *isa);
    size_t steps() const { return (split_.train_rows + batch_size_ - 1) / batch_size_; }
    /* Multiply-adds of one step: forward, weight gradients, and gradients of inputs but the first.
     */
    double multiply_adds() const;

  private:
    std::vector<isb_layer> layers_;
    size_t batch_size_;
    std::vector<uint8_t> features_;
    std::vector<uint32_t> labels_, order_;
    isb_experiment experiment_{};
    isb_model model_{};
    isb_dataset dataset_{};
    isb_split split_{};
    isb_trainer *trainer_ = nullptr;
};

isb_layer dense(size_t units, isb_activation activation);
isb_layer dropout(double rate);
