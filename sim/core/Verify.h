#pragma once

// VERIFY states what must hold or the program is wrong. It stays on in every build: a container engine that goes on
// after a broken invariant does harm.

namespace drydock {
[[noreturn]] void verification_failed(char const* expression, char const* file, int line);
}

#define VERIFY(expression)                                                                                             \
    (static_cast<bool>(expression) ? static_cast<void>(0)                                                              \
                                   : ::drydock::verification_failed(#expression, __FILE__, __LINE__))
