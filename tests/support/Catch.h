#pragma once

// The one place that knows which Catch2 this is: 2.13 (Debian 12) or 3 (newer distributions).

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "sim/core/Result.h"

// REQUIRE that a Result holds a value, printing its error where it does not; yields the value.
#define REQUIRE_OK(expression)                                                                                         \
    __extension__({                                                                                                    \
        auto drydock_result = (expression);                                                                            \
        INFO((drydock_result ? std::string() : drydock_result.error().message()));                                     \
        REQUIRE(drydock_result.has_value());                                                                           \
        ::drydock::detail::take(std::move(drydock_result));                                                            \
    })
