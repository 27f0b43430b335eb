# One object library an instruction set: its own flags, never link-time optimisation.
# The list of instruction sets itself is simd/isa.def.
set(ISOBIT_SIMD_OBJECTS)

function(isobit_add_isa isa)
  file(GLOB sources CONFIGURE_DEPENDS simd/${isa}/*.c)
  add_library(isobit_simd_${isa} OBJECT ${sources})
  target_include_directories(isobit_simd_${isa} PRIVATE include src ${CMAKE_CURRENT_SOURCE_DIR})
  target_compile_options(isobit_simd_${isa} PRIVATE ${ARGN})
  target_link_libraries(isobit_simd_${isa} PRIVATE isobit_flags)
  set_target_properties(isobit_simd_${isa} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  set(ISOBIT_SIMD_OBJECTS ${ISOBIT_SIMD_OBJECTS} $<TARGET_OBJECTS:isobit_simd_${isa}> PARENT_SCOPE)
endfunction()

# Sixteen lanes in plain arrays take gcc a minute to optimise under sanitizers, and seconds at -O1.
if(ISOBIT_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
  isobit_add_isa(scalar -O1 -fno-var-tracking)
else()
  isobit_add_isa(scalar)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  isobit_add_isa(avx2 -mavx2 -mfma)
  isobit_add_isa(avx512 -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl -mavx2 -mfma)
endif()
if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  # NEON is part of the base architecture. GCC's first scheduling pass loads so far ahead that the
  # accumulators of a tile spill; the second one runs after registers are given out.
  isobit_add_isa(neon $<$<C_COMPILER_ID:GNU>:-fno-schedule-insns>)
endif()
file(GLOB dispatch CONFIGURE_DEPENDS simd/*.c)
list(APPEND ISOBIT_SIMD_OBJECTS ${dispatch})
