// A datagram to the containers' name server: what is understood is answered in the same words.

#include "engine/network/Dns.h"

#include "Fuzz.h"

using namespace drydock::networking;

int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const question = parse_question(drydock::fuzz::text_of(data, size));
    if (!question)
        return 0;
    VERIFY(question->name.size() <= 255 && question->raw.size() <= size);
    for (auto const& answer : { answer_with(*question, std::nullopt), answer_with(*question, Address {}),
             answer_failure(*question, DnsFailure::NoSuchName) }) {
        VERIFY(answer.size() >= 12 + question->raw.size());
        VERIFY(answer.substr(12, question->raw.size()) == question->raw);
        VERIFY((static_cast<unsigned char>(answer[2]) & 0x80U) != 0); // an answer is no question
    }
    return 0;
}
