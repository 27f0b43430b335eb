/* Where the real MNIST lies, for the tests that need it. */
#ifndef ISB_TESTS_MNIST_H
#define ISB_TESTS_MNIST_H

#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* ISOBIT_MNIST, or shared/data/mnist beside the checkout; NULL where it is absent. */
static inline const char *mnist_directory(void) {
    const char *directory = getenv("ISOBIT_MNIST");
    if (directory == NULL)
        directory = ISB_SOURCE_DIR "/../shared/data/mnist";
    return access(directory, R_OK) == 0 ? directory : NULL;
}

#define MNIST_ABSENT "no MNIST; name its directory in ISOBIT_MNIST"

#endif
