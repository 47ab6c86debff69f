# Compiler flags that hold for the whole project; third-party headers are SYSTEM and stay out of it.
add_library(drydock_options INTERFACE)
file(RELATIVE_PATH up_to_source ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})

target_compile_options(drydock_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wcast-align -Wold-style-cast -Wformat=2 -Wimplicit-fallthrough -Wswitch-enum -Wnull-dereference
    # Designated initializers name what differs from the default; the rest is value-initialized.
    -Wno-missing-field-initializers
    # Pictures must be equal bit for bit across compilers, so no fused multiply-add behind our back.
    -ffp-contract=off
    # Events and assertions name their source; the path is relative to the repository. ccache with a base_dir hands the
    # compiler paths relative to the build directory instead.
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${up_to_source}=)
if(DRYDOCK_WARNINGS_AS_ERRORS)
    target_compile_options(drydock_options INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 reports false null dereferences inside libstdc++ once it inlines.
    target_compile_options(drydock_options INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized -Wno-restrict)
endif()
if(CMAKE_UNITY_BUILD)
    # The files of a folder are compiled together: most of a file's time goes into the same headers, and the whole takes
    # a fifth. So names in unnamed namespaces are unique in their folder.
    set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Warns of members whose types are in an unnamed namespace, unless it is the main file that has them.
        target_compile_options(drydock_options INTERFACE -Wno-subobject-linkage)
    endif()
endif()
if(DRYDOCK_SANITIZE)
    target_compile_options(drydock_options INTERFACE -fsanitize=${DRYDOCK_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all
        # A check at every use of a pointer costs a third of the build; AddressSanitizer stops at a bad one all the same.
        -fno-sanitize=null,alignment,vptr,object-size)
    target_link_options(drydock_options INTERFACE -fsanitize=${DRYDOCK_SANITIZE})
endif()
target_include_directories(drydock_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(LLD ld.lld)
if(LLD)
    add_link_options(-fuse-ld=lld)
endif()
