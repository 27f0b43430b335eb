#include "study/record.h"
#include <stdio.h>
#include <sys/utsname.h>

const char *isb_time_text(char out[ISB_TIME_SIZE], time_t time) {
    struct tm utc;
    if (gmtime_r(&time, &utc) == NULL || strftime(out, ISB_TIME_SIZE, "%FT%TZ", &utc) == 0)
        out[0] = '\0';
    return out;
}

const char *isb_compiler_text(void) {
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}

const char *isb_host_text(char out[ISB_HOST_SIZE]) {
    struct utsname host;
    if (uname(&host) != 0)
        return "not known";
    snprintf(out, ISB_HOST_SIZE, "%.64s, %.64s %.64s %.32s", host.nodename, host.sysname,
             host.release, host.machine);
    return out;
}
