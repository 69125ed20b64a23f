/*
 * main.c - picks the subcommand.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"serve", cli_serve, "the server: trackers on 8888, people on http://localhost:8082"},
    {"explain", cli_explain, "a frame, field by field, with its meaning and the reply"},
    {"detect", cli_detect, "which protocols some bytes could be, with reasons"},
    {"decode", cli_decode, "JSON lines of bytes in, JSON lines of records out"},
    {"encode", cli_encode, "JSON lines of commands in, bytes out"},
    {"protocols", cli_protocols, "what is spoken, as a table"},
    {"simulate", cli_simulate, "a fleet of trackers that drives"},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "help") != 0)
        fprintf(stderr, "milepost: there is no subcommand %s\n", argv[1]);
    fputs("usage: milepost SUBCOMMAND [FLAGS]   (--help after each tells its flags)\n",
          stderr);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(stderr, "  %-9s %s\n", commands[i].name, commands[i].help);
    return 2;
}
