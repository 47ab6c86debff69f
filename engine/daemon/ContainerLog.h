#pragma once

// What a container wrote, kept line by line in docker's json-file format, so that `docker logs` can replay it:
// {"log":"hello\n","stream":"stdout","time":"2026-11-23T21:36:22.018506082Z"}
//
// A log with a limit is rotated: what is full becomes KEY.1, that one KEY.2, and the oldest goes. Each step is a
// rename, from the oldest to the newest, so that a crash between two leaves a gap in the numbers and loses no line.

#include "engine/content/Storage.h"
#include "engine/daemon/Feed.h"

#include <array>
#include <functional>
#include <string>

namespace drydock::daemon {

struct LogLine {
    Timestamp time;
    bool to_stderr { false };
    std::string text;           // with its newline, unless the container ended without one
    std::uint64_t number { 0 }; // of those stored since the daemon's start, the first is 1; only in what is followed
};

// `--log-opt max-size=10m --log-opt max-file=3`
struct LogLimits {
    std::uint64_t file_size { 0 }; // bytes that make a file full, 0: none; its last line may reach beyond, as dockerd's
    std::size_t files { 1 };       // with the one that is written to; at least 1
};

class ContainerLog {
public:
    ContainerLog(Scheduler&, content::Storage&, std::string key, LogLimits);

    // Lines are stored when they are complete, or 16 KiB long (docker's limit).
    Result<void> write(bool to_stderr, std::string_view bytes);
    Result<void> flush(); // stores what is left of unfinished lines
    void end_followers() { m_feed.finish(); }

    // All lines stored up to now, which a rotation does not take away any more, and the subscription to what comes. A
    // line that is just being stored may be in both: its number is at most `last` then.
    struct Reading {
        struct File {
            std::unique_ptr<content::ReadableFile> file;
            std::uint64_t size { 0 }; // bytes that were there
        };
        std::vector<File> files; // oldest first
        std::uint64_t last { 0 };
        std::shared_ptr<Feed<LogLine>::Subscription> following; // null unless asked for
    };
    enum class Mode : std::uint8_t { Stored, Follow };
    Result<Reading> open(Mode);
    static Result<void> replay(Reading const&, std::function<Result<void>(LogLine const&)> const& take);

private:
    Result<void> store(bool to_stderr, std::string text);
    // The caller holds the mutex.
    Result<void> make_room();
    std::vector<std::size_t> rotated() const; // the numbers behind KEY, highest first, which is oldest

    Clock const& m_clock;
    content::Storage& m_storage;
    std::string m_key;
    LogLimits m_limits;
    std::array<std::string, 2> m_unfinished;         // stdout, stderr
    std::mutex m_mutex;                              // guards the files and the number against open()
    std::uint64_t m_last { 0 };                      // number of the newest line
    std::unique_ptr<content::AppendableFile> m_file; // null until the first line, and after a rotation that failed
    Feed<LogLine> m_feed;
};

}
