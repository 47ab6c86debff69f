// drydock hub add-debian: a real Debian base image. mmdebstrap makes the root file system from a Debian mirror, with
// every time stamp clamped to the release's own date, so that the same release gives the same digests everywhere.

#include "visual/app/DebianImage.h"

#include "engine/image/BaseLayout.h"
#include "sim/core/Units.h"
#include "visual/view/Shell.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

namespace fs = std::filesystem;

namespace drydock::app {

namespace {

bool is_installed(std::string const& program)
{
    auto const* const path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        std::error_code error;
        if (fs::exists(fs::path(folder) / program, error))
            return true;
    }
    return false;
}

// A program's standard output, piece by piece; its complaints go to ours.
class Output {
public:
    explicit Output(std::string const& line)
        : m_line(line)
        , m_pipe(::popen(line.c_str(), "re"))
    {
    }
    ~Output()
    {
        if (m_pipe != nullptr)
            ::pclose(m_pipe);
    }
    Output(Output const&) = delete;
    Output& operator=(Output const&) = delete;

    Result<std::string> next()
    {
        if (m_pipe == nullptr)
            return fail(ErrorKind::Io, "cannot run " + m_line);
        std::string piece(std::size_t { 256 } * 1024, '\0');
        piece.resize(std::fread(piece.data(), 1, piece.size(), m_pipe));
        if (piece.empty()) {
            auto const status = ::pclose(std::exchange(m_pipe, nullptr));
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
                return fail(ErrorKind::Unavailable, "this command did not succeed: " + m_line);
        }
        return piece;
    }
    Result<std::string> all()
    {
        std::string text;
        for (auto piece = TRY(next()); !piece.empty(); piece = TRY(next()))
            text += piece;
        return text;
    }

private:
    std::string m_line;
    std::FILE* m_pipe;
};

// The first of this machine's own package sources that has the suite.
Result<std::string> mirror_of_this_machine(std::string const& suite)
{
    auto const targets = Output("apt-get indextargets --format '$(SITE) $(RELEASE)' 2>/dev/null").all();
    std::istringstream lines(targets.value_or(""));
    std::string site;
    std::string release;
    while (lines >> site >> release) {
        if (release == suite)
            return site;
    }
    return fail(ErrorKind::NotFound,
        "this machine's package sources have no " + suite + ". Name a Debian mirror: --mirror http://…");
}

// "Date: Sat, 06 Sep 2025 09:18:14 UTC" of the suite's Release file, in Unix seconds.
Result<std::int64_t> date_of_release(std::string const& mirror, std::string const& suite, fs::path const& scratch)
{
    auto const file = scratch / "Release";
    TRY(Output(fmt::format("/usr/lib/apt/apt-helper download-file {} {} 2>&1",
                   view::shell_quoted(mirror + "/dists/" + suite + "/Release"), view::shell_quoted(file.string())))
            .all());
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        std::tm date {};
        if (line.starts_with("Date: ") && ::strptime(line.c_str() + 6, "%a, %d %b %Y %H:%M:%S", &date) != nullptr)
            return ::timegm(&date);
    }
    return fail(ErrorKind::Corrupt, mirror + " has no Release file of " + suite + " with a date");
}

Result<std::int64_t> moment_of(DebianOptions const& options, std::string const& mirror, fs::path const& scratch)
{
    if (auto const* const given = std::getenv("SOURCE_DATE_EPOCH"); given != nullptr && *given != '\0')
        return std::strtoll(given, nullptr, 10);
    return date_of_release(mirror, options.suite, scratch);
}

}

Result<void> make_debian_layout(DebianOptions const& options, fs::path const& scratch)
{
    if (!is_installed("mmdebstrap"))
        return fail(ErrorKind::NotFound,
            "mmdebstrap makes Debian's root file system and is not installed: apt-get install mmdebstrap");
    if (options.suite.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos
        || options.suite.empty() || options.suite.front() == '-')
        return fail(ErrorKind::InvalidInput, "\"" + options.suite + "\" is no name of a Debian suite");
    if (options.variant != "minbase" && options.variant != "essential" && options.variant != "apt")
        return fail(ErrorKind::InvalidInput, "--variant is minbase, essential or apt");
    auto const mirror = options.mirror.empty() ? TRY(mirror_of_this_machine(options.suite)) : options.mirror;
    if (!mirror.starts_with("http://") && !mirror.starts_with("https://"))
        return fail(ErrorKind::InvalidInput, "--mirror wants http://… or https://…");
    auto const moment = TRY(moment_of(options, mirror, scratch));
    // No device nodes: a container's /dev is made when it starts.
    Output tar(
        fmt::format("SOURCE_DATE_EPOCH={} mmdebstrap --quiet --format=tar --variant={} --skip=output/dev {} - {}",
            moment, options.variant, options.suite, view::shell_quoted(mirror)));
    oci::ImageConfig config;
    config.created = rfc3339({ moment * nanoseconds_per_second });
    config.env = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
    config.cmd = { "bash" };
    auto const layout = TRY(content::open_directory_storage(scratch / "layout"));
    return image::write_base_layout(
        *layout, [&] { return tar.next(); }, std::move(config),
        fmt::format("mmdebstrap --variant={} {}", options.variant, options.suite), options.suite);
}

}
