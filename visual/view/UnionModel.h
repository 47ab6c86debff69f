#pragma once

// What the union view and the size and compare panes in it are of: one container's stack, or one image's, with the
// merged tree that sim/overlay makes of it. No pixels here.

#include "sim/overlay/Comparison.h"
#include "sim/overlay/Merged.h"
#include "visual/stage/Choreography.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace drydock::view {

// A container or an image on the machine that is shown.
struct UnionSubject {
    std::string id; // visual/stage/Names.h
    std::string name;
    bool is_container { false };
};
// Containers that have a sheet, then images; each by name. Intermediate images of a build are left out.
std::vector<UnionSubject> union_subjects(world::World const&);
// The one to show: what is selected, else what was chosen in this view. Where neither is there, it follows the story:
// a container that the beat is about, else the one that was `shown` before, else the first; an image where there is no
// container.
std::string union_subject(world::World const&, std::string const& selected, std::string const& chosen,
    std::string const& shown, stage::Beat const*);

// One branch, as a column.
struct UnionColumn {
    std::string id;                         // of the layer or the sheet
    std::string title;                      // "Read-write layer", "Layer 2"
    std::string created_by;                 // "COPY greeting /etc"
    std::uint64_t size { 0 };               // bytes of the layer's tar
    std::optional<std::uint64_t> listed {}; // sequence of the record that tells its members
    std::uint64_t omitted { 0 };            // members that the record does not tell
    bool is_sheet { false };
};

struct UnionModel {
    UnionSubject subject;
    std::optional<ContainerId> container;
    std::vector<UnionColumn> columns; // topmost first
    std::vector<std::shared_ptr<overlay::Branch const>> branches;
    overlay::Stack stack; // the same, as sim/overlay takes it
    overlay::Merged merged;
    std::vector<overlay::Weight> weights;
    bool is_told { true }; // false: the trace does not say what the layers hold

    std::size_t layer_column(std::size_t from_bottom) const { return columns.size() - 1 - from_bottom; }
    // The identities that tell two copies apart, for comparing.
    overlay::Side side() const;
};

// Models of the moments asked for, kept as long as their stack is the same: while a story plays, most beats change
// nothing in it.
class UnionModels {
public:
    // Null where the subject is not there at that moment.
    std::shared_ptr<UnionModel const> model(world::World const&, trace::EventLog const&, std::string const& subject);

    // The same stack without its topmost branches: what lies under them.
    std::shared_ptr<UnionModel const> peeled(std::shared_ptr<UnionModel const> const&, std::size_t branches);

private:
    std::shared_ptr<overlay::Branch const> layer(trace::EventLog const&, std::uint64_t listed);

    struct Kept {
        std::vector<oci::Digest> layers; // bottom first
        std::map<std::string, world::SheetEntry> sheet;
        std::shared_ptr<UnionModel const> model;
    };
    trace::EventLog const* m_log { nullptr };
    std::map<std::uint64_t, std::shared_ptr<overlay::Branch const>> m_layers; // by the record that lists them
    struct Peeled {
        std::shared_ptr<UnionModel const> whole, rest;
        std::size_t branches { 0 };
    } m_peeled;
    std::vector<Kept> m_kept; // the last few, newest last
};

// ---- Which rows are shown ----

struct UnionFilter {
    std::string text;
    bool only_changes { false }; // paths that more than one branch has, or that only the sheet has
    std::set<std::string> unfolded;
    std::string revealed; // a path whose directories are open in any case
};
// Numbers of rows of the merged tree. What the filter finds is shown with the directories above it.
std::vector<std::size_t> visible_rows(UnionModel const&, UnionFilter const&);
// Where to begin: the directories in which branches differ, as long as they fit.
std::set<std::string> directories_with_changes(UnionModel const&, std::size_t most_rows);
bool is_open(overlay::Row const&, UnionFilter const&);

// ---- What happens to a file right now ----

enum class UnionMotion : std::uint8_t { CopyUp, Create, Whiteout, Opaque, Write, Remove, Change, LookUp };
struct UnionAction {
    UnionMotion motion { UnionMotion::LookUp };
    std::string path;
    std::uint64_t record { 0 };
    std::size_t from { 0 }; // the column a copy comes from
    std::uint64_t bytes { 0 };
};
// Of the beat's records, those that touch files of this container, in order.
std::vector<UnionAction> union_actions(stage::Beat const&, trace::EventLog const&, ContainerId const&);

// Paths of that container that were written by the records from `begin` on, up to `end`.
std::set<std::string> written_paths(trace::EventLog const&, ContainerId const&, std::uint64_t begin, std::uint64_t end);

}
