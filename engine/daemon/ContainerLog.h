#pragma once

// What a container wrote, kept line by line in docker's json-file format, so that `docker logs` can replay it:
// {"log":"hello\n","stream":"stdout","time":"2026-11-23T21:36:22.018506082Z"}

#include "engine/content/Storage.h"
#include "engine/daemon/Feed.h"

#include <array>
#include <functional>
#include <string>

namespace drydock::daemon {

struct LogLine {
    Timestamp time;
    bool to_stderr { false };
    std::string text;        // with its newline, unless the container ended without one
    std::uint64_t end { 0 }; // where the line ends in the file; only in what is followed
};

class ContainerLog {
public:
    ContainerLog(Scheduler&, content::Storage&, std::string key);

    // Lines are stored when they are complete, or 16 KiB long (docker's limit).
    Result<void> write(bool to_stderr, std::string_view bytes);
    Result<void> flush(); // stores what is left of unfinished lines
    void end_followers() { m_feed.finish(); }

    // All lines stored up to now, and the subscription to what comes. A line that is just being stored may be in both:
    // its `end` is at most `size` then.
    struct Reading {
        std::uint64_t size { 0 };                               // bytes of the file
        std::shared_ptr<Feed<LogLine>::Subscription> following; // null unless asked for
    };
    enum class Mode : std::uint8_t { Stored, Follow };
    Reading open(Mode);
    Result<void> replay(Reading const&, std::function<Result<void>(LogLine const&)> const& take) const;

private:
    Result<void> store(bool to_stderr, std::string text);

    Clock const& m_clock;
    content::Storage& m_storage;
    std::string m_key;
    std::array<std::string, 2> m_unfinished; // stdout, stderr
    std::mutex m_mutex;                      // guards the size and the file against open()
    std::uint64_t m_size { 0 };
    std::unique_ptr<content::AppendableFile> m_file;
    Feed<LogLine> m_feed;
};

}
