# Builds one planted fault in: the file that tests/planted/${HUBSYNC_PLANTED}.patch changes is replaced by a changed copy in
# the build tree, so that product code knows nothing of it. For `./dev planted` only: such a build is no hubsync.
set(HUBSYNC_PLANT_PATCH ${PROJECT_SOURCE_DIR}/tests/planted/${HUBSYNC_PLANTED}.patch)
if(NOT EXISTS ${HUBSYNC_PLANT_PATCH})
  message(FATAL_ERROR "There is no planted fault '${HUBSYNC_PLANTED}': it would be ${HUBSYNC_PLANT_PATCH}")
endif()
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${HUBSYNC_PLANT_PATCH})
file(STRINGS ${HUBSYNC_PLANT_PATCH} HUBSYNC_PLANT_FILE REGEX "^\\+\\+\\+ b/")
string(REGEX REPLACE "^\\+\\+\\+ b/" "" HUBSYNC_PLANT_FILE "${HUBSYNC_PLANT_FILE}")
set(HUBSYNC_PLANT_TREE ${CMAKE_BINARY_DIR}/planted)
configure_file(${PROJECT_SOURCE_DIR}/${HUBSYNC_PLANT_FILE} ${HUBSYNC_PLANT_TREE}/${HUBSYNC_PLANT_FILE} COPYONLY)
# The ceiling keeps git from taking the build tree for a part of the repository around it.
execute_process(COMMAND ${CMAKE_COMMAND} -E env GIT_CEILING_DIRECTORIES=${CMAKE_BINARY_DIR} git apply ${HUBSYNC_PLANT_PATCH}
  WORKING_DIRECTORY ${HUBSYNC_PLANT_TREE} RESULT_VARIABLE HUBSYNC_PLANT_RESULT ERROR_VARIABLE HUBSYNC_PLANT_ERROR)
if(NOT HUBSYNC_PLANT_RESULT EQUAL 0)
  message(FATAL_ERROR "${HUBSYNC_PLANT_PATCH} no longer applies; make it anew.\n${HUBSYNC_PLANT_ERROR}")
endif()

# hubsync_plant(LIST): puts the changed copy in place of the original, where LIST has it.
function(hubsync_plant list)
  list(TRANSFORM ${list} REPLACE "^${PROJECT_SOURCE_DIR}/${HUBSYNC_PLANT_FILE}$" ${HUBSYNC_PLANT_TREE}/${HUBSYNC_PLANT_FILE})
  set(${list} ${${list}} PARENT_SCOPE)
endfunction()
