#include "visual/settings/Files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace drydock::settings {

namespace {

// The specification: a path that is not absolute does not count.
fs::path folder_from(char const* variable, std::string_view below_home)
{
    auto const* given = std::getenv(variable);
    auto const* home = std::getenv("HOME");
    if (given != nullptr && *given == '/')
        return fs::path(given) / "drydock";
    return home != nullptr && *home == '/' ? fs::path(home) / below_home / "drydock" : fs::path();
}

Result<void> make_folder_of(fs::path const& file)
{
    if (file.empty())
        return fail(ErrorKind::NotFound, "HOME is not set, so nothing is kept");
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    if (error)
        return fail(Error::from_errno("mkdir(2)", error.value()).with_context("making " + file.parent_path().string()));
    return {};
}

Result<void> write_all(fs::path const& file, int flags, std::string_view text)
{
    auto const opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (opened < 0)
        return fail(Error::from_errno("open(2)", errno).with_context("writing " + file.string()));
    bool const written
        = ::write(opened, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(opened) == 0;
    auto const code = errno;
    ::close(opened);
    if (!written)
        return fail(Error::from_errno("write(2)", code).with_context("writing " + file.string()));
    return {};
}

}

fs::path config_folder()
{
    return folder_from("XDG_CONFIG_HOME", ".config");
}

fs::path data_folder()
{
    return folder_from("XDG_DATA_HOME", ".local/share");
}

std::string read_text(fs::path const& place)
{
    std::stringstream content;
    content << std::ifstream(place).rdbuf();
    return content.str();
}

Result<void> save_text(std::string_view text, fs::path const& place)
{
    TRY(make_folder_of(place));
    auto const aside = place.string() + ".new";
    TRY(write_all(aside, O_TRUNC, text));
    if (::rename(aside.c_str(), place.c_str()) != 0)
        return fail(Error::from_errno("rename(2)", errno).with_context("writing " + place.string()));
    return {};
}

Result<void> append_text(std::string_view header, std::string_view text, fs::path const& place)
{
    TRY(make_folder_of(place));
    std::error_code ignored;
    bool const is_new = fs::file_size(place, ignored) == 0 || ignored;
    return write_all(place, O_APPEND, std::string(is_new ? header : "").append(text));
}

}
