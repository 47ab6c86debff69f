#pragma once

// What happened in a container's sheet where the kernel keeps it. Overlayfs tells nobody what it copies up or whites
// out, so the sheet is compared with what was known of it whenever a program has ended, and what is new is published:
// the facts that UnionMount tells at once, in the order of their paths. What came and went in between is not seen.

#include "engine/daemon/Roots.h"

namespace drydock::daemon {

class SheetObserver {
public:
    SheetObserver(Roots&, trace::Publisher);

    // Takes the sheet as it is for known; told is what comes after.
    void begin(ContainerRecord const&);
    // Publishes FileRemoved, FileCreated, FileCopiedUp, FileWritten, WhiteoutMade, DirectoryMadeOpaque.
    void observe(ContainerRecord const&);
    // Publishes what the sheet holds, whatever the driver: for a daemon that finds it at its start. Returns the layers
    // below it, null where nobody had to ask: kept, they need not be read again for the image's next container.
    std::shared_ptr<unionfs::UnionMount const> tell(ContainerRecord const&) const;
    void forget(ContainerId const&);

private:
    enum class Origin : std::uint8_t {
        Created,
        CopiedUp,
        WhitedOut,
        Hidden, // by an opaque directory, without a whiteout of its own
    };
    struct Object {
        Origin origin { Origin::Created };
        unionfs::Attributes attributes {}; // unless whited out or hidden
        bool opaque { false };
    };
    using Sheet = std::map<std::string, Object>; // by path: "/etc/motd"

    Result<Sheet> look(ContainerRecord const&, unionfs::UnionMount const& below, Sheet const& known) const;
    Result<void> publish_new(
        ContainerRecord const&, Sheet const& known, Sheet const& now, unionfs::UnionMount const& below) const;
    Result<void> publish_object(
        ContainerRecord const&, std::string const& path, Object const&, unionfs::UnionMount const& below) const;
    Result<void> compare(ContainerRecord const&);
    void warn(Error const&) const;

    Roots& m_roots;
    trace::Publisher m_publisher;
    std::mutex m_mutex; // guards the map; held for a whole look, so that nothing is told twice
    std::map<ContainerId, Sheet> m_known;
};

}
