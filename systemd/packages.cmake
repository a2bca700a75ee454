# What is installed where, and the two Debian packages that CPack makes of it. `./dev package` builds them.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
# Packages need these two programs, not the tests.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(package_files ${PROJECT_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${package_files})

# Debian wants pages, changelogs and completions compressed or generated; none of it depends on the time of the build.
function(hubsync_compressed target source)
  add_custom_command(OUTPUT ${package_files}/${target}.gz DEPENDS ${source}
    COMMAND gzip -9n -c ${source} > ${package_files}/${target}.gz)
  set_property(GLOBAL APPEND PROPERTY hubsync_package_files ${package_files}/${target}.gz)
endfunction()

string(TIMESTAMP HUBSYNC_TODAY "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/changelog.in ${package_files}/changelog @ONLY)
configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/copyright.in ${package_files}/copyright @ONLY)
hubsync_compressed(changelog ${package_files}/changelog)
foreach(page hubsync.1 hubsyncd.8 hubsync.toml.5 hubsync-api.7 hubsync-conflicts.7)
  hubsync_compressed(${page} ${PROJECT_SOURCE_DIR}/man/${page})
endforeach()
foreach(shell bash zsh fish)
  add_custom_command(OUTPUT ${package_files}/completion.${shell} DEPENDS hubsync
    COMMAND hubsync completion ${shell} > ${package_files}/completion.${shell})
  set_property(GLOBAL APPEND PROPERTY hubsync_package_files ${package_files}/completion.${shell})
endforeach()
get_property(hubsync_package_files GLOBAL PROPERTY hubsync_package_files)
add_custom_target(package_files DEPENDS ${hubsync_package_files})

set(units ${CMAKE_CURRENT_LIST_DIR})
install(TARGETS hubsyncd DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT hubsyncd)
install(FILES ${units}/hubsync.toml DESTINATION /etc/hubsync COMPONENT hubsyncd
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
install(FILES ${units}/hubsyncd.service ${units}/hubsyncd@.service ${units}/hubsyncd-control.socket
  ${units}/hubsyncd-webhooks.socket DESTINATION /lib/systemd/system COMPONENT hubsyncd)
install(FILES ${units}/sysusers.conf DESTINATION /usr/lib/sysusers.d RENAME hubsync.conf COMPONENT hubsyncd)
install(FILES ${units}/tmpfiles.conf DESTINATION /usr/lib/tmpfiles.d RENAME hubsync.conf COMPONENT hubsyncd)
# systemd's trigger on that folder updates the database of the catalogs.
install(FILES ${units}/hubsync.catalog DESTINATION /usr/lib/systemd/catalog COMPONENT hubsyncd)
install(FILES ${units}/monitoring/alerts.yml ${units}/monitoring/grafana.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/hubsyncd/examples COMPONENT hubsyncd)
install(FILES ${package_files}/hubsyncd.8.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT hubsyncd)
install(FILES ${package_files}/hubsync.toml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT hubsyncd)

install(TARGETS hubsync DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT hubsync)
install(FILES ${units}/hubsync-full.service ${units}/hubsync-full.timer
  DESTINATION /lib/systemd/system COMPONENT hubsyncd)
install(FILES ${package_files}/hubsync.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT hubsync)
install(FILES ${package_files}/hubsync-api.7.gz ${package_files}/hubsync-conflicts.7.gz
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man7 COMPONENT hubsync)
install(FILES ${PROJECT_SOURCE_DIR}/man/schema/hubsync-json.schema.json
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/hubsync COMPONENT hubsync)
install(FILES ${package_files}/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME hubsync COMPONENT hubsync)
install(FILES ${package_files}/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
  RENAME _hubsync COMPONENT hubsync)
install(FILES ${package_files}/completion.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
  RENAME hubsync.fish COMPONENT hubsync)
foreach(package hubsyncd hubsync)
  install(FILES ${package_files}/changelog.gz ${package_files}/copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${package})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME hubsync)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "hubsync maintainers <maintainers@hubsync.invalid>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
# With DESTDIR, since the units and the configuration have absolute places.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL hubsyncd hubsync)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_HUBSYNCD_PACKAGE_NAME hubsyncd)
set(CPACK_DEBIAN_HUBSYNCD_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_HUBSYNCD_PACKAGE_RECOMMENDS "hubsync")
set(CPACK_DEBIAN_HUBSYNC_PACKAGE_NAME hubsync)
set(CPACK_DEBIAN_HUBSYNC_PACKAGE_RECOMMENDS "hubsyncd")
set(CPACK_DEBIAN_HUBSYNCD_PACKAGE_CONTROL_EXTRA
  "${units}/debian/conffiles;${units}/debian/postinst;${units}/debian/prerm;${units}/debian/postrm")
set(CPACK_COMPONENT_HUBSYNCD_DESCRIPTION "This is the daemon. It keeps contacts and companies, with the associations
between them, in a local SQLite store and makes that store and a HubSpot
portal equal. Edits on either side arrive on the other; what both sides
edited becomes a conflict that a person or a rule decides.")
set(CPACK_COMPONENT_HUBSYNC_DESCRIPTION "This is the command line of hubsyncd: records, conflicts, runs, logs and the
state of the sync, as text for people and as JSON for scripts.")
include(CPack)
