#include "visual/export/Pictures.h"

#include <cerrno>
#include <fstream>

namespace drydock::exporting {

Result<void> write_png(std::filesystem::path const& path, canvas::Surface const& surface)
{
    auto const png = canvas::encode_png(surface);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<char const*>(png.data()), static_cast<std::streamsize>(png.size()));
    file.close();
    if (!file)
        return fail(Error::from_errno("write(2)", errno).with_context("writing picture " + path.string()));
    return {};
}

}
