#include "visual/view/UnionModel.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"
#include "visual/stage/Names.h"
#include "visual/stage/Stacks.h"

#include <algorithm>

namespace drydock::view {

namespace {

constexpr std::size_t models_kept = 4;

world::Container const* container_of(world::World const& world, std::string_view id)
{
    for (auto const& [container_id, container] : world.containers) {
        if (id == stage::id_of(container_id))
            return &container;
    }
    return nullptr;
}

world::Image const* image_of(world::World const& world, std::string_view id)
{
    for (auto const& [digest, image] : world::shown_host(world).images) {
        if (id == stage::image_id(digest))
            return &image;
    }
    return nullptr;
}

bool has_union(world::Container const& container, world::World const& world)
{
    return container.host == world.shown && container.has_sheet;
}

// The layers of a container are its image's; the image itself may be gone.
std::vector<oci::Digest> layers_of(world::World const& world, std::string const& subject)
{
    if (auto const* const image = image_of(world, subject))
        return image->layers;
    auto const* const container = container_of(world, subject);
    if (container == nullptr || !has_union(*container, world))
        return {};
    if (!container->lower.empty() || !container->image)
        return container->lower;
    auto const* const image = image_of(world, stage::image_id(*container->image));
    return image == nullptr ? std::vector<oci::Digest> {} : image->layers;
}

UnionColumn layer_column(
    world::World const& world, trace::EventLog const& log, oci::Digest const& diff_id, std::size_t number)
{
    UnionColumn column { .id = stage::layer_id(diff_id, world), .title = words::say("Layer {}", number) };
    auto const& layers = world::shown_host(world).layers;
    auto const found = layers.find(diff_id);
    if (found == layers.end())
        return column;
    column.created_by = stage::what_made(found->second.created_by);
    column.size = found->second.size;
    column.listed = found->second.listed;
    if (column.listed)
        column.omitted = log[*column.listed].event.get_if<trace::LayerListed>()->omitted;
    return column;
}

// A path that only one layer has is as that layer brought it.
bool is_change(UnionModel const& model, overlay::Row const& row)
{
    if (row.copies.size() > 1)
        return !row.is_directory() || row.answer() == nullptr
            || std::any_of(row.copies.begin(), row.copies.end(), [](auto const& copy) { return copy.object.opaque; });
    auto const& only = row.copies.front();
    return only.part != overlay::Part::Answers || (model.container && only.branch == 0)
        || (!model.container && model.columns.size() > 1 && only.branch + 1 < model.columns.size());
}

}

std::vector<UnionSubject> union_subjects(world::World const& world)
{
    std::vector<UnionSubject> subjects;
    for (auto const& [id, container] : world.containers) {
        if (has_union(container, world))
            subjects.push_back({ stage::id_of(id), container.name, true });
    }
    for (auto const& [digest, image] : world::shown_host(world).images) {
        if (!image.tags.empty())
            subjects.push_back({ stage::image_id(digest), words::name_of_image(digest, world), false });
    }
    std::stable_sort(subjects.begin(), subjects.end(), [](UnionSubject const& a, UnionSubject const& b) {
        return a.is_container != b.is_container ? a.is_container : a.name < b.name;
    });
    return subjects;
}

std::string union_subject(world::World const& world, std::string const& selected, std::string const& chosen,
    std::string const& shown, stage::Beat const* beat)
{
    auto const all = union_subjects(world);
    auto const container_in = [&](std::string_view id) -> std::string {
        auto const object = id.substr(0, id.find('/'));
        auto const* const container = container_of(world, object);
        return container != nullptr && has_union(*container, world) ? std::string(object) : std::string();
    };
    auto const image_in
        = [&](std::string_view id) { return image_of(world, id) != nullptr ? std::string(id) : std::string(); };
    std::vector<std::string> focus { shown };
    if (beat != nullptr)
        focus.insert(focus.begin(), beat->focus.begin(), beat->focus.end());
    for (auto const& id : { selected, chosen }) {
        if (auto found = container_in(id) + image_in(id); !found.empty())
            return found;
    }
    for (auto const& id : focus) {
        if (auto found = container_in(id); !found.empty())
            return found;
    }
    if (!all.empty() && all.front().is_container)
        return all.front().id;
    for (auto const& id : focus) {
        if (auto found = image_in(id); !found.empty())
            return found;
    }
    return all.empty() ? std::string() : all.front().id;
}

namespace {

void merge_stack(UnionModel& model)
{
    model.merged = overlay::merge(model.stack);
    model.weights = overlay::weights(model.merged, model.columns.size());
}

}

overlay::Side UnionModel::side() const
{
    overlay::Side side { .tree = &merged, .branches = {} };
    for (auto const& column : columns)
        side.branches.push_back(column.id);
    return side;
}

std::shared_ptr<overlay::Branch const> UnionModels::layer(trace::EventLog const& log, std::uint64_t listed)
{
    auto& branch = m_layers[listed];
    if (branch == nullptr)
        branch = std::make_shared<overlay::Branch const>(
            overlay::Branch::of_layer(*log[listed].event.get_if<trace::LayerListed>()));
    return branch;
}

std::shared_ptr<UnionModel const> UnionModels::model(
    world::World const& world, trace::EventLog const& log, std::string const& subject)
{
    if (m_log != &log) { // another run: record numbers mean something else
        m_log = &log;
        m_layers.clear();
        m_kept.clear();
    }
    auto const* const container = container_of(world, subject);
    Kept wanted { .layers = layers_of(world, subject), .sheet = {}, .model = {} };
    if (wanted.layers.empty())
        return nullptr;
    if (container != nullptr)
        wanted.sheet = container->sheet;
    auto const found = std::find_if(m_kept.begin(), m_kept.end(), [&](Kept const& kept) {
        return kept.model->subject.id == subject && kept.layers == wanted.layers && kept.sheet == wanted.sheet;
    });
    if (found != m_kept.end()) {
        std::rotate(found, found + 1, m_kept.end());
        return m_kept.back().model;
    }

    auto model = std::make_shared<UnionModel>();
    model->subject = { subject, container != nullptr ? container->name : std::string(), container != nullptr };
    if (auto const* const image = image_of(world, subject))
        model->subject.name = words::name_of_image(image->id, world);
    for (auto i = wanted.layers.size(); i > 0; --i) {
        auto column = layer_column(world, log, wanted.layers[i - 1], i);
        model->is_told = model->is_told && column.listed;
        model->branches.push_back(
            column.listed ? layer(log, *column.listed) : std::make_shared<overlay::Branch const>());
        model->columns.push_back(std::move(column));
    }
    for (auto const& branch : model->branches)
        model->stack.push_back(branch.get());
    if (container != nullptr) {
        model->container = container->id;
        model->branches.insert(model->branches.begin(),
            std::make_shared<overlay::Branch const>(overlay::Branch::of_sheet(container->sheet, model->stack)));
        model->stack.insert(model->stack.begin(), model->branches.front().get());
        model->columns.insert(model->columns.begin(),
            { .id = stage::sheet_id(container->id),
                .title = std::string(words::tr("Read-write layer")),
                .created_by = {},
                .is_sheet = true });
    }
    merge_stack(*model);
    wanted.model = std::move(model);
    if (m_kept.size() == models_kept)
        m_kept.erase(m_kept.begin());
    m_kept.push_back(std::move(wanted));
    return m_kept.back().model;
}

std::shared_ptr<UnionModel const> UnionModels::peeled(
    std::shared_ptr<UnionModel const> const& whole, std::size_t branches)
{
    if (branches == 0)
        return whole;
    if (m_peeled.whole == whole && m_peeled.branches == branches)
        return m_peeled.rest;
    auto rest = std::make_shared<UnionModel>(*whole);
    auto const count = static_cast<std::ptrdiff_t>(std::min(branches, whole->columns.size() - 1));
    rest->container.reset(); // its sheet is the first to go
    rest->columns.erase(rest->columns.begin(), rest->columns.begin() + count);
    rest->branches.erase(rest->branches.begin(), rest->branches.begin() + count);
    rest->stack.erase(rest->stack.begin(), rest->stack.begin() + count);
    merge_stack(*rest);
    m_peeled = { whole, rest, branches };
    return rest;
}

std::set<std::string> directories_with_changes(UnionModel const& model, std::size_t most_rows)
{
    auto const& rows = model.merged.rows;
    std::set<std::string> open;
    std::size_t shown = 0;
    for (std::size_t i = 0; i < rows.size(); i = rows[i].end)
        ++shown;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::size_t inside = 0;
        for (auto k = i + 1; k < rows[i].end; k = rows[k].end)
            ++inside;
        auto const begin = rows.begin() + static_cast<std::ptrdiff_t>(i) + 1;
        auto const end = rows.begin() + static_cast<std::ptrdiff_t>(rows[i].end);
        bool const is_reached = rows[i].depth == 0 || open.contains(rows[i].path.substr(0, rows[i].path.rfind('/')));
        if (inside == 0 || shown + inside > most_rows || !is_reached
            || std::none_of(begin, end, [&](overlay::Row const& row) { return is_change(model, row); }))
            continue;
        open.insert(rows[i].path);
        shown += inside;
    }
    return open;
}

bool is_open(overlay::Row const& row, UnionFilter const& filter)
{
    bool const is_above_revealed = filter.revealed.starts_with(row.path) && filter.revealed.size() > row.path.size()
        && filter.revealed[row.path.size()] == '/';
    return is_above_revealed || !filter.text.empty() || filter.only_changes || filter.unfolded.contains(row.path);
}

std::vector<std::size_t> visible_rows(UnionModel const& model, UnionFilter const& filter)
{
    auto const& rows = model.merged.rows;
    std::vector<std::size_t> shown;
    if (filter.text.empty() && !filter.only_changes) {
        for (std::size_t i = 0; i < rows.size(); i = is_open(rows[i], filter) ? i + 1 : rows[i].end)
            shown.push_back(i);
        return shown;
    }
    std::vector<std::size_t> above; // directories on the way to the row at hand that are not shown yet
    for (std::size_t i = 0; i < rows.size(); ++i) {
        while (!above.empty() && rows[above.back()].end <= i)
            above.pop_back();
        bool const fits = (filter.text.empty() || rows[i].path.find(filter.text) != std::string::npos)
            && (!filter.only_changes || is_change(model, rows[i]));
        if (!fits && rows[i].path != filter.revealed) {
            above.push_back(i);
            continue;
        }
        shown.insert(shown.end(), above.begin(), above.end());
        above.clear();
        shown.push_back(i);
    }
    return shown;
}

namespace {

// The action that one event is, for files of one container; nothing for any other event.
class FileActions {
public:
    explicit FileActions(ContainerId const& container)
        : m_container(container)
    {
    }

    std::optional<UnionAction> of(trace::Event const& event)
    {
        m_action.reset();
        take<trace::FileCopiedUp>(event, UnionMotion::CopyUp, [](auto const& e, UnionAction& action) {
            action.from = static_cast<std::size_t>(e.from_branch);
            action.bytes = e.bytes;
        });
        take<trace::FileCreated>(event, UnionMotion::Create);
        take<trace::FileWritten>(
            event, UnionMotion::Write, [](auto const& e, UnionAction& action) { action.bytes = e.size; });
        take<trace::FileRemoved>(event, UnionMotion::Remove);
        take<trace::WhiteoutMade>(event, UnionMotion::Whiteout);
        take<trace::DirectoryMadeOpaque>(event, UnionMotion::Opaque);
        take<trace::MetadataChanged>(event, UnionMotion::Change);
        take<trace::PathLookedUp>(event, UnionMotion::LookUp);
        return std::move(m_action);
    }

private:
    template <class E> void take(trace::Event const& event, UnionMotion motion)
    {
        take<E>(event, motion, [](auto const&, UnionAction&) {});
    }
    template <class E, class Tell> void take(trace::Event const& event, UnionMotion motion, Tell tell)
    {
        auto const* const e = event.get_if<E>();
        if (e == nullptr || e->container != m_container)
            return;
        m_action = UnionAction { .motion = motion, .path = e->path };
        tell(*e, *m_action);
    }

    ContainerId const& m_container;
    std::optional<UnionAction> m_action;
};

}

std::vector<UnionAction> union_actions(
    stage::Beat const& beat, trace::EventLog const& log, ContainerId const& container)
{
    std::vector<UnionAction> found;
    FileActions reader(container);
    for (auto i = beat.first_record; i < beat.end_record; ++i) {
        if (auto action = reader.of(log[i].event)) {
            action->record = i;
            found.push_back(std::move(*action));
        }
    }
    return found;
}

std::set<std::string> written_paths(
    trace::EventLog const& log, ContainerId const& container, std::uint64_t begin, std::uint64_t end)
{
    std::set<std::string> paths;
    FileActions reader(container);
    for (auto i = begin; i < end; ++i) {
        if (auto action = reader.of(log[i].event); action && action->motion != UnionMotion::LookUp)
            paths.insert(std::move(action->path));
    }
    return paths;
}

}
