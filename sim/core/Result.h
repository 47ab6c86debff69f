#pragma once

// Result<T> is either a T or an Error. TRY(expression) yields the T or returns the Error to the caller, so a
// function reads as its happy path.

#include "sim/core/Error.h"

#include <tl/expected.hpp>

#include <type_traits>
#include <utility>

namespace drydock {

template <class T> using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message)
{
    return tl::unexpected<Error>(Error(kind, std::move(message)));
}

// What a system call refused with.
inline tl::unexpected<Error> failed(std::string_view call, int code)
{
    return tl::unexpected(Error::from_errno(call, code));
}

inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

namespace detail {
template <class T> T take(Result<T>&& result)
{
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}
}

}

// A GNU statement expression: the value is that of its last line. Nothing may stand before it inside the same braces,
// and no `new` around it: GCC does not destroy the members that were made, nor free what was allocated, when the return
// leaves such an expression half done. tests/structure holds the sources to that.
#define TRY(expression)                                                                                                \
    __extension__({                                                                                                    \
        auto drydock_try_result = (expression);                                                                        \
        if (!drydock_try_result)                                                                                       \
            return ::tl::unexpected<::drydock::Error>(std::move(drydock_try_result).error());                          \
        ::drydock::detail::take(std::move(drydock_try_result));                                                        \
    })

// The same, saying what the caller was doing: TRY_WITH("reading manifest " + name, read(name)).
#define TRY_WITH(context, expression)                                                                                  \
    __extension__({                                                                                                    \
        auto drydock_try_result = (expression);                                                                        \
        if (!drydock_try_result)                                                                                       \
            return ::tl::unexpected<::drydock::Error>(std::move(drydock_try_result).error().with_context(context));    \
        ::drydock::detail::take(std::move(drydock_try_result));                                                        \
    })
