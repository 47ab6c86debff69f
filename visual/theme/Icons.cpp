#include "visual/theme/Icons.h"

#include "sim/core/Verify.h"

namespace drydock::theme {

std::string utf8(Icon icon)
{
    auto const code = static_cast<unsigned>(icon); // U+F000 and above: always three bytes
    return { static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3f)),
        static_cast<char>(0x80 | (code & 0x3f)) };
}

Icon icon_of(Category category)
{
    switch (category) {
    case Category::Process: return Icon::Process;
    case Category::Storage: return Icon::Database;
    case Category::Network: return Icon::Network;
    case Category::Memory: return Icon::Gauge;
    case Category::Registry: return Icon::Cloud;
    case Category::Alert: return Icon::Warning;
    case Category::Selection: return Icon::Bullseye;
    }
    VERIFY(!"a category without an icon");
}

}
