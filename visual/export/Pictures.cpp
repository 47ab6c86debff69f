#include "visual/export/Pictures.h"

#include <cerrno>
#include <fstream>

namespace drydock::exporting {

Result<void> write_png(std::filesystem::path const& path, canvas::Surface const& surface)
{
    auto const png = canvas::encode_png(surface);
    return write_text(path, { reinterpret_cast<char const*>(png.data()), png.size() });
}

Result<void> write_text(std::filesystem::path const& path, std::string_view text)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file)
        return fail(Error::from_errno("write(2)", errno).with_context("writing " + path.string()));
    return {};
}

}
