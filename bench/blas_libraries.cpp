#include "blas_libraries.h"
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <sstream>

namespace {

/* A kind of library: where it may lie, and how it is told to use one thread. */
struct Kind {
    const char *name;
    std::vector<const char *> sonames;
    const char *marker; /* a symbol that no other kind has */
    const char *sgemm;
};

const Kind kinds[] = {
    {"OpenBLAS", {"libopenblas.so.0", "libopenblas.so"}, "openblas_set_num_threads", "cblas_sgemm"},
    {"OpenBLAS",
     {"libscipy_openblas.so"},
     "scipy_openblas_set_num_threads",
     "scipy_cblas_sgemm"}, /* its PyPI package */
    {"BLIS", {"libblis.so.4", "libblis.so"}, "bli_thread_set_num_threads", "cblas_sgemm"},
    {"MKL",
     {"libmkl_rt.so.3", "libmkl_rt.so.2", "libmkl_rt.so"},
     "MKL_Set_Num_Threads",
     "cblas_sgemm"},
};

template <class Function> Function *find(void *library, const char *symbol) {
    return reinterpret_cast<Function *>(dlsym(library, symbol));
}

void use_one_thread(void *library, const Kind &kind) {
    if (std::string(kind.name) == "MKL")
        if (auto *set_layer = find<int(int)>(library, "MKL_Set_Threading_Layer"))
            set_layer(1); /* MKL_THREADING_SEQUENTIAL */
    if (std::string(kind.name) == "BLIS")
        find<void(long)>(library, kind.marker)(1); /* dim_t */
    else
        find<void(int)>(library, kind.marker)(1);
}

std::string kernels_of(void *library) {
    for (const char *symbol : {"openblas_get_corename", "scipy_openblas_get_corename"})
        if (auto *corename = find<char *()>(library, symbol))
            return corename();
    auto *query = find<int()>(library, "bli_arch_query_id");
    auto *text = find<char *(int)>(library, "bli_arch_string");
    if (query != nullptr && text != nullptr)
        return text(query());
    if (auto *version = find<void(char *, int)>(library, "MKL_Get_Version_String")) {
        char line[200] = "";
        version(line, sizeof line - 1);
        return line;
    }
    return "";
}

bool is_kind(void *library, const Kind &kind) {
    return dlsym(library, kind.marker) != nullptr && dlsym(library, kind.sgemm) != nullptr;
}

/* The symbols stay the library's own (RTLD_LOCAL): they all have the same names. */
void *open(const char *path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }

size_t count_of(const std::vector<Blas> &libraries, const Kind &kind) {
    size_t count = 0;
    for (const Blas &blas : libraries)
        count += blas.name.rfind(kind.name, 0) == 0;
    return count;
}

void add(std::vector<Blas> &libraries, void *library, const Kind &kind, const char *from) {
    use_one_thread(library, kind);
    Blas blas{kind.name, kernels_of(library) + ", " + from,
              find<std::remove_pointer_t<Blas::Sgemm>>(library, kind.sgemm)};
    const size_t same = count_of(libraries, kind);
    if (same > 0)
        blas.name += std::to_string(same + 1);
    std::fprintf(stderr, "%s: %s\n", blas.name.c_str(), blas.detail.c_str());
    libraries.push_back(blas);
}

/* A path of ISOBIT_BLAS: what kind it is shows in its symbols. */
void add_path(std::vector<Blas> &libraries, const char *path) {
    void *library = open(path);
    if (library == nullptr) {
        std::fprintf(stderr, "ISOBIT_BLAS: %s\n", dlerror());
        return;
    }
    for (const Kind &kind : kinds)
        if (is_kind(library, kind))
            return add(libraries, library, kind, path);
    std::fprintf(stderr, "ISOBIT_BLAS: %s is none of OpenBLAS, BLIS and MKL\n", path);
}

void add_usual(std::vector<Blas> &libraries, const Kind &kind) {
    for (const char *soname : kind.sonames) {
        void *library = open(soname);
        if (library != nullptr && is_kind(library, kind))
            return add(libraries, library, kind, soname);
    }
}

} // namespace

std::vector<Blas> blas_libraries() {
    std::vector<Blas> libraries;
    for (const Kind &kind : kinds)
        add_usual(libraries, kind);
    const char *variable = std::getenv("ISOBIT_BLAS");
    std::istringstream paths(variable != nullptr ? variable : "");
    for (std::string path; std::getline(paths, path, ':');)
        if (!path.empty())
            add_path(libraries, path.c_str());
    for (const Kind &kind : kinds)
        if (count_of(libraries, kind) == 0)
            std::fprintf(stderr, "%s: missing (no %s, nor among the paths of ISOBIT_BLAS)\n",
                         kind.name, kind.sonames[0]);
    return libraries;
}
