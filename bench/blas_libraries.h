/* The BLAS libraries of this machine, loaded at run time, each for itself and on one thread. */
#pragma once

#include <string>
#include <vector>

struct Blas {
    /* cblas_sgemm with C's enumerations as int. */
    using Sgemm = void (*)(int layout, int transpose_a, int transpose_b, int m, int n, int k,
                           float alpha, const float *a, int lda, const float *b, int ldb,
                           float beta, float *c, int ldc);
    std::string name;
    std::string detail; /* the kernels that it chose, as far as it tells; its file */
    Sgemm sgemm;
};

/* Those found among the usual names and the paths of ISOBIT_BLAS (path:path). Says on stderr what
 * is there, what is missing, and why. */
std::vector<Blas> blas_libraries();
