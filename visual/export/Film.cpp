#include "visual/export/Film.h"

#include "sim/core/Verify.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

extern char** environ; // NOLINT: the name is POSIX's

namespace drydock::exporting {

namespace fs = std::filesystem;

namespace {

class Descriptor {
public:
    explicit Descriptor(int number = -1)
        : m_number(number)
    {
    }
    Descriptor(Descriptor&& other) noexcept
        : m_number(std::exchange(other.m_number, -1))
    {
    }
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(m_number, other.m_number);
        return *this;
    }
    ~Descriptor() { close(); }

    int number() const { return m_number; }
    void close()
    {
        if (m_number >= 0)
            ::close(std::exchange(m_number, -1));
    }

private:
    int m_number;
};

Result<std::vector<std::string>> codec_arguments(std::string const& ending)
{
    using Arguments = std::vector<std::string>;
    if (ending == ".mp4") // Players want even sizes and 4:2:0; "faststart" lets a browser begin at once.
        return Arguments { "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-preset", "veryfast", "-crf",
            "20", "-pix_fmt", "yuv420p", "-movflags", "+faststart" };
    if (ending == ".gif") // A palette made for this film, and a dither that stays put where the picture does.
        return Arguments { "-filter_complex",
            "fps=15,split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer" };
    if (ending == ".webm")
        return Arguments { "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "5", "-crf", "30", "-b:v", "0" };
    return fail(ErrorKind::InvalidInput, "a film's name ends in .mp4, .gif or .webm, not in \"" + ending + "\"");
}

}

Result<std::vector<std::string>> encoder_arguments(FilmSettings const& settings)
{
    auto const codec = TRY(codec_arguments(settings.path.extension().string()));
    std::vector<std::string> arguments { settings.encoder, "-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo",
        "-pix_fmt", "rgba", "-s", std::to_string(settings.width) + "x" + std::to_string(settings.height), "-r",
        std::to_string(settings.frames_per_second), "-i", "pipe:0" };
    if (!settings.subtitles.empty()) {
        bool const is_mp4 = settings.path.extension() == ".mp4"; // MP4 has a format of its own for text
        for (auto const& argument : { std::string("-i"), "file:" + settings.subtitles.string(), std::string("-map"),
                 std::string("0:v"), std::string("-map"), std::string("1:s"), std::string("-c:s"),
                 std::string(is_mp4 ? "mov_text" : "webvtt") })
            arguments.push_back(argument);
    }
    arguments.insert(arguments.end(), codec.begin(), codec.end());
    // "file:" keeps a name with a colon in it from being taken for a protocol.
    arguments.push_back("file:" + settings.path.string());
    return arguments;
}

struct Film::Encoder {
    FilmSettings settings;
    pid_t process { -1 };
    Descriptor frames;     // its standard input
    Descriptor complaints; // its standard error

    ~Encoder()
    {
        if (process < 0)
            return;
        ::kill(process, SIGKILL);
        ::waitpid(process, nullptr, 0);
        std::error_code ignored;
        fs::remove(settings.path, ignored);
    }

    Result<void> spawn();
    Result<void> wait();
    std::string said();
};

Result<void> Film::Encoder::spawn()
{
    auto arguments = TRY(encoder_arguments(settings));
    std::vector<char*> argv;
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);

    // A socket instead of a pipe: writing to an encoder that died is an error here and not a signal.
    std::array<int, 2> input {}, errors {};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input.data()) != 0)
        return fail(Error::from_errno("socketpair(2)", errno));
    Descriptor ours(input[0]), theirs(input[1]);
    if (::pipe2(errors.data(), O_CLOEXEC) != 0)
        return fail(Error::from_errno("pipe2(2)", errno));
    Descriptor read_end(errors[0]), write_end(errors[1]);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.number(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, write_end.number(), STDERR_FILENO);
    auto const code = ::posix_spawnp(&process, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0) {
        process = -1;
        if (code == ENOENT)
            return fail(ErrorKind::NotSupported,
                settings.encoder + " is not installed; films need it (package ffmpeg), single pictures do not");
        return fail(Error::from_errno("posix_spawn(3)", code).with_context("starting " + settings.encoder));
    }
    frames = std::move(ours);
    complaints = std::move(read_end);
    return {};
}

std::string Film::Encoder::said()
{
    std::string text;
    std::array<char, 1024> buffer {};
    while (true) {
        auto const count = ::read(complaints.number(), buffer.data(), buffer.size());
        if (count <= 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

// Closing its input tells the encoder that the film is over.
Result<void> Film::Encoder::wait()
{
    if (process < 0)
        return fail(ErrorKind::Conflict, "the film has ended already");
    frames.close();
    auto const words = said();
    int status = 0;
    while (::waitpid(process, &status, 0) < 0) {
        if (errno != EINTR)
            return fail(Error::from_errno("waitpid(2)", errno));
    }
    process = -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return {};
    std::error_code ignored;
    fs::remove(settings.path, ignored);
    return fail(
        ErrorKind::Io, settings.encoder + " made no film of it: " + words.substr(0, words.find_last_not_of('\n') + 1));
}

Result<Film> Film::start(FilmSettings const& settings)
{
    auto encoder = std::make_unique<Encoder>();
    encoder->settings = settings;
    TRY_WITH("exporting " + settings.path.string(), encoder->spawn());
    return Film(std::move(encoder));
}

Film::Film(std::unique_ptr<Encoder> encoder)
    : m_encoder(std::move(encoder))
{
}

Film::Film(Film&&) noexcept = default;
Film& Film::operator=(Film&&) noexcept = default;
Film::~Film() = default;

Result<void> Film::add(canvas::Surface const& surface)
{
    VERIFY(surface.width() == m_encoder->settings.width && surface.height() == m_encoder->settings.height);
    auto bytes = surface.bytes();
    while (!bytes.empty()) {
        auto const count = ::send(m_encoder->frames.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        else if (errno == EPIPE || errno == ECONNRESET)
            return m_encoder->wait().and_then(
                []() -> Result<void> { return fail(ErrorKind::Io, "the encoder ended before the film did"); });
        else if (errno != EINTR)
            return fail(Error::from_errno("send(2)", errno).with_context("handing a frame to the encoder"));
    }
    return {};
}

Result<void> Film::finish()
{
    return m_encoder->wait();
}

}
