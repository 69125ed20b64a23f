/*
 * frame.c - what detect() and frame() of several protocols share.
 */
#include "core/frame.h"

#include "unit.h"

static const struct {
    const char *head;
    bool whole;
    int score;
} heads[] = {
    {"", false, DETECT_MORE},     {"$P", false, DETECT_MORE},
    {"$PLV", false, DETECT_FAIR}, {"$PLV,1", true, DETECT_FAIR},
    {"$PLX", false, DETECT_NO},   {"x", false, DETECT_NO},
    {"$P", true, DETECT_NO},      {"", true, DETECT_NO},
};

static const struct {
    const char *in;
    bool whole;
    int len;
} lines[] = {
    {"", false, FRAME_MORE}, {"a", false, FRAME_MORE},
    {"a\r\n", false, 3},     {"a\nb\n", false, 2},
    {"\n", false, 1},        {"a", true, 1},
    {"a\nb", true, 2},       {"", true, 0},
};

void test_frame(void)
{
    for (size_t i = 0; i < COUNT(heads); i++) {
        struct probe p = {span_of(heads[i].head), heads[i].whole, NULL};
        int score = detect_bytes(&p, "$PLV", 4, DETECT_FAIR, "says so");
        CHECK(score == heads[i].score, heads[i].head);
        CHECK(!!p.why == (score > 0), heads[i].head);
    }
    for (size_t i = 0; i < COUNT(lines); i++)
        CHECK(frame_line(NULL, span_of(lines[i].in), lines[i].whole) == lines[i].len,
              lines[i].in);
}
