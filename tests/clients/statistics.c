/* Answers questions about statistics, for statistics.py to compare: a line with a word and numbers
 * on standard input gives a line of numbers on standard output. */
#include "study/statistics.h"
#include "base/number.h"
#include "study/student.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NUMBERS = 4096 };

typedef struct question {
    const char *word;
    double numbers[MOST_NUMBERS];
    size_t count;
} question;

static void print(double value) {
    char text[ISB_NUMBER_SIZE];
    isb_format_double(text, value);
    printf("%s ", text);
}

static void answer_quantile(question *q) {
    print(isb_student_quantile(q->numbers[0], q->numbers[1]));
}

static void answer_cdf(question *q) { print(isb_student_cdf(q->numbers[0], q->numbers[1])); }

static void answer_power(question *q) {
    print(isb_paired_power(q->numbers[0], (size_t)q->numbers[1], q->numbers[2]));
}

static void answer_pairs(question *q) {
    print((double)isb_pairs_needed(q->numbers[0], q->numbers[1], q->numbers[2]));
}

static void answer_estimate(question *q) {
    const isb_estimate e = isb_estimate_of(q->numbers, q->count);
    print(e.mean);
    print(e.deviation);
    print(e.low);
    print(e.high);
}

static void answer_flip(question *q) { print(isb_sign_flip(q->numbers, q->count)); }

static void answer_holm(question *q) {
    isb_holm(q->numbers, q->count);
    for (size_t i = 0; i < q->count; i++)
        print(q->numbers[i]);
}

static const struct {
    const char *word;
    size_t least;
    void (*answer)(question *q);
} answers[] = {
    {"quantile", 2, answer_quantile}, {"cdf", 2, answer_cdf},           {"power", 3, answer_power},
    {"pairs", 3, answer_pairs},       {"estimate", 2, answer_estimate}, {"flip", 1, answer_flip},
    {"holm", 1, answer_holm},
};

static _Noreturn void refuse(const char *what) {
    fprintf(stderr, "isobit_statistics: cannot make out %s\n", what);
    exit(2);
}

static void read_question(question *q, char *line) {
    char *rest = NULL;
    q->count = 0;
    q->word = strtok_r(line, " \n", &rest);
    for (char *text; (text = strtok_r(NULL, " \n", &rest)) != NULL; q->count++)
        if (q->count == MOST_NUMBERS || !isb_parse_double(text, &q->numbers[q->count]))
            refuse(text);
}

static void answer(question *q) {
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (q->word == NULL || strcmp(q->word, answers[i].word) != 0 || q->count < answers[i].least)
            continue;
        answers[i].answer(q);
        putchar('\n');
        return;
    }
    refuse(q->word == NULL ? "an empty line" : q->word);
}

int main(void) {
    static question q;
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        read_question(&q, line);
        answer(&q);
    }
    free(line);
    return 0;
}
