/* The examples as they stand: pinned digests on the built-in data and on the real MNIST. */
#include "check.h"
#include "mnist.h"
#include "program.h"
#include <jansson.h>
#include <string.h>

static const char *const names[] = {"after", "before", "none", "deep"};

static void check_example(const char *name, const char *data, const char *epochs,
                          const char *threads, const char *digest, double least_accuracy) {
    char file[512];
    snprintf(file, sizeof file, "%s/examples/%s.yaml", ISB_SOURCE_DIR, name);
    const char *const arguments[] = {"train",  file,        "--data", data,    "--set",
                                     epochs,   "--threads", threads,  "--run", "run",
                                     "--json", "-q",        NULL};
    const place p = place_open();
    output o = program_run(&p, &(request){.arguments = arguments});
    CHECKF(o.status == 0, "%s: status %d: %s", name, o.status, o.err);
    json_t *result = json_loads(o.out, JSON_REJECT_DUPLICATES, NULL);
    const char *found = json_string_value(json_object_get(result, "weights_sha256"));
    CHECKF(strcmp(found, digest) == 0, "%s: %s", name, found);
    const double accuracy = json_real_value(json_object_get(result, "test_accuracy"));
    CHECKF(accuracy >= least_accuracy, "%s: test accuracy %g", name, accuracy);
    json_decref(result);
    output_free(&o);
    place_close(&p);
}

CASE(examples, have_their_digests_on_digits) {
    static const char *const digests[] = {
        "329e9ccbbccb12a4577b7aad01bd998ea3e3e3f27b344d77b2186d64bc8caa45",
        "66858c352ae585cfbbd39b800629cf5b4f6c1be7198421b519c29d414a2ee5ff",
        "4fd325efe7143891e5bba37b6e73bc70c3c13c47fdc37e211a38663695a7885a",
        "e654507b14b993064155cf89855a6c910669a6421ee0ba9f9804cc50ce871c9d"};
    for (size_t i = 0; i < 4; i++) {
        check_example(names[i], "digits", "fit.epochs=1", "1", digests[i], 0.85);
        check_example(names[i], "digits", "fit.epochs=1", "3", digests[i], 0.85);
    }
}

CASE(examples, have_their_digests_on_mnist) {
    static const char *const digests[] = {
        "89970df3094679e21b3ebf79883ebebb1dd65d766cd0fb2c15ad74610e19ae0b",
        "cf2ad981915b5eb7733e3871661146e67019bbc57f2b5fa4ea4905d210f42095",
        "d013c641d4c8e20160a678091973b517b9f6eeca3b3bcd727b69112d468801d4",
        "4357c56c359009ccaf18d375ed80a5e32576a6222cdacba562a8a30652aff2c6"};
    const char *directory = mnist_directory();
    if (directory == NULL)
        SKIP(MNIST_ABSENT);
    for (size_t i = 0; i < 4; i++)
        check_example(names[i], directory, "fit.epochs=1", "2", digests[i], 0.94);
}

CASE(examples, reach_their_accuracy_on_mnist) {
    const char *directory = mnist_directory();
    if (directory == NULL)
        SKIP(MNIST_ABSENT);
    check_example("after", directory, "fit.epochs=5", "2",
                  "81cbc4bff86a27a1a64981233501f1c77d98120e4b62498f9b6de3a5ee14b321", 0.972);
}
