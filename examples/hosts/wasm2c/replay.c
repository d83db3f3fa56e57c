/* Replays the calls of every transcript, which `imds-pkg-build calls` writes:
 *     replay core-calls.txt */
#include "module.h"
#include <stdio.h>
#include <stdlib.h>

static u32 connection;

/* Decodes hexadecimal bytes in place and returns their number. */
static u32 decode(char *text)
{
    u32 length = 0;
    for (char *digits = text; digits[0] && digits[0] != '-'; digits += 2) {
        char byte[] = { digits[0], digits[1], 0 };
        text[length++] = (char)strtol(byte, NULL, 16);
    }
    return length;
}

static char *print_number(char *result, u32 value) { return result + sprintf(result, "%d", (s32)value); }

/* Prints the text of an imds_text. */
static char *print_text(char *result, u32 at)
{
    memcpy(result, bytes(at), word(at + 4));
    return result + word(at + 4);
}

/* Prints an imds_exchange as `STATUS RULE HOP_LIMIT RESPONSE`. */
static char *print_exchange(char *result, u32 at)
{
    u32 status = word(at + 20), rule = word(at + 24), hops = word(at + 28);
    u32 response = word(at + 8), length = word(at + 12);
    result += sprintf(result, "%u ", status);
    result = print_text(result, CALL(imds_rule_id, rule));
    result += sprintf(result, " %u %s", hops, length ? "" : "-");
    for (u32 i = 0; i < length; i++) result += sprintf(result, "%02x", module.w2c_memory.data[response + i]);
    return result;
}

/* Makes the call of a line's words, and prints its result as the line has it. */
static void call(char **words, char *result)
{
    const char *name = words[0];
    char *end = result;
    f64 now = words[1] ? strtod(words[1], NULL) : 0;
    if (!strcmp(name, "launch")) {
        u32 seed_length = decode(words[3]), record_length = decode(words[4]);
        memmove(words[3] + seed_length, words[4], record_length);
        u32 seed = copy(words[3], seed_length + record_length);
        u64 nonce = strtoull(words[2], NULL, 10);
        end = print_number(end, CALL(imds_launch, now, nonce, seed, seed_length, seed + seed_length, record_length));
    } else if (!strcmp(name, "modify")) {
        u32 length = decode(words[3]), change = copy(words[3], length);
        end = print_number(end, CALL(imds_modify_options, now, strtod(words[2], NULL), change, length));
    } else if (!strcmp(name, "open")) {
        connection = CALL(imds_open, now, (u32)atoi(words[2]), (u32)-1);
        end = print_number(end, connection == 0);
    } else if (!strcmp(name, "receive")) {
        u32 length = decode(words[2]), received = copy(words[2], length);
        end = print_number(end, CALL(imds_receive, connection, now, received, length));
    } else if (!strcmp(name, "eof")) {
        end = print_number(end, CALL(imds_receive_eof, connection));
    } else if (!strcmp(name, "answer")) {
        u32 at = CALL(imds_answer, connection, now, now, (u32)atoi(words[2]));
        end = at ? print_exchange(end, at) : stpcpy(end, "none");
    } else if (!strcmp(name, "transmit")) {
        u32 at = CALL(imds_poll_transmit, connection);
        end += sprintf(end, "%u %u", word(at + 4), word(at + 8));
    } else if (!strcmp(name, "advance")) {
        end = print_number(end, CALL(imds_advance_transmit, connection, now, (u32)strtoul(words[2], NULL, 10)));
    } else if (!strcmp(name, "timeout")) {
        u32 at = CALL(imds_poll_timeout, connection);
        if (at) {
            u32 timer = word(at + 8);
            f64 due;
            memcpy(&due, module.w2c_memory.data + at, sizeof due);
            end += sprintf(end, "%.0f ", due);
            end = print_text(end, CALL(imds_timer_name, timer));
        } else {
            end = stpcpy(end, "none");
        }
    } else if (!strcmp(name, "handle-timeout")) {
        end = print_number(end, CALL(imds_handle_timeout, connection, now));
    } else if (!strcmp(name, "state")) {
        u32 reason = CALL(imds_close_reason, connection);
        end += sprintf(end, "%u ", CALL(imds_state, connection));
        end = reason ? print_text(end, CALL(imds_close_reason_name, reason)) : stpcpy(end, "none");
    } else if (!strcmp(name, "close")) {
        end = print_number(end, CALL(imds_close, connection));
    } else {
        end = stpcpy(end, "unknown call");
    }
    *end = 0;
}

/* The position of the result in a line's words; 0 if the result is 0. */
static int result_at(const char *name)
{
    if (!strcmp(name, "answer") || !strcmp(name, "receive")) return 3;
    return strcmp(name, "transmit") && strcmp(name, "timeout") && strcmp(name, "state") ? 0 : 1;
}

int main(int count, char **arguments)
{
    enum { LINE = 1 << 20 };
    static char line[LINE], expected[LINE], result[LINE], transcript[256];
    FILE *calls = count == 2 ? fopen(arguments[1], "r") : NULL;
    if (!calls) return fprintf(stderr, "usage: replay core-calls.txt\n"), 1;
    int transcripts = 0, lines = 0;
    for (load(); fgets(line, LINE, calls); lines++) {
        line[strcspn(line, "\n")] = 0;
        char *words[8] = { line }, *end = expected;
        for (int used = 1; used < 7 && (words[used] = strchr(words[used - 1], ' ')); used++) *words[used]++ = 0;
        if (!strcmp(line, "transcript")) {
            snprintf(transcript, sizeof transcript, "%s", words[1]), transcripts++;
            continue;
        }
        strcpy(expected, "0");
        for (int at = result_at(line); at > 0 && words[at]; at++)
            end += sprintf(end, end == expected ? "%s" : " %s", words[at]);
        call(words, result);
        if (strcmp(result, expected))
            return fprintf(stderr, "%s, line %d: %s\nexpected %s\nactual   %s\n", transcript, lines + 1, line,
                           expected, result), 1;
    }
    if (transcripts < 20) return fprintf(stderr, "%d transcripts\n", transcripts), 1;
    return printf("%d transcripts, %d calls\n", transcripts, lines - transcripts), 0;
}
