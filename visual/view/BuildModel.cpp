#include "visual/view/BuildModel.h"

#include "visual/stage/Stacks.h"

#include <algorithm>
#include <array>
#include <map>

namespace drydock::view {

namespace {

std::vector<std::string> lines_of_text(std::string_view text)
{
    std::vector<std::string> lines;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// "FROM busybox AS base" → "base"; a stage without a name is called by its number.
std::string stage_name(std::string const& from, std::size_t number)
{
    auto const last = from.rfind(' ');
    auto const as = last == std::string::npos || last < 3 ? std::string() : from.substr(last - 3, 3);
    return as == " AS" || as == " as" ? from.substr(last + 1) : std::to_string(number);
}

// Reads the records of one build in order. Other things may go on beside it: what belongs to a step is told by its span
// and by the machine.
class BuildReader {
public:
    BuildReader(trace::Record const& begin, trace::BuildContextReceived const& context)
    {
        m_model.host = begin.origin->host;
        m_model.context_entries = context.entries;
        m_model.context_bytes = context.bytes;
        m_model.dockerfile = lines_of_text(context.dockerfile);
    }

    void read(trace::Record const& record)
    {
        if (record.origin->host != m_model.host)
            return;
        if (auto const* const e = record.event.get_if<trace::SpanBegan>())
            m_parents[e->span.value] = e->parent.value;
        if (auto const* const e = record.event.get_if<trace::SpanEnded>())
            end_span(*e);
        if (auto const* const e = record.event.get_if<trace::BuildStepBegan>())
            begin(*e, record.span);
        if (m_model.steps.empty())
            return;
        if (auto const* const e = record.event.get_if<trace::BuildStepFinished>())
            finish(*e);
        if (auto const* const e = record.event.get_if<trace::ImageTagged>(); e != nullptr && is_result(e->image))
            m_model.reference = e->reference;
        if (auto const* const e = record.event.get_if<trace::ContainerCreated>();
            e != nullptr && is_in_step(record.span))
            m_model.steps.back().container = BuildContainer { .id = e->container, .command = e->command };
        if (auto* const container = container_of_event<trace::ContainerStarted>(record))
            container->started = true;
        if (auto* const container = container_of_event<trace::ContainerExited>(record))
            container->exit_code = record.event.get_if<trace::ContainerExited>()->exit_code;
        if (auto* const container = container_of_event<trace::ContainerRemoved>(record))
            container->removed = true;
    }

    BuildModel take() { return std::move(m_model); }

private:
    void begin(trace::BuildStepBegan const& e, SpanId span)
    {
        m_model.steps_in_all = e.steps;
        m_step_span = span.value;
        m_model.steps.push_back({ .number = e.step, .line = e.line, .instruction = e.instruction });
        if (m_model.steps.back().keyword() != "FROM")
            return;
        m_model.stages.push_back({ stage_name(e.instruction, m_model.stages.size()), m_model.steps.size() - 1 });
    }
    void finish(trace::BuildStepFinished const& e)
    {
        auto& step = m_model.steps.back();
        if (step.number != e.step)
            return;
        bool const is_begun = step.keyword() == "FROM" || m_model.stages.empty();
        step.state = e.cached ? StepState::Cached : is_begun ? StepState::Begun : StepState::Done;
        step.reason = e.reason;
        step.changed = e.changed;
        if (!m_model.stages.empty())
            step.image = e.image;
        if (e.has_layer)
            step.layer = e.layer;
        step.size = e.size;
    }
    void end_span(trace::SpanEnded const& e)
    {
        if (m_model.steps.empty() || e.succeeded || e.span.value != m_step_span)
            return;
        auto& step = m_model.steps.back();
        step.state = StepState::Failed;
        step.error = e.error;
    }
    bool is_result(oci::Digest const& image) const { return m_model.steps.back().image == image; }
    bool is_in_step(SpanId span) const
    {
        if (m_model.steps.back().state != StepState::Running)
            return false;
        for (auto at = span.value; at != 0;) {
            if (at == m_step_span)
                return true;
            auto const parent = m_parents.find(at);
            at = parent == m_parents.end() ? 0 : parent->second;
        }
        return m_step_span == 0;
    }
    template <class E> BuildContainer* container_of_event(trace::Record const& record)
    {
        auto const* const event = record.event.get_if<E>();
        if (event == nullptr)
            return nullptr;
        // It may be removed when its step is over already.
        for (auto step = m_model.steps.rbegin(); step != m_model.steps.rend(); ++step) {
            if (step->container && step->container->id == event->container)
                return &*step->container;
        }
        return nullptr;
    }

    BuildModel m_model;
    std::uint64_t m_step_span { 0 };
    std::map<std::uint64_t, std::uint64_t> m_parents; // of the spans since the build began
};

constexpr std::array single { "WORKDIR", "USER", "ENTRYPOINT", "CMD", "STOPSIGNAL", "HEALTHCHECK", "SHELL" };
constexpr std::array cumulative { "EXPOSE", "VOLUME", "LABEL", "ONBUILD" };

template <class Words> bool is_one_of(Words const& words, std::string_view word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

// How many strings stand in ["a" "b"] or ["a", "b"].
std::size_t strings_in(std::string_view text)
{
    std::size_t quotes = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        quotes += text[i] == '"' && (i == 0 || text[i - 1] != '\\');
    return quotes / 2;
}

ConfigFact* fact_called(std::vector<ConfigFact>& facts, std::string_view keyword)
{
    auto const found
        = std::find_if(facts.begin(), facts.end(), [&](auto const& fact) { return fact.keyword == keyword; });
    return found == facts.end() ? nullptr : &*found;
}

// ENTRYPOINT takes away the CMD that came with the base image: then the command is the entrypoint alone.
void drop_replaced_command(world::Image const& image, std::vector<ConfigFact>& facts)
{
    auto const* const entrypoint = fact_called(facts, "ENTRYPOINT");
    if (entrypoint != nullptr && image.command.size() == strings_in(entrypoint->value))
        std::erase_if(facts, [](ConfigFact const& fact) { return fact.keyword == "CMD"; });
}

}

std::int64_t BuildModel::end_line(BuildStepModel const& step) const
{
    auto line = step.line;
    while (line >= 1 && line < std::ssize(dockerfile) && dockerfile[static_cast<std::size_t>(line) - 1].ends_with('\\'))
        ++line;
    return line + 1;
}

BuildStepModel const* BuildModel::step_at_line(std::int64_t line) const
{
    auto const found = std::find_if(steps.begin(), steps.end(),
        [&](BuildStepModel const& step) { return line >= step.line && line < end_line(step); });
    return found == steps.end() ? nullptr : &*found;
}

std::optional<BuildModel> build_model(trace::EventLog const& log, std::uint64_t records)
{
    auto begin = records;
    while (begin > 0 && !log[begin - 1].event.is<trace::BuildContextReceived>())
        --begin;
    if (begin == 0)
        return std::nullopt;
    auto const& first = log[begin - 1];
    BuildReader reader(first, *first.event.get_if<trace::BuildContextReceived>());
    for (auto i = begin; i < records; ++i)
        reader.read(log[i]);
    return reader.take();
}

std::vector<HistoryLine> history_of(world::Image const& image, world::Host const& host)
{
    std::vector<HistoryLine> lines;
    std::size_t next = 0; // layer that no line was found for yet
    for (auto const& text : image.history) {
        HistoryLine line { .text = stage::what_made(text) };
        auto const layer = next < image.layers.size() ? host.layers.find(image.layers[next]) : host.layers.end();
        if (layer != host.layers.end() && layer->second.created_by == text) {
            line.layer = layer->first;
            line.size = layer->second.size;
            ++next;
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<ConfigFact> config_of(world::Image const& image)
{
    std::vector<ConfigFact> facts;
    for (auto const& variable : image.env)
        facts.push_back({ "ENV", variable });
    for (auto const& text : image.history) {
        auto const line = stage::what_made(text);
        auto const keyword = line.substr(0, line.find(' '));
        auto const value = line.size() > keyword.size() ? line.substr(keyword.size() + 1) : std::string();
        auto* const known = fact_called(facts, keyword);
        if (is_one_of(single, keyword) && known != nullptr)
            known->value = value;
        else if (is_one_of(single, keyword) || is_one_of(cumulative, keyword))
            facts.push_back({ keyword, value });
    }
    drop_replaced_command(image, facts);
    return facts;
}

}
