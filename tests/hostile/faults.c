#include "faults.h"
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_RULES = 8, MOST_RANGES = 64, MOST_FRAMES = 32 };

typedef struct rule {
    fault_place place;
    char calls[128];
    unsigned long first, last;
    char action[16];
    int value;
    atomic_ulong count;
} rule;

/* A piece of code that was loaded. */
typedef struct range {
    uintptr_t begin, end;
    enum { PROGRAM, LIBRARY, C_LIBRARY, LEFT_ALONE, SABOTEUR } owner;
} range;

static rule rules[MOST_RULES];
static size_t rule_count;
static range ranges[MOST_RANGES];
static size_t range_count;
static char report_path[512];
static bool ready;

static void report(const char *line, size_t length) {
    long file =
        syscall(SYS_openat, AT_FDCWD, report_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0)
        return;
    (void)!syscall(SYS_write, file, line, length);
    syscall(SYS_close, file);
}

static void report_met(const char *call, const char *object) {
    char line[256] = "met ";
    strncat(line, call, 64);
    strcat(line, " ");
    strncat(line, object, 128);
    strcat(line, "\n");
    report(line, strlen(line));
}

static bool lists(const char *list, const char *word) {
    const size_t length = strlen(word);
    if (strcmp(list, "*") == 0)
        return true;
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

static void send(int number) {
    syscall(SYS_kill, syscall(SYS_getpid), number);
    while (number == SIGKILL)
        syscall(SYS_pause);
}

static void apply(const rule *r, fault *f) {
    if (strcmp(r->action, "error") == 0 || strcmp(r->action, "late-error") == 0) {
        f->error = r->value;
        f->late = r->action[0] == 'l';
    } else if (strcmp(r->action, "short") == 0) {
        f->divide = (size_t)r->value;
    } else if (strcmp(r->action, "late-signal") == 0) {
        f->late_signal = r->value;
    } else {
        send(r->value);
    }
}

fault fault_meet(fault_place place, const char *call, const char *object) {
    fault f = {.divide = 1};
    const int code = errno;
    for (size_t i = 0; ready && i < rule_count; i++) {
        rule *r = &rules[i];
        if (r->place != place || !lists(r->calls, call))
            continue;
        const unsigned long number = atomic_fetch_add(&r->count, 1) + 1;
        if (number < r->first || number > r->last)
            continue;
        if (number == r->first)
            report_met(call, object);
        apply(r, &f);
    }
    errno = code;
    return f;
}

long fault_end(const fault *f, long result) {
    const int code = errno;
    if (f->late_signal != 0)
        send(f->late_signal);
    errno = code;
    if (f->error == 0)
        return result;
    errno = f->error;
    return -1;
}

bool fault_prevents(const fault *f) {
    if (f->error == 0 || f->late)
        return false;
    errno = f->error;
    return true;
}

static const range *range_of(const void *address) {
    for (size_t i = 0; i < range_count; i++)
        if ((uintptr_t)address >= ranges[i].begin && (uintptr_t)address < ranges[i].end)
            return &ranges[i];
    return NULL;
}

static bool place_of_range(const range *r, fault_place *place) {
    *place = r != NULL && r->owner == PROGRAM ? FAULT_MEMORY : FAULT_LIBRARIES;
    return r != NULL && (r->owner == PROGRAM || r->owner == LIBRARY);
}

/* Memory that the C library asks for is its caller's: the first frame that is neither of this
 * library nor of that one. */
bool fault_place_of_code(const void *address, fault_place *place) {
    const range *found = range_of(address);
    if (!ready || found == NULL || found->owner != C_LIBRARY)
        return place_of_range(found, place);
    void *frames[MOST_FRAMES];
    const int count = backtrace(frames, MOST_FRAMES);
    for (int i = 0; i < count; i++) {
        found = range_of(frames[i]);
        if (found == NULL || (found->owner != C_LIBRARY && found->owner != SABOTEUR))
            return place_of_range(found, place);
    }
    return false;
}

static bool holds(const char *name, const char *const *parts) {
    for (; *parts != NULL; parts++)
        if (strstr(name, *parts) != NULL)
            return true;
    return false;
}

/* The first that is visited is the program, without a name. */
static int add_ranges(struct dl_phdr_info *info, size_t size, void *context) {
    static const char *const alone[] = {"/ld-linux", "/libgomp", "/libomp", "/libfyaml.", NULL};
    static const char *const c_library[] = {"/libc.so", NULL}, *const self[] = {"isobit_faults",
                                                                                NULL};
    const char *name = info->dlpi_name;
    (void)size, (void)context;
    for (size_t i = 0; i < info->dlpi_phnum && range_count < MOST_RANGES; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
            continue;
        const uintptr_t begin = info->dlpi_addr + segment->p_vaddr;
        range *r = &ranges[range_count++];
        *r = (range){begin, begin + segment->p_memsz, LIBRARY};
        r->owner = r == ranges              ? PROGRAM
                   : holds(name, c_library) ? C_LIBRARY
                   : holds(name, self)      ? SABOTEUR
                   : holds(name, alone)     ? LEFT_ALONE
                                            : LIBRARY;
    }
    return 0;
}

/* A rule that cannot be understood would prove nothing. */
static void read_rule(const char *text) {
    static const char *const places[] = {"run", "other", "memory", "libraries", "threads"};
    char place[16];
    rule *r = &rules[rule_count];
    if (rule_count == MOST_RULES ||
        sscanf(text, "%15[^:]:%127[^:]:%lu-%lu:%15[^=]=%d", place, r->calls, &r->first, &r->last,
               r->action, &r->value) != 6)
        abort();
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(place, places[i]) != 0)
            continue;
        r->place = (fault_place)i;
        rule_count++;
        return;
    }
    abort();
}

__attribute__((constructor)) static void start(void) {
    const char *text = getenv("FAULTS"), *path = getenv("FAULTS_REPORT");
    char copy[1024], *rest = NULL;
    if (text == NULL || path == NULL || strlen(text) >= sizeof copy ||
        strlen(path) >= sizeof report_path)
        return;
    strcpy(report_path, path);
    strcpy(copy, text);
    for (char *one = strtok_r(copy, ";", &rest); one != NULL; one = strtok_r(NULL, ";", &rest))
        read_rule(one);
    dl_iterate_phdr(add_ranges, NULL);
    void *frame;
    backtrace(&frame, 1); /* the first time, it loads a library */
    ready = true;
}

__attribute__((destructor)) static void finish(void) {
    char line[64];
    for (size_t i = 0; i < rule_count; i++)
        report(line, (size_t)snprintf(line, sizeof line, "counted %lu\n",
                                      (unsigned long)atomic_load(&rules[i].count)));
}
