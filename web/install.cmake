# Runs `npm ci` in the directory TO with the package files of FROM; touches STAMP if it worked.
foreach(file package.json package-lock.json .npmrc)
  file(COPY_FILE ${FROM}/${file} ${TO}/${file})
endforeach()
# No package may run a script of its own: none needs to.
execute_process(COMMAND ${NPM} ci --ignore-scripts --prefer-offline --no-audit --no-fund
  WORKING_DIRECTORY ${TO} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT failed EQUAL 0)
  message("${output}")
  message(FATAL_ERROR "`npm ci` failed. The page of `hyperdc report` is bundled from the packages "
    "of web/package-lock.json: is the npm registry reachable? `npm config get registry` says which "
    "one is asked; what was fetched once comes from npm's cache.")
endif()
file(TOUCH ${STAMP})
