#include "sim/words/Language.h"

namespace drydock::words {

std::string_view tr(std::string_view english)
{
    return english;
}

}
