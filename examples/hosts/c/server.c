/* Serves the metadata of one instance on a loopback port, with the library for C (docs/abi.md):
 *     cargo build --release -p imds-core
 *     cc -I pkg/core/include examples/hosts/c/server.c target/release/libimds_core.a -o server && ./server 1338 */
#include "imds.h"
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 64 };
static const uint8_t RECORD[] = "{ \"instance_type\": \"t3.micro\", \"metadata_options\": { \"http_tokens\": \"required\" } }";

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec * 1000 + (double)(time.tv_nsec / 1000000);
}

/* Receives, answers and sends. Returns the events to wait for; -1 if the connection is finished. */
static int drive(imds_service *imds, int fd, uint32_t connection, int events)
{
    uint8_t buffer[4096];
    ssize_t arrived = events & POLLIN ? recv(fd, buffer, sizeof buffer, MSG_PEEK) : -1;
    if (arrived > 0) { /* takes from the socket what the connection has room for */
        ptrdiff_t taken = imds_receive(imds, connection, now(), buffer, (size_t)arrived);
        if (taken < 0 || recv(fd, buffer, (size_t)taken, 0) != taken) return -1;
    }
    if (arrived == 0 || events & (POLLHUP | POLLERR)) imds_receive_eof(imds, connection);
    imds_handle_timeout(imds, connection, now());
    for (const imds_transmit *out;;) {
        while (imds_answer(imds, connection, now(), now(), 0)) continue;
        if (!(out = imds_poll_transmit(imds, connection))) break;
        int limit = (int)out->hop_limit;
        if (limit) setsockopt(fd, IPPROTO_IP, IP_TTL, &limit, sizeof limit);
        ssize_t sent = send(fd, out->bytes, out->length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN ? POLLOUT : -1;
        imds_advance_transmit(imds, connection, now(), (size_t)sent);
    }
    if (imds_state(imds, connection) == IMDS_DRAINING) shutdown(fd, SHUT_WR);
    return imds_state(imds, connection) == IMDS_CLOSED ? -1 : POLLIN;
}

int main(int count, char **arguments)
{
    uint64_t seed[4], nonce; /* new in each run */
    if (getrandom(seed, sizeof seed, 0) < 0 || getrandom(&nonce, sizeof nonce, 0) < 0) return perror("getrandom"), 1;
    imds_service *imds = imds_new();
    if (imds_launch(imds, now(), nonce, (const uint8_t *)seed, sizeof seed, RECORD, sizeof RECORD - 1) < 0) {
        const imds_text *error = imds_last_error(imds);
        return fprintf(stderr, "record: %.*s\n", (int)error->length, (const char *)error->bytes), 1;
    }
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (count > 1) at.sin_port = htons((uint16_t)atoi(arguments[1]));
    socklen_t length = sizeof at;
    struct pollfd polled[1 + CLIENTS] = { { .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN } };
    uint32_t connections[1 + CLIENTS];
    if (bind(polled[0].fd, (struct sockaddr *)&at, length) || listen(polled[0].fd, 128)) return perror("listen"), 1;
    getsockname(polled[0].fd, (struct sockaddr *)&at, &length);
    printf("listening on http://127.0.0.1:%d\n", ntohs(at.sin_port)), fflush(stdout);
    for (nfds_t used = 1; poll(polled, used, 100) >= 0 || errno == EINTR;) {
        for (nfds_t i = used - 1; i > 0; i--) {
            int events = drive(imds, polled[i].fd, connections[i], polled[i].revents);
            polled[i].events = (short)events;
            if (events >= 0) continue;
            close(polled[i].fd), imds_close(imds, connections[i]);
            used--, polled[i] = polled[used], connections[i] = connections[used];
        }
        int fd = polled[0].revents & POLLIN && used <= CLIENTS ? accept(polled[0].fd, NULL, NULL) : -1;
        if (fd < 0) continue; /* with CLIENTS connections, the next ones wait in the listener's queue */
        polled[used] = (struct pollfd){ .fd = fd, .events = POLLIN };
        connections[used++] = imds_open(imds, now(), 0, IMDS_HOPS_UNKNOWN);
    }
    return perror("poll"), 1;
}
