/*
 * guard.c - guessing gets slower, and those who know are let in.
 */
#include "api/guard.h"

#include <stdio.h>

#include "unit.h"

static const uint8_t here[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1};
static const uint8_t there[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2};

static int64_t try_once(struct guard *g, const uint8_t address[16], const char *name,
                        bool right, int64_t now_ms)
{
    struct guard_try t = guard_of(g, address, span_of(name));
    int64_t wait_ms = guard_begin(g, &t, now_ms);
    if (wait_ms >= 0)
        guard_end(g, &t, right, now_ms + wait_ms);
    return wait_ms;
}

/* One try after the other, each when the one before is answered. */
static void test_guessing(void)
{
    struct guard *g = guard_new();
    static const int64_t waits_ms[] = {0,    0,    0,    500,   1000,
                                       2000, 4000, 8000, 10000, 10000};
    int64_t now_ms = 1000000;
    for (size_t i = 0; i < COUNT(waits_ms); i++) {
        int64_t wait_ms = try_once(g, here, "a@x", false, now_ms);
        CHECK(wait_ms == waits_ms[i], unit_row(i));
        now_ms += wait_ms;
    }
    CHECK(try_once(g, there, " A@X ", false, now_ms) == 10000,
          "the account, from elsewhere");
    now_ms += 10000;
    CHECK(try_once(g, there, "b@x", false, now_ms) == 0, "another account from there");
    CHECK(try_once(g, here, "b@x", false, now_ms) > 0,
          "the address, for another account");
    now_ms += 12 * 300000;
    CHECK(try_once(g, here, "a@x", true, now_ms) == 0, "forgotten after an hour");
    guard_free(g);
}

/* Many at once queue up behind each other, and only so many. */
static void test_at_once(void)
{
    struct guard *g = guard_new();
    struct guard_try tries[20];
    int64_t last_ms = 0;
    unsigned waiting = 0;
    for (unsigned i = 0; i < 3; i++)
        try_once(g, here, "a@x", false, 1000);
    for (unsigned i = 0; i < COUNT(tries); i++) {
        tries[waiting] = guard_of(g, here, span_of("a@x"));
        int64_t wait_ms = guard_begin(g, &tries[waiting], 1000);
        if (wait_ms < 0)
            continue;
        CHECK(wait_ms >= last_ms + 500, "behind the one before");
        last_ms = wait_ms;
        waiting++;
    }
    CHECK(waiting > 0 && waiting < COUNT(tries), "not all of them");
    for (unsigned i = 0; i < waiting; i++)
        guard_cancel(g, &tries[i]);
    struct guard_try again = guard_of(g, here, span_of("a@x"));
    CHECK(guard_begin(g, &again, 1000) >= 0, "room again");
    guard_cancel(g, &again);
    guard_free(g);
}

/* Others' guesses do not lock out who has logged in from an address before. */
static void test_known(void)
{
    struct guard *g = guard_new();
    int64_t now_ms = 1000;
    CHECK(try_once(g, here, "a@x", true, now_ms) == 0, "the first time");
    for (unsigned i = 0; i < 8; i++)
        now_ms += try_once(g, there, "a@x", false, now_ms);
    CHECK(try_once(g, there, "a@x", false, now_ms) > 0, "who guesses waits");
    CHECK(try_once(g, here, "a@x", true, now_ms) == 0, "who is known does not");
    guard_free(g);
}

/* A flood of names finds an end, and forgets no failures of today's account. */
static void test_flood(void)
{
    struct guard *g = guard_new();
    char name[16];
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t address[16] = {
            0x20, 0x01, 0x0d, 0xb8, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        snprintf(name, sizeof name, "%u@x", i);
        CHECK(try_once(g, address, name, false, 1000 + i) == 0, name);
    }
    uint8_t one[16] = {0x20, 0x01, 0x0d, 0xb8, 1}, two[16] = {0x20, 0x01, 0x0d, 0xb8, 1};
    two[15] = 9;
    CHECK(guard_of(g, one, span_of("")).address == guard_of(g, two, span_of("")).address,
          "a /64 is one address");
    guard_free(g);
}

void test_guard(void)
{
    test_guessing();
    test_at_once();
    test_known();
    test_flood();
}
