/* Memory and threads, by whose code asks for them. */
#include "faults.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static bool refused(const char *call, const void *caller) {
    fault_place place;
    if (!fault_place_of_code(caller, &place))
        return false;
    const fault f = fault_meet(place, call, "");
    return fault_prevents(&f);
}

#define REFUSED(call) refused(call, __builtin_return_address(0))

void *malloc(size_t size) { return REFUSED("malloc") ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) {
    return REFUSED("calloc") ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    return REFUSED("realloc") ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    return REFUSED("memalign") ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return REFUSED("aligned_alloc") ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    void *got = REFUSED("posix_memalign") ? NULL : __libc_memalign(alignment, size);
    if (got == NULL)
        return ENOMEM;
    *memory = got;
    return 0;
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    if (REFUSED("mmap"))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    if (REFUSED("mmap"))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *),
                   void *context) {
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    fault_place place;
    if (fault_place_of_code(__builtin_return_address(0), &place) && place == FAULT_MEMORY) {
        const fault f = fault_meet(FAULT_THREADS, "pthread_create", "");
        if (f.error != 0)
            return f.error;
    }
    return real(thread, attributes, body, context);
}
