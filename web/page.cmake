# The page, as web/CMakeLists.txt builds it, is part of the library `report`.
set_source_files_properties(report/page_asset.cpp PROPERTIES
  SKIP_UNITY_BUILD_INCLUSION ON
  OBJECT_DEPENDS ${HYPERDC_PAGE}
  COMPILE_DEFINITIONS HYPERDC_PAGE_FILE="${HYPERDC_PAGE}")
add_dependencies(hyperdc_report hyperdc_page)
