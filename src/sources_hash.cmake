# Writes OUT: a header with the sha256 of the sources that results depend on, all below ROOT.
# Screens and commands are not among them: what they do cannot change a number.
set(text "")
foreach(folder core engine metrics economics workload model network policy ai scenario world
    results experiment)
  file(GLOB_RECURSE files RELATIVE "${ROOT}" "${ROOT}/src/${folder}/*.cpp"
    "${ROOT}/src/${folder}/*.hpp" "${ROOT}/include/hyperdc/${folder}/*.hpp")
  list(SORT files)
  foreach(file IN LISTS files)
    file(SHA256 "${ROOT}/${file}" hash)
    string(APPEND text "${file} ${hash}\n")
  endforeach()
endforeach()
string(SHA256 hash "${text}")
set(header "#pragma once\n#define HYPERDC_SOURCES_SHA256 \"${hash}\"\n")
set(before "")
if(EXISTS "${OUT}")
  file(READ "${OUT}" before)
endif()
if(NOT before STREQUAL header)
  file(WRITE "${OUT}" "${header}")
endif()
