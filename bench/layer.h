/* One dense layer of a real network at work on one thread as training has it, in chunks of rows:
 * its forward pass, the gradient of its inputs, the gradient of its kernel. */
#pragma once

#include "floats.h"
#include <isobit/model.h>
#include <vector>

extern "C" {
#include "layers/dense.h"
#include "simd/dispatch.h"
}

class Layer {
  public:
    Layer(size_t rows, size_t inputs, size_t units, isb_isa isa);
    ~Layer();
    Layer(const Layer &) = delete;
    Layer &operator=(const Layer &) = delete;

    void forward();         /* Y = X W + b */
    void input_gradient();  /* dX = dY W^T, where Y stands for dY: they share a buffer */
    void kernel_gradient(); /* dW = X^T dY, by leaves and tree */

    /* Row-major copies. */
    std::vector<float> X() const;
    std::vector<float> Y() const;
    std::vector<float> dX() const;
    std::vector<float> W() const;
    std::vector<float> dW() const;

  private:
    const isb_parameter &kernel() const { return network_.dense[1].kernel; }
    float *entry(size_t input_panel, size_t p) const;
    void group_gradient(size_t chunk, size_t input_panel, size_t p, float *sums);

    isb_model model_{};
    isb_network network_{};
    std::vector<isb_buffers> buffers_;  /* of each chunk */
    std::vector<isb_context> contexts_; /* of each chunk */
    size_t levels_ = 0;                 /* of the tree over chunks */
    Floats dW_, transposed_, stack_, sums_;
};
