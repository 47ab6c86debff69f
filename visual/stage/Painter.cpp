#include "visual/stage/Painter.h"

#include "sim/core/Units.h"
#include "sim/words/Language.h"
#include "visual/stage/Narration.h"
#include "visual/stage/Regions.h"

#include <algorithm>

namespace drydock::stage {

namespace {

using canvas::Align;
using canvas::CardLook;
using canvas::Cut;
using canvas::Stroke;
using theme::Category;
using theme::Elevation;
using theme::Icon;
using theme::Style;
using namespace theme::space;

constexpr Ink text_ink { .tone = Tone::Text };
constexpr Ink dim_ink { .tone = Tone::Dim };
constexpr Ink line_ink { .tone = Tone::Line };
constexpr Ink accent_ink { .tone = Tone::Accent };

Ink stroke_of(Category category)
{
    return { .tone = Tone::Stroke, .category = category };
}
Ink fill_of(Category category, float opacity = 1)
{
    return { .tone = Tone::Fill, .category = category, .opacity = opacity };
}

class Painter {
public:
    Painter(Node const& node, Appearance const& look, Ruler const& ruler, std::vector<Primitive>& out)
        : m_node(node)
        , m_look(look)
        , m_ruler(ruler)
        , m_rect(look.rect)
        , m_out(out)
    {
    }

    void paint()
    {
        paint_kind();
        if (!m_node.fault.empty())
            paint_fault();
    }

private:
    // In the colour of trouble, with a word, over whatever it is.
    void paint_fault()
    {
        if (m_node.kind != NodeKind::Wire)
            add(m_rect, OutlineShape { stroke_of(Category::Alert), theme::radius::card, 2.5f, canvas::Stroke::Dashed });
        auto const wanted = width(Style::Caption, m_node.fault) + 2 * normal;
        auto const place = m_node.kind == NodeKind::Wire
            ? Rect::centered(m_rect.center(), { wanted, 26 })
            : Rect { m_rect.right() - wanted - tight, m_rect.bottom() - 30, wanted, 26 };
        add(place, FillShape { { .tone = Tone::Surface }, theme::radius::control });
        chip(place, m_node.fault, Category::Alert);
    }

    void paint_kind()
    {
        switch (m_node.kind) {
        case NodeKind::Host: return paint_host();
        case NodeKind::Machine: return paint_machine();
        case NodeKind::Kernel: return paint_kernel();
        case NodeKind::Client: return paint_client();
        case NodeKind::Daemon: return paint_daemon();
        case NodeKind::Registry: return paint_registry();
        case NodeKind::RegistryItem: return paint_registry_item();
        case NodeKind::Wire: return paint_wire();
        case NodeKind::Store: return paint_store();
        case NodeKind::Layer: return paint_layer();
        case NodeKind::Image: return paint_image();
        case NodeKind::Blob: return paint_blob();
        case NodeKind::Container: return paint_container();
        case NodeKind::Hypervisor: return paint_hypervisor();
        case NodeKind::Guest: return paint_guest();
        case NodeKind::GuestKernel: return paint_guest_kernel();
        case NodeKind::GuestConsole: return paint_guest_console();
        case NodeKind::Crowd: return paint_crowd();
        case NodeKind::Namespace: return paint_grant(Category::Network);
        case NodeKind::Fact: return paint_grant(Category::Memory);
        case NodeKind::Process: return paint_process();
        case NodeKind::Sheet: return paint_sheet();
        case NodeKind::SheetEntry: return paint_entry();
        case NodeKind::LayerFile: return paint_layer_file();
        case NodeKind::Column: return paint_column();
        case NodeKind::Ray: return paint_ray();
        case NodeKind::Narration: return paint_narration();
        case NodeKind::Trouble: return paint_trouble();
        }
    }

    template <class S> void add(Rect const& rect, S shape)
    {
        m_out.push_back({ .id = m_node.id, .rect = rect, .opacity = m_look.opacity, .shape = std::move(shape) });
    }
    void card(CardLook look)
    {
        look.selected = m_look.selected;
        if (m_look.opacity < 0.8f)
            look.elevation = Elevation::Flat; // a shadow would show through
        add(m_rect, CardShape { look });
    }
    void text(Rect const& rect, std::string const& what, Style style, Ink ink, Align align = Align::Start,
        Cut cut = Cut::End, int lines = 1)
    {
        if (!what.empty() && !rect.is_empty())
            add(rect, TextShape { what, style, ink, align, cut, lines });
    }
    void icon(Point center, Icon which, Ink ink, float size = theme::icon_size::normal)
    {
        add(Rect::centered(center, { size, size }), IconShape { which, ink, size });
    }
    void chip(Rect const& rect, std::string const& label, Category category, Style style = Style::Caption,
        Stroke border = Stroke::Solid)
    {
        add(rect, ChipShape { label, category, { .icon = {}, .border = border, .style = style } });
    }
    float width(Style style, std::string const& what) const { return m_ruler.width(style, what); }

    // Title left and note right on one line; the note is short and never cut.
    void line_of(Rect const& rect, std::string const& left, Style left_style, Ink left_ink, std::string const& right,
        Style right_style = Style::Caption)
    {
        auto const taken = right.empty() ? 0 : width(right_style, right) + snug;
        text(rect.without_right(taken), left, left_style, left_ink);
        if (!right.empty())
            text(rect.right_part(taken), right, right_style, dim_ink, Align::End);
    }

    // An actor's head: icon, name, and at the right what it is. Below it, messages come to rest.
    void head(Icon which, Category category)
    {
        auto const row = m_rect.top_part(42).inset(normal, 0);
        icon({ row.x + 10, row.center().y }, which, stroke_of(category), theme::icon_size::large);
        auto const words = row.without_left(34);
        bool const both
            = width(Style::Strong, m_node.title) + width(Style::Caption, m_node.subtitle) + snug < words.width;
        line_of(words, m_node.title, Style::Strong, text_ink, both ? m_node.subtitle : "");
    }

    void paint_host()
    {
        add(m_rect,
            FillShape {
                { .tone = Tone::Surface, .category = Category::Process, .opacity = 0.45f }, theme::radius::container });
        add(m_rect, OutlineShape { line_ink, theme::radius::container, 1, Stroke::Solid });
    }

    // The one that is shown below stands out.
    void paint_machine()
    {
        bool const shown = m_node.phase == Phase::Done;
        card({ .elevation = shown ? Elevation::Card : Elevation::Flat });
        if (shown)
            add(m_rect, OutlineShape { accent_ink, theme::radius::control, 1.5f, Stroke::Solid });
        auto const row = m_rect.inset(normal, 0);
        // Of eight machines the names tell them apart, not the icons.
        bool const has_icon = width(Style::Strong, m_node.title) <= row.width - 30;
        if (has_icon)
            icon({ row.x + 10, row.center().y }, Icon::Server, shown ? accent_ink : dim_ink);
        auto const words = has_icon ? row.without_left(30) : m_rect.inset(tight, 0);
        bool const both = width(Style::Strong, m_node.title) + width(Style::Caption, m_node.note) + snug < words.width;
        line_of(words, m_node.title, Style::Strong, shown ? text_ink : dim_ink, both ? m_node.note : "");
    }

    void paint_kernel()
    {
        card({ .elevation = Elevation::Card, .stripe = Category::Process });
        auto const row = m_rect.inset(normal, 0);
        icon({ row.x + 12, row.center().y }, Icon::Microchip, stroke_of(Category::Process), theme::icon_size::large);
        auto const words = row.without_left(36);
        auto const name = width(Style::Strong, m_node.title) + 20;
        text(words.left_part(name), m_node.title, Style::Strong, text_ink);
        auto const left = words.width - name - (m_node.note.empty() ? 0 : width(Style::Caption, m_node.note) + snug);
        bool const fits = width(Style::Caption, m_node.subtitle) <= left;
        line_of(words.without_left(name), fits ? m_node.subtitle : words::say("one kernel for all"), Style::Caption,
            dim_ink, m_node.note);
    }

    // ---- Guest machines ----

    void paint_hypervisor()
    {
        card({ .elevation = Elevation::Card, .stripe = Category::Memory });
        auto const row = m_rect.inset(normal, 0);
        icon({ row.x + 8, row.center().y }, Icon::Server, stroke_of(Category::Memory));
        auto const words = row.without_left(26);
        // The note leaves first, then what kind it is.
        auto const name = width(Style::Strong, m_node.title) + 10;
        auto const note = m_node.note.empty() ? 0 : width(Style::Caption, m_node.note) + snug;
        auto const kind = width(Style::Caption, m_node.subtitle);
        line_of(words, m_node.title, Style::Strong, text_ink, name + note <= words.width ? m_node.note : "");
        if (name + kind + note <= words.width)
            text(words.without_left(name).left_part(kind + 2), m_node.subtitle, Style::Caption, dim_ink);
    }

    // Its head; what it wrote to its console and, at its foot, its kernel are things of their own.
    void paint_guest()
    {
        card({ .elevation = Elevation::Container });
        add(m_rect, OutlineShape { stroke_of(Category::Memory), theme::radius::card, 1.5f, Stroke::Solid });
        auto const inside = m_rect.inset(snug, tight);
        auto const row = inside.top_part(26);
        add(Rect::centered({ row.x + 7, row.center().y }, { 16, 16 }), StateShape { m_node.state });
        bool const both
            = width(Style::Strong, m_node.title) + width(Style::Caption, m_node.note) + snug < row.width - 22;
        line_of(row.without_left(22), m_node.title, Style::Strong, text_ink, both ? m_node.note : "");
        auto const said = m_ruler.paragraph_height(Style::Caption, m_node.subtitle, inside.width);
        text(
            inside.without_top(28).top_part(said), m_node.subtitle, Style::Caption, dim_ink, Align::Start, Cut::End, 2);
    }

    void paint_guest_console()
    {
        add(m_rect,
            FillShape {
                { .tone = Tone::Surface, .category = Category::Process, .opacity = 1 }, theme::radius::control });
        add(m_rect, OutlineShape { line_ink, theme::radius::control, 1, Stroke::Solid });
        auto const places = canvas::rows(m_rect.inset(tight, hair), static_cast<int>(m_node.lines.size()), 0);
        for (std::size_t i = 0; i < places.size(); ++i)
            text(places[i], m_node.lines[i], Style::Mono, dim_ink);
    }

    void paint_guest_kernel()
    {
        bool const runs = m_node.phase == Phase::Done;
        if (runs)
            card({ .elevation = Elevation::Flat, .stripe = Category::Process, .tint = Category::Process });
        else
            add(m_rect, OutlineShape { stroke_of(Category::Process), theme::radius::control, 1.5f, Stroke::Dashed });
        auto const row = m_rect.inset(tight, 0).without_left(hair);
        icon({ row.x + 7, row.center().y }, Icon::Microchip, stroke_of(Category::Process), theme::icon_size::small);
        auto const words = row.without_left(20);
        bool const fits = !m_node.note.empty() && width(Style::Caption, m_node.note) <= words.width;
        text(words, fits ? m_node.note : m_node.title, Style::Caption, runs ? text_ink : dim_ink);
    }

    void paint_client()
    {
        card({ .elevation = Elevation::Card });
        head(Icon::User, Category::Process);
        if (m_rect.height > 120)
            paint_terminal(m_rect.without_top(82).inset(8, 0).without_bottom(8));
    }

    // The last rows that fit. Wrapped at words, with the rest of a line moved in, so that one sees what belongs
    // together.
    void paint_terminal(Rect const& room)
    {
        add(room,
            FillShape {
                { .tone = Tone::Surface, .category = Category::Process, .opacity = 1 }, theme::radius::control });
        add(room, OutlineShape { line_ink, theme::radius::control, 1, Stroke::Solid });
        constexpr float row = 21;
        auto const inside = room.inset(10, 7);
        std::vector<std::pair<std::string, bool>> rows; // text, typed
        for (std::size_t i = 0; i < m_node.lines.size(); ++i)
            append_rows(rows, i, inside.width);
        auto const most = static_cast<std::size_t>(std::max(1.0f, inside.height / row));
        auto const first = rows.size() > most ? rows.size() - most : 0;
        for (std::size_t i = first; i < rows.size(); ++i) {
            Rect const place { inside.x, inside.y + static_cast<float>(i - first) * row, inside.width, row };
            text(place, rows[i].first, Style::Mono, rows[i].second ? text_ink : dim_ink);
        }
        if (rows.empty())
            text(inside.top_part(row), "$ ", Style::Mono, dim_ink);
    }

    void append_rows(std::vector<std::pair<std::string, bool>>& rows, std::size_t index, float room) const
    {
        bool const typed = m_node.lines[index].starts_with("$ ");
        auto line = typed ? m_node.lines[index] : canvas::without_columns(m_node.lines[index]);
        bool const last_typed = std::none_of(m_node.lines.begin() + static_cast<std::ptrdiff_t>(index) + 1,
            m_node.lines.end(), [](std::string const& later) { return later.starts_with("$ "); });
        if (typed && last_typed && m_look.typed < 1)
            line = line.substr(0,
                       between_characters(
                           line, 2 + static_cast<std::size_t>(static_cast<float>(line.size() - 2) * m_look.typed)))
                + "▏";
        auto const per_row = static_cast<std::size_t>(std::max(8.0f, room / width(Style::Mono, "0")));
        while (line.size() > per_row) {
            auto cut = line.rfind(' ', per_row);
            bool const only_indent = cut == std::string::npos || line.find_first_not_of(' ') > cut;
            if (only_indent)
                cut = between_characters(line, per_row);
            auto const next = line.find_first_not_of(' ', cut);
            rows.emplace_back(line.substr(0, cut), typed);
            line = next == std::string::npos ? std::string() : "  " + line.substr(next);
        }
        if (!line.empty())
            rows.emplace_back(std::move(line), typed);
    }

    // The last place up to `at` that is not inside of a UTF-8 character.
    static std::size_t between_characters(std::string const& text, std::size_t at)
    {
        while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U)
            --at;
        return at;
    }

    void paint_daemon()
    {
        card({ .elevation = Elevation::Card });
        auto const room = m_rect;
        head(Icon::Process, Category::Process);
        if (m_node.note.empty())
            return;
        auto const taken = std::min(room.width - 2 * snug, width(Style::Caption, m_node.note) + 24);
        chip(room.bottom_part(38).right_part(taken + snug).without_right(snug).inset(0, 5), m_node.note,
            Category::Process);
    }

    void paint_registry()
    {
        card({ .elevation = Elevation::Card });
        if (m_node.phase == Phase::Refused)
            add(m_rect, OutlineShape { stroke_of(Category::Alert), theme::radius::control, 1.5f, Stroke::Dashed });
        if (m_rect.height < size::actor)
            return paint_registry_aside();
        head(m_node.note.empty() ? Icon::Cloud : Icon::Lock, Category::Registry);
    }

    // One that is not asked now.
    void paint_registry_aside()
    {
        auto const row = m_rect.inset(normal, 0);
        icon({ row.x + 10, row.center().y }, m_node.note.empty() ? Icon::Cloud : Icon::Lock,
            stroke_of(Category::Registry));
        text(row.without_left(30), m_node.title, Style::Body, dim_ink);
    }

    void paint_registry_item()
    {
        bool const image = m_node.phase == Phase::Done;
        card({ .elevation = Elevation::Flat, .stripe = Category::Registry });
        auto const row = m_rect.inset(normal, 0);
        auto const mark = image               ? Icon::Cube
            : m_node.phase == Phase::Verified ? Icon::Check
            : m_node.phase == Phase::Arriving ? Icon::Download
                                              : theme::icon_of(Category::Storage);
        icon({ row.x + 6, row.center().y }, mark,
            stroke_of(m_node.phase == Phase::Verified ? Category::Network : Category::Registry),
            theme::icon_size::small);
        auto const words = row.without_left(24);
        auto const whole = m_node.title + "  " + m_node.subtitle;
        bool const fits = width(Style::Caption, whole) + width(Style::Caption, m_node.note) + snug <= words.width;
        line_of(words, fits ? whole : m_node.title, image ? Style::Strong : Style::Caption, text_ink, m_node.note);
    }

    void paint_wire()
    {
        bool const open = m_node.phase == Phase::Done;
        add(m_rect,
            WireShape { m_node.path.front(), m_node.path.back(), Category::Network, open ? 1.0f : 0.0f,
                open ? Stroke::Solid : Stroke::Dashed });
    }

    void paint_store()
    {
        if (m_node.title.empty())
            return;
        add(m_rect, OutlineShape { line_ink, theme::radius::card, 1.5f, Stroke::Dashed });
        text(m_rect, m_node.title, Style::Caption, dim_ink, Align::Center);
    }

    void paint_layer()
    {
        auto const row = m_rect.inset(snug, 0);
        if (m_node.phase == Phase::Done) {
            card({ .elevation = Elevation::Flat, .stripe = Category::Storage, .tint = Category::Storage });
            icon({ row.x + 6, row.center().y }, Icon::Lock, stroke_of(Category::Storage), theme::icon_size::small);
        } else {
            add(m_rect, OutlineShape { stroke_of(Category::Storage), theme::radius::control, 1.5f, Stroke::Dashed });
            if (m_node.phase == Phase::Verified)
                icon(
                    { row.x + 6, row.center().y }, Icon::Check, stroke_of(Category::Network), theme::icon_size::normal);
        }
        auto const words = row.without_left(20);
        auto const note = width(Style::Caption, m_node.note) + snug;
        auto const most = std::min(words.width, m_node.words_end - snug - 20 - hair);
        // The size leaves before more than the half of the name would; of a name without room, its beginning is left.
        auto const name = width(Style::Caption, m_node.title);
        bool const with_note = most <= words.width - note || name <= 2 * (words.width - note);
        auto const end = with_note ? std::min(words.width - note, most) : most;
        if (end > 30)
            text(words.left_part(end), name_of_layer(end), Style::Caption,
                m_node.phase == Phase::Done ? text_ink : dim_ink, Align::Start,
                name <= 2 * end ? Cut::Middle : Cut::End);
        if (with_note)
            text(words.right_part(note), m_node.note, Style::Caption, dim_ink, Align::End);
    }

    // With its digest, where there is room for all of it.
    std::string name_of_layer(float room) const
    {
        auto const whole = m_node.title + (m_node.subtitle.empty() ? "" : "   " + m_node.subtitle);
        return width(Style::Caption, whole) <= room ? whole : m_node.title;
    }

    void paint_image()
    {
        bool const done = m_node.phase == Phase::Done;
        if (done)
            card({ .elevation = Elevation::Flat, .stripe = Category::Storage });
        else
            add(m_rect, OutlineShape { stroke_of(Category::Storage), theme::radius::control, 1.5f, Stroke::Dashed });
        auto const row = m_rect.inset(normal, 0);
        icon({ row.x + 6, row.center().y }, Icon::Cube, stroke_of(Category::Storage), theme::icon_size::normal);
        auto const words = row.without_left(24);
        auto const note = m_node.note.empty() ? m_node.subtitle : m_node.note;
        auto const style = m_node.note.empty() ? Style::Mono : Style::Caption;
        bool const both = width(Style::Strong, m_node.title) + width(style, note) + snug <= words.width;
        line_of(words, m_node.title, Style::Strong, done ? text_ink : dim_ink, both ? note : "", style);
    }

    void paint_blob()
    {
        bool const refused = m_node.phase == Phase::Refused;
        // It passes over other things, so its ground covers them even where it is not lit.
        m_out.push_back({ .id = m_node.id,
            .rect = m_rect,
            .opacity = 1,
            .shape = FillShape { { .tone = Tone::Surface }, theme::radius::card } });
        card({ .elevation = Elevation::Spotlight, .stripe = refused ? Category::Alert : Category::Registry });
        auto const row = m_rect.inset(snug, 0);
        bool const sealed = m_node.phase == Phase::Verified;
        icon({ row.x + 6, row.center().y }, Icon::Download, stroke_of(Category::Registry), theme::icon_size::small);
        if (sealed || refused)
            icon({ row.right() - 8, row.center().y }, sealed ? Icon::Check : Icon::Close,
                stroke_of(sealed ? Category::Network : Category::Alert));
        bool const under_way = !sealed && !refused && m_node.progress < 1;
        bool const tall = m_rect.height > 36;
        auto const words
            = row.without_left(20).without_right(sealed || refused ? 22 : 0).without_bottom(under_way && tall ? 10 : 0);
        line_of(words, m_node.title, Style::Caption, text_ink, under_way ? so_far() : m_node.note);
        if (under_way)
            add(tall ? words.moved(0, words.height - 2).top_part(5) : m_rect.inset(tight, 0).bottom_part(3),
                MeterShape { m_node.progress, Category::Registry });
    }

    // "640 kB of 1.0 MB"
    std::string so_far() const
    {
        auto const arrived = static_cast<std::uint64_t>(static_cast<float>(m_node.bytes) * m_node.progress);
        return words::say("{} of {}", human_size(arrived), m_node.note);
    }

    void paint_container()
    {
        bool const over = m_node.state == canvas::StateMark::Stopped || m_node.state == canvas::StateMark::Dead;
        card({ .elevation = Elevation::Container, .inactive = over });
        auto const row = m_rect.top_part(m_node.header).inset(m_node.header > size::crowd_row ? normal : tight, 0);
        bool const one_line = m_node.header < size::container_head;
        add(Rect::centered({ row.x + 8, one_line ? row.center().y : row.y + 15 }, { 18, 18 }),
            StateShape { m_node.state });
        auto const words = row.without_left(30);
        if (one_line)
            return line_of(words, m_node.title, Style::Strong, text_ink, m_node.subtitle);
        bool const both = width(Style::Strong, m_node.title) + width(Style::Mono, m_node.note) + snug <= words.width;
        line_of({ words.x, words.y + 4, words.width, 22 }, m_node.title, Style::Strong, text_ink,
            both ? m_node.note : "", Style::Mono);
        text({ words.x, words.y + 25, words.width, 20 }, m_node.subtitle, Style::Caption, dim_ink);
    }

    void paint_crowd()
    {
        card({ .inactive = true });
        auto const row = m_rect.inset(snug, 0);
        auto const taken = width(Style::Strong, m_node.title) + normal;
        text(row.left_part(taken), m_node.title, Style::Strong, text_ink);
        if (width(Style::Caption, m_node.subtitle) <= row.width - taken) // half a word says nothing
            text(row.without_left(taken), m_node.subtitle, Style::Caption, dim_ink);
    }

    void paint_grant(Category category)
    {
        add(m_rect, FillShape { fill_of(category, 0.22f), theme::radius::control });
        add(m_rect,
            OutlineShape {
                { .tone = Tone::Stroke, .category = category, .opacity = 0.7f }, theme::radius::control, 1 });
        text(m_rect.inset(hair, 0), m_node.title, Style::Caption, text_ink, Align::Center);
    }

    void paint_process()
    {
        bool const over = m_node.phase == Phase::Refused;
        add(m_rect, FillShape { fill_of(Category::Process, over ? 0.1f : 0.9f), theme::radius::control });
        Ink const ink = over ? dim_ink : Ink { .tone = Tone::OnFill, .category = Category::Process };
        auto const row = m_rect.inset(snug, 0);
        icon({ row.x + 7, row.center().y }, over ? Icon::Stop : Icon::Play, ink, theme::icon_size::small);
        auto const words = row.without_left(22);
        auto const taken = m_node.note.empty() ? 0 : width(Style::Caption, m_node.note) + snug;
        if (row.height > 40) // the command has a line of its own
            text(words.without_right(taken).inset(0, 4), m_node.title, Style::Mono, ink, Align::Start, Cut::End, 2);
        else
            text(words.without_right(taken), m_node.title, Style::Mono, ink, Align::Start, Cut::Middle);
        text(words.right_part(taken), m_node.note, Style::Caption, ink, Align::End);
    }

    // White like paper, where the layers are tinted; a pencil where they have a lock.
    void paint_sheet()
    {
        add(m_rect, FillShape { { .tone = Tone::Text, .opacity = 0.10f }, theme::radius::control });
        add(m_rect, OutlineShape { stroke_of(Category::Storage), theme::radius::control, 2 });
        auto const row = m_rect.top_part(30).inset(snug, 0);
        icon({ row.x + 7, row.center().y }, Icon::Pencil, stroke_of(Category::Storage), theme::icon_size::small);
        auto const words = row.without_left(24);
        bool const both
            = width(Style::Caption, m_node.title) + width(Style::Caption, m_node.note) + snug <= words.width;
        line_of(words, m_node.title, Style::Caption, text_ink, both ? m_node.note : "");
    }

    void paint_entry()
    {
        bool const whiteout = m_node.note == words::tr("whiteout");
        bool const opaque = m_node.note == words::tr("opaque"); // a directory that is there, and lets nothing through
        auto const category = whiteout ? Category::Alert : Category::Storage;
        add(m_rect,
            FillShape { whiteout ? Ink { .tone = Tone::Surface } : fill_of(category, 0.35f), theme::radius::bar });
        add(m_rect,
            OutlineShape { stroke_of(category), theme::radius::bar, opaque ? 2.5f : 1,
                whiteout ? Stroke::Dashed : Stroke::Solid });
        auto const row = m_rect.inset(tight, 0);
        icon({ row.x + 6, row.center().y },
            whiteout                                    ? Icon::Close
                : opaque                                ? Icon::Folder
                : m_node.note == words::tr("copied up") ? Icon::Copy
                                                        : Icon::File,
            stroke_of(category), theme::icon_size::small);
        auto const words = row.without_left(18);
        text(words, m_node.title, Style::Caption, text_ink, Align::Start, Cut::Middle);
        if (whiteout)
            add({ words.x, words.center().y, std::min(words.width, width(Style::Caption, m_node.title)), 1.5f },
                FillShape { stroke_of(category), 0 });
    }

    void paint_layer_file()
    {
        add(m_rect, FillShape { { .tone = Tone::Surface, .category = Category::Process }, theme::radius::bar });
        add(m_rect, OutlineShape { stroke_of(Category::Storage), theme::radius::bar, 1, Stroke::Solid });
        auto const row = m_rect.inset(8, 0);
        icon({ row.x + 5, row.center().y }, Icon::File, stroke_of(Category::Storage), theme::icon_size::small);
        text(row.without_left(18), m_node.title, Style::Caption, text_ink, Align::Start, Cut::Middle);
    }

    void paint_column()
    {
        bool const root = m_node.progress >= 1;
        add(m_rect,
            OutlineShape {
                accent_ink, theme::radius::control, root ? 2.5f : 1.5f, root ? Stroke::Solid : Stroke::Dashed });
    }

    void paint_ray()
    {
        auto const color = m_node.phase == Phase::Done ? Category::Network : Category::Alert;
        add(m_rect, WireShape { m_node.path.front(), m_node.path.back(), color, 1, Stroke::Solid });
        icon(m_node.path.back(), m_node.phase == Phase::Done ? Icon::Check : Icon::Close, stroke_of(color));
    }

    void paint_narration()
    {
        add(m_rect, CardShape { { .elevation = Elevation::Container } });
        for (auto const& p : paragraphs_of(m_node, m_ruler)) {
            auto const ink = p.kind == Paragraph::Kind::Title ? accent_ink
                : p.kind == Paragraph::Kind::Say || p.met     ? text_ink
                                                              : dim_ink;
            text(p.rect, p.text, p.style, ink, Align::Start, Cut::End, p.lines);
            if (p.kind == Paragraph::Kind::Goal)
                icon({ m_rect.x + normal + 6, p.rect.y + 10 }, p.met ? Icon::Check : Icon::Bullseye,
                    p.met ? stroke_of(Category::Network) : dim_ink, theme::icon_size::small);
        }
    }

    void paint_trouble()
    {
        bool const failure = m_node.phase == Phase::Refused;
        card({ .elevation = Elevation::Container, .stripe = Category::Alert });
        auto const inside = m_rect.inset(normal, 10);
        icon({ inside.x + 8, inside.y + 11 }, Icon::Warning, stroke_of(Category::Alert));
        auto const line = m_ruler.paragraph_height(Style::Strong, "x", inside.width);
        auto const title = trouble_title_height(m_node, m_ruler);
        text(inside.top_part(title).without_left(trouble_mark), m_node.title, Style::Strong, text_ink, Align::Start,
            Cut::End, static_cast<int>((title + 1) / line));
        text(inside.without_top(title + 4), m_node.subtitle, Style::Caption, failure ? text_ink : dim_ink, Align::Start,
            Cut::End, 4);
    }

    Node const& m_node;
    Appearance const& m_look;
    Ruler const& m_ruler;
    Rect const m_rect;
    std::vector<Primitive>& m_out;
};

}

void paint(Node const& node, Appearance const& look, Ruler const& ruler, std::vector<Primitive>& out)
{
    if (look.opacity > 0.01f)
        Painter(node, look, ruler, out).paint();
}

}
