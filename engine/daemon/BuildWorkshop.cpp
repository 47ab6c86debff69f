#include "engine/daemon/BuildWorkshop.h"

#include "engine/daemon/Commit.h"

#include <csignal>

namespace drydock::daemon {

namespace {

constexpr char const* builds = "builds";
constexpr std::string_view step_mark = "step-"; // and the container's id: a file that says that only a build wants it

// The record of something that has layers and a sheet, and is no container.
ContainerRecord record_on(ContainerId id, std::optional<image::Image> const& image)
{
    ContainerRecord record { .id = std::move(id),
        .name = {},
        .created = {},
        .image = image ? image->id : oci::Digest::of(""),
        .layers = {},
        .config = {},
        .host = {},
        .state = {} };
    if (image)
        record.layers = image->config.diff_ids;
    return record;
}

}

// A build that was killed cannot say whether it would have kept the container of its step: nobody has seen it.
void sweep_builds(content::Storage& storage)
{
    for (auto const& build : storage.list(builds)) {
        for (auto const& name : storage.list(std::string(builds) + "/" + build)) {
            if (name.starts_with(step_mark))
                (void)storage.remove_tree("containers/" + name.substr(step_mark.size()));
        }
    }
    (void)storage.remove_tree(builds); // what cannot be removed now is tried at the next start
}

// ---- A sheet for COPY and WORKDIR: no process, no container ----

// It lies where containers lie. One without a record is swept at start-up.
class BuildWorkshop::OwnSheet final : public build::Sheet {
public:
    OwnSheet(Engine& engine, ContainerRecord record)
        : m_engine(engine)
        , m_record(std::move(record))
        , m_hold(engine.images->hold())
    {
    }
    ~OwnSheet() override
    {
        m_root.reset();
        m_engine.roots.remove(m_record.id);
        (void)m_engine.seams.storage.remove_tree("containers/" + m_record.id.value);
    }
    Result<void> open()
    {
        TRY(m_engine.roots.make(m_record.id));
        m_root = TRY(m_engine.roots.open_quietly(m_record));
        return {};
    }
    unionfs::UnionMount& root() override { return *m_root; }
    Result<std::optional<image::MadeLayer>> commit() override { return layer_of_changes(m_engine, m_record, *m_hold); }

private:
    Engine& m_engine;
    ContainerRecord m_record;
    std::unique_ptr<image::ImageStore::Hold> m_hold;
    std::unique_ptr<unionfs::UnionMount> m_root;
};

// ---- A container for RUN ----

class BuildWorkshop::RunContainer final : public build::StepContainer {
public:
    RunContainer(BuildWorkshop& workshop, std::shared_ptr<Container> container)
        : m_workshop(workshop)
        , m_engine(workshop.m_engine)
        , m_container(std::move(container))
        , m_hold(m_engine.images->hold())
    {
    }
    ContainerId const& id() const override { return m_container->id(); }

    Result<int> run(std::function<void(bool, std::string_view)> const& output) override
    {
        auto const runs = m_container->runs_ended();
        auto const written = m_container->output.subscribe();
        m_workshop.runs_now(m_container);
        auto const started = m_engine.containers.start(m_container);
        if (!started) {
            m_workshop.runs_now(nullptr);
            return fail(started.error());
        }
        if (m_workshop.cancelled()) // who asked may have gone just before there was anything to kill
            (void)m_engine.containers.kill(*m_container, SIGKILL);
        while (auto const chunk = written->next())
            output(chunk->to_stderr, chunk->bytes);
        m_container->wait_for_end_of_run(runs, std::nullopt);
        m_workshop.runs_now(nullptr);
        return m_container->state().exit_code;
    }
    Result<std::optional<image::MadeLayer>> commit() override
    {
        return layer_of_changes(m_engine, m_container->record(), *m_hold);
    }
    Result<void> remove() override { return m_engine.containers.remove(m_container, Force::Yes); }

private:
    BuildWorkshop& m_workshop;
    Engine& m_engine;
    std::shared_ptr<Container> m_container;
    std::unique_ptr<image::ImageStore::Hold> m_hold;
};

// ---- The workshop ----

BuildWorkshop::BuildWorkshop(Engine& engine, WorkshopOptions options)
    : m_engine(engine)
    , m_options(std::move(options))
    , m_hold(engine.images->hold())
    , m_scratch(std::string(builds) + "/" + engine.seams.random.hex(16))
{
}

BuildWorkshop::~BuildWorkshop()
{
    (void)m_engine.seams.storage.remove_tree(m_scratch); // what cannot be removed now is swept at the next start
}

Result<image::Image> BuildWorkshop::base(std::string const& name)
{
    auto found = m_engine.images->find(name);
    if (found && !m_options.always_pull)
        return found;
    auto const reference = oci::Reference::parse(name);
    if (!reference)
        return found ? found : Result<image::Image>(fail(reference.error()));
    if (!found)
        m_engine.seams.publisher.publish(trace::ImageNotFoundLocally { .reference = reference->familiar() });
    auto credentials = TRY(m_options.credentials(reference->registry));
    return TRY(pull_by_name(m_engine, *reference, {}, std::move(credentials), m_options.progress, m_gone.get_token()))
        .image;
}

std::optional<image::Image> BuildWorkshop::made_before(
    std::optional<oci::Digest> const& parent, std::string const& created_by) const
{
    return m_engine.images->made_before(parent, created_by);
}

std::vector<image::Image> BuildWorkshop::made_from(std::optional<oci::Digest> const& parent) const
{
    return m_engine.images->made_from(parent);
}

Result<image::Image> BuildWorkshop::store(
    oci::ImageConfig const& config, std::vector<oci::Descriptor> layers, std::optional<oci::Digest> const& parent)
{
    for (auto const& layer : config.diff_ids)
        m_hold->layer(layer);
    return store_image(m_engine, config, std::move(layers), parent, *m_hold);
}

Result<std::unique_ptr<unionfs::UnionMount const>> BuildWorkshop::files_of(image::Image const& image)
{
    return TRY(m_engine.roots.look_below(record_on({ m_engine.seams.random.hex(id_digits) }, image)));
}

Result<std::unique_ptr<build::Sheet>> BuildWorkshop::sheet(std::optional<image::Image> const& on)
{
    auto sheet = std::make_unique<OwnSheet>(m_engine, record_on({ m_engine.seams.random.hex(id_digits) }, on));
    TRY(sheet->open());
    return sheet;
}

Result<std::unique_ptr<build::StepContainer>> BuildWorkshop::container(
    image::Image const& image, build::StepPlan const& plan)
{
    CreateBody body;
    body.config.image = image.id.to_string();
    body.config.cmd = plan.command;
    body.config.entrypoint = std::vector<std::string> {}; // the command is the whole
    body.config.env = plan.env;
    body.host = m_options.host;
    body.id = ContainerId { m_engine.seams.random.hex(id_digits) };
    TRY(storage().write_atomically(m_scratch + "/" + std::string(step_mark) + body.id->value, "")); // before it is made
    auto container = TRY(m_engine.containers.create({}, std::move(body)));
    return std::make_unique<RunContainer>(*this, std::move(container));
}

content::Storage& BuildWorkshop::storage()
{
    return m_engine.seams.storage;
}

std::string BuildWorkshop::scratch_key()
{
    return m_scratch + "/" + std::to_string(m_next_scratch++);
}

Timestamp BuildWorkshop::now() const
{
    return m_engine.seams.scheduler.now();
}

void BuildWorkshop::runs_now(std::shared_ptr<Container> container)
{
    std::lock_guard const lock(m_mutex);
    m_running = std::move(container);
}

void BuildWorkshop::cancel()
{
    m_gone.request_stop();
    std::shared_ptr<Container> running;
    {
        std::lock_guard const lock(m_mutex);
        running = m_running;
    }
    if (running)
        (void)m_engine.containers.kill(*running, SIGKILL); // it may have ended
}

}
