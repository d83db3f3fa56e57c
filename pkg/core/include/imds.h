/* The EC2 instance metadata service (IMDSv1 and IMDSv2) as a state machine without I/O.
 *
 * The same functions are a native library (libimds_core.a) and the exports of a WebAssembly module
 * (imds-core.wasm). docs/abi.md documents them, with a complete program. */

#ifndef IMDS_H
#define IMDS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the functions and structs below. imds_abi_version() returns the library's. */
#define IMDS_ABI_VERSION 1

/* Errors. imds_last_error() has the reason of the last one, imds_last_error_code() its number. */
#define IMDS_ERROR_HANDLE (-1)      /* a handle is null or freed, or was never returned */
#define IMDS_ERROR_ARGUMENT (-2)    /* an argument is outside of its range */
#define IMDS_ERROR_RECORD (-3)      /* the record or the change of the options is invalid */
#define IMDS_ERROR_NO_INSTANCE (-4) /* no instance is launched */
#define IMDS_ERROR_INCOMPLETE (-5)  /* the bytes end before a request does */
#define IMDS_ERROR_MEMORY (-6)      /* the memory is exhausted */

/* Flags of a connection and of a request. */
#define IMDS_KEEP_ALIVE 1 /* imds_open: the connection stays open after a response */
#define IMDS_IPV6 2       /* imds_open, imds_handle, imds_explain: the client uses IPv6 */
#define IMDS_THROTTLED 4  /* imds_answer, imds_handle, imds_explain: reject the request with 503 */

/* The number of network hops to a client is not known. */
#define IMDS_HOPS_UNKNOWN (-1)

/* imds_state() */
#define IMDS_OPEN 0     /* read and write */
#define IMDS_DRAINING 1 /* shut down the sending half, then read until the peer closes */
#define IMDS_CLOSED 2   /* close the stream */

/* imds_exchange.no_response */
#define IMDS_NO_INSTANCE 1 /* the client uses IPv6, which the options disable: close the stream */
#define IMDS_HOP_LIMIT 2   /* the hop limit is lower than the number of hops */
#define IMDS_INCOMPLETE 3  /* imds_handle: the bytes end before a request does */

/* Why a connection closes. */
#define IMDS_CLOSE_ANSWERED 1
#define IMDS_CLOSE_ASKED 2
#define IMDS_CLOSE_UNFRAMED 3
#define IMDS_CLOSE_END_OF_INPUT 4
#define IMDS_CLOSE_TRUNCATED 5
#define IMDS_CLOSE_IDLE 6
#define IMDS_CLOSE_SLOW_HEAD 7
#define IMDS_CLOSE_SLOW_BODY 8
#define IMDS_CLOSE_SLOW_READER 9
#define IMDS_CLOSE_SHUTDOWN 10

/* imds_timeout.timer */
#define IMDS_TIMER_IDLE 1
#define IMDS_TIMER_HEAD 2
#define IMDS_TIMER_BODY 3
#define IMDS_TIMER_SEND 4
#define IMDS_TIMER_DRAIN 5

/* An instance with its connections. One thread at a time uses it. */
typedef struct imds_service imds_service;

/* UTF-8 without a null byte at the end. */
typedef struct imds_text {
    const uint8_t *bytes;
    size_t length;
} imds_text;

/* An answered request. */
typedef struct imds_exchange {
    uint64_t passed;         /* bit i: the rule with index i passed */
    const uint8_t *response; /* the bytes of the response; null if the client receives none. On a
                              * connection, send those of imds_poll_transmit() instead */
    size_t response_length;
    uint32_t no_response;    /* why there is none; 0 if there is one */
    uint32_t status;         /* 0 if no request was answered */
    uint32_t rule;           /* the index of the rule that decided */
    uint32_t hop_limit;      /* the IP TTL of the packets; 0 for the system's default */
    uint32_t protocol;       /* the version of IMDS: 1 or 2 */
    uint32_t close_reason;   /* why the connection closes after the response; 0 if it stays open */
} imds_exchange;

/* Bytes to send. */
typedef struct imds_transmit {
    const uint8_t *bytes;
    size_t length;
    uint32_t hop_limit; /* the IP TTL to set before the first byte; 0 for the system's default */
} imds_transmit;

/* When to call imds_handle_timeout(). */
typedef struct imds_timeout {
    double at; /* on the clock of the connection's `now` */
    uint32_t timer;
} imds_timeout;

/* Metadata options, as last requested or in force. */
typedef struct imds_options {
    uint32_t pending;                     /* 1 while a requested change is not in force */
    uint32_t http_tokens_required;        /* 0: optional */
    uint32_t http_put_response_hop_limit; /* 1 to 64 */
    uint32_t http_endpoint;               /* 1 if enabled; likewise below */
    uint32_t http_protocol_ipv6;
    uint32_t instance_metadata_tags;
} imds_options;

/* A single change that would turn a decision. */
typedef struct imds_change {
    imds_text id;     /* stable */
    imds_text text;   /* in English */
    uint32_t rule;    /* the index of the rule that would decide */
    uint32_t status;
    uint32_t reaches; /* 1 if the response would reach the client */
} imds_change;

uint32_t imds_abi_version(void);
imds_service *imds_new(void);
void imds_free(imds_service *imds);
const imds_text *imds_last_error(imds_service *imds);
int32_t imds_last_error_code(imds_service *imds);
uint8_t *imds_input(imds_service *imds, size_t length);

int32_t imds_launch(imds_service *imds, double now, uint64_t nonce, const uint8_t *seed,
                    size_t seed_length, const uint8_t *record, size_t record_length);
int32_t imds_set_nonce(imds_service *imds, uint64_t nonce);
int32_t imds_set_generation(imds_service *imds, uint64_t generation);
int32_t imds_modify_options(imds_service *imds, double now, double effective,
                            const uint8_t *change, size_t change_length);
const imds_options *imds_get_options(imds_service *imds, double now);
const imds_options *imds_get_options_in_force(imds_service *imds, double now);

const imds_exchange *imds_handle(imds_service *imds, double now, uint32_t flags, int32_t hops,
                                 const uint8_t *bytes, size_t length);
int32_t imds_explain(imds_service *imds, double now, uint32_t flags, int32_t hops,
                     const uint8_t *bytes, size_t length);
const imds_change *imds_poll_change(imds_service *imds);

uint32_t imds_open(imds_service *imds, double now, uint32_t flags, int32_t hops);
int32_t imds_close(imds_service *imds, uint32_t connection);
ptrdiff_t imds_receive(imds_service *imds, uint32_t connection, double now, const uint8_t *bytes,
                       size_t length);
int32_t imds_receive_eof(imds_service *imds, uint32_t connection);
const imds_exchange *imds_answer(imds_service *imds, uint32_t connection, double now, double wall,
                                 uint32_t flags);
const imds_transmit *imds_poll_transmit(imds_service *imds, uint32_t connection);
int32_t imds_advance_transmit(imds_service *imds, uint32_t connection, double now, size_t bytes);
const imds_timeout *imds_poll_timeout(imds_service *imds, uint32_t connection);
int32_t imds_handle_timeout(imds_service *imds, uint32_t connection, double now);
int32_t imds_shut_down(imds_service *imds, uint32_t connection);
int32_t imds_state(imds_service *imds, uint32_t connection);
int32_t imds_close_reason(imds_service *imds, uint32_t connection);
int32_t imds_wants_read(imds_service *imds, uint32_t connection);

const imds_text *imds_rule_id(imds_service *imds, uint32_t rule);
const imds_text *imds_close_reason_name(imds_service *imds, uint32_t reason);
const imds_text *imds_timer_name(imds_service *imds, uint32_t timer);

#ifdef __cplusplus
}
#endif

#endif
