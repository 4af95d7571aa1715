# A reader of the output that leaves early costs no result.
# cmake -DHYPERDC=... -DROOT=... -DOUT=... -P
file(REMOVE_RECURSE "${OUT}")
execute_process(
  COMMAND "${HYPERDC}" run "${ROOT}/scenarios/examples/queue-mmc.json" --until "2 h" --seeds 20
    --format json --out "${OUT}"
  COMMAND head -c 10
  RESULTS_VARIABLE statuses OUTPUT_VARIABLE head ERROR_VARIABLE errors)
list(GET statuses 0 status)
if(NOT status EQUAL 3 OR NOT errors MATCHES "cannot write to the standard output")
  message(SEND_ERROR "the run ended with ${status}: ${errors}")
endif()
file(GLOB results "${OUT}/*/result.json")
list(LENGTH results count)
if(NOT count EQUAL 20)
  message(SEND_ERROR "${count} of 20 results are stored")
endif()
file(GLOB left "${OUT}/.partial-*")
if(left)
  message(SEND_ERROR "left behind: ${left}")
endif()
