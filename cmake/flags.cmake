# Flags that every file of ours is compiled with.
add_library(isobit_flags INTERFACE)

# Numerics (docs/numerics.md, rule 1): nothing is contracted or reassociated behind our back.
set(ISOBIT_NUMERIC_FLAGS -ffp-contract=off -fno-fast-math -fno-math-errno -fno-trapping-math)
target_compile_options(isobit_flags INTERFACE ${ISOBIT_NUMERIC_FLAGS})
target_compile_definitions(isobit_flags INTERFACE _GNU_SOURCE)

target_compile_options(isobit_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef -Wvla
  -Wstrict-prototypes -Wmissing-prototypes -Wimplicit-fallthrough -Wcast-qual -Wwrite-strings)
if(ISOBIT_WERROR)
  target_compile_options(isobit_flags INTERFACE -Werror)
endif()

if(ISOBIT_SANITIZE)
  set(sanitize -fsanitize=${ISOBIT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${sanitize})
  add_link_options(${sanitize})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(isobit_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
