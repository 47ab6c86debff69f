#include "engine/unionfs/Branch.h"

namespace drydock::unionfs {

bool is_overlays_own(std::string const& xattr)
{
    return xattr.starts_with("user.overlay.") || xattr.starts_with("trusted.overlay.");
}

}
