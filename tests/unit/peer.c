/*
 * peer.c - addresses to text and back.
 */
#include "core/peer.h"

#include "unit.h"

static const struct {
    const char *text;
    const char *form; /* NULL: refused */
    const char *address;
} peers[] = {
    {"203.0.113.7:40112", "203.0.113.7:40112", "203.0.113.7"},
    {"203.0.113.7", "203.0.113.7:0", "203.0.113.7"},
    {"::ffff:203.0.113.7", "203.0.113.7:0", "203.0.113.7"},
    {"[::ffff:203.0.113.7]:9", "203.0.113.7:9", "203.0.113.7"},
    {"[2001:db8::7]:65535", "[2001:db8::7]:65535", "2001:db8::7"},
    {"[2001:db8::7]", "[2001:db8::7]:0", "2001:db8::7"},
    {"2001:db8::7", "[2001:db8::7]:0", "2001:db8::7"},
    {"::", "[::]:0", "::"},
    {"1111:2222:3333:4444:5555:6666:7777:8888",
     "[1111:2222:3333:4444:5555:6666:7777:8888]:0",
     "1111:2222:3333:4444:5555:6666:7777:8888"},
    {"", NULL, NULL},
    {":80", NULL, NULL},
    {"203.0.113.7:", NULL, NULL},
    {"203.0.113.7:65536", NULL, NULL},
    {"203.0.113.7:-1", NULL, NULL},
    {"203.0.113.7:8o", NULL, NULL},
    {"203.0.113.256", NULL, NULL},
    {"[203.0.113.7]:80", NULL, NULL},
    {"[2001:db8::7", NULL, NULL},
    {"[2001:db8::7]80", NULL, NULL},
    {"[2001:db8::7]:123456", NULL, NULL},
    {"example.org", NULL, NULL},
    {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc", NULL, NULL},
};

void test_peer(void)
{
    for (size_t i = 0; i < COUNT(peers); i++) {
        struct peer p = {.port = 1};
        char text[PEER_TEXT];
        bool parsed = peer_parse(peers[i].text, &p);
        CHECK(parsed == (peers[i].form != NULL), peers[i].text);
        if (!parsed || !peers[i].form)
            continue;
        CHECK(!strcmp(peer_format(&p, text), peers[i].form), peers[i].text);
        struct peer again;
        CHECK(peer_parse(text, &again) && peer_equal(&p, &again), peers[i].text);
        CHECK(!strcmp(peer_address(&p, text), peers[i].address), peers[i].text);
    }
}
