#include "base/memory.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CACHE_LINE = 64, HUGE_PAGE = 2 << 20, MAPPED_FROM = 256 << 10 };

/* In the cache line before every block. */
typedef struct header {
    void *base;
    size_t mapped; /* bytes from base on; 0: of the heap */
} header;

_Static_assert(sizeof(header) <= CACHE_LINE, "the header takes one cache line");

static header *header_of(void *memory) { return (header *)((char *)memory - CACHE_LINE); }

static void *from_heap(size_t bytes) {
    char *base = aligned_alloc(CACHE_LINE, bytes);
    if (base == NULL)
        return NULL;
    memset(base, 0, bytes);
    *(header *)base = (header){base, 0};
    return base + CACHE_LINE;
}

/* The block starts a cache line into a huge page where it is large enough to fill one. */
static void *from_system(size_t bytes) {
    const size_t slack = bytes >= HUGE_PAGE ? HUGE_PAGE : 0;
    char *base =
        mmap(NULL, bytes + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    char *start = base;
    if (slack > 0) {
        start += (HUGE_PAGE - (uintptr_t)base % HUGE_PAGE) % HUGE_PAGE;
        madvise(start, bytes, MADV_HUGEPAGE); /* a wish: it may be refused */
    }
    *(header *)start = (header){base, bytes + slack};
    return start + CACHE_LINE;
}

void *isb_allocate(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2)
        return NULL;
    bytes = (bytes + 2 * CACHE_LINE) / CACHE_LINE * CACHE_LINE;
    return bytes < MAPPED_FROM ? from_heap(bytes) : from_system(bytes);
}

void isb_prefer_huge_pages(void *memory, size_t bytes) {
    const uintptr_t address = (uintptr_t)memory;
    const uintptr_t begin = (address + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    const uintptr_t end = (address + bytes) / HUGE_PAGE * HUGE_PAGE;
    if (begin < end)
        madvise((char *)memory + (begin - address), end - begin, MADV_HUGEPAGE);
}

void isb_release(void *memory) {
    if (memory == NULL)
        return;
    const header h = *header_of(memory);
    if (h.mapped > 0)
        munmap(h.base, h.mapped);
    else
        free(h.base);
}

void isb_forget(void *memory, size_t begin, size_t end) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), block = (uintptr_t)memory;
    const uintptr_t first = (block + begin + page - 1) / page * page;
    const uintptr_t last = (block + end) / page * page;
    if (first < last)
        madvise((char *)memory + (first - block), last - first, MADV_DONTNEED);
}
