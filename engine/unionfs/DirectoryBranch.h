#pragma once

// A plain directory as a branch, in the form of the kernel's overlayfs with `userxattr`: a character device 0:0 is a
// whiteout, user.overlay.opaque=y makes a directory opaque.
//
// Where an ordinary user keeps the tree, chown(2) and mknod(2) are not permitted. Then the wanted type, mode and owner
// stand in the xattr user.drydock.stat of a stand-in file; the tree's root carries that xattr to say so.

#include "engine/unionfs/Beneath.h"
#include "engine/unionfs/Branch.h"

namespace drydock::unionfs {

class DirectoryBranch final : public Branch {
public:
    static Result<std::shared_ptr<DirectoryBranch>> open(std::filesystem::path const& root);

    Result<Found> look_up(std::string const& path) const override;
    Result<std::vector<std::pair<std::string, Found>>> list(std::string const& path) const override;
    Result<std::shared_ptr<content::ReadableFile const>> open(std::string const& path) const override;
    Result<std::string> read_link(std::string const& path) const override;
    Result<std::map<std::string, std::string>> xattrs(std::string const& path) const override;

    Beneath const& beneath() const { return m_beneath; }
    bool keeps_owners_in_xattrs() const { return m_owners_in_xattrs; }
    void keep_owners_in_xattrs() { m_owners_in_xattrs = true; }

private:
    explicit DirectoryBranch(Beneath beneath)
        : m_beneath(std::move(beneath))
    {
    }
    Result<Found> examine(Place const&) const;

    Beneath m_beneath;
    bool m_owners_in_xattrs { false };
};

// The form of user.drydock.stat: "100644 0 0 0 0", st_mode in octal, uid, gid, device numbers.
inline constexpr char const* stat_xattr = "user.drydock.stat";
std::string stat_text(Attributes const&);
void apply_stat_text(std::string const& text, Attributes&);

std::uint32_t file_type_bits(FileType); // S_IFREG, …
Attributes attributes_of_descriptor(int descriptor, bool owners_in_xattrs);

}
