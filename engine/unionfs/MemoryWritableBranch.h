#pragma once

// The container's sheet in the simulated world: the same tree of objects, whiteouts and opaque marks, held in memory,
// with a capacity so that a full disk can be taught.

#include "engine/unionfs/WritableBranch.h"
#include "sim/time/Scheduler.h"

#include <mutex>

namespace drydock::unionfs {

class MemoryWritableBranch final : public WritableBranch {
public:
    static constexpr std::uint64_t default_capacity = 1ULL << 30;

    explicit MemoryWritableBranch(Clock const&, std::uint64_t capacity = default_capacity);
    ~MemoryWritableBranch() override;

    // A sheet of its own with the same content: what a snapshot or a fork of the past starts from.
    std::shared_ptr<MemoryWritableBranch> copy() const;

    Result<Found> look_up(std::string const& path) const override;
    Result<std::vector<std::pair<std::string, Found>>> list(std::string const& path) const override;
    Result<std::shared_ptr<content::ReadableFile const>> open(std::string const& path) const override;
    Result<std::string> read_link(std::string const& path) const override;
    Result<std::map<std::string, std::string>> xattrs(std::string const& path) const override;

    Result<Vacancy> make(std::string const& path, NewObject const&) override;
    Result<void> make_whiteout(std::string const& path) override;
    Result<void> make_opaque(std::string const& path) override;
    Result<void> remove(std::string const& path) override;
    Result<void> rename(std::string const& from, std::string const& to, Vacancy left_behind) override;
    Result<Vacancy> link(std::string const& existing, std::string const& path) override;
    Result<void> change(std::string const& path, MetadataChange const&) override;
    Result<void> set_xattr(std::string const& path, std::string const& name, std::string_view value) override;
    Result<void> remove_xattr(std::string const& path, std::string const& name) override;
    Result<std::shared_ptr<WritableFile>> open_for_writing(std::string const& path) override;
    Space space() const override;

    struct State;

private:
    std::shared_ptr<State> m_state; // open files outlive the branch
};

}
