#include "data/digest.h"
#include "data_files.h"
#include "mnist.h"
#include <isobit/dataset.h>

static void put_part(const char *images, const uint32_t *shape, const char *labels,
                     const uint32_t *label_shape) {
    uint8_t data[1024];
    put(images, data, make_idx(data, shape));
    put(labels, data, make_idx(data, label_shape));
}

static void refuse(const char *source, const char *message) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset dataset;
    isb_status status = isb_dataset_open(&dataset, source, &error);
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    CHECK(status == ISB_DATA && error.status == ISB_DATA);
    CHECK(dataset.source == NULL && dataset.train.features == NULL);
    isb_error_clear(&error);
}

static isb_dataset open_good(const char *source) {
    isb_error error = ISB_ERROR_INIT;
    isb_dataset dataset;
    isb_status status = isb_dataset_open(&dataset, source, &error);
    CHECKF(status == ISB_OK, "%s", isb_error_text(&error));
    return dataset;
}

/* The digests below are those of Python's hashlib by the definition in digest.h. */
CASE(data_dataset, reads_both_parts_or_one) {
    enter_directory();
    put_part("train-images-idx3-ubyte", SIZES(3, 2, 1), "train-labels-idx1-ubyte", SIZES(3));
    isb_dataset dataset = open_good(".");
    CHECK(dataset.train.rows == 3 && dataset.test.rows == 0);
    CHECK(dataset.shape.rank == 2 && dataset.shape.sizes[0] == 2 && dataset.shape.sizes[1] == 1);
    CHECK(memcmp(dataset.train.features, "\0\1\2\3\4\5", 6) == 0);
    CHECK(dataset.train.labels[0] == 0 && dataset.train.labels[2] == 2);
    CHECK(strcmp(dataset.train.labels_from, "./train-labels-idx1-ubyte") == 0);
    CHECK(strcmp(dataset.sha256,
                 "abd772faac6b84b64e502e5230330054cffbb281414757ca79666a6bc6a950dd") == 0);
    isb_dataset_free(&dataset);

    put_part("t10k-images.idx3-ubyte", SIZES(2, 2, 1), "t10k-labels.idx1-ubyte", SIZES(2));
    dataset = open_good("./");
    CHECK(dataset.train.rows == 3 && dataset.test.rows == 2);
    CHECK(strcmp(dataset.test.labels_from, "./t10k-labels.idx1-ubyte") == 0);
    CHECK(strcmp(dataset.sha256,
                 "8bccda0514d23a0306bcd26153684b96b735c313a3cb64547ab109ded67cf1b9") == 0);
    isb_dataset_free(&dataset);
    leave_directory();
}

/* Names and packing are no content; a label and a pixel are. */
CASE(data_dataset, digest_is_of_content_alone) {
    enter_directory();
    uint8_t data[64];
    put_gzip("train-images.idx3-ubyte.gz", data, make_idx(data, SIZES(3, 2, 1)));
    put_gzip("train-labels-idx1-ubyte.gz", data, make_idx(data, SIZES(3)));
    isb_dataset dataset = open_good(data_directory);
    const char *digest = "abd772faac6b84b64e502e5230330054cffbb281414757ca79666a6bc6a950dd";
    CHECK(strcmp(dataset.sha256, digest) == 0);
    dataset.train.labels[2] ^= 256;
    CHECK(isb_dataset_digest(&dataset, NULL) == ISB_OK && strcmp(dataset.sha256, digest) != 0);
    dataset.train.labels[2] ^= 256;
    CHECK(isb_dataset_digest(&dataset, NULL) == ISB_OK && strcmp(dataset.sha256, digest) == 0);
    ((uint8_t *)dataset.train.features)[5] ^= 1;
    CHECK(isb_dataset_digest(&dataset, NULL) == ISB_OK && strcmp(dataset.sha256, digest) != 0);
    isb_dataset_free(&dataset);
    leave_directory();
}

CASE(data_dataset, raw_file_wins) {
    enter_directory();
    uint8_t data[64];
    put_part("train-images.idx3-ubyte", SIZES(3, 2, 1), "train-labels-idx1-ubyte", SIZES(3));
    put("train-images-idx3-ubyte.gz", data, make_idx(data, SIZES(4, 2, 1)));
    put("train-labels.idx1-ubyte", data, make_idx(data, SIZES(5)));
    isb_dataset dataset = open_good(".");
    CHECK(dataset.train.rows == 3);
    isb_dataset_free(&dataset);
    leave_directory();
}

CASE(data_dataset, names_missing_files) {
    enter_directory();
    refuse(".", ".: has neither train-images-idx3-ubyte nor train-images.idx3-ubyte, with .gz or "
                "without; put it there, or use the source digits, which needs no file\n"
                ".: has neither train-labels-idx1-ubyte nor train-labels.idx1-ubyte, with .gz or "
                "without; put it there, or use the source digits, which needs no file");
    put("train-images-idx3-ubyte", "", 0);
    refuse(".", ".: has neither train-labels-idx1-ubyte nor train-labels.idx1-ubyte, with .gz or "
                "without; put it there, or use the source digits, which needs no file");
    leave_directory();
}

CASE(data_dataset, names_half_a_test_part) {
    enter_directory();
    put_part("train-images-idx3-ubyte", SIZES(3, 2, 1), "train-labels-idx1-ubyte", SIZES(3));
    uint8_t data[64];
    put("t10k-images-idx3-ubyte", data, make_idx(data, SIZES(3, 2, 1)));
    refuse(".", ".: has neither t10k-labels-idx1-ubyte nor t10k-labels.idx1-ubyte, with .gz or "
                "without; put it there, or take its images away to go without a test part");
    CHECK(remove("t10k-images-idx3-ubyte") == 0);
    put("t10k-labels-idx1-ubyte", data, make_idx(data, SIZES(3)));
    refuse(".", ".: has neither t10k-images-idx3-ubyte nor t10k-images.idx3-ubyte, with .gz or "
                "without; put it there, or take its labels away to go without a test part");
    leave_directory();
}

CASE(data_dataset, names_files_that_do_not_fit) {
    enter_directory();
    put_part("train-images-idx3-ubyte", SIZES(3, 2, 1), "train-labels-idx1-ubyte", SIZES(1));
    refuse(".", "./train-labels-idx1-ubyte: has 1 label, but ./train-images-idx3-ubyte has 3 "
                "rows; use two that belong together");
    put_part("train-images-idx3-ubyte", SIZES(3, 2, 1), "train-labels-idx1-ubyte", SIZES(3));
    put_part("t10k-images-idx3-ubyte", SIZES(3, 2, 2), "t10k-labels-idx1-ubyte", SIZES(3));
    refuse(
        ".",
        "./t10k-images-idx3-ubyte: its rows are 2 x 2 (8-bit), those of ./train-images-idx3-ubyte "
        "are 2 x 1 (8-bit); both parts need the same shape and type");
    leave_directory();
}

CASE(data_dataset, names_sources_that_are_none) {
    enter_directory();
    put("file", "x", 1);
    refuse("nowhere", "data source 'nowhere': No such file or directory; give a directory of IDX "
                      "files, a .npz file, or digits, which is built in and needs no file");
    refuse("", "data source '': No such file or directory; give a directory of IDX files, a .npz "
               "file, or digits, which is built in and needs no file");
    refuse("file", "data source 'file': is no file of data that is known; give a .npz file, the "
                   "directory that holds IDX files, or digits, which is built in and needs no "
                   "file");
    put("array", "\x93NUMPY\1", 7);
    refuse("array", "data source 'array': is one array; name features and labels, such as source: "
                    "{x: x.npy, y: y.npy}");
    leave_directory();
}

static void check_labels(const isb_dataset *dataset, size_t classes, const char *message) {
    isb_error error = ISB_ERROR_INIT;
    isb_status status = isb_dataset_check_labels(dataset, classes, &error);
    CHECK(status == (*message == '\0' ? ISB_OK : ISB_DATA));
    CHECKF(strcmp(isb_error_text(&error), message) == 0, "got:  %s\nwant: %s",
           isb_error_text(&error), message);
    isb_error_clear(&error);
}

CASE(data_dataset, names_labels_beyond_the_classes) {
    enter_directory();
    put_part("train-images-idx3-ubyte", SIZES(14, 2, 1), "train-labels-idx1-ubyte", SIZES(14));
    put_part("t10k-images-idx3-ubyte", SIZES(20, 2, 1), "t10k-labels-idx1-ubyte", SIZES(20));
    isb_dataset dataset = open_good(".");
    check_labels(&dataset, 20, "");
    check_labels(&dataset, 19,
                 "./t10k-labels-idx1-ubyte: row 19 (counted from 0) has label 19, outside the "
                 "model's 19 classes (0 to 18); mend the file, or give the output layer 20 units");
    check_labels(&dataset, 10,
                 "./train-labels-idx1-ubyte: row 10 (counted from 0) has label 10, outside the "
                 "model's 10 classes (0 to 9); mend the file, or give the output layer 20 units");
    isb_dataset_free(&dataset);
    dataset = open_good("digits");
    check_labels(&dataset, 10, "");
    dataset.train.labels[0] = 0;
    dataset.train.labels[1] = 7;
    check_labels(&dataset, 1,
                 "digits: row 1 (counted from 0) has label 7, outside the model's 1 class (0 to "
                 "0); give the output layer 10 units");
    isb_dataset_free(&dataset);
    leave_directory();
}

CASE(data_dataset, reads_mnist) {
    const char *directory = mnist_directory();
    if (directory == NULL)
        SKIP(MNIST_ABSENT);
    isb_dataset mnist = open_good(directory);
    CHECK(mnist.train.rows == 60000 && mnist.test.rows == 10000);
    CHECK(mnist.shape.rank == 2 && mnist.shape.sizes[0] == 28 && mnist.shape.sizes[1] == 28);
    CHECK(mnist.train.labels[0] == 5 && mnist.test.labels[0] == 7);
    CHECKF(strcmp(mnist.sha256,
                  "8f325160a20aeddf341d1d1268ddc73772943e2a4469e6d410349eb00f90a2f4") == 0,
           "%s", mnist.sha256);
    isb_dataset_free(&mnist);
}
