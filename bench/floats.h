/* Floats aligned to cache lines, as the kernels want them. */
#pragma once

#include <cstdlib>
#include <memory>
#include <new>

struct Free {
    void operator()(float *p) const { std::free(p); }
};
using Floats = std::unique_ptr<float[], Free>;

/* Thirteen different values between -0.6 and 0.6. */
inline Floats floats(size_t count) {
    auto *data =
        static_cast<float *>(std::aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64));
    if (data == nullptr)
        throw std::bad_alloc();
    for (size_t i = 0; i < count; i++)
        data[i] = static_cast<float>(i % 13) * 0.1f - 0.6f;
    return Floats(data);
}

inline Floats zeros(size_t count) {
    Floats data = floats(count);
    for (size_t i = 0; i < count; i++)
        data[i] = 0.0f;
    return data;
}
