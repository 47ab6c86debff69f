#include "visual/app/TextTwin.h"

#include "sim/words/Language.h"
#include "sim/words/Words.h"

#include <fmt/format.h>

#include <iostream>

namespace drydock::app {

void TextTwin::follow(trace::EventLog const& log)
{
    while (m_world.applied < log.size()) {
        auto const& record = log[m_world.applied];
        world::apply(m_world, record);
        print(record);
    }
    std::fflush(m_out);
}

void TextTwin::print(trace::Record const& record)
{
    if (auto const* scenario = record.event.get_if<trace::ScenarioBegan>()) {
        fmt::print(m_out, "{}\n{}\n", words::tr(scenario->title),
            words::say("(every step below is {})", words::word_for(record.origin->provenance)));
    } else if (auto const* phase = record.event.get_if<trace::PhaseBegan>()) {
        fmt::print(m_out, "\n{}. {}\n{}\n\n", phase->index + 1, words::tr(phase->name), words::tr(phase->say));
    } else if (auto const* lesson = record.event.get_if<trace::LessonIntroduced>()) {
        introduce(*lesson);
    } else if (auto const* variation = record.event.get_if<trace::VariationBegan>()) {
        fmt::print(
            m_out, "\n{}\n{}\n\n", words::say("Break it: {}", words::tr(variation->name)), words::tr(variation->say));
    } else if (auto const* asked = record.event.get_if<trace::PredictionAsked>()) {
        ask(*asked);
    } else if (record.event.is<trace::PhaseEnded>()) {
        pause();
    } else {
        print_event(record);
    }
}

void TextTwin::print_event(trace::Record const& record)
{
    // Spans group what happens for the eye; read aloud, their beginnings would only repeat the facts.
    if (record.event.is<trace::SpanBegan>() || static_cast<int>(trace::depth_of(record.event)) > m_depth)
        return;
    auto const sentence = words::sentence(record.event, m_world);
    if (!sentence.empty())
        fmt::print(m_out, "  {}\n", sentence);
}

void TextTwin::introduce(trace::LessonIntroduced const& lesson)
{
    if (!lesson.parts.empty())
        fmt::print(m_out, "\n{}\n", words::tr("You will meet"));
    for (auto const& part : lesson.parts)
        fmt::print(m_out, "  {}: {}\n", words::tr(part.name), words::tr(part.says));
    if (!lesson.analogy.empty())
        fmt::print(m_out, "\n{}\n  {}\n", words::tr("What it is like"), words::tr(lesson.analogy));
    pause();
}

void TextTwin::ask(trace::PredictionAsked const& asked)
{
    fmt::print(m_out, "  {}", words::say("Before you look: {}", words::tr(asked.question)));
    for (auto const& choice : asked.choices)
        fmt::print(m_out, "  [{}]", words::tr(choice));
    fmt::print(m_out, "\n");
    if (!m_wait)
        return;
    fmt::print(m_out, "  {} ", words::tr("Your answer (Enter skips):"));
    std::fflush(m_out);
    std::string answer;
    std::getline(std::cin, answer);
    if (!answer.empty())
        fmt::print(m_out, "  {}\n", words::say("You said {}. Now watch.", answer));
}

void TextTwin::pause()
{
    if (!m_wait)
        return;
    fmt::print(m_out, "\n  {}", words::tr("(Enter goes on)"));
    std::fflush(m_out);
    std::string line;
    if (!std::getline(std::cin, line))
        m_wait = false;
}

}
