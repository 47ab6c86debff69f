#include "engine/unionfs/WritableBranch.h"

namespace drydock::unionfs {

bool is_overlays_own(std::string const& xattr)
{
    return xattr.starts_with("user.overlay.") || xattr.starts_with("trusted.overlay.");
}

Result<NewObject> image_of(Branch const& branch, std::string const& path, Attributes const& attributes)
{
    auto xattrs = TRY(branch.xattrs(path));
    NewObject image { .type = attributes.type,
        .mode = attributes.mode,
        .uid = attributes.uid,
        .gid = attributes.gid,
        .device_major = attributes.device_major,
        .device_minor = attributes.device_minor,
        .xattrs = std::move(xattrs),
        .atime = attributes.atime,
        .mtime = attributes.mtime };
    if (attributes.type == FileType::Symlink)
        image.target = TRY(branch.read_link(path));
    if (attributes.type == FileType::Regular)
        image.content = TRY(branch.open(path));
    return image;
}

}
