#include "cli/options.h"
#include "base/number.h"
#include "base/suggest.h"
#include "cpu/threads.h"
#include "simd/dispatch.h"
#include <stdlib.h>
#include <string.h>

const isb_command_row isb_commands[ISB_COMMAND_NONE] = {
#define COMMAND(id, name, argument, argument_help, help) {name, argument, argument_help, help},
#include "cli/options.def"
};

#define ON(id) (1u << ISB_COMMAND_##id)
#define EVERY ((1u << ISB_COMMAND_NONE) - 1)
const isb_option_row isb_option_rows[ISB_OPTION_COUNT] = {
#define OPTION(id, name, letter, argument, commands, help) {name, letter, argument, commands, help},
#include "cli/options.def"
};
#undef ON
#undef EVERY

/* Reports a word that is none of `words`, with the nearest one. */
static isb_status unknown(const char *what, const char *dashes, const char *wrong,
                          const char *const *words, size_t count, const char *otherwise,
                          isb_error *error) {
    const char *near = isb_nearest_word(wrong, words, count);
    if (near != NULL)
        return isb_fail(error, ISB_USAGE, "unknown %s '%s%s'; did you mean '%s%s'?", what, dashes,
                        wrong, dashes, near);
    return isb_fail(error, ISB_USAGE, "unknown %s '%s%s'; %s", what, dashes, wrong, otherwise);
}

static isb_status take_thread_list(isb_options *out, const char *from, const char *value,
                                   isb_error *error) {
    if (isb_count_list_parse(&out->bench_threads, value, ISB_MAX_THREADS))
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "%s: '%s' is no list of numbers of threads; give whole numbers from 1 to %d, "
                    "as 1,2,4",
                    from, value, ISB_MAX_THREADS);
}

static isb_status take_threads(isb_options *out, const char *from, const char *value,
                               isb_error *error) {
    if (out->command == ISB_COMMAND_BENCH)
        return take_thread_list(out, from, value, error);
    uint64_t threads;
    if (!isb_parse_unsigned(value, &threads) || threads == 0 || threads > ISB_MAX_THREADS)
        return isb_fail(error, ISB_USAGE,
                        "%s: '%s' is not a number of threads; give a whole number from 1 to %d",
                        from, value, ISB_MAX_THREADS);
    out->threads = (size_t)threads;
    return ISB_OK;
}

static isb_status take_isa(isb_options *out, const char *from, const char *value,
                           isb_error *error) {
    const char *names[ISB_ISA_COUNT + 1] = {"auto"};
    for (size_t i = 0; i < ISB_ISA_COUNT; i++)
        names[i + 1] = isb_isa_name((isb_isa)i);
    out->isa = value;
    for (size_t i = 0; i <= ISB_ISA_COUNT; i++) {
        if (strcmp(value, names[i]) == 0)
            return ISB_OK;
    }
    const char *near = isb_nearest_word(value, names, ISB_ISA_COUNT + 1);
    if (near != NULL)
        return isb_fail(error, ISB_USAGE, "%s: unknown instruction set '%s'; did you mean '%s'?",
                        from, value, near);
    return isb_fail(error, ISB_USAGE,
                    "%s: unknown instruction set '%s'; isobit info lists those there are", from,
                    value);
}

static isb_status take_min_accuracy(isb_options *out, const char *value, isb_error *error) {
    if (isb_parse_double(value, &out->min_accuracy) && out->min_accuracy >= 0 &&
        out->min_accuracy <= 1)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "--min-accuracy: '%s' is not an accuracy; give a number from 0 to 1", value);
}

static isb_status take_top(isb_options *out, const char *value, isb_error *error) {
    uint64_t top;
    if (!isb_parse_unsigned(value, &top) || top == 0 || top > INT32_MAX)
        return isb_fail(error, ISB_USAGE,
                        "--top: '%s' is not a number of classes; give a whole number from 1 to %d",
                        value, INT32_MAX);
    out->top = (size_t)top;
    return ISB_OK;
}

static isb_status take_split(isb_options *out, const char *value, isb_error *error) {
    static const char *const names[] = {"train", "validation", "test"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            out->split = (isb_split_part)i;
            return ISB_OK;
        }
    }
    const char *near = isb_nearest_word(value, names, 3);
    if (near != NULL)
        return isb_fail(error, ISB_USAGE, "--split: unknown part '%s'; did you mean '%s'?", value,
                        near);
    return isb_fail(error, ISB_USAGE, "--split: '%s' is none of train, validation and test", value);
}

static isb_status take_batch_sizes(isb_options *out, const char *value, isb_error *error) {
    if (isb_count_list_parse(&out->batch_sizes, value, INT32_MAX))
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "--batch-size: '%s' is no list of batch sizes; give whole numbers from 1 to "
                    "%d, as 32,128",
                    value, INT32_MAX);
}

static isb_status take_seconds(isb_options *out, const char *value, isb_error *error) {
    if (isb_parse_double(value, &out->seconds) && out->seconds >= 0.01 && out->seconds <= 3600)
        return ISB_OK;
    return isb_fail(error, ISB_USAGE,
                    "--seconds: '%s' is no time to measure for; give a number from 0.01 to 3600",
                    value);
}

/* "10m", "90s", "2h" */
static isb_status take_time(isb_options *out, const char *value, isb_error *error) {
    static const struct {
        char letter;
        double seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
    char number[ISB_NUMBER_SIZE];
    const size_t length = strlen(value);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (length < 2 || length >= sizeof number || value[length - 1] != units[i].letter)
            continue;
        memcpy(number, value, length - 1);
        number[length - 1] = '\0';
        if (isb_parse_double(number, &out->time) && out->time > 0 && out->time <= 1e6) {
            out->time *= units[i].seconds;
            return ISB_OK;
        }
    }
    return isb_fail(error, ISB_USAGE,
                    "--time: '%s' is no time; give a number with its unit, as 90s, 10m or 2h",
                    value);
}

/* "500" steps or "30s". */
static isb_status take_save_every(isb_options *out, const char *value, isb_error *error) {
    char number[ISB_NUMBER_SIZE];
    const size_t length = strlen(value);
    out->save_steps = 0;
    out->save_seconds = 0;
    if (isb_parse_unsigned(value, &out->save_steps) && out->save_steps > 0)
        return ISB_OK;
    out->save_steps = 0;
    if (length > 1 && length < sizeof number && value[length - 1] == 's') {
        memcpy(number, value, length - 1);
        number[length - 1] = '\0';
        if (isb_parse_double(number, &out->save_seconds) && out->save_seconds >= 0.01 &&
            out->save_seconds <= 1e6)
            return ISB_OK;
    }
    return isb_fail(
        error, ISB_USAGE,
        "--save-every: '%s' is neither a number of steps, as 500, nor a time from 0.01 to "
        "1e6 seconds, as 30s",
        value);
}

static isb_status take_color(isb_options *out, const char *value, isb_error *error) {
    static const char *const names[] = {"auto", "always", "never"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            out->color = (isb_color)i;
            return ISB_OK;
        }
    }
    return isb_fail(error, ISB_USAGE, "--color: '%s' is none of auto, always and never", value);
}

static void add_setting(isb_options *out, const char *option, const char *key, const char *value) {
    out->settings[out->setting_count++] = (isb_setting){option, key, value};
}

/* Splits KEY=VALUE at the first '='; the key is kept in out->text, of which *used bytes are taken.
 */
static isb_status take_set(isb_options *out, const char *value, size_t *used, isb_error *error) {
    const char *equals = strchr(value, '=');
    if (equals == NULL || equals == value)
        return isb_fail(error, ISB_USAGE,
                        "--set: '%s' is not KEY=VALUE; write it as --set fit.epochs=10", value);
    char *key = out->text + *used;
    size_t length = (size_t)(equals - value);
    memcpy(key, value, length);
    key[length] = '\0';
    *used += length + 1;
    add_setting(out, "--set", key, equals + 1);
    return ISB_OK;
}

static isb_status take(isb_options *out, isb_option option, const char *value, size_t *used,
                       isb_error *error) {
    out->given[option] = true;
    switch (option) {
    case ISB_OPTION_THREADS: out->threads_text = value; break;
    case ISB_OPTION_BATCH_SIZE: return take_batch_sizes(out, value, error);
    case ISB_OPTION_SECONDS: return take_seconds(out, value, error);
    case ISB_OPTION_TIME: return take_time(out, value, error);
    case ISB_OPTION_LABEL: out->label = value; break;
    case ISB_OPTION_STATUS: out->status = value; break;
    case ISB_OPTION_TO: out->to = value; break;
    case ISB_OPTION_SAVE_EVERY: return take_save_every(out, value, error);
    case ISB_OPTION_ISA: return take_isa(out, "--isa", value, error);
    case ISB_OPTION_MIN_ACCURACY: return take_min_accuracy(out, value, error);
    case ISB_OPTION_TOP: return take_top(out, value, error);
    case ISB_OPTION_SPLIT: return take_split(out, value, error);
    case ISB_OPTION_COLOR: return take_color(out, value, error);
    case ISB_OPTION_SET: return take_set(out, value, used, error);
    case ISB_OPTION_DATA: add_setting(out, "--data", "data.source", value); break;
    case ISB_OPTION_SEED: add_setting(out, "--seed", "seed", value); break;
    case ISB_OPTION_RUN:
        out->run = value;
        if (*value == '\0')
            return isb_fail(error, ISB_USAGE, "--run: an empty name is no directory");
        break;
    default: /* a flag; that it was given says all */ break;
    }
    return ISB_OK;
}

/* The words of the command line that are no options, and where parsing stands. */
typedef struct parser {
    isb_options *out;
    int argc;
    char **argv;
    int next;             /* argument to look at */
    size_t text_used;     /* of out->text */
    const char *words[2]; /* command and file */
    size_t word_count;
} parser;

static isb_status parse_long(parser *p, char *argument, isb_error *error) {
    const char *names[ISB_OPTION_COUNT];
    char *name = argument + 2, *equals = strchr(name, '=');
    size_t length = equals == NULL ? strlen(name) : (size_t)(equals - name);
    for (size_t i = 0; i < ISB_OPTION_COUNT; i++) {
        const isb_option_row *row = &isb_option_rows[i];
        names[i] = row->name;
        if (strlen(row->name) != length || memcmp(row->name, name, length) != 0)
            continue;
        if (row->argument == NULL && equals != NULL)
            return isb_fail(error, ISB_USAGE, "--%s takes no value", row->name);
        const char *value = equals == NULL ? NULL : equals + 1;
        if (row->argument != NULL && value == NULL) {
            if (p->next == p->argc)
                return isb_fail(error, ISB_USAGE, "--%s needs a value: --%s %s", row->name,
                                row->name, row->argument);
            value = p->argv[p->next++];
        }
        return take(p->out, (isb_option)i, value, &p->text_used, error);
    }
    char *typed = strndup(name, length);
    if (typed == NULL)
        return isb_fail_memory(error, "the command line");
    isb_status status = unknown("option", "--", typed, names, ISB_OPTION_COUNT,
                                "isobit --help lists those there are", error);
    free(typed);
    return status;
}

/* "-q", "-qv": letters are flags, none takes a value. */
static isb_status parse_letters(parser *p, const char *letters, isb_error *error) {
    for (; *letters != '\0'; letters++) {
        size_t i = 0;
        while (i < ISB_OPTION_COUNT && isb_option_rows[i].letter != *letters)
            i++;
        if (i == ISB_OPTION_COUNT)
            return isb_fail(error, ISB_USAGE,
                            "unknown option '-%c'; isobit --help lists those there are", *letters);
        isb_status status = take(p->out, (isb_option)i, NULL, &p->text_used, error);
        if (status != ISB_OK)
            return status;
    }
    return ISB_OK;
}

static isb_status parse_word(parser *p, const char *word, isb_error *error) {
    if (p->word_count == 2)
        return isb_fail(error, ISB_USAGE, "'%s' is one argument too many", word);
    p->words[p->word_count++] = word;
    return ISB_OK;
}

static isb_status parse_arguments(parser *p, isb_error *error) {
    bool only_words = false;
    while (p->next < p->argc) {
        char *argument = p->argv[p->next++];
        isb_status status = ISB_OK;
        if (only_words || argument[0] != '-' || argument[1] == '\0')
            status = parse_word(p, argument, error);
        else if (strcmp(argument, "--") == 0)
            only_words = true;
        else if (argument[1] == '-')
            status = parse_long(p, argument, error);
        else
            status = parse_letters(p, argument + 1, error);
        if (status != ISB_OK)
            return status;
    }
    return ISB_OK;
}

static isb_status find_command(parser *p, isb_error *error) {
    const char *names[ISB_COMMAND_NONE];
    for (size_t i = 0; i < ISB_COMMAND_NONE; i++) {
        names[i] = isb_commands[i].name;
        if (strcmp(p->words[0], names[i]) == 0) {
            p->out->command = (isb_command)i;
            return ISB_OK;
        }
    }
    return unknown("command", "", p->words[0], names, ISB_COMMAND_NONE,
                   "isobit --help lists those there are", error);
}

/* What the words and options mean together. */
static isb_status check(parser *p, isb_error *error) {
    isb_options *out = p->out;
    const isb_command_row *command = &isb_commands[out->command];
    for (size_t i = 0; i < ISB_OPTION_COUNT; i++) {
        if (out->given[i] && (isb_option_rows[i].commands & (1u << out->command)) == 0)
            return isb_fail(error, ISB_USAGE,
                            "--%s is no option of %s; isobit %s --help lists those there are",
                            isb_option_rows[i].name, command->name, command->name);
    }
    if (command->argument == NULL && p->word_count > 1)
        return isb_fail(error, ISB_USAGE, "'%s' is one argument too many", p->words[1]);
    if (command->argument != NULL && p->word_count < 2 && out->status == NULL)
        return isb_fail(error, ISB_USAGE, "isobit %s needs %s: isobit %s %s", command->name,
                        command->argument_help, command->name, command->argument);
    out->file = p->words[1];
    if (out->given[ISB_OPTION_FORCE] && out->given[ISB_OPTION_RESUME])
        return isb_fail(error, ISB_USAGE,
                        "--force starts a run anew and --resume goes on with it; give one of them");
    if (out->given[ISB_OPTION_QUIET] && out->given[ISB_OPTION_VERBOSE])
        return isb_fail(error, ISB_USAGE, "--quiet and --verbose exclude each other; give one");
    return ISB_OK;
}

/* An empty variable counts as none. */
static const char *from_environment(const isb_options *out, isb_option option, const char *name) {
    const char *value = getenv(name);
    bool wanted =
        !out->given[option] && (isb_option_rows[option].commands & (1u << out->command)) != 0;
    return wanted && value != NULL && *value != '\0' ? value : NULL;
}

/* Threads and instruction set, from the options or else the environment. A number of threads waits
 * for the command, which decides whether it may be a list. */
static isb_status take_machine(isb_options *out, isb_error *error) {
    const char *threads = from_environment(out, ISB_OPTION_THREADS, "ISOBIT_THREADS");
    const char *isa = from_environment(out, ISB_OPTION_ISA, "ISOBIT_ISA");
    isb_status status = ISB_OK;
    if (out->threads_text != NULL)
        status = take_threads(out, "--threads", out->threads_text, error);
    else if (threads != NULL)
        status = take_threads(out, "ISOBIT_THREADS", threads, error);
    if (status == ISB_OK && isa != NULL)
        status = take_isa(out, "ISOBIT_ISA", isa, error);
    return status;
}

static isb_status make_room(isb_options *out, int argc, char **argv) {
    size_t bytes = 1;
    for (int i = 0; i < argc; i++)
        bytes += strlen(argv[i]) + 1;
    out->text = malloc(bytes);
    out->settings = calloc((size_t)argc + 1, sizeof *out->settings);
    return out->text == NULL || out->settings == NULL ? ISB_NO_MEMORY : ISB_OK;
}

isb_status isb_options_parse(isb_options *out, int argc, char **argv, isb_error *error) {
    *out = (isb_options){.command = ISB_COMMAND_NONE, .isa = "auto", .seconds = 1};
    if (make_room(out, argc, argv) != ISB_OK)
        return isb_fail_memory(error, "the command line");
    parser p = {.out = out, .argc = argc, .argv = argv, .next = 1};
    isb_status status = parse_arguments(&p, error);
    if (status == ISB_OK && p.word_count > 0)
        status = find_command(&p, error);
    if (status != ISB_OK || out->given[ISB_OPTION_HELP] || out->given[ISB_OPTION_VERSION])
        return status;
    if (p.word_count == 0)
        return isb_fail(error, ISB_USAGE, "no command given; isobit --help lists those there are");
    status = check(&p, error);
    return status == ISB_OK ? take_machine(out, error) : status;
}

void isb_options_free(isb_options *options) {
    free(options->settings);
    free(options->text);
    *options = (isb_options){.command = ISB_COMMAND_NONE};
}
