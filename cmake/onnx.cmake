# The messages of ONNX, in C, out of the definition that Debian's libonnx-dev brings.
pkg_check_modules(PROTOBUF_C REQUIRED IMPORTED_TARGET libprotobuf-c)
find_program(PROTOC_C protoc-c REQUIRED)
find_path(ONNX_PROTO_DIR onnx/onnx.proto REQUIRED)

set(onnx_dir ${CMAKE_BINARY_DIR}/onnx)
file(MAKE_DIRECTORY ${onnx_dir})
add_custom_command(
  OUTPUT ${onnx_dir}/onnx.pb-c.c ${onnx_dir}/onnx.pb-c.h
  COMMAND ${PROTOC_C} --c_out=${onnx_dir} --proto_path=${ONNX_PROTO_DIR}/onnx onnx.proto
  DEPENDS ${ONNX_PROTO_DIR}/onnx/onnx.proto
  VERBATIM)
add_library(isobit_onnx STATIC ${onnx_dir}/onnx.pb-c.c ${onnx_dir}/onnx.pb-c.h)
target_include_directories(isobit_onnx SYSTEM PUBLIC ${onnx_dir})
target_link_libraries(isobit_onnx PUBLIC PkgConfig::PROTOBUF_C)
