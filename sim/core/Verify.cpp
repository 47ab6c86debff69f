#include "sim/core/Verify.h"

#include <cstdio>
#include <cstdlib>

namespace drydock {

void verification_failed(char const* expression, char const* file, int line)
{
    std::fprintf(stderr, "%s:%d: this must hold and does not: %s\n", file, line, expression);
    std::abort();
}

}
